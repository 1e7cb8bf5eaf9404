"""Answers about articles and stories, made one by one for a person or a program that asked."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from dedup.model.words import Body, Credit, Relation


@dataclasses.dataclass(frozen=True, slots=True)
class Similarity:
    """Exact figures of two shingle sets, A and B; see LINKS."""

    jaccard: float
    a_in_b: float
    b_in_a: float
    narrative_a_in_b: float
    narrative_b_in_a: float
    shared: int
    relation: Relation | None
    same_copy: bool

    @property
    def containment(self) -> float:
        """Of the shorter narrative in the longer."""
        return max(self.narrative_a_in_b, self.narrative_b_in_a)


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts side by side. rule: why they are the same copy, or are not."""

    jaccard: float
    containment: float
    relation: Relation | None
    same_copy: bool
    rule: str
    similarity: Similarity
    a: Body
    b: Body


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """One page at one outlet, cleaned, with its place in its story.

    relation, jaccard, containment are those to the story's origin (None in the origin itself
    and in a story of one). kept: share of the origin's shingles that stand here.
    """

    id: str
    outlet: str | None
    url: str | None
    title: str | None
    published: datetime | None
    byline: str | None
    dateline: str | None
    credits: tuple[Credit, ...]
    body: str
    story: str
    relation: Relation | None
    jaccard: float | None
    containment: float | None
    kept: float | None
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """An article that shares copy with a query. relation: of the query to the article.

    containment: of the shorter narrative in the longer; found: share of the query's shingles
    that stand in the article; passage: the longest run of words in common, as the article has it.
    """

    id: str
    outlet: str | None
    url: str | None
    title: str | None
    published: datetime | None
    story: str
    relation: Relation
    same_copy: bool
    jaccard: float
    containment: float
    found: float
    passage: str


@dataclasses.dataclass(frozen=True, slots=True)
class Story:
    """A group of articles that carry the same wire copy.

    title, published: of the origin. agencies: credited by the members, most often first.
    first, last: the earliest and latest known time. origin: id of the article that the story
    most likely started from, confidence in [0, 1].
    """

    id: str
    title: str | None
    agencies: tuple[str, ...]
    articles: int
    outlets: int
    first: datetime | None
    last: datetime | None
    origin: str
    confidence: float


@dataclasses.dataclass(frozen=True, slots=True)
class StoryDetail:
    """One story in full. members: in order of time, unknown times last."""

    story: Story
    members: tuple[Article, ...]
    partial: tuple[Match, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Outlet:
    """What one outlet ran: a row of the ledger.

    stories: of two articles or more. Agency copy is an article that credits an agency (credited), or that credits
    none and whose story does, the story's origin left out (uncredited); agency_share: of all its articles. delay:
    median minutes after the origin of its copies; kept: mean share of the origin's shingles that stands in them; a
    copy is an article of a story that is not its origin. Where one agency is asked for, stories, credited,
    uncredited, agency_share, delay and kept are of that agency's copy.
    """

    outlet: str | None
    articles: int
    stories: int
    agency_share: float
    credited: int
    uncredited: int
    delay: float | None
    kept: float | None
