"""Lines of articles: where they lie in a batch's text, what each looks like, and joining those that stay.

A line is a paragraph as the source gave it, trimmed of white space at both ends; blank ones do
not count. Everything works on the UTF-8 bytes of an Arrow text column, in place.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import below64, copy, equal64, population, trailing_zeros

_LAST = np.uint64(1 << 63)


@njit(nogil=True, cache=True, inline="always")
def _space_after(data, i, end):
    """Bytes of the white space character at i, 0 where there is none."""
    c = data[i]
    if c <= 0x20:
        return 1
    if c < 0xC2:
        return 0
    if c == 0xC2 and i + 1 < end:
        return 2 if data[i + 1] == 0xA0 else 0
    if i + 2 >= end:
        return 0
    b, a = data[i + 1], data[i + 2]
    # U+2000-200F (spaces, zero-width ones, direction marks), U+2028-202F, U+2060
    if c == 0xE2 and b == 0x80 and (a <= 0x8F or (a >= 0xA8 and a <= 0xAF)):
        return 3
    if c == 0xE2 and b == 0x81 and a in (0x9F, 0xA0):
        return 3
    if (c == 0xE3 and b == 0x80 and a == 0x80) or (c == 0xEF and b == 0xBB and a == 0xBF):
        return 3
    return 0


@njit(nogil=True, cache=True, inline="always")
def _space_before(data, start, i):
    """Bytes of the white space character that ends at i, 0 where there is none."""
    if data[i - 1] <= 0x20:
        return 1
    if i - start >= 2 and data[i - 2] == 0xC2 and data[i - 1] == 0xA0:
        return 2
    if i - start >= 3 and data[i - 3] >= 0xE2 and _space_after(data, i - 3, i) == 3:
        return 3
    return 0


@njit(nogil=True, cache=True, inline="always")
def _trimmed(data, s, e):
    """Start and end of data[s:e] without the white space at both ends."""
    while s < e:
        n = _space_after(data, s, e)
        if n == 0:
            break
        s += n
    while s < e:
        n = _space_before(data, s, e)
        if n == 0:
            break
        e -= n
    return s, e


@njit(nogil=True, cache=True, inline="always")
def _misread(data, i, stop, trailing):
    """Whether the letter at i, C3 and another byte, may begin what Windows-1252 makes of a sequence of UTF-8."""
    if i + 2 >= stop or not trailing[data[i + 2]]:
        return False
    if data[i + 1] < 0xA0 or (data[i + 1] == 0xA2 and data[i + 2] == 0xE2):
        return True
    j = i + (5 if data[i + 2] >= 0xE0 else 4)
    return j < stop and trailing[data[j]]


@njit(nogil=True, cache=True, inline="always")
def _stands(data, i, start, stop, text, head):
    """Whether text stands there with its byte `head` at i, between start and stop."""
    s = i - head
    equal = 0
    if s >= start and s + len(text) <= stop:
        while equal < len(text) and data[s + equal] == text[equal]:
            equal += 1
    return equal == len(text)


@njit(nogil=True, cache=True)
def count(data, offsets):
    """Newlines and carriage returns in all articles together."""
    n = np.uint64(0)
    i, stop = offsets[0], offsets[-1]
    while i + 64 <= stop:
        n += population(equal64(data, i, 10) | equal64(data, i, 13))
        i += 64
    while i < stop:
        n += np.uint64(data[i] == 10 or data[i] == 13)
        i += 1
    return np.int64(n)


@njit(nogil=True, cache=True)
def find(data, offsets, trailing, caption, more, form, first, start, end, dirty, misread, passage):
    """Find the lines of each article.

    data: uint8, 64 or more. offsets: (n + 1) int64, article d is data[offsets[d]:offsets[d + 1]]. trailing: bool,
    256, bytes that a character of 0x80 to 0xBF in Windows-1252 begins with. caption, more, form: uint8, what stands
    in passages; of more, which begins with a space, the second byte is looked for. Fills first (n + 1) with the
    number of the first line of each article; per line start and end (bytes, trimmed); per article dirty: whether it
    has control characters, misread: whether its UTF-8 may have been read as Windows-1252, passage: whether one of the
    three stands in it. Room for a line a break, as `count` counts them, and one an article is enough. Returns the
    number of lines.
    """
    k = 0
    # One pass, 64 bytes at once; a block that would reach beyond data begins earlier, and is shifted.
    last = len(data) - 64
    for d in range(len(offsets) - 1):
        first[d] = k
        stop = offsets[d + 1]
        s = offsets[d]
        control = np.uint64(0)
        wrong = within = False
        for i in range(s, stop, 64):
            at = min(i, last)
            inside = ~np.uint64(0) >> np.uint64(64 - min(64, stop - i))
            shift = np.uint64(i - at)
            breaks = ((equal64(data, at, 10) | equal64(data, at, 13)) >> shift) & inside
            low = (below64(data, at, 0x20) & ~equal64(data, at, 9) | equal64(data, at, 0x7F)) >> shift
            control |= low & inside & ~breaks
            leads = (equal64(data, at, 0xC3) >> shift) & inside
            while leads and not wrong:
                wrong = _misread(data, i + np.int64(trailing_zeros(leads)), stop, trailing)
                leads &= leads - np.uint64(1)
            # Its first byte is frequent: the second one is asked for as well, but for the last of the block.
            forms = equal64(data, at, form[0]) & (equal64(data, at, form[1]) >> np.uint64(1) | _LAST)
            capitals = ((equal64(data, at, caption[0]) | equal64(data, at, more[1]) | forms) >> shift) & inside
            while capitals and not within:
                j = i + np.int64(trailing_zeros(capitals))
                within = _stands(data, j, s, stop, caption, 0) or _stands(data, j, s, stop, form, 0)
                within |= _stands(data, j, s, stop, more, 1)
                capitals &= capitals - np.uint64(1)
            while breaks:
                j = i + np.int64(trailing_zeros(breaks))
                breaks &= breaks - np.uint64(1)
                start[k], end[k] = _trimmed(data, s, j)
                k += start[k] < end[k]
                s = j + 1
        if s < stop:
            start[k], end[k] = _trimmed(data, s, stop)
            k += start[k] < end[k]
        dirty[d], misread[d], passage[d] = control != 0, wrong, within
    first[len(offsets) - 1] = k
    return k


@njit(nogil=True, cache=True)
def join(data, first, start, end, out, offsets):
    """Join the lines of each article by one newline; those that end where they start, or before, are left out.

    out: uint8, long enough for every line and a newline each. Fills offsets (n + 1) of the articles in out. Returns
    the bytes written.
    """
    o = np.int64(0)
    for d in range(len(first) - 1):
        offsets[d] = o
        k = first[d]
        while k < first[d + 1]:
            s, e = start[k], end[k]
            k += 1
            if s >= e:
                continue
            # Most follow one another behind a single newline already, and are copied at once.
            while k < first[d + 1] and start[k] == e + 1 and end[k] > start[k] and data[e] == 10:
                e = end[k]
                k += 1
            if o > offsets[d]:
                out[o] = 10
                o += 1
            copy(out, o, data, s, e - s)
            o += e - s
    offsets[len(first) - 1] = o
    return o
