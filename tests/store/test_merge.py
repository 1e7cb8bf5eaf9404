"""Many small segments become few, and nothing else changes."""

from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_builders import PARAMS, add, articles, bands, commit, everything, links, live_ids, sketches

from dedup.model import ARTICLES
from dedup.store import MemoryDirectory, Sketches, Store, Writer, tiers

LARGE = 32_768


@dataclasses.dataclass
class Span:
    """A segment in arithmetic only. written: how often each of its rows was written again, at most."""

    base: int
    rows: int
    written: int = 0


def settled(spans: list[Span]) -> list[Span]:
    """What merging leaves when it is done as often as it is due."""
    while due := tiers(spans):
        at = spans.index(due[0])
        assert spans[at : at + len(due)] == due
        one = Span(due[0].base, sum(span.rows for span in due), 1 + max(span.written for span in due))
        spans = [*spans[:at], one, *spans[at + len(due) :]]
    return spans


def grown(sizes: list[int]) -> list[Span]:
    spans: list[Span] = []
    base = 0
    for rows in sizes:
        spans = settled([*spans, Span(base, rows)])
        base += rows
    return spans


def test_a_trickle_keeps_seven_segments_a_tier_and_writes_rows_once_a_tier() -> None:
    spans: list[Span] = []
    for row in range(10_000):
        spans.append(Span(row, 1))
        due = tiers(spans)
        if due:
            del spans[-len(due) :]
            spans.append(Span(due[0].base, sum(span.rows for span in due), 1 + max(span.written for span in due)))
        assert not tiers(spans), "one merge takes all that is due at once"
        by_tier = [(span.rows.bit_length() - 1) // 3 for span in spans]
        assert all(by_tier.count(tier) <= 7 for tier in by_tier)
        assert all(span.written <= 5 for span in spans)

    assert sum(span.rows for span in spans) == 10_000


def test_large_segments_are_left_alone() -> None:
    assert tiers([Span(LARGE * i, LARGE) for i in range(20)]) == []
    assert len(tiers([Span(4096 * i, 4096) for i in range(8)])) == 8


def test_what_a_large_segment_shut_off_is_merged_once() -> None:
    spans = grown([1, 1, LARGE, 1, 70, 3, LARGE, 5])

    assert [span.rows for span in spans] == [2, LARGE, 74, LARGE, 5]


def test_rows_that_are_missing_part_what_may_be_merged() -> None:
    assert tiers([Span(10 * i, 9) for i in range(20)]) == []
    apart = [*(Span(i, 1) for i in range(5)), *(Span(9 + i, 1) for i in range(9))]
    assert [span.rows for span in settled(apart)] == [5, 9]


@given(sizes=st.lists(st.sampled_from([0, 1, 3, 60, 600, 5_000, 40_000]), max_size=300), seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_segments_stay_few_whatever_comes(sizes: list[int], seed: int) -> None:
    Random(seed).shuffle(sizes)
    spans = grown(sizes)

    large = sum(size >= LARGE for size in sizes)
    assert len(spans) <= 7 * 5 + 2 * large + sum(span.rows >= LARGE for span in spans)
    assert sum(span.rows for span in spans) == sum(sizes)
    assert all(span.rows < 2**18 for span in spans)
    assert all(span.written <= 5 * 9 for span in spans)


def by_row(store: Store) -> list[object]:
    """All that an index answers, whatever segments it is in."""
    segments = store.segments
    found: list[object] = [store.deleted.tolist(), live_ids(store)]
    batches = [batch for segment in segments for batch in segment.articles()]
    found.append(pa.Table.from_batches(batches, ARTICLES).to_pylist())
    for name in Sketches.__dataclass_fields__:
        if not name.endswith("_offsets"):
            found.append(np.concatenate([getattr(segment.sketches, name) for segment in segments]).tolist())
    sets = [segment.sets(np.arange(segment.rows)) for segment in segments]
    found.append(np.concatenate([np.diff(one.ends) for one in sets]).tolist())
    for table in sorted({name for segment in segments for name in segment.tables}):
        columns = [segment.table(table) for segment in segments if table in segment.tables]
        found.append(sorted(pair for keys, rows in columns for pair in zip(keys.tolist(), rows.tolist(), strict=True)))
    found.append(
        sorted(pa.concat_tables([s.links for s in segments]).to_pylist(), key=lambda row: (row["a"], row["b"]))
    )
    return found


def trickled() -> Store:
    """Seven segments, one of links alone, one of another table, and some rows removed."""
    store = Store.create(MemoryDirectory(), PARAMS)
    for number, n in enumerate([1, 130, 3, 40, 2]):
        store = commit(store, [f"{number}-{i}" for i in range(n)], [number], seed=number)
    with store.writer() as writer:
        writer.add_segment([], sketches(0), {}, links([(0, 7), (0, 9), (3, 175)]))
        base = writer.next_row
        tables = {**bands(base, 2, 9), "band-01": bands(base, 2, 8)["id"]}
        writer.add_segment([articles(["x", "y"])], sketches(2, 9), tables, links([(0, 8), (base, base + 1)]))
        writer.commit()
        return writer.store


@pytest.mark.parametrize("some", [slice(0, 7), slice(1, 4), slice(4, 6), slice(6, 7)])
def test_merging_changes_no_answer(some: slice) -> None:
    store = trickled()
    before = by_row(store)
    with store.writer() as writer:
        writer.merge(writer.store.segments[some])
        writer.commit()
    merged = Store.open(store.directory)

    taken = store.segments[some]
    assert len(merged.segments) == 8 - len(taken)
    one = merged.segments[some.start]
    assert (one.base, one.rows) == (taken[0].base, sum(segment.rows for segment in taken))
    assert by_row(merged) == before
    reader, rows = one.articles_reader()
    assert all(reader.get_batch(i).num_rows == rows for i in range(reader.num_record_batches - 1))
    for name in one.tables:
        keys, rows = (column.tolist() for column in one.table(name))
        assert list(zip(keys, rows, strict=True)) == sorted(zip(keys, rows, strict=True))
    assert one.links.equals(one.links.sort_by([("a", "ascending"), ("b", "ascending")]))
    assert set(store.directory.list()) == {"manifest.json", *(name for name, _ in merged.manifest.files())}
    assert merged.manifest.next_row == store.manifest.next_row
    assert everything(store)  # whoever had the old commit open still has it


def test_a_merge_keeps_stories_current() -> None:
    store = Store.create(MemoryDirectory(), PARAMS)
    store = commit(commit(store, ["a"]), ["b", "c"])
    with store.writer() as writer:
        writer.merge(writer.store.segments)
        assert live_ids(writer.store) == ["a", "b", "c"]
        writer.commit()
        assert writer.store.manifest.stories.as_of == 3
        add(writer, ["d"])
        writer.stage()
        writer.merge(writer.store.segments)
        writer.commit()

    store = Store.open(store.directory)
    assert [segment.rows for segment in store.segments] == [4]
    assert (store.manifest.stories.as_of, store.manifest.generation) == (3, 4)
    assert set(store.directory.list()) == {"manifest.json", *(name for name, _ in store.manifest.files())}


def test_only_neighbours_can_be_merged() -> None:
    store = trickled()
    with store.writer() as writer:
        one, two, three, *_ = writer.store.segments
        for segments in ([], [one, three], [two, one]):
            with pytest.raises(ValueError, match="segments"):
                writer.merge(segments)
        writer.merge([one, two])
        with pytest.raises(ValueError, match="segments"):
            writer.merge([two, three])
        writer.commit()

    assert by_row(Store.open(store.directory)) == by_row(store)


def trickle(writer: Writer, number: int) -> None:
    add(writer, [f"{number}"], seed=number)
    writer.stage()
    if due := tiers(writer.store.segments):
        writer.merge(due)
    writer.commit()


def test_a_trickle_that_merges_as_it_goes_answers_like_one_that_does_not() -> None:
    plain, merging = (Store.create(MemoryDirectory(), PARAMS) for _ in range(2))
    with plain.writer() as one, merging.writer() as other:
        for number in range(75):
            add(one, [f"{number}"], seed=number)
            one.commit()
            trickle(other, number)
        assert by_row(one.store) == by_row(other.store)
        assert [segment.rows for segment in other.store.segments] == [64, 8, 1, 1, 1]
