"""Crowds: kept and found again as they are, told boilerplate by their representatives, and what meets in them."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pyarrow as pa
import pytest
from newsroom import article
from texts import prose

import dedup
from dedup.corpus import Corpus
from dedup.linking import crowds
from dedup.linking.postings import Standing
from dedup.stages import lsh
from dedup.store import MemoryDirectory, Store


def corpus_of(texts: list[str]) -> Corpus:
    """Row i has text i."""
    index = dedup.Index(Store.create(MemoryDirectory()))
    index.add([article(f"n{i}", text) for i, text in enumerate(texts)])
    return Corpus(Store.open(index._store.directory))


def judged(texts: list[str]) -> bool:
    assert len(texts) == lsh.REPRESENTATIVES
    (found,) = crowds.boilerplate(corpus_of(texts), np.arange(8, dtype=np.uint32)[None]).tolist()
    return bool(found)


def test_a_crowd_is_a_storys_if_half_of_its_representatives_are_copies_of_each_other() -> None:
    copies = [f"{prose(1, 20)}\n{prose(10 + i, 1)}" for i in range(8)]
    others = [f"{prose(1, 2)}\n{prose(20 + i, 20)}" for i in range(8)]

    # Of 28 pairs a quarter is 7: five copies make 10, four make 6.
    assert [judged(copies[:n] + others[n:]) for n in (8, 5, 4, 0)] == [False, False, True, True]


def test_a_crowd_of_short_bodies_is_a_notice_however_alike_they_are() -> None:
    short = [f"{prose(1, 3)}\nPage {i} of it." for i in range(8)]
    long = [f"{prose(1, 3)}\n{prose(1, 6, 15)}\nPage {i} of it." for i in range(8)]

    assert [judged(short[:n] + long[n:]) for n in (8, 5, 4, 0)] == [True, True, False, False]


def test_crowds_are_kept_as_they_are() -> None:
    some = lsh.Crowds(
        np.array([3, 1 << 35], np.uint64), np.array([True, False]), np.arange(16, dtype=np.uint32).reshape(2, 8)
    )
    table = crowds.table(some)
    assert table.schema == crowds.CROWDS
    assert table["representatives"].to_pylist() == [list(range(8)), list(range(8, 16))]

    store = Store.create(MemoryDirectory())
    with store.writer() as writer:
        writer.set_crowds(table)
        writer.commit()
    assert crowds.load(Corpus(Store.open(store.directory))).same_as(some)
    assert crowds.load(Corpus(store)).same_as(lsh.Crowds.none())
    assert crowds.table(lsh.Crowds.none()).num_rows == 0


@pytest.mark.parametrize("count", [64, 65, 66])
def test_more_than_64_bodies_under_a_key_are_a_crowd_and_64_are_none(count: int) -> None:
    box = prose(999, 1, 100)
    corpus = corpus_of([f"{prose(i, 10)}\n{box}" for i in range(count)])

    found = crowds.load(corpus)

    assert found.same_as(crowds.anew(corpus))
    assert (len(found) > 0) == (count > 64)
    assert found.masked.all()
    priority = corpus.priority(np.arange(count))
    assert all(rows == np.argsort(priority)[:8].tolist() for rows in found.representatives.tolist())


def test_copies_of_one_body_are_no_crowd() -> None:
    assert len(crowds.load(corpus_of([prose(1, 20)] * 80))) == 0


def test_pairs_are_canonical_where_they_share_a_small_bucket_or_one_represents_a_crowd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lsh, "WHOLE_BUCKET", 4)
    monkeypatch.setattr(lsh, "REPRESENTATIVES", 2)
    kept = crowds.CROWDS.field("representatives")
    few = kept.with_type(pa.list_(kept.type.value_field, 2))
    monkeypatch.setattr(crowds, "CROWDS", crowds.CROWDS.set(crowds.CROWDS.get_field_index(kept.name), few))
    chance = random.Random(1)
    shared = [prose(500 + i, 2) for i in range(6)]
    corpus = corpus_of(["\n".join([prose(i, 2), *chance.sample(shared, 2)]) for i in range(24)])
    found = crowds.load(corpus)
    rows = np.arange(24)
    bodies = Standing.of(corpus, rows).keyed
    stands = [set(bodies.keys[bodies.ends[row] : bodies.ends[row + 1]].tolist()) for row in rows]
    large = {
        key: (masked, set(chosen))
        for key, masked, chosen in zip(
            found.keys.tolist(), found.masked.tolist(), found.representatives.tolist(), strict=True
        )
    }
    pairs = list(itertools.combinations(range(24), 2))
    a, b = np.array(pairs).T

    def meet(x: int, y: int) -> bool:
        return any(
            key not in large or (not large[key][0] and not large[key][1].isdisjoint((x, y)))
            for key in stands[x] & stands[y]
        )

    wanted = [meet(x, y) for x, y in pairs]
    assert len(large) > 5
    assert 0 < sum(wanted) < len(pairs)
    now, none = crowds.canonical(corpus, a, b, found, lsh.Crowds.none())
    assert now.tolist() == wanted
    assert none.tolist() == [not stands[x].isdisjoint(stands[y]) for x, y in pairs]
