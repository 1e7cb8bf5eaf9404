"""What adding to an index, checking and compacting it did, and what became of its stories."""

from __future__ import annotations

import dataclasses
from enum import StrEnum

from dedup.model.answers import Story
from dedup.model.words import Params


@dataclasses.dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was set aside. line: 1-based, None where a format has no lines."""

    path: str
    line: int | None
    reason: str
    record: str


@dataclasses.dataclass(frozen=True, slots=True)
class Added:
    """What one call of index.add did. commit: the last one, which may be an older one where nothing changed.

    verified: pairs of articles that were measured exactly. rejects: the first few records that were set aside.
    """

    commit: int
    read: int
    added: int
    replaced: int
    unchanged: int
    rejected: int
    verified: int
    articles: int
    stories: int
    seconds: float
    rejects: tuple[Rejected, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Damage:
    """A file of an index that is not what was written, from offset (bytes) on or somewhere after it.

    articles: live ones that rest on it.
    """

    file: str
    offset: int
    articles: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What reading a whole index found. bytes: of its files together.

    lost: ids of the articles that rest on damaged files: with a repair they are gone, and must be indexed again;
    unnamed: how many more, whose ids cannot be read either. repaired: whether damaged segments were dropped.
    """

    path: str
    commit: int
    files: int
    bytes: int
    damaged: tuple[Damage, ...]
    lost: tuple[str, ...] = ()
    unnamed: int = 0
    repaired: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Compacted:
    """What compacting an index did. bytes: on disk, before and after. templates: how many it learnt."""

    path: str
    commit: int
    articles: int
    segments: int
    dropped: int
    templates: int
    bytes_before: int
    bytes_after: int
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """A line that stands on many pages of an outlet whose stories are otherwise unrelated; it is compared with nothing.

    outlet: its name, normalised. line: as one of the pages has it. pages: different bodies that had it when it was
    learnt. sampled: how many of them were held against each other; stories: how many of those told stories of their
    own.
    """

    outlet: str
    line: str
    pages: int
    sampled: int
    stories: int


class Turn(StrEnum):
    """What became of a story between two commits."""

    appeared = "appeared"
    grew = "grew"
    shrank = "shrank"
    merged = "merged"
    divided = "split"
    renamed = "renamed"
    vanished = "vanished"


@dataclasses.dataclass(frozen=True, slots=True)
class StoryChange:
    """A story of two articles or more that is another than at an earlier commit, or was.

    id: its present id; that of old where it vanished. story: as it is now, None where it vanished. before: ids of
    the stories that it came from, those that gave most articles first. added, left: articles that came and went.
    """

    id: str
    turn: Turn
    story: Story | None
    before: tuple[str, ...]
    added: int
    left: int


@dataclasses.dataclass(frozen=True, slots=True)
class Info:
    """What an index holds. articles: live ones; bytes: on disk by part."""

    path: str
    format: int
    commit: int
    params: Params
    segments: int
    articles: int
    removed: int
    links: int
    stories: int
    outlets: int
    bytes: dict[str, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """Where a long call stands. stage: read, clean, link ...; total: None where it is not known yet."""

    stage: str
    done: int
    total: int | None
