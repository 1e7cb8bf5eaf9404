"""Removing by id, by date and by outlet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from newsroom import STORY, article, made, partition, stories_of
from texts import prose

import dedup
from dedup.errors import UsageError

SIX = datetime(2026, 5, 1, 6, tzinfo=UTC)


def left(index: dedup.Index) -> set[str]:
    return set(stories_of(index))


def test_what_was_published_before_a_moment_goes_and_what_has_no_time_stays(tmp_path: Path) -> None:
    index = made(tmp_path, STORY[:2], STORY[2:])
    assert index.remove(before=datetime(2026, 5, 1, 9, tzinfo=UTC)) == 2
    assert partition(index) == [["cut", "longer"], ["other"]]
    assert index.remove(before=datetime(2026, 5, 1, 9, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("before", "gone"),
    [
        (SIX, set()),
        (SIX + timedelta(microseconds=1), {"full"}),
        (SIX + timedelta(seconds=1), {"full"}),
        (datetime(2026, 5, 1, 6, 0, 1), {"full"}),
        (datetime(2026, 5, 1, 11, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))), set()),
        (datetime(2026, 5, 1, 11, 31, tzinfo=timezone(timedelta(hours=5, minutes=30))), {"full"}),
        (datetime.min, set()),
        (datetime.max, {"full", "copy", "cut", "other"}),
    ],
)
def test_a_moment_is_itself_not_before_itself_in_any_zone(before: datetime, gone: set[str], tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    assert index.remove(before=before) == len(gone)
    assert left(index) == {row["id"] for row in STORY} - gone


def test_outlets_go_whole_and_with_a_date_only_their_older_articles(tmp_path: Path) -> None:
    late = article("late", prose(3), "b.example", published="2026-06-01")
    nameless = {"id": "nameless", "text": prose(4), "published": "2026-01-01"}
    index = made(tmp_path, [*STORY, late, nameless])
    assert index.remove(before=datetime(2026, 5, 20), outlets=["b.example", "d.example", "none.example"]) == 1
    assert left(index) == {"full", "cut", "longer", "other", "late", "nameless"}
    assert index.remove(outlets="b.example") == 1
    assert index.remove(outlets=["none.example"]) == 0
    assert left(index) == {"full", "cut", "longer", "other", "nameless"}


def test_what_was_removed_or_replaced_is_not_counted_again(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    index.remove(["full"])
    index.add([article("copy", prose(8), "b.example", published="2027-01-01")])
    assert index.remove(before=datetime(2026, 5, 1, 9, 30)) == 1
    assert left(index) == {"copy", "longer", "other"}


def test_ids_that_no_article_has_are_told_once_in_their_order(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    index.remove(["cut"])
    assert index.unknown(["z", "full", "cut", "a\udcff", "z", "हिन्दी"]) == ["z", "cut", "a\udcff", "हिन्दी"]
    assert index.unknown(["full"]) == index.unknown([]) == []


def test_a_long_list_of_ids_is_removed_at_once(tmp_path: Path) -> None:
    index = made(tmp_path, [article(f"n{i}", f"Note {i}") for i in range(3000)])
    commit = index.info().commit
    assert index.remove([f"n{i}" for i in range(1, 5000)]) == 2999
    assert left(index) == {"n0"}
    assert index.info().commit == commit + 1


def test_removing_by_nothing_or_by_ids_and_a_date_is_refused_before_anything_goes(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    with pytest.raises(UsageError, match="nothing to remove"):
        index.remove()
    with pytest.raises(UsageError, match="nothing to remove"):
        index.remove([])
    with pytest.raises(UsageError, match="do not go together"):
        index.remove(["full"], before=SIX)
    with pytest.raises(UsageError, match="do not go together"):
        index.remove("full", outlets=["b.example"])
    assert len(index) == 5
