from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import inputs, options


def clean(
    file: Annotated[str | None, typer.Argument(metavar="FILE|-", help="A text, a page or HTML.")] = None,
    kind: options.KindOption = options.Kind.auto,
    json: options.Json = False,
) -> None:
    """Show the body, credits and dateline of one page.

    \b
    Example: dedup clean page.txt
             dedup clean page.html --kind html --json
    """
    said = inputs.text(inputs.piped(file, "name a file, or pipe a page in"))
    body = dedup.clean(said, kind=kind.value)
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(body))
    else:
        terminal.body(Page(), body)
