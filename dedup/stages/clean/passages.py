"""Passages inside a line that the page set there: captions of a gallery, cards behind the names of people.

A gallery comes before what follows it in its line, "Photos: ... Hide Caption 3 of 9". A card comes behind a name, which
it repeats in full, glued to the headlines that follow: "Clinton Hillary Diane Rodham ClintonPoll: Trump trails MORE".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque

CAPTION, MORE = "Hide Caption ", " MORE"
_COUNT = re.compile(r"Hide Caption \d{1,4} of \d{1,4}")
_END = re.compile(r" MORE\b")
_WORD = re.compile(r"\S+")
# A full name, and its card: title, given names, initials; three headlines.
_NAMES, _CARD = 7, 1000


def without(line: str) -> str:
    """The line without such passages; it may begin or end with white space then."""
    if CAPTION in line:
        line = _behind_captions(line)
    return _without_cards(line) if MORE in line else line


def _behind_captions(line: str) -> str:
    at = line.rfind(CAPTION)
    while at >= 0:
        if told := _COUNT.match(line, at):
            return line[told.end() :]
        at = line.rfind(CAPTION, 0, at)
    return line


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
        if start is None or at == len(ends) or ends[at] - found.end() > _CARD:
            names.append((word, found.end()))
            continue
        kept.append(line[cut:start])
        cut = ends[at]
        names.clear()
    return "".join([*kept, line[cut:]])


def _glued(name: str, word: str) -> bool:
    """Whether the word is that name with a headline's first word behind it."""
    return len(name) < len(word) and word.startswith(name) and (word[len(name)].isupper() or word[len(name)].isdigit())
