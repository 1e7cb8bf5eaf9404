"""Boilerplate: what bodies that are no copies of each other have in common counts for nothing.

A masked crowd is a bucket of bodies that are unlike each other: what most of its representatives share is a notice, a
box or a stock paragraph. Such shingles are no narrative of a body that stands in the crowd, as quotations are none.
Which they are follows from the live articles alone.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.kernels.arrays import distinct
from dedup.linking.postings import keys_of, members
from dedup.lookup import Rows
from dedup.stages import lsh, verify
from dedup.store.columns import Sets

# A shingle that so many of a crowd's representatives have is common to it: a story that has so many of them makes it a
# crowd of its own.
_COMMON = 6
# Pairs whose sets are in memory at once.
_CHUNK = 1 << 13


class Boilerplate:
    """Measures bodies by what is their own, in view of the crowds of a commit."""

    def __init__(self, corpus: Corpus, crowds: lsh.Crowds, all_of_it: bool) -> None:
        """all_of_it: whether much of the index will be measured, so that who stands in a crowd is looked up at once."""
        self._corpus = corpus
        self._masked = crowds.keys[crowds.masked]
        self._members = members(corpus, self._masked) if all_of_it and len(self._masked) else None
        self._number = np.full(len(self._masked), -1)  # of each masked crowd's list, once it was asked for
        self._lists: list[npt.NDArray[np.uint32]] = []
        self._known: dict[bytes, int] = {}
        self._representatives = crowds.representatives[crowds.masked]

    def touches(self, leaders: Rows) -> npt.NDArray[np.bool_]:
        """bool, n: which bodies may have some; others are measured as they are."""
        if self._members is None:
            return np.full(len(leaders), len(self._masked) > 0)
        return np.isin(leaders, self._members)

    def lengths(self, leaders: Rows) -> npt.NDArray[np.uint32]:
        """uint32, n: narrative shingles of each body that are its own."""
        lengths = self._corpus.column("narrative_length", leaders).copy()
        some = np.flatnonzero(self.touches(leaders))
        for first in range(0, len(some), _CHUNK):
            chunk = some[first : first + _CHUNK]
            lengths[chunk] = self._cleared(leaders[chunk])[1]
        return lengths

    def measure(self, a: Rows, b: Rows, executor: Executor | None = None) -> verify.Similarities:
        """Exact figures of bodies a[p] and b[p], in which boilerplate is no narrative."""
        touched = self.touches(a) | self.touches(b)
        plain, some = np.flatnonzero(~touched), np.flatnonzero(touched)
        parts, where = [self._corpus.measure(a[plain], b[plain], executor)], [plain]
        for first in range(0, len(some), _CHUNK):
            chunk = some[first : first + _CHUNK]
            leaders, place = np.unique(np.concatenate([a[chunk], b[chunk]]), return_inverse=True)
            sets, lengths = self._cleared(leaders)
            x, y = place[: len(chunk)], place[len(chunk) :]
            sizes = lengths[x], lengths[y]
            figures = verify.measure(x, sets, y, sets, self._corpus.params, executor, sizes)
            # What was taken out of account is not quoted either.
            cleared = lengths != self._corpus.column("narrative_length", leaders)
            parts.append(verify.by_narrative(figures, cleared[x] | cleared[y], self._corpus.params))
            where.append(chunk)
        self._corpus.measured += len(some)
        return verify.gather(parts, where, len(a))

    def _cleared(self, leaders: Rows) -> tuple[Sets, npt.NDArray[np.uint32]]:
        """Sets of bodies without the marks of boilerplate, and how many each has left."""
        from dedup.kernels import sets as kernel

        sets = self._corpus.sets(leaders)
        keys, ends = keys_of(self._corpus, leaders, sets)
        at = np.searchsorted(self._masked, keys)
        inside = at < len(self._masked)
        inside[inside] = self._masked[at[inside]] == keys[inside]
        of = np.repeat(np.arange(len(leaders)), np.diff(ends))[inside]
        self._learn(distinct(at[inside]))
        pairs = distinct(lsh.packed(of, self._number[at[inside]]))
        of, number = lsh.unpacked(pairs)
        crowd_ends = np.append(0, np.cumsum(np.bincount(of, minlength=len(leaders))))
        common_ends = np.append(0, np.cumsum([len(one) for one in self._lists], dtype=np.int64))
        common = np.concatenate([*self._lists, np.empty(0, np.uint32)])
        marks, counts = sets.marks.copy(), np.empty(len(leaders), np.uint32)
        kernel.clear(
            sets.hashes, sets.ends, marks, sets.mark_ends,
            crowd_ends, number.astype(np.int64), common, common_ends, counts,
        )  # fmt: skip
        return Sets(sets.hashes, sets.ends, marks, sets.mark_ends), counts

    def _learn(self, crowds: npt.NDArray[np.int64]) -> None:
        """Find what some masked crowds have in common; those of one paragraph have the same list, kept once."""
        from dedup.kernels import sets as kernel

        new = crowds[self._number[crowds] < 0]
        for first in range(0, len(new), _CHUNK // lsh.REPRESENTATIVES):
            chunk = new[first : first + _CHUNK // lsh.REPRESENTATIVES]
            sets = self._corpus.sets(self._representatives[chunk].reshape(-1).astype(np.int64))
            starts = sets.ends[:: lsh.REPRESENTATIVES]
            group = np.repeat(np.arange(len(chunk)), np.diff(starts))
            hashes = np.sort(lsh.packed(group, sets.hashes)).astype(np.uint32)
            ends = np.empty(len(chunk) + 1, np.int64)
            common = np.empty(kernel.frequent(hashes, starts, _COMMON, np.empty(0, np.uint32), ends), np.uint32)
            kernel.frequent(hashes, starts, _COMMON, common, ends)
            for i, crowd in enumerate(chunk.tolist()):
                one = common[ends[i] : ends[i + 1]]
                self._number[crowd] = self._known.setdefault(one.tobytes(), len(self._lists))
                if self._number[crowd] == len(self._lists):
                    self._lists.append(one)
