"""Each command on a small index, as a user runs it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from dedup.cli.app import app

DAM = (
    "The river authority opened two gates of the Marvani dam on Tuesday after a night of heavy rain "
    "raised the lake by almost six metres in the hills above it.\n\n"
    "Some 1,200 families were moved from the low banks to schools in four districts before dawn, and "
    "boats took supplies to villages that the flooded roads had cut off.\n\n"
    "Power was back in most of the valley towns by noon, and trains ran again on the single line along "
    "the river with delays of about an hour.\n\n"
    "The gates had last been opened in the summer of 2019, when repairs to the spillway kept half of the "
    "valley's mills closed for nearly a month."
)
CHESS = (
    "A teenager from a fishing village won the national chess title on Sunday when the top seed resigned "
    "after seventy moves of a quiet opening that few had expected of her.\n\n"
    "She had learned the game from her grandfather on a board of driftwood, and she means to spend the "
    "prize on a boat engine and a library for the harbour school."
)
ARTICLES: list[dict[str, Any]] = [
    {"id": "a-1", "outlet": "a.example", "title": "Dam opens", "published": "2024-05-28T05:15:00+05:30", "text": DAM},
    {"id": "b-1", "outlet": "b.example", "title": "Two gates", "published": "2024-05-28T06:00:00+05:30", "text": DAM},
    {"id": "c-1", "outlet": "c.example", "title": "Cut", "text": DAM[: DAM.index("Power")]},
    {"id": "d-1", "outlet": "d.example", "title": "=Chess", "text": CHESS},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    lines = [*(json.dumps(article) for article in ARTICLES), "{broken"]
    (folder / "articles.jsonl").write_text("\n".join(lines))
    (folder / "dam.txt").write_text(DAM)
    (folder / "cut.txt").write_text(DAM.replace("Tuesday", "Wednesday")[: DAM.index("Power")])
    (folder / "gold.tsv").write_text("id\tstory\na-1\tdam\nb-1\tdam\nc-1\tdam\nd-1\tchess\nz-9\tdam\n")
    added = run(folder, "index", str(folder / "articles.jsonl"), "--rejects", str(folder / "rejects.jsonl"), "--json")
    (folder / "added.json").write_text(added.stdout)
    (folder / "said.txt").write_text(added.stderr)
    return folder


def run(folder: Path, *arguments: str, input: str | None = None, code: int = 0) -> Result:
    result = CliRunner(env={"DEDUP_INDEX": str(folder / "index")}).invoke(app, arguments, input=input)
    assert result.exit_code == code, result.output
    return result


def test_index_counts_and_names_what_it_rejects(folder: Path) -> None:
    added = json.loads((folder / "added.json").read_text())
    assert (added["added"], added["rejected"], added["articles"], added["stories"]) == (4, 1, 4, 1)
    (reject,) = [json.loads(line) for line in (folder / "rejects.jsonl").read_text().splitlines()]
    assert (reject["line"], reject["record"]) == (5, "{broken")
    said = (folder / "said.txt").read_text()
    assert "articles.jsonl, line 5" in said
    assert "1 record rejected" in said


def test_index_reads_standard_input_with_other_names_of_fields(tmp_path: Path) -> None:
    line = json.dumps({"key": "x-1", "content_original": DAM})
    arguments = ("index", "-", "--map", "text=content_original", "--map", "id=key")
    assert "1 added" in run(tmp_path, *arguments, input=line).stdout
    assert "a-1" not in run(tmp_path, "query", "--text", DAM).stdout
    assert "x-1" in run(tmp_path, "query", "--text", DAM).stdout


def test_stories_are_listed_and_written_in_every_format(folder: Path) -> None:
    table = run(folder, "stories").stdout.splitlines()
    assert len(table) == 2
    assert table[1].endswith("Dam opens")
    (story,) = [json.loads(line) for line in run(folder, "stories", "--format", "jsonl").stdout.splitlines()]
    assert (story["articles"], story["first"]) == (3, "2024-05-28T05:15:00+05:30")
    (row,) = csv.DictReader(io.StringIO(run(folder, "stories", "--format", "csv").stdout))
    assert row["id"] == story["id"]
    run(folder, "stories", "--min-size", "1", "-o", str(folder / "stories.parquet"))
    assert pq.read_table(folder / "stories.parquet").num_rows == 2
    assert run(folder, "stories", "--min-size", "9").stdout == "No story.\n"


def test_story_is_found_by_its_id_and_by_an_article(folder: Path) -> None:
    shown = run(folder, "story", "c-1").stdout
    assert "What each outlet changed" in shown
    assert "cut 2 of 4 paragraphs" in shown
    story = json.loads(run(folder, "story", "a-1", "--json").stdout)
    assert [member["id"] for member in story["members"]] == ["a-1", "b-1", "c-1"]
    assert run(folder, "story", story["story"]["id"]).stdout == shown
    assert "none-such" in run(folder, "story", "none-such", code=3).stderr


def test_outlets_are_listed_and_written_in_every_format(folder: Path) -> None:
    assert run(folder, "outlets").stdout.splitlines()[1].split()[:3] == ["a.example", "1", "1"]
    rows = [json.loads(line) for line in run(folder, "outlets", "--format", "jsonl").stdout.splitlines()]
    assert [row["outlet"] for row in rows] == ["a.example", "b.example", "c.example", "d.example"]
    assert rows[1]["delay"] == 45
    assert json.loads(run(folder, "outlets", "--json").stdout)["outlets"] == rows
    run(folder, "outlets", "-o", str(folder / "outlets.parquet"))
    assert pq.read_table(folder / "outlets.parquet").to_pylist() == rows
    run(folder, "outlets", "-o", str(folder / "outlets.csv"))
    assert (folder / "outlets.csv").read_text().startswith("outlet,articles,stories,agency_share,")
    assert run(folder, "outlets", "--agency", "IANS").stdout == "No outlet.\n"


def test_a_report_is_one_file_of_all_stories_or_of_one(folder: Path) -> None:
    run(folder, "report", "-o", str(folder / "report.html"))
    whole = (folder / "report.html").read_text(encoding="utf-8")
    assert whole.startswith("<!doctype html>")
    assert "Dam opens" in whole
    run(folder, "report", "--story", "b-1", "-o", str(folder / "story.html"))
    assert "What each outlet changed" in (folder / "story.html").read_text(encoding="utf-8")
    assert run(folder, "report", "--story", "b-1").stdout == (folder / "story.html").read_text(encoding="utf-8")
    assert "no story z" in run(folder, "report", "--story", "z", "-o", str(folder / "no.html"), code=3).stderr.lower()
    assert not (folder / "no.html").exists()


def test_an_export_keeps_one_article_of_each_story(folder: Path) -> None:
    rows = [json.loads(line) for line in run(folder, "export", "articles", "--keep", "origin").stdout.splitlines()]
    assert {row["id"]: row["others"] for row in rows} == {"a-1": ["b-1", "c-1"], "d-1": []}
    assert rows[0]["text"].startswith("The river authority")
    run(folder, "export", "articles", "--keep", "longest", "-o", str(folder / "kept.csv"))
    kept = list(csv.DictReader(io.StringIO((folder / "kept.csv").read_text(encoding="utf-8"), newline="")))
    assert [(row["title"], row["others"]) for row in kept] == [("Dam opens", "b-1;c-1"), ("'=Chess", "")]
    assert "--keep is for articles" in run(folder, "export", "links", "--keep", "origin", code=2).stderr


def test_export_gives_every_article_with_its_story(folder: Path) -> None:
    rows = [json.loads(line) for line in run(folder, "export", "articles").stdout.splitlines()]
    assert sorted(row["id"] for row in rows) == ["a-1", "b-1", "c-1", "d-1"]
    assert len({row["story"] for row in rows}) == 2
    run(folder, "export", "articles", "-o", str(folder / "out.csv"))
    titles = [row["title"] for row in csv.DictReader(io.StringIO((folder / "out.csv").read_text(encoding="utf-8")))]
    assert "'=Chess" in titles
    for what in ("stories", "links"):
        assert run(folder, "export", what, "--format", "csv").stdout.count("\n") > 1


def test_query_takes_a_file_a_text_an_id_or_a_pipe(folder: Path) -> None:
    passage = DAM.split("\n\n")[1]
    answers = [
        run(folder, "query", str(folder / "dam.txt"), "--json"),
        run(folder, "query", "--text", DAM, "--json"),
        run(folder, "query", "-", "--json", input=DAM),
        run(folder, "query", "--json", input=DAM),
    ]
    assert len({answer.stdout for answer in answers}) == 1
    found = {match["id"] for match in json.loads(answers[0].stdout)["matches"]}
    assert found == {"a-1", "b-1", "c-1"}
    assert "b-1" in run(folder, "query", "--id", "a-1").stdout
    assert "c-1" in run(folder, "query", "--text", passage).stdout
    nothing = "Wholly other words about gardens, kettles and the price of tea in a quiet town by the sea."
    assert run(folder, "query", "--text", nothing).stdout == "No article shares copy with it.\n"


def test_compare_takes_files_and_ids(folder: Path) -> None:
    shown = run(folder, "compare", "a-1", str(folder / "cut.txt")).stdout
    assert "[-Tuesday-] {+Wednesday+}" in shown
    assert "- ¶3–4 Power was back" in shown
    form = json.loads(run(folder, "compare", str(folder / "dam.txt"), "b-1", "--json").stdout)
    assert (form["relation"], form["same_copy"], form["jaccard"]) == ("identical", True, 1.0)
    assert [d["op"] for d in form["differences"]] == ["same"] * 4
    assert "neither a file nor the id" in run(folder, "compare", "a-1", "nowhere.txt", code=3).stderr


def test_clean_gives_paragraphs(folder: Path) -> None:
    body = json.loads(run(folder, "clean", str(folder / "dam.txt"), "--json").stdout)
    assert body["paragraphs"] == DAM.split("\n\n")
    assert DAM.split("\n\n", maxsplit=1)[0] in run(folder, "clean", input=DAM).stdout


@pytest.mark.parametrize("verb", ["clean", "query"])
def test_an_empty_or_binary_or_missing_text_is_told(verb: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 20)
    assert "standard input is empty" in run(folder, verb, "-", input="", code=3).stderr
    assert "binary" in run(folder, verb, str(tmp_path / "binary.txt"), code=3).stderr
    (tmp_path / "long.txt").write_bytes(b"word " * 1_000_000)
    assert "above the limit of 4,194,304" in run(folder, verb, str(tmp_path / "long.txt"), code=3).stderr
    assert "is a directory" in run(folder, verb, str(tmp_path), code=3).stderr
    assert "does not exist" in run(folder, verb, str(tmp_path / "none.txt"), code=3).stderr


def test_a_text_in_another_encoding_is_read(folder: Path, tmp_path: Path) -> None:
    page = "The café by the dam stayed open through the night, its owner said on Tuesday."
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "page.txt").write_text(page, encoding=encoding)
        assert json.loads(run(folder, "clean", str(tmp_path / "page.txt"), "--json").stdout)["text"] == page


def test_info_says_what_the_index_holds(folder: Path) -> None:
    form = json.loads(run(folder, "info", "--json").stdout)
    assert (form["articles"], form["outlets"], form["params"]["num_perm"]) == (4, 4, 128)
    assert "4 at 4 outlets" in run(folder, "info").stdout


def test_evaluate_measures_and_lists_mistakes_on_request(folder: Path) -> None:
    form = json.loads(run(folder, "evaluate", str(folder / "gold.tsv"), "--json").stdout)
    assert (form["precision"], form["recall"], form["missing"]) == (1.0, 0.5, ["z-9"])
    assert "mistakes" not in form
    assert "z-9" not in run(folder, "evaluate", str(folder / "gold.tsv")).stdout
    assert run(folder, "evaluate", str(folder / "gold.tsv"), "--errors").stdout.count("z-9") == 3
    explained = json.loads(run(folder, "evaluate", str(folder / "gold.tsv"), "--errors", "--json").stdout)["mistakes"]
    assert [(one["b"], one["joined"], one["comparison"]) for one in explained].count(("z-9", False, None)) >= 1


def test_tune_draws_thresholds_and_names_the_best(folder: Path) -> None:
    form = json.loads(run(folder, "tune", str(folder / "gold.tsv"), "--json").stdout)
    assert len(form["points"]) == 100
    assert form["plateau"][0] <= form["best"]["threshold"] <= form["plateau"][1]
    assert form["missing"] > 0
    assert "plateau" in run(folder, "tune", str(folder / "gold.tsv")).stdout
    (folder / "none.tsv").write_text("a\tb\tlabel\nx\ty\tS\n")
    assert "no two articles" in run(folder, "tune", str(folder / "none.tsv"), code=3).stderr


@pytest.mark.parametrize("verb", [["stories"], ["info"], ["story", "x"], ["query", "--text", "x"], ["export", "links"]])
def test_without_an_index_the_remedy_is_told(verb: list[str], tmp_path: Path) -> None:
    assert "dedup index SOURCE" in run(tmp_path, *verb, code=3).stderr


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.jsonl", b"", "holds no article"),
        ("cut.jsonl.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab", "cut.jsonl.gz"),
        ("table.csv", b"name,size\nx,1\n", "--map text=COLUMN"),
        ("binary.txt", bytes(range(256)) * 20, "binary"),
    ],
)
def test_bad_input_is_told_and_makes_no_article(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert said in run(tmp_path, "index", str(tmp_path / name), code=3).stderr


def test_a_missing_source_is_told(tmp_path: Path) -> None:
    assert "does not exist" in run(tmp_path, "index", str(tmp_path / "none"), code=3).stderr


def test_the_demo_shows_stories_a_story_a_query_and_figures(tmp_path: Path) -> None:
    shown = run(tmp_path, "demo", "-i", str(tmp_path / "demo")).stdout
    for head in ("dedup stories", "Timeline", "What each outlet changed", "dedup query", "F1 ", "What to try next"):
        assert head in shown
    again = run(tmp_path, "demo", "-i", str(tmp_path / "demo")).stdout
    assert "0 added, 0 replaced" in again
