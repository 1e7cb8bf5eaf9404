from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def import_(
    output: Annotated[str, typer.Argument(metavar="OUTPUT", help="What dedup cluster --engine spark wrote.")],
    index: options.Index = options.INDEX,
    json: options.Json = False,
) -> None:
    """Make an index of what Spark computed.

    It has what `dedup index` would have made of the same articles: stories, links, crowds, templates.

    \b
    Example: dedup import stories -i news
             dedup import stories -i news && dedup serve -i news
    """
    info = dedup.Index.imported(output, index).info()
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(info))
    else:
        terminal.info(Page(), info)
