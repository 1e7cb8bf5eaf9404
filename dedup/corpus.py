"""The articles of an index by row: what each is compared by, wherever its segment lies."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.lookup import Rows
from dedup.model import Params
from dedup.stages import verify
from dedup.stages.shingle import ShingleSets
from dedup.store import Store

# Articles of fewer tokens are captions, teasers and log-in pages: alike they are no copies of one story.
_LEAST_TOKENS = 8
# A large bucket is a story's if of eight pairs in it two hold half of each other: a bucket of eight stories
# as large as one another has one such pair on average, and each of them has buckets of its own.
_ALIKE, _LEAST_ALIKE = 0.5, 2
_LOW = np.uint64(0xFFFFFFFF)


class Part(NamedTuple):
    """Articles with consecutive rows, from base on."""

    base: int
    sets: ShingleSets


class Corpus:
    """Everything of some parts by row of the index; rows that no part has are empty.

    size: one more than the last row. digests: (size, 2) uint64. lengths: int64, tokens.
    """

    def __init__(self, parts: Sequence[Part], params: Params) -> None:
        self.parts = parts
        self.params = params
        self.size = max((part.base + len(part.sets) for part in parts), default=0)
        self.digests = np.zeros((self.size, 2), np.uint64)
        self.lengths = np.zeros(self.size, np.int64)
        self.narrative = np.zeros(self.size, np.int64)
        for part in parts:
            span = slice(part.base, part.base + len(part.sets))
            self.digests[span] = part.sets.digests
            self.lengths[span] = part.sets.tokens
            self.narrative[span] = verify.narrative_sizes(part.sets)

    @property
    def priority(self) -> npt.NDArray[np.uint64]:
        return self.digests[:, 0]

    @cached_property
    def leaders(self) -> Rows:
        """int64, size: for each row the first one with the same body; itself where the body is too short
        to tell a story."""
        order = np.lexsort((self.digests[:, 1], self.digests[:, 0]))
        same = np.zeros(self.size, np.bool_)
        same[1:] = np.all(self.digests[order[1:]] == self.digests[order[:-1]], axis=1)
        starts = np.flatnonzero(~same)
        # lexsort is stable: the first of a run is its least row.
        leaders = np.empty(self.size, np.int64)
        leaders[order] = np.repeat(order[starts], np.diff(np.append(starts, self.size)))
        short = self.lengths < _LEAST_TOKENS
        leaders[short] = np.flatnonzero(short)
        return leaders

    def is_boilerplate(self, crowds: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        """(m,) bool: which buckets are filled by articles that are otherwise dissimilar.

        crowds: (m, r) rows that represent each bucket, in order of priority, which is as good as chance: so
        r / 2 pairs of neighbours are a sample of the bucket's pairs.
        """
        pairs = crowds.reshape(-1, 2).astype(np.uint64)
        keys, place = np.unique(pairs[:, 0] << np.uint64(32) | pairs[:, 1], return_inverse=True)
        figures = self.measure((keys >> np.uint64(32)).astype(np.int64), (keys & _LOW).astype(np.int64))
        alike = np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a) >= _ALIKE
        return np.asarray(alike[place].reshape(len(crowds), -1).sum(axis=1) < _LEAST_ALIKE)

    def measure(self, a: Rows, b: Rows, executor: Executor | None = None) -> verify.Similarities:
        """Exact figures of rows a[p] and b[p]; see `dedup.stages.verify.measure`."""
        bases = np.array([part.base for part in self.parts])
        part_a, part_b = np.searchsorted(bases, a, "right") - 1, np.searchsorted(bases, b, "right") - 1
        where, found = [], []
        for pair in np.unique(part_a * len(bases) + part_b):
            left, right = self.parts[pair // len(bases)], self.parts[pair % len(bases)]
            here = np.flatnonzero(part_a * len(bases) + part_b == pair)
            where.append(here)
            found.append(
                verify.measure(a[here] - left.base, left.sets, b[here] - right.base, right.sets, self.params, executor)
            )
        return verify.gather(found, where, len(a))


def parts_of(store: Store) -> list[Part]:
    """The parts of a commit, a segment each; nothing is copied."""
    found = []
    for segment in store.segments:
        s = segment.sketches
        sets = ShingleSets(
            s.shingles, s.shingle_offsets, s.narrative, s.narrative_offsets, s.lengths.view(np.int32), s.body_digest
        )
        found.append(Part(segment.base, sets))
    return found
