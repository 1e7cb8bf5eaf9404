from __future__ import annotations

import sys
from typing import Annotated

import typer

import dedup
from dedup.cli import inputs, options
from dedup.errors import NotFound


def remove(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Of articles; - reads ids, one a line.")] = None,
    *,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="All that were published before it, UTC if no zone.")
    ] = None,
    outlets: Annotated[
        list[str] | None, typer.Option("--outlet", metavar="NAME", help="All of this outlet; may be repeated.")
    ] = None,
    index: options.Index = options.INDEX,
    json: options.Json = False,
) -> None:
    """Remove articles by id, date or outlet; stories follow.

    With --before and --outlet together, what an outlet published before the date. Space comes
    back with `dedup compact`.

    \b
    Example: dedup remove outlet-0042 outlet-0043
             dedup remove --before 2025-01-01
             dedup remove --outlet old.example --before 2026-03-01T06:00+05:30
             dedup remove - < ids.txt
    """
    moment = options.moment("--before", before)
    named = inputs.ids(ids or [])
    opened = dedup.Index.open(index)
    unknown = opened.unknown(named)
    removed = opened.remove(named, before=moment, outlets=outlets or [])
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps({"asked": len(named), "removed": removed}))
    else:
        terminal.removed(Page(), removed, moment)
    if unknown:
        missed = NotFound(what="article", id=", ".join(unknown), path=opened.path)
        if not removed:
            raise missed
        terminal.warned(Page(sys.stderr), missed)
