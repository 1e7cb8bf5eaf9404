"""The words of the project as types: parameters, tables between the stages, answers.

Between stages travel Arrow record batches with the schemas below, and NumPy arrays;
the dataclasses are answers, made one by one for a person or a program that asked.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import StrEnum

import pyarrow as pa

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
    an edit every eight or nine words leave as much. partial_words: narrative words in common from which a
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
    same_copy: float = 0.35
    partial_words: int = 50
    text_version: int = TEXT_VERSION

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


# credits: which agency, and where the page says so
# (byline, dateline, signoff, disclaimer, contribution, copyright).
CREDIT = pa.struct([pa.field("agency", pa.string(), nullable=False), pa.field("place", pa.string(), nullable=False)])

# read -> clean. published is UTC; zone is the offset that the source gave, in minutes, null
# where it gave none. kind is one of Kind; path and line tell where the record came from.
RAW = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.timestamp("s", "UTC")),
        pa.field("zone", pa.int16()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)

# clean -> shingle, store. body: paragraphs joined by one newline.
ARTICLES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.timestamp("s", "UTC")),
        pa.field("zone", pa.int16()),
        pa.field("byline", pa.string()),
        pa.field("dateline", pa.string()),
        pa.field("credits", pa.list_(CREDIT), nullable=False),
        pa.field("body", pa.large_string(), nullable=False),
    ]
)


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


# verify -> cluster, store. a < b: rows of the index. Containments are of shingle sets:
# a_in_b = |A and B| / |A|; narrative_* count narrative shingles only; shared: narrative
# shingles in common; relation: of A to B.
LINKS = pa.schema(
    [
        pa.field("a", pa.uint32(), nullable=False),
        pa.field("b", pa.uint32(), nullable=False),
        pa.field("jaccard", pa.float32(), nullable=False),
        pa.field("a_in_b", pa.float32(), nullable=False),
        pa.field("b_in_a", pa.float32(), nullable=False),
        pa.field("narrative_a_in_b", pa.float32(), nullable=False),
        pa.field("narrative_b_in_a", pa.float32(), nullable=False),
        pa.field("shared", pa.uint32(), nullable=False),
        pa.field("same_copy", pa.bool_(), nullable=False),
    ]
)


# Stories as they are told: a row each, times ISO 8601 with their zone. Fields as in Story.
STORIES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("agencies", pa.list_(pa.string()), nullable=False),
        pa.field("articles", pa.int64(), nullable=False),
        pa.field("outlets", pa.int64(), nullable=False),
        pa.field("first", pa.string()),
        pa.field("last", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("confidence", pa.float32(), nullable=False),
    ]
)


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
class Rejected:
    """A record that was set aside. line: 1-based, None where a format has no lines."""

    path: str
    line: int | None
    reason: str
    record: str


@dataclasses.dataclass(frozen=True, slots=True)
class Added:
    """What one call of index.add did. commit: the last one, which may be an older one where nothing changed.

    rejects: the first few records that were set aside.
    """

    commit: int
    read: int
    added: int
    replaced: int
    unchanged: int
    rejected: int
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
    """What compacting an index did. bytes: on disk, before and after."""

    path: str
    commit: int
    articles: int
    segments: int
    dropped: int
    bytes_before: int
    bytes_after: int
    seconds: float


class Turn(StrEnum):
    """What became of a story between two commits."""

    appeared = "appeared"
    grew = "grew"
    shrank = "shrank"
    merged = "merged"
    split = "split"
    vanished = "vanished"


@dataclasses.dataclass(frozen=True, slots=True)
class StoryChange:
    """A story of two articles or more that is another than at an earlier commit, or was.

    id: its present id; that of old where it vanished. story: as it is now, None where it vanished. before: ids of the stories
    that it came from, those that gave most articles first. added, left: articles that came to it and that went.
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
