"""Lines that may carry a mark: a look at their bytes that spares most of them a regular expression.

What a mark cannot do without is looked for: a word, a bracket, an agency's name at one end. The
words stand in small tables, see `dedup.kernels.literals`.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.literals import FOLD, is_any, slot
from dedup.kernels.words import equal64, load8, load64, trailing_zeros


@njit(nogil=True, cache=True, inline="always")
def _key(word, i):
    """Of the four bytes of a word from byte i on."""
    return (word >> np.uint64(8 * i)) & np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True, inline="always")
def _word(data, size, i):
    """The 8 bytes from i on; zeros behind the last one."""
    over = i + 8 - size
    return load64(data, i) if over <= 0 else load64(data, size - 8) >> np.uint64(8 * min(over, 7))


@njit(nogil=True, cache=True, inline="always")
def _word_before(data, i):
    """The 8 bytes before i; zeros before the first one."""
    return load64(data, i - 8) if i >= 8 else load64(data, 0) << np.uint64(8 * min(8 - i, 7))


@njit(nogil=True, cache=True, inline="always")
def _starts(literals, word):
    return is_any(literals, word & np.uint64(0xFFFF), word)


@njit(nogil=True, cache=True, inline="always")
def _is_name(names, others, word):
    """Whether a word begins with a name: those in ASCII have keys of two bytes, others of four."""
    if word & np.uint64(0x80):
        return is_any(others, word & np.uint64(0xFFFFFFFF), word)
    return _starts(names, word)


@njit(nogil=True, cache=True, inline="always")
def _is_letter(c):
    return (c >= 65 and c <= 90) or (c >= 97 and c <= 122)


@njit(nogil=True, cache=True, inline="always")
def _is_space(c):
    return c == 0x20 or (c >= 9 and c <= 13)


@njit(nogil=True, cache=True, inline="always")
def _is_digit(c):
    return c >= 48 and c < 58


@njit(nogil=True, cache=True)
def _is_rule(data, s, e, most):
    """Whether a line may be without letter and digit; many a letter is known as one, not every one."""
    if e - s > most:
        return False
    for i in range(s, e):
        c = load8(data, i)
        if _is_letter(c) or _is_digit(c) or (c >= 0xE5 and c <= 0xE9):
            return False
        if (
            c == 0xE0
            and i + 2 < e
            and load8(data, i + 1) == 0xA4
            and load8(data, i + 2) >= 0x85
            and load8(data, i + 2) <= 0xB9
        ):
            return False
    return True


@njit(nogil=True, cache=True)
def _has_at_most(data, s, e, chars):
    """Whether a line has at most so many characters."""
    if e - s <= chars:
        return True
    n = np.int64(0)
    if e - s <= 4 * chars:
        for i in range(s, e):
            n += (load8(data, i) & 0xC0) != 0x80
    return 0 < n <= chars


@njit(nogil=True, cache=True, inline="always")
def _skipped(data, i, e):
    """The place behind dashes, brackets, bullets and white space at i."""
    while i < e:
        c = load8(data, i)
        if c == 0xE2 or (c == 0xC2 and i + 1 < e):
            i += 3 if c == 0xE2 else 2
        elif c > 0x7F or _is_letter(c) or _is_digit(c):
            break
        else:
            i += 1
    return i


@njit(nogil=True, cache=True, inline="always")
def _the(data, size, i, e):
    """The place behind a The and white space at i; i where there is none."""
    if (
        i + 4 < e
        and _word(data, size, i) & np.uint64(0xFFFFDF) == np.uint64(0x656854)
        and _is_space(load8(data, i + 3))
    ):
        i += 4
        while i < e and _is_space(load8(data, i)):
            i += 1
    return i


@njit(nogil=True, cache=True)
def _may_be_byline(data, size, s, e, chars, openings, names, others):
    if e - s > 4 * chars:
        return False
    i = _skipped(data, s, e)
    if i >= e or _starts(openings, _word(data, size, i) | FOLD):
        return _has_at_most(data, s, e, chars)
    # What ends as a sentence is none, but for an initial, Jr., p.m.
    last, before = load8(data, e - 1), load8(data, e - 2) if e - s > 1 else np.uint8(0)
    if last == 0x21 or last == 0x3F:
        return False
    if last == 0x2E and before >= 97 and before <= 122 and before != 0x72 and before != 0x6D:
        return False
    if not _has_at_most(data, s, e, chars):
        return False
    inside = False
    for i in range(s, e):
        c = load8(data, i)
        letter = _is_letter(c) or _is_digit(c)
        if not inside and (letter or c >= 0xC2) and _is_name(names, others, _word(data, size, i)):
            return True
        inside = letter
    return False


@njit(nogil=True, cache=True)
def _may_be_date(data, size, i, e, months):
    """Whether a month, or a number and a month, may follow at i, the place behind a comma."""
    if i < e and _is_space(load8(data, i)):
        i += 1
    elif i + 1 < e and load8(data, i) == 0xC2 and load8(data, i + 1) == 0xA0:
        i += 2
    if i < e and _is_digit(load8(data, i)):
        while i < e and _is_digit(load8(data, i)):
            i += 1
        while i < e and _is_letter(load8(data, i)):
            i += 1
        if i + 1 < e and load8(data, i) == 0xC2:
            i += 1
        i += 1
    return i + 1 < e and _starts(months, _word(data, size, i))


@njit(nogil=True, cache=True, inline="always")
def _is_capital(c):
    return c >= 65 and c <= 90


@njit(nogil=True, cache=True, inline="always")
def _ends_place(data, i, e):
    """Whether no word of a place begins with the small letter at i: de, la, of, upon are such words."""
    j = i
    while j < e and j < i + 5 and _is_letter(load8(data, j)):
        j += 1
    n = j - i
    return n == 1 or n > 4 or (n == 3 and load8(data, i) != 0x64) or (n == 4 and load8(data, i) != 0x75)


@njit(nogil=True, cache=True)
def _may_be_dateline(data, size, s, e, chars, months):
    """A place comes first, in words with a capital, then a date, a bracket, or where it is in capitals a dash."""
    shouted = (
        s + 2 < e
        and _is_capital(load8(data, s))
        and not (_is_letter(load8(data, s + 1)) and not _is_capital(load8(data, s + 1)))
    )
    # An agency's name in small letters stands before no place that had a capital.
    small = load8(data, s) >= 97 and load8(data, s) <= 122
    n = 0
    before = np.uint8(0)
    for i in range(s, e):
        c = load8(data, i)
        n += (c & 0xC0) != 0x80
        if n > chars:
            break
        if c >= 97 and c <= 122:
            behind = before == 0x20 or before == 0x2C or before == 0x2F
            if behind and not small and _ends_place(data, i, e):
                break
        elif c == 0x2C:
            if _may_be_date(data, size, i + 1, e, months):
                return True
        elif c == 0x28 or c == 0x5B:
            if i + 1 < e and not _is_digit(load8(data, i + 1)) and load8(data, i + 1) > 0x20:
                return True
        elif c == 0x2D or c == 0x3A:
            if shouted:
                return True
        elif c >= 0xE2 and i + 2 < e:
            a, b = load8(data, i + 1), load8(data, i + 2)
            # – — ―, （ 【, 电 電
            if c == 0xE2:
                if shouted and a == 0x80 and b >= 0x93 and b <= 0x95:
                    return True
            elif c == 0xEF:
                if a == 0xBC and b == 0x88:
                    return True
            elif c == 0xE3:
                if i == s and a == 0x80 and b == 0x90:
                    return True
            elif (c == 0xE7 and a == 0x94 and b == 0xB5) or (c == 0xE9 and a == 0x9B and b == 0xBB):
                return True
        before = c
    return False


@njit(nogil=True, cache=True)
def _has_word(data, size, s, e, words):
    """Whether one of the words, of four bytes or more, or © stands in a line."""
    for i in range(s, e, 4):
        word = _word(data, size, i) | FOLD
        # Few places have a slot that is taken, so four are asked at once.
        if (
            slot(words, _key(word, 0))
            | slot(words, _key(word, 1))
            | slot(words, _key(word, 2))
            | slot(words, _key(word, 3))
        ):
            for j in range(i, min(i + 4, e)):
                word = _word(data, size, j) | FOLD
                if is_any(words, word & np.uint64(0xFFFFFFFF), word):
                    return True
    for i in range(s, e, 64):
        at = min(i, size - 64)
        signs = equal64(data, at, 0xA9)
        while signs:
            j = at + np.int64(trailing_zeros(signs))
            if j > s and j < e and load8(data, j - 1) == 0xC2:
                return True
            signs &= signs - np.uint64(1)
    return False


@njit(nogil=True, cache=True, inline="always")
def _unspaced(data, s, i):
    """Where the white space before i begins."""
    while i > s and (
        _is_space(load8(data, i - 1)) or (i - 1 > s and load8(data, i - 1) == 0xA0 and load8(data, i - 2) == 0xC2)
    ):
        i -= 1 if load8(data, i - 1) != 0xA0 else 2
    return i


@njit(nogil=True, cache=True, inline="always")
def _is_named(data, s, i, names):
    """Whether a name ends at i, or before white space and a bracket there."""
    i = _unspaced(data, s, i)
    if i > s and (load8(data, i - 1) == 0x29 or load8(data, i - 1) == 0x5D):
        i = _unspaced(data, s, i - 1)
    word = _word_before(data, i)
    return is_any(names, word >> np.uint64(48), word)


@njit(nogil=True, cache=True)
def _is_signed(data, s, e, names):
    """Whether a line may end with a name, with initials or editors' names behind it, or with L.P."""
    if _is_named(data, s, e, names):
        return True
    i = e
    if load8(data, i - 1) == 0x2E:
        i = _unspaced(data, s, i - 1)
    elif e - s > 3 and load8(data, e - 1) == 0xA4 and load8(data, e - 2) == 0xA5 and load8(data, e - 3) == 0xE0:
        i = _unspaced(data, s, i - 3)
    if i < e and _is_named(data, s, i, names):
        return True
    if i - s < 3:
        return False
    c = load8(data, i - 1)
    if c | 0x20 == 0x70 and (
        load8(data, i - 2) | 0x20 == 0x6C or (load8(data, i - 2) == 0x2E and load8(data, i - 3) | 0x20 == 0x6C)
    ):
        return True
    if load8(data, i - 3) == 0xE0:
        # In brackets, before up to four names of twelve letters.
        bracket = False
        for j in range(max(s, i - 160), i):
            bracket |= load8(data, j) == 0x29 or load8(data, j) == 0x5D
        return bracket
    # Initials: one word of small letters, or up to five of capitals.
    for _ in range(5):
        j = i
        while i > s and (_is_letter(load8(data, i - 1)) or load8(data, i - 1) == 0x2F or load8(data, i - 1) == 0x2D):
            i -= 1
        if i == j or i == s:
            return False
        small = not _is_capital(load8(data, i))
        i = _unspaced(data, s, i)
        if _is_named(data, s, i, names):
            return True
        if small:
            return False
    return False


@njit(nogil=True, cache=True)
def _is_credit(data, size, s, e, chars, sources, names, others):
    """Whether a short line may be a name alone, or a source and a name."""
    if e - s > 4 * chars:
        return False
    i = _skipped(data, s, e)
    may = (
        i >= e
        or _starts(sources, _word(data, size, i) | FOLD)
        or _is_name(names, others, _word(data, size, _the(data, size, i, e)))
    )
    return may and _has_at_most(data, s, e, chars)


@njit(nogil=True, cache=True)
def suspects(
    data, first, start, end, wanted, openings, sources, months, words, names, others, name_ends, sizes, bits, bare
):
    """Find the articles of which a first or a last line may carry a mark.

    data: uint8, 64 or more; first, start, end: as `dedup.kernels.lines.find` fills them. wanted: bool, n: articles
    that are looked at. Tables, keys of two bytes where nothing is said: openings, sources (both folded):
    what a byline, and a line of a source, begins with; months: what those of datelines begin with; words (folded,
    keys of four bytes): any of which an ending has; names, others (keys of four bytes): what those of agencies begin
    with, in ASCII or not; name_ends (last): what they end with.
    sizes: lines at the head, lines at the tail, both with how many more are to be known; characters of a byline, of
    what begins with a dateline, of a sign-off; bytes of a last line that are searched for words, from its start and
    from its end. bits: what bare (uint8, a line) gets where a line carries no mark of a first one; of a last one;
    nor any part of it that it ends with. Returns the rows of those articles.
    """
    heads, more_heads, tails, more_tails, byline, dateline, signoff, tail_head, tail = sizes
    bare_head, bare_tail, bare_whole = bits
    # Addresses: the functions that look at a line would else count references of arrays for longer than they look.
    text, size = np.int64(data.ctypes.data), len(data)
    opening, source, month = openings.ctypes.data, sources.ctypes.data, months.ctypes.data
    word, name, other, name_end = words.ctypes.data, names.ctypes.data, others.ctypes.data, name_ends.ctypes.data
    rows = np.empty(len(wanted), np.int64)
    n = 0
    for d in range(len(wanted)):
        if not wanted[d]:
            continue
        some = False
        for k in range(first[d], min(first[d] + heads + more_heads, first[d + 1])):
            s, e = start[k], end[k]
            if (
                _is_rule(text, s, e, 4 * byline)
                or _may_be_dateline(text, size, s, e, dateline, month)
                or _may_be_byline(text, size, s, e, byline, opening, name, other)
            ):
                some |= k < first[d] + heads
            else:
                bare[k] |= bare_head
        for k in range(max(first[d], first[d + 1] - tails - more_tails), first[d + 1]):
            s, e = start[k], end[k]
            whole = e - s <= tail_head + tail
            if (
                _is_rule(text, s, e, 4 * byline)
                or _is_signed(text, s, e, name_end)
                or _is_credit(text, size, s, e, signoff, source, name, other)
                or _has_word(text, size, s, e if whole else s + tail_head, word)
                or (not whole and _has_word(text, size, e - tail, e, word))
            ):
                some |= k >= first[d + 1] - tails
            else:
                bare[k] |= bare_tail | bare_whole if whole else bare_tail
        if some:
            rows[n] = d
            n += 1
    return rows[:n]
