from __future__ import annotations

import sys
from typing import Annotated

import typer

from dedup.cli import options
from dedup.cli.progress import progress


def cluster(
    sources: Annotated[list[str], typer.Argument(metavar="INPUT", help="Files or folders; paths that Spark reads.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="OUTPUT", help="A new folder for the tables.")],
    engine: Annotated[options.Engine, typer.Option("--engine", help="One machine, or Spark.")] = options.Engine.local,
    master: Annotated[
        str | None, typer.Option("--master", metavar="URL", help="Of Spark: spark://HOST:7077, yarn, local[2] ...")
    ] = None,
    *,
    format: options.FormatOption = None,
    map: options.Map = None,
    kind: options.KindOption = options.Kind.auto,
    learn: Annotated[bool, typer.Option("--learn", help="Learn templates first, as dedup compact does.")] = False,
    largest: Annotated[
        int | None, typer.Option("--largest", min=1, help="Texts joined by links that one task of Spark may hold.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Write articles, links and stories of a corpus as Parquet.

    OUTPUT gets the folders articles, links and stories (of two articles or more); with Spark also index, of which
    `dedup import` makes an index. Nothing of it is kept elsewhere.

    \b
    Example: dedup cluster articles.jsonl.gz -o stories
             dedup cluster hdfs:///news/2026 --format parquet --engine spark --master yarn -o hdfs:///stories
    """
    from dedup import clustering

    with progress("cluster") as show:
        written = clustering.cluster(
            sources,
            output,
            engine=engine.value,
            master=master,
            format=format,
            columns=options.columns(map or []),
            kind=kind.value,
            learn=learn,
            largest=largest,
            progress=show,
        )
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(written))
    else:
        terminal.written(Page(sys.stderr), written.path, written.replaced, written.rejected)
