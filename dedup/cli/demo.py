from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dedup.cli.progress import progress

SHOWN = 10


def demo(
    index: Annotated[
        Path | None, typer.Option("--index", "-i", metavar="DIR", help="Keep the index here; else it goes again.")
    ] = None,
) -> None:
    """Show all of it on the bundled corpus: stories, a query, figures.

    \b
    Example: dedup demo
             dedup demo -i demo-index
    """
    from dedup import demo as bundled

    with progress() as show:
        shown = bundled.run(index, progress=show)
    from dedup.report import changes, measures, terminal
    from dedup.report.page import Page

    page = Page()
    page.line(("The bundled corpus, pages of invented outlets", "bold underline"))
    terminal.added(page, shown.added)
    page.head("dedup stories")
    terminal.stories(page, shown.stories[:SHOWN])
    page.line(f"and {len(shown.stories) - SHOWN} more", indent=2)
    page.head(f"dedup story {shown.detail.story.id}")
    changes.story(page, shown.detail)
    page.head("dedup query page.txt   (a page that is not in the corpus)")
    terminal.matches(page, shown.matches)
    page.head("dedup evaluate gold.tsv   (against the corpus's own labels)")
    measures.evaluation(page, shown.evaluation)
    page.head("What to try next")
    steps = bundled.next_steps(index)
    width = max(len(command) for command, _ in steps) + 2
    for command, why in steps:
        page.line((f"{command:<{width}}", "cyan"), why)
