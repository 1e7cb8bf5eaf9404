"""Columns as Spark carries them: no unsigned numbers, arrays as bytes, a body by one number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.model import ARTICLES, CREDIT, LINKS
from dedup.stages.verify import Similarities
from dedup.store.columns import Sets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

# Writes a DataFrame down under a name, and gives it as it was written.
Keep = Callable[["DataFrame", str], "DataFrame"]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
_SIGN = np.uint64(1 << 63)
# Rows and bytes of an Arrow batch that a task gives or gathers, about.
ROWS, BYTES = 1 << 16, 16 << 20

CREDITS = pa.list_(pa.struct([pa.field("agency", pa.string()), pa.field("place", pa.string())]))
# What is told of articles; published in seconds since 1970, UTC.
TOLD: dict[str, pa.DataType] = {
    "id": pa.string(),
    "url": pa.string(),
    "outlet": pa.string(),
    "title": pa.string(),
    "published": pa.int64(),
    "zone": pa.int16(),
    "byline": pa.string(),
    "dateline": pa.string(),
    "credits": CREDITS,
}
# A body's sets: shingles, uint32 each; narrative, a bitmap.
SETS: dict[str, pa.DataType] = {"shingles": pa.binary(), "narrative": pa.binary()}
# An article as it was prepared. id_word: the first word of id_hash, which names a story. body: the number of its body:
# `dedup.corpus.priority_of` its digest, as `signed` gives it. reason: of a record that was set aside, else null.
PREPARED = pa.schema(
    {
        **TOLD,
        "text": pa.string(),
        "id_hash": pa.binary(),
        "id_word": pa.int64(),
        "text_hash": pa.binary(),
        "body": pa.int64(),
        "digest": pa.binary(),
        "length": pa.int64(),
        "narrative_length": pa.int64(),
        "signature": pa.binary(),
        **SETS,
        "reason": pa.string(),
    }
)
FIGURES: dict[str, pa.DataType] = {
    name: pa.int64() if name == "shared" else LINKS.field(name).type for name in LINKS.names[2:]
}


def spark_schema(schema: pa.Schema) -> StructType:
    """The same in Spark's types."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def shaped(df: DataFrame, schema: pa.Schema) -> DataFrame:
    """df with the columns of a schema, null where it lacks one."""
    from pyspark.sql import functions as F  # noqa: N812

    known = set(df.columns)
    fields = spark_schema(schema).fields
    told = ((field, F.col(field.name) if field.name in known else F.lit(None)) for field in fields)
    return df.select(*(column.cast(field.dataType).alias(field.name) for field, column in told))


def batch(columns: Mapping[str, Any], schema: pa.Schema) -> pa.RecordBatch:
    """A batch of that very schema; what a mapping lacks is null. Columns: Arrow or NumPy arrays of one length."""
    n = len(next(iter(columns.values())))
    arrays = []
    for field in schema:
        column = columns.get(field.name)
        if column is None:
            arrays.append(pa.nulls(n, field.type))
            continue
        array = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column)
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.record_batch(arrays, schema=schema)


def gathered(batches: Iterable[pa.RecordBatch], rows: int = ROWS, bytes: int = BYTES) -> Iterator[pa.Table]:
    """Batches put together until they have so many rows or bytes."""
    held: list[pa.RecordBatch] = []
    many = size = 0
    for one in batches:
        held.append(one)
        many, size = many + one.num_rows, size + one.nbytes
        if many >= rows or size >= bytes:
            yield pa.Table.from_batches(held).combine_chunks()
            held, many, size = [], 0, 0
    if many:
        yield pa.Table.from_batches(held).combine_chunks()


def whole_runs(batches: Iterable[pa.RecordBatch], key: str, rows: int = ROWS, bytes: int = BYTES) -> Iterator[pa.Table]:
    """As `gathered`, of batches sorted by key: rows of one key are never parted, be they more than asked for."""
    held: list[pa.Table] = []
    for table in gathered(batches, rows, bytes):
        values = table[key].combine_chunks()
        changes = np.flatnonzero(_differ(values)) + 1
        if held and values[0].as_py() != held[-1][key][-1].as_py():
            yield pa.concat_tables(held).combine_chunks()
            held = []
        if len(changes):
            cut = int(changes[-1])
            yield pa.concat_tables([*held, table.slice(0, cut)]).combine_chunks()
            held = [table.slice(cut)]
        else:
            held.append(table)
    if held:
        yield pa.concat_tables(held).combine_chunks()


def starts_of(values: Any) -> I64:
    """Where runs of equal values begin in a column, and its length."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if not len(array):
        return np.zeros(1, np.int64)
    return np.concatenate([[0], np.flatnonzero(_differ(array)) + 1, [len(array)]])


def _differ(values: pa.Array) -> npt.NDArray[np.bool_]:
    import pyarrow.compute as pc

    if len(values) < 2:
        return np.zeros(0, np.bool_)
    return np.asarray(pc.not_equal(values.slice(1), values.slice(0, len(values) - 1)).to_numpy(zero_copy_only=False))


def signed(words: U64) -> I64:
    """uint64 as int64 in the same order, so that what is least for a kernel is least for Spark."""
    return (words ^ _SIGN).view(np.int64)


def unsigned(numbers: I64) -> U64:
    """What `signed` was made of."""
    return numbers.view(np.uint64) ^ _SIGN


def numbers(column: Any) -> npt.NDArray[Any]:
    """A column without nulls as an array that may be written to."""
    return np.array(column.to_numpy())


def binaries(values: npt.NDArray[Any], ends: I64) -> pa.Array:
    """Runs of values as bytes: values[ends[i]:ends[i + 1]] for each i."""
    offsets = ends * values.itemsize
    if offsets[-1] >= 1 << 31:
        raise OverflowError("2 GiB in one column of a batch")
    data = pa.py_buffer(np.ascontiguousarray(values).reshape(-1).view(np.uint8))
    return pa.Array.from_buffers(pa.binary(), len(ends) - 1, [None, pa.py_buffer(offsets.astype(np.int32)), data])


def fixed(values: npt.NDArray[Any]) -> pa.Array:
    """Rows of values (n, k) as bytes."""
    return binaries(values, np.arange(len(values) + 1, dtype=np.int64) * values.shape[1])


def arrays(column: Any, dtype: Any) -> tuple[npt.NDArray[Any], I64]:
    """Runs of values and their bounds (n + 1,), as `binaries` made them; a null is empty."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    array = array.fill_null(b"") if array.null_count else array
    wide = np.int64 if pa.types.is_large_binary(array.type) else np.int32
    _, offsets, data = array.buffers()
    if not len(array):
        return np.empty(0, dtype), np.zeros(1, np.int64)
    bounds = np.frombuffer(offsets, wide)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    # A copy: what Arrow hands on may lie at any address, and kernels are compiled for arrays that may be written to.
    values = np.array(np.frombuffer(data or b"", np.uint8)[bounds[0] : bounds[-1]])
    return values.view(dtype), (bounds - bounds[0]) // np.dtype(dtype).itemsize


def rows_of(column: Any, dtype: Any, width: int) -> npt.NDArray[Any]:
    """Rows (n, width), as `fixed` made them."""
    return arrays(column, dtype)[0].reshape(-1, width)


def sets_of(shingles: Any, narrative: Any) -> Sets:
    """The sets of two columns."""
    return Sets(*arrays(shingles, np.uint32), *arrays(narrative, np.uint8))


def figure_columns(figures: Similarities) -> dict[str, Any]:
    """Figures of pairs by column."""
    return {name: getattr(figures, name) for name in FIGURES}


def links_of(table: pa.Table, a: npt.NDArray[Any], b: npt.NDArray[Any]) -> pa.Table:
    """Links (schema LINKS) of pairs a[p], b[p] with the figures in the columns of a table."""
    columns = [pa.array(a.astype(np.uint32)), pa.array(b.astype(np.uint32))]
    columns += [table[name].cast(LINKS.field(name).type) for name in FIGURES]
    return pa.table(columns, schema=LINKS)


def turned(table: pa.Table, which: pa.Array) -> pa.Table:
    """Figures of pairs, of b and a where asked (bool, n)."""
    import pyarrow.compute as pc

    figures = {name: table[name] for name in FIGURES}
    for name, other in (("a_in_b", "b_in_a"), ("narrative_a_in_b", "narrative_b_in_a")):
        figures[name] = pc.if_else(which, table[other], table[name])
        figures[other] = pc.if_else(which, table[name], table[other])
    return pa.table(figures)


def credits_of(column: Any) -> pa.Array:
    """Credits as ARTICLES has them: nothing in them is null."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    array = array.fill_null([]) if array.null_count else array
    told = array.flatten()
    counts = array.value_lengths().to_numpy(zero_copy_only=False)
    ends = np.append(0, np.cumsum(counts)).astype(np.int32)
    items = pa.StructArray.from_arrays([told.field("agency"), told.field("place")], fields=list(CREDIT))
    return pa.ListArray.from_arrays(pa.array(ends), items, type=ARTICLES.field("credits").type)


def articles_of(table: pa.Table) -> pa.RecordBatch:
    """Articles (schema ARTICLES) of the columns TOLD and text; what a table lacks is null."""
    n = table.num_rows
    columns: dict[str, Any] = {}
    for field in ARTICLES:
        name = "text" if field.name == "body" else field.name
        if name == "credits":
            columns[name] = credits_of(table[name])
        elif name in table.column_names:
            columns[name] = table[name].combine_chunks().cast(field.type)
        else:
            columns[name] = pa.nulls(n, field.type) if field.nullable else pa.repeat(pa.scalar("", field.type), n)
    return pa.record_batch([columns["text" if f.name == "body" else f.name] for f in ARTICLES], schema=ARTICLES)
