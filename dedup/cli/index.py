from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import dedup
from dedup.cli import options
from dedup.cli.progress import progress
from dedup.errors import UsageError


def index(
    sources: Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="Files, folders, - (JSONL).")] = None,
    *,
    index: options.Index = options.INDEX,
    format: options.FormatOption = None,
    map: options.Map = None,
    kind: options.KindOption = options.Kind.auto,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Write broken records here, as JSONL.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Add files, folders, archives or stdin to an index.

    An article whose id is known replaces the old one, or changes nothing where its text is the same.

    \b
    Example: dedup index articles.jsonl.gz pages/ --rejects rejects.jsonl
             dedup index export.csv --map text=content_original -i news
    """
    if not sources:
        raise UsageError(problem="nothing to index: name files or folders, or - for JSONL on standard input")
    columns = options.columns(map or [])
    with progress() as show:
        added = dedup.Index.add_to(
            index, sources, kind=kind.value, format=format, columns=columns, rejects=rejects, progress=show
        )
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    terminal.rejected(Page(sys.stderr), added, rejects)
    if json:
        print(forms.dumps(added))
    else:
        terminal.added(Page(), added)
