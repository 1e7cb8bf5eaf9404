"""An index folder at one commit: what is in it, and the way to the next one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import DamagedIndex, IndexExists, NoIndex
from dedup.model import ARTICLES, Damage, Params
from dedup.store.arrays import U32, picked
from dedup.store.directory import Directory
from dedup.store.encoding import decode
from dedup.store.manifest import (
    ASIDE,
    MANIFEST,
    DeletesRecord,
    Manifest,
    PartRecord,
    SegmentRecord,
    derived_file,
    is_ours,
)
from dedup.store.parts import DerivedPart, Part, read_rows
from dedup.store.publish import now, publish
from dedup.store.segment import Segment
from dedup.store.writer import Writer

Mask = npt.NDArray[np.bool_]
_MANY = 1 << 12


class Store:
    """One commit of an index, which stays as it is while writers go on.

    Files are mapped when the commit is opened and checked when first touched: what reads raises
    DamagedIndex where a byte is not what was written.
    """

    def __init__(
        self, directory: Directory, manifest: Manifest, earlier: Store | None = None, data: bytes | None = None
    ) -> None:
        """earlier: a store that what both share is taken from. data: the manifest as it stands on disk."""
        self.directory = directory
        self.manifest = manifest
        self._data = data
        # What both commits share keeps its mapping and need not be checked again.
        parts: dict[str, Part] = {}
        segments: dict[str, Segment] = {}
        if earlier:
            parts = {part.name: part for part in earlier._others() if not part.missing}
            segments = {segment.id: segment for segment in earlier.segments if not segment.missing}

        def deletes(record: DeletesRecord) -> Part:
            known = parts.get(record.name)
            return known if known and known.record == record.file else Part(directory, record.name, record.file)

        def derived(kind: str, record: PartRecord) -> DerivedPart:
            known = parts.get(derived_file(kind, record.generation))
            if isinstance(known, DerivedPart) and known.derived == record:
                return known
            return DerivedPart(directory, kind, record)

        def segment(record: SegmentRecord) -> Segment:
            known = segments.get(record.id)
            return known if known and known.record == record else Segment(directory, record, manifest.params.num_perm)

        self.segments: tuple[Segment, ...] = tuple(segment(record) for record in manifest.segments)
        self._deletes = tuple(deletes(record) for record in manifest.deletes)
        self._derived = {
            kind: tuple(derived(kind, record) for record in records) for kind, records in manifest.derived().items()
        }
        self._bases = np.array([segment.base for segment in self.segments], np.int64)
        self._ends = self._bases + np.array([segment.rows for segment in self.segments], np.int64)
        # Rows stay deleted, so what is known of them stays true.
        self._known_deletes: tuple[tuple[Part, ...], U32] = ((), np.empty(0, np.uint32))
        self._masks: dict[str, tuple[int, Mask]] = {}
        if earlier:
            known = (earlier._deletes, earlier.deleted) if "deleted" in vars(earlier) else earlier._known_deletes
            if set(known[0]) <= set(self._deletes):
                self._known_deletes = known
            here = {segment.id for segment in self.segments}
            self._masks = {name: mask for name, mask in earlier._masks.items() if name in here}

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
        return self if data == self._data else self._at(self.directory, data, self)

    @classmethod
    def _at(cls, directory: Directory, data: bytes, earlier: Store | None) -> Store:
        while True:
            store = cls(directory, decode(data, directory.path), earlier, data)
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

    @property
    def extent(self) -> int:
        """One more than the last row of any segment."""
        return int(self._ends.max(initial=0))

    @cached_property
    def deleted(self) -> U32:
        """Rows of the index that were removed or replaced, sorted."""
        known, rows = self._known_deletes
        for part, record in zip(self._deletes, self.manifest.deletes, strict=True):
            if part not in known:
                found = read_rows(part, record.id)
                rows = np.insert(rows, np.searchsorted(rows, found), found)
        rows.flags.writeable = False
        return rows

    def undamaged_deletes(self) -> tuple[U32, int]:
        """Rows that were removed or replaced as far as whole files tell, sorted, and how many more there were."""
        found, lost = [np.empty(0, np.uint32)], 0
        for part, record in zip(self._deletes, self.manifest.deletes, strict=True):
            try:
                found.append(read_rows(part, record.id))
            except DamagedIndex:
                lost += record.rows
        return np.sort(np.concatenate(found)), lost

    def alive(self, rows: npt.ArrayLike) -> Mask:
        """Which of some rows (n,) of the index are not deleted, (n,) bool."""
        wanted = np.asarray(rows).astype(np.uint32, copy=False)  # of another type, deleted would be copied each time
        if not len(self.deleted):
            return np.ones(wanted.shape, np.bool_)
        at = np.searchsorted(self.deleted, wanted)
        return np.asarray(self.deleted[np.minimum(at, len(self.deleted) - 1)] != wanted)

    def live(self, segment: Segment) -> Mask:
        """Which rows of a segment are live, (rows,); read-only."""
        first, last = np.searchsorted(self.deleted, [segment.base, segment.base + segment.rows])
        gone = int(last - first)
        known = self._masks.get(segment.id)
        if not known or known[0] != gone:
            mask = segment.live(self.deleted)
            mask.flags.writeable = False
            known = self._masks[segment.id] = (gone, mask)
        return known[1]

    def stories(self) -> list[pa.Table] | None:
        """The stories in parts: the first is whole, the later ones amend it. None where there are none, or
        a file was taken away."""
        return self._tables("stories") or None

    def crowds(self) -> pa.Table | None:
        """The crowds that the index keeps; None where there are none, or the file was taken away."""
        return next(iter(self._tables("crowds")), None)

    def templates(self) -> pa.Table | None:
        """The templates that the index keeps; None where there are none, or the file was taken away."""
        return next(iter(self._tables("templates")), None)

    def changes(self) -> list[pa.Table]:
        """What became of stories, in order; empty where that is not kept, or a file was taken away."""
        return self._tables("changes")

    def release(self) -> None:
        """Let go of the memory that mapped files take; what is read later comes from the disk again."""
        for segment in self.segments:
            segment.release()

    def _tables(self, kind: str) -> list[pa.Table]:
        parts = self._derived[kind]
        return [] if any(part.missing for part in parts) else [part.table for part in parts]

    def places(self, rows: npt.ArrayLike) -> Iterator[tuple[Segment, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """The segments that hold some of the rows (n,) of the index: each with the rows' places in it, and the
        places among the n of these rows. Raises IndexError where a row is of no segment."""
        wanted = np.asarray(rows, np.int64)
        at = np.searchsorted(self._bases, wanted, "right") - 1
        if wanted.size and (at.min() < 0 or np.any(wanted >= self._ends[at])):
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
            if len(local) > _MANY:
                segment.release()  # what is mapped would count as memory in use
        if not tables:
            return ARTICLES.empty_table() if columns is None else ARTICLES.empty_table().select(list(columns))
        back = np.argsort(np.concatenate(places))
        return picked(pa.concat_tables(tables).combine_chunks(), back)

    def check(self, progress: Callable[[int, int], None] | None = None) -> list[Damage]:
        """Read every byte of the commit, and say which files are not what was written; missing ones are not either.

        progress: called with the bytes that were read and those of the whole commit, after each file.
        """
        found = []
        total, done = sum(part.record.bytes for part in self.parts()), 0
        try:
            if (data := _manifest_bytes(self.directory)) is None:
                raise DamagedIndex(file=MANIFEST, offset=0)
            decode(data, self.directory.path)
        except DamagedIndex as error:
            found.append(Damage(error.fields["file"], error.fields["offset"]))
        for part in self.parts():
            try:
                part.check()
            except DamagedIndex as error:
                found.append(Damage(error.fields["file"], error.fields["offset"]))
            done += part.record.bytes
            if progress:
                progress(done, total)
        return found

    def parts(self) -> Iterator[Part]:
        """Every file of the commit but the manifest; each one's buffer checks it."""
        for segment in self.segments:
            yield from segment.parts.values()
        yield from self._others()

    def _others(self) -> Iterator[Part]:
        yield from self._deletes
        for parts in self._derived.values():
            yield from parts


def _manifest_bytes(directory: Directory) -> bytes | None:
    """None where there is no index; an index that lost its manifest is damaged."""
    try:
        return bytes(directory.read(MANIFEST))
    except FileNotFoundError:
        # It is there before the first segment is: who has segments had a manifest.
        if any(is_ours(name) and name.startswith("segments/") for name in directory.list()):
            raise DamagedIndex(file=MANIFEST, offset=0) from None
        return None
