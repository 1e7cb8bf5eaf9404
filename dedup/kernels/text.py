"""Tokens of a UTF-8 text, folded and marked as quoted, in one pass over its bytes.

What a token is stands in the README under "Tokens"; tests/kernels/test_text.py says it
again with unicodedata and regular expressions, and both agree on every text.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.punctuation import is_at, is_bracket, is_colon, is_dash, is_dot, is_space, is_stop
from dedup.kernels.speech import COLON, ENDS, POST, POST_NAME, QUOTED, SINGLE, SPEAKS, UNCLOSED
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
    UNASSIGNED,
    UNSTABLE,
)
from dedup.kernels.words import PLAIN, load64, plain_run, store64

UNSTABLE_TEXT = -1

_OPEN_STRAIGHT, _OPEN_HIGH, _OPEN_LOW, _OPEN_ANGLE, _OPEN_CORNER = 1, 2, 3, 4, 5


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
def _turn(mark, opened):
    """The kind of quotation that is open after a double mark."""
    if mark == 0x201C:
        return _OPEN_HIGH if opened == 0 else 0 if opened == _OPEN_LOW else opened
    if mark == 0x201D:
        return 0 if opened <= _OPEN_LOW else opened
    if mark == 0x201E:
        return _OPEN_LOW if opened == 0 else opened
    if mark == 0xAB:
        return _OPEN_ANGLE if opened == 0 else opened
    if mark == 0xBB:
        return 0 if opened == _OPEN_ANGLE else opened
    if mark == 0x300C:
        return _OPEN_CORNER if opened == 0 else opened
    if mark == 0x300D:
        return 0 if opened == _OPEN_CORNER else opened
    return opened


@njit(inline="always")
def _by_side(mark, after_space, space):
    """A double mark in the shape that opens where white space stands before it alone, that closes where after it."""
    if after_space == space:
        return mark
    if mark == 0xAB or mark == 0xBB:
        return np.int64(0xAB) if after_space else np.int64(0xBB)
    return np.int64(0x201C) if after_space else np.int64(0x201D)


@njit(inline="always")
def _straight(opened, after_space, after_token, space, token):
    """The kind of quotation that is open after a straight mark, by what stands on its two sides."""
    opens = not after_token and not space
    closes = not after_space and not token
    if opens == closes:
        opens, closes = opened == 0, opened != 0
    if opens:
        return _OPEN_STRAIGHT if opened == 0 else opened
    return 0 if opened <= _OPEN_LOW else opened


@njit(nogil=True, cache=True)
def tokenise(source, start, end, folded, pages, entries, classes, out, starts, quoted, ends, flags):
    """Tokens of source[start:end], each followed by one space, into out.

    source: uint8, UTF-8. folded: the text is NFKC and lower-case already, but for I. out: uint8, room for
    2 * (end - start) + 8. starts: int64, the tokens' offsets in out and the end, (k + 1 entries);
    quoted: uint8, the bits QUOTED where the token stands between quotation marks, SPEAKS where it is a capital I by
    itself, and ENDS where a sentence ends behind it (`dedup.kernels.speech`). ends: int64, the token after each
    paragraph that has any; flags: uint8, of the same, as in `dedup.kernels.speech`; both with room for a paragraph
    every two bytes.
    Returns k and the number of paragraphs, or UNSTABLE_TEXT where NFKC and lower-casing need more than one code point.
    """
    o = np.int64(0)
    k = np.int64(0)
    in_token = False
    alone = False  # the token at hand is a solitary character with its marks
    opened = 0
    single = np.int64(-1)  # the first token after an opening single mark
    held = np.int64(0)  # an apostrophe after a letter, until the next character is known
    turning = np.int64(0)  # a mark that may open or close, until the next character is known
    turning_after_space = turning_after_token = False
    n = np.int64(0)
    first = last_first = np.int64(0)  # the first token of this paragraph, and of the one before
    flag = np.uint8(0)
    colon = False
    dash = np.int64(-1)  # the first token after a dash in this paragraph
    dot = False  # a dot, until the next character is known
    lone = np.int64(-1)  # a token that is a capital I so far
    after_letter = False
    before_space, before_token, before_bracket = True, False, False
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
                    return UNSTABLE_TEXT, n
                combining = 0
                row = row + 1 if entry & COMBINES else 0
                if row:
                    if row > MOST_COMBINING:
                        return UNSTABLE_TEXT, n
                    combining = classes[(np.int64(pages[point >> 8]) << 8) | (point & 255)]
                    if before_class > combining:
                        return UNSTABLE_TEXT, n
                if entry & SECOND and (before_entry & FIRST or before_class):
                    return UNSTABLE_TEXT, n
                before_class = combining
            else:
                before_class = row = 0
            before_entry = entry
            if kind == FORMAT:
                continue
        else:
            point, kind, entry = np.int64(0x0A), np.uint32(0), np.uint32(SPECIAL)
            i += 1

        token = kind == LETTER or kind == NUMBER or kind == MARK or kind == LETTER_APOSTROPHE
        space = not token and (is_space(point) or (entry & UNASSIGNED) != 0)
        if lone >= 0:
            if not token or kind == LETTER_APOSTROPHE:
                quoted[lone] |= SPEAKS
            lone = np.int64(-1)
        if dot:
            if not token and k > 0:
                quoted[k - 1] |= ENDS
            dot = False
        if turning != 0:
            if turning == 0x22:
                opened = _straight(opened, turning_after_space, turning_after_token, space, token)
            elif turning != 0x27:
                opened = _turn(_by_side(turning, turning_after_space, space), opened)
            elif single < 0 and (kind == LETTER or kind == LETTER_APOSTROPHE):
                single = k
                if k == first:
                    flag |= SINGLE
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
                    if (held == 0x2019 or held == 0x27) and single >= 0:
                        for i_quoted in range(single, k):
                            quoted[i_quoted] |= QUOTED
                        single = np.int64(-1)
            held = np.int64(0)

        if token:
            colon = False
            if kind == LETTER_APOSTROPHE and after_letter:
                held = point
            else:
                solitary = (entry & SOLITARY) != 0
                word = np.int64(-1)
                if in_token and kind != MARK and (solitary or alone):
                    out[o] = 32
                    o += 1
                    k += 1
                    in_token = False
                if not in_token:
                    starts[k] = o
                    quoted[k] = opened != 0
                    in_token = True
                    alone = solitary
                    word = at
                packed, size = _utf8((point + np.int64(entry & LOWER)) & LOWER)
                out[o] = packed
                out[o + 1] = packed >> 8
                out[o + 2] = packed >> 16
                out[o + 3] = packed >> 24
                o += size
            after_letter = kind == LETTER or kind == LETTER_APOSTROPHE
            if point < 0x80:
                # The rest of a plain word, and those that follow it behind a space: most bytes of most articles.
                inside = np.uint8(opened != 0)
                while True:
                    run = np.int64(8)
                    while run == 8 and i + 8 <= end:
                        run, lower = plain_run(load64(source, i))
                        store64(out, o, lower)  # what is behind the run is written over
                        o += run
                        i += run
                    while run == 8 and i < end:
                        low = PLAIN[source[i]]
                        if low == 0:
                            break
                        out[o] = low
                        o += 1
                        i += 1
                    is_i = i == word + 1 and source[word] == 0x49
                    j = i + 1 if i < end and (source[i] == 0x2C or source[i] == 0x2E) else i
                    if j + 1 >= end or source[j] != 0x20 or PLAIN[source[j + 1]] == 0:
                        if is_i:
                            lone = k
                        break
                    quoted[k] |= np.uint8(is_i) * SPEAKS | np.uint8(source[i] == 0x2E) * ENDS
                    out[o] = 32
                    o += 1
                    k += 1
                    starts[k] = o
                    quoted[k] = inside
                    i = word = j + 1
                point = np.int64(source[i - 1])
                after_letter = point > 57
                before_entry = entries[(np.int64(pages[0]) << 8) | point]
        elif kind == APOSTROPHE and after_letter and in_token:
            held = point
            after_letter = colon = False
        else:
            if in_token:
                out[o] = 32
                o += 1
                k += 1
                in_token = False
            after_letter = False
            if not space:
                colon = is_colon(point)
            if entry & SPECIAL:
                if point == 0x2018:
                    if before_space:
                        single = k
                        if k == first:
                            flag |= SINGLE
                elif point == 0x2019:
                    if single >= 0:
                        for i_quoted in range(single, k):
                            quoted[i_quoted] |= QUOTED
                        single = np.int64(-1)
                elif point == 0x22 or point == 0x201C or point == 0x201D or point == 0xAB or point == 0xBB:
                    turning, turning_after_space, turning_after_token = point, before_space, before_token
                elif space:
                    if k > first:
                        quoted[k - 1] |= ENDS
                        if colon:
                            flag |= COLON
                        if single == first:
                            flag |= UNCLOSED
                        ends[n], flags[n] = k, flag
                        n += 1
                        last_first, first = first, k
                        colon, flag = False, np.uint8(0)
                    opened = 0
                    single = dash = np.int64(-1)
                else:
                    opened = _turn(point, opened)
            elif point == 0x27:
                if before_space:
                    turning = point
                elif single >= 0:
                    for i_quoted in range(single, k):
                        quoted[i_quoted] |= QUOTED
                    single = np.int64(-1)
            elif is_dot(point):
                dot = True
            elif is_stop(point):
                if k > 0:
                    quoted[k - 1] |= ENDS
            elif is_dash(point):
                if not before_token:
                    dash = k
            elif before_bracket and is_at(point) and dash >= 0 and k - dash <= POST_NAME:
                for i_quoted in range(max(last_first if dash == first else first, dash - POST), k):
                    quoted[i_quoted] |= QUOTED
        before_space, before_token, before_bracket = space, token, not token and is_bracket(point)
    starts[k] = o
    return k, n
