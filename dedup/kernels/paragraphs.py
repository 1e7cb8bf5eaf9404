"""Quotations that go beyond one paragraph."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.speech import COLON, MOST_INTRODUCED, SINGLE, UNCLOSED
from dedup.kernels.xxh64 import xxh64


@njit(nogil=True, cache=True)
def mark_paragraphs(out, starts, ends, flags, speakers, quoted):
    """quoted, written further: speech that goes on in the next paragraph, and what a colon introduces.

    out, starts: tokens as `tokenise` writes them. ends: int64, n, the token after each paragraph.
    flags: uint8, n, COLON, SINGLE and UNCLOSED. speakers: uint64, sorted, as
    `dedup.kernels.speech.first_person` gives them.
    """
    first = np.int64(0)
    block = False
    for p in range(len(ends)):
        end = ends[p]
        if p > 0 and flags[p - 1] & UNCLOSED and flags[p] & SINGLE:
            quoted[(ends[p - 2] if p > 1 else 0) : first] = 1
        # A first paragraph that ends in a colon is a headline or a label.
        if end - first > MOST_INTRODUCED:
            block = False
        elif p > 1 and flags[p - 1] & COLON:
            block = True
        elif block:
            block = False
            for token in range(first, end):
                if quoted[token]:
                    continue
                hashed = xxh64(out, starts[token], starts[token + 1] - 1, np.uint64(0))
                at = np.searchsorted(speakers, hashed)
                if at < len(speakers) and speakers[at] == hashed:
                    block = True
                    break
        if block:
            quoted[first:end] = 1
        first = end
