"""The articles of an index by row: what each is compared by, whether its segment is on disk or on its way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels.arrays import alike, runs
from dedup.lookup import Digests, Rows
from dedup.model import Params
from dedup.stages import verify
from dedup.store import Segment, Store
from dedup.store.columns import Sets

if TYPE_CHECKING:
    from dedup.prepare import Prepared

# Articles of fewer tokens are captions, teasers and log-in pages: alike they are no copies of one story.
LEAST_TOKENS = 8
# Pairs whose sets are in memory at once: 2 kB a set.
_CHUNK = 1 << 13
# After so many sets from disk what was mapped for them, up to a block of 64 KiB each, is let go: it would count as
# memory in use.
_MANY = 1 << 7


def priority_of(digests: Digests) -> npt.NDArray[np.uint64]:
    """uint64, n: what says who stands for many, and tells each body from the others.

    digests: (n, 2). Half of it is a hash of the tokens, half one of which of them are quoted, too: bodies that only
    differ in that would stand for each other as they came.
    """
    low = np.uint64(0xFFFFFFFF)
    return np.asarray((digests[:, 0] & ~low) | (digests[:, 1] & low))


class _Waiting:
    """Prepared articles as a segment gives its own."""

    def __init__(self, ready: Prepared) -> None:
        self.sets = ready.sets
        self._columns: dict[str, npt.NDArray[Any]] = {
            "id_hash": ready.id_hash,
            "body_digest": ready.sets.digests,
            "length": ready.sets.tokens.view(np.uint32),
            "narrative_length": ready.narrative_lengths,
            "signature": ready.signatures,
        }

    def fixed(self, name: str, local: Any = None) -> npt.NDArray[Any]:
        column = self._columns[name]
        return column if local is None else np.asarray(column[local])


class Corpus:
    """Articles of a commit by row, and those that are about to join it, from row base on.

    size: one more than the last row. measured: pairs that were measured so far.
    """

    def __init__(self, store: Store, new: Prepared | None = None, base: int | None = None) -> None:
        self.store = store
        self.params: Params = store.params
        self.base = store.extent if base is None else base
        self.size = self.base + (len(new.sets) if new else 0)
        self.measured = 0
        self._touched = 0
        self._mapped: dict[str, Segment] = {}
        self._new = _Waiting(new) if new else None

    def column(self, name: str, rows: Rows) -> npt.NDArray[Any]:
        """A fixed-width column (see `dedup.store.Segment.fixed`) of rows (n,)."""
        like = self._none(name)
        out = np.empty((len(rows), *like.shape[1:]), like.dtype)
        for source, local, where in self._sources(rows):
            out[where] = source.fixed(name, local)
            if name == "signature" and isinstance(source, Segment):
                self._count(source, len(local))
        return out

    def articles(self, rows: Rows, columns: list[str]) -> pa.Table:
        """Some columns (of model.ARTICLES) of articles on disk, in the order of rows (n,)."""
        return self.store.article_rows(rows, columns)

    def digests(self, rows: Rows) -> Digests:
        """(n, 2) uint64: what identical bodies share."""
        return self.column("body_digest", rows)

    def priority(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
        """uint64, in the shape of rows: see `priority_of`."""
        return priority_of(self.digests(rows.reshape(-1).astype(np.int64))).reshape(rows.shape)

    def tells(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """bool, n: long enough to tell a story."""
        return np.asarray(self.column("length", rows) >= LEAST_TOKENS)

    def all_of(self, name: str) -> npt.NDArray[Any]:
        """A fixed-width column of all rows from 0 on; zero where no segment has a row."""
        columns = [(segment.base, segment.fixed(name)) for segment in self.store.segments]
        if self._new:
            columns.append((self.base, self._new.fixed(name)))
        like = columns[0][1] if columns else self._none(name)
        out = np.zeros((self.size, *like.shape[1:]), like.dtype)
        for base, values in columns:
            out[base : base + len(values)] = values
        return out

    def sets(self, rows: Rows) -> Sets:
        """Shingle sets of rows (n,), copied together, in that order."""
        parts, places = [], [np.empty(0, np.int64)]
        for source, local, where in self._sources(rows):
            places.append(where)
            if not isinstance(source, Segment):
                parts.append(_taken(self._waiting.sets, local))
                continue
            for first in range(0, len(local), _MANY):
                parts.append(source.sets(local[first : first + _MANY]))
                self._count(source, min(_MANY, len(local) - first))
        order = np.argsort(np.concatenate(places))
        joined = _joined(parts)
        return joined if np.array_equal(order, np.arange(len(rows))) else _taken(joined, order)

    def measure(self, a: Rows, b: Rows, executor: Executor | None = None) -> verify.Similarities:
        """Exact figures of rows a[p] and b[p]; see `dedup.stages.verify.measure`."""
        self.measured += len(a)
        old_a, old_b = a < self.base, b < self.base
        parts, where = [], []
        for mask in (old_a & old_b, old_a & ~old_b, ~old_a & old_b, ~old_a & ~old_b):
            some = np.flatnonzero(mask)
            # Pairs of which both wait are measured where they are: nothing is copied.
            step = _CHUNK if len(some) and (old_a[some[0]] or old_b[some[0]]) else max(len(some), 1)
            for first in range(0, len(some), step):
                chunk = some[first : first + step]
                parts.append(self._measure(a[chunk], b[chunk], executor))
                where.append(chunk)
        return verify.gather(parts, where, len(a))

    def _measure(self, a: Rows, b: Rows, executor: Executor | None) -> verify.Similarities:
        (x, sets_a), (y, sets_b) = self._at_hand(a), self._at_hand(b)
        sizes = self.column("narrative_length", a), self.column("narrative_length", b)
        return verify.measure(x, sets_a, y, sets_b, self.params, executor, sizes)

    def _at_hand(self, rows: Rows) -> tuple[Rows, verify.Sets]:
        """Sets that hold those of rows, all old or all waiting, and their places there."""
        if rows[0] >= self.base:
            return rows - self.base, self._waiting.sets
        wanted, place = np.unique(rows, return_inverse=True)
        return place, self.sets(wanted)

    def leaders(self) -> Rows:
        """int64, size: for each row the first one with the same body, be it dead; itself where its body is too short
        to tell a story."""
        digests, tells = self.all_of("body_digest"), self.all_of("length") >= LEAST_TOKENS
        order, begins = alike(digests)
        starts = np.flatnonzero(begins)
        # The first of a run is its least row.
        found = np.empty(len(order), np.int64)
        found[order] = np.repeat(order[starts], np.diff(np.append(starts, len(order))))
        found[~tells] = np.flatnonzero(~tells)
        return found

    def _count(self, segment: Segment, rows: int) -> None:
        self._mapped[segment.id] = segment
        self._touched += rows
        if self._touched >= _MANY:
            for touched in self._mapped.values():
                touched.release()
            self._touched, self._mapped = 0, {}

    def _none(self, name: str) -> npt.NDArray[Any]:
        """A column of no rows."""
        if name == "signature":
            return np.empty((0, self.params.num_perm), np.uint32)
        return np.empty(0, np.uint32) if name.endswith("length") else np.empty((0, 2), np.uint64)

    @property
    def _waiting(self) -> _Waiting:
        if self._new is None:
            raise IndexError("rows of no segment")
        return self._new

    def _sources(self, rows: Rows) -> Iterator[tuple[Segment | _Waiting, Rows, Rows]]:
        older = np.flatnonzero(rows < self.base)
        if len(older):
            for segment, local, where in self.store.places(rows[older]):
                yield segment, local, older[where]
        if len(older) < len(rows):
            later = np.flatnonzero(rows >= self.base)
            yield self._waiting, rows[later] - self.base, later


def _taken(sets: verify.Sets, places: Rows) -> Sets:
    hashes, ends = _runs(sets.hashes, sets.ends, places)
    marks, mark_ends = _runs(sets.marks, sets.mark_ends, places)
    return Sets(hashes, ends, marks, mark_ends)


def _runs(values: npt.NDArray[Any], ends: npt.NDArray[np.int64], places: Rows) -> tuple[npt.NDArray[Any], Rows]:
    at, bounds = runs(ends[places], ends[places + 1] - ends[places])
    return values[at], bounds


def _joined(parts: list[Sets]) -> Sets:
    if len(parts) == 1:
        return parts[0]
    hashes = np.concatenate([*(part.hashes for part in parts), np.empty(0, np.uint32)])
    marks = np.concatenate([*(part.marks for part in parts), np.empty(0, np.uint8)])
    sizes = np.concatenate([*(np.diff(part.ends) for part in parts), np.empty(0, np.int64)])
    mark_sizes = np.concatenate([*(np.diff(part.mark_ends) for part in parts), np.empty(0, np.int64)])
    return Sets(hashes, np.append(0, np.cumsum(sizes)), marks, np.append(0, np.cumsum(mark_sizes)))
