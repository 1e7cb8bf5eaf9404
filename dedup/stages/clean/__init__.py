"""Clean: a page or a text becomes the story's paragraphs, its credits and its dateline.

`one` cleans a single text, for a person or a query; `bulk` whole columns, with the same result.
"""

from __future__ import annotations

import functools

from dedup import dates, kinds
from dedup.errors import MissingExtra, UsageError
from dedup.model import Body, Credit, Kind
from dedup.stages.clean import html, mojibake
from dedup.stages.clean.one import treat

__all__ = ["clean", "reads_html"]


def clean(text: str, kind: Kind | str = Kind.auto) -> Body:
    """What remains of one page, and what it says about itself.

    kind: what text is; auto tells. published carries the zone that the page gives, else UTC.
    Raises UsageError for an unknown kind, MissingExtra for HTML without the extra `html`.
    """
    # A lone surrogate cannot be stored as UTF-8: such text comes from careless decoding.
    text = mojibake.repair(text.encode("utf-8", "replace").decode("utf-8"))
    try:
        kind = Kind(kind)
    except ValueError:
        raise UsageError(problem=f"no kind {kind}: {', '.join(Kind)}") from None
    if kind is Kind.auto:
        kind = kinds.of(text)
    told = treat(text, kind)
    return Body(
        text=told.body,
        title=told.title,
        byline=told.byline,
        dateline=told.dateline,
        credits=tuple(Credit(agency, place) for agency, place in told.credits),
        published=dates.with_zone(told.published, told.zone) if told.published else None,
        url=told.url,
        outlet=told.outlet,
    )


@functools.cache
def reads_html() -> bool:
    """Whether the extra `html` is installed."""
    try:
        html.extractor()
    except MissingExtra:
        return False
    return True
