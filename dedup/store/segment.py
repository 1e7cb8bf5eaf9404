"""Reading a commit's files: checked when first touched, then mapped.

A segment is written once and never changed, so a reader needs no lock: it maps every file
when it opens the commit and keeps its bytes even when a later commit unlinks them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import DamagedIndex
from dedup.kernels.arrays import distinct, flat
from dedup.model import ARTICLES, LINKS
from dedup.store.arrays import I64, U32, inside, picked
from dedup.store.bands import Bands, Keys, Search
from dedup.store.columns import (
    DIGESTS,
    Sets,
    Sketches,
    sets_in_place,
    sets_of,
    sketches_columns,
    sketches_schema,
    sketches_views,
)
from dedup.store.directory import Directory
from dedup.store.manifest import PARTS, SUMS, SegmentRecord
from dedup.store.parts import BlockSums, Column, Part, damaged, expect_schema, only_batch, open_part
from dedup.store.salvage import salvaged_ids

_FIXED = (*DIGESTS, "length", "narrative_length", "signature")
# Of a table that is asked often for a few keys: the upper bits that its keys have. With 50,000 keys and 2^20 bits most
# others are told apart in 1 us, where a search takes 50.
_FILTER_BITS, _FEW_KEYS, _WARM = 20, 64, 8
# Articles that come together where all are read: what is done with a batch costs the same for one of few.
_TOGETHER = 1 << 10
# Of a part of the rows from this on, nearly every block of the file is read.
_MANY = 1 << 12


class Segment:
    """Rows base ... base + rows - 1 of an index. Whatever reads raises DamagedIndex."""

    def __init__(self, directory: Directory, record: SegmentRecord, num_perm: int) -> None:
        self.record = record
        self.parts: dict[str, Part] = {}
        sums = None
        if SUMS in record.files:
            self.parts[SUMS] = Part(directory, record.file(SUMS), record.files[SUMS])
            sums = BlockSums(self.parts[SUMS], record.id, PARTS)
        for part in PARTS:
            of_blocks = partial(sums.of, part) if sums else None
            self.parts[part] = Part(directory, record.file(part), record.files[part], of_blocks)
        self._num_perm = num_perm
        self._asked: dict[str, int] = {}
        self._filters: dict[str, npt.NDArray[np.bool_]] = {}
        # Of each thread, for a reader moves in its file.
        self._readers = threading.local()

    def __repr__(self) -> str:
        return f"Segment({self.id}, rows {self.base} to {self.base + self.rows - 1})"

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def missing(self) -> bool:
        """Whether a file was not there when the commit was opened."""
        return any(part.missing for part in self.parts.values())

    @property
    def names(self) -> list[str]:
        """Its files."""
        return [part.name for part in self.parts.values()]

    @property
    def base(self) -> int:
        return self.record.base

    @property
    def rows(self) -> int:
        return self.record.rows

    def live(self, deleted: U32) -> npt.NDArray[np.bool_]:
        """Which of its rows are live, (rows,); deleted: sorted rows of the index."""
        alive = np.ones(self.rows, np.bool_)
        first, last = np.searchsorted(deleted, [self.base, self.base + self.rows])
        alive[deleted[first:last].astype(np.int64) - self.base] = False
        return alive

    def articles(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """All articles in order of row, some at a time; columns: of model.ARTICLES, all by default."""
        self.parts["articles"].verify_ahead()
        reader, batch_rows = self.articles_reader(columns)
        count, step = reader.num_record_batches, max(1, _TOGETHER // batch_rows)
        for first in range(0, count, step):
            with damaged(self.parts["articles"].name):
                batches = [reader.get_batch(number) for number in range(first, min(first + step, count))]
                batch = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
            yield _ordered(batch, columns)

    def article_rows(self, local_rows: npt.ArrayLike, columns: Sequence[str] | None = None) -> pa.Table:
        """The articles of local_rows (n,), 0 ... rows - 1, as a table in that order.

        Reads only the batches that hold them. Raises IndexError where a row is not of this segment.
        """
        rows = self._places(local_rows)
        much = len(rows) >= max(_MANY, self.rows >> 4)
        part, readers = self.parts["articles"], self._readers.__dict__
        if much and not part.whole:
            part.verify_ahead()
            readers.clear()  # those that are there ask for each buffer
        wanted = "*" if columns is None else " ".join(columns)
        if wanted not in readers:
            readers[wanted] = self.articles_reader(columns)
        reader, batch_rows = readers[wanted]
        order = np.argsort(rows, kind="stable")
        rising = rows[order]
        numbers = distinct(rising // batch_rows)
        # Batches give their rows before the next ones are read, so that only those are put together. To put some
        # batches together first copies all of their rows, and is done where many of these are wanted.
        step = max(1, _TOGETHER // batch_rows) if much else 1
        taken = [_ordered(ARTICLES.empty_table(), columns)]
        with damaged(part.name):
            for first in range(0, len(numbers), step):
                some = numbers[first : first + step]
                batches = [reader.get_batch(number) for number in some.tolist()]
                batch = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
                begin, end = np.searchsorted(rising, [some[0] * batch_rows, (some[-1] + 1) * batch_rows])
                number, within = np.divmod(rising[begin:end], batch_rows)
                taken.append(picked(_ordered(batch, columns), np.searchsorted(some, number) * batch_rows + within))
            back = np.empty(len(rows), np.int64)
            back[order] = np.arange(len(rows))
            return picked(pa.concat_tables(taken).combine_chunks(), back)

    def articles_reader(self, columns: Sequence[str] | None = None) -> tuple[pa.ipc.RecordBatchFileReader, int]:
        """The batches of articles.arrow, each checked as it is read, and the rows of all but the last."""
        part = self.parts["articles"]
        numbers = None if columns is None else sorted(ARTICLES.get_field_index(name) for name in columns)
        if numbers and numbers[0] < 0:
            raise KeyError(columns)
        reader = open_part(part, self.id, numbers)
        with damaged(part.name):
            wanted = ARTICLES if numbers is None else pa.schema([ARTICLES.field(number) for number in numbers])
            expect_schema(reader.schema, wanted)
            batch_rows = int(reader.schema.metadata[b"batch_rows"])
            if batch_rows < 1 or reader.num_record_batches != -(-self.rows // batch_rows):
                raise ValueError("batches")
        return reader, batch_rows

    @cached_property
    def sketches(self) -> Sketches:
        """All of them: views of the mapped file, read-only."""
        with damaged(self.parts["sketches"].name):
            return sketches_views(self._columns)

    def fixed(self, name: str, local: npt.ArrayLike | None = None) -> npt.NDArray[Any]:
        """A column of some rows of the segment, in any order, or of all: id_hash, text_hash, body_digest (n, 2)
        uint64; length, narrative_length (n,) uint32; signature (n, num_perm) uint32. Read-only where it is all."""
        if name not in _FIXED:
            raise KeyError(name)
        column = self._columns[name]
        return column.all() if local is None else column.at(self._places(local))

    def sets(self, local: npt.ArrayLike) -> Sets:
        """The shingle sets of some rows of the segment, in that order, copied together."""
        rows = self._places(local)
        with damaged(self.parts["sketches"].name):
            return sets_of(self._columns, rows)

    def sets_in_place(self, local: npt.ArrayLike) -> Sets:
        """The shingle sets of all rows of the segment as they lie in the mapped file, read-only, of which those of
        some rows are checked: nothing is known of the others."""
        rows = self._places(local)
        with damaged(self.parts["sketches"].name):
            return sets_in_place(self._columns, rows)

    def may_have(self, name: str, keys: U32) -> bool:
        """Whether a table may have one of some keys: false tells that it has none of them.

        Where it is asked seldom, or for many keys, nothing is read, and the answer is that it may.
        """
        asked = self._asked[name] = self._asked.get(name, 0) + 1
        if len(keys) > _FEW_KEYS or asked < _WARM:
            return True
        if name not in self._filters:
            # Filled before it is seen: another thread would take an empty one at its word.
            having = np.zeros(1 << _FILTER_BITS, np.bool_)
            having[self.table(name)[0] >> np.uint32(32 - _FILTER_BITS)] = True
            self._filters[name] = having
        return bool(self._filters[name][keys >> np.uint32(32 - _FILTER_BITS)].any())

    @property
    def tables(self) -> list[str]:
        """Names of the sorted tables."""
        return self._bands.names

    def table(self, name: str) -> tuple[U32, U32]:
        """A sorted table: keys (m,) uint32 and rows (m,) uint32 of the index; views, read-only."""
        return self._bands.table(name)

    def lookup(self, wanted: Keys, searching: Search | None = None) -> tuple[I64, U32]:
        """All entries under some keys: places (m,) int64 in these, rising, and rows (m,) uint32 of the index, rising
        where the place is the same.

        searching: does what `dedup.store.bands.search` does, by a kernel, where kernels are loaded.
        """
        return self._bands.lookup(wanted, searching)

    @cached_property
    def _columns(self) -> dict[str, Column]:
        part = self.parts["sketches"]
        batch, _ = only_batch(part, self.id, sketches_schema(self._num_perm))
        with damaged(part.name):
            if batch.num_rows != self.rows:
                raise ValueError("rows")
            return sketches_columns(part, batch)

    @cached_property
    def _bands(self) -> Bands:
        return Bands(self.parts["bands"], self.id, range(self.base, self.base + self.rows))

    @cached_property
    def links(self) -> pa.Table:
        """model.LINKS, in order of a, then b; a < b, both rows of this segment or of older ones."""
        part = self.parts["links"]
        part.verify(0, part.record.bytes)
        table = pa.Table.from_batches([only_batch(part, self.id, LINKS)[0].replace_schema_metadata(None)])
        with damaged(part.name):
            for name in ("a", "b"):
                inside(table[name].to_numpy(), range(self.base + self.rows))
        return table

    @cached_property
    def link_ends(self) -> tuple[U32, U32]:
        """Rows a and b of the links."""
        return flat(self.links["a"]), flat(self.links["b"])

    @cached_property
    def links_by_b(self) -> I64:
        """Places (n,) int64 in links, in order of b, then a."""
        return np.argsort(self.link_ends[1], kind="stable")

    def intact(self, *parts: str) -> bool:
        """Whether the files of these parts, or of all, are what was written, every byte; read anew each time."""
        try:
            for part in parts or self.parts:
                self.parts[part].check()
        except DamagedIndex:
            return False
        return True

    def salvage_ids(self, live: npt.NDArray[np.bool_] | None = None) -> tuple[list[str], int]:
        """Ids of articles that can be read even if articles.arrow is damaged, and of how many they cannot.

        live: the rows (rows,) that are asked for, all by default. An id counts where its bytes are known to be
        what was written, or its hash stands among those of this segment.
        """
        return salvaged_ids(self, np.ones(self.rows, np.bool_) if live is None else live)

    def release(self) -> None:
        """Let go of the memory that mapped files take; what is read later comes from the disk again."""
        for part in self.parts.values():
            part.release()

    def _places(self, local: npt.ArrayLike) -> I64:
        rows = np.asarray(local, np.int64)
        if rows.size and not (rows.min() >= 0 and rows.max() < self.rows):
            raise IndexError(f"rows outside segment {self.id}")
        return rows


def _ordered(batch: pa.RecordBatch, columns: Sequence[str] | None) -> pa.RecordBatch:
    batch = batch.replace_schema_metadata(None)
    return batch if columns is None else batch.select(list(columns))
