"""What tells a page saved as text: counts of its lines, short ones and long ones."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import below64, equal64, population, trailing_zeros

BLOCK = 64  # bytes that data has at least
_BLANK = np.isin(np.arange(256), list(b" \r\t"))


@njit(inline="always")
def _block(data, i, stop):
    """Where to load 64 bytes for those from i on, and which of them lie before stop: what would reach beyond data
    begins earlier."""
    at = min(i, len(data) - 64)
    return at, (~np.uint64(0) >> np.uint64(64 - min(64, stop - i))) << np.uint64(i - at)


@njit(nogil=True, cache=True)
def counts(data, offsets, short, ascii_ends, wide_ends, found):
    """What stands in each text data[offsets[d]:offsets[d + 1]] (UTF-8, uint8, BLOCK or more), into found (n, 4) int64.

    Counted are "<"; lines that are not blank; those of fewer than short characters that end in none of ascii_ends
    (256 bool) or wide_ends (int64, UTF-8 of three bytes); the others of short bytes or more.
    """
    for d in range(len(offsets) - 1):
        start, stop = offsets[d], offsets[d + 1]
        trailing, angles = np.uint64(0), np.uint64(0)
        for i in range(start, stop, 64):
            at, inside = _block(data, i, stop)
            angles += population(equal64(data, at, 60) & inside)
            high = ~below64(data, at, 0x80) & inside
            if high:
                trailing += population(below64(data, at, 0xC0) & high)
        # Bytes a character, text by text, so that a headline in Devanagari is as short as one in English.
        glyphs = stop - start - np.int64(trailing)
        limit = short * ((stop - start) / np.float64(glyphs if glyphs else 1))
        lines = shorts = longs = 0
        begin, i = start, start
        at, breaks = start, np.uint64(0)
        while begin < stop:
            while not breaks and i < stop:
                at, inside = _block(data, i, stop)
                breaks = equal64(data, at, 10) & inside
                i += 64
            line_end = at + np.int64(trailing_zeros(breaks)) if breaks else stop
            breaks &= breaks - np.uint64(1)
            end = line_end
            for _ in range(2):  # \r, and a space before it
                end -= np.int64(end > begin and _BLANK[data[end - 1]])
            size = end - begin
            if size > 0:
                # Without branches: which line is short is not foretold.
                is_short = (size < limit) & ~ascii_ends[data[end - 1]]
                if is_short and data[end - 1] >= 0x80 and size >= 3:
                    last = np.int64(data[end - 3]) << 16 | np.int64(data[end - 2]) << 8 | np.int64(data[end - 1])
                    for mark in wide_ends:
                        is_short &= mark != last
                lines += 1
                shorts += is_short
                longs += ~is_short & (size >= short)
            begin = line_end + 1
        found[d, 0], found[d, 1], found[d, 2], found[d, 3] = angles, lines, shorts, longs
