"""Write unicode14.npz, the table that the tokeniser reads; run again only for a new text version.

    python -m dedup.kernels.build_unicode        (Python 3.11, pip install regex)

The table is kept in the package, and not made from `unicodedata` at run time, so that
every Python gives the same tokens: 3.11 knows Unicode 14, 3.14 knows 16. A code point
that Unicode 14 does not assign separates tokens, whatever a later version says of it.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np

from dedup.kernels.unicode import (
    APOSTROPHE,
    COMBINES,
    FIRST,
    FORMAT,
    LETTER,
    LETTER_APOSTROPHE,
    LOWER,
    MARK,
    MARKS_OF_TEXT,
    NUMBER,
    PAGE,
    SECOND,
    SEPARATOR,
    SOLITARY,
    SPECIAL,
    STOP,
    STOPS,
    UNASSIGNED,
    UNSTABLE,
)

SOLITARY_SCRIPTS = "Han|Hiragana|Katakana|Thai|Lao|Khmer|Myanmar"
_CLASSES = {"L": LETTER, "M": MARK, "N": NUMBER}


def _class_of(char: str) -> int:
    if char in "'\u2019":
        return APOSTROPHE
    if char == "\u02bc":
        return LETTER_APOSTROPHE
    category = unicodedata.category(char)
    return FORMAT if category == "Cf" else _CLASSES.get(category[0], SEPARATOR)


def _compositions() -> tuple[set[str], set[str]]:
    """Characters that NFC joins to one that follows, and to one that precedes."""
    first, second = set(), set()
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            a, b = (chr(int(part, 16)) for part in parts)
            if unicodedata.normalize("NFC", a + b) == chr(code):
                first.add(a)
                second.add(b)
    for code in range(0x1100, 0x1113):
        first.add(chr(code))
    for code in range(0xAC00, 0xD7A4, 28):
        first.add(chr(code))
    for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)):
        second.add(chr(code))
    return first, second


def _entry(char: str, first: set[str], second: set[str], solitary: bool) -> int:
    folded = unicodedata.normalize("NFKC", char)
    lower = folded.lower()
    kind = _class_of(char)
    entry = COMBINES if unicodedata.combining(char) else 0
    if any(c in STOPS for c in folded):
        entry |= STOP
    if folded != char:
        harmless = all(_class_of(c) == SEPARATOR and c not in second and c not in MARKS_OF_TEXT for c in folded)
        if not harmless:
            return entry | UNSTABLE | FIRST
        kind, lower = SEPARATOR, char
    # A capital sigma lowers by its neighbours, a dotted capital I to two characters.
    if char == "\u03a3" or len(lower) != 1:
        return entry | UNSTABLE | FIRST
    if folded[-1] in first:
        entry |= FIRST
    if char in second:
        entry |= SECOND
    if solitary and kind in (LETTER, NUMBER):
        entry |= SOLITARY
    if char in MARKS_OF_TEXT:
        entry |= SPECIAL
    return entry | kind | (ord(lower) - ord(char)) & LOWER


def build() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two-stage table: (pages, entries, combining classes), see `dedup.kernels.unicode`."""
    import regex

    first, second = _compositions()
    solitary = regex.compile("|".join(rf"\p{{Script={name}}}" for name in SOLITARY_SCRIPTS.split("|")))
    size = sys.maxunicode + 1
    entries = np.zeros(size, np.uint32)
    classes = np.zeros(size, np.uint8)
    for code in range(size):
        char = chr(code)
        if 0xD800 <= code < 0xE000 or unicodedata.category(char) == "Cn":
            entries[code] = SEPARATOR | UNASSIGNED
            continue
        entries[code] = _entry(char, first, second, bool(solitary.match(char)))
        classes[code] = unicodedata.combining(char)
    both = np.concatenate([entries.reshape(-1, PAGE), classes.reshape(-1, PAGE).astype(np.uint32)], axis=1)
    unique, pages = np.unique(both, axis=0, return_inverse=True)
    return pages.astype(np.uint16).ravel(), unique[:, :PAGE].ravel(), unique[:, PAGE:].astype(np.uint8).ravel()


def main() -> None:
    if unicodedata.unidata_version != "14.0.0":
        raise SystemExit(f"Python 3.11 is needed: this one knows Unicode {unicodedata.unidata_version}, not 14.0.0")
    pages, entries, classes = build()
    target = Path(__file__).parent / "unicode14.npz"
    np.savez_compressed(target, pages=pages, entries=entries, classes=classes)
    print(f"{target}: {len(entries) // PAGE} pages, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
