from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def outlets(
    index: options.Index = options.INDEX,
    agency: Annotated[str | None, typer.Option("--agency", metavar="NAME", help="Only copy of this agency.")] = None,
    format: Annotated[
        options.ListFormat | None, typer.Option("--format", help="By the name of FILE where not given, else table.")
    ] = None,
    output: options.Output = None,
    json: options.Json = False,
) -> None:
    """List outlets and the agency copy that each ran.

    Agency copy names an agency (credited), or stands in a story of which another article does (uncredited).
    Delay is the median after the story's origin, kept the mean share of the origin's text.

    \b
    Example: dedup outlets
             dedup outlets --agency IANS --format csv -o ians.csv
    """
    found = dedup.Index.open(index).outlets(agency)
    from dedup.report import forms, tables, terminal
    from dedup.report.page import Page

    output = options.file(output)
    wanted = format or tables.by_name(output) or options.ListFormat.table
    if json:
        print(forms.dumps({"outlets": found}))
    elif wanted == options.ListFormat.table:
        with tables.lines(output) as file:
            terminal.outlets(Page(file), found)
    else:
        tables.write(tables.outlets(found), wanted, output)
