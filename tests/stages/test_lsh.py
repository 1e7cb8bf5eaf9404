"""Candidates: who shares a key, found once, in bounded work, whatever the order in which bodies come and go."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels import buckets
from dedup.model import Params
from dedup.stages import lsh

Pair = tuple[int, int]
Crowd = tuple[bool, list[int]]  # whether masked, and the representatives
_WHOLE, _REPRESENTATIVES = 4, 3
# A body's keys, of which the upper half is a table's place.
_KEYS = [1, 1 << 32 | 1, 1 << 32 | 2]


@pytest.fixture(autouse=True, scope="module")
def small_crowds() -> Iterable[None]:
    """Crowds of five bodies, so that few of them make, change and unmake one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lsh, "WHOLE_BUCKET", _WHOLE)
        patch.setattr(lsh, "REPRESENTATIVES", _REPRESENTATIVES)
        yield


class Bodies:
    """Bodies that come to buckets and go from them, and what is known of these by the plain definition.

    keys: of each body (its number is its row) the keys that it stands under. masks: which crowds are boilerplate, by
    the sum of their representatives.
    """

    def __init__(self, keys: list[set[int]], masks: set[int], seed: int) -> None:
        self.keys, self.masks = keys, masks
        self.order = random.Random(seed).sample(range(len(keys)), len(keys))
        self.there: set[int] = set()
        self.crowds = lsh.Crowds.none()

    def step(self, coming: set[int], going: set[int]) -> lsh.Met:
        """What an index does in a commit; only the rows of buckets that have to be seen whole are looked up."""
        stay = self.there - going
        leaving = {key for body in going for key in self.keys[body]}
        wanted = np.array(sorted(leaving.union(*(self.keys[body] for body in coming))), np.uint64)
        gone = np.isin(wanted, np.array(sorted(leaving), np.uint64))
        new = self._under(wanted, coming)
        self.asked = lsh.loud(self.crowds, wanted, new, gone, self._priority)
        met = lsh.meet(
            self.crowds, wanted, new, self.asked, self._under(wanted[self.asked], stay, np.flatnonzero(self.asked)),
            lambda rows: np.isin(rows, np.array(sorted(coming), np.uint32)), self._priority, self._judged, self._differ,
        )  # fmt: skip
        self.wanted = wanted.tolist()
        self.there = stay | coming
        self.crowds = self.crowds.without(met.settled).and_also(met.crowds)
        return met

    def _under(self, wanted: npt.NDArray[np.uint64], some: set[int], places: npt.ArrayLike | None = None) -> lsh.U64:
        place = np.arange(len(wanted)) if places is None else np.asarray(places)
        found = [
            (p, body) for p, key in zip(place, wanted.tolist(), strict=True) for body in some if key in self.keys[body]
        ]
        return np.array(sorted(int(p) << 32 | body for p, body in found), np.uint64)

    def _priority(self, rows: lsh.U32) -> lsh.U64:
        return np.array(self.order, np.uint64)[rows.astype(np.int64)]

    def _judged(self, representatives: lsh.U32) -> lsh.Mask:
        return np.array([sum(of) % 4 in self.masks for of in representatives.tolist()], np.bool_)

    def _differ(self, before: lsh.U32, now: lsh.U32) -> lsh.Mask:
        return np.array(
            [content(x) != content(y) for x, y in zip(before.tolist(), now.tolist(), strict=True)], np.bool_
        )

    def bucket(self, key: int) -> list[int]:
        return [body for body in self.there if key in self.keys[body]]

    def defined(self) -> dict[int, Crowd]:
        """The crowds of the bodies that are there: whether masked, and the representatives."""
        found = {}
        for key in _KEYS:
            inside = sorted(self.bucket(key), key=lambda body: self.order[body])
            if len(inside) > _WHOLE:
                chosen = inside[:_REPRESENTATIVES]
                found[key] = sum(chosen) % 4 in self.masks, chosen
        return found

    def known(self) -> dict[int, Crowd]:
        """The crowds as they were kept."""
        columns = self.crowds.keys.tolist(), self.crowds.masked.tolist(), self.crowds.representatives.tolist()
        assert columns[0] == sorted(columns[0])
        return {key: (masked, rows) for key, masked, rows in zip(*columns, strict=True)}

    def candidates(self) -> set[Pair]:
        """All pairs of small buckets, those with a representative of crowds that are not masked."""
        found: set[Pair] = set()
        crowds = self.defined()
        for key in _KEYS:
            masked, chosen = crowds.get(key, (False, self.bucket(key)))
            if not masked:
                found |= {(min(a, b), max(a, b)) for a in chosen for b in self.bucket(key) if a != b}
        return found


def content(representatives: list[int]) -> int:
    """What a masked crowd masks, if by little: most changes of its representatives change nothing of it."""
    return max(representatives) // 4


def random_bodies(chance: random.Random, masks: set[int]) -> Bodies:
    """Of some of them every bucket is a crowd when all are there."""
    keys = [{key for key in _KEYS if chance.random() < 0.6} for _ in range(chance.randint(6, 16))]
    return Bodies(keys, masks, chance.randrange(100))


def stirred(bodies: Bodies, before: dict[int, Crowd], after: dict[int, Crowd]) -> set[int]:
    """The bodies whose links are others by a change of the crowds."""
    found = set()
    for key in (key for key in before.keys() | after.keys() if before.get(key) != after.get(key)):
        was_masked, then = before.get(key, (None, []))
        masked, now = after.get(key, (None, []))
        if was_masked is masked is False:
            found |= set(then) - set(now)
        elif was_masked is not masked or content(then) != content(now):
            found |= set(bodies.bucket(key))
    return found


masks = st.sets(st.integers(0, 3), max_size=2)


def unpacked(pairs: lsh.U64) -> list[Pair]:
    return [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]


def steps(chance: random.Random, bodies: Bodies) -> Iterable[tuple[set[int], set[int]]]:
    """Some bodies that are not there come, and some that are go: few or many."""
    for _ in range(10):
        comes, goes = chance.choice([(0.1, 0.1), (0.4, 0), (0, 0.3), (0.9, 0.1), (0.2, 0.8)])
        absent = set(range(len(bodies.keys))) - bodies.there
        yield (
            {body for body in absent if chance.random() < comes},
            {body for body in bodies.there if chance.random() < goes},
        )


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), masks)
def test_crowds_and_candidates_are_those_of_the_bodies_that_are_there(chance: random.Random, masks: set[int]) -> None:
    bodies, given_so_far = random_bodies(chance, masks), set()
    for coming, going in steps(chance, bodies):
        before, candidates = bodies.known(), bodies.candidates()
        met = bodies.step(coming, going)
        after = bodies.defined()
        given_so_far |= set(unpacked(met.pairs))

        assert bodies.known() == after
        assert set(unpacked(met.pairs)) <= bodies.candidates() <= given_so_far
        assert len(set(unpacked(met.pairs))) == len(met.pairs)
        assert set(met.stirred.tolist()) == stirred(bodies, before, after)
        for a, b in candidates - bodies.candidates():
            assert {a, b} - bodies.there or {a, b} & set(met.stirred.tolist())


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), masks)
def test_only_crowds_that_may_become_others_are_looked_up(chance: random.Random, masks: set[int]) -> None:
    bodies = random_bodies(chance, masks)
    for coming, going in steps(chance, bodies):
        before = bodies.known()
        bodies.step(coming, going)

        for key, asked in zip(bodies.wanted, bodies.asked.tolist(), strict=True):
            chosen = before[key][1] if key in before else []
            loses = any(key in bodies.keys[body] for body in going)
            last = bodies.order[chosen[-1]] if chosen else 0
            rises = any(key in bodies.keys[body] and bodies.order[body] < last for body in coming)
            assert asked == (not chosen or loses or rises)


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_where_bodies_only_come_no_pair_is_given_twice(chance: random.Random) -> None:
    bodies, given_so_far = random_bodies(chance, masks=set()), []
    for coming, _ in steps(chance, bodies):
        given_so_far += unpacked(bodies.step(coming, set()).pairs)

    assert len(given_so_far) == len(set(given_so_far))


@pytest.mark.parametrize("batch", [1, 7, 200])
def test_the_pairs_of_a_bucket_grow_with_its_bodies_not_with_their_square(batch: int) -> None:
    bodies, count = Bodies([{1}] * 200, set(), 1), 0
    for first in range(0, 200, batch):
        count += len(bodies.step(set(range(first, min(first + batch, 200))), set()).pairs)

    # A body that comes later and ranks higher is met by all that are there: in all about as many pairs again.
    assert count <= 200 * _REPRESENTATIVES * (1 if batch == 200 else 3)


def test_bodies_that_join_a_crowd_meet_its_representatives_alone() -> None:
    bodies = Bodies([{1}] * 30, set(), 1)
    first = {bodies.order.index(rank) for rank in range(10)}
    later = set(range(30)) - first
    bodies.step(first, set())
    representatives = [bodies.order.index(rank) for rank in range(_REPRESENTATIVES)]

    met = bodies.step(later, set())

    assert not bodies.asked.any()
    assert set(unpacked(met.pairs)) == {(min(a, b), max(a, b)) for a in later for b in representatives}
    assert (len(met.crowds), len(met.settled), len(met.stirred)) == (0, 0, 0)


def test_a_crowd_of_boilerplate_proposes_nothing_until_it_is_none() -> None:
    bodies = Bodies([{1}] * 6, {0, 1, 2, 3}, 1)
    assert len(bodies.step(set(range(6)), set()).pairs) == 0
    assert bodies.known()[1][0]

    met = bodies.step(set(), {0, 5})

    assert unpacked(met.pairs) == list(itertools.combinations([1, 2, 3, 4], 2))
    assert (bodies.known(), met.stirred.tolist()) == ({}, [1, 2, 3, 4])


def test_a_crowd_that_all_bodies_leave_is_none() -> None:
    bodies = Bodies([{1}] * 6, set(), 1)
    bodies.step(set(range(6)), set())

    met = bodies.step(set(), set(range(6)))

    assert (met.settled.tolist(), len(met.pairs), len(bodies.crowds)) == ([1], 0, 0)


@given(
    st.lists(st.tuples(st.sampled_from(_KEYS), st.booleans()), unique_by=lambda one: one[0]),
    st.sets(st.sampled_from(_KEYS)),
)
def test_crowds_are_found_dropped_and_put_together_by_key(some: list[tuple[int, bool]], asked: set[int]) -> None:
    def crowds(of: list[tuple[int, bool]]) -> lsh.Crowds:
        rows = np.array([[key & 0xFF, 1, 2] for key, _ in of], np.uint32).reshape(-1, _REPRESENTATIVES)
        return lsh.Crowds(
            np.array([key for key, _ in of], np.uint64), np.array([mask for _, mask in of], np.bool_), rows
        )

    whole, wanted = crowds(sorted(some)), np.array(sorted(asked), np.uint64)
    keys = [key for key, _ in sorted(some)]
    half = len(some) // 2

    assert whole.find(wanted).tolist() == [keys.index(key) if key in keys else -1 for key in sorted(asked)]
    assert whole.without(wanted).same_as(crowds([one for one in sorted(some) if one[0] not in asked]))
    assert crowds(sorted(some[:half])).and_also(crowds(sorted(some[half:]))).same_as(whole)
    assert whole.same_as(lsh.Crowds.none()) == (not some)


posting = st.tuples(st.integers(0, 6), st.integers(0, 30))


@given(st.lists(posting, max_size=40), st.sets(st.integers(0, 8), max_size=6))
def test_under_gives_every_row_under_a_key(postings: list[tuple[int, int]], wanted: set[int]) -> None:
    keys, rows = np.array(sorted(set(postings)), np.uint32).reshape(-1, 2).T
    found = lsh.under(lsh.ordered(keys, rows), np.array(sorted(wanted), np.uint32))
    assert unpacked(found) == [
        (i, row) for i, key in enumerate(sorted(wanted)) for other, row in sorted(set(postings)) if other == key
    ]


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8))
def test_the_key_of_a_band_is_the_kernels(part: list[int]) -> None:
    signature = np.array([part], np.uint32)
    keys = np.empty(1, np.uint32)
    buckets.band_keys(signature, np.array([0]), 0, len(part), keys)
    assert lsh.band_key(signature[0]) == keys[0]


def test_equal_signatures_stand_under_one_key_of_every_band_and_anchors_under_theirs() -> None:
    params = Params()
    signatures = np.tile(np.arange(128, dtype=np.uint32), (2, 1))
    anchors = np.array([9, 5, 5], np.uint32), np.array([8, 8, 7], np.uint32)
    made = dict(lsh.tables(signatures, np.array([7, 8], np.uint32), anchors, params))
    assert list(made) == lsh.table_names(params) == [*lsh.band_names(params), lsh.ANCHORS]
    assert all(keys[0] == keys[1] for name, (keys, _) in made.items() if name != lsh.ANCHORS)
    assert [column.tolist() for column in made[lsh.ANCHORS]] == [[5, 5, 9], [7, 8, 8]]
