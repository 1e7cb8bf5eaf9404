"""Fingerprints of the lines of many bodies, and how often each was seen."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.xxh64 import xxh64

_MOST = np.uint8(255)
# What each byte counts as, and whether a run of it counts as one.
_AS = np.arange(256, dtype=np.uint8)
_AS[:0x21] = 0x20
_AS[0x30:0x3A] = 0x30
_AS[0x41:0x5B] |= 0x20
_RUNS = np.isin(np.arange(256), [0x20, 0x30])


@njit(nogil=True, cache=True)
def _normalise(line, text):
    """Write what counts of a line into text, and return how many bytes that is."""
    n, before = np.int64(0), np.uint8(0)
    for p in range(len(line)):
        c = _AS[line[p]]
        text[n] = c
        n += np.int64((c != before) | ~_RUNS[c])
        before = c
    return n


@njit(nogil=True, cache=True)
def fingerprints(data, offsets, seeds, first, start, end, out):
    """Hash each line of some bodies, whatever its numbers, the case of its ASCII letters, and its white space.

    data: uint8, bodies data[offsets[d]:offsets[d + 1]], lines apart by a newline; empty lines are none. seeds:
    uint64, n, of XXH64. Fills first (n + 1) with the number of the first line of each body; per line start and end
    (bytes of data), and out (uint64). Room for a line a newline, and n, is enough. Returns the number of lines.
    """
    text = np.empty(1 << 12, np.uint8)
    k = 0
    for d in range(len(offsets) - 1):
        first[d] = k
        i, stop = offsets[d], offsets[d + 1]
        while i < stop:
            j = i
            while j < stop and data[j] != 10:
                j += 1
            if j - i > len(text):
                text = np.empty(2 * (j - i), np.uint8)
            if j > i:
                n = _normalise(data[i:j], text)
                start[k], end[k], out[k] = i, j, xxh64(text, np.int64(0), n, seeds[d])
                k += 1
            i = j + 1
    first[len(offsets) - 1] = k
    return k


@njit(nogil=True, cache=True)
def tally(hashes, shift, slots, least):
    """Count hashes in slots (uint8, that of hash >> shift), each up to 255.

    Returns by how many more the hashes grew that stand in a slot of at least so many.
    """
    grew = 0
    for one in hashes:
        slot = np.int64(one >> shift)
        if slots[slot] < _MOST:
            slots[slot] += np.uint8(1)
        if slots[slot] == least:
            grew += least
        elif slots[slot] > least:
            grew += 1
    return grew
