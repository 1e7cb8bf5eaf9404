"""The report: one HTML file that asks for nothing from outside.

Its own content security policy lets run only the script and the style that stand in it, named by their digests. The
story pages of a large report are packed, and unpacked by that script when they are opened.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from dedup.model import Outlet, Story, StoryDetail
from dedup.report.html.answers import ledger_table
from dedup.report.html.markup import EMPTY, Html, tag
from dedup.report.html.story import story_list, story_page
from dedup.report.html.tables import facts
from dedup.report.html.timeline import lanes
from dedup.report.text import many, plain
from dedup.report.variants import title_of

CHARTED = 20  # stories in the chart of the overview
SIZE = 9_000_000  # bytes of all story pages; what would go beyond is left out, and said so
_PLAIN = 1_000_000  # bytes of story pages that stand unpacked, so that they can be read without the script
_LIMIT = 40  # texts of one story whose differences are shown
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
_HERE = Path(__file__).parent


def style() -> str:
    """The style of every page."""
    return (_HERE / "style.css").read_text(encoding="utf-8")


def report(
    stories: Sequence[Story],
    details: Iterator[StoryDetail] | Sequence[StoryDetail],
    outlets: Sequence[Outlet],
    *,
    further: int = 0,
) -> str:
    """The report on some stories. details: of the same stories, in their order. further: stories left out."""
    pages, charted = _pages(stories, details)
    articles = sum(story.articles for story in stories)
    first = min((story.first for story in stories if story.first), key=lambda t: t.timestamp(), default=None)
    last = max((story.last for story in stories if story.last), key=lambda t: t.timestamp(), default=None)
    days = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first and last else ""
    agencies = sorted({plain(name) for story in stories for name in story.agencies})
    known = facts(
        [
            ("Stories", f"{len(stories):,}" + (f", and {further:,} smaller ones not shown" if further else "")),
            ("Articles", f"{articles:,}"),
            ("Seen", days),
            ("Agencies", ", ".join(agencies[:12]) + (f" and {len(agencies) - 12} more" if len(agencies) > 12 else "")),
        ]
    )
    field = tag("input", id="find", type="search", autocomplete="off")
    finder = tag("p", tag("label", "Find a story: ", field), class_="tools", hidden=True)
    overview = [known, tag("h2", "Stories", tabindex="-1"), finder, story_list(stories, paged=set(pages))]
    left = len(stories) - len(pages)
    if left:
        overview.append(tag("p", f"The pages of {many(left, 'story')} are left out: `dedup report --story ID`."))
    ledger = tag("h2", "Outlets", tabindex="-1"), ledger_table(outlets)
    body = [
        tag("section", *overview, id="stories", class_="page first"),
        tag(
            "section",
            tag("h2", "Timeline", tabindex="-1"),
            lanes([detail for detail in charted if detail.story.id in pages]),
            id="timeline",
            class_="page",
        ),
        tag("section", *ledger, id="outlets", class_="page") if outlets else EMPTY,
        *pages.values(),
    ]
    where = [("stories", "Stories"), ("timeline", "Timeline"), *([("outlets", "Outlets")] if outlets else [])]
    return document("Republished: stories and outlets", body, where)


def single(detail: StoryDetail) -> str:
    """The report on one story."""
    return document(title_of(detail), [tag("section", story_page(detail, _LIMIT), class_="page first")], [])


def document(title: str, body: Sequence[str], sections: Sequence[tuple[str, str]]) -> str:
    """A whole page. sections: (id, name) of those that its head leads to."""
    css, script = style(), (_HERE / "script.js").read_text(encoding="utf-8")
    ours = f"style-src {_digest(css)}; script-src {_digest(script)}; img-src data:"
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=f"{_POLICY}; {ours}"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="generator", content="dedup"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("style", Html(css)),
    ]
    links = [tag("a", name, href=f"#{section}") for section, name in sections]
    nav = tag("nav", *links, aria_label="Sections") if links else EMPTY
    top = tag("header", tag("h1", "dedup report"), nav, class_="top")
    foot = tag("footer", "Made by dedup. Links lead to the outlets' own pages.")
    skip = tag("a", "To the content", href="#main", class_="skip")
    page = [skip, top, tag("main", *body, id="main"), foot, tag("script", Html(script))]
    return "<!doctype html>\n" + tag("html", tag("head", *head), tag("body", *page), lang="en") + "\n"


def _digest(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _pages(
    stories: Sequence[Story], details: Iterator[StoryDetail] | Sequence[StoryDetail]
) -> tuple[dict[str, Html], list[StoryDetail]]:
    """Sections with the pages of as many stories as fit, by id, and the details of those to be charted."""
    charted: list[StoryDetail] = []
    written: dict[str, Html] = {}
    packed: dict[str, Html] = {}
    room, plainly = SIZE, 0
    for detail in details:
        if len(charted) < CHARTED:
            charted.append(detail)
        page = story_page(detail, _LIMIT)
        plainly += len(page.encode())
        if plainly <= _PLAIN:
            written[detail.story.id] = page
        box = _packed(page)
        room -= len(box)
        if room < 0:
            break
        packed[detail.story.id] = box
    shown = written if len(written) == len(stories) else packed
    ids = list(shown)
    around = zip([None, *ids], ids, [*ids[1:], None], strict=False)
    return {name: _section(before, name, shown[name], after) for before, name, after in around}, charted


def _packed(page: Html) -> Html:
    data = base64.b64encode(zlib.compress(page.encode(), 9)).decode()
    return tag("script", Html(data), type="application/octet-stream")


def _section(before: str | None, name: str, page: Html, following: str | None) -> Html:
    turn = [
        tag("a", "← the story before", href=f"#story-{before}", class_="before") if before else EMPTY,
        tag("a", "all stories", href="#stories", class_="up"),
        tag("a", "the next story →", href=f"#story-{following}", class_="next") if following else EMPTY,
    ]
    return tag("section", tag("p", *turn, class_="turn"), page, id=f"story-{name}", class_="page")
