from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

import dedup
from dedup.cli import options


def stories(
    index: options.Index = options.INDEX,
    min_size: Annotated[int, typer.Option("--min-size", min=1, help="Articles at least.")] = 2,
    since: Annotated[
        int | None, typer.Option("--since", min=0, metavar="COMMIT", help="Only what changed after this commit.")
    ] = None,
    format: Annotated[
        options.ListFormat | None, typer.Option("--format", help="By the name of FILE where not given, else table.")
    ] = None,
    output: options.Output = None,
) -> None:
    """List stories, most republished first.

    With --since, those that appeared, grew, shrank, merged, split, got another id or vanished since a commit,
    whose number `dedup index` and `dedup info` tell; a story counts by its size now or then.

    \b
    Example: dedup stories
             dedup stories --min-size 5 --format csv -o stories.csv
    \b
    As a cron job, after a first `echo 0 > told`:
             dedup index incoming/ --json > run.json
             dedup stories --since $(cat told) && jq .commit run.json > told
    """
    opened = dedup.Index.open(index)
    from dedup.report import tables, terminal, turns
    from dedup.report.page import Page

    output = options.file(output)
    wanted = format or tables.by_name(output) or options.ListFormat.table
    if since is None:
        found = opened.stories(min_size=min_size)
        show, table = partial(terminal.stories, found=found), partial(tables.stories, found)
    else:
        changes = opened.changes(since, min_size=min_size)
        show, table = partial(turns.listing, found=changes), partial(turns.table, changes)
    if wanted == options.ListFormat.table:
        with tables.lines(output) as file:
            show(Page(file))
    else:
        tables.write(table(), wanted, output)
