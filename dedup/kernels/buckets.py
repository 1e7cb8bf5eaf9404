"""Buckets, the rows under one key, end to end: who meets whom, with bounded work a bucket."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def search(keys, first, last, wanted):
    """For each i the first place in first[i] ... last[i] - 1 whose key is wanted[i] or more, last[i] where none is.

    keys: uint32, rising within each span. first, last, wanted: int64, n. The twin of `dedup.store.bands.search`.
    """
    found = np.empty(len(first), np.int64)
    for i in range(len(first)):
        low, high = first[i], last[i]
        while low < high:
            middle = (low + high) >> 1
            if np.int64(keys[middle]) < wanted[i]:
                low = middle + 1
            else:
                high = middle
        found[i] = low
    return found


@njit(nogil=True, cache=True)
def among(keys, others, found):
    """found (bool, n), written where true: which of keys are among others too.

    keys, others: uint32, sorted. A merge without a branch: nobody would foresee it.
    """
    i, j = np.uint64(0), np.uint64(0)
    while i < np.uint64(len(keys)) and j < np.uint64(len(others)):
        x, y = keys[i], others[j]
        found[i] |= x == y
        i += np.uint64(x <= y)
        j += np.uint64(y < x)


@njit(nogil=True, cache=True)
def under(keys, wanted, ends):
    """ends (int64, m + 1): how many of keys lie under the wanted ones before each, by merging.

    keys: uint32, n, sorted. wanted: uint32, m, sorted, distinct.
    """
    i = np.int64(0)
    ends[0] = 0
    for j in range(len(wanted)):
        while i < len(keys) and keys[i] < wanted[j]:
            i += 1
        first = i
        while i < len(keys) and keys[i] == wanted[j]:
            i += 1
        ends[j + 1] = ends[j] + i - first


@njit(nogil=True, cache=True)
def gather(keys, rows, wanted, ends, out):
    """out (uint64), written: place in wanted << 32 | row, of all rows that `under` counted."""
    i = np.int64(0)
    for j in range(len(wanted)):
        if ends[j + 1] == ends[j]:
            continue
        while keys[i] < wanted[j]:
            i += 1
        for at in range(ends[j], ends[j + 1]):
            out[at] = np.uint64(j) << np.uint64(32) | np.uint64(rows[i])
            i += 1


@njit(nogil=True, cache=True)
def least(starts, priority, chosen):
    """chosen (int64, (m, r)), written: places of the r least of each bucket, in that order.

    starts: int64, m + 1, bounds of the buckets, each of r rows or more. priority: uint64, one a row.
    """
    for b in range(len(chosen)):
        held = 0
        for i in range(starts[b], starts[b + 1]):
            p = priority[i]
            if held < chosen.shape[1] or p < priority[chosen[b, held - 1]]:
                at = min(held, chosen.shape[1] - 1)
                while at > 0 and priority[chosen[b, at - 1]] > p:
                    chosen[b, at] = chosen[b, at - 1]
                    at -= 1
                chosen[b, at] = i
                held = min(held + 1, chosen.shape[1])


@njit(nogil=True, cache=True)
def pairs(starts, rows, new, whole, out):
    """All pairs within each bucket of which one is new, or all where the bucket is to be met whole.

    starts: int64, m + 1. rows: uint32, rising within a bucket. new: bool, one a row. whole: bool, m. out: uint64,
    smaller row << 32 | larger row, written as far as there is room. Returns the number of pairs.
    """
    at = np.int64(0)
    for b in range(len(whole)):
        if at >= len(out) and whole[b]:
            at += (starts[b + 1] - starts[b]) * (starts[b + 1] - starts[b] - 1) >> 1
            continue
        older = np.int64(0)
        for j in range(starts[b], starts[b + 1]):
            every = new[j] or whole[b]
            if at >= len(out):
                at += j - starts[b] if every else j - starts[b] - older
            else:
                for i in range(starts[b], j):
                    if every or new[i]:
                        if at < len(out):
                            out[at] = np.uint64(rows[i]) << np.uint64(32) | np.uint64(rows[j])
                        at += 1
            older += np.int64(not new[j])
    return at


@njit(nogil=True, cache=True)
def crowd_pairs(starts, rows, new, representatives, fresh, out):
    """Pairs of each bucket's representatives with its rows, of which the row is new or the representative fresh.

    starts, rows, new, out: as in `pairs`. representatives: uint32, (m, r). fresh: bool, (m, r).
    """
    at = np.int64(0)
    for b in range(len(representatives)):
        for c in range(representatives.shape[1]):
            r = representatives[b, c]
            for i in range(starts[b], starts[b + 1]):
                x = rows[i]
                if x != r and (new[i] or fresh[b, c]):
                    if at < len(out):
                        out[at] = np.uint64(min(x, r)) << np.uint64(32) | np.uint64(max(x, r))
                    at += 1
    return at


@njit(nogil=True, cache=True)
def count_keys(rows, place, counts):
    """counts (int64), written: by how many of rows (uint32) each body grows, whose place (int64 a row) is not -1."""
    for row in rows:
        if place[row] >= 0:
            counts[place[row]] += 1


@njit(nogil=True, cache=True)
def lay_keys(keys, rows, table, place, at, out):
    """out (uint64), written: table | key of each row (both uint32) at at[place[row]] (int64), which grows by one."""
    for i in range(len(rows)):
        body = place[rows[i]]
        if body >= 0:
            out[at[body]] = table | np.uint64(keys[i])
            at[body] += 1


@njit(inline="always")
def _slot(key, last):
    """Where a key is looked for first in a table of slots."""
    return np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) & last


@njit(nogil=True, cache=True)
def opened(keys, ends, rows, crowds, masked, representatives, found):
    """found (uint8, one a key), written: 1 where its body is a candidate with all that stand under that key.

    keys: uint64, those of body d at keys[ends[d]:ends[d + 1]]; rows: uint32, its row. crowds: uint64, m, keys of large
    buckets; masked: bool, m; representatives: uint32, (m, r).
    """
    size = np.int64(16)
    while size < 4 * len(crowds):
        size *= 2
    slots = np.full(size, -1, np.int64)
    for c in range(len(crowds)):
        at = _slot(crowds[c], size - 1)
        while slots[at] >= 0:
            at = (at + 1) & (size - 1)
        slots[at] = c
    for d in range(len(ends) - 1):
        for i in range(ends[d], ends[d + 1]):
            at = _slot(keys[i], size - 1)
            while slots[at] >= 0 and crowds[slots[at]] != keys[i]:
                at = (at + 1) & (size - 1)
            c = slots[at]
            is_open = c < 0
            if not is_open and not masked[c]:
                for r in range(representatives.shape[1]):
                    is_open |= representatives[c, r] == rows[d]
            found[i] = is_open


@njit(nogil=True, cache=True)
def meet_in(a, b, keys, ends, is_open, bands, found):
    """found (bool, n), written: whether bodies a[p] and b[p] share a key that makes them a candidate pair.

    a, b: int64, n, places of bodies. keys: uint64, each body's in rising order at keys[ends[d]:ends[d + 1]], of which
    the first bands are of the same tables, where there are any; is_open: see `opened`.
    """
    for p in range(len(a)):
        i, i_end = np.uint64(ends[a[p]]), np.uint64(ends[a[p] + 1])
        j, j_end = np.uint64(ends[b[p]]), np.uint64(ends[b[p] + 1])
        meet = np.uint8(0)
        if i < i_end and j < j_end:
            for band in range(bands):
                x, y = i + np.uint64(band), j + np.uint64(band)
                meet |= np.uint8(keys[x] == keys[y]) & (is_open[x] | is_open[y])
            i += np.uint64(bands)
            j += np.uint64(bands)
        while i < i_end and j < j_end and not meet:
            x, y = keys[i], keys[j]
            meet |= np.uint8(x == y) & (is_open[i] | is_open[j])
            i += np.uint64(x <= y)
            j += np.uint64(y <= x)
        found[p] = meet


@njit(nogil=True, cache=True)
def band_keys(signatures, places, first, width, keys):
    """keys (uint32, n), written: the hash of signatures[places[d], first:first + width] (uint32)."""
    for d in range(len(places)):
        h = np.uint64(0x9E3779B97F4A7C15)
        for j in range(first, first + width):
            h = (h ^ np.uint64(signatures[places[d], j])) * np.uint64(0xFF51AFD7ED558CCD)
            h ^= h >> np.uint64(32)
        keys[d] = h & np.uint64(0xFFFFFFFF)
