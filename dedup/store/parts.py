"""A commit's files: mapped when it is opened, checked where they are touched, and no earlier.

A large file has a sum a block, so that a few bytes of it cost the check of a few blocks. No byte that was
not checked leaves this module but in a Column, which checks what it gives.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from dedup.errors import DamagedIndex
from dedup.kernels.arrays import runs
from dedup.store.arrays import I64, U32, U64
from dedup.store.directory import BLOCK, Directory
from dedup.store.manifest import FileRecord, PartRecord, derived_file

ROWS = pa.schema([pa.field("row", pa.uint32(), nullable=False)])
BLOCK_SUMS = pa.schema([pa.field("xxh3_64", pa.uint64(), nullable=False)])

# Runs from so many numbers on take less time one by one than number by number.
_LONG = 32
_SHIFT = BLOCK.bit_length() - 1

Sums = Callable[[], U64]


class Part:
    """A file that a manifest names.

    sums: gives xxh3_64 of each block, (blocks,) uint64; without it the file is checked as a whole.
    """

    def __init__(self, directory: Directory, name: str, record: FileRecord, sums: Sums | None = None) -> None:
        self.name = name
        self.record = record
        self.missing = False
        self._directory = directory
        self._sums = sums
        self.whole = False  # whether every byte is known to be right
        self._seen = np.empty(0, np.bool_)
        self._mapped = pa.py_buffer(b"")
        try:
            self._mapped = directory.read(name)
        except FileNotFoundError:
            self.missing = True
        except DamagedIndex:
            pass  # of another size than any file here, so it is found when it is touched

    @property
    def unverified(self) -> pa.Buffer:
        """The bytes as they are; none where the file is missing."""
        return self._mapped

    @property
    def verified(self) -> int:
        """How many bytes were checked so far, in whole blocks."""
        return self.record.bytes if self.whole else min(int(self._seen.sum()) * BLOCK, self.record.bytes)

    @property
    def buffer(self) -> pa.Buffer:
        """The bytes, known to be those that were written. Raises DamagedIndex."""
        self.verify(0, self.record.bytes)
        return self._mapped

    def verify(self, start: int, stop: int) -> None:
        """Check the blocks that hold bytes start ... stop - 1, each once. Raises DamagedIndex."""
        if self.whole or not self._sums:
            self._verify_whole()
        else:
            self._verify_blocks(range(start // BLOCK, -(-stop // BLOCK)) if stop > start else range(0))

    def verify_all(self, starts: I64, stops: I64) -> None:
        """Check many ranges (n,), none of them empty. Raises DamagedIndex."""
        if self.whole or not self._sums:
            self._verify_whole()
            return
        if not len(starts):
            return
        first, last = starts >> _SHIFT, (stops - 1) >> _SHIFT
        # The rule, once an index is warm: ranges of a block or two that were seen.
        if len(self._seen) and (last - first).max() < 2 and self._seen[first].all() and self._seen[last].all():
            return
        # A range adds one where it begins and takes it back behind its end.
        blocks = int(last.max()) + 1
        edges = np.bincount(first, minlength=blocks + 1) - np.bincount(last + 1, minlength=blocks + 1)
        self._verify_blocks(np.flatnonzero(np.cumsum(edges)).tolist())

    def verify_ahead(self) -> None:
        """Check every byte at once, where most of them will be read: what is known to be right Arrow reads without
        asking for each buffer, in a third of the time. What is damaged is left to be found where it is read."""
        with contextlib.suppress(DamagedIndex):
            self.verify(0, self.record.bytes)

    def check(self) -> None:
        """Read every byte, also where that was done before. Raises DamagedIndex."""
        self._expect_there()
        if xxhash.xxh3_128_hexdigest(self._mapped) != self.record.xxh3_128:
            raise DamagedIndex(file=self.name, offset=self._first_damaged())
        self.whole = True

    def release(self) -> None:
        """Let go of the memory that the mapped file takes."""
        if self._mapped.size > BLOCK:  # of less, to ask takes longer than it gives
            self._directory.release(self._mapped)

    def _verify_whole(self) -> None:
        if not self.whole:
            self.check()

    def _verify_blocks(self, blocks: range | list[int]) -> None:
        if not len(self._seen):
            self._expect_there()
            self._seen = np.zeros(len(self._block_sums), np.bool_)
        seen = self._seen
        for block in blocks:
            if not seen[block]:
                if not self._is_right(block):
                    raise DamagedIndex(file=self.name, offset=block * BLOCK)
                seen[block] = True
        self.whole = bool(seen.all())

    def _expect_there(self) -> None:
        if self.missing:
            raise DamagedIndex(file=self.name, offset=0)
        if self._mapped.size != self.record.bytes:
            raise DamagedIndex(file=self.name, offset=min(self._mapped.size, self.record.bytes))

    @cached_property
    def _block_sums(self) -> U64:
        sums = self._sums() if self._sums else np.empty(0, np.uint64)
        if len(sums) != -(-self.record.bytes // BLOCK):
            raise DamagedIndex(file=self.name, offset=0)
        return sums

    def _is_right(self, block: int) -> bool:
        size = min(BLOCK, self._mapped.size - block * BLOCK)
        return xxhash.xxh3_64_intdigest(self._mapped.slice(block * BLOCK, size)) == int(self._block_sums[block])

    def _first_damaged(self) -> int:
        if self._sums:
            with contextlib.suppress(DamagedIndex):
                wrong = (block for block in range(len(self._block_sums)) if not self._is_right(block))
                return next(wrong, 0) * BLOCK
        return 0


class DerivedPart(Part):
    """A derived table, or one of its parts."""

    def __init__(self, directory: Directory, kind: str, record: PartRecord) -> None:
        super().__init__(directory, derived_file(kind, record.generation), record.file)
        self.derived = record

    @cached_property
    def table(self) -> pa.Table:
        """Its rows, of whatever schema. Raises DamagedIndex."""
        reader = open_part(self, str(self.derived.generation))
        with damaged(self.name):
            table = reader.read_all()
            if table.num_rows != self.derived.rows:
                raise ValueError("rows")
            given = {name: value for name, value in table.schema.metadata.items() if name != b"dedup.id"}
            return table.replace_schema_metadata(given or None)


class BlockSums:
    """The sums of a segment's other files, read when first asked for."""

    def __init__(self, part: Part, id: str, parts: tuple[str, ...]) -> None:
        self.part = part
        self._id = id
        self._parts = parts

    def of(self, part: str) -> U64:
        """xxh3_64 of each block of a file. Raises DamagedIndex."""
        reader = open_part(self.part, self._id)
        with damaged(self.part.name):
            expect_schema(reader.schema, BLOCK_SUMS)
            if reader.num_record_batches != len(self._parts) or reader.schema.metadata[b"block_bytes"] != b"%d" % BLOCK:
                raise ValueError("other blocks")
            batch = reader.get_batch(self._parts.index(part))
            return _view(batch.column(0).buffers()[1], np.uint64, batch.num_rows)


class Column:
    """Numbers in a mapped file, checked as they are asked for; a row may be several. Raises DamagedIndex.

    values: all of them, unchecked: for what is checked afterwards.
    """

    def __init__(self, part: Part, buffer: pa.Buffer | None, dtype: Any, shape: tuple[int, ...] | None = None) -> None:
        """shape: of values; all that the buffer holds by default. Raises ValueError where that is less."""
        mapped = part.unverified
        size, address = (buffer.size, buffer.address) if buffer is not None else (0, 0)
        self._part = part
        self._start = address - mapped.address if size else 0
        if size and not 0 <= self._start <= mapped.size - size:
            raise ValueError("a compressed column")
        if shape is None:
            shape = (size // np.dtype(dtype).itemsize,)
        self.values = _view(buffer, dtype, int(np.prod(shape))).reshape(shape)
        self._width = self.values.itemsize * int(np.prod(shape[1:]))

    def all(self) -> npt.NDArray[Any]:
        """Every row: a view, read-only."""
        return self.slice(0, len(self.values))

    def slice(self, first: int, last: int) -> npt.NDArray[Any]:
        """Rows first ... last - 1: a view, read-only."""
        self._part.verify(self._start + first * self._width, self._start + last * self._width)
        return self.values[first:last]

    def at(self, places: I64) -> npt.NDArray[Any]:
        """Rows at places (n,): a copy."""
        self.check(places)
        return self.values[places]

    def check(self, places: I64) -> None:
        """Make sure of the rows at places (n,)."""
        starts = self._start + places * self._width
        self._part.verify_all(starts, starts + self._width)

    def check_runs(self, first: I64, last: I64) -> None:
        """Make sure of rows first[i] ... last[i] - 1 for each i."""
        some = last > first
        if not some.all():
            first, last = first[some], last[some]
        self._part.verify_all(self._start + first * self._width, self._start + last * self._width)

    def runs(self, first: I64, last: I64) -> tuple[npt.NDArray[Any], I64]:
        """Rows first[i] ... last[i] - 1 for each i, one run after the other, and the ends (n + 1,) of each: a copy."""
        self.check_runs(first, last)
        if int(np.sum(last - first)) < _LONG * len(first):
            places, ends = runs(first, last - first)
            return self.values[places], ends
        # Slices are copied as they lie.
        slices = [self.values[begin:end] for begin, end in zip(first.tolist(), last.tolist(), strict=True)]
        return np.concatenate([self.values[:0], *slices]), np.append(0, np.cumsum(last - first))


class _Bytes:
    """A part as a file that Arrow reads, which checks what it gives.

    bodies: from here on only the first block's worth of each read is checked, which holds the metadata of a
    record batch of few columns; what follows is for a Column to check.
    """

    closed = False

    def __init__(self, part: Part) -> None:
        self._part = part
        self._at = 0
        self.bodies = False

    def read_buffer(self, size: int = -1) -> pa.Buffer:
        start, end = self._at, self._part.unverified.size
        self._at = end if size < 0 else min(start + size, end)
        self._part.verify(start, min(self._at, start + BLOCK) if self.bodies else self._at)
        return self._part.unverified.slice(start, self._at - start)

    def read(self, size: int = -1) -> bytes:
        return bytes(self.read_buffer(size))

    def seek(self, place: int, whence: int = 0) -> int:
        self._at = place + (0, self._at, self._part.unverified.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """There is no descriptor to close."""


def open_part(part: Part, id: str, columns: list[int] | None = None) -> pa.ipc.RecordBatchFileReader:
    """A reader of a file that says that it belongs to id; columns: numbers of the only ones that will be read."""
    return _open(part, id, columns)[0]


def only_batch(part: Part, id: str, schema: pa.Schema) -> tuple[pa.RecordBatch, dict[bytes, bytes]]:
    """The one record batch of a file, for Columns to read, and the schema's metadata. Its numbers are unchecked."""
    reader, source = _open(part, id, None)
    with damaged(part.name):
        expect_schema(reader.schema, schema)
        if reader.num_record_batches != 1:
            raise ValueError("one batch")
        source.bodies = True
        return reader.get_batch(0), reader.schema.metadata


def read_rows(part: Part, id: str) -> U32:
    """The rows of a deletes file."""
    reader = open_part(part, id)
    with damaged(part.name):
        expect_schema(reader.schema, ROWS)
        batch = reader.get_batch(0)
        return _view(batch.column(0).buffers()[1], np.uint32, batch.num_rows)


def expect_schema(found: pa.Schema, wanted: pa.Schema) -> None:
    if not found.equals(wanted, check_metadata=False):
        raise ValueError("another schema")


@contextlib.contextmanager
def damaged(file: str) -> Iterator[None]:
    """Whatever goes wrong inside while a file is taken apart is damage of that file."""
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DamagedIndex(file=file, offset=0) from error


def _open(part: Part, id: str, columns: list[int] | None) -> tuple[pa.ipc.RecordBatchFileReader, _Bytes]:
    part.verify(0, 1)
    source = _Bytes(part)
    with damaged(part.name):
        # Threads for the many small buffers of a batch cost more than they save: 560 us a batch, 330 in one.
        options = pa.ipc.IpcReadOptions(included_fields=columns, use_threads=False)
        file = pa.BufferReader(part.unverified) if part.whole else pa.PythonFile(source, "r")
        reader = pa.ipc.open_file(file, options=options)
        # The file says itself whose it is, so that no two can stand in for each other.
        if reader.schema.metadata[b"dedup.id"] != id.encode():
            raise ValueError("another id")
        return reader, source


def _view(buffer: pa.Buffer | None, dtype: Any, count: int) -> npt.NDArray[Any]:
    return np.frombuffer(buffer, dtype, count) if buffer is not None and buffer.size else np.empty(0, dtype)
