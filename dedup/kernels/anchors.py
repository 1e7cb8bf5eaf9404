"""Anchors of shingle sets: narrative shingles with a small hash (FracMinHash)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def count(hashes, ends, marks, mark_ends, limit, least, anchor_ends):
    """anchor_ends (int64, n + 1): bounds of each set's anchors, those below limit and at least `least`."""
    anchor_ends[0] = 0
    for d in range(len(ends) - 1):
        n = np.int64(0)
        for i in range(ends[d + 1] - ends[d]):
            if n >= least and hashes[ends[d] + i] >= limit:
                break
            n += (marks[mark_ends[d] + (i >> 3)] >> np.uint8(i & 7)) & 1
        anchor_ends[d + 1] = anchor_ends[d] + n


@njit(nogil=True, cache=True)
def fill(hashes, ends, marks, mark_ends, anchor_ends, keys, rows):
    """keys, rows (uint32): the anchors that `count` counted and the set that each is of."""
    for d in range(len(ends) - 1):
        at = anchor_ends[d]
        i = np.int64(0)
        while at < anchor_ends[d + 1]:
            if (marks[mark_ends[d] + (i >> 3)] >> np.uint8(i & 7)) & 1:
                keys[at] = hashes[ends[d] + i]
                rows[at] = d
                at += 1
            i += 1
