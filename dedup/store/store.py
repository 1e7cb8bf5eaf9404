"""An index folder at one commit: what is in it, and the way to the next one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import DamagedIndex, IndexExists, NoIndex
from dedup.model import ARTICLES, Params
from dedup.store.columns import U32
from dedup.store.directory import Directory
from dedup.store.manifest import ASIDE, MANIFEST, FileRecord, Manifest, SegmentRecord, decode, is_ours
from dedup.store.segment import Part, Segment, live_mask, read_rows, read_table
from dedup.store.writer import Writer, now, publish


class Store:
    """One commit of an index, which stays as it is while writers go on.

    Files are mapped when the commit is opened and checked when first touched: what reads raises
    DamagedIndex where a byte is not what was written.
    """

    def __init__(self, directory: Directory, manifest: Manifest, earlier: Store | None = None) -> None:
        self.directory = directory
        self.manifest = manifest
        # What both commits share keeps its mapping and need not be checked again.
        parts: dict[str, Part] = {}
        segments: dict[str, Segment] = {}
        if earlier:
            parts = {part.name: part for part in earlier.parts() if not part.missing}
            segments = {segment.id: segment for segment in earlier.segments if not segment.missing}

        def part(name: str, record: FileRecord) -> Part:
            known = parts.get(name)
            return known if known and known.record == record else Part(directory, name, record)

        def segment(record: SegmentRecord) -> Segment:
            known = segments.get(record.id)
            return known if known and known.record == record else Segment(directory, record, manifest.params.num_perm)

        self.segments: tuple[Segment, ...] = tuple(segment(record) for record in manifest.segments)
        self._deletes = tuple(part(record.name, record.file) for record in manifest.deletes)
        self._stories = part(manifest.stories.name, manifest.stories.file) if manifest.stories else None

    def __repr__(self) -> str:
        return f"Store({self.directory!r}, commit {self.manifest.generation})"

    @classmethod
    def create(cls, directory: Directory, params: Params | None = None) -> Store:
        """A new index, empty, durable. Raises IndexExists, IndexLocked, DamagedIndex, NoSpace, DiskError."""
        directory.make()
        with directory.lock():
            if _manifest_bytes(directory) is not None:
                raise IndexExists(path=directory.path)
            directory.unlink(ASIDE)
            time = now()
            publish(directory, Manifest(params=params or Params(), created=time, committed=time), [])
        return cls.open(directory)

    @classmethod
    def open(cls, directory: Directory) -> Store:
        """The last commit. Raises NoIndex, DamagedIndex, IncompatibleIndex."""
        data = _manifest_bytes(directory)
        if data is None:
            raise NoIndex(path=directory.path)
        return cls._at(directory, data, None)

    def refresh(self) -> Store:
        """The last commit: this very store where it is that."""
        data = _manifest_bytes(self.directory)
        if data is None:
            raise DamagedIndex(file=MANIFEST, offset=0)
        store = self._at(self.directory, data, self)
        return self if store.manifest == self.manifest else store

    @classmethod
    def _at(cls, directory: Directory, data: bytes, earlier: Store | None) -> Store:
        while True:
            store = cls(directory, decode(data, directory.path), earlier)
            if not any(part.missing for part in store.parts()):
                return store
            # A file may be missing because a later commit let it go while we were mapping.
            again = _manifest_bytes(directory)
            if again is None or again == data:
                return store
            data = again

    @contextlib.contextmanager
    def writer(self) -> Iterator[Writer]:
        """Be the one writer, on the last commit. Raises IndexLocked at once where there is another."""
        with self.directory.lock():
            writer = Writer(self.refresh())
            try:
                yield writer
            finally:
                writer.close()

    @property
    def params(self) -> Params:
        return self.manifest.params

    @cached_property
    def deleted(self) -> U32:
        """Rows of the index that were removed or replaced, sorted."""
        found = [read_rows(part, d.id) for part, d in zip(self._deletes, self.manifest.deletes, strict=True)]
        rows = np.unique(np.concatenate([*found, np.empty(0, np.uint32)]))
        rows.flags.writeable = False
        return rows

    def live(self, segment: Segment) -> npt.NDArray[np.bool_]:
        """Which rows of a segment are live, (rows,)."""
        return live_mask(segment, self.deleted)

    def stories(self) -> pa.Table | None:
        """What the commit's writer derived from it; None where there is none, or it was taken away."""
        if self._stories is None or self.manifest.stories is None or self._stories.missing:
            return None
        return read_table(self._stories, str(self.manifest.stories.generation))

    def places(self, rows: npt.ArrayLike) -> Iterator[tuple[Segment, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """The segments that hold some of the rows (n,) of the index: each with the rows' places in it, and the
        places among the n of these rows. Raises IndexError where a row is of no segment."""
        wanted = np.asarray(rows, np.int64)
        bases = np.array([segment.base for segment in self.segments], np.int64)
        at = np.searchsorted(bases, wanted, "right") - 1
        if wanted.size and at.min() < 0:
            raise IndexError("rows of no segment")
        order = np.argsort(at, kind="stable")
        for some in np.split(order, np.flatnonzero(np.diff(at[order])) + 1):
            if len(some):
                segment = self.segments[at[some[0]]]
                yield segment, wanted[some] - segment.base, some

    def article_rows(self, rows: npt.ArrayLike, columns: Sequence[str] | None = None) -> pa.Table:
        """Articles at rows (n,) of the index, removed ones too, as a table in that order.

        columns: of model.ARTICLES, all by default. Raises IndexError where a row is of no segment.
        """
        tables, places = [], []
        for segment, local, where in self.places(rows):
            tables.append(segment.article_rows(local, columns))
            places.append(where)
        if not tables:
            return ARTICLES.empty_table() if columns is None else ARTICLES.empty_table().select(list(columns))
        back = np.argsort(np.concatenate(places))
        return pa.concat_tables(tables).combine_chunks().take(pa.array(back))

    def parts(self) -> Iterator[Part]:
        """Every file of the commit but the manifest; each one's buffer checks it."""
        for segment in self.segments:
            yield from segment.parts.values()
        yield from self._deletes
        if self._stories:
            yield self._stories


def _manifest_bytes(directory: Directory) -> bytes | None:
    """None where there is no index; an index that lost its manifest is damaged."""
    try:
        return bytes(directory.read(MANIFEST))
    except FileNotFoundError:
        # It is there before the first segment is: who has segments had a manifest.
        if any(is_ours(name) and name.startswith("segments/") for name in directory.list()):
            raise DamagedIndex(file=MANIFEST, offset=0) from None
        return None
