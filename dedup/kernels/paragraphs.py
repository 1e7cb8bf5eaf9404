"""Speech that no mark closes round: over several paragraphs, behind a colon, and in the first person."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels.speech import (
    COLON,
    ENDS,
    LIKE_BITS,
    LIKENESS,
    MOST_INTRODUCED,
    MOST_SPOKEN,
    NAMES,
    NEAR_COLON,
    OF_DOCUMENT,
    QUOTED,
    SINGLE,
    SPEAKS,
    UNCLOSED,
)
from dedup.kernels.words import load64
from dedup.kernels.xxh64 import xxh64

_SHIFT = np.uint64(64 - LIKE_BITS)


@njit(nogil=True, cache=True)
def mark_speech(out, starts, k, ends, flags, speakers, like, quoted):
    """quoted, written further, for a text of k tokens: then 1 where a token is quoted, else 0.

    out, starts, quoted: tokens as `tokenise` writes them. ends: int64, n, the token after each paragraph.
    flags: uint8, n, COLON, SINGLE and UNCLOSED. speakers, like: as `dedup.kernels.speech.first_person` gives them.
    """
    found = _find_speakers(out, starts, k, speakers, like, quoted)
    _mark_paragraphs(ends, flags, quoted)
    if found:
        _mark_sentences(k, quoted)
    for token in range(k):
        quoted[token] &= QUOTED


@njit(nogil=True, cache=True)
def _find_speakers(out, starts, k, speakers, like, quoted):
    """Marks tokens of the first person, and those that name a document; whether there are any of the first person."""
    found = False
    for token in range(k):
        found |= quoted[token] & SPEAKS != 0
        size = starts[token + 1] - 1 - starts[token]
        word = load64(out, starts[token]) & (~np.uint64(0) >> np.uint64(64 - 8 * min(size, 8)))
        if like[(word * np.uint64(LIKENESS)) >> _SHIFT]:
            hashed = xxh64(out, starts[token], starts[token] + size, np.uint64(0)) & ~np.uint64(1)
            at = np.searchsorted(speakers, hashed)
            if at < len(speakers) and speakers[at] & ~np.uint64(1) == hashed:
                names = speakers[at] & np.uint64(1) != 0
                quoted[token] |= NAMES if names else SPEAKS
                found |= not names
    return found


@njit(nogil=True, cache=True)
def _mark_paragraphs(ends, flags, quoted):
    first = np.int64(0)
    block = False
    more = np.int64(0)  # paragraphs that a document may still have
    for p in range(len(ends)):
        end = ends[p]
        if p > 0 and flags[p - 1] & UNCLOSED and flags[p] & SINGLE:
            for token in range(ends[p - 2] if p > 1 else 0, first):
                quoted[token] |= QUOTED
        # A first paragraph that ends in a colon is a headline or a label.
        if end - first > MOST_INTRODUCED:
            block = False
        elif p > 1 and flags[p - 1] & COLON:
            block = True
            more = np.int64(0)
            # A document that stands between marks ends with them.
            if quoted[first] & QUOTED == 0:
                for token in range(max(ends[p - 2], first - NEAR_COLON), first):
                    more |= (OF_DOCUMENT - 1) * (quoted[token] & NAMES != 0)
        elif block:
            speaks = quotes = False
            for token in range(first, end):
                speaks |= quoted[token] & (SPEAKS | QUOTED) == SPEAKS
                quotes |= quoted[token] & QUOTED != 0
            if quotes:
                more = np.int64(0)
            block = bool(speaks or more > 0)
            more -= 1
        if block:
            for token in range(first, end):
                quoted[token] |= QUOTED
        first = end


@njit(nogil=True, cache=True)
def _mark_sentences(k, quoted):
    told = spoken = own = np.int64(0)
    speaks = quotes = False
    for token in range(k):
        plain = quoted[token] & QUOTED == 0
        quotes |= not plain
        own += plain
        speaks |= plain and quoted[token] & SPEAKS != 0
        if quoted[token] & ENDS or token == k - 1:
            told += own
            if speaks:
                spoken += own
            own, speaks = np.int64(0), False
    if not quotes or spoken > MOST_SPOKEN * told:
        return
    first = np.int64(0)
    for token in range(k):
        speaks |= quoted[token] & (SPEAKS | QUOTED) == SPEAKS
        if quoted[token] & ENDS or token == k - 1:
            if speaks:
                for i in range(first, token + 1):
                    quoted[i] |= QUOTED
            first, speaks = np.int64(token + 1), False
