"""Whether bytes are UTF-8, 64 at once."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import below64, equal64, population

PADDING = 64


@njit(nogil=True, cache=True)
def newlines(data, start, stop):
    """How many newlines data[start:stop] (uint8) has; -1 where it is not UTF-8. PADDING bytes behind stop are read."""
    data = data.ctypes.data
    found, owed, wrong = np.uint64(0), np.uint64(0), np.uint64(0)
    for i in range(start, stop, 64):
        inside = ~np.uint64(0) >> np.uint64(64 - min(64, stop - i))
        found += population(equal64(data, i, 10) & inside)
        high = ~below64(data, i, 0x80) & inside
        if not high | owed:
            continue
        trailing = below64(data, i, 0xC0) & high
        lead, of_three, of_four = high & ~trailing, high & ~below64(data, i, 0xE0), high & ~below64(data, i, 0xF0)
        # What leads asks for bytes that trail, one to three; there must be those and no others.
        wanted = owed | lead << np.uint64(1) | of_three << np.uint64(2) | of_four << np.uint64(3)
        owed = lead >> np.uint64(63) | of_three >> np.uint64(62) | of_four >> np.uint64(61)
        wrong |= wanted ^ trailing
        # Never: C0, C1 and above F4; longer forms of shorter ones, surrogates, and what is above 10FFFF.
        wrong |= lead & below64(data, i, 0xC2) | high & ~below64(data, i, 0xF5)
        wrong |= high & equal64(data, i, 0xE0) & below64(data, i + 1, 0xA0)
        wrong |= high & equal64(data, i, 0xED) & ~below64(data, i + 1, 0xA0)
        wrong |= high & equal64(data, i, 0xF0) & below64(data, i + 1, 0x90)
        wrong |= high & equal64(data, i, 0xF4) & ~below64(data, i + 1, 0x90)
        if wrong:
            return np.int64(-1)
    return np.int64(-1) if owed else np.int64(found)
