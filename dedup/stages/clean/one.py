"""Clean one text: the marks off a body, the story out of a page, the main text out of HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dedup import dates
from dedup.model import Kind
from dedup.stages.clean import html, marks, page, passages, text
from dedup.stages.clean.head import Head
from dedup.stages.clean.mojibake import CONTROL

# A main text from HTML below so many characters is doubted: the page's own run of sentences is
# taken where it is so many times as long.
SHORT_CHARS, MISSED = 500, 3


@dataclass(slots=True)
class Treated:
    """What became of one article that was looked at one by one."""

    body: str
    byline: str | None
    dateline: str | None
    credits: list[tuple[str, str]]
    published: datetime | None = None
    zone: int | None = None
    title: str | None = None
    outlet: str | None = None
    url: str | None = None


def treat(source: str, kind: str) -> Treated:
    """Clean one text by itself."""
    told = html.read(source) if kind == Kind.html else None
    lines = split(source if told is None else told.text)
    seen = text.Marks()
    title = None
    if kind == Kind.page or (told is not None and not told.main):
        lines, title = page.select(lines, seen)
    elif told is not None:
        if len(told.text) < SHORT_CHARS:
            whole, headline = page.select(split(html.all_text(source)), seen_too := text.Marks())
            if sum(map(len, whole)) > MISSED * len(told.text):
                lines, title, seen = whole, headline, seen_too
        lines = [line for i, line in enumerate(lines) if i >= text.HEAD_LINES or line != told.head.title]
    if told is not None:
        _credit(told.head, seen)
    result = finish(lines, seen)
    result.title = title
    if told is not None:
        head = told.head
        result.title, result.outlet, result.url = head.title or title, head.outlet, head.url
        result.byline = result.byline or ", ".join(head.authors) or None
        if head.date and (parsed := dates.parse(head.date)):
            result.published, result.zone = parsed
    return result


def _credit(head: Head, seen: text.Marks) -> None:
    """Agencies among the authors that the head names, and the one that it has the story from, as in a byline."""
    mark = marks.byline("By " + ", ".join(head.authors)) if head.authors else None
    named = [*(mark.agencies if mark else ()), *filter(None, [head.source])]
    seen.pairs.update((agency, "byline") for agency in named)


def finish(lines: list[str], seen: text.Marks) -> Treated:
    lines = text.strip(lines, seen)
    return told(seen, "\n".join(lines))


def told(seen: text.Marks, body: str) -> Treated:
    """What the marks tell of the body that is left."""
    result = Treated(body, seen.byline, seen.dateline, seen.credits())
    for stamp in seen.stamps:
        if parsed := dates.parse(stamp):
            result.published, result.zone = parsed
            break
    return result


def split(source: str) -> list[str]:
    """Lines as the kernel finds them, trimmed, none blank; without passages, and control characters but tabs."""
    source = CONTROL.sub("", source.replace("\r", "\n").replace("\v", "\n").replace("\f", "\n"))
    return [line for line in (passages.without(line).strip(marks.WHITE) for line in source.split("\n")) if line]
