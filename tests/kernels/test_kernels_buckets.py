"""Buckets against their definitions, in plain Python over lists and sets."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels import buckets
from dedup.store.bands import search

words = st.integers(0, 12)
# Of each bucket its rows, rising, and which of them are new.
bucket = st.dictionaries(st.integers(0, 40), st.booleans(), max_size=9).map(lambda rows: sorted(rows.items()))
# Of each bucket its rows and new marks; whether it is to be met whole, or which of its rows represent it, and how.
Bucket = list[tuple[int, bool]]


def bounds(parts: list[Bucket]) -> npt.NDArray[np.int64]:
    return np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)


def columns(parts: list[Bucket]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    flat = [one for part in parts for one in part]
    return np.array([row for row, _ in flat], np.uint32), np.array([new for _, new in flat], np.bool_)


def unpacked(pairs: npt.NDArray[np.uint64]) -> list[tuple[int, int]]:
    return [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]


@given(st.lists(st.tuples(words, st.integers(0, 2**32 - 1)), max_size=40), st.sets(words))
def test_what_lies_under_a_key_is_counted_and_gathered(postings: list[tuple[int, int]], asked: set[int]) -> None:
    postings, wanted = sorted(postings), sorted(asked)
    keys, rows = np.array(postings, np.uint32).reshape(-1, 2).T.copy()
    ends = np.empty(len(wanted) + 1, np.int64)

    buckets.under(keys, np.array(wanted, np.uint32), ends)
    out = np.empty(int(ends[-1]), np.uint64)
    buckets.gather(keys, rows, np.array(wanted, np.uint32), ends, out)

    assert np.diff(ends).tolist() == [sum(key == one for key, _ in postings) for one in wanted]
    assert unpacked(out) == [(place, row) for place, one in enumerate(wanted) for key, row in postings if key == one]


@given(st.lists(words), st.sets(words))
def test_keys_that_are_among_others_are_told_and_what_was_told_before_stays(some: list[int], others: set[int]) -> None:
    keys, told = np.array(sorted(some), np.uint32), [key % 5 == 0 for key in sorted(some)]
    found = np.array(told, np.bool_)

    buckets.among(keys, np.array(sorted(others), np.uint32), found)

    assert found.tolist() == [before or key in others for key, before in zip(sorted(some), told, strict=True)]


@given(
    st.integers(1, 4).flatmap(
        lambda r: st.tuples(st.just(r), st.lists(st.lists(st.integers(0, 2**64 - 1), min_size=r, max_size=12)))
    )
)
def test_the_least_of_each_bucket_are_chosen_in_their_order(given: tuple[int, list[list[int]]]) -> None:
    r, parts = given
    starts = np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)
    chosen = np.empty((len(parts), r), np.int64)

    buckets.least(starts, np.array([p for part in parts for p in part], np.uint64), chosen)

    wanted = [
        [int(start) + i for i in sorted(range(len(part)), key=lambda i: part[i])[:r]]
        for part, start in zip(parts, starts[:-1], strict=True)
    ]
    assert chosen.tolist() == wanted


@given(st.lists(st.tuples(bucket, st.booleans()), max_size=5), st.integers(0, 10))
def test_pairs_of_a_bucket_are_those_with_a_new_row_or_all(parts: list[tuple[Bucket, bool]], room: int) -> None:
    starts, (rows, new) = bounds([part for part, _ in parts]), columns([part for part, _ in parts])
    whole = np.array([whole for _, whole in parts], np.bool_)

    count = buckets.pairs(starts, rows, new, whole, np.empty(0, np.uint64))
    out = np.zeros(count + room, np.uint64)
    assert buckets.pairs(starts, rows, new, whole, out) == count

    wanted = [
        (a, b)
        for part, all_of_it in parts
        for (a, a_new), (b, b_new) in itertools.combinations(part, 2)
        if a_new or b_new or all_of_it
    ]
    assert sorted(unpacked(out[:count])) == sorted(wanted)
    assert not out[count:].any()


@given(st.lists(st.tuples(bucket.filter(lambda part: len(part) >= 2), st.permutations([0, 1]), st.data()), max_size=5))
def test_pairs_of_a_crowd_are_those_of_its_representatives(
    parts: list[tuple[Bucket, list[int], st.DataObject]],
) -> None:
    only = [part for part, _, _ in parts]
    starts, (rows, new) = bounds(only), columns(only)
    chosen = [[part[i][0] for i in order] for part, order, _ in parts]
    fresh = [[data.draw(st.booleans()) for _ in order] for _, order, data in parts]
    arrays = np.array(chosen, np.uint32).reshape(-1, 2), np.array(fresh, np.bool_).reshape(-1, 2)

    out = np.empty(buckets.crowd_pairs(starts, rows, new, *arrays, np.empty(0, np.uint64)), np.uint64)
    buckets.crowd_pairs(starts, rows, new, *arrays, out)

    wanted = [
        (min(row, representative), max(row, representative))
        for part, stand, marks in zip(only, chosen, fresh, strict=True)
        for representative, is_fresh in zip(stand, marks, strict=True)
        for row, is_new in part
        if row != representative and (is_new or is_fresh)
    ]
    assert sorted(unpacked(out)) == sorted(wanted)


@given(
    st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=8),
    st.dictionaries(
        st.sampled_from([0, 3, *range(50, 59)]), st.tuples(st.booleans(), st.integers(0, 7), st.integers(0, 7))
    ),
    st.integers(0, 3),
)
def test_bodies_meet_in_a_small_bucket_or_by_the_representatives_of_a_crowd_that_is_not_masked(
    bodies: list[set[int]], crowds: dict[int, tuple[bool, int, int]], bands: int
) -> None:
    # A key a band, and others behind them.
    bodies = [
        {50 + key for key in keys} | {2 * i + min(keys) % 2 for i in range(bands)} if keys else keys for keys in bodies
    ]
    rows = [100 + 3 * i for i in range(len(bodies))]
    pairs = list(itertools.combinations(range(len(bodies)), 2))
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    ends = np.append(0, np.cumsum([len(keys) for keys in bodies])).astype(np.int64)
    large = sorted(crowds)
    found = np.ones(len(pairs), np.bool_)

    keys = np.array([key for keys in bodies for key in sorted(keys)], np.uint64)
    is_open = np.full(len(keys), 9, np.uint8)
    buckets.opened(
        keys, ends, np.array(rows, np.uint32),
        np.array(large, np.uint64), np.array([crowds[key][0] for key in large], np.bool_),
        np.array([[100 + 3 * i for i in crowds[key][1:]] for key in large], np.uint32).reshape(-1, 2), is_open,
    )  # fmt: skip
    buckets.meet_in(a, b, keys, ends, is_open, bands, found)

    def meet(x: int, y: int) -> bool:
        common = bodies[x] & bodies[y]
        return any(
            key not in crowds or (not crowds[key][0] and not {x, y}.isdisjoint(crowds[key][1:])) for key in common
        )

    assert found.tolist() == [meet(x, y) for x, y in pairs]


@given(
    st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=12), min_size=1, max_size=4),
    st.lists(st.integers(0, 2**32), min_size=1, max_size=12),
)
def test_a_search_finds_what_its_twin_without_a_kernel_finds(tables: list[list[int]], wanted: list[int]) -> None:
    keys = np.array([key for table in tables for key in sorted(table)], np.uint32)
    ends = np.cumsum([0, *map(len, tables)])
    which = np.arange(len(wanted)) % len(tables)
    first, last, asked = ends[which], ends[which + 1], np.array(wanted, np.int64)

    found = buckets.search(keys, first, last, asked)

    assert found.tolist() == search(keys, first, last, asked).tolist()
    assert found.tolist() == [
        a + np.searchsorted(keys[a:b], key).item() for a, b, key in zip(first, last, wanted, strict=True)
    ]
