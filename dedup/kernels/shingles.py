"""Shingle sets of many texts: tokens, XXH64 of each shingle in place, sorted and distinct."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.paragraphs import mark_speech
from dedup.kernels.text import UNSTABLE_TEXT, tokenise
from dedup.kernels.xxh64 import PADDING, xxh64, xxh64_of_shingle

# Above this the buckets of `_sort` are too full for insertion, and three passes of 11 bits take over.
_MANY = 1 << 13


@njit(nogil=True, cache=True)
def _sort(keys, n, scratch, ends):
    """keys[:n] (uint64, 33 bits) in order. One pass by bits 25 to 32, then insertion: hashes are uniform."""
    if n > _MANY:
        for shift in (0, 11, 22):
            ends[: 1 << 11] = 0
            for i in range(n):
                ends[(keys[i] >> np.uint64(shift)) & np.uint64(0x7FF)] += 1
            total = 0
            for b in range(1 << 11):
                count = ends[b]
                ends[b] = total
                total += count
            for i in range(n):
                b = (keys[i] >> np.uint64(shift)) & np.uint64(0x7FF)
                scratch[ends[b]] = keys[i]
                ends[b] += 1
            keys[:n] = scratch[:n]
        return
    ends[:257] = 0
    for i in range(n):
        ends[(keys[i] >> np.uint64(25)) + np.uint64(1)] += 1
    for b in range(256):
        ends[b + 1] += ends[b]
    for i in range(n):
        b = keys[i] >> np.uint64(25)
        scratch[ends[b]] = keys[i]
        ends[b] += 1
    for i in range(1, n):
        x = scratch[i]
        j = i - 1
        while j >= 0 and scratch[j] > x:
            scratch[j + 1] = scratch[j]
            j -= 1
        scratch[j + 1] = x
    keys[:n] = scratch[:n]


@njit(nogil=True, cache=True)
def shingle(
    source,
    offsets,
    folded,
    width,
    seed,
    pages,
    entries,
    classes,
    speakers,
    like,
    hashes,
    ends,
    marks,
    mark_ends,
    tokens,
    digests,
):
    """Shingle sets of the texts source[offsets[d]:offsets[d + 1]].

    source: uint8, UTF-8. offsets: int64, n + 1. folded: as in `tokenise`. width: tokens a shingle.
    speakers, like: as in `mark_speech`.
    Writes, for text d: its sorted distinct hashes to hashes[ends[d]:ends[d + 1]] (uint32; room for a hash
    every two bytes and one more a text); a packed bitmap, low bit first, of which of them are narrative to
    marks[mark_ends[d]:mark_ends[d + 1]] (uint8); its tokens' number to tokens[d] (int32; UNSTABLE_TEXT
    where the text must be folded first: it then has no hashes); and two XXH64 of its tokens, the second also
    of which of them are quoted, to digests[d].
    """
    n = len(offsets) - 1
    longest = np.int64(0)
    for d in range(n):
        longest = max(longest, offsets[d + 1] - offsets[d])
    text = np.empty(2 * longest + 8 + PADDING, np.uint8)
    starts = np.empty(longest + 2, np.int64)
    quoted = np.empty(longest + 2, np.uint8)
    paragraph_ends = np.empty(longest // 2 + 2, np.int64)
    paragraph_flags = np.empty(longest // 2 + 2, np.uint8)
    keys = np.empty(longest + 2, np.uint64)
    scratch = np.empty(longest + 2, np.uint64)
    buckets = np.empty(1 << 11, np.int64)
    at = np.int64(0)
    mark_at = np.int64(0)
    ends[0] = 0
    mark_ends[0] = 0
    for d in range(n):
        k, paragraphs = tokenise(
            source, offsets[d], offsets[d + 1], folded, pages, entries, classes, text, starts, quoted, paragraph_ends,
            paragraph_flags,
        )  # fmt: skip
        if k > 0:
            mark_speech(
                text, starts, k, paragraph_ends[:paragraphs], paragraph_flags[:paragraphs], speakers, like, quoted
            )
        tokens[d] = k
        size = np.int64(0)
        if k > 0:
            digests[d, 0] = xxh64(text, np.int64(0), starts[k] - 1, np.uint64(0))
            digests[d, 1] = xxh64(text, np.int64(0), starts[k] - 1, np.uint64(1))
            marked = np.uint8(0)
            for i in range(k):
                marked |= quoted[i]
            if marked:
                digests[d, 1] ^= xxh64(quoted, np.int64(0), k, np.uint64(1))
            count = max(np.int64(1), k - width + 1)
            inside = np.int64(0)
            for i in range(min(width - 1, k)):
                inside += quoted[i]
            for i in range(count):
                last = min(i + width, k)
                if i + width <= k:
                    inside += quoted[last - 1]
                h = xxh64_of_shingle(text, starts[i], starts[last] - 1, seed) & np.uint64(0xFFFFFFFF)
                keys[i] = h << np.uint64(1) | np.uint64(inside > 0)
                inside -= quoted[i]
            _sort(keys, count, scratch, buckets)
            # Narrative sorts before quoted: a hash that is both counts as narrative.
            bits = np.uint64(0)
            before = ~np.uint64(0)
            for i in range(count):
                key = keys[i]
                if key >> np.uint64(1) == before:
                    continue
                before = key >> np.uint64(1)
                hashes[at + size] = np.uint32(before)
                bits |= (~key & np.uint64(1)) << np.uint64(size & 7)
                size += 1
                if size & 7 == 0:
                    marks[mark_at + (size >> 3) - 1] = bits
                    bits = np.uint64(0)
            if size & 7:
                marks[mark_at + (size >> 3)] = bits
        else:
            digests[d, 0] = 0
            digests[d, 1] = 0
        at += size
        mark_at += (size + 7) >> 3
        ends[d + 1] = at
        mark_ends[d + 1] = mark_at


__all__ = ["UNSTABLE_TEXT", "shingle"]
