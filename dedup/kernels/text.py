"""Tokens of a UTF-8 text, folded and marked as quoted, in one pass over its bytes.

What a token is stands in the README under "Tokens"; tests/kernels/test_text.py says it
again with unicodedata and regular expressions, and both agree on every text.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.unicode import (
    APOSTROPHE,
    CLASS,
    COMBINES,
    FIRST,
    FORMAT,
    LETTER,
    LETTER_APOSTROPHE,
    LOWER,
    MARK,
    MOST_COMBINING,
    NUMBER,
    SECOND,
    SOLITARY,
    SPECIAL,
    STOP,
    UNSTABLE,
)

UNSTABLE_TEXT = -1

# Marks that white space on one side makes opening or closing.
_BY_SIDES = (0x22, 0x201C, 0x201D, 0xAB, 0xBB)
_OPEN_HIGH, _OPEN_LOW, _OPEN_ANGLE, _OPEN_CORNER = 1, 2, 3, 4


@njit(inline="always")
def _utf8(point):
    """The UTF-8 of a code point, first byte lowest, and how many bytes that is."""
    if point < 0x80:
        return point, 1
    if point < 0x800:
        return (0xC0 | point >> 6) | (0x80 | point & 0x3F) << 8, 2
    if point < 0x10000:
        return (0xE0 | point >> 12) | (0x80 | point >> 6 & 0x3F) << 8 | (0x80 | point & 0x3F) << 16, 3
    return (
        (0xF0 | point >> 18)
        | (0x80 | point >> 12 & 0x3F) << 8
        | (0x80 | point >> 6 & 0x3F) << 16
        | (0x80 | point & 0x3F) << 24
    ), 4


@njit(inline="always")
def _is_space(point):
    return (
        point == 0x20
        or 0x09 <= point <= 0x0D
        or point == 0x85
        or point == 0xA0
        or 0x2000 <= point <= 0x200A
        or point == 0x2028
        or point == 0x2029
        or point == 0x202F
        or point == 0x205F
        or point == 0x3000
    )


@njit(inline="always")
def _turn(mark, opened, after_space, before_space):
    """The kind of quotation that is open after a double mark, told by its own kind and by what stands beside it."""
    if mark == 0x300C:
        return _OPEN_CORNER if opened == 0 else opened
    if mark == 0x300D:
        return 0 if opened == _OPEN_CORNER else opened
    if mark == 0x201E:
        return _OPEN_LOW if opened == 0 else opened
    angle = mark == 0xAB or mark == 0xBB
    mine = opened == _OPEN_ANGLE if angle else opened == _OPEN_HIGH or opened == _OPEN_LOW
    if after_space != before_space:
        opens = after_space
    elif mark == 0x22:
        opens = not mine
    else:
        opens = mark == 0xAB or (mark == 0x201C and opened != _OPEN_LOW)
    if opens:
        return opened if opened != 0 else _OPEN_ANGLE if angle else _OPEN_HIGH
    return 0 if mine else opened


@njit(nogil=True, cache=True)
def tokenise(source, start, end, folded, pages, entries, classes, out, starts, quoted):
    """Tokens of source[start:end], each followed by one space, into out.

    source: uint8, UTF-8. folded: the text is NFKC and lower-case already. out: uint8, room for
    2 * (end - start) + 8. starts: int64, the tokens' offsets in out and the end, (k + 1 entries);
    quoted: uint8, 1 where the token stands between quotation marks.
    Returns k, or UNSTABLE_TEXT where NFKC and lower-casing need more than one code point.
    """
    o = np.int64(0)
    k = np.int64(0)
    in_token = False
    alone = False  # the token at hand is a solitary character with its marks
    opened = 0
    turning = np.int64(0)  # a double mark, until the next character is known
    after_space = False  # what stands before it is white space
    sentence = np.int64(0)  # the first token since the last stop, closing mark or end of a paragraph
    stopped = False  # a stop since the last token
    single = np.int64(-1)  # the first token after an opening single mark
    held = np.int64(0)  # an apostrophe after a letter, until the next character is known
    after_letter = False
    before = np.int64(0x0A)
    before_entry = np.uint32(0)
    before_class = 0
    row = 0  # combining characters at hand
    i = start
    while i <= end:
        at = i
        if i < end:
            # Spelt out here: a call that takes the arrays costs more in reference counts than the work.
            point = np.int64(source[i])
            if point < 0x80:
                i += 1
            elif point < 0xE0 and i + 2 <= end:
                point = (point & 0x1F) << 6 | np.int64(source[i + 1] & 0x3F)
                i += 2
            elif point < 0xF0 and i + 3 <= end:
                point = (point & 0x0F) << 12 | np.int64(source[i + 1] & 0x3F) << 6 | np.int64(source[i + 2] & 0x3F)
                i += 3
            elif i + 4 <= end:
                point = (
                    (point & 0x07) << 18
                    | np.int64(source[i + 1] & 0x3F) << 12
                    | np.int64(source[i + 2] & 0x3F) << 6
                    | np.int64(source[i + 3] & 0x3F)
                )
                i += 4
            if point > 0x10FFFF or i == at:
                point = np.int64(0x20)
                i = at + 1
            entry = entries[(np.int64(pages[point >> 8]) << 8) | (point & 255)]
            kind = entry & CLASS
            if point >= 0x80 and not folded:
                if entry & UNSTABLE:
                    return UNSTABLE_TEXT
                combining = 0
                row = row + 1 if entry & COMBINES else 0
                if row:
                    if row > MOST_COMBINING:
                        return UNSTABLE_TEXT
                    combining = classes[(np.int64(pages[point >> 8]) << 8) | (point & 255)]
                    if before_class > combining:
                        return UNSTABLE_TEXT
                if entry & SECOND and (before_entry & FIRST or before_class):
                    return UNSTABLE_TEXT
                before_class = combining
            else:
                before_class = row = 0
            before_entry = entry
            if kind == FORMAT:
                continue
        else:
            point, kind, entry = np.int64(0x0A), np.uint32(0), np.uint32(SPECIAL)
            i += 1

        if turning != 0:
            was = opened
            opened = _turn(turning, was, after_space, _is_space(point))
            if opened == 0:
                if was == 0 and turning in _BY_SIDES and not after_space and _is_space(point):
                    for token in range(sentence, k):
                        quoted[token] = 1
                sentence = k
                stopped = False
            turning = np.int64(0)
        if held != 0:
            if kind != LETTER and kind != LETTER_APOSTROPHE:
                if held == 0x02BC:
                    if alone:
                        out[o] = 32
                        o += 1
                        k += 1
                        starts[k] = o
                        quoted[k] = opened != 0
                        alone = False
                    out[o], out[o + 1] = 0xCA, 0xBC
                    o += 2
                else:
                    out[o] = 32
                    o += 1
                    k += 1
                    in_token = False
                    if held == 0x2019 and single >= 0:
                        for token in range(single, k):
                            quoted[token] = 1
                        single = np.int64(-1)
            held = np.int64(0)

        if kind == LETTER or kind == NUMBER or kind == MARK or kind == LETTER_APOSTROPHE:
            if kind == LETTER_APOSTROPHE and after_letter:
                held = point
            else:
                solitary = (entry & SOLITARY) != 0
                if in_token and kind != MARK and (solitary or alone):
                    out[o] = 32
                    o += 1
                    k += 1
                    in_token = False
                if not in_token:
                    starts[k] = o
                    quoted[k] = opened != 0
                    if stopped:
                        sentence = k
                        stopped = False
                    in_token = True
                    alone = solitary
                packed, size = _utf8((point + np.int64(entry & LOWER)) & LOWER)
                out[o] = packed
                out[o + 1] = packed >> 8
                out[o + 2] = packed >> 16
                out[o + 3] = packed >> 24
                o += size
            after_letter = kind == LETTER or kind == LETTER_APOSTROPHE
            if point < 0x80:
                # The rest of a plain word: most bytes of most articles.
                while i < end:
                    c = source[i]
                    low = c | np.uint8(0x20)
                    if not (97 <= low <= 122 or 48 <= c <= 57):
                        break
                    out[o] = low
                    o += 1
                    i += 1
                point = np.int64(source[i - 1])
                after_letter = point > 57
                before_entry = entries[(np.int64(pages[0]) << 8) | point]
        elif kind == APOSTROPHE and after_letter and in_token:
            held = point
            after_letter = False
        else:
            if in_token:
                out[o] = 32
                o += 1
                k += 1
                in_token = False
            after_letter = False
            if entry & (SPECIAL | STOP):
                if entry & STOP:
                    stopped = True
                elif point == 0x2018:
                    if _is_space(before):
                        single = k
                elif point == 0x2019:
                    if single >= 0:
                        for token in range(single, k):
                            quoted[token] = 1
                        single = np.int64(-1)
                elif _is_space(point):
                    opened = 0
                    single = np.int64(-1)
                    sentence = k
                    stopped = False
                else:
                    turning = point
                    after_space = _is_space(before)
        before = point
    starts[k] = o
    return k
