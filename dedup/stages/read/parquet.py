"""Parquet, and Arrow tables from anywhere: the wanted columns, as strings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from dedup.errors import BadInput, MissingField, TooLarge, UnreadableInput
from dedup.model import Rejected
from dedup.stages.read import limits
from dedup.stages.read.frame import TEXTS, Frame, OnReject, Options, as_texts
from dedup.stages.read.streams import Stream

_ROWS = 2048  # decoded at once: what a batch costs in memory


def read(stream: Stream, options: Options, on_reject: OnReject) -> Iterator[Frame]:
    """Frames of the file's rows, line being the row, from 1.

    Damage after the first rows goes to on_reject. Raises MissingField, TooLarge, UnreadableInput.
    """
    with tempfile.TemporaryFile() as spool:
        file = _seekable(stream, spool)
        try:
            parquet = pyarrow.parquet.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            reason = stream.damage or _first_line(error)
            raise UnreadableInput(path=stream.path, format="Parquet", reason=reason) from error
        names = check(parquet.schema_arrow, stream.path, options)
        line = 1
        try:
            for batch in parquet.iter_batches(batch_size=_ROWS, columns=sorted(set(names.values()))):
                yield to_frame(batch, stream.path, names, line)
                line += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            on_reject(Rejected(stream.path, line, f"damaged Parquet: {_first_line(error)}", ""))


def _seekable(stream: Stream, spool: IO[bytes]) -> str | IO[bytes]:
    if not stream.packed and stream.file is not None:
        return stream.file
    size = 0
    while piece := stream.read(limits.BLOCK):
        size += len(piece)
        if size > limits.SPOOL:
            raise TooLarge(
                path=stream.path, what="an unpacked Parquet file", size=f"more than {size:,}", limit=limits.SPOOL
            )
        spool.write(piece)
    spool.seek(0)
    return spool


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200].rstrip(".")


def check(schema: pa.Schema, path: str, options: Options) -> dict[str, str]:
    """The columns of schema by field. Raises MissingField without one for the text, BadInput without a mapped one."""
    names = {field: name for field, name in options.names.items() if schema.get_all_field_indices(name)}
    found = ", ".join(name[:40] for name in schema.names[:20])
    if not any(field in TEXTS for field in names):
        raise MissingField(path=path, found=found)
    for field, name in options.columns.items():
        if field not in names:
            raise BadInput(problem=f"{path} has no column {name} for {field} (found: {found})")
    return names


def to_frame(batch: pa.RecordBatch, path: str, names: dict[str, str], line: int) -> Frame:
    """The named columns of a batch whose first row is line."""
    columns: dict[str, Any] = {}
    for field, name in names.items():
        texts = as_texts(batch.column(batch.schema.get_all_field_indices(name)[0]), field)
        if texts is not None and texts.null_count < len(texts):
            columns[field] = texts
    return Frame(path, columns, batch.num_rows, np.arange(line, line + batch.num_rows, dtype=np.int64))


def slices(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches in pieces of bounded length."""
    for batch in batches:
        # Whoever made the batch may have put any bytes into its strings.
        batch.validate(full=True)
        for start in range(0, batch.num_rows, limits.ROWS):
            yield batch.slice(start, limits.ROWS)
