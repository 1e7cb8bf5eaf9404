"""Kinds, relations, the parameters of an index, and what cleaning makes of a page."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import StrEnum

from dedup.errors import UsageError

TEXT_VERSION = 1  # of cleaning and tokens together: an index of another version is refused


class Kind(StrEnum):
    """What an article's text is before cleaning."""

    auto = "auto"
    text = "text"
    page = "page"
    html = "html"


class Relation(StrEnum):
    """How A stands to B."""

    identical = "identical"
    near = "near"
    excerpt = "excerpt"
    extended = "extended"
    partial = "partial"


@dataclasses.dataclass(frozen=True, slots=True)
class Params:
    """What an index is made with; frozen in its manifest.

    shingle_words: tokens a shingle. num_perm: permutations of a signature. seed: of the
    permutations, as datasketch's. hash_seed: of XXH64. bands, rows: the MinHash bands,
    bands * rows <= num_perm. anchor_scale: one in so many narrative shingles is an anchor;
    anchor_min: that many at least. same_copy: narrative containment of the shorter article
    from which two are the same copy: a third of the shingles, since half of the words copied with
    an edit every eight or nine words leave as much (on two labelled sets F1 is the same from 0.32 to 0.36, which
    lies between the parts of 0.31 and the copies of 0.349). partial_words: narrative words in common from which a
    link is kept at all.
    """

    shingle_words: int = 5
    num_perm: int = 128
    seed: int = 1
    hash_seed: int = 0
    bands: int = 32
    rows: int = 4
    anchor_scale: int = 8
    anchor_min: int = 16
    same_copy: float = 0.34
    partial_words: int = 50
    text_version: int = TEXT_VERSION

    def unlike(self, others: Params) -> str:
        """The parameters that differ from others', with their values."""
        values, theirs = dataclasses.asdict(self), dataclasses.asdict(others)
        return ", ".join(f"{name} {value}" for name, value in values.items() if value != theirs[name])

    def __post_init__(self) -> None:
        """Raises UsageError where the values do not fit together."""
        limits = {
            "shingle_words": (1, 64),
            "num_perm": (1, 4096),
            "seed": (0, 2**32 - 1),
            "hash_seed": (0, 2**64 - 1),
            "bands": (1, self.num_perm),
            "rows": (1, self.num_perm // max(self.bands, 1)),
            "anchor_scale": (1, 2**32),
            "anchor_min": (0, 2**16),
            "same_copy": (0.01, 1),
            "partial_words": (1, 2**16),
            "text_version": (1, 2**16),
        }
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(problem=f"{name} is {value}: it may be {least} to {most}")


@dataclasses.dataclass(frozen=True, slots=True)
class Credit:
    """An agency that a page credits for its copy, and the place where it says so."""

    agency: str
    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class Body:
    """What cleaning makes of one page. text: the story's paragraphs, a line each."""

    text: str
    title: str | None = None
    byline: str | None = None
    dateline: str | None = None
    credits: tuple[Credit, ...] = ()
    published: datetime | None = None
    url: str | None = None
    outlet: str | None = None

    @property
    def paragraphs(self) -> list[str]:
        return self.text.split("\n") if self.text else []
