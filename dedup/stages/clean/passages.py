"""Passages that the page set there: captions of a gallery, cards behind the names of people, forms to subscribe.

A caption stands between "Photos:", or the caption before it, and its number: "Photos: The rocket Hide Caption 3 of 9".
A card comes behind a name, which it repeats in full, glued to headlines that no sentence ends in: "Clinton Hillary
Diane Rodham ClintonPoll: Trump trails MORE". A form is a line of its own, between any two paragraphs: "Newsletter Sign
Up Invalid email address. Please re-enter. You agree to receive ...".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque

CAPTION, MORE, FORM = "Hide Caption ", " MORE", "Sign "
_PHOTOS = "Photos:"
_NUMBER = re.compile(r"Hide Caption (\d{1,4}) of \d{1,4}(?!\d)")
_END = re.compile(r" MORE\b")
_WORD = re.compile(r"\S+")
_GLUE = re.compile(r"[a-z](?=[A-Z])")
_SENTENCE_END = re.compile(r"[a-z]{4}[.!?] ")
# Characters of a caption, and of a card behind its name; the longest in 7,067 articles have 1,087 and 532.
_CAPTION, _CARD = 1200, 600
# A form bids to sign up, and has two of these at least, in lower case. One that two short texts of an outlet shared
# was 0.31 of their narrative.
_SIGN_UP = re.compile(r"\bSign [Uu]p\b")
_OF_FORMS = (
    *("newsletter", "inbox", "email", "e-mail", "subscri", "promotional offers", "privacy policy", "terms of "),
    *("at any time", "recaptcha", "you agree"),
)
_FORM = 1000  # characters of one; the longest in 7,067 articles has 676
# Words of a full name: title, given names, initials.
_NAMES = 7


def without(line: str) -> str:
    """The line without such passages; it may begin or end with white space then, or be empty."""
    if FORM in line and _is_form(line):
        return ""
    if CAPTION in line:
        line = _without_captions(line)
    return _without_cards(line) if MORE in line else line


def _is_form(line: str) -> bool:
    if len(line) > _FORM or not _SIGN_UP.search(line):
        return False
    low = line.lower()
    return sum(sign in low for sign in _OF_FORMS) > 1


def _without_captions(line: str) -> str:
    kept, cut, before = [], 0, 0
    for found in _NUMBER.finditer(line):
        number, start = int(found[1]), found.start()
        begin = line.find(_PHOTOS, max(cut, start - _CAPTION), start)
        if before and number == before + 1 and start - cut <= _CAPTION:
            begin = cut
        kept.append(line[cut : begin if begin >= 0 else start])
        cut, before = found.end(), number
    return "".join([*kept, line[cut:]])


def _without_cards(line: str) -> str:
    ends = [found.end() for found in _END.finditer(line)]
    kept, cut = [], 0
    names: deque[tuple[str, int]] = deque(maxlen=_NAMES)  # words that may name somebody, and where each ends
    for found in _WORD.finditer(line):
        if found.start() < cut:
            continue
        word = found[0]
        if not (word[0].isupper() or word[0] in "(\"'“‘"):
            names.clear()
            continue
        start = next((end for name, end in names if _glued(name, word)), None)
        at = bisect_left(ends, found.end())
        if start is None or at == len(ends) or not _is_card(line, found.end(), ends[at]):
            if word[-1] in ",;:?!":
                names.clear()
            else:
                names.extend(_inside(word, found.start(), {name for name, _ in names}))
                names.append((word, found.end()))
            continue
        kept.append(line[cut:start])
        cut = ends[at]
        names.clear()
    return "".join([*kept, line[cut:]])


def _inside(word: str, start: int, known: set[str]) -> list[tuple[str, int]]:
    """The name that a word, at start, begins with, where one that is known is glued to it: "Ilhan OmarIlhan"."""
    ends = (found.end() for found in _GLUE.finditer(word))
    return [(word[:end], start + end) for end in ends if word[end:] in known]


def _glued(name: str, word: str) -> bool:
    """Whether the word is that name with a headline's first word behind it."""
    behind = word[len(name) : len(name) + 1]
    return name[-1].islower() and word.startswith(name) and (behind.isupper() or behind.isdigit())


def _is_card(line: str, begin: int, end: int) -> bool:
    return end - begin <= _CARD and not _SENTENCE_END.search(line, begin, end)
