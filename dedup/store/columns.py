"""The segment's files as arrays: which columns, of which types, and both ways between them.

Uncompressed columns are views of the mapped file: nothing is copied, and pages come in as
they are touched.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import DamagedIndex

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

BATCH_ROWS = 128  # articles a compressed batch: 1.1 ms to read one; 1,024 saves 1 % of space and costs 8 ms
DIGEST = pa.binary(16)

ROWS = pa.schema([pa.field("row", pa.uint32(), nullable=False)])
BANDS = pa.schema([pa.field("key", pa.uint32(), nullable=False), pa.field("row", pa.uint32(), nullable=False)])


@dataclasses.dataclass(frozen=True, slots=True)
class Sketches:
    """What n articles are compared by, a row an article.

    id_hash, text_hash, body_digest: (n, 2) uint64, 128-bit digests of the id, of the text as it
    was given, of the body. lengths: (n,) uint32, tokens of the body. narrative_lengths: (n,) uint32,
    narrative shingles: the bits set in the bitmap. signatures: (n, num_perm) uint32. shingles: uint32,
    those of row i sorted and distinct at shingles[shingle_offsets[i]:shingle_offsets[i + 1]].
    narrative: uint8, a bitmap an article, low bit first, at
    narrative[narrative_offsets[i]:narrative_offsets[i + 1]], which has ceil(shingles / 8) bytes.
    Offsets: (n + 1,) int64, from 0.
    """

    id_hash: U64
    text_hash: U64
    body_digest: U64
    lengths: U32
    narrative_lengths: U32
    signatures: U32
    shingles: U32
    shingle_offsets: I64
    narrative: U8
    narrative_offsets: I64

    def __len__(self) -> int:
        return len(self.lengths)


@dataclasses.dataclass(frozen=True, slots=True)
class Sets:
    """Shingle sets of n articles, copied together.

    hashes: uint32, those of article i at hashes[ends[i]:ends[i + 1]]. marks: uint8, which of them are
    narrative, a bitmap an article, at marks[mark_ends[i]:mark_ends[i + 1]]. Ends: (n + 1,) int64, from 0.
    """

    hashes: U32
    ends: I64
    marks: U8
    mark_ends: I64

    def __len__(self) -> int:
        return len(self.ends) - 1


def sketches_schema(num_perm: int) -> pa.Schema:
    item = pa.field("item", pa.uint32(), nullable=False)
    types = {
        "id_hash": DIGEST,
        "text_hash": DIGEST,
        "body_digest": DIGEST,
        "length": pa.uint32(),
        "narrative_length": pa.uint32(),
        "signature": pa.list_(item, num_perm),
        "shingles": pa.large_list(item),
        "narrative": pa.large_binary(),
    }
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in types.items()])


def sketches_batch(sketches: Sketches, num_perm: int) -> pa.RecordBatch:
    """Sketches as one Arrow batch, without a copy. Raises ValueError where the shapes do not agree."""
    n = len(sketches)
    for name in ("id_hash", "text_hash", "body_digest"):
        _expect(getattr(sketches, name), np.uint64, (n, 2), name)
    _expect(sketches.lengths, np.uint32, (n,), "lengths")
    _expect(sketches.narrative_lengths, np.uint32, (n,), "narrative_lengths")
    _expect(sketches.signatures, np.uint32, (n, num_perm), "signatures")
    _expect_offsets(sketches.shingle_offsets, sketches.shingles, np.uint32, n, "shingle")
    _expect_offsets(sketches.narrative_offsets, sketches.narrative, np.uint8, n, "narrative")
    if not np.array_equal(np.diff(sketches.narrative_offsets), (np.diff(sketches.shingle_offsets) + 7) >> 3):
        raise ValueError("narrative_offsets do not give a bit a shingle")
    schema = sketches_schema(num_perm)
    columns = [_binary(getattr(sketches, name), n) for name in ("id_hash", "text_hash", "body_digest")]
    columns += [_numbers(sketches.lengths), _numbers(sketches.narrative_lengths)]
    columns.append(
        pa.FixedSizeListArray.from_arrays(_numbers(sketches.signatures), type=schema.field("signature").type)
    )
    columns.append(
        pa.LargeListArray.from_arrays(
            pa.array(sketches.shingle_offsets), _numbers(sketches.shingles), type=schema.field("shingles").type
        )
    )
    bitmaps = [None, _bytes(sketches.narrative_offsets), _bytes(sketches.narrative)]
    columns.append(pa.Array.from_buffers(pa.large_binary(), n, bitmaps))
    return pa.record_batch(columns, schema=schema)


def sketches_views(batch: pa.RecordBatch) -> Sketches:
    """The batch's columns as read-only views."""
    n, width = batch.num_rows, batch.schema.field("signature").type.list_size
    signature, shingles, narrative = (batch.column(name) for name in ("signature", "shingles", "narrative"))
    shingle_offsets = _view(shingles.buffers()[1], np.int64, n + 1)
    narrative_offsets = _view(narrative.buffers()[1], np.int64, n + 1)
    if len(shingle_offsets) == 0:  # Arrow may leave the offsets of an empty column out
        shingle_offsets = narrative_offsets = np.zeros(1, np.int64)
    return Sketches(
        id_hash=_view(batch.column("id_hash").buffers()[1], np.uint64, 2 * n).reshape(n, 2),
        text_hash=_view(batch.column("text_hash").buffers()[1], np.uint64, 2 * n).reshape(n, 2),
        body_digest=_view(batch.column("body_digest").buffers()[1], np.uint64, 2 * n).reshape(n, 2),
        lengths=_view(batch.column("length").buffers()[1], np.uint32, n),
        narrative_lengths=_view(batch.column("narrative_length").buffers()[1], np.uint32, n),
        signatures=_view(signature.buffers()[-1], np.uint32, n * width).reshape(n, width),
        shingles=_view(shingles.buffers()[-1], np.uint32, int(shingle_offsets[-1])),
        shingle_offsets=shingle_offsets,
        narrative=_view(narrative.buffers()[2], np.uint8, int(narrative_offsets[-1])),
        narrative_offsets=narrative_offsets,
    )


def bands_batch(keys: U32, rows: U32, name: str) -> pa.RecordBatch:
    """One sorted table. Raises ValueError where it is not sorted by key, then row."""
    _expect(keys, np.uint32, (len(keys),), name)
    _expect(rows, np.uint32, (len(keys),), name)
    rising = keys[1:] > keys[:-1]
    if not np.all(rising | ((keys[1:] == keys[:-1]) & (rows[1:] >= rows[:-1]))):
        raise ValueError(f"table {name} is not sorted by key and row")
    return pa.record_batch([_numbers(keys), _numbers(rows)], schema=BANDS)


class Bands(Mapping[str, tuple[U32, U32]]):
    """Sorted (keys, rows) tables by name, each a view made when asked for."""

    def __init__(self, reader: pa.ipc.RecordBatchFileReader, file: str, rows: range) -> None:
        with damaged(file):
            expect_schema(reader.schema, BANDS)
            names = json.loads(reader.schema.metadata[b"tables"])
            self._numbers = {str(name): number for number, name in enumerate(names)}
            if len(self._numbers) != reader.num_record_batches:
                raise ValueError("a batch a table")
        self._reader = reader
        self._file = file
        self._rows = rows

    def __getitem__(self, name: str) -> tuple[U32, U32]:
        number = self._numbers[name]
        with damaged(self._file):
            batch = self._reader.get_batch(number)
            keys, rows = u32_view(batch.column(0)), u32_view(batch.column(1))
            inside(rows, self._rows)
            return keys, rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def gathered(starts: I64, sizes: I64) -> tuple[I64, I64]:
    """Where to find the elements of some runs, one run after the other, and the ends (n + 1,) of each."""
    ends = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    return np.repeat(starts - ends[:-1], sizes) + np.arange(ends[-1]), ends


def rows_batch(rows: U32) -> pa.RecordBatch:
    return pa.record_batch([_numbers(rows)], schema=ROWS)


def inside(rows: U32, bounds: range) -> None:
    """Raise ValueError where a row is out of bounds: what holds rows is followed without asking."""
    if len(rows) and not bounds.start <= int(rows.min()) <= int(rows.max()) < bounds.stop:
        raise ValueError("a row of no segment")


def u32_view(column: pa.Array) -> U32:
    return _view(column.buffers()[1], np.uint32, len(column))


def open_ipc(buffer: pa.Buffer, columns: list[int] | None = None) -> pa.ipc.RecordBatchFileReader:
    """A reader over mapped bytes; columns: numbers of the only ones that will be read."""
    options = pa.ipc.IpcReadOptions(included_fields=columns)
    return pa.ipc.open_file(pa.BufferReader(buffer), options=options)


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


def _view(buffer: pa.Buffer | None, dtype: Any, count: int) -> npt.NDArray[Any]:
    return np.frombuffer(buffer, dtype, count) if buffer is not None and buffer.size else np.empty(0, dtype)


def _bytes(array: npt.NDArray[Any]) -> pa.Buffer:
    return pa.py_buffer(np.ascontiguousarray(array).reshape(-1))


def _binary(array: U64, n: int) -> pa.Array:
    return pa.Array.from_buffers(DIGEST, n, [None, _bytes(array)])


def _numbers(array: U32) -> pa.Array:
    return pa.Array.from_buffers(pa.uint32(), array.size, [None, _bytes(array)])


def _expect(array: npt.NDArray[Any], dtype: Any, shape: tuple[int, ...], name: str) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(f"{name} is {array.dtype}{array.shape}, not {np.dtype(dtype)}{shape}")


def _expect_offsets(offsets: I64, values: npt.NDArray[Any], dtype: Any, n: int, name: str) -> None:
    _expect(offsets, np.int64, (n + 1,), f"{name}_offsets")
    if values.dtype != dtype or values.ndim != 1:
        raise ValueError(f"{name} values are {values.dtype}{values.shape}")
    if offsets[0] != 0 or offsets[-1] != len(values) or np.any(np.diff(offsets) < 0):
        raise ValueError(f"{name}_offsets do not cover the values")
