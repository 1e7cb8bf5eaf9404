"""Text and HTML files: one article a file."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator

import pyarrow as pa

from dedup.errors import EmptyInput
from dedup.model import Rejected
from dedup.stages.read import limits
from dedup.stages.read.frame import Format, Frame, OnReject, decode, shorten
from dedup.stages.read.streams import Stream

_HEAD = 4096  # where HTML names its encoding
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_BOMS = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
_ODD = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x1a\x08"))
_ODD_SHARE = 0.02
_FILES = 1024  # joined at most
# Pages that say Latin-1 mean Windows-1252, as browsers know; UTF-8 has been tried.
_MEANT_AS_OURS = {
    "utf-8",
    "utf8",
    "iso-8859-1",
    "iso8859-1",
    "latin1",
    "latin-1",
    "us-ascii",
    "ascii",
    "windows-1252",
    "cp1252",
}


def read(stream: Stream, format: Format, on_reject: OnReject) -> Iterator[Frame]:
    """One frame of one record; none where the file is binary, damaged or above limits.TEXT. Raises EmptyInput."""
    data = stream.read(limits.TEXT + 1)
    reason = None
    if len(data) > limits.TEXT:
        reason = f"text above the limit of {limits.TEXT:,} bytes"
    elif stream.damage:
        reason = stream.damage
    elif not data.strip():
        raise EmptyInput(path=stream.path)
    elif (text := to_text(data)) is None:
        reason = "a binary file, not text"
    else:
        field = "html" if format is Format.html else "text"
        yield Frame([stream.path], {field: pa.array([text], pa.large_string())}, 1)
    if reason:
        on_reject(Rejected(stream.path, None, reason, shorten(decode(data[: limits.RECORD]))))


def join(frames: Iterator[Frame]) -> Iterator[Frame]:
    """The same frames, those of single files joined, so that a folder of them is not checked file by file."""
    held: list[Frame] = []
    size = 0
    for frame in frames:
        is_page = isinstance(frame.paths, list)
        if is_page:
            held.append(frame)
            size += sum(column.nbytes for column in frame.columns.values())
        if held and (not is_page or size >= limits.BATCH or len(held) >= _FILES):
            yield _joined(held)
            held, size = [], 0
        if not is_page:
            yield frame
    if held:
        yield _joined(held)


def _joined(frames: list[Frame]) -> Frame:
    missing = pa.nulls(1, pa.large_string())
    columns = {
        field: pa.concat_arrays([frame.columns.get(field, missing) for frame in frames]) for field in ("text", "html")
    }
    return Frame([frame.path(0) for frame in frames], columns, len(frames))


def is_binary(data: bytes) -> bool:
    """Whether these bytes are no text in any encoding that articles come in."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    if b"\0" in data:
        return True
    return len(data) - len(data.translate(None, _ODD)) > _ODD_SHARE * len(data)


def to_text(data: bytes) -> str | None:
    """The text of a file: by its BOM, as UTF-8, by the charset its HTML names, as Windows-1252; None: binary."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data.decode(name, "replace").removeprefix("\ufeff")
    if is_binary(data):
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    if named := _CHARSET.search(data[:_HEAD]):
        name = named[1].decode().lower()
        if name not in _MEANT_AS_OURS:
            with contextlib.suppress(LookupError, ValueError):
                return data.decode(name, "replace")
    return decode(data)
