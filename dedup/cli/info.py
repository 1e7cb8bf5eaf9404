from __future__ import annotations

import dedup
from dedup.cli import options


def info(index: options.Index = options.INDEX, json: options.Json = False) -> None:
    """Say what an index holds and what it was made with.

    \b
    Example: dedup info --json
    """
    held = dedup.Index.open(index).info()
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(held))
    else:
        terminal.info(Page(), held)
