"""Which bodies come and go with a commit, against lists of rows."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import article
from texts import prose

import dedup
from dedup.corpus import Corpus
from dedup.linking.bodies import Alive, Turnover, turnover
from dedup.prepare import Prepared, identify, prepare
from dedup.stages.read import read_records
from dedup.store import MemoryDirectory, Store

# Bodies by number; the last ones are too short to tell a story.
_TEXTS = [prose(1, 2), prose(2, 2), prose(3, 2), "A picture.", "Log in to read on."]
_SHORT = {3, 4}


def stored(bodies: Sequence[int], dead: set[int], cut: int = 0) -> Store:
    """An index in which row i has body bodies[i]; the dead rows are removed, in a commit between two segments."""
    index = dedup.Index(Store.create(MemoryDirectory()))
    for first, last in ((0, cut), (cut, len(bodies))):
        if first < last:
            index.add([article(f"a{row}", _TEXTS[bodies[row]]) for row in range(first, last)])
            for row in sorted(dead & set(range(first, last))):
                index.remove([f"a{row}"])
    return Store.open(index._store.directory)


def ready(bodies: Sequence[int]) -> Prepared | None:
    if not bodies:
        return None
    records = [article(f"b{place}", _TEXTS[body]) for place, body in enumerate(bodies)]
    batch = pa.Table.from_batches(list(read_records(records, on_reject=pytest.fail))).combine_chunks().to_batches()[0]
    return prepare(batch, *identify(batch), dedup.Params())[1]


def turned(
    old: Sequence[int], dead: set[int], coming: Sequence[int], removed: set[int], cut: int = 0
) -> tuple[Corpus, Turnover, np.ndarray]:
    corpus = Corpus(stored(old, dead, cut), ready(coming))
    rows = np.array(sorted(removed), np.int64)
    return corpus, turnover(corpus, rows), rows


def rows(of: np.ndarray) -> list[int]:
    return [int(row) for row in of]


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_bodies_that_come_and_go_are_those_of_the_rows_that_do(chance: random.Random) -> None:
    old = [chance.randrange(len(_TEXTS)) for _ in range(chance.randint(0, 6))]
    coming = [chance.randrange(len(_TEXTS)) for _ in range(chance.randint(0, 5))]
    dead = {row for row in range(len(old)) if chance.random() < 0.4}
    size = len(old) + len(coming)
    removed = {row for row in range(size) if chance.random() < 0.4} - dead
    corpus, changed, gone = turned(old, dead, coming, removed, chance.randint(0, len(old)))

    body, base = old + coming, len(old)
    tells = [row for row in range(size) if body[row] not in _SHORT]
    leader = {row: min(other for other in tells if body[other] == body[row]) for row in tells}
    before = {leader[row] for row in tells if row < base and row not in dead}
    after = {leader[row] for row in tells if row not in dead | removed}
    touched = sorted({leader[row] for row in tells if row >= base or row in removed})
    assert rows(changed.first) == [one for one in touched if one >= base]
    assert rows(changed.stillborn) == [one for one in touched if one >= base and one not in after]
    assert rows(changed.back) == [one for one in touched if one < base and one in after - before]
    assert rows(changed.gone) == [one for one in touched if one in before - after]
    assert rows(changed.touched) == touched
    assert changed.remain.tolist() == [one in after for one in touched]

    leaders = sorted(set(leader.values()))
    alive = Alive(corpus, gone, changed)
    some = np.array(chance.choices(leaders, k=5) if leaders else [], np.int64)
    for asked in (some, np.array(leaders, np.int64), some):
        assert alive(asked).tolist() == [one in after for one in asked.tolist()]
    on_disk = np.array([one for one in leaders if one < base], np.int64)
    assert Alive(corpus, np.empty(0, np.int64))(on_disk).tolist() == [one in before for one in on_disk.tolist()]
    assert corpus.leaders().tolist() == [leader.get(row, row) for row in range(size)]


def test_an_article_that_is_replaced_within_its_batch_brings_no_body() -> None:
    corpus, changed, gone = turned([0], set(), coming=[1, 2, 1], removed={1, 3})

    assert (rows(changed.first), rows(changed.stillborn)) == ([1, 2], [1])
    assert Alive(corpus, gone, changed)(np.array([0, 1, 2])).tolist() == [True, False, True]


def test_a_body_lives_on_with_a_copy_when_the_article_that_brought_it_goes() -> None:
    corpus, changed, gone = turned([0, 0], set(), coming=[], removed={0})

    assert (rows(changed.gone), rows(changed.touched), changed.remain.tolist()) == ([], [0], [True])
    assert Alive(corpus, gone, changed)(np.array([0])).tolist() == [True]


def test_a_body_goes_with_its_last_copy_and_comes_back_under_its_first_row() -> None:
    corpus, changed, gone = turned([0, 0, 1], {0}, coming=[], removed={1})
    assert rows(changed.gone) == [0]
    assert Alive(corpus, gone, changed)(np.array([0, 2])).tolist() == [False, True]

    corpus, changed, gone = turned([0, 0, 1], {0, 1}, coming=[0, 0], removed={3})
    assert (rows(changed.back), rows(changed.first), rows(changed.gone)) == ([0], [], [])
    assert Alive(corpus, gone, changed)(np.array([0])).tolist() == [True]


def test_an_article_that_is_replaced_by_its_own_body_changes_no_body() -> None:
    _, changed, _ = turned([0], set(), coming=[0], removed={0})

    assert [rows(of) for of in (changed.first, changed.back, changed.gone)] == [[], [], []]
    assert (rows(changed.touched), changed.remain.tolist()) == ([0], [True])


def test_bodies_too_short_to_tell_a_story_do_not_come_or_go() -> None:
    _, changed, _ = turned([3, 4], set(), coming=[3, 4], removed={0, 3})

    assert not any(len(of) for of in (changed.first, changed.touched, changed.gone, changed.back))
