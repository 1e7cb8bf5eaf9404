from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import dedup
from dedup.cli import options


def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="TSV or CSV: a, b, label; or id, story.")],
    index: options.Index = options.INDEX,
    errors: Annotated[bool, typer.Option("--errors", help="Show each wrong pair and how its texts differ.")] = False,
    json: options.Json = False,
) -> None:
    """Measure the stories against labels: F1, ARI, B-cubed.

    A pair counts as same copy where its label is S; with label_1 and label_2, where both agree. Behind each figure
    stands where 95 % of it lie when the labels are drawn anew (bootstrap).

    \b
    Example: dedup evaluate gold.tsv --errors
             dedup evaluate gold.tsv --errors --json | jq '.mistakes[].comparison.rule'
    """
    from dedup import evaluate as judge
    from dedup.labels import read_gold

    labels, ambiguous = read_gold(gold)
    opened = dedup.Index.open(index)
    result = judge.evaluate(judge.assigned(opened.export("articles")), labels, ambiguous)
    explained = judge.explain(opened, result.mistakes if errors else ())
    from dedup.report import forms, measures
    from dedup.report.page import Page

    if json:
        print(forms.dumps(forms.evaluation(result, explained if errors else None)))
    else:
        page = Page()
        measures.evaluation(page, result)
        measures.mistakes(page, explained)
