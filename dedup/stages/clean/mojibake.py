"""Repair texts whose UTF-8 was once read as Windows-1252: â€œHelloâ€\x9d was “Hello”.

A sequence of characters is put back where its bytes are UTF-8, and only in a text in which most characters that could
begin such a sequence do: "né…" in French is none, for most é there stand before letters.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# Twice read wrongly happens, more often hardly.
_ROUNDS = 3
# So many two-byte sequences make sure where none is of the surest kind.
_ENOUGH = 3

# What Windows-1252 makes of 0x80 to 0xBF; the five bytes that it leaves open stay control characters.
_TRAILING = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0)]
_BYTE_OF = {ord(char): 0x80 + i for i, char in enumerate(_TRAILING)}
# As ISO 8859-1 all of them do.
_BYTE_OF.update({code: code for code in range(0x80, 0x100)})
_TRAIL = "[" + "".join(re.escape(char) for char in _TRAILING) + "\x80-\x9f]"
# “ ” and their like lose their last byte, 0x9D, where open bytes are dropped or replaced.
_LOST = "\u00e2\u20ac(?:\ufffd|(?!" + _TRAIL + "))"
_SEQUENCE = re.compile(
    f"[\u00c2-\u00df]{_TRAIL}|[\u00e0-\u00ef]{_TRAIL}{_TRAIL}|[\u00f0-\u00f4]{_TRAIL}{_TRAIL}{_TRAIL}|{_LOST}"
)
_LEADING = re.compile("[\u00c2-\u00f4]")
# Control characters that are no white space.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]+")
# Bytes that a trailing one begins with in UTF-8.
TRAILING = np.zeros(256, np.bool_)
TRAILING[[char.encode()[0] for char in [*_TRAILING, "\x80"]]] = True


def repair(text: str) -> str:
    """text as it was before it was read wrongly, itself where it was not; without control characters, which may part
    what belongs together."""
    text = CONTROL.sub("", text)
    for _ in range(_ROUNDS):
        found = [whole for match in _SEQUENCE.finditer(text) if (whole := _decoded(match[0])) is not None]
        if not found or 2 * len(found) <= len(_LEADING.findall(text)) or not _sure(found):
            break
        text = _SEQUENCE.sub(lambda match: _decoded(match[0]) or match[0], text)
    return text


def repaired(texts: pa.Array, rows: npt.NDArray[np.int64]) -> dict[int, str]:
    """Those rows of a column that `repair` changes, as it leaves them."""
    before = texts.take(pa.array(rows)).to_pylist()
    after = [repair(text) for text in before]
    return {row: new for row, old, new in zip(rows.tolist(), before, after, strict=True) if old != new}


def _decoded(sequence: str) -> str | None:
    if sequence.startswith("\u00e2\u20ac") and len(sequence.rstrip("\ufffd")) == 2:
        return "\u201d"
    try:
        return bytes(_BYTE_OF[ord(char)] for char in sequence).decode()
    except UnicodeDecodeError:
        return None


def _sure(found: list[str]) -> bool:
    """Whether one is of three bytes or more, or a sign or letter of Latin-1, or there are many."""
    return len(found) >= _ENOUGH or any(char >= "\u0800" or char <= "\u00ff" for char in found)
