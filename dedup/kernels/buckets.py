"""Pairs that share a key, from tables sorted by key, with bounded work a bucket."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def pairs(keys, rows, priority, first_new, whole, representatives, out, fill):
    """Pairs of rows under one key of which at least one is new.

    keys, rows: uint32, n, sorted by (key, row). priority: uint64, a row of the index each. A row is new from
    first_new on. A bucket of up to `whole` rows gives all its pairs; of a larger one each row is paired with
    the `representatives` rows of least priority. out: uint64, written where fill is set: smaller row << 32 |
    larger row. Returns their number.
    """
    n = len(keys)
    chosen = np.empty(representatives, np.int64)
    at = np.int64(0)
    start = np.int64(0)
    while start < n:
        stop = start + 1
        while stop < n and keys[stop] == keys[start]:
            stop += 1
        size = stop - start
        if size > 1 and rows[stop - 1] >= first_new:
            if size <= whole:
                for j in range(stop - 1, start, -1):
                    if rows[j] < first_new:
                        break
                    if fill:
                        for i in range(start, j):
                            out[at + i - start] = np.uint64(rows[i]) << np.uint64(32) | np.uint64(rows[j])
                    at += j - start
            else:
                held = 0
                for i in range(start, stop):
                    p = priority[rows[i]]
                    if held < representatives or p < priority[rows[chosen[held - 1]]]:
                        at_most = min(held, representatives - 1)
                        while at_most > 0 and priority[rows[chosen[at_most - 1]]] > p:
                            chosen[at_most] = chosen[at_most - 1]
                            at_most -= 1
                        chosen[at_most] = i
                        held = min(held + 1, representatives)
                for c in range(held):
                    r = rows[chosen[c]]
                    for i in range(start, stop):
                        x = rows[i]
                        if x != r and (x >= first_new or r >= first_new):
                            if fill:
                                out[at] = np.uint64(min(x, r)) << np.uint64(32) | np.uint64(max(x, r))
                            at += 1
        start = stop
    return at


@njit(nogil=True, cache=True)
def band_keys(signatures, first, width, keys):
    """keys (uint32, n), written: the hash of signatures[:, first:first + width] (uint32)."""
    for d in range(len(signatures)):
        h = np.uint64(0x9E3779B97F4A7C15)
        for j in range(first, first + width):
            h = (h ^ np.uint64(signatures[d, j])) * np.uint64(0xFF51AFD7ED558CCD)
            h ^= h >> np.uint64(32)
        keys[d] = h & np.uint64(0xFFFFFFFF)
