"""Writing a commit: what it adds, removes and keeps, until one rename makes all of it true."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import DedupError
from dedup.store.arrays import U32
from dedup.store.columns import Sketches, numbers_batch
from dedup.store.directory import Directory
from dedup.store.manifest import (
    ChangesRecord,
    DeletesRecord,
    Manifest,
    PartRecord,
    SegmentRecord,
    StoriesRecord,
    deletes_file,
    derived_file,
    is_ours,
)
from dedup.store.merge import merge
from dedup.store.parts import ROWS
from dedup.store.publish import now, publish, write_table
from dedup.store.segment import Segment
from dedup.store.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from dedup.store.store import Store

_FOLD_DELETES = 8  # files of removed rows; from here on one new file holds them all


class Writer:
    """The one writer of an index; Store.writer() makes it, and leaving that drops what is not committed.

    store: what the next commit builds on: the last commit, which may be newer than the one that writer() was
    called on, and what stage() or restart() made of it. May commit any number of times.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._make = type(store)
        self._directory: Directory = store.directory
        self._committed = store.manifest
        self._segment: SegmentWriter | None = None
        self._segments: list[SegmentRecord] = []
        self._deleted: list[U32] = []
        self._kept = store.manifest.segments  # those of store, less what was merged
        self._stories: tuple[pa.Table, int, int] | None = None
        self._same_stories = False
        self._crowds: pa.Table | None = None
        self._templates: pa.Table | None = None
        self._changes: tuple[pa.Table, int, int] | None = None
        self._next_id = store.manifest.next_id
        self._written: set[str] = set()  # files since the last commit, whether the next one will name them or not
        self._rows_changed = False
        self._begun = False  # files that no commit names may exist
        self._failed = False
        self._renaming = False
        # The manifest that we see may be a dead writer's, renamed but not yet durable: before
        # the files of the one below it go, it has to be.
        self._directory.sync_dir("")
        self._collect()

    @property
    def generation(self) -> int:
        """The number that the next commit gets."""
        return self._committed.generation + 1

    @property
    def next_row(self) -> int:
        """The row that the next article gets."""
        last = self._segments[-1] if self._segments else None
        return last.base + last.rows if last else self.store.manifest.next_row

    def segment(self) -> SegmentWriter:
        """Begin a segment at next_row; one at a time."""
        if self._segment:
            raise RuntimeError("finish the segment that is open first")
        self._segment = SegmentWriter(
            self._directory, self._take_id(), self.next_row, self.store.params.num_perm, self._finished
        )
        return self._segment

    def add_segment(
        self,
        articles: Iterable[pa.RecordBatch],
        sketches: Sketches,
        bands: Mapping[str, tuple[U32, U32]],
        links: pa.Table,
    ) -> SegmentRecord | None:
        """A segment at once; see SegmentWriter.finish."""
        segment = self.segment()
        for batch in articles:
            segment.write_articles(batch)
        return segment.finish(sketches, bands, links)

    def merge(self, segments: Sequence[Segment]) -> None:
        """Write adjacent segments of store as one, which the next commit has in their place.

        Rows keep their numbers, and all are kept. Raises ValueError where the segments are not adjacent ones of
        store, DamagedIndex, NoSpace, DiskError.
        """
        self._expect_ready()
        there, wanted = [record.id for record in self._kept], [segment.id for segment in segments]
        first = there.index(wanted[0]) if wanted and wanted[0] in there else 0
        last = first + len(wanted)
        if not wanted or there[first:last] != wanted:
            raise ValueError("segments that do not stand next to one another")
        if any(one.base + one.rows != other.base for one, other in pairwise(segments)):
            raise ValueError("segments with rows missing between them")
        self._segment = SegmentWriter(
            self._directory, self._take_id(), segments[0].base, self.store.params.num_perm, self._ended
        )
        self._failed = True  # until all is written
        record = merge(segments, self._segment)
        self._failed = False
        self._kept = (*self._kept[:first], *([record] if record else []), *self._kept[last:])

    def delete(self, rows: npt.ArrayLike) -> None:
        """Remove rows (n,) of the index with the next commit; those removed already stay so.

        Raises IndexError where a row is of no segment.
        """
        wanted = np.unique(np.asarray(rows, np.int64))
        segments = [*self.store.manifest.segments, *self._segments]
        bases = np.array([s.base for s in segments], np.int64)
        ends = np.array([s.base + s.rows for s in segments], np.int64)
        at = np.searchsorted(bases, wanted, "right") - 1
        if wanted.size and (at.min() < 0 or np.any(wanted >= ends[at])):
            raise IndexError("rows of no segment")
        self._deleted.append(wanted.astype(np.uint32))

    def set_stories(self, table: pa.Table, count: int, keep: int = 0) -> None:
        """Stories of what the next commit holds; without this call it keeps the old ones.

        count: stories of two or more. keep: how many of the parts that there are stay, before table. Raises
        ValueError where there are not so many.
        """
        self._expect_parts("stories", keep)
        self._stories = table, count, keep

    def keep_stories(self) -> None:
        """The stories that there are, if they are the last commit's, are those of the next one too."""
        self._same_stories = True

    def set_crowds(self, table: pa.Table) -> None:
        """Crowds from the next commit on; without this call the old ones stay."""
        self._crowds = table

    def set_templates(self, table: pa.Table) -> None:
        """Templates from the next commit on; without this call the old ones stay."""
        self._templates = table

    def set_changes(self, table: pa.Table, since: int, keep: int = 0) -> None:
        """What became of stories, all of it after commit since; without this call the next commit keeps the old.

        keep: how many of the parts that there are stay, before table. Raises ValueError where there are not so many.
        """
        self._expect_parts("changes", keep)
        self._changes = table, since, keep

    def restart(self) -> None:
        """From here on store is an empty index, with the same parameters and what became of stories.

        In memory only: the commit on disk stands until commit() puts all that was written since in its place.
        """
        self._expect_ready()
        self._segments, self._deleted = [], []
        self._stories = self._crowds = self._templates = None
        self._same_stories = False
        self._rows_changed = self._begun = True
        empty = dataclasses.replace(
            self.store.manifest,
            next_row=0,
            segments=(),
            deletes=(),
            stories=None,
            crowds=None,
            templates=None,
            next_id=self._next_id,
        )
        self._move(empty)

    def stage(self) -> None:
        """Make what was finished and deleted since part of store, so that it can be read; it is not published
        before commit(). Raises NoSpace, DiskError; the writer is of no further use then."""
        self._expect_ready()
        self._failed = True  # until all is written
        self._move(self._advanced())
        self._segments, self._deleted = [], []
        self._failed = False

    def commit(self) -> Manifest:
        """Make it true and durable, and return the new manifest; the old one where nothing changed.

        Raises NoSpace, DiskError; the writer is of no further use then, and the last commit stands.
        """
        self._expect_ready()
        self._failed = True  # until the last sync has returned
        advanced = self._advanced()
        derived = (self._stories, self._crowds, self._changes, self._templates)
        if advanced == self._committed and all(one is None for one in derived):
            self._segments, self._deleted, self._failed = [], [], False
            return self._committed
        self._begun = True
        new = dataclasses.replace(
            advanced,
            dedup=_version(),
            committed=now(),
            generation=self.generation,
            stories=self._write_stories(),
            crowds=self._write_derived("crowds", self._crowds) if self._crowds is not None else advanced.crowds,
            changes=self._write_changes(),
            templates=self._write_derived("templates", self._templates)
            if self._templates is not None
            else advanced.templates,
            next_id=self._next_id,
        )
        before = {name for name, _ in self._committed.files()}
        after = {name for name, _ in new.files()}
        data = publish(self._directory, new, sorted(after - before), self._about_to_rename)
        gone = (before | self._written) - after
        self._committed = new
        self._move(new, data)
        self._segments, self._deleted, self._written = [], [], set()
        self._stories = self._crowds = self._changes = self._templates = None
        self._same_stories = self._rows_changed = self._begun = self._failed = self._renaming = False
        with contextlib.suppress(DedupError):  # the commit stands; the next writer tries again
            for name in sorted(gone):
                self._directory.unlink(name)
        return new

    def close(self) -> None:
        """Remove what was written and not committed."""
        if self._segment:
            self._segment.abandon()
        # Once the rename was asked for, nobody here knows which commit the disk has.
        if self._begun and not self._renaming:
            with contextlib.suppress(DedupError):
                self._collect()

    def _about_to_rename(self) -> None:
        self._renaming = True

    def _take_id(self) -> str:
        self._begun = True
        self._next_id += 1
        return f"{self._next_id - 1:08d}"

    def _ended(self, record: SegmentRecord | None) -> None:
        self._segment = None
        if record:
            self._written.update(record.file(part) for part in record.files)

    def _finished(self, record: SegmentRecord | None) -> None:
        self._ended(record)
        if record:
            self._segments.append(record)

    def _expect_ready(self) -> None:
        if self._failed or self._segment:
            raise RuntimeError("the writer has failed" if self._failed else "finish the segment that is open first")

    def _expect_parts(self, kind: str, keep: int) -> None:
        if not 0 <= keep <= len(self.store.manifest.derived()[kind]):
            raise ValueError(f"{kind} have no {keep} parts")

    def _move(self, manifest: Manifest, data: bytes | None = None) -> None:
        self.store = self._make(self._directory, manifest, self.store, data)
        self._kept = manifest.segments

    def _advanced(self) -> Manifest:
        """The manifest of store with what was finished and deleted since."""
        old = self.store.manifest
        rows = np.unique(np.concatenate([*self._deleted, np.empty(0, np.uint32)]))
        rows = rows[self.store.alive(rows)]
        if self._kept == old.segments and not self._segments and not len(rows):
            return old
        self._rows_changed |= bool(self._segments or len(rows))
        return dataclasses.replace(
            old,
            next_row=self.next_row,
            segments=(*self._kept, *self._segments),
            deletes=self._write_deletes(rows),
            next_id=self._next_id,
        )

    def _write_deletes(self, rows: U32) -> tuple[DeletesRecord, ...]:
        old = self.store.manifest.deletes
        if not len(rows):
            return old
        if len(old) >= _FOLD_DELETES:
            old, rows = (), np.union1d(self.store.deleted, rows)
        own = self._take_id()
        self._written.add(deletes_file(own))
        file = write_table(self._directory, deletes_file(own), ROWS, own, [numbers_batch(rows, ROWS)])
        return (*old, DeletesRecord(own, len(rows), file))

    def _write_stories(self) -> StoriesRecord | None:
        old = self.store.manifest.stories
        if self._stories:
            table, count, keep = self._stories
            kept = old.parts[:keep] if old else ()
            return StoriesRecord(self.generation, count, (*kept, self._write_derived("stories", table)))
        if old and (self._same_stories or not self._rows_changed) and old.as_of == self._committed.generation:
            return dataclasses.replace(old, as_of=self.generation)
        return old

    def _write_changes(self) -> ChangesRecord | None:
        old = self.store.manifest.changes
        if not self._changes:
            return old
        table, since, keep = self._changes
        kept = old.parts[:keep] if old else ()
        return ChangesRecord(since, (*kept, self._write_derived("changes", table)))

    def _write_derived(self, kind: str, table: pa.Table) -> PartRecord:
        table = table.unify_dictionaries().combine_chunks()
        own, batches = self.generation, table.to_batches()
        file = write_table(self._directory, derived_file(kind, own), table.schema, str(own), batches)
        return PartRecord(own, table.num_rows, file)

    def _collect(self) -> None:
        """Remove the files that the commit does not name: superseded, or a dead writer's."""
        kept = {name for name, _ in self._committed.files()}
        for name in self._directory.list():
            if is_ours(name) and name not in kept:
                self._directory.unlink(name)


@functools.cache
def _version() -> str:
    from importlib import metadata  # which no reader needs, and takes 0.02 s

    try:
        return metadata.version("wire-dedup")
    except metadata.PackageNotFoundError:
        return "unknown"
