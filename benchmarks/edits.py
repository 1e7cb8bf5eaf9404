"""What outlets and machines do to a text on its way, to every article of a set: the answer should hardly change.

Each article has its own chance, of its id alone, so that a set is changed the same way every time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

# Where a sentence may end: a stop, perhaps with a closing mark, before white space; of 。 and । none is needed.
_SENTENCE = re.compile(r"(?<=[.!?…][\"'”’»)])\s+|(?<=[.!?…])\s+|(?<=[。！？।॥])\s*")
_KEPT = 0.4
_CHANGED = 0.02


def shuffle(text: str, chance: random.Random) -> str:
    """The sentences of each paragraph in another order."""
    paragraphs = []
    for paragraph in text.split("\n"):
        sentences = [sentence for sentence in _SENTENCE.split(paragraph) if sentence]
        chance.shuffle(sentences)
        paragraphs.append(" ".join(sentences))
    return "\n".join(paragraphs)


def typography(text: str, chance: random.Random) -> str:
    """Other quotation marks, dashes, dots and spaces; of one article in three its UTF-8 read as Windows-1252."""
    way = chance.choice((_curly, _straight, _mojibake))
    return _spaces(way(text), chance)


def _curly(text: str) -> str:
    text = re.sub(r"(^|[\s(\[—–-])\"", r"\1“", text, flags=re.MULTILINE).replace('"', "”")
    text = re.sub(r"(^|[\s(\[—–“-])'(?=\w)", r"\1‘", text, flags=re.MULTILINE).replace("'", "’")
    return re.sub(r"\s--?\s", " — ", text).replace("...", "…")


def _straight(text: str) -> str:
    text = re.sub("[“”„]", '"', text)
    text = re.sub("[‘’]", "'", text)
    return re.sub("\\s?[—–]\\s?", " -- ", text).replace("…", "...")


def _mojibake(text: str) -> str:
    # As a browser reads it: the five bytes that Windows-1252 leaves open stay control characters.
    read = (bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in _curly(text).encode())
    return "".join(read)


def _spaces(text: str, chance: random.Random) -> str:
    kinds = (" ", " ", " ", " ", "  ", "\u00a0", "\u2009", "\u202f")
    return re.sub(" ", lambda _: chance.choice(kinds), text)


def cut(text: str, chance: random.Random) -> str:
    """The first 40 %, to the end of a word."""
    return text[: int(_KEPT * len(text))].rsplit(None, 1)[0] if text.split() else text


def words(text: str, chance: random.Random) -> str:
    """Other words, of the same text, in place of 2 % of the words."""
    found = re.split(r"(\s+)", text)
    places = range(0, len(found), 2)
    for place in chance.sample(places, round(_CHANGED * len(places))):
        found[place] = found[chance.choice(places)]
    return "".join(found)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "shuffle": shuffle,
    "typography": typography,
    "cut": cut,
    "words": words,
}


def edited(edit: str, id: str, text: str, seed: int = 0) -> str:
    """The text of one article after an edit of EDITS; another seed makes other ones."""
    return EDITS[edit](text, random.Random(f"{edit} {seed} {id}"))
