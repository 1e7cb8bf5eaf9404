"""How a line ends: what tells a sentence from a label, in any script."""

from __future__ import annotations

from enum import IntEnum, auto


class Ending(IntEnum):
    """Closing quotation marks and brackets aside; CLOSED is one of these and nothing before it."""

    OPEN = auto()
    SENTENCE = auto()
    ELLIPSIS = auto()
    COLON = auto()
    COMMA = auto()
    CLOSED = auto()


_SPACES = " \u00a0"
_CLOSERS = "\"')]\u00bb\u201d\u2019\u201c\u203a\u300d\u300f\uff09\u3011\uff3d"
# ASCII, Devanagari, Urdu, Arabic, ideographic, full-width, Armenian, Ethiopic, Tibetan, Myanmar, Khmer.
_STOPS = ".!?\u0964\u0965\u06d4\u061f\u3002\uff01\uff1f\uff0e\u0589\u1362\u0f0d\u104b\u17d5"
_ENDS = {
    **dict.fromkeys(_STOPS, Ending.SENTENCE),
    **dict.fromkeys(":;\uff1a\uff1b", Ending.COLON),
    **dict.fromkeys(",\u060c\u3001\uff0c", Ending.COMMA),
    "\u2026": Ending.ELLIPSIS,
}


def ending(line: str) -> Ending:
    """How a trimmed line ends."""
    bare = line.rstrip(_SPACES + _CLOSERS)
    if bare.endswith("..") and len(bare) > 2:
        return Ending.ELLIPSIS
    closed = any(c in _CLOSERS for c in line[len(bare) :])
    return _ENDS.get(bare[-1:], Ending.CLOSED if closed else Ending.OPEN)
