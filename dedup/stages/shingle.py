"""Shingle bodies: the set of hashes that stands for each text from here on.

Texts are folded, cut into tokens and hashed where they lie in the Arrow buffer; only those
that NFKC would change beyond single code points are folded in Python first.
"""

from __future__ import annotations

import dataclasses
from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels import speech, unicode
from dedup.kernels.threads import each
from dedup.model import Params

_CHUNK_BYTES = 4 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class ShingleSets:
    """Shingle sets of n texts, end to end.

    hashes: uint32, sorted and distinct within a set; set d is hashes[ends[d]:ends[d + 1]].
    ends: int64, n + 1. marks: uint8, a packed bitmap a set, low bit first, of which of its
    shingles are narrative; mark_ends: int64, n + 1, its bounds. tokens: int32, n.
    digests: (n, 2) uint64, equal where the tokens and their quote marks are (two XXH64).
    """

    hashes: npt.NDArray[np.uint32]
    ends: npt.NDArray[np.int64]
    marks: npt.NDArray[np.uint8]
    mark_ends: npt.NDArray[np.int64]
    tokens: npt.NDArray[np.int32]
    digests: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.tokens)


def shingle(bodies: pa.Array, params: Params, executor: Executor | None = None) -> ShingleSets:
    """Shingle sets of bodies, a (large) string array without nulls.

    executor: threads for the chunks of 4 MiB; the result does not depend on it.
    """
    bodies = bodies.cast(pa.large_string())
    offsets = np.frombuffer(bodies.buffers()[1], np.int64)[bodies.offset : bodies.offset + len(bodies) + 1]
    data = np.frombuffer(bodies.buffers()[2] or b"", np.uint8)
    bounds = _chunks(offsets)
    return concatenate(each(lambda span: _chunk(data, offsets[span[0] : span[1] + 1], params), bounds, executor))


def concatenate(parts: list[ShingleSets]) -> ShingleSets:
    """The sets of all parts, in order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        nothing = np.zeros(1, np.int64)
        return ShingleSets(
            np.empty(0, np.uint32),
            nothing,
            np.empty(0, np.uint8),
            nothing,
            np.empty(0, np.int32),
            np.empty((0, 2), np.uint64),
        )
    return ShingleSets(
        np.concatenate([p.hashes for p in parts]),
        join_ends([p.ends for p in parts]),
        np.concatenate([p.marks for p in parts]),
        join_ends([p.mark_ends for p in parts]),
        np.concatenate([p.tokens for p in parts]),
        np.concatenate([p.digests for p in parts]),
    )


def join_ends(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Bounds of the parts end to end; each part's begin with 0."""
    shifts = np.cumsum([0, *(p[-1] for p in parts)])
    return np.concatenate([np.zeros(1, np.int64), *(p[1:] + s for p, s in zip(parts, shifts, strict=False))])


def _chunks(offsets: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    spans, first = [], 0
    n = len(offsets) - 1
    while first < n:
        last = int(np.searchsorted(offsets, offsets[first] + _CHUNK_BYTES, side="right")) - 1
        last = min(max(last, first + 1), n)
        spans.append((first, last))
        first = last
    return spans


def _chunk(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], params: Params) -> ShingleSets:
    sets = _run(data, offsets, params, folded=False)
    unstable = np.flatnonzero(sets.tokens < 0)
    if len(unstable) == 0:
        return sets
    texts = [
        unicode.fold(data[offsets[d] : offsets[d + 1]].tobytes().decode(errors="replace")).encode() for d in unstable
    ]
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(t) for t in texts], out=ends[1:])
    again = _run(np.frombuffer(b"".join(texts), np.uint8), ends, params, folded=True)
    return _splice(sets, again, unstable)


def _run(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], params: Params, folded: bool) -> ShingleSets:
    from dedup.kernels import shingles as kernel

    n = len(offsets) - 1
    room = int(offsets[-1] - offsets[0]) // 2 + n
    hashes, marks = np.empty(room, np.uint32), np.empty(room // 8 + n, np.uint8)
    ends, mark_ends = np.empty(n + 1, np.int64), np.empty(n + 1, np.int64)
    tokens, digests = np.empty(n, np.int32), np.empty((n, 2), np.uint64)
    table = unicode.table()
    kernel.shingle(
        _read_only(data),
        _read_only(offsets),
        folded,
        params.shingle_words,
        np.uint64(params.hash_seed),
        table.pages,
        table.entries,
        table.classes,
        *speech.first_person(),
        hashes,
        ends,
        marks,
        mark_ends,
        tokens,
        digests,
    )
    return ShingleSets(hashes[: ends[-1]].copy(), ends, marks[: mark_ends[-1]].copy(), mark_ends, tokens, digests)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array as Arrow's buffers come, so that the kernel is compiled for one kind only."""
    view = array.view()
    view.flags.writeable = False
    return view


def _splice(sets: ShingleSets, again: ShingleSets, rows: npt.NDArray[np.int64]) -> ShingleSets:
    """sets, with those at rows (empty there) taken from again."""
    sizes, mark_sizes = np.diff(sets.ends), np.diff(sets.mark_ends)
    hashes = np.insert(sets.hashes, np.repeat(sets.ends[rows], np.diff(again.ends)), again.hashes)
    marks = np.insert(sets.marks, np.repeat(sets.mark_ends[rows], np.diff(again.mark_ends)), again.marks)
    sizes[rows], mark_sizes[rows] = np.diff(again.ends), np.diff(again.mark_ends)
    ends, mark_ends = np.zeros(len(sizes) + 1, np.int64), np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    np.cumsum(mark_sizes, out=mark_ends[1:])
    tokens, digests = sets.tokens.copy(), sets.digests.copy()
    tokens[rows], digests[rows] = again.tokens, again.digests
    return ShingleSets(hashes, ends, marks, mark_ends, tokens, digests)
