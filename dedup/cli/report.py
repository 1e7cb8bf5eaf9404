from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options
from dedup.cli.progress import counted, progress


def report(
    index: options.Index = options.INDEX,
    story: Annotated[
        str | None, typer.Option("--story", metavar="ID", help="Only this story, by its id or an article's.")
    ] = None,
    min_size: Annotated[int, typer.Option("--min-size", min=1, help="Articles at least.")] = 2,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Stories at most, most republished first.")] = 1000,
    output: options.Output = None,
) -> None:
    """Write stories, timeline, differences and outlets as one HTML file.

    The file asks for nothing from outside, so it can be sent as it is.

    \b
    Example: dedup report -o report.html
             dedup report --story outlet-0042 -o story.html
    """
    opened = dedup.Index.open(index)
    from dedup.report import html, tables

    output = tables.named(options.file(output), "HTML")
    with tables.lines(output) as file:
        if story is not None:
            file.write(html.single(opened.story(story)))
        else:
            found = opened.stories(min_size=min_size)
            with progress() as show:
                details = counted((opened.story(one.id) for one in found[:limit]), len(found[:limit]), show)
                page = html.report(found[:limit], details, opened.outlets(), further=len(found[limit:]))
            file.write(page)
