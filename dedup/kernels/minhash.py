"""MinHash signatures of shingle sets (Broder 1997), in datasketch's scheme `affine32`."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import least4


@njit(nogil=True, cache=True)
def minhash(hashes, ends, a, b, signatures):
    """Signature of each set hashes[ends[d]:ends[d + 1]].

    hashes: uint32. ends: int64, n + 1. a, b: uint32, one a permutation. signatures:
    (n, num_perm) uint32, written; 2^32 - 1 for an empty set.
    """
    longest = np.int64(1)
    for d in range(len(ends) - 1):
        longest = max(longest, ends[d + 1] - ends[d])
    mixed = np.empty(longest + 15, np.uint32)
    permutations = len(a)
    for d in range(len(ends) - 1):
        n = ends[d + 1] - ends[d]
        for i in range(n):
            h = hashes[ends[d] + i]
            h = np.uint32((h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
            h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
            mixed[i] = h ^ (h >> np.uint32(16))
        # Those that fill the last 16 are there already, and change no minimum.
        filled = (n + 15) & ~15
        for i in range(n, filled):
            mixed[i] = mixed[0]
        # The minimum over shingles vectorises, the one over permutations does not: 2.7 ns
        # against 11.5 ns a shingle.
        whole = permutations - permutations % 4
        for j in range(0, whole, 4):
            m0, m1, m2, m3 = least4(mixed, filled, a, b, j)
            signatures[d, j], signatures[d, j + 1], signatures[d, j + 2], signatures[d, j + 3] = m0, m1, m2, m3
        for j in range(whole, permutations):
            m = np.uint32(0xFFFFFFFF)
            for i in range(n):
                m = min(m, np.uint32(a[j] * mixed[i] + b[j]))
            signatures[d, j] = m
