from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import inputs, options
from dedup.errors import UsageError

USAGE = "name a file, pipe a text in, or give --text or --id"


def query(
    file: Annotated[str | None, typer.Argument(metavar="FILE|-", help="A text, a page or HTML.")] = None,
    *,
    index: options.Index = options.INDEX,
    text: Annotated[str | None, typer.Option("--text", help="The text itself.")] = None,
    id: Annotated[str | None, typer.Option("--id", help="An article of the index.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Matches at most.")] = 10,
    kind: options.KindOption = options.Kind.auto,
    json: options.Json = False,
) -> None:
    """Find the articles that share copy with a text.

    \b
    Example: dedup query page.txt
             dedup query --id outlet-0042 --json
    """
    if sum(given is not None for given in (file, text, id)) > 1:
        raise UsageError(problem=f"more than one query: {USAGE}")
    opened = dedup.Index.open(index)
    if id is not None:
        found = opened.query_id(id, limit=limit)
    else:
        said = inputs.text(inputs.piped(file, USAGE)) if text is None else inputs.given(text)
        found = opened.query(said, limit=limit, kind=kind.value)
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps({"matches": found}))
    else:
        terminal.matches(Page(), found)
