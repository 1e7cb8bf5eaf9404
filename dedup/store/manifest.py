"""The manifest: what makes up one commit, and how its files are called. FORMAT.md is the reference."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from dedup.model import Params

FORMAT = 2
MANIFEST = "manifest.json"
ASIDE = "manifest.json.tmp"
PARTS = ("articles", "sketches", "bands", "links")
SUMS = "sums"  # of the other four's blocks; only where they are large
MAX_ROWS = 1 << 32  # rows are uint32

_OURS = re.compile(
    r"manifest\.json\.tmp|(stories|crowds|changes|templates)-[0-9]+\.arrow|deletes/[0-9]{8}\.arrow|segments/[0-9]{8}/[a-z]+\.arrow"
)


@dataclasses.dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file must be. bytes: its size; xxh3_128: of all of it, 32 hexadecimal digits."""

    bytes: int
    xxh3_128: str


@dataclasses.dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment holds rows base ... base + rows - 1 of the index. files: by part."""

    id: str
    base: int
    rows: int
    files: dict[str, FileRecord]

    def file(self, part: str) -> str:
        return segment_file(self.id, part)


@dataclasses.dataclass(frozen=True, slots=True)
class DeletesRecord:
    """A file of rows removed or replaced."""

    id: str
    rows: int
    file: FileRecord

    @property
    def name(self) -> str:
        return deletes_file(self.id)


@dataclasses.dataclass(frozen=True, slots=True)
class PartRecord:
    """A derived table, or one of its parts: its file is named by what it holds and the generation that wrote it."""

    generation: int
    rows: int
    file: FileRecord


@dataclasses.dataclass(frozen=True, slots=True)
class StoriesRecord:
    """Stories of the live articles of generation as_of; older than the commit, they are stale.

    count: stories of two articles or more. parts: the first is whole, the later ones amend it.
    """

    as_of: int
    count: int
    parts: tuple[PartRecord, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ChangesRecord:
    """What became of stories: every change after commit since is told."""

    since: int
    parts: tuple[PartRecord, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """One commit. next_row, next_id: the first never used; created, committed: UTC, ISO 8601."""

    params: Params
    created: str
    committed: str
    dedup: str = "unknown"
    generation: int = 0
    next_row: int = 0
    next_id: int = 1
    segments: tuple[SegmentRecord, ...] = ()
    deletes: tuple[DeletesRecord, ...] = ()
    stories: StoriesRecord | None = None
    crowds: PartRecord | None = None
    changes: ChangesRecord | None = None
    templates: PartRecord | None = None

    @property
    def articles(self) -> int:
        """Live articles."""
        return sum(s.rows for s in self.segments) - self.removed

    @property
    def removed(self) -> int:
        """Articles that were removed or replaced, and are still there."""
        return sum(d.rows for d in self.deletes)

    @property
    def bytes(self) -> int:
        """Of all files but the manifest."""
        return sum(record.bytes for _, record in self.files())

    def files(self) -> Iterator[tuple[str, FileRecord]]:
        """Every file of the commit but the manifest."""
        for segment in self.segments:
            for part, record in segment.files.items():
                yield segment.file(part), record
        for deletes in self.deletes:
            yield deletes.name, deletes.file
        for kind, parts in self.derived().items():
            for one in parts:
                yield derived_file(kind, one.generation), one.file

    def derived(self) -> dict[str, tuple[PartRecord, ...]]:
        """The parts of each derived table, by what they hold."""
        return {
            "stories": self.stories.parts if self.stories else (),
            "crowds": (self.crowds,) if self.crowds else (),
            "changes": self.changes.parts if self.changes else (),
            "templates": (self.templates,) if self.templates else (),
        }


def segment_file(id: str, part: str) -> str:
    return f"segments/{id}/{part}.arrow"


def deletes_file(id: str) -> str:
    return f"deletes/{id}.arrow"


def derived_file(kind: str, generation: int) -> str:
    """kind: stories, crowds, changes or templates."""
    return f"{kind}-{generation}.arrow"


def is_ours(name: str) -> bool:
    """Whether a name is one that a writer of this format gives, so that a leftover may go.

    A user may well point at a folder with files of their own.
    """
    return bool(_OURS.fullmatch(name))
