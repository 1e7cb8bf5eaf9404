"""Boilerplate: what bodies that are no copies of each other have in common counts for nothing.

A masked crowd is a bucket of bodies that are unlike each other: what most of its representatives share is a notice, a
box or a stock paragraph. Such shingles are no narrative of a body that stands in the crowd, as quotations are none.
Which they are follows from the live articles alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.kernels.arrays import distinct, places, runs
from dedup.linking.postings import CHUNK, Standing, members
from dedup.lookup import Rows
from dedup.stages import lsh, verify
from dedup.store.columns import Sets

Mask = npt.NDArray[np.bool_]
# A shingle that so many of a crowd's representatives have is common to it: a story that has so many of them makes it a
# crowd of its own.
_COMMON = 6
_NEXT = np.array([[0], [1]], np.uint64)


@dataclasses.dataclass(frozen=True, slots=True)
class Cleared:
    """Sets of bodies without the marks of boilerplate. lengths: uint32, n: the narrative that each has left. touched:
    bool, n: which stand in a crowd that has boilerplate; less: bool, n, which have less narrative for it."""

    sets: Sets
    lengths: npt.NDArray[np.uint32]
    touched: Mask
    less: Mask


class Boilerplate:
    """Measures bodies by what is their own, in view of the crowds of a commit."""

    def __init__(self, corpus: Corpus, crowds: lsh.Crowds, all_of_it: bool) -> None:
        """all_of_it: whether much of the index will be measured, so that who stands in a crowd is looked up at once."""
        self._corpus, self._crowds = corpus, crowds
        self._masked = crowds.keys[crowds.masked]
        # Who stands in crowds, and who in which masked ones: row << 32 | place among these.
        self._inside: Mask | None = None
        self._members = np.empty(0, np.uint64)
        if all_of_it:
            self._look_up(members(corpus, crowds))
        self._number = np.full(len(self._masked), -1)  # of each masked crowd's list, once it was asked for
        self._lists: list[npt.NDArray[np.uint32]] = []
        self._known: dict[bytes, int] = {}
        self._representatives = crowds.representatives[crowds.masked]
        # What was found once, and one more, by leader: most of it is never written, and takes no memory then.
        self._left = np.zeros(corpus.size, np.uint32)

    def touches(self, leaders: Rows) -> Mask:
        """bool, n: which bodies may have some; others are measured as they are."""
        if self._inside is None:
            return np.full(len(leaders), len(self._masked) > 0)
        return np.asarray(self._inside[1][leaders])

    def stand(self, leaders: Rows) -> Mask:
        """bool, n: which bodies may stand in a crowd, masked or not."""
        if self._inside is None:
            return np.full(len(leaders), len(self._crowds) > 0)
        return np.asarray(self._inside[0][leaders])

    def lengths(self, leaders: Rows) -> npt.NDArray[np.uint32]:
        """uint32, n: narrative shingles of each body that are its own."""
        lengths = self._corpus.column("narrative_length", leaders).copy()
        some = np.flatnonzero(self.touches(leaders))
        new = distinct(leaders[some][self._left[leaders[some]] == 0])
        for first in range(0, len(new), CHUNK):
            self.cleared(Standing.of(self._corpus, new[first : first + CHUNK]))
        lengths[some] = self._left[leaders[some]] - 1
        return lengths

    def measure(self, a: Rows, b: Rows, executor: Executor | None = None) -> verify.Similarities:
        """Exact figures of bodies a[p] and b[p], in which boilerplate is no narrative."""
        touched = self.touches(a) | self.touches(b)
        plain, some = np.flatnonzero(~touched), np.flatnonzero(touched)
        parts, where = [self._corpus.measure(a[plain], b[plain], executor)], [plain]
        for first in range(0, len(some), CHUNK):
            chunk = some[first : first + CHUNK]
            bodies, x, y = Standing.of_pairs(self._corpus, a[chunk], b[chunk])
            parts.append(self.figures(self.cleared(bodies), x, y, executor))
            where.append(chunk)
        return verify.gather(parts, where, len(a))

    def figures(self, cleared: Cleared, x: Rows, y: Rows, executor: Executor | None = None) -> verify.Similarities:
        """As `measure`, of bodies at some places of those that are cleared."""
        self._corpus.measured += len(x)
        sizes = cleared.lengths[x], cleared.lengths[y]
        params = self._corpus.params
        figures = verify.measure(x, cleared.sets, y, cleared.sets, params, executor, sizes)
        # What is out of account is not quoted: it must not make up for narrative.
        less = cleared.less
        return verify.by_narrative(figures, less[x] | less[y], params)

    def cleared(self, bodies: Standing) -> Cleared:
        """Their sets without the marks of boilerplate."""
        of, at = self._masked_of(bodies)
        self._learn(distinct(at))
        pairs = distinct(lsh.packed(of, self._number[at]))
        of, number = lsh.unpacked(pairs)
        crowds = np.bincount(of, minlength=len(bodies.leaders))
        left = clear(bodies.sets, bodies.narrative, crowds, number.astype(np.int64), self._lists)
        self._left[bodies.leaders] = left.lengths + 1
        return left

    def _look_up(self, found: npt.NDArray[np.uint64]) -> None:
        """See who stands where, as `members` tells it."""
        rows, crowd = lsh.unpacked(found)
        masked = self._crowds.masked[crowd]
        self._inside = np.zeros((2, self._corpus.size), np.bool_)
        self._inside[0][rows] = self._inside[1][rows[masked]] = True
        place = np.cumsum(self._crowds.masked) - 1
        self._members = lsh.packed(rows[masked], place[crowd[masked]])

    def _masked_of(self, bodies: Standing) -> tuple[Rows, Rows]:
        """Each place of a body and each place of a masked crowd in which it stands."""
        if self._inside is None:
            keyed = bodies.keyed
            at = places(keyed.keys, self._masked)
            inside = at >= 0
            return np.repeat(np.arange(len(keyed.leaders)), np.diff(keyed.ends))[inside], at[inside]
        first, last = np.searchsorted(self._members, bodies.leaders.astype(np.uint64) + _NEXT << np.uint64(32))
        at, ends = runs(first, last - first)
        _, masked = lsh.unpacked(self._members[at])
        return np.repeat(np.arange(len(bodies.leaders)), np.diff(ends)), masked.astype(np.int64)

    def _learn(self, crowds: npt.NDArray[np.int64]) -> None:
        """Find what some masked crowds have in common; those of one paragraph have the same list, kept once."""
        new = crowds[self._number[crowds] < 0]
        for crowd, one in zip(new.tolist(), in_common(self._corpus, self._representatives[new]), strict=True):
            self._number[crowd] = self._known.setdefault(one.tobytes(), len(self._lists))
            if self._number[crowd] == len(self._lists):
                self._lists.append(one)


def clear(
    sets: Sets,
    narrative: npt.NDArray[np.uint32],
    crowds: npt.NDArray[np.int64],
    number: npt.NDArray[np.int64],
    lists: Sequence[npt.NDArray[np.uint32]],
) -> Cleared:
    """Sets (n of them) in which what some lists have is no narrative.

    narrative: uint32, n, narrative shingles of each. crowds: int64, n, in how many masked crowds each stands; number:
    of the lists of these, body by body. lists: shingles in their order.
    """
    from dedup.kernels import sets as kernel

    crowd_ends = np.append(0, np.cumsum(crowds))
    common_ends = np.append(0, np.cumsum([len(one) for one in lists], dtype=np.int64))
    common = np.concatenate([*lists, np.empty(0, np.uint32)])
    marks, counts = sets.marks.copy(), np.empty(len(sets), np.uint32)
    kernel.clear(sets.hashes, sets.ends, marks, sets.mark_ends, crowd_ends, number, common, common_ends, counts)
    left = Sets(sets.hashes, sets.ends, marks, sets.mark_ends)
    return Cleared(left, counts, crowds > 0, counts != narrative)


def in_common(corpus: Corpus, representatives: npt.NDArray[np.uint32]) -> list[npt.NDArray[np.uint32]]:
    """What most of each crowd's representatives (m, 8) have in common: its boilerplate, shingles in their order."""
    from dedup.kernels import sets as kernel

    found = []
    for first in range(0, len(representatives), CHUNK // lsh.REPRESENTATIVES):
        chunk = representatives[first : first + CHUNK // lsh.REPRESENTATIVES]
        sets = corpus.sets(chunk.reshape(-1).astype(np.int64))
        starts = sets.ends[:: lsh.REPRESENTATIVES]
        group = np.repeat(np.arange(len(chunk)), np.diff(starts))
        hashes = np.sort(lsh.packed(group, sets.hashes)).astype(np.uint32)
        ends = np.empty(len(chunk) + 1, np.int64)
        common = np.empty(kernel.frequent(hashes, starts, _COMMON, np.empty(0, np.uint32), ends), np.uint32)
        kernel.frequent(hashes, starts, _COMMON, common, ends)
        found += [common[ends[i] : ends[i + 1]] for i in range(len(chunk))]
    return found


def differs(corpus: Corpus, before: npt.NDArray[np.uint32], now: npt.NDArray[np.uint32]) -> Mask:
    """bool, m: which masked crowds have other boilerplate by the representatives that they have now."""
    then, later = in_common(corpus, before), in_common(corpus, now)
    return np.array([not np.array_equal(x, y) for x, y in zip(then, later, strict=True)], np.bool_)
