"""CSV: a header, then a record a row; comma, semicolon or tab, told from the header.

As long as every quote stands where RFC 4180 wants it, blocks are cut at line ends outside
quotes and parsed as columns at once. From the first block on where one does not, the csv
module reads the rest of the file, record by record.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from dedup.errors import BadInput, EmptyInput, MissingField
from dedup.model import Rejected
from dedup.stages.read import limits
from dedup.stages.read.frame import TEXTS, Frame, OnReject, Options, decode, shorten, utf8
from dedup.stages.read.lines import BOM, blocks
from dedup.stages.read.streams import Stream

_QUOTE, _BREAK, _RETURN = b'"\n\r'
# A field may be as long as a record. The module's own limit is global, so it is only ever raised.
_TOO_LONG = f"record above the limit of {limits.LINE:,} bytes"
csv.field_size_limit(max(csv.field_size_limit(), limits.LINE))


def read(stream: Stream, options: Options, on_reject: OnReject) -> Iterator[Frame]:
    """Frames of the stream's rows; rows of another width than the header, and a damaged end, go to on_reject.

    Raises MissingField without a column for the text, EmptyInput without a header.
    """
    block = stream.read(limits.BLOCK).removeprefix(BOM)
    if not block.strip():
        raise EmptyInput(path=stream.path)
    table = _Table(stream, options, on_reject)
    header, skipped = table.read_header(block)
    block = block[header:]
    line = 1 + skipped
    while block:
        more = stream.read(limits.BLOCK)
        end = len(block) if not more and not stream.damage else _last_record_end(block)
        if end is None or (end == 0 and len(block) > limits.LINE):
            yield from table.slow(block + more, line)
            return
        if end:
            rows, frame = table.fast(block[:end], line)
            if frame is None:
                yield from table.slow(block + more, line)
                return
            yield frame
            line += rows
        block = block[end:] + more
        if not more and block:
            break
    if stream.damage:
        on_reject(Rejected(stream.path, line, stream.damage, shorten(decode(block))))


def _quotes_are_regular(data: NDArray[np.uint8], delimiter: int) -> bool:
    """Whether each quote opens after a delimiter or line end and closes before one, or is doubled."""
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes) % 2:
        return False
    around = np.concatenate([[_BREAK], data, [_BREAK]])
    borders = [delimiter, _BREAK, _QUOTE]
    opens, closes = quotes[::2], quotes[1::2]
    # A doubled quote is a closing and then an opening one, so each may also stand beside the other.
    return bool(np.isin(around[opens], borders).all() and np.isin(around[closes + 2], [*borders, _RETURN]).all())


def _last_record_end(block: bytes) -> int | None:
    """Just after the last line end outside quotes; 0 where there is none."""
    data = np.frombuffer(block, np.uint8)
    breaks = np.flatnonzero(data == _BREAK)
    if not len(breaks):
        return 0
    quotes = np.flatnonzero(data == _QUOTE)
    outside = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


class _Table:
    """One CSV file: its header, and two ways to read its rows."""

    def __init__(self, stream: Stream, options: Options, on_reject: OnReject) -> None:
        self.stream, self.path, self.options, self.on_reject = stream, stream.path, options, on_reject
        self.delimiter = ","
        self.header: list[str] = []
        self.fields: dict[str, int] = {}

    def read_header(self, block: bytes) -> tuple[int, int]:
        """Take the header off the front of block: its bytes, and its lines."""
        blank = len(block) - len(block.lstrip(b"\r\n"))
        end = blank
        quotes = 0
        while True:
            line_end = block.find(b"\n", end) + 1 or len(block)
            quotes += block.count(b'"', end, line_end)
            end = line_end
            if quotes % 2 == 0 or end == len(block):
                break
        text = decode(block[blank:end])
        self.delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
        try:
            self.header = [name.strip() for name in next(csv.reader([text], delimiter=self.delimiter), [])]
        except csv.Error:
            self.header = []
        names = self.options.names
        self.fields = {field: self.header.index(name) for field, name in names.items() if name in self.header}
        found = ", ".join(name[:40] for name in self.header[:20]) or "no header"
        if not any(field in TEXTS for field in self.fields):
            raise MissingField(path=self.path, found=found)
        for field, name in self.options.columns.items():
            if field in names and field not in self.fields:
                raise BadInput(problem=f"{self.path} has no column {name} for {field} (found: {found})")
        return end, block.count(b"\n", 0, end)

    def fast(self, block: bytes, line: int) -> tuple[int, Frame | None]:
        """Physical lines, and the rows by pyarrow; None where anything is irregular."""
        data = np.frombuffer(block, np.uint8)
        returns = np.flatnonzero(data == _RETURN)
        if len(returns) and (returns[-1] + 1 == len(data) or (data[returns + 1] != _BREAK).any()):
            return 0, None
        if not _quotes_are_regular(data, ord(self.delimiter)):
            return 0, None
        breaks = np.flatnonzero(data == _BREAK)
        quotes = np.flatnonzero(data == _QUOTE)
        ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
        if not block.endswith(b"\n"):
            ends = np.append(ends, len(data))
        starts = np.append(0, ends[:-1] + 1)
        lengths = ends - starts - ((ends > 0) & (data[ends - 1] == _RETURN))
        filled = starts[lengths > 0]
        if lengths.max(initial=0) > limits.LINE:
            return 0, None
        names = [str(at) for at in range(len(self.header))]
        wanted = {str(at) for at in self.fields.values()}
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(block),
                read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
                parse_options=pyarrow.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.large_binary()),
                    include_columns=sorted(wanted),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return 0, None
        if table.num_rows != len(filled):
            return 0, None
        columns = {field: utf8(_one(table.column(str(at)))) for field, at in self.fields.items()}
        lines = line + np.searchsorted(breaks, filled)
        return len(breaks), Frame(self.path, columns, table.num_rows, lines.astype(np.int64))

    def slow(self, data: bytes, line: int) -> Iterator[Frame]:
        """The rest of the file by the csv module, from a record's start on."""
        records: list[list[str]] = []
        lines: list[int] = []
        size = 0
        for number, row in _Rows(self.stream, data, line, self.delimiter, self.on_reject):
            if len(row) != len(self.header):
                reason = f"{len(row)} columns where the header has {len(self.header)}"
                self.on_reject(Rejected(self.path, number, reason, shorten(self.delimiter.join(row))))
                continue
            records.append(row)
            lines.append(number)
            size += sum(map(len, row))
            if size > limits.BATCH or len(records) >= limits.ROWS:
                yield self._frame(records, lines)
                records, lines, size = [], [], 0
        if records:
            yield self._frame(records, lines)
        if self.stream.damage:
            self.on_reject(Rejected(self.path, None, self.stream.damage, ""))

    def _frame(self, records: list[list[str]], lines: list[int]) -> Frame:
        columns = {
            field: pa.array([record[at] for record in records], pa.large_string()) for field, at in self.fields.items()
        }
        return Frame(self.path, columns, len(records), np.array(lines, np.int64))


def _one(column: pa.ChunkedArray) -> pa.Array:
    chunks = column.combine_chunks()
    return chunks if isinstance(chunks, pa.Array) else chunks.chunk(0)


class _UnclosedError(Exception):
    """A quote whose end is not found within the limit of a record, or not at all."""


class _Rows:
    """Rows of irregular CSV with the physical line on which each starts.

    A quote that does not close within limits.LINE costs its line, not the file.
    """

    def __init__(self, stream: Stream, data: bytes, line: int, delimiter: str, on_reject: OnReject) -> None:
        self.stream, self.delimiter, self.on_reject = stream, delimiter, on_reject
        self.unread = _lines(stream, data)
        self.again: list[bytes] = []
        self.held: list[bytes] = []
        self.line = line
        self.size = 0

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        unclosed = 0
        while True:
            reader = csv.reader(self._feed(), delimiter=self.delimiter, strict=False)
            try:
                for row in reader:
                    start, self.line = self.line, self.line + len(self.held)
                    if row:
                        yield start, row
                    self.held, self.size = [], 0
                return
            except csv.Error as error:
                self._reject(str(error))
            except _UnclosedError:
                unclosed += 1
                if unclosed > limits.UNPAIRED:
                    self._reject("quotes do not pair: the rest of the file is left out")
                    return
                self._reject("a quote is not closed" if self.size <= limits.LINE else _TOO_LONG)

    def _reject(self, reason: str) -> None:
        """Set aside the first line of the record in hand, and read the others again."""
        if not self.held:
            return
        self.on_reject(Rejected(self.stream.path, self.line, reason, shorten(decode(self.held[0]))))
        self.again += self.held[:0:-1]
        self.line += 1
        self.held, self.size = [], 0

    def _feed(self) -> Iterator[str]:
        while True:
            line = self.again.pop() if self.again else next(self.unread, None)
            if line is None:
                if self.held:
                    raise _UnclosedError
                return
            self.held.append(line)
            self.size += len(line)
            if self.size > limits.LINE:
                raise _UnclosedError
            yield decode(line)


def _lines(stream: Stream, data: bytes) -> Iterator[bytes]:
    """Physical lines with their ends, but no last one that was cut by damage."""
    for block in blocks(stream, data):
        *whole, last = bytes(block).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if last and not stream.damage:
            yield last
