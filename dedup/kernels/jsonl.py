"""Lines of JSON, before anyone parses them."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from numba import njit

from dedup.kernels.words import next_line_end


@njit(nogil=True, cache=True, inline="always")
def _bytes(data, start, end):
    """Bytes of the line data[start:end] without its carriage return; 0 where it does not go from { to }."""
    if end > start and data[end - 1] == 13:
        end -= 1
    return end - start if end > start and data[start] == 123 and data[end - 1] == 125 else 0


@njit(nogil=True, cache=True)
def objects(data):
    """How many lines data (n,) uint8 has, and the bytes of the longest, if each goes from { to }; else 0 and 0."""
    rows = longest = start = 0
    while start < len(data):
        end = next_line_end(data, start)
        size = _bytes(data, start, end)
        if size == 0:
            return 0, 0
        rows, longest, start = rows + 1, max(longest, size), end + 1
    return rows, longest
