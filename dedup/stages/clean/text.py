"""Take byline, dateline, credits, sign-off and disclaimer off a body of text.

Only the first lines and the last ones are looked at. Marks are taken off until none is found,
so that cleaning a clean body changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dedup.stages.clean import agencies, marks

HEAD_LINES, TAIL_LINES = 4, 6
# A line is known to carry no mark where the story begins with it, or after others; ends with it, or before others.
_HEAD_FIRST, _HEAD_LATER, _TAIL_LAST, _TAIL_BEFORE = 1, 2, 4, 8
BARE_HEAD, BARE_TAIL = _HEAD_FIRST | _HEAD_LATER, _TAIL_LAST | _TAIL_BEFORE
# Nor does what is left of it, where that is too long for a line of marks only.
BARE_WHOLE = 16


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
        if not self.unnamed:
            return agencies.ordered(self.pairs)
        pairs = set(self.pairs)
        above = {agency for agency, place in pairs if place in ("byline", "dateline")}
        pairs.update((agency, place) for agency in above for place in self.unnamed)
        return agencies.ordered(pairs)


@dataclass(slots=True)
class Lines:
    """The lines of a body that are left, by their numbers.

    bare: of each of them what it is known to carry no mark of. read: the line of a number, trimmed and not empty,
    called only for those that are looked at. cut: of each line that a mark was taken off, what stood before the
    rest of it, and the rest, "" where all of it went.
    """

    left: deque[int]
    bare: deque[int]
    read: Callable[[int], str]
    cut: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __getitem__(self, at: int) -> str:
        number = self.left[at]
        return self.cut[number][1] if number in self.cut else self.read(number)

    def put(self, at: int, before: str, line: str, bare: int = 0) -> None:
        """Leave line of the one there, of which no more is known than bare; it may be empty."""
        number = self.left[at]
        self.cut[number] = self.cut.get(number, ("", ""))[0] + before, line
        if line:
            self.bare[at] = bare
        else:
            del self.left[at], self.bare[at]


def strip(lines: Sequence[str], found: Marks) -> list[str]:
    """The lines that remain of a body, trimmed and none empty as those given; what was taken off goes to found."""
    rest = Lines(deque(range(len(lines))), deque([0] * len(lines)), lines.__getitem__)
    take_off(rest, found)
    return [rest[at] for at in range(len(rest.left))]


def take_off(rest: Lines, found: Marks) -> None:
    """Take all marks off the lines; what they say goes to found."""
    while _strip_head(rest, found) | _strip_tail(rest, found):
        pass


def _strip_head(rest: Lines, found: Marks) -> bool:
    """Take marks off the first lines; whether there were any."""
    kept = 0
    changed = False
    bare = rest.bare
    for _ in range(min(HEAD_LINES, len(bare))):
        seen = _HEAD_LATER if kept else _HEAD_FIRST
        if bare[kept] & seen:
            kept += 1
            continue
        line = rest[kept]
        if mark := marks.dateline(line, first=not kept):
            found.add(mark)
            left = line[mark.start :].strip(marks.WHITE)
            whole = bare[kept] & BARE_WHOLE and len(left) > marks.SIGN and not marks.is_rule(left)
            known = bare[kept] & (BARE_TAIL | BARE_WHOLE) if whole else 0
            rest.put(kept, line[: len(line) - len(left)], left, known)
            return True
        if mark := marks.byline(line):
            found.add(mark)
        if mark or marks.is_rule(line):
            rest.put(kept, "", "")
            changed = True
        else:
            bare[kept] |= seen
            kept += 1
    return changed


def _strip_tail(rest: Lines, found: Marks) -> bool:
    """Take marks off the last lines; whether there were any."""
    at = -1
    changed = False
    bare = rest.bare
    for _ in range(min(TAIL_LINES, len(bare))):
        is_last, is_first = at == -1, -at == len(bare)
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
            rest.put(at, "", line)
        if mark and mark.place == "signoff" and not is_last and marks.is_editors(rest[at + 1]):
            at += 1
            rest.put(at, "", "")
        if line:
            bare[at] |= 0 if is_first else seen
            at -= 1
    return changed
