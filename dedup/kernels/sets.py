"""Common elements of sorted sets, with their narrative marks."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

_WORDS = 1 << 8  # of a filter: 16,384 bits, for sets of a few hundred


@njit(inline="always")
def _word(value):
    """The word of a filter that has the bit of a hash; its lowest bits tell which bit."""
    return np.int64((value >> np.uint32(6)) & np.uint32(_WORDS - 1))


@njit(nogil=True, cache=True)
def overlaps(
    a,
    hashes_a,
    ends_a,
    marks_a,
    mark_ends_a,
    b,
    hashes_b,
    ends_b,
    marks_b,
    mark_ends_b,
    counts,
):
    """Elements in common of set a[p] of one collection and set b[p] of another, for every p.

    a, b: int64, n, fastest where a[p] comes several times in a row. The collections are as in
    `dedup.stages.shingle.ShingleSets`; they may be the same. counts: (n, 4) uint32, written: elements in both; those
    that are marked in both, in a alone, in b alone.

    Only what passes a Bloom filter of one hash (Bloom 1970) of the other set is looked for there: what two sets
    have in common comes in runs then, and branches are foreseen.
    """
    words = np.empty(_WORDS, np.uint64)
    longest = np.int64(0)
    for p in range(len(b)):
        longest = max(longest, ends_b[b[p] + 1] - ends_b[b[p]])
    passed = np.empty(longest + 1, np.int64)
    filtered = np.int64(-1)
    for p in range(len(a)):
        i0, i_end = ends_a[a[p]], ends_a[a[p] + 1]
        j0, j_end = ends_b[b[p]], ends_b[b[p] + 1]
        if a[p] != filtered:
            filtered = a[p]
            words[:] = 0
            for i in range(i0, i_end):
                words[_word(hashes_a[i])] |= np.uint64(1) << np.uint64(hashes_a[i] & np.uint32(63))
        n = np.int64(0)
        for j in range(j0, j_end):
            passed[n] = j
            n += np.int64(words[_word(hashes_b[j])] >> np.uint64(hashes_b[j] & np.uint32(63)) & np.uint64(1))
        bits_i, bits_j = mark_ends_a[a[p]], mark_ends_b[b[p]]
        i = i0
        both = marked = of_a = of_b = np.int64(0)
        for q in range(n):
            j = passed[q]
            y = hashes_b[j]
            while i < i_end and hashes_a[i] < y:
                i += 1
            if i == i_end:
                break
            if hashes_a[i] == y:
                m = np.int64(marks_a[bits_i + ((i - i0) >> 3)] >> np.uint8((i - i0) & 7)) & 1
                k = np.int64(marks_b[bits_j + ((j - j0) >> 3)] >> np.uint8((j - j0) & 7)) & 1
                both += 1
                marked += m & k
                of_a += m
                of_b += k
        counts[p, 0], counts[p, 1], counts[p, 2], counts[p, 3] = both, marked, of_a - marked, of_b - marked


@njit(nogil=True, cache=True)
def marked(ends, marks, mark_ends, counts):
    """counts (uint32, n), written: marked elements of each set."""
    for d in range(len(ends) - 1):
        n = np.int64(0)
        for i in range(ends[d + 1] - ends[d]):
            n += np.int64((marks[mark_ends[d] + (i >> 3)] >> np.uint8(i & 7)) & np.uint8(1))
        counts[d] = n


@njit(nogil=True, cache=True)
def clear(hashes, ends, marks, mark_ends, crowd_ends, crowd_of, common, common_ends, counts):
    """marks, written: those of elements that some list holds cleared. counts (uint32, n), written: marks that stay.

    crowd_of: int64, the lists of set d at crowd_of[crowd_ends[d]:crowd_ends[d + 1]]; list c is common[common_ends[c]:
    common_ends[c + 1]], uint32, sorted.
    """
    for d in range(len(ends) - 1):
        for at in range(crowd_ends[d], crowd_ends[d + 1]):
            i, i_end = common_ends[crowd_of[at]], common_ends[crowd_of[at] + 1]
            j = ends[d]
            while i < i_end and j < ends[d + 1]:
                x, y = common[i], hashes[j]
                if x == y:
                    bit = j - ends[d]
                    marks[mark_ends[d] + (bit >> 3)] &= np.uint8(255) ^ (np.uint8(1) << np.uint8(bit & 7))
                i += np.int64(x <= y)
                j += np.int64(y <= x)
        n = np.int64(0)
        for bit in range(ends[d + 1] - ends[d]):
            n += np.int64((marks[mark_ends[d] + (bit >> 3)] >> np.uint8(bit & 7)) & np.uint8(1))
        counts[d] = n


@njit(nogil=True, cache=True)
def frequent(hashes, starts, least, common, common_ends):
    """common (uint32), written as far as there is room: of each group those values that it has at least so often.

    hashes: uint32, sorted within a group, groups at starts (int64, m + 1). common_ends: int64, m + 1, written.
    """
    at = np.int64(0)
    common_ends[0] = 0
    for g in range(len(starts) - 1):
        i = starts[g]
        while i < starts[g + 1]:
            first = i
            while i < starts[g + 1] and hashes[i] == hashes[first]:
                i += 1
            if i - first >= least:
                if at < len(common):
                    common[at] = hashes[first]
                at += 1
        common_ends[g + 1] = at
    return at
