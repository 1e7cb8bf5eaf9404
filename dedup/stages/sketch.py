"""Sketch shingle sets: the MinHash signature of each, and its anchors.

Signatures equal datasketch's `MinHash(num_perm, seed, scheme="affine32")` bit for bit
(Broder 1997; Zhu, datasketch 2.0). Anchors are narrative shingles with a small hash
(FracMinHash: Irber et al. 2022), which two articles share when one holds a part of the other.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from dedup.kernels.affine32 import permutations
from dedup.kernels.threads import each
from dedup.model import Params

_CHUNK = 1024


def sketch(
    hashes: npt.NDArray[np.uint32], ends: npt.NDArray[np.int64], params: Params, executor: Executor | None = None
) -> npt.NDArray[np.uint32]:
    """(n, num_perm) uint32 signatures of the sets hashes[ends[d]:ends[d + 1]]."""
    from dedup.kernels import minhash as kernel

    a, b = permutations(params.num_perm, params.seed)
    signatures = np.empty((len(ends) - 1, params.num_perm), np.uint32)

    def part(first: int) -> None:
        kernel.minhash(hashes, ends[first : first + _CHUNK + 1], a, b, signatures[first : first + _CHUNK])

    each(part, range(0, len(signatures), _CHUNK), executor)
    return signatures


def anchors(
    hashes: npt.NDArray[np.uint32],
    ends: npt.NDArray[np.int64],
    marks: npt.NDArray[np.uint8],
    mark_ends: npt.NDArray[np.int64],
    params: Params,
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """(keys, rows), uint32 each: every set's narrative hashes below 2^32 / anchor_scale, and
    its least anchor_min in any case; in order of row, then key."""
    from dedup.kernels import anchors as kernel

    limit = np.uint64((1 << 32) // params.anchor_scale)
    ends_of = np.empty(len(ends), np.int64)
    kernel.count(hashes, ends, marks, mark_ends, limit, params.anchor_min, ends_of)
    keys = np.empty(int(ends_of[-1]), np.uint32)
    rows = np.empty(len(keys), np.uint32)
    kernel.fill(hashes, ends, marks, mark_ends, ends_of, keys, rows)
    return keys, rows
