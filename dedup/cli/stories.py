from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def stories(
    index: options.Index = options.INDEX,
    min_size: Annotated[int, typer.Option("--min-size", min=1, help="Articles at least.")] = 2,
    format: Annotated[
        options.ListFormat | None, typer.Option("--format", help="By the name of FILE where not given, else table.")
    ] = None,
    output: options.Output = None,
) -> None:
    """List stories, most republished first.

    \b
    Example: dedup stories
             dedup stories --min-size 5 --format csv -o stories.csv
    """
    found = dedup.Index.open(index).stories(min_size=min_size)
    from dedup.report import tables, terminal
    from dedup.report.page import Page

    output = options.file(output)
    wanted = format or tables.by_name(output) or options.ListFormat.table
    if wanted == options.ListFormat.table:
        with tables.lines(output) as file:
            terminal.stories(Page(file), found)
    else:
        tables.write(tables.stories(found), wanted, output)
