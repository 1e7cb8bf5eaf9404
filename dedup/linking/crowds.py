"""Crowds, the large buckets of an index: which they are, who stands for them, and which links hold in spite of them.

They follow from the live articles alone, so they can be found again where their file is missing.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.kernels.threads import each
from dedup.linking.bodies import Alive
from dedup.linking.postings import Keyed, windows
from dedup.lookup import Rows
from dedup.stages import lsh

Mask = npt.NDArray[np.bool_]
# key: place of the table << 32 | key. representatives: leaders in order of priority.
CROWDS = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("masked", pa.bool_(), nullable=False),
        pa.field(
            "representatives",
            pa.list_(pa.field("item", pa.uint32(), nullable=False), lsh.REPRESENTATIVES),
            nullable=False,
        ),
    ]
)
# Pairs that a thread takes at once.
_PAIRS = 1 << 16
# A crowd is a story's if a quarter of the pairs of its representatives hold most of each other: half of them do in a
# story with as many others. Each story of a bucket of many has buckets of its own.
_ALIKE, _STORY = 0.6, 0.25
# What over 64 bodies have in common is a notice or a footer where most of them are as short as this.
NOTICE_TOKENS = 64


def table(crowds: lsh.Crowds) -> pa.Table:
    """Crowds as they are kept (schema CROWDS)."""
    representatives = pa.FixedSizeListArray.from_arrays(
        pa.array(crowds.representatives.reshape(-1)), type=CROWDS.field(2).type
    )
    return pa.table([pa.array(crowds.keys), pa.array(crowds.masked), representatives], schema=CROWDS)


def load(corpus: Corpus) -> lsh.Crowds:
    """The crowds of the commit that a corpus is of."""
    kept = corpus.store.crowds()
    if kept is None:
        return anew(corpus) if corpus.store.manifest.crowds else lsh.Crowds.none()
    representatives = kept["representatives"].combine_chunks().flatten().to_numpy()
    return lsh.Crowds(
        kept["key"].to_numpy(),
        kept["masked"].to_numpy(),
        representatives.reshape(-1, lsh.REPRESENTATIVES),
    )


def anew(corpus: Corpus) -> lsh.Crowds:
    """The crowds of the commit that a corpus is of, from its tables."""
    alive, found = Alive(corpus), lsh.Crowds.none()
    for number, name in enumerate(lsh.table_names(corpus.params)):
        tables = [segment.table(name) for segment in corpus.store.segments]
        keys, rows = (np.concatenate([*(t[i] for t in tables), np.empty(0, np.uint32)]) for i in (0, 1))
        there = alive(rows.astype(np.int64))
        wanted, place = np.unique(keys[there], return_inverse=True)
        met = lsh.meet(
            lsh.Crowds.none(),
            wanted | np.uint64(number << 32),
            np.empty(0, np.uint64),
            np.ones(len(wanted), np.bool_),
            lsh.packed(place, rows[there]),
            lambda rows: np.zeros(len(rows), np.bool_),
            corpus.priority,
            lambda of: boilerplate(corpus, of),
            lambda before, now: np.zeros(len(now), np.bool_),
        )
        found = found.and_also(met.crowds)
        corpus.store.release()
    return found


def boilerplate(corpus: Corpus, crowds: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Which crowds, of (m, 8) representatives, are no story's."""
    x, y = np.triu_indices(lsh.REPRESENTATIVES, 1)
    a, b = (crowds[:, one].reshape(-1).astype(np.int64) for one in (x, y))
    keys, place = np.unique(lsh.packed(a, b), return_inverse=True)
    a, b = (rows.astype(np.int64) for rows in lsh.unpacked(keys))
    figures = corpus.measure(a, b)
    alike = np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a) >= _ALIKE
    unlike = alike[place].reshape(len(crowds), -1).mean(axis=1) < _STORY
    lengths = corpus.column("length", crowds.reshape(-1).astype(np.int64)).reshape(crowds.shape)
    return np.asarray(unlike | (np.sum(lengths < NOTICE_TOKENS, axis=1) > lsh.REPRESENTATIVES // 2))


def canonical(corpus: Corpus, a: Rows, b: Rows, *states: lsh.Crowds, executor: Executor | None = None) -> list[Mask]:
    """bool, n, for each of some states of the crowds: whether bodies a[p] and b[p] on disk are candidates by it.

    A pair that was measured when a bucket was smaller, or had other representatives, is none any more.
    """
    found = [np.empty(len(a), np.bool_) for _ in states]
    for part, leaders in windows(corpus.size, a, b):
        bodies = Keyed.of(corpus, leaders)
        place = np.empty(corpus.size, np.int64)  # written where there are leaders
        place[leaders] = np.arange(len(leaders))
        for crowds, meet in zip(states, found, strict=True):
            _meet_in(bodies, place, a[part], b[part], crowds, corpus.params.bands, meet[part], executor)
    return found


def _meet_in(
    bodies: Keyed, place: Rows, a: Rows, b: Rows, crowds: lsh.Crowds, bands: int, meet: Mask, executor: Executor | None
) -> None:
    """meet, written: whether a[p] and b[p] are candidates. place: of each row of these among the bodies."""
    from dedup.kernels import buckets

    is_open = np.empty(len(bodies.keys), np.uint8)
    rows = bodies.leaders.astype(np.uint32)
    buckets.opened(bodies.keys, bodies.ends, rows, crowds.keys, crowds.masked, crowds.representatives, is_open)

    def some(first: int) -> None:
        pairs = slice(first, first + _PAIRS)
        buckets.meet_in(place[a[pairs]], place[b[pairs]], bodies.keys, bodies.ends, is_open, bands, meet[pairs])

    each(some, range(0, len(a), _PAIRS), executor)
