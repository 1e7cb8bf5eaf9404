from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import inputs, options


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A file, or the id of an article.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    index: options.Index = options.INDEX,
    kind: options.KindOption = options.Kind.auto,
    json: options.Json = False,
) -> None:
    """Compare two files or articles: figures, relation, differences.

    Words that only A has are marked [-so-], those that only B has {+so+}.

    \b
    Example: dedup compare ours.txt theirs.txt
             dedup compare outlet-0042 page.txt --json
    """
    compared = dedup.compare(inputs.text_or_article(a, index), inputs.text_or_article(b, index), kind=kind.value)
    from dedup.report import changes, forms
    from dedup.report.page import Page

    if json:
        print(forms.dumps(forms.comparison(compared)))
    else:
        changes.comparison(Page(), compared)
