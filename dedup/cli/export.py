from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def export(
    what: Annotated[options.Export, typer.Argument(help="Which table.", metavar="articles|stories|links")],
    index: options.Index = options.INDEX,
    format: Annotated[
        options.TableFormat | None, typer.Option("--format", help="By the name of FILE where not given, else jsonl.")
    ] = None,
    output: options.Output = None,
) -> None:
    """Write a whole table: every article, story or link.

    CSV sets an apostrophe before text that a spreadsheet would run as a formula.

    \b
    Example: dedup export articles -o articles.parquet
             dedup export links --format csv -o links.csv
    """
    table = dedup.Index.open(index).export(what.value)
    from dedup.report import tables

    output = options.file(output)
    tables.write(table, format or tables.by_name(output) or options.TableFormat.jsonl, output)
