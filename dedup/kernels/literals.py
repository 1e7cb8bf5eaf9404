"""Small tables of short texts, to ask at each byte of a line whether one of them stands there."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from numba import njit

from dedup.kernels.words import load64

# Bits of a word that the case of ASCII letters is in.
FOLD = np.uint64(0x2020202020202020)
_BITS = 13
_SLOTS = 1 << _BITS
_SPREAD = np.uint64(0x9E3779B1)


def literals(texts: Iterable[bytes], key: int, *, fold: bool = False, last: bool = False) -> npt.NDArray[np.uint64]:
    """A table of texts of 8 bytes at most, and at least of key bytes, which are those that are looked up.

    fold: without regard to the case of ASCII letters. last: to be found at the end of a word, and not at its start.
    The table begins with a slot a spread key, the byte of the first text of a chain, or 0; a text takes three
    places: what the bytes of a word that count are, which these are, the byte of the next one.
    """
    known = sorted(set(texts))
    table = np.zeros(_SLOTS + 3 * len(known), np.uint64)
    for place, text in zip(range(_SLOTS, len(table), 3), known, strict=True):
        empty = 8 * (8 - len(text)) if last else 0
        mask = (1 << 8 * len(text)) - 1 << empty
        word = int.from_bytes(text, "little") << empty
        word |= int(FOLD) & mask if fold else 0
        slot = (word >> (64 - 8 * key if last else 0)) % (1 << 8 * key) * int(_SPREAD) % (1 << 32) >> 32 - _BITS
        table[place : place + 3] = word, mask, table[slot]
        table[slot] = 8 * place
    return table


@njit(nogil=True, cache=True, inline="always")
def slot(literals, key):
    """Of a table, by its address, the slot of a key: 0 where no text has that."""
    return load64(literals, np.int64((key * _SPREAD & np.uint64(0xFFFFFFFF)) >> np.uint64(32 - _BITS)) << 3)


@njit(nogil=True, cache=True, inline="always")
def is_any(literals, key, word):
    """Whether one of the texts of a table is in the word that has that key."""
    k = np.int64(slot(literals, key))
    while k and word & load64(literals, k + 8) != load64(literals, k):
        k = np.int64(load64(literals, k + 16))
    return k != 0
