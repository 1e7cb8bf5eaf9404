from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def story(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of a story, or of an article in it.")],
    index: options.Index = options.INDEX,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Versions to show the changes of.")] = 20,
    json: options.Json = False,
) -> None:
    """Show one story: its timeline and what each outlet changed.

    Of paragraphs, -2 were cut, ~2 changed, +2 added, >2 moved; of words, [-these-] were cut and {+these+} added.

    \b
    Example: dedup story outlet-0042
    """
    detail = dedup.Index.open(index).story(id)
    from dedup.report import changes, forms
    from dedup.report.page import Page

    if json:
        print(forms.dumps(detail))
    else:
        changes.story(Page(), detail, limit=limit)
