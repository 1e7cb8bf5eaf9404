from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import dedup
from dedup.cli import options


def tune(
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="TSV or CSV: a, b, label; or id, story.")],
    index: options.Index = options.INDEX,
    json: options.Json = False,
) -> None:
    """Draw precision and recall over the thresholds.

    Each labelled pair is judged by itself at every share of the narrative from 0.01 to 1. The best threshold is the
    middle of the plateau: the wider that is, the less it matters.

    \b
    Example: dedup tune gold.tsv
             dedup tune gold.tsv --json | jq .plateau
    """
    from dedup import tune as tuning
    from dedup.labels import read_gold

    found = tuning.tune(dedup.Index.open(index).path, read_gold(labels)[0])
    from dedup.report import forms, measures
    from dedup.report.page import Page

    if json:
        print(forms.dumps(found))
    else:
        measures.tuning(Page(), found)
