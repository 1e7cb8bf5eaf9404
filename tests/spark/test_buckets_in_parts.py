"""Buckets that come to a task in parts are met as if they came at once; needs no Spark."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.spark import columns, meeting
from dedup.stages.lsh import REPRESENTATIVES, WHOLE_BUCKET

SIZES = st.lists(st.sampled_from([1, 2, 3, 63, 64, 65, 66, 130, 200]), max_size=6)


def plain(buckets: list[list[int]]) -> tuple[set[tuple[int, int]], set[tuple[int, int]], dict[int, list[int]]]:
    """By definition: pairs, members of crowds by key, representatives."""
    pairs, members, crowds = set(), set(), {}
    for key, bodies in enumerate(buckets):
        if len(bodies) > WHOLE_BUCKET:
            members |= {(key, body) for body in bodies}
            crowds[key] = sorted(bodies)[:REPRESENTATIVES]
        else:
            pairs |= set(combinations(sorted(bodies), 2))
    return pairs, members, crowds


@given(SIZES, st.integers(1, 150), st.integers(1, 5), st.randoms(use_true_random=False))
def test_pairs_crowds_and_members_do_not_depend_on_how_buckets_are_cut(
    sizes: list[int], step: int, parts: int, random: Any
) -> None:
    buckets = [random.sample(range(-1000, 1000), size) for size in sizes]
    rows = [(key, body) for key, bodies in enumerate(buckets) for body in bodies]
    random.shuffle(rows)
    batches = []
    for first in range(0, len(rows), step):
        keys, bodies = np.array(rows[first : first + step], np.int64).T
        batches.append(meeting.posted(keys.copy(), bodies.copy(), parts))
    posted = pa.Table.from_batches(batches, meeting._POSTINGS).sort_by("part")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(meeting, "_AT_ONCE", 100)
        told = pa.Table.from_batches(list(meeting._meet(posted.to_batches(max_chunksize=3))), meeting.MET)
    found = told.to_pylist()
    pairs = {(row["a"], row["b"]) for row in found if row["key"] is None}
    members = [(row["key"], row["a"]) for row in found if row["key"] is not None and row["a"] is not None]
    crowds = {row["key"]: row["representatives"] for row in found if row["a"] is None}
    assert len(members) == len(set(members)), "a member twice"
    told = {key: np.frombuffer(of, np.int64).tolist() for key, of in crowds.items()}
    assert (pairs, set(members), told) == plain(buckets)


def test_more_than_a_word_takes_is_told() -> None:
    key = (1 << 63) - 1
    assert meeting.posted(np.array([key]), np.array([5]), 1).num_rows == 1
    with pytest.raises(OverflowError, match="2 bodies"):
        meeting.posted(np.array([key, key]), np.array([5, 6]), 1)


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 7), st.integers(1, 9))
def test_rows_of_one_key_are_never_parted(keys: list[int], step: int, rows: int) -> None:
    keys.sort()
    batches = [pa.record_batch([pa.array(keys[i : i + step])], ["key"]) for i in range(0, len(keys), step)]
    parts = [table["key"].to_pylist() for table in columns.whole_runs(batches, "key", rows=rows)]
    assert [key for part in parts for key in part] == keys
    assert all(not set(one) & set(other) for one, other in combinations(parts, 2))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=20))
def test_numbers_keep_their_order_as_spark_has_them(words: list[int]) -> None:
    array = np.array(words, np.uint64)
    numbers = columns.signed(array)
    assert columns.unsigned(numbers).tolist() == words
    assert np.argsort(numbers, kind="stable").tolist() == np.argsort(array, kind="stable").tolist()
