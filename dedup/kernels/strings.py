"""What is at the ends of strings, and whether there is anything between."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit


def edges(spaces: str) -> npt.NDArray[np.bool_]:
    """(2, 256) bool: the bytes that the UTF-8 of one of some characters begins with, and ends with."""
    found = np.zeros((2, 256), np.bool_)
    for space in spaces:
        found[0, space.encode()[0]] = found[1, space.encode()[-1]] = True
    return found


@njit(nogil=True, cache=True)
def may_change(data, offsets, given, edge):
    """Whether a string data[offsets[d]:offsets[d + 1]] (uint8) that is given (bool) may be empty once it is trimmed, or
    shorter: it is empty, or one of its ends is one of `edges`."""
    for d in range(len(given)):
        start, end = offsets[d], offsets[d + 1]
        if given[d] and (start == end or edge[0, data[start]] or edge[1, data[end - 1]]):
            return True
    return False


@njit(nogil=True, cache=True)
def blank(data, offsets, given, found):
    """Into found (bool) whether each string is not given, or has no byte above a space."""
    for d in range(len(given)):
        found[d] = True
        i = offsets[d]
        while given[d] and found[d] and i < offsets[d + 1]:
            found[d] = data[i] <= 0x20
            i += 1
