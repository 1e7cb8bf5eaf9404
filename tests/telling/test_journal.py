"""The journal: which articles are in another story than at an earlier commit, as long as it is remembered."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsroom import article
from texts import prose

import dedup
from dedup.errors import ForgottenCommit
from dedup.store import MemoryDirectory, Store
from dedup.telling import journal

# Of each article that is in a story that story's id.
Assigned = dict[str, str]


def assigned(index: dedup.Index) -> Assigned:
    found: dict[str, list[str]] = {}
    for row in index.export("articles").read_all().to_pylist():
        found.setdefault(row["story"], []).append(row["id"])
    return {name: story for story, names in found.items() if len(names) > 1 for name in names}


def different(then: Assigned, now: Assigned) -> dict[str, tuple[str | None, str | None]]:
    both = {name: (then.get(name), now.get(name)) for name in then.keys() | now.keys()}
    return {name: (a, b) for name, (a, b) in both.items() if a != b}


def told(index: dedup.Index, since: int, names: list[str]) -> dict[str, tuple[str | None, str | None]]:
    by_hash = {xxhash.xxh64_intdigest(name.encode(), 0): name for name in names}
    columns = journal.moves(Store.open(index._store.directory), since)
    return {
        by_hash[article]: (f"{then:016x}" if then else None, f"{now:016x}" if now else None)
        for article, then, now in zip(*(column.tolist() for column in columns), strict=True)
    }


def versioned(name: str, story: int) -> dict[str, Any]:
    return article(name, prose(story, 6), published=f"2026-05-{1 + int(name) % 28:02d}")


def changed(index: dedup.Index, chance: random.Random, names: list[str]) -> None:
    """One commit, or none, which adds, replaces or removes some articles, or compacts."""
    some = chance.sample(names, chance.randint(1, 5))
    kind = chance.random()
    if kind < 0.65:
        index.add([versioned(name, chance.randint(1, 4)) for name in some])
    elif kind < 0.9:
        index.remove(some)
    else:
        index.compact()


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_a_journal_tells_what_is_different_since_each_commit(chance: random.Random) -> None:
    index, names = dedup.Index(Store.create(MemoryDirectory())), [str(i) for i in range(12)]
    history = {0: assigned(index)}
    for _ in range(9):
        changed(index, chance, names)
        for commit in range(max(history) + 1, index.info().commit + 1):
            history[commit] = assigned(index)

    for commit, then in history.items():
        assert told(index, commit, names) == different(then, history[max(history)])
    parts = Store.open(index._store.directory).changes()
    assert all(older.num_rows > 2 * newer.num_rows for older, newer in itertools.pairwise(parts))


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_a_journal_that_got_long_forgets_its_oldest_commits_and_says_so(
    monkeypatch: pytest.MonkeyPatch, chance: random.Random
) -> None:
    monkeypatch.setattr(journal, "_MOST", 12)
    index, names = dedup.Index(Store.create(MemoryDirectory())), [str(i) for i in range(12)]
    history = {0: assigned(index)}
    for _ in range(10):
        changed(index, chance, names)
        history[index.info().commit] = assigned(index)

    oldest = journal.since(Store.open(index._store.directory))
    assert oldest is not None
    for commit, then in history.items():
        if commit >= oldest:
            assert told(index, commit, names) == different(then, history[max(history)])
            index.changes(commit)
        else:
            with pytest.raises(ForgottenCommit) as forgotten:
                index.changes(commit)
            assert forgotten.value.fields["oldest"] == oldest


def with_changes() -> dedup.Index:
    index = dedup.Index(Store.create(MemoryDirectory()))
    for batch in (["1", "2"], ["3"], ["4"]):
        index.add([versioned(name, 1) for name in batch])
    return index


def test_of_a_journal_that_got_long_only_the_oldest_part_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    index = dedup.Index(Store.create(MemoryDirectory()))
    index.add([versioned(str(i), 1) for i in range(10)])
    index.add([versioned(str(i), 1) for i in range(10, 13)])
    assert [part.num_rows for part in Store.open(index._store.directory).changes()] == [10, 3]

    monkeypatch.setattr(journal, "_MOST", 13)
    index.add([versioned("13", 1)])

    assert [one.added for one in index.changes(1)] == [4]
    assert [one.added for one in index.changes(2)] == [1]
    with pytest.raises(ForgottenCommit, match="oldest commit to ask for is 1"):
        index.changes(0)


def test_a_journal_whose_file_was_taken_away_begins_again() -> None:
    directory = with_changes()._store.directory
    for name in directory.list():
        if name.startswith("changes-"):
            directory.unlink(name)
    index = dedup.Index(Store.open(directory))
    last = index.info().commit
    assert index.changes(last) == []
    with pytest.raises(ForgottenCommit):
        index.changes(last - 1)

    index.add([versioned("5", 1)])

    assert [(one.turn, one.added) for one in index.changes(last)] == [("grew", 1)]
    with pytest.raises(ForgottenCommit):
        index.changes(last - 1)


def test_commits_that_change_no_story_write_no_journal() -> None:
    index = with_changes()
    before = index._store.manifest.changes

    index.add([article("alone", prose(9, 6))])
    index.remove(["alone"])

    assert index._store.manifest.changes == before
    assert index.changes(index.info().commit - 2) == []


def test_the_ids_of_a_journal_are_those_of_articles_and_stories() -> None:
    index = with_changes()
    article_, before, after = journal.moves(Store.open(index._store.directory), 0)

    assert set(article_.tolist()) == {xxhash.xxh64_intdigest(name.encode(), 0) for name in "1234"}
    assert {f"{one:016x}" for one in after.tolist()} == {index.stories()[0].id}
    assert not np.any(before)
