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
        leaders[~self.tells] = np.flatnonzero(~self.tells)
        return leaders

    @property
    def tells(self) -> npt.NDArray[np.bool_]:
        """bool, size: long enough to tell a story."""
        return self.lengths >= _LEAST_TOKENS

    def measure(self, a: Rows, b: Rows, executor: Executor | None = None) -> verify.Similarities:
        """Exact figures of rows a[p] and b[p]; see `dedup.stages.verify.measure`."""
        bases = np.array([part.base for part in self.parts], np.int64)
        pair = (np.searchsorted(bases, a, "right") - 1) * len(bases) + np.searchsorted(bases, b, "right") - 1
        order = np.argsort(pair, kind="stable")
        where = [some for some in np.split(order, np.flatnonzero(np.diff(pair[order])) + 1) if len(some)]
        found = []
        for some in where:
            left, right = (self.parts[number] for number in divmod(int(pair[some[0]]), len(bases)))
            x, y = a[some], b[some]
            sizes = self.narrative[x], self.narrative[y]
            found.append(
                verify.measure(x - left.base, left.sets, y - right.base, right.sets, self.params, executor, sizes)
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
