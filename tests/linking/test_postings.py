"""Which bodies stand under which keys, on disk and waiting: the same wherever they are looked up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsroom import article
from texts import prose

import dedup
from dedup.corpus import Corpus
from dedup.linking import postings
from dedup.stages import lsh
from dedup.store import MemoryDirectory, Store

_BOX = prose(999, 1, 60)


def store_of(batches: int) -> Store:
    """Ten bodies with a box, a copy of each, and one of quoted speech alone, which tells nothing."""
    bodies = [f"{prose(i, 4)}\n{_BOX}" for i in range(10)]
    records = [article(f"n{i}", bodies[i % 10]) for i in range(20)] + [article("said", f"“{prose(50, 2)}”")]
    index = dedup.Index(Store.create(MemoryDirectory()))
    for part in range(batches):
        index.add(records[part::batches])
    return Store.open(index._store.directory)


def on_disk(store: Store) -> set[tuple[int, int]]:
    """All (key, row) of the tables that propose candidates, a key with the place of its table."""
    found = set()
    for place, name in enumerate(lsh.table_names(store.params)):
        for segment in store.segments:
            keys, rows = segment.table(name)
            found |= {(place << 32 | key, row) for key, row in zip(keys.tolist(), rows.tolist(), strict=True)}
    return found


@pytest.mark.parametrize("batches", [1, 3])
def test_a_body_stands_in_the_tables_once_under_the_first_row_that_had_it(batches: int) -> None:
    store = store_of(batches)
    corpus = Corpus(store)
    leaders = corpus.leaders()

    rows = {row for _, row in on_disk(store)}

    assert len(rows) == 10
    assert rows == {int(row) for row in leaders if corpus.column("narrative_length", np.array([row]))[0]}


@pytest.mark.parametrize(("batches", "much"), [(1, 0), (3, 0), (3, 1)])
def test_the_tables_of_bodies_are_made_again_from_their_sketches(
    monkeypatch: pytest.MonkeyPatch, batches: int, much: int
) -> None:
    store = store_of(batches)
    corpus = Corpus(store)
    leaders = np.unique(corpus.leaders())
    names = lsh.table_names(store.params)

    keys, rows = postings.postings([postings.tables_of(corpus, leaders)], names, names)
    assert set(zip(keys.tolist(), rows.tolist(), strict=True)) == on_disk(store)

    monkeypatch.setattr(postings, "CHUNK", 3)
    monkeypatch.setattr(postings, "_MUCH", much)
    bodies, keyed = postings.Standing.of(corpus, leaders).keyed, postings.Keyed.of(corpus, leaders)
    assert np.array_equal(bodies.keys, keyed.keys)
    assert np.array_equal(bodies.ends, keyed.ends)
    for place, leader in enumerate(leaders.tolist()):
        mine = bodies.keys[bodies.ends[place] : bodies.ends[place + 1]].tolist()
        assert mine == sorted({key for key, row in on_disk(store) if row == leader})


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60), st.sampled_from([31, 500, 2000]))
def test_windows_take_pairs_in_their_order_and_few_bodies_at_once(pairs: list[tuple[int, int]], extent: int) -> None:
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"_BODIES": 8, "CHUNK": 2}.items():
            patch.setattr(postings, name, value)
        parts = list(postings.windows(extent, a, b))
    assert np.concatenate([np.arange(len(a))[part] for part, _ in parts]).tolist() == [*range(len(a))]
    assert all(np.unique([a[part], b[part]]).tolist() == bodies.tolist() for part, bodies in parts)
    assert all(len(bodies) <= 8 for _, bodies in parts)


@pytest.mark.parametrize("many", [0, 5, 1 << 12])
def test_rows_under_keys_are_found_by_search_or_by_merging(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(postings, "MANY_KEYS", many)
    store = store_of(3)
    there = on_disk(store)
    known = sorted({key for key, _ in there})
    wanted = np.unique(np.array([*known[::3], known[-1] + 1, known[0] ^ 1], np.uint64))
    whole = np.arange(len(wanted)) % 4 != 1

    found = postings.older(store, wanted, whole, lsh.table_names(store.params))

    asked = {int(key): place for place, key in enumerate(wanted) if whole[place]}
    assert sorted(found.tolist()) == sorted(asked[key] << 32 | row for key, row in there if key in asked)


def test_entries_without_company_are_left_out() -> None:
    store = store_of(2)
    name = lsh.ANCHORS
    on_disk = sorted({int(key) for segment in store.segments for key in segment.table(name)[0]})
    asked, free = [key for key in range(50) if key not in on_disk], on_disk[::9]
    table = sorted([(key, 90) for key in asked[:9]] + [(asked[3], 91), (free[0], 92)])
    other = sorted([(asked[5], 93), (asked[9], 94), (free[1], 95)])
    parts = [{name: np.array(part, np.uint32).T.copy()} for part in (table, other)]

    (one,), (two,) = (
        [zip(*(column.tolist() for column in part[name]), strict=True)]
        for part in postings.in_company(store, parts, name, np.array(asked[1:2], np.uint32))
    )

    kept = {asked[1], asked[3], asked[5], *free[:2]}
    assert list(one) == [entry for entry in table if entry[0] in kept]
    assert list(two) == [entry for entry in other if entry[0] in kept]


def test_members_are_all_rows_under_some_keys_dead_ones_too() -> None:
    store = store_of(2)
    there = on_disk(store)
    box = max({key for key, _ in there}, key=lambda key: sum(key == other for other, _ in there))
    expected = sorted({row for key, row in there if key == box})
    index = dedup.Index(store)
    index.remove(["n0", "n10"])

    nobody = np.zeros((1, lsh.REPRESENTATIVES), np.uint32)
    crowds = lsh.Crowds(np.array([box], np.uint64), np.array([True]), nobody)
    found = postings.members(Corpus(index._store), crowds)

    assert found.tolist() == [row << 32 for row in expected]
    assert len(expected) == 10
