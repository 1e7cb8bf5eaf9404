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
def _unlike(pairs, x, y):
    """smaller << 32 | larger of two nodes that are no pair of some sorted ones, or 0."""
    key = np.uint64(min(x, y)) << np.uint64(32) | np.uint64(max(x, y))
    return np.uint64(0) if _holds(pairs, key) else key


@njit(nogil=True, cache=True)
def merge(a, b, belong, touch, size, length, priority, parent, refused):
    """Join the groups of a[p] and b[p], in the order given, where their representatives belong together.

    Their longest nodes have to touch too: a short text in common to many long ones makes no group of these.

    a, b: int64, links, strongest first. belong: uint64, sorted, smaller << 32 | larger of each pair that belongs
    together; touch: likewise, of each pair that touches. size: int64, copies that each node stands for; it grows to
    those of its group. length, priority: int64 and uint64 a node: the group of more copies keeps its representative,
    then the one whose representative is longer, then of less priority. parent: int64, each node itself, becomes the
    representative of its group. refused: uint64, a link each, written: the two nodes that would have to belong
    together, or to touch, smaller << 32 | larger, or 0.
    """
    longest = np.arange(len(parent))
    for p in range(len(a)):
        x, y = _find(parent, a[p]), _find(parent, b[p])
        refused[p] = 0
        if x == y:
            continue
        refused[p] = _unlike(belong, x, y)
        if refused[p] == 0:
            refused[p] = _unlike(touch, longest[x], longest[y])
        if refused[p] != 0:
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
        one, other = longest[x], longest[y]
        if length[other] > length[one] or (length[other] == length[one] and priority[other] < priority[one]):
            longest[x] = other
    for i in range(len(parent)):
        parent[i] = _find(parent, i)
