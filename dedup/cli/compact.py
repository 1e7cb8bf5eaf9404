from __future__ import annotations

import dedup
from dedup.cli import options
from dedup.cli.progress import progress


def compact(index: options.Index = options.INDEX, json: options.Json = False) -> None:
    """Merge an index and give back the space of what was removed.

    Whoever reads it meanwhile goes on; nobody can write until it is done. For a while the disk
    holds both, the old files and the new.

    \b
    Example: dedup compact -i news
    """
    with progress("compact") as show:
        compacted = dedup.Index.open(index).compact(progress=show)
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(compacted))
    else:
        terminal.compacted(Page(), compacted)
