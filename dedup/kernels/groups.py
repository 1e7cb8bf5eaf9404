"""Groups by links: strongest first, and only where the representatives belong together."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def _find(parent, x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@njit(nogil=True, cache=True)
def _holds(keys, key):
    """Whether the sorted uint64 keys hold key."""
    low, high = np.int64(0), np.int64(len(keys))
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low < len(keys) and keys[low] == key


@njit(nogil=True, cache=True)
def merge(a, b, belong, size, length, priority, parent, refused):
    """Join the groups of a[p] and b[p], in the order given, where their representatives belong together.

    a, b: int64, links, strongest first. belong: uint64, sorted, smaller << 32 | larger of each pair that
    belongs together. size: int64, copies that each node stands for; it grows to those of its group. length,
    priority: int64 and uint64 a node: the group of more copies keeps its representative, then the one whose
    representative is longer, then of less priority. parent: int64, each node itself, becomes the
    representative of its group. refused: uint64, a link each, written: the two representatives that do not
    belong together, smaller << 32 | larger, or 0.
    """
    for p in range(len(a)):
        x, y = _find(parent, a[p]), _find(parent, b[p])
        refused[p] = 0
        if x == y:
            continue
        key = np.uint64(min(x, y)) << np.uint64(32) | np.uint64(max(x, y))
        if not _holds(belong, key):
            refused[p] = key
            continue
        stronger = size[x] > size[y]
        if size[x] == size[y]:
            stronger = length[x] > length[y]
            if length[x] == length[y]:
                stronger = priority[x] < priority[y]
        if not stronger:
            x, y = y, x
        parent[y] = x
        size[x] += size[y]
    for i in range(len(parent)):
        parent[i] = _find(parent, i)
