"""The segment's files as arrays: which columns, of which types, and both ways between them.

Uncompressed columns are views of the mapped file: nothing is copied, and pages come in, and
are checked, as they are touched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.store.arrays import I64, U8, U32, U64
from dedup.store.parts import Column, Part

# Articles a compressed batch: to read one takes a third of the time that it takes among 128, which save 6 % of what
# invented bodies take, and nothing of real ones.
BATCH_ROWS = 32
DIGEST = pa.binary(16)

DIGESTS = ("id_hash", "text_hash", "body_digest")


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
    for name in DIGESTS:
        _expect(getattr(sketches, name), np.uint64, (n, 2), name)
    _expect(sketches.lengths, np.uint32, (n,), "lengths")
    _expect(sketches.narrative_lengths, np.uint32, (n,), "narrative_lengths")
    _expect(sketches.signatures, np.uint32, (n, num_perm), "signatures")
    _expect_offsets(sketches.shingle_offsets, sketches.shingles, np.uint32, n, "shingle")
    _expect_offsets(sketches.narrative_offsets, sketches.narrative, np.uint8, n, "narrative")
    if not np.array_equal(np.diff(sketches.narrative_offsets), (np.diff(sketches.shingle_offsets) + 7) >> 3):
        raise ValueError("narrative_offsets do not give a bit a shingle")
    schema = sketches_schema(num_perm)
    columns = [_binary(getattr(sketches, name), n) for name in DIGESTS]
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


def sketches_columns(part: Part, batch: pa.RecordBatch) -> dict[str, Column]:
    """The batch's buffers by what they hold: the fixed columns, and shingles, narrative and the offsets of both.

    Raises ValueError where they are shorter than the rows ask for.
    """
    n, width = batch.num_rows, batch.schema.field("signature").type.list_size
    columns = {name: Column(part, batch.column(name).buffers()[1], np.uint64, (n, 2)) for name in DIGESTS}
    for name in ("length", "narrative_length"):
        columns[name] = Column(part, batch.column(name).buffers()[1], np.uint32, (n,))
    signature, shingles, narrative = (batch.column(name).buffers() for name in ("signature", "shingles", "narrative"))
    columns["signature"] = Column(part, signature[-1], np.uint32, (n, width))
    columns["shingles"] = Column(part, shingles[-1], np.uint32)
    columns["narrative"] = Column(part, narrative[-1], np.uint8)
    # Arrow may leave the offsets of an empty column out.
    columns["shingle_offsets"] = Column(part, shingles[1], np.int64, (n + 1,) if n else None)
    columns["narrative_offsets"] = Column(part, narrative[1], np.int64, (n + 1,) if n else None)
    return columns


def sketches_views(columns: Mapping[str, Column]) -> Sketches:
    """All of them, read-only. Raises ValueError where an offset leads nowhere."""
    n = len(columns["length"].values)
    shingle_offsets, narrative_offsets = (
        columns[name].all() if n else np.zeros(1, np.int64) for name in ("shingle_offsets", "narrative_offsets")
    )
    _expect_sets(columns, shingle_offsets[:-1], shingle_offsets[1:], narrative_offsets[:-1], narrative_offsets[1:])
    return Sketches(
        id_hash=columns["id_hash"].all(),
        text_hash=columns["text_hash"].all(),
        body_digest=columns["body_digest"].all(),
        lengths=columns["length"].all(),
        narrative_lengths=columns["narrative_length"].all(),
        signatures=columns["signature"].all(),
        shingles=columns["shingles"].all()[: shingle_offsets[-1]],
        shingle_offsets=shingle_offsets,
        narrative=columns["narrative"].all()[: narrative_offsets[-1]],
        narrative_offsets=narrative_offsets,
    )


def sets_of(columns: Mapping[str, Column], rows: I64) -> Sets:
    """The shingle sets of some rows. Raises ValueError where an offset leads nowhere."""
    if not len(rows):
        none = np.zeros(1, np.int64)
        return Sets(np.empty(0, np.uint32), none, np.empty(0, np.uint8), none)
    first, last, first_mark, last_mark = _bounds_of(columns, rows)
    hashes, ends = columns["shingles"].runs(first, last)
    marks, mark_ends = columns["narrative"].runs(first_mark, last_mark)
    return Sets(hashes, ends, marks, mark_ends)


def sets_in_place(columns: Mapping[str, Column], rows: I64) -> Sets:
    """The shingle sets of all rows where they lie, those of some rows checked. Raises ValueError where an offset of
    these leads nowhere."""
    first, last, first_mark, last_mark = _bounds_of(columns, rows)
    columns["shingles"].check_runs(first, last)
    columns["narrative"].check_runs(first_mark, last_mark)
    return Sets(*(columns[name].values for name in ("shingles", "shingle_offsets", "narrative", "narrative_offsets")))


def _bounds_of(columns: Mapping[str, Column], rows: I64) -> tuple[I64, I64, I64, I64]:
    """Where the shingles of some rows begin and end, and their narrative. Raises ValueError where that is nowhere."""
    shingles, narrative = columns["shingle_offsets"], columns["narrative_offsets"]
    first, last = shingles.at(rows), shingles.at(rows + 1)
    first_mark, last_mark = narrative.at(rows), narrative.at(rows + 1)
    _expect_sets(columns, first, last, first_mark, last_mark)
    return first, last, first_mark, last_mark


def _expect_sets(columns: Mapping[str, Column], first: I64, last: I64, first_mark: I64, last_mark: I64) -> None:
    """Offsets are what kernels follow without asking."""
    for name, starts, stops in (("shingles", first, last), ("narrative", first_mark, last_mark)):
        if len(starts) and (starts.min() < 0 or np.any(stops < starts) or stops.max() > len(columns[name].values)):
            raise ValueError("offsets out of order")
    if np.any(last_mark - first_mark != (last - first + 7) >> 3):
        raise ValueError("a bit a shingle")


def numbers_batch(values: U32 | U64, schema: pa.Schema) -> pa.RecordBatch:
    """The one column of a schema."""
    (field,) = schema
    return pa.record_batch([pa.Array.from_buffers(field.type, len(values), [None, _bytes(values)])], schema=schema)


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
