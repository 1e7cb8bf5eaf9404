"""How one line of a page reads by itself: paragraph, label, stamp, furniture, heading.

Nothing here knows the lines around it, so what a line is can be remembered: menus stand on every
page of an outlet.
"""

from __future__ import annotations

import functools
import re
import tomllib
from enum import IntEnum, auto
from pathlib import Path
from typing import NamedTuple

from dedup.stages.clean import marks
from dedup.stages.clean.endings import Ending, ending
from dedup.stages.clean.patterns import Pattern

SENTENCE = 40  # characters from which a line that ends as a sentence is a paragraph
UNPUNCTUATED = 160  # characters from which a line is a paragraph however it ends
STAMP = 120  # characters of a line that tells a time, at most
ITEM = 25  # characters from which a label with a sign in it is an item of a list
LINKED = 15  # characters of a headline behind "Related:", at least
CREDIT = 60  # characters of a bare picture credit, at most
REMEMBERED = 120  # characters of a line that is remembered, at most


class Form(IntEnum):
    """What a line is. The first four are paragraphs."""

    PARAGRAPH = auto()  # ends as a sentence
    LONG = auto()  # does not, but is too long for a label, or leads to a list
    BROKEN = auto()  # as LONG, but cut off
    SHORT = auto()  # ends as a sentence, too short to tell a story from a button
    LABEL = auto()
    ITEM = auto()  # a label with digits or punctuation in it
    MENU = auto()  # as LONG, but most of its words are capitalised
    STAMP = auto()  # who wrote it, or when
    FURNITURE = auto()
    HEADING = auto()  # of other stories
    COMMENTS = auto()  # a heading of what readers wrote


class Read(NamedTuple):
    """One line. size: characters; twice as many in scripts that set no spaces. signs: bits of _SIGNS."""

    form: Form
    size: int
    ending: Ending
    signs: int
    credit: bool  # a bare picture credit


_PHRASES = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))


def _any(name: str, before: str = "", after: str = "") -> Pattern:
    return Pattern(f"{before}(?:" + "|".join(_PHRASES[name]) + f"){after}", re.I)


_FURNITURE, _HEADING, _COMMENTS = _any("furniture"), _any("heading"), _any("comments")
_ANNOUNCES = _any("announces", after=r"\W*$")
_SITE, _PHOTO = _any("site", before=r"\b"), _any("photo")
_CREDITED = _any("credited", after=r"\W*$")
SITE_WORDS: tuple[str, ...] = tuple(_PHRASES["site_words"])
_DATED = Pattern(r"\b(?:19|20)\d\d\b|\b\d{1,2}:\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_SIGNED = Pattern(r"(?:[^\W\d_]{4,10}\s)?by\b", re.I)
_NUMBER = Pattern(r"\d")
_DIGIT = 1
_SIGNS = {sign: 2 << i for i, sign in enumerate(",:;()[]@–—/|&%")}
_SIGNS |= {wide: _SIGNS[sign] for wide, sign in zip("，、،：；（）【】", ",,,:;()[]", strict=True)}
_ANY_SIGN = frozenset(_SIGNS)


def read(text: str) -> Read:
    """What a trimmed line is."""
    return _remembered(text) if len(text) <= REMEMBERED else _read(text)


def announces(text: str) -> bool:
    """Whether a line says that another story follows, and no more: Also read, SEE ALSO:"""
    return len(text) <= CREDIT and _ANNOUNCES.match(text) is not None


def is_signed(text: str) -> bool:
    """Whether a line begins as one that says who wrote the story: By, Reported by."""
    return _SIGNED.match(text) is not None


def _read(text: str) -> Read:
    dense = len(text) >= 10 and text.count(" ") * 12 < len(text) and not text.isascii()
    size = len(text) * (2 if dense else 1)
    end = ending(text)
    form = _form(text, size, end)
    signs = 0
    if form == Form.LABEL:
        for sign in _ANY_SIGN.intersection(text.rstrip(":：")):
            signs |= _SIGNS[sign]
        if _NUMBER.search(text):
            signs |= _DIGIT
        if signs and size >= ITEM:
            form = Form.ITEM
    credit = form not in PARAGRAPHS and size <= CREDIT and _pictured(text)
    return Read(form, size, end, signs, credit)


_remembered = functools.lru_cache(maxsize=1 << 15)(_read)


def _form(text: str, size: int, end: Ending) -> Form:  # noqa: PLR0911
    sentence = end == Ending.SENTENCE
    if size <= 80 and not (sentence and size >= SENTENCE):
        if _COMMENTS.match(text):
            return Form.COMMENTS
        if _HEADING.match(text):
            # With a headline behind it, it links to one story.
            return Form.FURNITURE if len(text.partition(":")[2]) >= LINKED else Form.HEADING
    if size <= 200 and end != Ending.COLON and _FURNITURE.match(text):
        return Form.FURNITURE
    if size <= 500 and (_of_site(text) or _CREDITED.search(text, max(0, len(text) - STAMP))):
        return Form.FURNITURE
    if sentence:
        return Form.PARAGRAPH if size >= SENTENCE else Form.SHORT
    if size <= STAMP and (_DATED.search(text) or (_SIGNED.match(text) and marks.byline(text))):
        return Form.STAMP
    if end == Ending.COLON and size >= SENTENCE:
        return Form.LONG
    if size >= UNPUNCTUATED:
        return Form.BROKEN if end == Ending.ELLIPSIS else Form.MENU if _listed(text) else Form.LONG
    return Form.LABEL


PARAGRAPHS = frozenset((Form.PARAGRAPH, Form.LONG, Form.BROKEN, Form.SHORT))


def _of_site(text: str) -> bool:
    low = text.lower()
    for word in SITE_WORDS:
        if word in low:
            return _SITE.search(text) is not None
    return False


def _pictured(text: str) -> bool:
    """Whether a short line names whose a picture is, and no more: a caption has its credit in brackets."""
    return _PHOTO.match(text) is not None or ("(" not in text[1:] and _CREDITED.search(text) is not None)


def _listed(text: str) -> bool:
    """Whether most words of a long line are capitalised: a menu that was set in one line."""
    words = text.split()
    return 2 * sum(word[:1].isupper() for word in words) > len(words)
