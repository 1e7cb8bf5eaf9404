"""Take byline, dateline, credits, sign-off and disclaimer off a body of text.

Only the first lines and the last ones are looked at. Marks are taken off until none is found,
so that cleaning a clean body changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress

from dedup.stages.clean import agencies, marks

HEAD_LINES, TAIL_LINES = 4, 6


_Key = tuple[str, bool, bool]  # a line, whether among the first ones, whether at the very end of the story


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


def strip(lines: list[str], found: Marks, head: Sequence[bool] = (), tail: Sequence[bool] = ()) -> list[str]:
    """The lines that remain of a body; what was taken off goes to found.

    lines: trimmed, none empty, and so is what is returned. head, tail: for each line, whether it
    is known to carry no mark of a first line, of a last one; empty where nothing is known.
    """
    bare: set[_Key] = set()  # a second look is spared
    for is_head, flags in ((True, head), (False, tail)):
        for line in compress(lines, flags):
            bare.update(((line, is_head, True), (line, is_head, False)))
    rest = deque(lines)
    while _strip_head(rest, found, bare) | _strip_tail(rest, found, bare):
        pass
    return list(rest)


def _strip_head(rest: deque[str], found: Marks, bare: set[_Key]) -> bool:
    """Take marks off the first lines; whether there were any."""
    kept: list[str] = []
    changed = False
    for _ in range(min(HEAD_LINES, len(rest))):
        line = rest.popleft()
        key = (line, True, not kept)
        if key in bare:
            kept.append(line)
        elif mark := marks.dateline(line, first=not kept):
            found.add(mark)
            kept += filter(None, [line[mark.start :].strip(marks.WHITE)])
            changed = True
            break
        elif mark := marks.byline(line):
            found.add(mark)
            changed = True
        elif marks.is_rule(line):
            changed = True
        else:
            bare.add(key)
            kept.append(line)
    rest.extendleft(reversed(kept))
    return changed


def _strip_tail(rest: deque[str], found: Marks, bare: set[_Key]) -> bool:
    """Take marks off the last lines; whether there were any."""
    kept: list[str] = []
    changed = False
    for _ in range(min(TAIL_LINES, len(rest))):
        line = rest.pop()
        # The end before the whole: a short last paragraph must not go with the note that it ends in.
        while (key := (line, False, not kept)) not in bare and (
            mark := marks.closing(line, first=not rest, last=not kept)
        ):
            found.add(mark)
            line = line[: mark.end].strip(marks.WHITE)
            changed = True
        if key not in bare and (mark := marks.ending(line)):
            found.add(mark)
            changed = True
        elif line:
            if rest:
                bare.add(key)
            kept.append(line)
    rest.extend(reversed(kept))
    return changed


def opens(line: str) -> bool:
    """Whether a first line may be taken off whole."""
    return marks.is_rule(line) or marks.byline(line) is not None


def dated(line: str) -> bool:
    """Whether a first line may lose its beginning."""
    return marks.dateline(line, first=True) is not None


def ends(line: str) -> bool:
    """Whether a last line may be taken off, or lose its end."""
    return marks.ending(line) is not None or marks.closing(line, first=False, last=True) is not None
