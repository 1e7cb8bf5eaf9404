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
def _holds(known, closeness, x, y, least, hoped):
    """Whether nodes x and y are as close as least, hoped where it is not known; and the key that is not, or 0."""
    key = np.uint64(min(x, y)) << np.uint64(32) | np.uint64(max(x, y))
    low, high = np.int64(0), np.int64(len(known))
    while low < high:
        middle = (low + high) >> 1
        if known[middle] < key:
            low = middle + 1
        else:
            high = middle
    if low < len(known) and known[low] == key:
        return closeness[low] >= least, np.uint64(0)
    return hoped, key


@njit(nogil=True, cache=True)
def components(a, b, parent):
    """parent (int64, each node itself), written: the least node that hangs together with each by edges a[p], b[p]."""
    for p in range(len(a)):
        x, y = _find(parent, a[p]), _find(parent, b[p])
        parent[max(x, y)] = min(x, y)
    for i in range(len(parent)):
        parent[i] = _find(parent, i)


@njit(nogil=True, cache=True)
def merge(a, b, known, closeness, touch, belong, hope, stop, length, priority, parent, size, longest, asked):
    """Join the groups of a[p] and b[p], in the order given, where their representatives belong together.

    Their longest nodes have to touch too: a short text in common to many long ones makes no group of these.

    a, b: int64, links, strongest first. known: uint64, sorted, smaller << 32 | larger of each pair of nodes of which is
    known how close they are; closeness: int8, how close. touch, belong: from what closeness on nodes do. hope: bool a
    node, whether what is not known of it is taken for the best, else for the worst. stop: whether to stop, instead, at
    the first link of which something is not known. length, priority: int64 and uint64 a node: the group of more copies
    keeps its representative, then the one whose representative is longer, then of less priority.

    int64 a node, groups as they are and then as they become: parent, the representative of its group; size, of a
    representative, the copies in its group; longest, of a representative, the longest node. asked: uint64, room for two
    a link, written: the pairs that were asked for and not known, smaller << 32 | larger. Returns how many links were
    followed, and how many pairs asked for.
    """
    n, done = np.int64(0), np.int64(len(a))
    for p in range(len(a)):
        x, y = _find(parent, a[p]), _find(parent, b[p])
        if x == y:
            continue
        before = n
        holds, asked[n] = _holds(known, closeness, x, y, belong, hope[x])
        n += np.int64(asked[n] != 0)
        if holds:
            holds, asked[n] = _holds(known, closeness, longest[x], longest[y], touch, hope[x])
            n += np.int64(asked[n] != 0)
        if stop and n > before:
            n, done = before, np.int64(p)
            break
        if not holds:
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
    return done, n
