from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import dedup
from dedup.cli import options
from dedup.cli.progress import progress
from dedup.errors import DamagedIndex


def check(
    index: options.Index = options.INDEX,
    repair: Annotated[bool, typer.Option("--repair", help="Drop what is damaged, and name what was lost.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the ids of what is lost here.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Read a whole index and name what is damaged.

    The exit code is 4 where damage was found and not repaired. With --repair the ids of the
    articles that must be indexed again go to stdout, one a line, and the rest to stderr.

    \b
    Example: dedup check -i news
             dedup check --repair -o again.txt
    """
    opened = dedup.Index.open(index)
    from dedup.report import forms, tables, terminal
    from dedup.report.page import Page

    output = options.file(output)
    # The file is there before anything is dropped: the ids are known only once.
    with tables.lines(output) as file:
        with progress("check") as show:
            checked = opened.check(repair=repair, progress=show)
        if output or (repair and not json):
            tables.ids(checked.lost, file)
    if json:
        print(forms.dumps(checked))
    else:
        terminal.checked(Page(sys.stderr if repair else None), checked)
    if checked.damaged and not checked.repaired:
        raise DamagedIndex(file=checked.damaged[0].file, offset=checked.damaged[0].offset)
