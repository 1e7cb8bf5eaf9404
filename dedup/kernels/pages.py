"""What tells a page saved as text: counts of its lines, short ones and long ones."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import next_line_end

_BLANK = np.isin(np.arange(256), list(b" \r\t"))


@njit(nogil=True, cache=True)
def counts(data, offsets, short, ascii_ends, wide_ends, found):
    """What stands in each text data[offsets[d]:offsets[d + 1]] (UTF-8, uint8), into found (n, 4) int64.

    Counted are "<"; lines that are not blank; those of fewer than short characters that end in none of ascii_ends
    (256 bool) or wide_ends (int64, UTF-8 of three bytes); the others of short bytes or more.
    """
    for d in range(len(offsets) - 1):
        text = data[offsets[d] : offsets[d + 1]]
        glyphs, angles = np.uint32(0), np.uint32(0)
        for p in range(len(text)):
            glyphs += np.uint32((text[p] & 0xC0) != 0x80)
            angles += np.uint32(text[p] == 60)
        # Bytes a character, text by text, so that a headline in Devanagari is as short as one in English.
        limit = short * (len(text) / np.float64(glyphs if glyphs else 1))
        start = lines = shorts = longs = 0
        while start < len(text):
            stop = next_line_end(text, start)
            end = stop
            for _ in range(2):  # \r, and a space before it
                end -= np.int64(_BLANK[text[end - 1]]) & np.int64(end > start)
            filled = end > start
            # Without branches: which line is short is not foretold.
            is_short = filled & (end - start < limit) & ~ascii_ends[text[end - 1]]
            if is_short and text[end - 1] >= 0x80 and end - start >= 3:
                last = np.int64(text[end - 3]) << 16 | np.int64(text[end - 2]) << 8 | np.int64(text[end - 1])
                for mark in wide_ends:
                    is_short &= mark != last
            lines += filled
            shorts += is_short
            longs += filled & ~is_short & (end - start >= short)
            start = stop + 1
        found[d, 0], found[d, 1], found[d, 2], found[d, 3] = angles, lines, shorts, longs
