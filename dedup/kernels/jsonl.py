"""Lines of JSON, before anyone parses them."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from numba import njit

from dedup.kernels.words import next_line_end


@njit(nogil=True, cache=True)
def objects(data):
    """How many lines data (n,) uint8 has, if each goes from { to } (and a carriage return); else 0."""
    lines = start = 0
    while start < len(data):
        stop = next_line_end(data, start)
        end = stop - (stop > start and data[stop - 1] == 13)
        if end <= start or data[start] != 123 or data[end - 1] != 125:
            return 0
        lines, start = lines + 1, stop + 1
    return lines
