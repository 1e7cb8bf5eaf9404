from __future__ import annotations

from typing import Annotated

import typer

import dedup
from dedup.cli import options


def export(
    what: Annotated[options.Export, typer.Argument(help="Which table.", metavar="articles|stories|links")],
    index: options.Index = options.INDEX,
    keep: Annotated[
        options.Keep | None,
        typer.Option("--keep", help="Of each story one article only, with its text and the others' ids."),
    ] = None,
    format: Annotated[
        options.TableFormat | None, typer.Option("--format", help="By the name of FILE where not given, else jsonl.")
    ] = None,
    output: options.Output = None,
) -> None:
    """Write a whole table: every article, story or link.

    With --keep a corpus without republications: articles that are in no story are kept as they are.
    CSV sets an apostrophe before text that a spreadsheet would run as a formula.

    \b
    Example: dedup export articles -o articles.parquet
             dedup export links --format csv -o links.csv
             dedup export articles --keep origin -o corpus.parquet
    """
    table = dedup.Index.open(index).export(what.value, None if keep is None else keep.value)
    from dedup.report import tables

    output = options.file(output)
    tables.write(table, format or tables.by_name(output) or options.TableFormat.jsonl, output)
