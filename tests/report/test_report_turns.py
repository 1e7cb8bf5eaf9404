"""What became of stories since a commit."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import answers
import pyarrow.parquet as pq
import pytest

from dedup.model import StoryChange
from dedup.report import tables, turns
from dedup.report.page import Page

CHANGES = [
    answers.change("vanished", "gone-2", 0, before=("gone-2",), left=2),
    answers.change("vanished", "gone-9", 0, before=("gone-9",), left=9),
    answers.change("merged", "m", 12, before=("m", "x", "y"), added=1),
    answers.change("grew", "small", 3, added=1),
    answers.change("grew", "large", 30, added=4, left=1, story={"title": "=Dam"}),
    answers.change("grew", "also", 3, before=("older",), added=2),
    answers.change("appeared", "new", 2, before=(), added=2),
]


def listed(found: list[StoryChange]) -> list[list[str]]:
    file = io.StringIO()
    turns.listing(Page(file), found)
    return [line.split(maxsplit=6) for line in file.getvalue().splitlines()]


def test_changes_stand_by_turn_then_the_largest_first() -> None:
    order = ["new", "large", "also", "small", "m", "gone-9", "gone-2"]
    assert [change.id for change in turns.ordered(CHANGES)] == order
    assert [row[4] for row in listed(CHANGES)[1:]] == order
    assert turns.table(CHANGES)["id"].to_pylist() == order


def test_a_row_tells_what_came_what_went_and_from_where() -> None:
    rows = {row[4]: row for row in listed(CHANGES)[1:] if len(row) > 5}
    head = "Dam gates opened"
    assert rows["new"] == ["appeared", "2", "+2", "-", "new", "-", head]
    assert rows["large"] == ["grew", "30", "+4", "-1", "large", "-", "=Dam"]
    assert rows["also"] == ["grew", "3", "+2", "-", "also", "older", head]
    assert rows["m"][:6] + rows["m"][6].split(maxsplit=1) == ["merged", "12", "+1", "-", "m", "x,", "y", head]
    assert rows["gone-9"] == ["vanished", "-", "-", "-9", "gone-9", "-"]


def test_a_terminal_shows_the_first_of_many_and_how_many_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ids = tuple(f"{i:016x}" for i in range(4))
    file = io.StringIO()
    turns.listing(Page(file), [answers.change("merged", ids[0], 1234, before=ids, story={"title": "Dam " * 40})])
    row, headline = file.getvalue().splitlines()[1:]
    assert row.endswith(f"{ids[0]}  {ids[1]} +2")
    assert headline.strip().startswith("Dam Dam")


def test_every_format_carries_the_change_and_the_story_as_it_is(tmp_path: Path) -> None:
    for name in ("c.jsonl", "c.csv", "c.parquet"):
        tables.write(turns.table(CHANGES), name.partition(".")[2], tmp_path / name)
    told = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert list(told[0])[:5] == ["id", "turn", "before", "added", "left"]
    merged, vanished = told[4], told[5]
    assert (merged["before"], merged["articles"], merged["first"]) == (["m", "x", "y"], 12, "2024-05-28T05:15:00+05:30")
    assert (vanished["turn"], vanished["left"], vanished["title"], vanished["agencies"]) == ("vanished", 9, None, None)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "c.csv").read_text())))
    assert (rows[1]["title"], rows[4]["before"], rows[5]["articles"]) == ("'=Dam", "m;x;y", "")
    assert [row["id"] for row in pq.read_table(tmp_path / "c.parquet").to_pylist()] == [row["id"] for row in told]


def test_a_table_without_a_change_has_its_columns(tmp_path: Path) -> None:
    tables.write(turns.table([]), "csv", tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_text().startswith("id,turn,before,added,left,title,")
