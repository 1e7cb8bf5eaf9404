"""Tables that other programs read back."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import BadInput, NoSpace
from dedup.model import CREDIT, Story
from dedup.report import tables

IST = timezone(timedelta(hours=5, minutes=30))
DAWN = datetime(2024, 5, 28, 5, 15, tzinfo=IST)

ARTICLES = pa.table(
    {
        "id": ["h-1", "h-2", "h-3"],
        "title": ["Dam, gates opened", None, '=HYPERLINK("http://x.example")'],
        "published": ["2024-05-28T05:15:00+05:30", None, "2024-05-28T06:00:00+05:30"],
        "jaccard": pa.array([0.1, None, -0.5], pa.float32()),
        "credits": pa.array(
            [[{"agency": "IANS", "place": "byline"}, {"agency": "PTI", "place": "signoff"}], [], []],
            pa.list_(CREDIT),
        ),
    }
)


def written(table: pa.Table, format: str, folder: Path) -> bytes:
    path = folder / "out"
    tables.write(table, format, path)
    return path.read_bytes()


def test_jsonl_has_an_object_a_line(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in written(ARTICLES, "jsonl", tmp_path).decode().splitlines()]
    assert [row["id"] for row in rows] == ["h-1", "h-2", "h-3"]
    assert rows[0]["credits"] == [{"agency": "IANS", "place": "byline"}, {"agency": "PTI", "place": "signoff"}]
    assert (rows[0]["jaccard"], rows[1]["jaccard"]) == (0.1, None)


def test_csv_joins_credits_and_leaves_unknowns_empty(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(written(ARTICLES, "csv", tmp_path).decode())))
    assert rows[0]["credits"] == "IANS:byline;PTI:signoff"
    assert rows[0]["title"] == "Dam, gates opened"
    assert (rows[1]["title"], rows[1]["jaccard"], rows[1]["credits"]) == ("", "", "")
    assert rows[2]["jaccard"] == "-0.5"


def test_csv_has_its_header_when_there_is_no_row(tmp_path: Path) -> None:
    assert written(tables.stories([]), "csv", tmp_path).decode().startswith("id,title,agencies,")


@given(st.sampled_from(["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1"]), st.text(max_size=5))
def test_no_csv_cell_runs_as_a_formula(head: str, tail: str) -> None:
    tail = tail.encode("utf-8", "replace").decode().replace("\r", "")
    cell = head + tail
    lists = pa.array([[cell]], pa.list_(pa.string()))
    table = pa.table({"title": [cell], "text": pa.array([cell], pa.large_string()), "agencies": lists})
    file = io.BytesIO()
    tables._csv(table.to_reader(), file)
    (row,) = list(csv.reader(io.StringIO(file.getvalue().decode(), newline="")))[1:]
    assert row == ["'" + cell] * 3


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="=+-@\t\r\n＝＋－＠"), max_size=6), max_size=5))
def test_csv_gives_every_other_text_back(texts: list[str]) -> None:
    file = io.BytesIO()
    tables._csv(pa.table({"id": ["x"] * len(texts), "t": pa.array(texts, pa.string())}).to_reader(), file)
    rows = list(csv.reader(io.StringIO(file.getvalue().decode(), newline="")))
    assert [row[1] for row in rows[1:]] == texts


def test_csv_credits_of_a_slice_belong_to_its_rows(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(written(ARTICLES.slice(1), "csv", tmp_path).decode())))
    assert [row["credits"] for row in rows] == ["", ""]


def test_parquet_keeps_the_schema(tmp_path: Path) -> None:
    written(ARTICLES, "parquet", tmp_path)
    assert pq.read_table(tmp_path / "out").equals(ARTICLES)


def test_stories_keep_the_zone_of_their_times() -> None:
    story = Story("s1", "Dam", ("IANS", "PTI"), 4, 3, DAWN, None, "h-1", 0.75)
    (row,) = tables.stories([story]).to_pylist()
    assert (row["first"], row["last"]) == ("2024-05-28T05:15:00+05:30", None)
    assert row["agencies"] == ["IANS", "PTI"]


def test_ids_are_written_as_they_are_but_to_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for file, written in ((io.StringIO(), "a-1\n\x1b[2Jb\n"), (Terminal(), "a-1\n[2Jb\n")):
        tables.ids(["a-1", "\x1b[2Jb"], file)
        assert file.getvalue() == written


def test_a_file_that_could_not_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.write_text("old")

    def failing() -> object:
        yield ARTICLES.to_batches()[0]
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError):
        tables.write(pa.RecordBatchReader.from_batches(ARTICLES.schema, failing()), "jsonl", output)
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot write"):
        tables.write(ARTICLES, "csv", tmp_path / "none" / "out.csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("format", list(tables.Format))
def test_a_full_disk_is_told(format: str) -> None:
    with pytest.raises(NoSpace):
        tables.write(ARTICLES, format, Path("/dev/full"))
