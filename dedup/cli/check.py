from __future__ import annotations

import dedup
from dedup.cli import options
from dedup.errors import DamagedIndex


def check(index: options.Index = options.INDEX, json: options.Json = False) -> None:
    """Read a whole index and name the files that are damaged.

    The exit code is 4 where there is one.

    \b
    Example: dedup check -i news
    """
    checked = dedup.Index.open(index).check()
    from dedup.report import forms, terminal
    from dedup.report.page import Page

    if json:
        print(forms.dumps(checked))
    else:
        terminal.checked(Page(), checked)
    for damage in checked.damaged[:1]:
        raise DamagedIndex(file=damage.file, offset=damage.offset)
