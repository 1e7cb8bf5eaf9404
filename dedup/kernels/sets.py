"""Common elements of sorted sets, with their narrative marks."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

# A table has 8 slots an element at least, 2^16 at most, and a filter 4 bits a slot.
_SLOTS, _MOST_BITS = np.uint64(8), np.uint64(16)
_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)


@njit(inline="always")
def _word(value, last):
    """The word of a filter that has the bit of a hash, whose lowest bits tell which; last: the last word."""
    return (value >> np.uint32(6)) & last


@njit(inline="always")
def _bit(value):
    return np.uint64(value & np.uint32(63))


@njit(inline="always")
def _mark(marks, first, i):
    """Bit i of the bitmap that begins at first, uint64."""
    return np.uint64(marks[first + (i >> _THREE)] >> np.uint8(i & np.uint64(7))) & _ONE


@njit(nogil=True, cache=True)
def _lay_out(hashes, first, n, marks, mark_first, words, slots, held, told):
    """Lay out n elements (one at least) from first on so that others are found among them.

    words, slots, held, told: written, see `overlaps`. Returns by how much a hash is shifted to its slot, the last word
    of the filter, and whether more than three elements have one slot.
    """
    bits = np.uint64(8)
    while (_ONE << bits) < _SLOTS * n and bits < _MOST_BITS:
        bits += _ONE
    shift, last = np.uint32(np.uint64(32) - bits), np.uint32((_ONE << (bits - _FOUR)) - _ONE)
    words[: np.int64(last) + 1] = 0
    slots[: np.int64(_ONE << bits)] = 0
    deep = False
    for k in range(n):
        i = n - _ONE - np.uint64(k)  # a slot tells its first element
        x = hashes[first + i]
        held[i] = x
        told[i] = _mark(marks, mark_first, i)
        words[_word(x, last)] |= _ONE << _bit(x)
        slots[x >> shift] = i
        if np.uint64(k) >= _THREE and held[i + _THREE] >> shift == x >> shift:
            deep = True
    held[n] = held[n + _ONE] = held[n + _TWO] = held[n - _ONE]
    return shift, last, deep


@njit(nogil=True, cache=True)
def _place(held, n, value):
    """Where a value stands, or n."""
    low, high = np.uint64(0), n
    while low < high:
        middle = (low + high) >> _ONE
        if held[middle] < value:
            low = middle + _ONE
        else:
            high = middle
    return low if low < n and held[low] == value else n


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

    Only what passes a Bloom filter of one hash (Bloom 1970) of set a is looked for in it, by the upper bits of its
    hash: a merge takes a branch an element, which nobody foresees, and twice as long. Unsigned places are not tested
    for being negative: that is a third of it.
    """
    longest_a = longest_b = np.uint64(0)
    for p in range(len(a)):
        longest_a = max(longest_a, np.uint64(ends_a[a[p] + 1] - ends_a[a[p]]))
        longest_b = max(longest_b, np.uint64(ends_b[b[p] + 1] - ends_b[b[p]]))
    words = np.empty(_ONE << (_MOST_BITS - _FOUR), np.uint64)
    slots = np.empty(_ONE << _MOST_BITS, np.uint32)  # the place in held of the first element of each
    # The elements of set a, thrice the last one behind them, and their marks.
    held, told = np.empty(longest_a + _THREE, np.uint32), np.empty(longest_a + _THREE, np.uint8)
    passed = np.empty(longest_b + _ONE, np.uint32)
    laid_out = np.int64(-1)
    n_a, shift, last, deep = np.uint64(0), np.uint32(0), np.uint32(0), False
    for p in range(len(a)):
        if a[p] != laid_out:
            laid_out = a[p]
            i0 = np.uint64(ends_a[laid_out])
            n_a = np.uint64(ends_a[laid_out + 1]) - i0
            if n_a:
                first = np.uint64(mark_ends_a[laid_out])
                shift, last, deep = _lay_out(hashes_a, i0, n_a, marks_a, first, words, slots, held, told)
        if not n_a:
            counts[p] = 0
            continue
        j0, first = np.uint64(ends_b[b[p]]), np.uint64(mark_ends_b[b[p]])
        n = np.uint64(0)
        for k in range(np.uint64(ends_b[b[p] + 1]) - j0):
            y = hashes_b[j0 + np.uint64(k)]
            passed[n] = k
            n += words[_word(y, last)] >> _bit(y) & _ONE
        both = marked = of_a = of_b = np.uint64(0)
        for q in range(n):
            j = np.uint64(passed[q])
            y = hashes_b[j0 + j]
            i = np.uint64(slots[y >> shift])
            at_0 = np.uint64(held[i] == y)
            at_1 = np.uint64(held[i + _ONE] == y)
            is_there = at_0 | at_1 | np.uint64(held[i + _TWO] == y)
            i += (_ONE - at_0) * (_TWO - at_1)
            if deep and not is_there:
                i = _place(held, n_a, y)
                is_there = np.uint64(i < n_a)
            m = np.uint64(told[i]) & is_there
            k = _mark(marks_b, first, j) & is_there
            both += is_there
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
