"""Pairs that share a key, from tables sorted by key, with bounded work a bucket."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def _least(rows, start, stop, priority, chosen):
    """chosen (int64), written: places of the rows of least priority among rows[start:stop], in that order."""
    held = 0
    for i in range(start, stop):
        p = priority[rows[i]]
        if held < len(chosen) or p < priority[rows[chosen[held - 1]]]:
            at = min(held, len(chosen) - 1)
            while at > 0 and priority[rows[chosen[at - 1]]] > p:
                chosen[at] = chosen[at - 1]
                at -= 1
            chosen[at] = i
            held = min(held + 1, len(chosen))


@njit(nogil=True, cache=True)
def crowds(keys, rows, priority, first_new, whole, representatives):
    """Representatives of each bucket of more than `whole` rows of which one is new, in order of key.

    keys, rows: uint32, n, sorted by (key, row). priority: uint64, a row of the index each. A row is new from
    first_new on. representatives: uint32, (m, r), the r rows of least priority, in that order, written to as
    many buckets as there is room for; r <= whole. Returns the number of such buckets.
    """
    n = len(keys)
    chosen = np.empty(representatives.shape[1], np.int64)
    count = np.int64(0)
    start = np.int64(0)
    while start < n:
        stop = start + 1
        while stop < n and keys[stop] == keys[start]:
            stop += 1
        if stop - start > whole and rows[stop - 1] >= first_new:
            if count < len(representatives):
                _least(rows, start, stop, priority, chosen)
                for c in range(len(chosen)):
                    representatives[count, c] = rows[chosen[c]]
            count += 1
        start = stop
    return count


@njit(nogil=True, cache=True)
def pairs(keys, rows, first_new, whole, representatives, masked, out):
    """Pairs of rows under one key of which at least one is new.

    keys, rows, first_new, whole, representatives: as in `crowds`. A bucket of up to `whole` rows gives all its
    pairs; of a larger one each row is paired with its representatives, unless it is masked (bool, m). out:
    uint64, smaller row << 32 | larger row, written as far as there is room. Returns the number of pairs.
    """
    n = len(keys)
    at = np.int64(0)
    crowd = np.int64(0)
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
                    for i in range(start, j):
                        if at < len(out):
                            out[at] = np.uint64(rows[i]) << np.uint64(32) | np.uint64(rows[j])
                        at += 1
            else:
                if not masked[crowd]:
                    for c in range(representatives.shape[1]):
                        r = representatives[crowd, c]
                        for i in range(start, stop):
                            x = rows[i]
                            if x != r and (x >= first_new or r >= first_new):
                                if at < len(out):
                                    out[at] = np.uint64(min(x, r)) << np.uint64(32) | np.uint64(max(x, r))
                                at += 1
                crowd += 1
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
