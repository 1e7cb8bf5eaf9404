"""Tell a story's paragraphs from what stands around them on a page saved as text.

The story is the run of lines that weighs most: sentences weigh by their length, labels (menus,
headlines, buttons) count against it, and headings such as "Related Stories" count heavily. Of
that run the sentences are kept. Nothing is known of any outlet.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources

from dedup.stages.clean import marks
from dedup.stages.clean.endings import Ending, ending
from dedup.stages.clean.patterns import Pattern
from dedup.stages.clean.text import Marks

SENTENCE = 40  # characters from which a line that ends as a sentence is a paragraph
UNPUNCTUATED = 160  # characters from which a line is a paragraph however it ends
CAP = 300  # a paragraph weighs its length, up to this
LABELS = (-30, -60, -90)  # weight of the first label in a row, of the second, of each further one
ALONE = 200  # a paragraph between labels weighs up to this: so do the teasers of other stories
HEADING = -100  # a heading of other stories
AFTER_COMMENTS = 4  # after a heading of comments a sentence weighs its length over this
BEFORE_COMMENTS = 600  # weight of sentences above from which such a heading is one, not a link to it
TEASER = 30  # characters that a teaser must share with the line it announces
TITLE = (15, 200)  # characters of a headline

_PHRASES = tomllib.loads(resources.files(__package__).joinpath("phrases.toml").read_text("utf-8"))


def _any(name: str, before: str = "") -> Pattern:
    return Pattern(f"{before}(?:" + "|".join(_PHRASES[name]) + ")", re.I)


_FURNITURE, _HEADING, _COMMENTS = _any("furniture"), _any("heading"), _any("comments")
_SITE = _any("site", before=r"\b")


@dataclass(slots=True)
class _Line:
    text: str
    size: int  # characters; twice as many in scripts that set no spaces
    ending: Ending
    weight: int = 0
    kept: bool = False


def select(lines: list[str], found: Marks) -> tuple[list[str], str | None]:
    """The story's lines, in order, and its headline where one is seen.

    lines: of the whole page. Byline, agency credits and dates around the story go to found.
    """
    page = _measure(lines)
    for line in page:
        line.weight, line.kept = _weigh(line)
    _drop_repeats(page)
    _weigh_rows(page)
    start, stop = _heaviest(page)
    title = _headline(page, start)
    _read_around(page, start, stop, found)
    return [line.text for line in page[start:stop] if line.kept], title


def _measure(lines: list[str]) -> list[_Line]:
    page = []
    for text in lines:
        dense = len(text) >= 10 and text.count(" ") * 12 < len(text) and not text.isascii()
        page.append(_Line(text, len(text) * (2 if dense else 1), ending(text)))
    return page


def _weigh(line: _Line) -> tuple[int, bool]:  # noqa: PLR0911
    """Weight of a line in its run, and whether it is a paragraph."""
    text, size = line.text, line.size
    if size <= 80:
        if _COMMENTS.match(text):
            return HEADING, False
        if _HEADING.match(text):
            return HEADING, False
    if size <= 200 and line.ending != Ending.COLON and _FURNITURE.match(text):
        return LABELS[0], False
    if size <= 500 and _SITE.search(text):
        return LABELS[0], False
    if line.ending == Ending.SENTENCE:
        return (min(size, CAP), True) if size >= SENTENCE else (0, True)
    if line.ending == Ending.COLON and size >= SENTENCE:
        return size // 2, True
    if size >= UNPUNCTUATED and not _listed(text) and line.ending != Ending.ELLIPSIS:
        return min(size, CAP) // 2, True
    return LABELS[0], False


def _listed(text: str) -> bool:
    """Whether most words of a long line are capitalised: a menu that was set in one line."""
    words = text.split()
    return 2 * sum(word[:1].isupper() for word in words) > len(words)


def _drop_repeats(page: list[_Line]) -> None:
    """Lines that stand again later, and teasers: beginnings of a longer line, ending in an ellipsis."""
    starts: dict[str, int] = {}
    for line in page:
        if line.size >= TEASER:
            key = line.text[:TEASER]
            starts[key] = max(starts.get(key, 0), line.size)
    seen: set[str] = set()
    for line in page:
        if line.size < TEASER:
            continue
        head = line.text.rstrip(" .…")
        if line.ending == Ending.ELLIPSIS and starts[line.text[:TEASER]] > len(head):
            line.weight, line.kept = LABELS[0], False
        elif line.text in seen:
            line.weight, line.kept = min(line.weight, 0), False
        seen.add(line.text)


def _weigh_rows(page: list[_Line]) -> None:
    """Labels weigh more in a row, paragraphs less between labels."""
    row, share, before = 0, 1, 0
    for i, line in enumerate(page):
        row = 0 if line.kept else row + 1
        if line.weight == LABELS[0]:
            line.weight = LABELS[min(row, len(LABELS)) - 1]
        around = page[max(0, i - 1) : i] + page[i + 1 : i + 2]
        if line.kept and not any(other.kept for other in around):
            line.weight = min(line.weight, ALONE)
        if line.weight > 0:
            line.weight //= share
            before += line.weight
        elif line.weight == HEADING and before >= BEFORE_COMMENTS and _COMMENTS.match(line.text):
            share = AFTER_COMMENTS


def _heaviest(page: list[_Line]) -> tuple[int, int]:
    """First and last + 1 of the run of lines with the largest sum of weights; the earliest of equals."""
    best, where, total, start = 0, (0, 0), 0, 0
    for i, line in enumerate(page):
        if total <= 0:
            total, start = 0, i
        total += line.weight
        if total > best:
            best, where = total, (start, i + 1)
    return where


def _headline(page: list[_Line], start: int) -> str | None:
    """The longest label shortly before the story."""
    above = [
        line.text
        for line in page[max(0, start - 12) : start]
        if not line.kept and TITLE[0] <= line.size <= TITLE[1] and line.weight in LABELS
        and line.ending != Ending.ELLIPSIS and not _FURNITURE.match(line.text) and marks.byline(line.text) is None
    ]  # fmt: skip
    return max(above, key=len) if above else None


def _read_around(page: list[_Line], start: int, stop: int, found: Marks) -> None:
    """Bylines shortly before the story, credits inside and shortly after it."""
    for line in page[max(0, start - 12) : min(len(page), start + 3)]:
        if not line.kept and (mark := marks.byline(line.text)):
            found.add(mark)
    for i in range(start, min(len(page), stop + 8)):
        line = page[i]
        if line.kept and i < stop:
            continue
        if (mark := marks.ending(line.text)) and mark.place and (mark.agencies or mark.unnamed):
            found.add(mark)
