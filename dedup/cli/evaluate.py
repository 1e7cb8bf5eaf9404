from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import dedup
from dedup.cli import options


def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="TSV or CSV: a, b, label; or id, story.")],
    index: options.Index = options.INDEX,
    errors: Annotated[bool, typer.Option("--errors", help="List the wrong pairs too.")] = False,
    json: options.Json = False,
) -> None:
    """Measure the stories against labels: F1, ARI, B-cubed.

    A pair counts as same copy where its label is S; with label_1 and label_2, where both agree.

    \b
    Example: dedup evaluate gold.tsv --errors
    """
    from dedup import evaluate as judge

    labels, ambiguous = judge.read_gold(gold)
    result = judge.evaluate(judge.assigned(dedup.Index.open(index).export("articles")), labels, ambiguous)
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(forms.evaluation(result, mistakes=errors)))
    else:
        terminal.evaluation(Page(), result, mistakes=errors)
