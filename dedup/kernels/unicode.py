"""What the tokeniser knows of each code point (Unicode 14), as one two-stage table.

The entry of a code point c is entries[pages[c >> 8] << 8 | c & 255], its combining class
likewise. An entry holds the distance to the lower-case code point, modulo 2^21 (most
pages are then alike), and what the bits below say.
"""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PAGE = 256

# What a code point is to a token.
SEPARATOR = 0 << 21
LETTER = 1 << 21
MARK = 2 << 21
NUMBER = 3 << 21
FORMAT = 4 << 21
APOSTROPHE = 5 << 21
LETTER_APOSTROPHE = 6 << 21
CLASS = 7 << 21

SOLITARY = 1 << 24  # a token of its own, with its marks
UNSTABLE = 1 << 25  # NFKC and lower-casing need more than this code point: the text leaves the fast path
SECOND = 1 << 26  # NFC may join it to what precedes
FIRST = 1 << 27  # NFC may join it to what follows
COMBINES = 1 << 28  # its combining class is not zero
SPECIAL = 1 << 29  # a quotation mark or the end of a paragraph
UNASSIGNED = 1 << 30  # in Unicode 14
# Of more combining characters in a row the rest vanish (UAX #15, stream-safe text, breaks the run there): what
# puts them in order takes time with the square of their number.
MOST_COMBINING = 30
LOWER = (1 << 21) - 1

PARAGRAPH_ENDS = "\n\r\x85\u2028\u2029"
MARKS_OF_TEXT = PARAGRAPH_ENDS + '"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u2018\u2019'


class UnicodeTable(NamedTuple):
    pages: npt.NDArray[np.uint16]
    entries: npt.NDArray[np.uint32]
    classes: npt.NDArray[np.uint8]


@functools.cache
def table() -> UnicodeTable:
    """The table, read once a process."""
    with np.load(Path(__file__).parent / "unicode14.npz", allow_pickle=False) as stored:
        return UnicodeTable(stored["pages"], stored["entries"], stored["classes"])


def entries(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The entry of each code point."""
    known = table()
    found: npt.NDArray[np.uint32] = known.entries[known.pages[points >> 8].astype(np.uint32) << 8 | points & 255]
    return found


def fold(text: str) -> str:
    """NFKC and full lower case, but of I, as Unicode 14 knows them; what it does not assign becomes a space, and of
    more than MOST_COMBINING combining characters in a row the rest vanish."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    found = entries(points)
    # A later Unicode may know how to normalise what 14 does not assign: here it separates, as in the table.
    points = np.where(found & UNASSIGNED, np.uint32(0x20), points)
    place = np.arange(len(points))
    run = place - np.maximum.accumulate(np.where(found & COMBINES, -1, place))
    known = points[run <= MOST_COMBINING].tobytes().decode("utf-32-le")
    # NFKC leaves no long s, which is a letter as I is to what surrounds it.
    return unicodedata.normalize("NFKC", known).replace("I", "\u017f").lower().replace("\u017f", "I")
