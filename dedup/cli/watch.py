from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from dedup.cli import options
from dedup.errors import BadInput


def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where files of articles appear.")],
    index: options.Index = options.INDEX,
    format: options.FormatOption = None,
    map: options.Map = None,
    kind: options.KindOption = options.Kind.auto,
    quiet: Annotated[
        float, typer.Option("--quiet", min=0.1, max=3600, help="Seconds without a change that make a file whole.")
    ] = 2.0,
    json: options.Json = False,
) -> None:
    """Index what appears in a folder, as it appears.

    Files that are still being written are left until they are quiet. SIGTERM ends it once the batch at work
    is committed; what is in the index already is skipped at the next start. With --json, a line a batch.

    \b
    Example: dedup watch incoming/ -i news
             dedup watch incoming/ -i news & dedup serve -i news
    """
    columns = options.columns(map or [])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    from dedup import watch as watching
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    for batch in watching.watch(folder, index, kind=kind.value, format=format, columns=columns, quiet=quiet, stop=stop):
        if json:
            print(forms.dumps(batch, indent=None))
        elif batch.added is None:
            terminal.warned(Page(sys.stderr), BadInput(problem=batch.reason))
        else:
            terminal.rejected(Page(sys.stderr), batch.added, None, "mend the file, and it is read again")
            terminal.added(Page(), batch.added)
        sys.stdout.flush()
