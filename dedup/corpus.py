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
