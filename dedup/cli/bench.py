from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dedup.cli import options
from dedup.cli.progress import progress


def bench(
    articles: Annotated[int, typer.Option("--articles", metavar="N", help="Made up and indexed.")] = 20_000,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="An earlier result, as --json printed it.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Measure this machine: hot loop, pipeline, queries, memory.

    On articles made up in memory and an index in a temporary folder; TMPDIR says on which disk. It takes well under a
    minute, and the first time some seconds more, in which the kernels are compiled. With --compare each figure stands
    beside the earlier one: ratio is now / before, better or worse where that is more than 5 % off 1.

    \b
    Example: dedup bench
             dedup bench --json > before.json
             dedup bench --compare before.json
    """
    from dedup import bench as benching

    before = benching.read(compare) if compare else None
    with progress("warm up") as show:
        result = benching.bench(articles, progress=show)
    found = benching.compare(before, result) if before else None
    from dedup.report import forms, speed
    from dedup.report.page import Page

    if json:
        print(forms.dumps({**forms.to_json(result), **({"compared": found} if found else {})}))
    else:
        speed.benchmark(Page(), result)
        if found:
            speed.compared(Page(), found)
    if found:
        speed.warned(Page(sys.stderr), found)
