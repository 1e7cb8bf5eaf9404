"""What the formats hand on: options in, columns of strings out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.errors import UsageError
from dedup.kernels import strings
from dedup.model import Kind, Rejected
from dedup.stages.read import limits

FIELDS = ("id", "url", "outlet", "title", "published", "text", "body", "content", "html")
TEXTS = FIELDS[5:]  # the first of these that is not blank is the article


class Format(StrEnum):
    """How a source is written down."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    text = "text"
    html = "html"


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """How to read. format: None to tell it by name, then by content. kind: of every text, or auto.

    columns: what the source calls a field, as {"text": "content_original"}; a text that is
    named so is the only one looked at. html: whether HTML can be cleaned, asked when the first such
    record comes; where it cannot, such records are rejected. Raises UsageError for a field that
    dedup does not have.
    """

    format: Format | None = None
    kind: Kind = Kind.auto
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    html: Callable[[], bool] = lambda: True

    def __post_init__(self) -> None:
        for field in self.columns:
            if field not in FIELDS:
                raise UsageError(problem=f"--map {field}=...: the fields are {', '.join(FIELDS)}")

    @property
    def names(self) -> dict[str, str]:
        """What the source calls each field that is looked at."""
        fields = [field for field in FIELDS if field not in TEXTS or field in self.columns]
        if not any(field in self.columns for field in TEXTS):
            fields = list(FIELDS)
        return {field: self.columns.get(field, field) for field in fields}


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """Records before they are checked. paths: one, or one a row; lines: (n,) int64, 1-based.

    columns: large_string arrays of length n by field; a field that no record has is absent.
    """

    paths: str | list[str]
    columns: dict[str, pa.Array]
    rows: int
    lines: NDArray[np.int64] | None = None

    def path(self, row: int) -> str:
        return self.paths if isinstance(self.paths, str) else self.paths[row]

    def line(self, row: int) -> int | None:
        return None if self.lines is None else int(self.lines[row])


OnReject = Callable[[Rejected], None]


def as_text(value: Any, field: str) -> str | None:
    """A value as the text of a field: numbers are names and times, but no article; the rest is null."""
    if isinstance(value, str):
        return value
    if isinstance(value, date) and field == "published":
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float) or field in TEXTS:
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value) if abs(value) < 10**300 else None


def as_texts(column: pa.Array, field: str) -> pa.Array | None:  # noqa: PLR0911
    """A column of any type as large_string by the rules of as_text, times as ISO 8601; None: nothing there."""
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return as_texts(column.storage, field)
    if pa.types.is_dictionary(kind):
        return as_texts(column.cast(kind.value_type), field)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        return column.cast(pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view():
        return utf8(column.cast(pa.large_binary()))
    if field in TEXTS:
        return None
    if pa.types.is_integer(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column.cast(pa.string()).cast(pa.large_string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pa.array([as_text(value, field) for value in column.cast(pa.float64()).to_pylist()], pa.large_string())
    return None


def utf8(column: pa.Array) -> pa.Array:
    """large_binary as large_string: as it is where it is UTF-8, else decoded one by one."""
    try:
        return column.cast(pa.large_string())
    except pa.ArrowInvalid:
        return pa.array([v if v is None else decode(v) for v in column.to_pylist()], pa.large_string())


def decode(data: bytes) -> str:
    """UTF-8; Windows-1252 where not one character above ASCII is UTF-8. What neither knows becomes U+FFFD."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
    if any(glyph > "\x7f" and glyph != "\ufffd" for glyph in text):
        return text
    return data.decode("cp1252", errors="replace")


def parts(column: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """Of large_string (n,) the bytes, the bounds of each string in them (n + 1,), and which are not null."""
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    given = column.is_valid().to_numpy(zero_copy_only=False) if column.null_count else np.ones(len(column), np.bool_)
    return np.frombuffer(data or b"", np.uint8), bounds, given


def is_blank(column: pa.Array) -> pa.Array:
    """Which strings (large_string) are null or nothing but spaces and control characters."""
    found = np.empty(len(column), np.bool_)
    strings.blank(*parts(column), found)
    return pa.array(found)


def shorten(record: str) -> str:
    """A record as the rejects show it."""
    return record[: limits.RECORD]
