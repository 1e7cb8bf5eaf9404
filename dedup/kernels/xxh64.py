"""XXH64 of a slice of a byte buffer, where it lies.

The algorithm is Yann Collet's (xxHash specification 0.1.1, XXH64).
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.words import load32, load64

P1 = np.uint64(11400714785074694791)
P2 = np.uint64(14029467366897019727)
P3 = np.uint64(1609587929392839161)
P4 = np.uint64(9650029242287828579)
P5 = np.uint64(2870177450012600261)
PADDING = 32


@njit(inline="always")
def _rotate(x, r):
    return (x << np.uint64(r)) | (x >> np.uint64(64 - r))


@njit(inline="always")
def _mix(lane_sum, lane):
    return _rotate(lane_sum + lane * P2, 31) * P1


@njit(inline="always")
def _lane(h, lane):
    return _rotate(h ^ _mix(np.uint64(0), lane), 27) * P1 + P4


@njit(inline="always")
def _half(h, lane):
    return _rotate(h ^ (lane * P1), 23) * P2 + P3


@njit(inline="always")
def _byte(h, byte):
    return _rotate(h ^ (byte * P5), 11) * P1


@njit(inline="always")
def _merged(v1, v2, v3, v4, size):
    """The state of four lanes after all whole stripes of size bytes."""
    h = _rotate(v1, 1) + _rotate(v2, 7) + _rotate(v3, 12) + _rotate(v4, 18)
    for v in (v1, v2, v3, v4):
        h = (h ^ _mix(np.uint64(0), v)) * P1 + P4
    return h + size


@njit(inline="always")
def _begun(data, start, end, seed):
    """The state after all whole stripes of 32 bytes, and where the rest begins."""
    i = start
    if end - start >= 32:
        v1, v2, v3, v4 = seed + P1 + P2, seed + P2, seed, seed - P1
        while i + 32 <= end:
            v1, v2 = _mix(v1, load64(data, i)), _mix(v2, load64(data, i + 8))
            v3, v4 = _mix(v3, load64(data, i + 16)), _mix(v4, load64(data, i + 24))
            i += 32
        return _merged(v1, v2, v3, v4, np.uint64(end - start)), i
    return seed + P5 + np.uint64(end - start), i


@njit(inline="always")
def _finished(h):
    h = (h ^ (h >> np.uint64(33))) * P2
    h = (h ^ (h >> np.uint64(29))) * P3
    return h ^ (h >> np.uint64(32))


@njit(inline="always")
def xxh64(data, start, end, seed):
    """XXH64 of data[start:end] (uint8) with a uint64 seed."""
    h, i = _begun(data, start, end, seed)
    return _ended(data, i, end, h)


@njit(inline="always")
def xxh64_twice(data, start, end, one, other):
    """XXH64 of data[start:end] (uint8) with two seeds at once: each waits for its own multiplications."""
    i = start
    if end - start < 32:
        return xxh64(data, start, end, one), xxh64(data, start, end, other)
    v1, v2, v3, v4 = one + P1 + P2, one + P2, one, one - P1
    w1, w2, w3, w4 = other + P1 + P2, other + P2, other, other - P1
    while i + 32 <= end:
        first, second = load64(data, i), load64(data, i + 8)
        third, fourth = load64(data, i + 16), load64(data, i + 24)
        v1, v2, v3, v4 = _mix(v1, first), _mix(v2, second), _mix(v3, third), _mix(v4, fourth)
        w1, w2, w3, w4 = _mix(w1, first), _mix(w2, second), _mix(w3, third), _mix(w4, fourth)
        i += 32
    size = np.uint64(end - start)
    h, g = _merged(v1, v2, v3, v4, size), _merged(w1, w2, w3, w4, size)
    return _ended(data, i, end, h), _ended(data, i, end, g)


@njit(inline="always")
def _ended(data, i, end, h):
    """The hash of a state and what is left behind whole stripes, data[i:end]."""
    while i + 8 <= end:
        h = _lane(h, load64(data, i))
        i += 8
    if i + 4 <= end:
        h = _half(h, np.uint64(load32(data, i)))
        i += 4
    while i < end:
        h = _byte(h, np.uint64(data[i]))
        i += 1
    return _finished(h)


@njit(inline="always")
def xxh64_of_shingle(data, start, end, seed):
    """As xxh64, of some words: of all steps that a tail may need those that it does not are dropped, since nobody
    foresees how long words are: 16 ns against 23. PADDING bytes behind end are read."""
    size = np.uint64(end - start)
    h, i = _begun(data, start, end, seed)
    lanes = (size & np.uint64(31)) >> np.uint64(3)
    for lane in range(3):
        stepped = _lane(h, load64(data, i + 8 * lane))
        h = stepped if lanes > np.uint64(lane) else h
    i += np.int64(lanes << np.uint64(3))
    stepped = _half(h, np.uint64(load32(data, i)))
    h = stepped if size & np.uint64(4) else h
    last = np.uint64(load32(data, i + np.int64(size & np.uint64(4))))
    for byte in range(3):
        stepped = _byte(h, last >> np.uint64(8 * byte) & np.uint64(0xFF))
        h = stepped if size & np.uint64(3) > np.uint64(byte) else h
    return _finished(h)
