"""Take byline, dateline, credits, sign-off and disclaimer off a body of text.

Only the first lines and the last ones are looked at. Marks are taken off until none is found,
so that cleaning a clean body changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dedup.stages.clean import agencies, marks

HEAD_LINES, TAIL_LINES = 4, 6
# A line is known to carry no mark where the story begins with it, or after others; ends with it, or before others.
_HEAD_FIRST, _HEAD_LATER, _TAIL_LAST, _TAIL_BEFORE = 1, 2, 4, 8
_HEAD, _TAIL = _HEAD_FIRST | _HEAD_LATER, _TAIL_LAST | _TAIL_BEFORE


@dataclass(slots=True)
class Marks:
    """What was taken off. stamps: texts that tell the time, as they stand on the page."""

    byline: str | None = None
    dateline: str | None = None
    pairs: set[tuple[str, str]] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)
    stamps: list[str] = field(default_factory=list)

    def add(self, mark: marks.Mark) -> None:
        if mark.place == "byline" and self.byline is None:
            self.byline = mark.text or None
        if mark.place == "dateline" and self.dateline is None:
            self.dateline = mark.text or None
        if mark.when:
            self.stamps.append(mark.when)
        if mark.place:
            self.pairs.update((agency, mark.place) for agency in mark.agencies)
            if mark.unnamed and not mark.agencies and mark.place == "disclaimer":
                self.unnamed.add(mark.place)

    def credits(self) -> list[tuple[str, str]]:
        """(agency, place), sorted; a disclaimer that names no agency means the one of byline or dateline."""
        pairs = set(self.pairs)
        above = {agency for agency, place in pairs if place in ("byline", "dateline")}
        pairs.update((agency, place) for agency in above for place in self.unnamed)
        return agencies.ordered(pairs)


def strip(lines: Iterable[str], found: Marks, head: Sequence[bool] = (), tail: Sequence[bool] = ()) -> list[str]:
    """The lines that remain of a body; what was taken off goes to found.

    lines: trimmed, none empty, and so is what is returned. head, tail: for each line, whether it
    is known to carry no mark of a first line, of a last one; empty where nothing is known.
    """
    rest = deque(lines)
    bare = deque([_HEAD * one + _TAIL * other for one, other in zip(head, tail, strict=True)] or [0] * len(rest))
    while _strip_head(rest, bare, found) | _strip_tail(rest, bare, found):
        pass
    return list(rest)


def _strip_head(rest: deque[str], bare: deque[int], found: Marks) -> bool:
    """Take marks off the first lines; whether there were any."""
    kept = 0
    changed = False
    for _ in range(min(HEAD_LINES, len(rest))):
        seen = _HEAD_LATER if kept else _HEAD_FIRST
        if bare[kept] & seen:
            kept += 1
            continue
        line = rest[kept]
        if mark := marks.dateline(line, first=not kept):
            found.add(mark)
            _put(rest, bare, kept, line[mark.start :].strip(marks.WHITE))
            return True
        if mark := marks.byline(line):
            found.add(mark)
        if mark or marks.is_rule(line):
            _put(rest, bare, kept, "")
            changed = True
        else:
            bare[kept] |= seen
            kept += 1
    return changed


def _strip_tail(rest: deque[str], bare: deque[int], found: Marks) -> bool:
    """Take marks off the last lines; whether there were any."""
    at = -1
    changed = False
    for _ in range(min(TAIL_LINES, len(rest))):
        is_last, is_first = at == -1, -at == len(rest)
        seen = _TAIL_LAST if is_last else _TAIL_BEFORE
        if bare[at] & seen:
            at -= 1
            continue
        line = whole = rest[at]
        # The end before the whole: a short last paragraph must not go with the note that it ends in.
        while mark := marks.closing(line, first=is_first, last=is_last):
            found.add(mark)
            line = line[: mark.end].strip(marks.WHITE)
        if mark := marks.ending(line):
            found.add(mark)
            line = ""
        if line != whole:
            changed = True
            _put(rest, bare, at, line)
        if line:
            bare[at] |= 0 if is_first else seen
            at -= 1
    return changed


def _put(rest: deque[str], bare: deque[int], at: int, line: str) -> None:
    """Replace a line by what is left of it, of which nothing is known; there may be nothing left."""
    if line:
        rest[at], bare[at] = line, 0
    else:
        del rest[at], bare[at]


def opens(line: str) -> bool:
    """Whether a first line may be taken off whole."""
    return marks.is_rule(line) or marks.byline(line) is not None


def dated(line: str) -> bool:
    """Whether a first line may lose its beginning."""
    return marks.dateline(line, first=True) is not None


def ends(line: str) -> bool:
    """Whether a last line may be taken off, or lose its end."""
    return marks.ending(line) is not None or marks.closing(line, first=False, last=True) is not None
