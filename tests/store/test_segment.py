"""Parts of a segment: some rows of some columns, and entries under some keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_builders import NUM_PERM, PARAMS, add, articles, commit, links, sketches
from numpy.testing import assert_array_equal

from dedup.store import Keys, MemoryDirectory, Segment, Store

COLUMNS = {
    "id_hash": "id_hash",
    "text_hash": "text_hash",
    "body_digest": "body_digest",
    "length": "lengths",
    "narrative_length": "narrative_lengths",
    "signature": "signatures",
}
BASE = 3


def segment_of(n: int, tables: dict[str, tuple[np.ndarray, np.ndarray]] | None = None) -> Segment:
    """The second segment of an index, whose rows begin at BASE; sketches of seed 5."""
    store = commit(Store.create(MemoryDirectory(), PARAMS), [f"older {i}" for i in range(BASE)])
    with store.writer() as writer:
        writer.add_segment([articles(f"{i}" for i in range(n))], sketches(n, 5), tables or {}, links())
        writer.commit()
    return Store.open(store.directory).segments[-1]


def test_columns_of_some_rows_come_in_the_order_asked_for() -> None:
    segment, written = segment_of(40), sketches(40, 5)
    for name, attribute in COLUMNS.items():
        whole = getattr(written, attribute)
        assert_array_equal(segment.fixed(name), whole)
        for rows in ([7, 3, 3, 39], [], np.arange(40)):
            found = segment.fixed(name, rows)
            assert_array_equal(found, whole[np.asarray(rows, np.int64)])
            assert found.dtype == whole.dtype

    assert segment.fixed("signature", []).shape == (0, NUM_PERM)
    for rows in ([-1], [40]):
        with pytest.raises(IndexError):
            segment.fixed("length", rows)
        with pytest.raises(IndexError):
            segment.sets(rows)


@given(rows=st.lists(st.integers(0, 39), max_size=12))
@settings(max_examples=25, deadline=None)
def test_shingle_sets_of_some_rows_come_together(rows: list[int]) -> None:
    segment, written = segment_of(40), sketches(40, 5)
    found = segment.sets(rows)

    assert len(found) == len(rows)
    for i, row in enumerate(rows):
        a, b = written.shingle_offsets[row : row + 2]
        assert_array_equal(found.hashes[found.ends[i] : found.ends[i + 1]], written.shingles[a:b])
        a, b = written.narrative_offsets[row : row + 2]
        assert_array_equal(found.marks[found.mark_ends[i] : found.mark_ends[i + 1]], written.narrative[a:b])


def test_shingle_sets_are_seen_where_they_lie() -> None:
    segment, written = segment_of(40), sketches(40, 5)
    found = segment.sets_in_place([7, 39, 0])

    for row in (7, 39, 0):
        a, b = written.shingle_offsets[row : row + 2]
        assert_array_equal(found.hashes[found.ends[row] : found.ends[row + 1]], written.shingles[a:b])
        a, b = written.narrative_offsets[row : row + 2]
        assert_array_equal(found.marks[found.mark_ends[row] : found.mark_ends[row + 1]], written.narrative[a:b])
    assert not found.hashes.flags.writeable
    with pytest.raises(IndexError):
        segment.sets_in_place([40])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_lookup_finds_every_entry_and_no_other(data: st.DataObject) -> None:
    key = st.integers(0, 12) | st.sampled_from([2**32 - 2, 2**32 - 1])
    tables, wanted, expected = {}, {}, {}
    for name in ("id", "band-00", "band-01", "anchor"):
        pairs = sorted(data.draw(st.lists(st.tuples(key, st.integers(BASE, BASE + 4)), max_size=30)))
        asked = sorted(data.draw(st.sets(key)))
        tables[name] = tuple(np.array([pair[i] for pair in pairs], np.uint32) for i in (0, 1))
        wanted[name] = np.array(asked, np.uint32)
        expected[name] = [(place, row) for place, one in enumerate(asked) for k, row in pairs if k == one]
    segment = segment_of(5, tables)
    del wanted["band-01"]

    places, rows = segment.lookup(Keys.of(wanted))
    assert segment.tables == list(tables)
    assert (places.dtype, rows.dtype) == (np.int64, np.uint32)
    before, entries = 0, []
    for name, asked in wanted.items():
        entries += [(before + place, row) for place, row in expected[name]]
        before += len(asked)
    assert list(zip(places.tolist(), rows.tolist(), strict=True)) == entries
    for name in wanted:
        assert_array_equal(segment.table(name)[0], tables[name][0])
        assert_array_equal(segment.table(name)[1], tables[name][1])


def test_links_are_found_from_either_side() -> None:
    pairs = [(0, 5), (1, 2), (1, 4), (3, 4)]
    store = Store.create(MemoryDirectory(), PARAMS)
    with store.writer() as writer:
        writer.add_segment([articles("abcdef")], sketches(6), {}, links(pairs))
        writer.commit()
        (segment,) = writer.store.segments

    assert segment.links.equals(links(pairs))
    b = segment.links["b"].to_numpy()[segment.links_by_b]
    assert b.tolist() == [2, 4, 4, 5]
    assert segment.links_by_b.tolist() == [1, 2, 3, 0]
    assert segment.links_by_b is segment.links_by_b


def test_rows_are_alive_until_they_are_removed() -> None:
    store = commit(Store.create(MemoryDirectory(), PARAMS), [f"{i}" for i in range(10)])
    for rows in ([3, 5], [0], [9, 3]):
        with store.writer() as writer:
            add(writer, ["another"])
            writer.delete(rows)
            writer.commit()
            store = writer.store

    gone = {0, 3, 5, 9}
    assert store.extent == 13
    assert store.deleted.tolist() == sorted(gone)
    assert store.alive(np.arange(13)).tolist() == [row not in gone for row in range(13)]
    assert store.alive([12, 0, 3, 3]).tolist() == [True, False, False, False]
    assert store.live(store.segments[0]).tolist() == [row not in gone for row in range(10)]
    assert store.live(store.segments[0]) is store.live(store.segments[0])
    assert store.alive([]).tolist() == []
