"""Candidates: who shares a key, found once, in bounded work."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels import buckets
from dedup.model import Params
from dedup.stages import lsh

posting = st.tuples(st.integers(0, 6), st.integers(0, 30))


def nothing(crowds: np.ndarray) -> np.ndarray:
    return np.zeros(len(crowds), np.bool_)


def table(postings: list[tuple[int, int]]) -> lsh.Table:
    keys, rows = np.array(sorted(set(postings)), np.uint32).reshape(-1, 2).T
    return lsh.ordered(keys, rows)


@given(st.lists(posting, max_size=60), st.lists(posting, max_size=60), st.integers(0, 20))
def test_candidates_are_the_pairs_under_one_key_of_which_one_is_new(
    old: list[tuple[int, int]], new: list[tuple[int, int]], first_new: int
) -> None:
    old = [(key, row % first_new) for key, row in old] if first_new else []
    new = [(key, row + first_new) for key, row in new]
    found = lsh.candidates({"t": table(new)}, [{"t": table(old)}], np.arange(64, dtype=np.uint64), first_new, nothing)
    wanted = {
        (min(a, b), max(a, b))
        for (x, a), (y, b) in itertools.combinations({*old, *new}, 2)
        if x == y and a != b and max(a, b) >= first_new
    }
    assert [tuple(pair) for pair in found.tolist()] == sorted(wanted)


@pytest.mark.parametrize("size", [65, 500, 3000])
def test_a_large_bucket_is_joined_to_the_same_representatives_whatever_its_order(size: int) -> None:
    chance = np.random.default_rng(size)
    priority = chance.permutation(size).astype(np.uint64)
    pairs = lsh.candidates(
        {"t": (np.zeros(size, np.uint32), np.arange(size, dtype=np.uint32))}, [], priority, 0, nothing
    )
    representatives = set(np.argsort(priority)[:16].tolist())
    assert len(pairs) == 16 * size - 16 - 16 * 15 // 2
    assert all(a in representatives or b in representatives for a, b in pairs.tolist())


def test_a_bucket_of_boilerplate_is_left_out() -> None:
    rows = np.arange(100, dtype=np.uint32)
    tables = {"t": lsh.ordered(np.append(np.zeros(98, np.uint32), [7, 7]), rows)}
    seen = []

    def everything(crowds: np.ndarray) -> np.ndarray:
        seen.append(crowds.tolist())
        return np.ones(len(crowds), np.bool_)

    assert lsh.candidates(tables, [], rows.astype(np.uint64), 0, everything).tolist() == [[98, 99]]
    assert seen == [[list(range(16))]]


def test_what_two_runs_add_one_run_adds() -> None:
    chance = np.random.default_rng(1)
    keys, rows = chance.integers(0, 40, 600).astype(np.uint32), np.arange(600, dtype=np.uint32)
    priority = chance.permutation(600).astype(np.uint64)
    whole = lsh.candidates({"t": lsh.ordered(keys, rows)}, [], priority, 0, nothing)
    first = lsh.candidates({"t": lsh.ordered(keys[:400], rows[:400])}, [], priority, 0, nothing)
    older = [{"t": lsh.ordered(keys[:400], rows[:400])}]
    second = lsh.candidates({"t": lsh.ordered(keys[400:], rows[400:])}, older, priority, 400, nothing)
    assert {tuple(p) for p in whole.tolist()} == {tuple(p) for p in np.concatenate([first, second]).tolist()}


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8))
def test_the_key_of_a_band_is_the_kernels(part: list[int]) -> None:
    signature = np.array([part], np.uint32)
    keys = np.empty(1, np.uint32)
    buckets.band_keys(signature, 0, len(part), keys)
    assert lsh.band_key(signature[0]) == keys[0]


@given(st.lists(posting, max_size=40), st.lists(st.integers(0, 8), max_size=6))
def test_find_gives_every_row_under_a_key(postings: list[tuple[int, int]], keys: list[int]) -> None:
    places, rows = lsh.find(table(postings), np.array(keys, np.uint32))
    wanted = [(i, row) for i, key in enumerate(keys) for other, row in set(postings) if other == key]
    assert sorted(zip(places.tolist(), rows.tolist(), strict=True)) == sorted(wanted)


def test_equal_signatures_meet_in_every_band_and_anchors_in_theirs() -> None:
    params = Params()
    signatures = np.tile(np.arange(128, dtype=np.uint32), (2, 1))
    anchors = np.array([5, 5, 9], np.uint32), np.array([7, 8, 8], np.uint32)
    made = dict(lsh.tables(signatures, np.array([7, 8], np.uint32), anchors, params))
    assert list(made) == [*lsh.band_names(params), lsh.ANCHORS]
    assert all(keys[0] == keys[1] for name, (keys, _) in made.items() if name != lsh.ANCHORS)
    assert lsh.candidates(made, [], np.arange(16, dtype=np.uint64), 0, nothing).tolist() == [[7, 8]]
