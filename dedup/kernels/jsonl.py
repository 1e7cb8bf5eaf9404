"""Lines of JSON as columns: the strings of some fields, found and unescaped in one pass.

What is plain is read as json reads it; at anything else the kernels give up, and somebody slower looks at it.
They work by addresses, since what takes arrays counts references.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import below64, copy, equal64, load8, load64, next_line_end, store64, trailing_zeros

PADDING = 64
LONGEST_NAME = 63
_QUOTE, _ESCAPE, _TAB, _BREAK, _RETURN, _SPACE = 0x22, 0x5C, 0x09, 0x0A, 0x0D, 0x20
_COLON, _COMMA, _OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST = 0x3A, 0x2C, 0x7B, 0x7D, 0x5B, 0x5D
_MINUS, _PLUS, _DOT, _EXPONENT, _U, _N = 0x2D, 0x2B, 0x2E, 0x65, 0x75, 0x6E
_NULL, _TRUE, _ALSE = (np.uint64(int.from_bytes(word, "little")) for word in (b"null", b"true", b"alse"))
_FOUR = np.uint64(0xFFFFFFFF)
_DEPTH = 60  # of lists and objects in a field that is not looked at
_DIGITS = 18  # of a number that is kept as it is written

# What stands for itself or for a control character behind a backslash, else 0.
_PLAIN = np.zeros(256, np.uint8)
for _letter, _meant in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _PLAIN[_letter] = _meant
_HEX = np.full(256, 0x10000, np.int64)
for _digit in b"0123456789abcdefABCDEF":
    _HEX[_digit] = int(chr(_digit), 16)


@njit(nogil=True, cache=True)
def objects(data):
    """How many lines data (n,) uint8 has, if each goes from { to } (and a carriage return); else 0."""
    lines = start = 0
    while start < len(data):
        stop = next_line_end(data, start)
        end = stop - (stop > start and data[stop - 1] == _RETURN)
        if end <= start or data[start] != _OPEN or data[end - 1] != _CLOSE:
            return 0
        lines, start = lines + 1, stop + 1
    return lines


@njit(inline="always")
def _special(data, i):
    """Of the 64 bytes from i on those that end a string, escape, or may not stand there as they are."""
    return equal64(data, i, _QUOTE) | equal64(data, i, _ESCAPE) | below64(data, i, 0x20)


@njit(inline="always")
def _spaces(data, i):
    """What follows spaces and tabs."""
    while load8(data, i) == _SPACE or load8(data, i) == _TAB:
        i += 1
    return i


@njit(inline="always")
def _unit(data, i):
    """The number of four hexadecimal digits, above 0xFFFF where they are none."""
    return (
        _HEX[load8(data, i)] << 12 | _HEX[load8(data, i + 1)] << 8 | _HEX[load8(data, i + 2)] << 4
        | _HEX[load8(data, i + 3)]
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _point(data, i, out, o):
    """Write the character whose escape begins at i, behind the u of \\u. Returns what follows both; -1: gives up."""
    point = _unit(data, i)
    i += 4
    if 0xD800 <= point < 0xDC00 and load8(data, i) == _ESCAPE and load8(data, i + 1) == _U:
        low = _unit(data, i + 2)
        if 0xDC00 <= low < 0xE000:
            point = 0x10000 + ((point & 0x3FF) << 10 | low & 0x3FF)
            i += 6
        else:
            point = 0xD800
    elif point > 0xFFFF:
        point = 0xD800
    if 0xD800 <= point < 0xE000:
        return np.int64(-1), o
    if point < 0x80:
        packed, size = point, 1
    elif point < 0x800:
        packed, size = (0xC0 | point >> 6) | (0x80 | point & 0x3F) << 8, 2
    elif point < 0x10000:
        packed = (0xE0 | point >> 12) | (0x80 | point >> 6 & 0x3F) << 8 | (0x80 | point & 0x3F) << 16
        size = 3
    else:
        packed = (0xF0 | point >> 18) | (0x80 | point >> 12 & 0x3F) << 8
        packed |= (0x80 | point >> 6 & 0x3F) << 16 | (0x80 | point & 0x3F) << 24
        size = 4
    store64(out, o, np.uint64(packed))
    return i, o + size


@njit(nogil=True, cache=True)
def _string(data, i, out, o):
    """Write the string that begins at i, behind its quote. Returns what follows both; -1: gives up."""
    while True:
        copy(out, o, data, i, 64)  # what is behind the run is written over
        special = _special(data, i)
        if not special:
            i += 64
            o += 64
            continue
        run = np.int64(trailing_zeros(special))
        i += run
        o += run
        byte = load8(data, i)
        if byte == _QUOTE:
            return i + 1, o
        if byte != _ESCAPE:
            return np.int64(-1), o
        while load8(data, i) == _ESCAPE:
            byte = load8(data, i + 1)
            if byte == _U:
                i, o = _point(data, i + 2, out, o)
                if i < 0:
                    return i, o
            else:
                meant = _PLAIN[byte]
                if meant == 0:
                    return np.int64(-1), o
                store64(out, o, np.uint64(meant))
                i += 2
                o += 1


@njit(inline="always")
def _digits(data, i):
    """What follows the digits from i on."""
    while 0x30 <= load8(data, i) <= 0x39:
        i += 1
    return i


@njit(nogil=True, cache=True)
def _bare(data, i):
    """What follows the number, true, false or null that begins at i; -1: gives up."""
    word = load64(data, i) & _FOUR
    if word in (_NULL, _TRUE):
        return i + 4
    if load8(data, i) == 0x66 and load64(data, i + 1) & _FOUR == _ALSE:
        return i + 5
    i += load8(data, i) == _MINUS
    end = _digits(data, i)
    if end == i or (load8(data, i) == 0x30 and end > i + 1):
        return np.int64(-1)
    if load8(data, end) == _DOT:
        i = end + 1
        end = _digits(data, i)
        if end == i:
            return np.int64(-1)
    if load8(data, end) | 0x20 == _EXPONENT:
        i = end + 1
        i += load8(data, i) == _PLUS or load8(data, i) == _MINUS
        end = _digits(data, i)
        if end == i:
            return np.int64(-1)
    return end


@njit(inline="always")
def _member(data, i, scratch):
    """What follows a name and its colon, with spaces, where the name begins at i; -1: gives up."""
    if load8(data, i) != _QUOTE:
        return np.int64(-1)
    i, _ = _string(data, i + 1, scratch, 0)
    if i < 0:
        return i
    i = _spaces(data, i)
    if load8(data, i) != _COLON:
        return np.int64(-1)
    return _spaces(data, i + 1)


@njit(nogil=True, cache=True)
def _skipped(data, i, scratch):
    """What follows the value that begins at i, whatever it is; -1: gives up."""
    depth, inside = 0, np.uint64(0)  # a bit a level, the lowest the innermost: whether it is an object
    while i >= 0:
        byte = load8(data, i)
        if byte == _QUOTE:
            i, _ = _string(data, i + 1, scratch, 0)
        elif byte in (_OPEN, _OPEN_LIST):
            i = _spaces(data, i + 1)
            # Behind the opening one stands the closing one two code points later.
            if load8(data, i) != byte + 2:
                depth += 1
                inside = inside << np.uint64(1) | np.uint64(byte == _OPEN)
                if depth > _DEPTH:
                    return np.int64(-1)
                if byte == _OPEN:
                    i = _member(data, i, scratch)
                continue
            i += 1
        else:
            i = _bare(data, i)
        while i >= 0:
            if depth == 0:
                return i
            i = _spaces(data, i)
            byte = load8(data, i)
            i += 1
            if byte == _COMMA:
                i = _spaces(data, i)
                if inside & np.uint64(1):
                    i = _member(data, i, scratch)
                break
            if byte != (_CLOSE if inside & np.uint64(1) else _CLOSE_LIST):
                return np.int64(-1)
            depth -= 1
            inside >>= np.uint64(1)
    return i


@njit(inline="always")
def _named(data, i, size, names, sizes):
    """Which of the names stands in the size bytes from i on, their number where none does."""
    for k in range(len(sizes)):
        if sizes[k] == size:
            place, same = k * PADDING, True
            for at in range(0, size, 8):
                left = np.uint64(64 - 8 * min(8, size - at))
                same &= (load64(data, i + at) ^ load64(names, place + at)) << left == 0
            if same:
                return k
    return len(sizes)


@njit(nogil=True, cache=True)
def columns(data, start, stop, names, sizes, numbers, out, offsets, valid):
    """The strings of some fields of the objects in data[start:stop] (uint8), a line each, the last one ended too.

    data: UTF-8; PADDING bytes behind stop are read. names: (k, PADDING) uint8, filled up with zeros, LONGEST_NAME bytes
    each at most, no two alike; sizes: (k,) int64, their bytes. numbers: (k,) bool, whether whole numbers are kept as
    they are written; others are null. out: (k + 1, stop - start + PADDING) uint8, the strings of each field, and
    room. offsets: (k, lines + 1) int64, where they begin in out; valid: (k, lines) bool.
    Returns the number of lines; 0 where one is not plain: escapes in a name, a wanted field twice or of another type,
    control characters, half a surrogate, numbers that JSON does not have, spaces around the object.
    """
    fields, width = len(sizes), out.shape[1]
    data, out, names = data.ctypes.data, out.ctypes.data, names.ctypes.data
    scratch = out + fields * width
    offsets[:, 0] = 0
    row, i = 0, start
    while i < stop:
        if load8(data, i) != _OPEN:
            return 0
        for k in range(fields):
            offsets[k, row + 1] = offsets[k, row]
            valid[k, row] = False
        seen = np.uint64(0)
        i = _spaces(data, i + 1)
        more = load8(data, i) != _CLOSE
        while more:
            if load8(data, i) != _QUOTE:
                return 0
            i += 1
            special = _special(data, i)
            size = np.int64(trailing_zeros(special))
            if not special or load8(data, i + size) != _QUOTE:
                return 0
            k = _named(data, i, size, names, sizes)
            i = _spaces(data, i + size + 1)
            if load8(data, i) != _COLON:
                return 0
            i = _spaces(data, i + 1)
            if k == fields:
                i = _skipped(data, i, scratch)
            else:
                if seen >> np.uint64(k) & np.uint64(1):
                    return 0
                seen |= np.uint64(1) << np.uint64(k)
                first = load8(data, i)
                if first == _QUOTE:
                    i, offsets[k, row + 1] = _string(data, i + 1, out + k * width, offsets[k, row])
                    valid[k, row] = True
                elif first == _N:
                    i = _bare(data, i)
                else:
                    end = _digits(data, i)
                    size = end - i
                    if size == 0 or size > _DIGITS or (first == 0x30 and size > 1):
                        return 0
                    if numbers[k]:
                        copy(out + k * width, offsets[k, row], data, i, 64)
                        offsets[k, row + 1] += size
                        valid[k, row] = True
                    i = end
            if i < 0:
                return 0
            i = _spaces(data, i)
            more = load8(data, i) == _COMMA
            if more:
                i = _spaces(data, i + 1)
        if load8(data, i) != _CLOSE:
            return 0
        i += 1
        i += load8(data, i) == _RETURN
        if load8(data, i) != _BREAK:
            return 0
        i += 1
        row += 1
    return row
