"""Options that several commands share, and the values that they take.

The values are those of `model` and `report`, written down again so that `--help` need not
load Arrow; the tests hold them equal.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dedup.errors import UsageError


class Kind(StrEnum):
    """As model.Kind."""

    auto = "auto"
    text = "text"
    page = "page"
    html = "html"


class SourceFormat(StrEnum):
    """As read.Format."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    text = "text"
    html = "html"


class TableFormat(StrEnum):
    """As report.tables.Format."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class ListFormat(StrEnum):
    """A table for eyes, or one of TableFormat."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class Keep(StrEnum):
    """As keep.Keep."""

    origin = "origin"
    longest = "longest"
    earliest = "earliest"


class Export(StrEnum):
    """What index.export gives."""

    articles = "articles"
    stories = "stories"
    links = "links"


class Engine(StrEnum):
    """As clustering.ENGINES."""

    local = "local"
    spark = "spark"


Index = Annotated[Path, typer.Option("--index", "-i", metavar="DIR", envvar="DEDUP_INDEX", help="The index folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
KindOption = Annotated[Kind, typer.Option("--kind", help="What the text is: plain text, a page saved as text, HTML.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="What the source calls a field; repeatable.")
]
FormatOption = Annotated[
    SourceFormat | None, typer.Option("--format", help="Of the sources; else by name and content.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here, not to stdout.")]

INDEX = Path("dedup-index")


def columns(renames: list[str]) -> dict[str, str]:
    """--map options, field=column, as a mapping. Raises UsageError."""
    parted = [rename.partition("=") for rename in renames]
    for rename, (field, _, column) in zip(renames, parted, strict=True):
        if not field or not column:
            raise UsageError(problem=f"--map {rename}: write FIELD=COLUMN, as in --map text=content_original")
    mapped = {field: column for field, _, column in parted}
    if len(mapped) < len(parted):
        twice = next(field for field in mapped if sum(field == other for other, _, _ in parted) > 1)
        raise UsageError(problem=f"--map {twice}=... is given twice: a field has one column")
    return mapped


def moment(option: str, date: str | None) -> datetime | None:
    """The value of an option that takes a date, as the readers read dates. Raises UsageError."""
    if date is None:
        return None
    from dedup import dates

    found = dates.parse(date)
    if found is None:
        raise UsageError(problem=f"{option} {date}: no date; write it as in {option} 2026-03-01 or 2026-03-01T06:00Z")
    return found[0]


def file(output: Path | None) -> Path | None:
    """A file to write; "-" is standard output as no name is."""
    return None if output == Path("-") else output
