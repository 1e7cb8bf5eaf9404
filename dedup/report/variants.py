"""A story by its texts: which articles have the same one, and what each text changed of the origin's."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from dedup.model import Article, StoryDetail
from dedup.report.differences import Difference, Summary, align, summarise
from dedup.report.text import plain, shorten

_OPENING = 60  # characters that stand for a headline
MOST = 200  # texts of one story that are compared with its origin's


@dataclasses.dataclass(frozen=True, slots=True)
class Variant:
    """One text of a story. holders: the articles that have it, in order of time; differences: from the origin's."""

    holders: tuple[Article, ...]
    differences: Sequence[Difference]
    summary: Summary


@dataclasses.dataclass(frozen=True, slots=True)
class Variants:
    """same: copies that changed no word of the origin's text. changed: the other texts, in order of time; further: of
    these so many were not compared."""

    origin: Article
    same: tuple[Article, ...]
    changed: tuple[Variant, ...]
    further: int

    def summaries(self) -> dict[str, Summary]:
        """What each article changed, by its id: not the origin, copies of its text, and those not compared."""
        return {holder.id: variant.summary for variant in self.changed for holder in variant.holders}


def title_of(detail: StoryDetail) -> str:
    """The story's headline on one line; where it has none, how its origin begins."""
    said = plain(detail.story.title)
    return said or f"(no headline) {shorten(plain(origin_of(detail).body), _OPENING)}".rstrip()


def signs(summary: Summary) -> str:
    """-4 ~2 +1 >1: paragraphs cut, changed, added, moved; those of which there are any."""
    counts = (("-", summary.cut), ("~", summary.changed), ("+", summary.added), (">", summary.moved))
    return " ".join(f"{sign}{count}" for sign, count in counts if count)


def origin_of(detail: StoryDetail) -> Article:
    """The article that the story most likely started from."""
    return next((m for m in detail.members if m.id == detail.story.origin), detail.members[0])


def variants(detail: StoryDetail, limit: int = MOST) -> Variants:
    """The texts of a story, at most limit of them compared with the origin's."""
    origin = origin_of(detail)
    texts: dict[str, list[Article]] = {}
    for member in detail.members:
        if member is not origin:
            texts.setdefault(member.body, []).append(member)
    same = texts.pop(origin.body, [])
    before = origin.body.split("\n")
    changed = []
    for body, holders in list(texts.items())[: max(limit, 0)]:
        differences = align(before, body.split("\n"))
        variant = Variant(tuple(holders), differences, summarise(differences))
        if variant.summary.nothing:
            same += holders
        else:
            changed.append(variant)
    ran = {member.id: place for place, member in enumerate(detail.members)}
    same.sort(key=lambda member: ran[member.id])
    return Variants(origin, tuple(same), tuple(changed), max(0, len(texts) - max(limit, 0)))
