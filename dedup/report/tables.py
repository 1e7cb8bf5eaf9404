"""Tables as JSONL, CSV or Parquet, to a file or to standard output, batch by batch."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from dedup.errors import BadInput, NoSpace, UsageError
from dedup.model import LEDGER, STORIES, Outlet, Story
from dedup.report.forms import to_json
from dedup.report.text import plain

# What a spreadsheet takes for a formula, full-width forms included (OWASP, CSV injection).
_FORMULA = "^[=+\\-@\t\r\n＝＋－＠]"


class Format(StrEnum):
    """How a table is written."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


def stories(found: Sequence[Story]) -> pa.Table:
    """found as a table of schema STORIES; times are ISO 8601 with their zone."""
    return pa.Table.from_pylist([to_json(story) for story in found], STORIES)


def outlets(found: Sequence[Outlet]) -> pa.Table:
    """found as a table of schema LEDGER."""
    return pa.Table.from_pylist([to_json(row) for row in found], LEDGER)


def write(table: pa.Table | pa.RecordBatchReader, format: str, output: Path | None = None) -> int:
    """Write table in format (one of Format) to output, or to standard output; returns the rows.

    A file appears when it is whole, or not at all. CSV joins lists with ";" and a credit as
    agency:place, and sets an apostrophe before text that a spreadsheet would run as a formula.
    Raises UsageError for Parquet on a terminal, BadInput where output cannot be written, NoSpace.
    """
    reader = table.to_reader() if isinstance(table, pa.Table) else table
    if Format(format) is Format.parquet:
        named(output, "Parquet")
    writer = {Format.jsonl: _jsonl, Format.csv: _csv, Format.parquet: _parquet}[Format(format)]
    with opened(output) as file:
        return writer(reader, file)


def by_name(output: Path | None) -> Format | None:
    """The format that output's name tells; None where it has no suffix, or one of any text.

    Raises UsageError for another suffix: a file of such a name would not be what its name says.
    """
    suffix = "" if output is None else output.suffix[1:].lower()
    if suffix in set(Format):
        return Format(suffix)
    if suffix == "ndjson":
        return Format.jsonl
    if suffix in ("", "txt", "log"):
        return None
    raise UsageError(problem=f"{output}: no format is called .{suffix}: name one with --format {'|'.join(Format)}")


def named(output: Path | None, what: str) -> Path | None:
    """output. Raises UsageError where it is a terminal, which what is not for."""
    if output is None and sys.stdout.isatty():
        raise UsageError(problem=f"{what} is not for a terminal: name a file with -o FILE")
    return output


@contextlib.contextmanager
def opened(output: Path | None) -> Iterator[IO[bytes]]:
    """A binary file that takes output's place once all is written; None is standard output.

    Raises BadInput where output cannot be written, NoSpace.
    """
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    # A pipe or a device has no place to take.
    direct = output.exists() and not output.is_file()
    try:
        with (output if direct else aside).open("wb") as file:
            yield file
        if not direct:
            aside.replace(output)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(file=output) from error
        if error.filename is None:
            raise
        raise BadInput(problem=f"cannot write {output}: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


@contextlib.contextmanager
def lines(output: Path | None) -> Iterator[IO[str]]:
    """As opened, for text: None is standard output as it stands, with its colours."""
    if output is None:
        yield sys.stdout
        return
    with opened(output) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
        yield text
        text.flush()
        text.detach()


def ids(found: Iterable[str], file: IO[str]) -> None:
    """Write ids, one a line: as they are to a program, without what a terminal obeys to a terminal."""
    shown = map(plain, found) if file.isatty() else found
    file.writelines(f"{one}\n" for one in shown)


def _jsonl(reader: pa.RecordBatchReader, file: IO[bytes]) -> int:
    rows = 0
    for batch in reader:
        columns = [_rounded(column) for column in batch.columns]
        listed = pa.RecordBatch.from_arrays(columns, names=batch.schema.names).to_pylist()
        lines = [json.dumps(row, ensure_ascii=False, default=to_json) for row in listed]
        file.write("".join(line + "\n" for line in lines).encode())
        rows += len(lines)
    return rows


def _csv(reader: pa.RecordBatchReader, file: IO[bytes]) -> int:
    rows = 0
    names = [_quoted(name) for name in reader.schema.names]
    file.write((",".join(names) + "\n").encode())
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    for batch in reader:
        cells = pa.table([_cells(column) for column in batch.columns], names=reader.schema.names)
        pa_csv.write_csv(cells, file, options)
        rows += batch.num_rows
    return rows


def _parquet(reader: pa.RecordBatchReader, file: IO[bytes]) -> int:
    rows = 0
    with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _rounded(column: pa.Array) -> pa.Array:
    """float32 figures without the digits that they do not have."""
    if not pa.types.is_floating(column.type):
        return column
    figures = pc.round(column.cast(pa.float64()), 6)
    return pc.if_else(pc.is_finite(figures), figures, pa.scalar(None, pa.float64()))


def _cells(column: pa.Array) -> pa.Array:
    if pa.types.is_floating(column.type):
        return _rounded(column)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(_joinable(column), ";")
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        risky = pc.match_substring_regex(column, _FORMULA)
        mark, nothing = (pa.scalar(said, column.type) for said in ("'", ""))
        return pc.if_else(risky, pc.binary_join_element_wise(mark, column, nothing), column)
    return column


def _joinable(lists: pa.Array) -> pa.Array:
    """Lists of strings; of a credit agency:place."""
    if not pa.types.is_struct(lists.type.value_type):
        return lists
    flat = pc.binary_join_element_wise(*(field.cast(pa.string()) for field in lists.values.flatten()), ":")
    return type(lists).from_arrays(lists.offsets, flat, mask=lists.is_null() if lists.null_count else None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') else name
