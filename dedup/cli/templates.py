from __future__ import annotations

import dedup
from dedup.cli import options


def templates(index: options.Index = options.INDEX, json: options.Json = False) -> None:
    """List what outlets repeat on their pages.

    Lines that stand on many pages of an outlet whose stories are otherwise unrelated are no part
    of what is compared. They are learnt by `dedup compact`; the list says on how many pages each
    stands, and how many of those that were looked at tell a story of their own.

    \b
    Example: dedup templates -i news
             dedup compact && dedup templates --json
    """
    learnt = dedup.Index.open(index).templates()
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps({"templates": learnt}))
    else:
        terminal.templates(Page(), learnt)
