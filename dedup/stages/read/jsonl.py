"""JSONL: an object a line.

Blocks of lines are parsed as columns at once. Only where that fails is a block cut into
small pieces, and only a piece that fails again is read line by line with json, which knows
which line is broken. Both ways give the same rows; what the fast one would read otherwise
than json, it must refuse.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json

from dedup.errors import EmptyInput
from dedup.kernels import jsonl as kernel
from dedup.model import Rejected
from dedup.stages.read import limits
from dedup.stages.read.frame import TEXTS, Frame, OnReject, Options, as_text, as_texts, decode, shorten
from dedup.stages.read.lines import BOM, blocks
from dedup.stages.read.plain import Plain
from dedup.stages.read.streams import Stream

_BREAK = ord("\n")
_PIECE = 1 << 17  # of a failed block


def read(stream: Stream, options: Options, on_reject: OnReject) -> Iterator[Frame]:
    """Frames of the stream's records; broken lines, and a damaged end, go to on_reject. Raises EmptyInput."""
    line = 1
    is_empty = True
    cut, rest = 0, b""  # the last line, where damage ends it

    def reject(rejected: Rejected) -> None:
        if rejected.line != cut:
            on_reject(rejected)

    parser = Parser(stream.path, options, reject)
    for block in blocks(stream):
        if stream.damage and block[-1] != _BREAK:
            *whole, rest = bytes(block).split(b"\n")
            cut = line + len(whole)
        if len(block) > limits.LINE and bytes(block).find(b"\n", 0, -1) < 0:
            reason = f"line above the limit of {limits.LINE:,} bytes"
            on_reject(Rejected(stream.path, line, reason, shorten(decode(bytes(block[: limits.RECORD])))))
            line += 1
        else:
            line += yield from parser.frames(block[len(BOM) :] if block[: len(BOM)] == BOM else block, line)
        is_empty = is_empty and not bytes(block[:1]).strip() and not bytes(block).strip()
    if is_empty and not stream.damage:
        raise EmptyInput(path=stream.path)
    if stream.damage:
        on_reject(Rejected(stream.path, line, stream.damage, shorten(decode(rest[: limits.RECORD]))))


class Parser:
    """Turns lines into frames. Remembers what type each field came in, since one file rarely mixes them."""

    def __init__(self, path: str, options: Options, on_reject: OnReject) -> None:
        self.path, self.on_reject = path, on_reject
        self.names = options.names
        self._plain = Plain(self.names)
        self.types: dict[str, pa.DataType] = {name: _text_type(field) for field, name in self.names.items()}

    def frames(self, block: bytes | memoryview, line: int) -> Generator[Frame, None, int]:
        """The frames of a block of whole lines, the first of which is line. Returns how many lines end in it."""
        if frame := self.fast(block, line):
            yield frame
            return frame.rows - (block[-1] != _BREAK)
        block = bytes(block)
        first, start = line, 0
        while start < len(block):
            end = block.find(b"\n", min(start + _PIECE, len(block))) + 1 or len(block)
            piece = block[start:end]
            yield self.fast(piece, line) or self.slow(piece, line)
            start = end
            line += piece.count(b"\n")
        return line - first

    def fast(self, block: bytes | memoryview, line: int) -> Frame | None:
        """The block as columns; None where a line is anything but one object of plain values of the known types."""
        if found := self._plain.read(block):
            rows, columns = found
            return Frame(self.path, columns, rows, np.arange(line, line + rows, dtype=np.int64))
        return self._by_arrow(block, line)

    def _by_arrow(self, block: bytes | memoryview, line: int) -> Frame | None:
        """The block by pyarrow, which knows more types, at five times the cost."""
        # A line end between } and { cannot stand inside an object, so if as many objects are then found as there are
        # lines, each line is one.
        rows = kernel.objects(np.frombuffer(block, np.uint8))
        if not rows:
            return None
        # In one piece: what threads would parse has to be put together again.
        read = pyarrow.json.ReadOptions(block_size=len(block) + 1, use_threads=False)
        parse = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(list(self.types.items())), unexpected_field_behavior="ignore"
        )
        try:
            table = pyarrow.json.read_json(pa.BufferReader(block), read_options=read, parse_options=parse)
            table.validate(full=True)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        if table.num_rows != rows:
            return None
        columns = {}
        for field, name in self.names.items():
            chunks = table.column(name).combine_chunks()
            texts = as_texts(chunks if isinstance(chunks, pa.Array) else chunks.chunk(0), field)
            if texts is not None and texts.null_count < rows:
                columns[field] = texts
        return Frame(self.path, columns, rows, np.arange(line, line + rows, dtype=np.int64))

    def slow(self, block: bytes, line: int) -> Frame:
        """The block by json, line by line; also learns the types that fast should expect."""
        records: list[dict[str, Any]] = []
        numbers: list[int] = []
        for number, data in enumerate(block.split(b"\n"), start=line):
            if not data.strip():
                continue
            text = decode(data.removeprefix(BOM))
            record = _load(text)
            if isinstance(record, str):
                self.on_reject(Rejected(self.path, number, record, shorten(text)))
            else:
                records.append(record)
                numbers.append(number)
        self._learn(records)
        return from_records(self.path, records, self.names, numbers)

    def _learn(self, records: list[dict[str, Any]]) -> None:
        for field, name in self.names.items():
            seen = {type(record[name]) for record in records if record.get(name) is not None}
            if seen == {str}:
                self.types[name] = _text_type(field)
            elif seen == {int}:
                self.types[name] = pa.int64()
            elif float in seen and seen <= {int, float} and field == "published":
                self.types[name] = pa.float64()
            elif seen == {dict}:
                self.types[name] = pa.struct([])
            elif seen == {bool}:
                self.types[name] = pa.bool_()


def _text_type(field: str) -> pa.DataType:
    return pa.large_string() if field in TEXTS else pa.string()


def from_records(path: str, records: list[dict[str, Any]], names: dict[str, str], lines: list[int]) -> Frame:
    """A frame of mappings, as JSON gives them; lone surrogates become U+FFFD."""
    columns = {}
    for field, name in names.items():
        values = [as_text(record.get(name), field) for record in records]
        if any(value is not None for value in values):
            columns[field] = pa.array([value and _whole(value) for value in values], pa.large_string())
    return Frame(path, columns, len(records), np.array(lines, np.int64))


def _whole(text: str) -> str:
    """text with U+FFFD for each surrogate that has lost its other half."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _load(text: str) -> dict[str, Any] | str:
    """The object, or why there is none. Control characters inside strings are let through."""
    try:
        try:
            value = json.loads(text, strict=False)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer of more digits than int() takes
            value = json.loads(text, strict=False, parse_int=float)
    except json.JSONDecodeError as error:
        return f"broken JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1}"
    except RecursionError:
        return "broken JSON: nested too deeply"
    return value if isinstance(value, dict) else f"not an object but {_JSON_NAMES.get(type(value), 'a number')}"


_JSON_NAMES = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
