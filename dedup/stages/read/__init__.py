"""Read articles from files, folders, standard input, records and Arrow tables.

One broken record costs itself, one broken file costs itself: both are named to on_reject,
and the rest goes on. Only when nothing usable came of all the sources is there an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from dedup.errors import BadInput, EmptyInput, UnreadableInput
from dedup.model import Rejected
from dedup.stages.read import csv, jsonl, limits, pages, parquet, sources
from dedup.stages.read.ahead import ahead
from dedup.stages.read.frame import TEXTS, Format, Frame, OnReject, Options
from dedup.stages.read.records import NO_TEXT, complete
from dedup.stages.read.rejects import RejectsFile
from dedup.stages.read.streams import STDIN, STDIN_NAME, Stream

__all__ = [
    "Format",
    "Options",
    "Reading",
    "RejectsFile",
    "read",
    "read_batches",
    "read_lines",
    "read_records",
    "read_table",
]

OnProgress = Callable[[int, int | None], None]
_RECORDS, _TABLE = "<records>", "<table>"


def read(
    paths: str | Path | Sequence[str | Path],
    options: Options | None = None,
    *,
    on_reject: OnReject,
    on_progress: OnProgress | None = None,
) -> Reading:
    """RAW batches of about 8 MB and at most 8,192 rows, in the order of the sources and of the paths in folders.

    "-" is standard input. on_progress gets the bytes read so far (packed, as they are on disk)
    and in all, None where that is unknown. Files are read ahead: both calls come from another
    thread then. Raises MissingInput at once for a path that does not exist; after the last source,
    if no article came, the first BadInput met, UnreadableInput where everything was rejected, else
    EmptyInput.
    """
    some = [paths] if isinstance(paths, str | Path) else paths
    return Reading([str(path) for path in some], options or Options(), on_reject, on_progress)


class Reading(Iterator[pa.RecordBatch]):
    """Batches to come. rows, rejected: records so far; files: read so far; skipped: in folders, not articles."""

    def __init__(self, names: list[str], options: Options, on_reject: OnReject, on_progress: OnProgress | None) -> None:
        self.rows = self.rejected = self.files = self.skipped = 0
        self._options, self._on_reject, self._on_progress = options, on_reject, on_progress
        self._first: Rejected | None = None
        self._textless: Rejected | None = None
        self._without_text = 0
        self._error: BadInput | None = None
        self._names = names
        # (path, whether it was named by the user): all are looked up now, so that a slip is told at once.
        self._paths = [(path, path == name) for name in names for path in sources.files(name, self._reject)]
        self._total = sources.total_bytes([path for path, _ in self._paths])
        self._done = 0
        # Of a pipe it would be waited for the end of what nobody has asked for yet.
        self._batches = ahead(self._all()) if all(Path(path).is_file() for path, _ in self._paths) else self._all()

    def __iter__(self) -> Reading:
        return self

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    def _reject(self, rejected: Rejected) -> None:
        self.rejected += 1
        self._first = self._first or rejected
        if rejected.reason == NO_TEXT:
            self._textless = self._textless or rejected
            self._without_text += 1
        self._on_reject(rejected)

    def _read_on(self, count: int) -> None:
        self._done += count
        if self._on_progress:
            self._on_progress(self._done, self._total)

    def _all(self) -> Iterator[pa.RecordBatch]:
        for batch in _batches(pages.join(self._frames()), self._options, self._reject):
            self.rows += batch.num_rows
            yield batch
        if not self.rows:
            raise self._nothing()

    def _frames(self) -> Iterator[Frame]:
        for path, is_named in self._paths:
            if not is_named and self._options.format is None and sources.is_other(path):
                self.skipped += 1
                continue
            try:
                yield from self._file(path, is_named)
            except BadInput as error:
                self._error = self._error or error
                name = STDIN_NAME if path == STDIN else path
                # The message begins with the name, which stands before every reason.
                said = str(error).removeprefix(f"{name} ").removesuffix(".")
                reason = "an empty file" if isinstance(error, EmptyInput) else said
                self._reject(Rejected(name, None, reason, ""))

    def _file(self, path: str, is_named: bool) -> Iterator[Frame]:
        with Stream(path, self._read_on) as stream:
            kind = self._options.format or sources.by_name(path)
            if kind is None:
                try:
                    kind = sources.by_content(stream)
                except BadInput:
                    if is_named:
                        raise
                    self.skipped += 1
                    return
            self.files += 1
            if kind in (Format.text, Format.html):
                yield from pages.read(stream, kind, self._reject)
            else:
                reader = {Format.jsonl: jsonl.read, Format.csv: csv.read, Format.parquet: parquet.read}[kind]
                yield from reader(stream, self._options, self._reject)

    def _nothing(self) -> BadInput:
        if self._error:
            return self._error
        if (one := self._textless) and 2 * self._without_text > self.rejected:
            where = f"{one.path}, line {one.line}" if one.line else one.path
            names = self._options.names
            looked = ", ".join(names[field] for field in TEXTS if field in names)
            count = f"as in {self._without_text:,} of {self.rejected:,} records"
            return BadInput(problem=f"{where}: no text (looked for {looked}), {count}: name it with --map text=FIELD")
        if first := self._first:
            where = f" (line {first.line})" if first.line else ""
            reason = f"no record is usable; the first of {self.rejected:,} set aside{where}: {first.reason}"
            return UnreadableInput(path=first.path, format="articles", reason=reason)
        return EmptyInput(path=", ".join(STDIN_NAME if name == STDIN else name for name in self._names))


def read_records(
    records: Iterable[Mapping[str, Any]], options: Options | None = None, *, on_reject: OnReject
) -> Iterator[pa.RecordBatch]:
    """RAW batches of mappings with the fields of JSONL; line is the position, from 1. published may be a datetime.

    Raises EmptyInput where no record is usable.
    """
    options = options or Options()

    def frames() -> Iterator[Frame]:
        numbered = enumerate(records, start=1)
        while some := list(islice(numbered, limits.ROWS)):
            good = [(number, record) for number, record in some if isinstance(record, Mapping)]
            for number, record in some:
                if not isinstance(record, Mapping):
                    on_reject(Rejected(_RECORDS, number, f"not a mapping but {type(record).__name__}", ""))
            yield jsonl.from_records(
                _RECORDS, [dict(record) for _, record in good], options.names, [number for number, _ in good]
            )

    return _some(_batches(frames(), options, on_reject), _RECORDS)


def read_table(
    table: pa.Table | pa.RecordBatch | pa.RecordBatchReader, options: Options | None = None, *, on_reject: OnReject
) -> Iterator[pa.RecordBatch]:
    """RAW batches of an Arrow table, batch or reader with the fields of Parquet; line is the row, from 1.

    Raises MissingField without a column for the text, EmptyInput where no row is usable.
    """
    options = options or Options()
    parquet.check(table.schema, _TABLE, options)

    def frames() -> Iterator[Frame]:
        whole = [table] if isinstance(table, pa.RecordBatch) else table
        try:
            yield from _frames(whole.to_batches() if isinstance(whole, pa.Table) else whole, options)
        except pa.ArrowInvalid as error:
            raise UnreadableInput(path=_TABLE, format="an Arrow table", reason=str(error)) from error

    return _some(_batches(frames(), options, on_reject), _TABLE)


def read_batches(
    batches: Iterable[pa.RecordBatch], options: Options | None = None, *, on_reject: OnReject
) -> Iterator[pa.RecordBatch]:
    """As `read_table`, of batches of one schema; there may be no usable row."""
    options = options or Options()
    return _batches(_frames(batches, options), options, on_reject)


def _frames(batches: Iterable[pa.RecordBatch], options: Options) -> Iterator[Frame]:
    """Frames of batches of one schema."""
    line = 1
    for batch in parquet.slices(batches):
        yield parquet.to_frame(batch, _TABLE, parquet.check(batch.schema, _TABLE, options), line)
        line += batch.num_rows


def read_lines(
    blocks: Iterable[bytes], options: Options | None = None, *, on_reject: OnReject
) -> Iterator[pa.RecordBatch]:
    """RAW batches of blocks of whole lines of JSONL; there may be no usable one."""
    options = options or Options()
    parser = jsonl.Parser(_RECORDS, options, on_reject)

    def frames() -> Iterator[Frame]:
        line = 1
        for block in blocks:
            line += yield from parser.frames(block, line)

    return _batches(frames(), options, on_reject)


def _some(batches: Iterator[pa.RecordBatch], path: str) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        yield batch
    if not rows:
        raise EmptyInput(path=path)


def _batches(frames: Iterator[Frame], options: Options, on_reject: OnReject) -> Iterator[pa.RecordBatch]:
    """Complete the frames, join small batches and cut large ones."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    try:
        for frame in frames:
            if not frame.rows:
                continue
            batch = complete(frame, options, on_reject)
            held.append(batch)
            rows += batch.num_rows
            size += batch.nbytes
            # What is large enough goes on as it is: to join it with more would copy both.
            if 2 * rows >= limits.ROWS or 2 * size >= limits.BATCH:
                yield from _cut(held, size)
                held, rows, size = [], 0, 0
    except Exception:
        # What came before the source failed is whole.
        yield from _cut(held, size)
        raise
    yield from _cut(held, size)


def _cut(batches: list[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    rows = sum(batch.num_rows for batch in batches)
    if not rows:
        return
    step = max(1, min(limits.ROWS, rows * limits.BATCH // max(size, 1)))
    joined = pa.concat_batches(batches) if len(batches) > 1 else batches[0]
    for start in range(0, rows, step):
        yield joined.slice(start, step)
