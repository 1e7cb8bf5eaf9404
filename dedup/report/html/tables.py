"""Tables and facts of HTML: a cell carries the name of its column, so that a narrow page can set a row as a card."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from dedup.report.html.markup import EMPTY, Html, tag
from dedup.report.text import percent, when


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """head: its title. kind: a class of its cells: num, name, text."""

    head: str
    kind: str = ""


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], caption: str, name: str = "list") -> Html:
    """rows, each of as many cells as there are columns, text or Html; caption: what it is, for those who cannot see.

    The first column names its row.
    """
    heads = [tag("th", column.head, scope="col", class_=column.kind or None) for column in columns]
    lines = [_row(columns, row) for row in rows]
    body = tag("tbody", *lines)
    return tag("table", tag("caption", caption), tag("thead", tag("tr", *heads)), body, class_=name)


def _row(columns: Sequence[Column], row: Sequence[str]) -> Html:
    cells = []
    for k, (column, cell) in enumerate(zip(columns, row, strict=True)):
        kind = column.kind or None
        label = column.head if cell else None
        if k:
            cells.append(tag("td", cell, class_=kind, data_label=label))
        else:
            cells.append(tag("th", cell, class_=kind, scope="row"))
    return tag("tr", *cells)


def facts(pairs: Sequence[tuple[str, str]]) -> Html:
    """Names and what is known of them, those that are known."""
    known = [tag("div", tag("dt", name), tag("dd", said)) for name, said in pairs if said]
    return tag("dl", *known, class_="facts") if known else EMPTY


def time(moment: datetime | None) -> Html:
    """A point of time as people and programs read it."""
    return EMPTY if moment is None else tag("time", when(moment), datetime=moment.isoformat())


def bar(share: float | None) -> Html:
    """A share as a figure and a small bar."""
    if share is None:
        return EMPTY
    drawn = tag("svg", *filled(share), class_="bar", aria_hidden="true")
    return Html(drawn + tag("span", percent(share) or "0 %"))


def filled(share: float) -> tuple[Html, Html]:
    """What a bar is drawn with: its track, and as much of it as share says."""
    width = f"{100 * min(1.0, max(0.0, share)):.0f}%"
    return tag("rect", width="100%", height="100%", class_="track"), tag("rect", width=width, height="100%")
