"""128-bit hashes of whole strings."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.xxh64 import xxh64_twice


@njit(nogil=True, cache=True)
def digests(data, offsets, out):
    """out (n, 2) uint64, written: XXH64 of data[offsets[d]:offsets[d + 1]] with seeds 0 and 1."""
    for d in range(len(offsets) - 1):
        out[d, 0], out[d, 1] = xxh64_twice(data, offsets[d], offsets[d + 1], np.uint64(0), np.uint64(1))
