"""Tell a story's paragraphs from what stands around them on a page saved as text.

The story is the run of lines that weighs most (Pasternack and Roth 2009, maximum subsequence
segmentation): sentences weigh by their length, labels (menus, headlines, buttons) count against
it, and headings such as "Related Stories" heavily. Of that run the paragraphs are kept, and the
labels between them, which are subheads and lists. Nothing is known of any outlet.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from dedup.stages.clean import marks
from dedup.stages.clean.endings import Ending
from dedup.stages.clean.forms import PARAGRAPHS, Form, Read, announces, is_signed, read
from dedup.stages.clean.patterns import Pattern
from dedup.stages.clean.text import Marks

CAP = 300  # a paragraph weighs its length, up to this
ALONE, LEAD = 200, 250  # a paragraph between labels weighs up to ALONE: so do teasers; from LEAD characters it is none
HEADING, BOX = -250, -100  # a heading of other stories; of a box inside the story
BOX_LINES, BOX_PARAGRAPHS = 5, 2  # lines of such a box, at most; paragraphs in a row after it, at least
LABEL, ITEM, STRONG = -40, -20, -60  # a label; one with digits or punctuation; a button, a stamp, a frame
IN_A_ROW = 2  # times as much from the second in a row
LIST, LIST_LINES = 20, 4  # a line of a list; lines that make one
LIST_CHARS = 15
FRAME = 4  # a label that stands so often on the page, digits aside, frames teasers or comments
AFTER_COMMENTS = 4  # after a heading of comments a sentence weighs its length over this
BEFORE_COMMENTS = 600  # weight of sentences above from which such a heading is one, not a link to it
OPENING, NEAR = 100, 4  # a story starts with so much weight, so many lines below its stamp at most
TEASER = 30  # characters that a teaser must share with the line it announces
CAPTION = 300  # characters of a caption over its credit, at most
TITLE, HEADLINE = (15, 200), (25, 4)  # characters of a headline; characters, and words, of most
HEAD_NEAR, HEAD_FAR = 12, 40  # lines above the story in which a headline, a byline, a time are looked for
ASIDE = 20  # lines of a box that says where it begins and ends, at most
STANDFIRSTS = 3  # paragraphs over a dateline that announce the story, at most

_WEIGHTS = {
    Form.SHORT: 0,
    Form.BROKEN: 0,
    Form.LABEL: LABEL,
    Form.MENU: LABEL,
    Form.ITEM: ITEM,
    Form.STAMP: STRONG,
    Form.FURNITURE: STRONG,
    Form.HEADING: HEADING,
    Form.COMMENTS: HEADING,
}
_LABELS = (Form.LABEL, Form.ITEM)
_HEADINGS = (Form.HEADING, Form.COMMENTS)
_DIGITS = re.compile(r"\d+")
_ASIDE = Pattern(r"skip (?:past|over) \S.{0,60}$|list of \d{1,3} items$", re.I)
_ASIDE_ENDS = Pattern(r"(?:after|end of) \S.{0,60}$", re.I)


@dataclass(slots=True)
class _Line:
    text: str
    read: Read
    weight: int
    paragraph: bool
    label: bool = False  # kept where it stands between paragraphs
    listed: bool = False  # stands in a list
    caption: bool = False  # weighs as the paragraph that it seems, and is not kept
    kept: bool = False


def select(lines: list[str], found: Marks) -> tuple[list[str], str | None]:
    """The story's lines, in order, and its headline where one is seen.

    lines: of the whole page. Byline, agency credits and dates around the story go to found.
    """
    page = [_weigh(text, read(text)) for text in lines]
    _drop_repeats(page)
    _tell_captions(page)
    _tell_lists(page)
    _tell_frames(page)
    _weigh_boxes(page)
    _set_aside(page)
    _weigh_rows(page)
    start, stop = _heaviest(page)
    start, stop = _keep(page, start, stop)
    title = _headline(page, start)
    _read_around(page, start, stop, found)
    return [line.text for line in page[start:stop] if line.kept], title


def _weigh(text: str, told: Read) -> _Line:
    form, size = told.form, told.size
    if form == Form.PARAGRAPH:
        return _Line(text, told, min(size, CAP), True)
    if form == Form.LONG:
        return _Line(text, told, min(size, CAP) // 2, True)
    return _Line(text, told, _WEIGHTS[form], form in PARAGRAPHS, form in _LABELS)


def _drop_repeats(page: list[_Line]) -> None:
    """Lines that stand again later, and teasers: beginnings of a longer line, ending in an ellipsis."""
    starts: dict[str, int] = {}
    for line in page:
        if line.read.size >= TEASER:
            key = line.text[:TEASER]
            starts[key] = max(starts.get(key, 0), len(line.text.rstrip(" .…")))
    seen: set[str] = set()
    for line in page:
        if line.read.size < TEASER:
            continue
        head = line.text.rstrip(" .…")
        if line.read.ending == Ending.ELLIPSIS and starts[line.text[:TEASER]] > len(head):
            line.weight, line.paragraph, line.label = LABEL, False, False
        elif line.text in seen:
            line.weight = HEADING if line.read.form in _HEADINGS else 0
            line.paragraph, line.label = False, False
        seen.add(line.text)


def _tell_captions(page: list[_Line]) -> None:
    """A short paragraph alone over a bare picture credit is the picture's caption."""
    before = False
    for line, below in pairwise(page):
        if line.paragraph and not before and below.read.credit and line.read.size <= CAPTION:
            line.caption = True
        before = line.paragraph


def _tell_lists(page: list[_Line]) -> None:
    """Labels in a row with a sign in common, such as a digit or a dash, are a list, and weigh as one paragraph."""
    first, common = 0, 0
    for i in range(len(page) + 1):
        line = page[i] if i < len(page) else None
        signs = line.read.signs if line is not None and line.label and line.read.size >= LIST_CHARS else 0
        if common & signs:
            common &= signs
            continue
        if i - first >= LIST_LINES and common:
            for n, other in enumerate(page[first:i]):
                other.weight, other.listed = LIST if (n + 1) * LIST <= ALONE else 0, True
        first, common = i, signs


def _tell_frames(page: list[_Line]) -> None:
    """Short lines that come again and again are set around each teaser, comment or picture."""
    shapes = [
        _DIGITS.sub("0", line.text) if line.weight < 0 and (line.label or line.read.form == Form.STAMP) else ""
        for line in page
    ]
    count = Counter(shapes)
    for line, shape in zip(page, shapes, strict=True):
        if shape and count[shape] >= FRAME:
            line.weight, line.label = STRONG, False


def _weigh_boxes(page: list[_Line]) -> None:
    """A heading over few lines, after which the story goes on, is of a box inside it."""
    ahead = [0] * (len(page) + 1)  # paragraphs in a row from here on
    for i in reversed(range(len(page))):
        ahead[i] = ahead[i + 1] + 1 if page[i].paragraph else 0
    for i, line in enumerate(page):
        if line.read.form == Form.HEADING:
            for j in range(i + 1, min(i + 2 + BOX_LINES, len(page))):
                if page[j].paragraph:
                    if ahead[j] >= BOX_PARAGRAPHS:
                        line.weight = BOX
                        for other in page[i + 1 : j]:
                            other.weight = 0
                    break
                if page[j].read.form == Form.COMMENTS:
                    break


def _set_aside(page: list[_Line]) -> None:
    """What stands between "skip past ..." and "after ...", as pages tell those who listen to them, is a box."""
    first = None
    for i, line in enumerate(page):
        if first is not None and i - first <= ASIDE and _ASIDE_ENDS.match(line.text):
            for other in page[first : i + 1]:
                other.weight, other.paragraph, other.label = 0, False, False
            first = None
        elif _ASIDE.match(line.text):
            first = i


def _weigh_rows(page: list[_Line]) -> None:
    """Labels weigh more in a row, paragraphs less between labels and after a heading of comments."""
    row, share, before = 0, 1, 0
    for i, line in enumerate(page):
        row = 0 if line.paragraph else row + 1
        if line.paragraph:
            around = page[max(0, i - 1) : i] + page[i + 1 : i + 2]
            if line.read.size < LEAD and not any(other.paragraph for other in around):
                line.weight = min(line.weight, ALONE)
            line.weight //= share
            before += line.weight
        elif line.read.form in _HEADINGS:
            if line.read.form == Form.COMMENTS and before >= BEFORE_COMMENTS:
                share = AFTER_COMMENTS
        elif line.weight < 0 and row > 1:
            line.weight *= IN_A_ROW


def _heaviest(page: list[_Line]) -> tuple[int, int]:
    """First and last + 1 of the run of lines with the largest sum of weights; the earliest of equals.

    Short paragraphs, and lines of a list, that follow at once belong to it; no list begins it.
    """
    best, where, total, start, stamp = 0, (0, 0), 0, 0, -NEAR - 1
    for i, line in enumerate(page):
        if line.read.form == Form.STAMP:
            stamp = i
        if total <= 0 and line.listed:
            continue
        if total <= 0:
            total, start = OPENING if line.paragraph and i - stamp <= NEAR else 0, i
        total += line.weight
        if total > best or (total == best > 0 and (line.paragraph or line.listed) and where[1] == i):
            best, where = total, (start, i + 1)
    return where


def _keep(page: list[_Line], start: int, stop: int) -> tuple[int, int]:
    """Keep the run's paragraphs and the labels between; its bounds without what stands before the first paragraph.

    A paragraph alone above who wrote the story, and when, announces it.
    """
    stop = _before_disclaimer(page, start, stop)
    rest = [i for i in range(start, stop) if page[i].paragraph and not page[i].caption]
    if len(rest) > 1 and page[rest[0] + 1].read.form == Form.STAMP:
        rest = rest[1:]
    if not rest:
        return stop, stop
    rest = rest[_standfirsts([page[i] for i in rest[: STANDFIRSTS + 1]]) :]
    start = i = rest[0]
    while i < stop:
        j = i
        while j < stop and not page[j].paragraph:
            j += 1
        boxed = any(line.read.form in _HEADINGS or announces(line.text) for line in page[i:j])
        signed = False
        for line in page[i:j]:
            before, signed = signed, _credits(line.text)
            line.kept = line.label and not boxed and not signed and not (before and marks.is_editors(line.text))
        if j < stop:
            page[j].kept = not page[j].caption
        i = j + 1
    return start, stop


def _before_disclaimer(page: list[_Line], start: int, stop: int) -> int:
    """Where the run ends if what says from which feed the story came ends it; not where most of it comes after that."""
    weights = [line.weight if line.paragraph else 0 for line in page[start:stop]]
    for i in range(start, stop):
        if (mark := marks.ending(page[i].text)) and mark.place == "disclaimer":
            return i if 2 * sum(weights[: i - start]) > sum(weights) else stop
    return stop


def _standfirsts(paragraphs: list[_Line]) -> int:
    """How many of the first paragraphs announce the story or are captions: it begins with the place of an agency."""
    for n, line in enumerate(paragraphs):
        if (mark := marks.dateline(line.text, first=True)) and mark.agencies:
            return n
        if line.read.size > CAPTION:
            break
    return 0


def _credits(text: str) -> bool:
    mark = marks.ending(text)
    return mark is not None and bool(mark.place)


def _headline(page: list[_Line], start: int) -> str | None:
    """The longest label above the story that stands there twice, or behind a path; else the first long one shortly
    before: standfirst and caption come after it."""
    above = [
        (i, line.text)
        for i, line in enumerate(page[:start])
        if start - i <= HEAD_FAR
        and line.read.form in _LABELS
        and TITLE[0] <= line.read.size <= TITLE[1]
        and line.read.ending != Ending.ELLIPSIS
    ]
    again = [text for i, text in above if any(j != i and other.endswith(text) for j, other in above)]
    near = [text for i, text in above if start - i <= HEAD_NEAR]
    long = [text for text in near if len(text) >= HEADLINE[0] and len(text.split()) >= HEADLINE[1]]
    return max(again, key=len) if again else long[0] if long else max(near, key=len, default=None)


def _read_around(page: list[_Line], start: int, stop: int, found: Marks) -> None:
    """Bylines shortly before the story, credits inside and shortly after it."""
    for i in range(max(0, start - HEAD_FAR), min(len(page), start + 3)):
        line = page[i]
        if not line.kept and (start - i <= HEAD_NEAR or is_signed(line.text)) and (mark := marks.byline(line.text)):
            found.add(mark)
    if not found.stamps:
        above = page[max(0, start - HEAD_NEAR) : start]
        found.stamps += [marks.time(line.text) for line in above if line.read.form in (Form.STAMP, Form.FURNITURE)]
    for i in range(start, min(len(page), stop + 8)):
        line = page[i]
        if line.kept and i < stop:
            continue
        if i >= stop and line.read.form in _HEADINGS:
            break
        if (mark := marks.ending(line.text)) and mark.place and (mark.agencies or mark.unnamed):
            found.add(mark)
