"""Candidates among the articles of an index: which pairs a commit has to measure, and which buckets are crowds then."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.kernels.arrays import begins, distinct, distinct_of, each_once
from dedup.linking import crowds as crowded
from dedup.linking.bodies import Alive, Turnover
from dedup.linking.boilerplate import differs
from dedup.linking.postings import MANY_KEYS, Tables, in_company, older, postings, tables_of
from dedup.lookup import Rows
from dedup.stages import lsh


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """Rows a[p] < b[p] to be measured; the crowds of the commit; leaders whose links these change (see `lsh.Met`)."""

    a: Rows
    b: Rows
    crowds: lsh.Crowds
    stirred: Rows


def candidates(corpus: Corpus, own: Tables, changed: Turnover, crowds: lsh.Crowds, removed: Rows) -> Found:
    """What a commit has to measure.

    own: tables of those that wait. crowds: of the commit before. removed: rows, sorted.
    """
    names = lsh.table_names(corpus.params)
    if len(changed.stillborn):
        own = {name: _without(table, changed.stillborn) for name, table in own.items()}
    back = tables_of(corpus, changed.back) if len(changed.back) else {}
    gone = tables_of(corpus, changed.gone) if len(changed.gone) else {}
    alive = Alive(corpus, removed, changed)
    returned = changed.back.astype(np.uint32)

    def is_new(rows: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        new = rows >= corpus.base
        return new | np.isin(rows, returned) if len(returned) else new

    def is_boilerplate(of: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        return crowded.boilerplate(corpus, of)

    def is_other(before: npt.NDArray[np.uint32], now: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        return differs(corpus, before, now)

    found, stirred = [np.empty(0, np.uint64)], [np.empty(0, np.uint32)]
    settled, others = [np.empty(0, np.uint64)], lsh.Crowds.none()
    rounds = [[name] for name in names] if _many([own, back, gone]) else [names]
    for some in rounds:
        parts, (leaving, _) = [own, back], postings([gone], names, some)
        if some is not names:
            (name,) = some
            other_keys = np.concatenate([leaving.astype(np.uint32), crowds.of_table(names.index(name))])
            parts = in_company(corpus.store, parts, name, np.sort(other_keys))
        keys, rows = postings(parts, names, some)
        wanted = distinct_of([keys, leaving]) if len(leaving) else each_once(keys)
        place = np.searchsorted(wanted, keys) if len(leaving) else np.cumsum(begins(keys)) - 1
        new = lsh.packed(place, rows)
        whole = lsh.loud(crowds, wanted, new, np.isin(wanted, leaving), corpus.priority)
        there = older(corpus.store, wanted, whole, names)
        there = there[alive(there.astype(np.uint32).astype(np.int64))]
        met = lsh.meet(crowds, wanted, new, whole, there, is_new, corpus.priority, is_boilerplate, is_other)
        found.append(met.pairs)
        stirred.append(met.stirred)
        settled.append(met.settled)
        others = others.and_also(met.crowds)
    pairs = distinct_of(found)
    a, b = lsh.unpacked(pairs)
    return Found(
        a, b.astype(np.int64), crowds.without(np.concatenate(settled)).and_also(others),
        distinct(np.concatenate(stirred)).astype(np.int64),
    )  # fmt: skip


def _without(table: lsh.Table, leaders: Rows) -> lsh.Table:
    keep = ~np.isin(table[1], leaders)
    return table[0][keep], table[1][keep]


def _many(parts: list[Tables]) -> bool:
    return any(len(keys) > MANY_KEYS for part in parts for keys, _ in part.values())
