"""Times as ISO 8601 writes them, read from the bytes of a column."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment"
from __future__ import annotations

import numpy as np
from numba import njit

_WIDTH = 42  # bytes of the longest form, and room to look past its end
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_FRACTION = 9  # digits at most


@njit(inline="always")
def _number(glyphs, start, size):
    """The number that the digits of glyphs[start:start + size] write, -1 where one is none."""
    number = 0
    for i in range(start, start + size):
        digit = np.int64(glyphs[i]) - 0x30
        number = 10 * number + digit if number >= 0 and 0 <= digit <= 9 else -1
    return number


@njit(inline="always")
def _is(glyph, one, other):
    return glyph == ord(one) or glyph == ord(other)


@njit(inline="always")
def _zone(glyphs, at, left):
    """The minutes that +hh, +hhmm or +hh:mm writes in the left bytes from at on, -1 where that is none."""
    hours = _number(glyphs, at + 1, 2)
    minutes = 0
    if left == 6 and glyphs[at + 3] == ord(":"):
        minutes = _number(glyphs, at + 4, 2)
    elif left == 5:
        minutes = _number(glyphs, at + 3, 2)
    elif left != 3:
        minutes = -1
    return 60 * hours + minutes if _is(glyphs[at], "+", "-") and hours >= 0 and 0 <= minutes < 60 else -1


@njit(inline="always")
def _days(year, month, day):
    """Days since 1970, by counting from March, so that the leap day comes last."""
    year -= month <= 2
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469


@njit(nogil=True, cache=True)
def read(data, offsets, given, years, far, dated, zoned, seconds, zones):
    """Read YYYY-MM-DD[(T| )hh:mm[:ss[.fraction]][Z|+hh:mm|+hhmm|+hh]] of the strings data[offsets[d]:offsets[d + 1]].

    data: uint8. given: (n,) bool, which are not null. years: the first and the last; far: the most minutes of a zone.
    Fills for each string dated and zoned (bool): whether it has that form and is a date, and whether it names its zone;
    seconds (int64) since 1970 in UTC and zones (int16, minutes), 0 where it is no date.
    """
    glyphs = np.empty(_WIDTH, np.uint8)
    for d in range(len(given)):
        size = offsets[d + 1] - offsets[d]
        dated[d] = zoned[d] = False
        seconds[d] = zones[d] = 0
        if not given[d] or size < 10 or size >= _WIDTH:
            continue
        glyphs[:] = 0
        for i in range(size):
            glyphs[i] = data[offsets[d] + i]
        year, month, day = _number(glyphs, 0, 4), _number(glyphs, 5, 2), _number(glyphs, 8, 2)
        if glyphs[4] != ord("-") or glyphs[7] != ord("-") or not years[0] <= year <= years[1]:
            continue
        if not 1 <= month <= 12 or day < 1:
            continue
        leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if day > _MONTH_DAYS[month - 1] + leap:
            continue
        hour = minute = second = zone = 0
        end = 10
        if size > 10:
            hour, minute = _number(glyphs, 11, 2), _number(glyphs, 14, 2)
            if not (_is(glyphs[10], "T", "t") or glyphs[10] == ord(" ")) or glyphs[13] != ord(":"):
                continue
            end = 16
            if glyphs[16] == ord(":") and _number(glyphs, 17, 2) >= 0:
                second, end = _number(glyphs, 17, 2), 19
                if _is(glyphs[19], ".", ",") and _number(glyphs, 20, 1) >= 0:
                    end = 20
                    while end < 20 + _FRACTION and _number(glyphs, end, 1) >= 0:
                        end += 1
            if not 0 <= hour < 24 or not 0 <= minute < 60 or second >= 60:
                continue
        left = size - end
        if left:
            if left != 1 or not _is(glyphs[end], "Z", "z"):
                zone = _zone(glyphs, end, left)
                if zone < 0 or zone > far:
                    continue
                if glyphs[end] == ord("-"):
                    zone = -zone
            zoned[d] = True
        dated[d] = True
        zones[d] = zone
        seconds[d] = 86_400 * _days(year, month, day) + 3600 * hour + 60 * (minute - zone) + second
