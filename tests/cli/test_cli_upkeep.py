"""The commands that keep an index in order for years: remove, compact, check, and what changed since."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xxhash
from newsroom import STORY, article, made
from texts import prose
from typer.testing import CliRunner, Result

from dedup.cli.app import app


def run(folder: Path, *arguments: object, input: str | bytes | None = None, code: int = 0) -> Result:
    result = CliRunner(env={"DEDUP_INDEX": str(folder / "index")}).invoke(app, [str(a) for a in arguments], input=input)
    assert result.exit_code == code, result.output
    return result


def ids(folder: Path) -> set[str]:
    return {json.loads(line)["id"] for line in run(folder, "export", "articles").stdout.splitlines()}


def commit(folder: Path) -> int:
    return int(json.loads(run(folder, "info", "--json").stdout)["commit"])


def damage(folder: Path, pattern: str) -> None:
    """Turn one bit in the midst of every file that pattern finds."""
    for file in (folder / "index").glob(pattern):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)


def test_removed_articles_are_gone_and_counted_and_the_unknown_are_named(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    removed = run(tmp_path, "remove", "full", "nowhere-1", "nowhere-2")
    assert removed.stdout == "1 article removed\n"
    assert "No article nowhere-1, nowhere-2 in" in removed.stderr
    assert ids(tmp_path) == {"copy", "cut", "longer", "other"}
    assert json.loads(run(tmp_path, "remove", "copy", "cut", "--json").stdout) == {"asked": 2, "removed": 2}


def test_removing_only_ids_that_are_not_there_ends_with_3(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    before = commit(tmp_path)
    result = run(tmp_path, "remove", "nowhere-1", "nowhere-2", code=3)
    assert (result.stdout, "No article nowhere-1, nowhere-2 in" in result.stderr) == ("0 articles removed\n", True)
    assert commit(tmp_path) == before


def test_a_long_list_of_ids_comes_from_standard_input(tmp_path: Path) -> None:
    made(tmp_path, [*STORY, article("हिन्दी", prose(5)), article("a,b c", prose(6))])
    said = run(tmp_path, "remove", "-", "longer", input="\ufefffull\r\n\nहिन्दी\na,b c\nnowhere")
    assert said.stdout == "4 articles removed\n"
    assert "nowhere" in said.stderr
    assert ids(tmp_path) == {"copy", "cut", "other"}
    assert "standard input names no id" in run(tmp_path, "remove", "-", input="\n \n", code=3).stderr
    assert ids(tmp_path) == {"copy", "cut", "other"}


@pytest.mark.parametrize("date", ["2026-05-01T07:00:01Z", "1 May 2026, 12:31 IST", "2026/05/01 12:31 +0530"])
def test_articles_from_before_a_date_are_removed_however_it_is_written(date: str, tmp_path: Path) -> None:
    made(tmp_path, STORY)
    assert "2 articles removed, published before 2026-05-01 07:0" in run(tmp_path, "remove", "--before", date).stdout
    assert ids(tmp_path) == {"cut", "longer", "other"}
    assert run(tmp_path, "remove", "--before", date).stdout.startswith("0 articles removed")


def test_outlets_are_removed_whole_or_before_a_date(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    both = ("--outlet", "b.example", "--outlet", "d.example")
    assert run(tmp_path, "remove", *both, "--before", "2026-05-02").stdout.startswith("1 article removed")
    assert run(tmp_path, "remove", *both).stdout == "1 article removed\n"
    assert ids(tmp_path) == {"full", "cut", "other"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to remove"),
        (("--before", "soon"), "--before soon: no date; write it as in --before 2026-03-01"),
        (("--before", "2026-04-31"), "write it as in --before 2026-03-01"),
        (("full", "--before", "2030-01-01"), "do not go together"),
        (("-", "--outlet", "wire.example"), "do not go together"),
    ],
)
def test_a_removal_that_is_not_clear_removes_nothing(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    made(tmp_path, STORY)
    result = run(tmp_path, "remove", *arguments, input="full\n", code=2)
    assert (result.stdout, said in result.stderr) == ("", True)
    assert len(ids(tmp_path)) == 5


def test_compacting_gives_space_back_and_changes_no_answer(tmp_path: Path) -> None:
    index = made(tmp_path, *([article(f"n{i}", prose(100 + i, 40))] for i in range(6)), STORY)
    index.remove([f"n{i}" for i in range(6)])
    before = [run(tmp_path, *asked).stdout for asked in (("stories",), ("query", "--text", prose(1, 20)))]
    exported = sorted(run(tmp_path, "export", "articles").stdout.splitlines())
    said = json.loads(run(tmp_path, "compact", "--json").stdout)
    assert (said["articles"], said["segments"], said["commit"]) == (5, 1, commit(tmp_path))
    assert said["bytes_after"] < said["bytes_before"]
    assert [run(tmp_path, *asked).stdout for asked in (("stories",), ("query", "--text", prose(1, 20)))] == before
    assert sorted(run(tmp_path, "export", "articles").stdout.splitlines()) == exported
    assert "5 articles in 1 segment" in run(tmp_path, "compact").stdout


def test_an_index_that_is_whole_is_said_to_be(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    assert "every byte is what was written" in run(tmp_path, "check").stdout
    repaired = run(tmp_path, "check", "--repair", "-o", tmp_path / "lost.txt")
    assert (repaired.stdout, "every byte is what was written" in repaired.stderr) == ("", True)
    assert (tmp_path / "lost.txt").read_text() == ""


def test_damage_is_named_with_what_rests_on_it_and_ends_with_4(tmp_path: Path) -> None:
    index = made(tmp_path, STORY[:2], STORY[2:])
    index.remove(["copy"])
    first = min((tmp_path / "index").glob("segments/*")).name
    damage(tmp_path, f"segments/{first}/sketches.arrow")
    result = run(tmp_path, "check", code=4)
    assert f"segments/{first}/sketches.arrow at byte " in result.stdout
    assert "1 article on it" in result.stdout
    assert "run `dedup check --repair`" in result.stderr
    found = json.loads(run(tmp_path, "check", "--json", "-o", tmp_path / "lost.txt", code=4).stdout)
    assert (found["damaged"][0]["articles"], found["lost"], found["repaired"]) == (1, ["full"], False)
    assert (tmp_path / "lost.txt").read_text() == "full\n"


def test_a_repair_names_what_must_be_indexed_again_and_the_rest_answers(tmp_path: Path) -> None:
    made(tmp_path, STORY[:2], STORY[2:])
    first = min((tmp_path / "index").glob("segments/*")).name
    damage(tmp_path, f"segments/{first}/sketches.arrow")
    repaired = run(tmp_path, "check", "--repair")
    assert sorted(repaired.stdout.splitlines()) == ["copy", "full"]
    assert "2 articles to index again" in repaired.stderr
    assert ids(tmp_path) == {"cut", "longer", "other"}
    assert "every byte is what was written" in run(tmp_path, "check").stdout
    made(tmp_path, STORY)
    assert ids(tmp_path) == {row["id"] for row in STORY}


def test_a_repair_writes_its_list_to_a_file_and_says_all_in_json(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    damage(tmp_path, "segments/*/articles.arrow")
    said = json.loads(run(tmp_path, "check", "--repair", "--json", "-o", tmp_path / "lost.txt").stdout)
    assert said["repaired"]
    assert said["damaged"][0]["file"].endswith("articles.arrow")
    assert (tmp_path / "lost.txt").read_text().splitlines() == said["lost"]
    assert len(said["lost"]) + said["unnamed"] == len(STORY)
    assert json.loads(run(tmp_path, "check", "--json").stdout)["damaged"] == []


def test_what_can_be_derived_costs_no_article(tmp_path: Path) -> None:
    made(tmp_path, STORY[:2], STORY[2:])
    exported = sorted(run(tmp_path, "export", "articles").stdout.splitlines())
    for pattern in ("segments/*/bands.arrow", "segments/*/links.arrow", "stories-*.arrow", "changes-*.arrow"):
        damage(tmp_path, pattern)
        said = json.loads(run(tmp_path, "check", "--repair", "--json").stdout)
        assert (said["repaired"], said["lost"], said["unnamed"]) == (True, [], 0)
        assert sorted(run(tmp_path, "export", "articles").stdout.splitlines()) == exported


def test_nothing_is_dropped_where_the_list_cannot_be_written(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    damage(tmp_path, "segments/*/bands.arrow")
    said = run(tmp_path, "check", "--repair", "-o", tmp_path / "none" / "lost.txt", code=3).stderr
    assert "cannot write" in said
    assert json.loads(run(tmp_path, "check", "--json", code=4).stdout)["damaged"]


def test_an_index_without_a_whole_manifest_is_said_to_be_beyond_repair(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    damage(tmp_path, "manifest.json")
    for verb in (["check"], ["check", "--repair", "-o", tmp_path / "lost.txt"], ["stories"]):
        said = run(tmp_path, *verb, code=4).stderr
        assert "manifest.json is damaged" in said
        assert "cannot be repaired" in said
    assert not (tmp_path / "lost.txt").exists()


def test_what_changed_since_a_commit_is_told_by_the_number_that_index_prints(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in STORY[:2]))
    (tmp_path / "b.jsonl").write_text("\n".join(json.dumps(row) for row in STORY[2:]))
    first = json.loads(run(tmp_path, "index", tmp_path / "a.jsonl", "--json").stdout)["commit"]
    assert first == commit(tmp_path)
    assert f"commit {first + 1}: " in run(tmp_path, "index", tmp_path / "b.jsonl").stdout
    assert "appeared" in run(tmp_path, "stories", "--since", 0).stdout
    (grown,) = run(tmp_path, "stories", "--since", first).stdout.splitlines()[1:]
    assert grown.split()[:4] == ["grew", "4", "+2", "-"]
    assert run(tmp_path, "stories", "--since", first + 1).stdout == "No story changed.\n"
    assert run(tmp_path, "stories", "--since", first, "--min-size", 5).stdout == "No story changed.\n"


def test_changes_are_written_in_every_format(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    since = commit(tmp_path)
    index.remove(["full", "copy", "longer"])
    for name in ("c.jsonl", "c.csv", "c.parquet"):
        run(tmp_path, "stories", "--since", since, "-o", tmp_path / name)
    (told,) = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert (told["turn"], told["articles"]) == ("vanished", None)
    assert told["left"] >= 3
    (row,) = csv.DictReader(io.StringIO((tmp_path / "c.csv").read_text()))
    assert (row["turn"], row["before"], row["articles"]) == ("vanished", ";".join(told["before"]), "")
    assert pq.read_table(tmp_path / "c.parquet").to_pylist() == [told]


def test_a_commit_that_is_not_there_yet_is_told(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    assert "99" in run(tmp_path, "stories", "--since", 99, code=2).stderr
    run(tmp_path, "stories", "--since", -1, code=2)
    run(tmp_path, "stories", "--since", "yesterday", code=2)


def test_an_index_run_tells_how_many_pairs_it_measured(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in STORY))
    assert json.loads(run(tmp_path, "index", tmp_path / "a.jsonl", "--json").stdout)["verified"] >= 2


def test_an_index_of_another_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    manifest = tmp_path / "index" / "manifest.json"
    body = manifest.read_bytes().rpartition(b",\n")[0].replace(b'"format": ', b'"format": 9')
    manifest.write_bytes(body + b',\n  "checksum": "%s"\n}\n' % xxhash.xxh3_128_hexdigest(body).encode())
    for verb in (["stories"], ["check", "--repair"], ["compact"], ["remove", "full"]):
        said = run(tmp_path, *verb, code=4).stderr
        assert "was written with format 9" in said
        assert "index its articles again in a new folder" in said
