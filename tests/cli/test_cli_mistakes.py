"""What a user gets wrong: the message names the remedy, and nothing is lost or left behind."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dedup.cli.app import app
from dedup.stages.clean import reads_html

DAM = "The river authority opened two gates of the Marvani dam on Tuesday after a night of heavy rain."
RECORD = json.dumps({"id": "a-1", "text": DAM})


def run(folder: Path, *arguments: object, input: str | None = None, code: int = 0) -> Result:
    result = CliRunner(env={"DEDUP_INDEX": str(folder / "index")}).invoke(app, [str(a) for a in arguments], input=input)
    assert result.exit_code == code, result.output
    return result


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("name", "data"),
    [("empty.jsonl", b""), ("table.csv", b"name,size\nx,1\n"), ("b.txt", bytes(range(256))), ("none.jsonl", None)],
)
def test_a_source_that_gives_nothing_leaves_no_index(name: str, data: bytes | None, tmp_path: Path) -> None:
    if data is not None:
        write(tmp_path / name, data)
    run(tmp_path, "index", tmp_path / name, code=3)
    assert not (tmp_path / "index").exists()


def test_html_without_the_extra_is_set_aside_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    reads_html.cache_clear()
    page = write(tmp_path / "a.html", f"<html><body><p>{DAM}</p></body></html>")
    assert "pip install 'wire-dedup[html]'" in run(tmp_path, "index", page, code=3).stderr
    assert not (tmp_path / "index").exists()
    both = run(tmp_path, "index", page, write(tmp_path / "b.txt", DAM))
    assert "1 added, 0 replaced, 0 unchanged, 1 rejected" in both.stdout
    assert "pip install 'wire-dedup[html]'" in both.stderr
    reads_html.cache_clear()
    assert "pip install 'wire-dedup[html]'" in run(tmp_path, "clean", page, code=1).stderr


def test_a_file_where_the_index_should_be_is_told(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", RECORD)
    for arguments in (("index", source), ("info",)):
        assert "is a file" in run(tmp_path, *arguments, "-i", source, code=3).stderr
    assert source.read_text() == RECORD


def test_rejects_never_overwrite_a_source(tmp_path: Path) -> None:
    folder = tmp_path / "wire"
    folder.mkdir()
    source = write(folder / "a.jsonl", RECORD)
    (tmp_path / "link.jsonl").symlink_to(source)
    for given, rejects in (
        (source, source),
        (source, tmp_path / "link.jsonl"),
        (folder, source),
        (folder, folder / "rejects.jsonl"),
    ):
        said = run(tmp_path, "index", given, "--rejects", rejects, code=2).stderr
        assert "--rejects" in said
        assert source.read_text() == RECORD
    assert [path.name for path in folder.iterdir()] == ["a.jsonl"]
    assert not (tmp_path / "index").exists()


def test_a_rejects_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", RECORD)
    said = run(tmp_path, "index", source, "--rejects", tmp_path / "none" / "r.jsonl", code=3).stderr
    assert "cannot write" in said
    assert not (tmp_path / "index").exists()


def test_a_field_mapped_twice_is_told(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", RECORD)
    said = run(tmp_path, "index", source, "--map", "text=text", "--map", "text=title", code=2).stderr
    assert "--map text" in said


def test_records_that_call_the_text_otherwise_get_the_remedy(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", "{broken\n" + '{"id": "a", "story": "The ferry came back."}\n' * 20)
    said = run(tmp_path, "index", source, code=3).stderr
    assert "--map text=" in said
    assert "text, body, content, html" in said
    assert "looked for story_text" in run(tmp_path, "index", source, "--map", "text=story_text", code=3).stderr


def test_standard_input_is_called_so(tmp_path: Path) -> None:
    assert "standard input holds no article" in run(tmp_path, "index", "-", input="", code=3).stderr
    said = run(tmp_path, "index", "-", input=f"{{broken\n{RECORD}\n").stderr
    assert "standard input, line 1: broken JSON" in said


def test_a_source_without_a_name_is_told(tmp_path: Path) -> None:
    assert "does not exist" in run(tmp_path, "index", "", code=3).stderr


def test_a_file_that_gives_nothing_beside_others_is_named_once(tmp_path: Path) -> None:
    table = write(tmp_path / "table.csv", "name,size\nx,1\n")
    said = run(tmp_path, "index", write(tmp_path / "a.jsonl", RECORD), table).stderr
    assert said.count("table.csv") == 1
    assert "table.csv: has no column for the text" in said


def test_an_end_that_was_cut_off_counts_once(tmp_path: Path) -> None:
    packed = gzip.compress("".join(f'{{"id": "{n}", "text": "{DAM} {n * 7919}"}}\n' for n in range(400)).encode())
    cut = write(tmp_path / "cut.jsonl.gz", packed[: len(packed) // 2])
    result = run(tmp_path, "index", cut, "--rejects", tmp_path / "rejects.jsonl")
    (reject,) = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert (reject["reason"], reject["record"][:1]) == ("truncated gzip", "{")
    assert "1 record rejected" in result.stderr


def test_messages_are_whole_sentences(tmp_path: Path) -> None:
    said = run(tmp_path, "index", write(tmp_path / "a.parquet", b"no such thing" * 9), code=3).stderr
    assert ".." not in said
    said = run(tmp_path, "index", write(tmp_path / "a.jsonl", '{"id": "cut'), code=3).stderr
    assert " at at " not in said


def test_an_empty_text_is_told(tmp_path: Path) -> None:
    run(tmp_path, "index", write(tmp_path / "a.jsonl", RECORD))
    assert "--text is empty" in run(tmp_path, "query", "--text", " ", code=3).stderr


def test_a_name_that_tells_no_format_is_told(tmp_path: Path) -> None:
    run(tmp_path, "index", write(tmp_path / "a.jsonl", RECORD))
    for verb, name in ((["export", "articles"], "x.xlsx"), (["stories"], "x.json"), (["export", "links"], "x.csv.gz")):
        assert "--format" in run(tmp_path, *verb, "-o", tmp_path / name, code=2).stderr
        assert not (tmp_path / name).exists()
        run(tmp_path, *verb, "--format", "jsonl", "-o", tmp_path / name)
    run(tmp_path, "stories", "-o", tmp_path / "stories.txt")
    run(tmp_path, "export", "articles", "-o", tmp_path / "all.ndjson")


def test_labels_that_are_no_table_are_told(tmp_path: Path) -> None:
    run(tmp_path, "index", write(tmp_path / "a.jsonl", RECORD))
    assert "not a text" in run(tmp_path, "evaluate", write(tmp_path / "g.tsv", b"\xcc\xff" * 50), code=3).stderr
    assert "folder" in run(tmp_path, "evaluate", tmp_path, code=3).stderr
