from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Of articles.")],
    *,
    index: options.Index = options.INDEX,
    json: options.Json = False,
) -> None:
    """Remove articles; their stories follow at once.

    \b
    Example: dedup remove outlet-0042 outlet-0043
    """
    removed = dedup.Index.open(index).remove(ids)
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps({"asked": len(ids), "removed": removed}))
    else:
        terminal.removed(Page(), len(ids), removed)
