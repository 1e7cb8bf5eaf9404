"""Compacting gives space back and keeps every answer; a repair drops what is damaged, names it, and keeps the rest."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest
from newsroom import STORY, article, paragraphs
from texts import prose

import dedup
from dedup.errors import DamagedIndex, DiskError, ForgottenCommit, NoSpace
from dedup.model import Checked
from dedup.store import MemoryDirectory, Store
from dedup.store.directory import Operation

Records = list[dict[str, Any]]
Answers = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dedup.Story]]
_BOX = prose(999, 1, 100)
# Two stories, a copy of each in another batch, and articles that share a box.
FIRST = [*STORY[:3], article("x", prose(5, 12), published="2026-05-03"), *(
    article(f"box{i}", f"{prose(100 + i, 10)}\n{_BOX}", "f.example") for i in range(70)
)]  # fmt: skip
SECOND = [*STORY[3:], article("y", prose(5, 12), "b.example", published="2026-05-04"), article("short", "A picture.")]
# Replaced and removed in commits of their own.
DRAFT, REVISED = article("z", prose(6, 12)), article("z", prose(5, 12) + "\n" + prose(7, 2))
REMOVED = article("gone", prose(1, 20))


def built(directory: MemoryDirectory) -> dedup.Index:
    """An index of every kind of file: two segments, one more for z, two files of deletes at most."""
    index = dedup.Index(Store.create(directory))
    index.add([*FIRST, DRAFT, REMOVED])
    index.add(SECOND)
    index.add([REVISED])
    index.remove(["gone"])
    return index


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    directory = MemoryDirectory()
    built(directory)
    return {name: bytes(data) for name, data in directory.files.items()}


def opened(files: dict[str, bytes]) -> dedup.Index:
    return dedup.Index(Store.open(MemoryDirectory(files)))


def fresh(records: Records) -> dedup.Index:
    index = dedup.Index(Store.create(MemoryDirectory()))
    index.add(records)
    return index


def answers(index: dedup.Index) -> Answers:
    tables = (index.export(what).read_all().to_pylist() for what in ("articles", "links"))
    articles, links = (sorted(rows, key=str) for rows in tables)
    return articles, links, index.stories()


def named(index: dedup.Index) -> set[str]:
    return {row["id"] for row in index.export("articles").read_all().to_pylist()}


LIVE = [*FIRST, *SECOND, REVISED]


def test_the_index_that_is_worn_here_answers_as_a_fresh_one(files: dict[str, bytes]) -> None:
    kinds = {name.rpartition("/")[2].partition("-")[0].partition(".")[0] for name in files if "deletes" not in name}
    assert kinds == {"manifest", "articles", "sketches", "bands", "links", "stories", "crowds", "changes"}
    assert any(name.startswith("deletes/") for name in files)
    assert answers(opened(files)) == answers(fresh(LIVE))


def test_compacting_drops_what_is_removed_and_gives_its_space_back(files: dict[str, bytes]) -> None:
    index = opened(files)
    index.remove([f"box{i}" for i in range(20)])

    done = index.compact()

    directory = index._store.directory
    assert (done.articles, done.dropped, done.segments) == (len(LIVE) - 20, 22, 1)
    assert done.bytes_after < done.bytes_before
    on_disk = sum(len(data) for name, data in directory.files.items() if name != "manifest.json")
    assert on_disk == done.bytes_after == sum(index.info().bytes.values())
    assert not any(name.startswith("deletes/") for name in directory.files)
    assert index.info().removed == 0
    # What was removed stands nowhere any more; a fresh index may but lack the changes and the ids.
    once = fresh([one for one in LIVE if one["id"] not in {f"box{i}" for i in range(20)}])
    assert index.info().bytes["articles"] == once.info().bytes["articles"]
    assert index.check().damaged == ()


def test_compacting_changes_no_answer(files: dict[str, bytes]) -> None:
    index = opened(files)
    before, matches = answers(index), index.query(prose(5, 12))

    index.compact()

    for again in (index, dedup.Index(Store.open(index._store.directory))):
        assert answers(again) == before == answers(fresh(LIVE))
        assert again.query(prose(5, 12)) == matches
    index.add([article("late", prose(5, 12))])
    assert answers(index) == answers(fresh([*LIVE, article("late", prose(5, 12))]))


def test_what_changed_is_still_known_after_compacting(files: dict[str, bytes]) -> None:
    index = opened(files)
    commit = index.info().commit
    before = {since: index.changes(since) for since in range(commit + 1)}

    done = index.compact()

    assert done.commit > commit
    assert {since: index.changes(since) for since in range(commit + 1)} == before
    assert index.changes(commit) == index.changes(done.commit) == []
    index.remove(["copy"])
    assert [(one.turn, one.left) for one in index.changes(commit)] == [("shrank", 1)]


def test_compacting_an_index_of_nothing_leaves_nothing() -> None:
    index = fresh(STORY)
    index.remove([one["id"] for one in STORY])

    done = index.compact()

    assert (done.articles, done.segments, done.dropped) == (0, 0, 5)
    assert (answers(index), len(index)) == (([], [], []), 0)
    index.add(STORY)
    assert answers(index) == answers(fresh(STORY))


def broken_after(operations: int, error: int) -> Callable[[Operation], None]:
    left = [operations]

    def before(operation: Operation) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(error, os.strerror(error))

    return before


def steps_of(change: Callable[[dedup.Index], object], files: dict[str, bytes]) -> list[Operation]:
    directory = MemoryDirectory(files)
    change(dedup.Index(Store.open(directory)))
    return directory.log


@pytest.mark.parametrize(
    "change", [dedup.Index.compact, lambda index: index.check(repair=True)], ids=["compact", "repair"]
)
@pytest.mark.parametrize(("error", "told"), [(errno.EIO, DiskError), (errno.ENOSPC, NoSpace)])
def test_what_was_interrupted_leaves_the_old_commit_or_the_new_one(
    files: dict[str, bytes], change: Callable[[dedup.Index], object], error: int, told: type[Exception]
) -> None:
    damaged = damage(files, "bands.arrow")
    log = steps_of(change, damaged)
    renamed = next(at for at, operation in enumerate(log) if operation[0] == "rename")
    # The folder is synced then, and the commit acknowledged: what is collected after it may as well stay.
    assert log[renamed + 1][0] == "fsync_dir"
    for at in range(renamed + 1, -1, -2 if error == errno.EIO else -7):
        directory = MemoryDirectory(damaged, broken_after(at, error))
        index = dedup.Index(Store.open(directory))
        with pytest.raises(told):
            change(index)
        left = {name: bytes(data) for name, data in directory.files.items()}
        assert (left["manifest.json"] == damaged["manifest.json"]) == (at <= renamed)
        if at <= renamed:
            assert all(left[name] == data for name, data in damaged.items())
        if at % 10 == 0 or at > renamed:
            again = opened(left)
            again.check(repair=True)
            assert answers(again) == answers(fresh(LIVE))
            assert set(again._store.directory.files) == {"manifest.json", *dict(again._store.manifest.files())}


def damage(files: dict[str, bytes], suffix: str, which: int = 0) -> dict[str, bytes]:
    """One file, the first of its kind by name or the which-th, with a byte that is another in its middle."""
    name = sorted(name for name in files if name.endswith(suffix) or name.startswith(suffix))[which]
    data = bytearray(files[name])
    data[len(data) // 2] ^= 0x10
    return {**files, name: bytes(data)}


def repaired(files: dict[str, bytes]) -> tuple[dedup.Index, Checked]:
    """What a repair leaves; a check before it tells the same."""
    index = opened(files)
    found = index.check()
    assert not found.repaired
    done = index.check(repair=True)
    assert done.repaired
    assert (done.damaged, sorted(done.lost), done.unnamed) == (found.damaged, sorted(found.lost), found.unnamed)
    again = dedup.Index(Store.open(index._store.directory))
    assert again.check().damaged == ()
    assert answers(again) == answers(index)
    return again, done


@pytest.mark.parametrize("part", ["articles.arrow", "sketches.arrow"])
@pytest.mark.parametrize(
    ("which", "batch"), [(0, FIRST), (1, SECOND), (2, [REVISED])], ids=["first", "second", "third"]
)
def test_a_segment_that_lost_its_articles_or_sketches_is_dropped_and_its_articles_named(
    files: dict[str, bytes], part: str, which: int, batch: Records
) -> None:
    index, found = repaired(damage(files, part, which))

    ids = {one["id"] for one in batch}
    assert [(one.file.rpartition("/")[2], one.articles) for one in found.damaged] == [(part, len(batch))]
    assert set(found.lost) <= ids
    assert len(found.lost) + found.unnamed == len(ids)
    if part == "sketches.arrow":
        assert set(found.lost) == ids
    rest = [one for one in LIVE if one["id"] not in ids]
    assert answers(index) == answers(fresh(rest))
    index.add(LIVE)
    assert answers(index) == answers(fresh(LIVE))


@pytest.mark.parametrize("part", ["bands.arrow", "links.arrow", "stories-", "crowds-", "changes-"])
def test_what_can_be_derived_again_costs_no_article(files: dict[str, bytes], part: str) -> None:
    index, found = repaired(damage(files, part))

    assert (len(found.damaged), found.lost, found.unnamed) == (1, (), 0)
    assert answers(index) == answers(fresh(LIVE))
    assert index.info().segments == 1


def test_changes_are_known_after_a_repair_unless_they_or_the_stories_were_damaged(files: dict[str, bytes]) -> None:
    commit = opened(files).info().commit
    kept = opened(files).changes(0)

    index, _ = repaired(damage(files, "bands.arrow"))
    assert index.changes(0) == kept

    for part in ("changes-", "stories-"):
        index, _ = repaired(damage(files, part))
        with pytest.raises(ForgottenCommit):
            index.changes(0)
        with pytest.raises(ForgottenCommit):
            index.changes(commit)
        index.remove(["copy"])
        assert [(one.turn, one.left) for one in index.changes(index.info().commit - 1)] == [("shrank", 1)]


def test_what_a_repair_drops_is_told_as_a_change_where_ids_can_be_read(files: dict[str, bytes]) -> None:
    commit = opened(files).info().commit

    index, _ = repaired(damage(files, "articles.arrow", 0))

    # Of the story of full, copy, cut and longer one article is left; that of x lost x.
    turns = {str(one.turn): (one.added, one.left) for one in index.changes(commit)}
    assert turns == {"vanished": (0, 4), "shrank": (0, 1)}

    index, _ = repaired(damage(files, "sketches.arrow", 0))
    with pytest.raises(ForgottenCommit):
        index.changes(commit)


def test_removals_whose_file_is_damaged_are_undone_but_no_replaced_text_comes_back() -> None:
    """It is all that told which rows are dead: of an id that stands twice the last text counts."""
    directory = MemoryDirectory()
    index = dedup.Index(Store.create(directory))
    index.add([*STORY, DRAFT, REMOVED, article("twice", prose(30, 4))])
    index.add([article("twice", prose(31, 4)), article("w", prose(40, 6))])
    index.add([REVISED, article("twice", prose(32, 4))])
    index.remove(["gone"])
    files = {name: bytes(data) for name, data in directory.files.items()}
    for name in [name for name in files if name.startswith("deletes/")]:
        files = damage(files, name)

    again, found = repaired(files)

    assert (found.lost, found.unnamed) == ((), 0)
    texts = [article("twice", prose(32, 4)), article("w", prose(40, 6))]
    assert answers(again) == answers(fresh([*STORY, REVISED, REMOVED, *texts]))
    assert again.article("z").body == REVISED["text"]


def test_several_damaged_files_cost_what_rests_on_each(files: dict[str, bytes]) -> None:
    worse = damage(damage(damage(files, "sketches.arrow", 1), "bands.arrow", 0), "crowds-")

    index, found = repaired(worse)

    assert len(found.damaged) == 3
    assert set(found.lost) == {one["id"] for one in SECOND}
    assert answers(index) == answers(fresh([*FIRST, REVISED]))


def test_a_file_that_is_missing_or_cut_is_repaired_as_a_damaged_one(files: dict[str, bytes]) -> None:
    first, second = sorted(name for name in files if name.endswith("sketches.arrow"))[:2]
    worse = {name: data for name, data in files.items() if name != first}
    worse[second] = files[second][:-9]

    index, found = repaired(worse)

    assert {one.file for one in found.damaged} == {first, second}
    assert (named(index), found.unnamed) == ({"z"}, 0)
    assert set(found.lost) == {one["id"] for one in LIVE} - {"z"}


def test_block_sums_that_are_damaged_cost_no_article() -> None:
    index = fresh([article(f"n{i}", prose(i, 80)) for i in range(120)])
    before = answers(index)
    files = {name: bytes(data) for name, data in index._store.directory.files.items()}
    assert any(name.endswith("sums.arrow") for name in files)

    again, found = repaired(damage(files, "sums.arrow"))

    assert (found.lost, found.unnamed) == ((), 0)
    assert answers(again) == before


def test_a_damaged_manifest_is_beyond_repair(files: dict[str, bytes]) -> None:
    index = opened(files)
    index._store.directory.files["manifest.json"][40] ^= 1

    assert [one.file for one in index.check().damaged] == ["manifest.json"]
    before = {name: bytes(data) for name, data in index._store.directory.files.items()}
    with pytest.raises(DamagedIndex, match="cannot be repaired"):
        index.check(repair=True)
    assert {name: bytes(data) for name, data in index._store.directory.files.items()} == before
    with pytest.raises(DamagedIndex):
        opened(before)


def test_a_whole_index_is_left_as_it_is_by_a_repair(files: dict[str, bytes]) -> None:
    index = opened(files)

    found = index.check(repair=True)

    assert (found.damaged, found.lost, found.repaired) == ((), (), False)
    assert {name: bytes(data) for name, data in index._store.directory.files.items()} == files
    assert found.bytes == sum(len(data) for name, data in files.items() if name != "manifest.json")


def test_long_work_tells_how_far_it_is(files: dict[str, bytes]) -> None:
    seen: list[dedup.Progress] = []
    opened(files).compact(progress=seen.append)
    assert dedup.Progress("compact", len(LIVE), len(LIVE)) in seen

    seen.clear()
    done = opened(files).check(progress=seen.append)
    assert seen[-1] == dedup.Progress("check", done.bytes, done.bytes)
    assert [one.done for one in seen] == sorted(one.done for one in seen)


def test_excerpts_hold_to_their_story_across_a_repair(files: dict[str, bytes]) -> None:
    index, _ = repaired(damage(files, "links.arrow", 1))

    index.add([article("late", paragraphs(1, 2, 8))])

    assert {one.id for one in index.story("late").members} == {"full", "copy", "cut", "longer", "late"}
