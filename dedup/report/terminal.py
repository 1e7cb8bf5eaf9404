"""Answers on a terminal: stories, matches, bodies, figures; `changes` shows what outlets changed.

Written for 80 columns; what colour says is also said by words or marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from dedup.model import Added, Article, Body, Checked, Compacted, Info, Match, Outlet, Story, Template
from dedup.report.page import Column, Page
from dedup.report.text import after, bar, many, minutes, percent, plain, shorten, size, spread, when


def stories(page: Page, found: Sequence[Story]) -> None:
    """A row a story: articles, outlets, agencies, first and last seen, id, headline of the origin."""
    if not found:
        page.line("No story.")
        return
    # A bar is for eyes: a program that reads a pipe has both times.
    columns = [
        Column("articles", right=True),
        Column("outlets", right=True),
        Column("agency", "yellow", limit=14),
        Column("first seen"),
        Column("last", right=True),
        *([Column("spread", "blue")] if page.narrow else []),
        Column("story", "cyan"),
        Column("headline", "bold"),
    ]
    page.rows(
        columns,
        [
            (
                f"{story.articles:,}",
                f"{story.outlets:,}",
                ", ".join(plain(name) for name in story.agencies) or "-",
                when(story.first),
                after(story.last, story.first),
                *([bar(spread(story.first, story.last))] if page.narrow else []),
                plain(story.id),
                plain(story.title) or "(no headline)",
            )
            for story in found
        ],
    )


def outlets(page: Page, found: Sequence[Outlet]) -> None:
    """A row an outlet: articles, stories, share of agency copy, credited and uncredited, median delay, share kept."""
    if not found:
        page.line("No outlet.")
        return
    columns = [
        Column("outlet", "bold", limit=max(16, page.width - 60) if page.narrow else 0),
        Column("articles", right=True),
        Column("stories", right=True),
        Column("agency", right=True),
        Column("credited", "green", right=True),
        Column("not", "red", right=True),
        Column("delay", right=True),
        Column("kept", right=True),
    ]
    rows = [
        (
            plain(row.outlet) or "(unknown)",
            f"{row.articles:,}",
            f"{row.stories:,}",
            percent(row.agency_share) or "0 %",
            f"{row.credited:,}",
            f"{row.uncredited:,}",
            minutes(row.delay) or "-",
            percent(row.kept) or "-",
        )
        for row in found
    ]
    page.rows(columns, rows)


def matches(page: Page, found: Sequence[Match]) -> None:
    """Articles that share copy with a query, each with the passage in common."""
    if not found:
        page.line("No article shares copy with it.")
    for number, match in enumerate(found, 1):
        page.line((f"{number}  ", "dim"), (plain(match.title) or "(no headline)", "bold"), hang=3)
        named = f"{plain(match.outlet)}  " if plain(match.outlet) else ""
        page.line(f"{named}{when(match.published)}  ", (plain(match.id), "cyan"), indent=3)
        verdict = ("same copy", "green") if match.same_copy else ("not the same copy", "red")
        figures = f", containment {percent(match.containment)}, Jaccard {match.jaccard:.2f}"
        here = f"; {percent(match.found) or '0 %'} of the query stands here; story "
        page.line(verdict, f" ({match.relation.value})", figures, here, (plain(match.story), "cyan"), indent=3)
        if number > 1 and match.passage == found[number - 2].passage:
            page.line(("the same passage", "dim"), indent=3)
        elif match.passage:
            passage = plain(match.passage)
            page.line((f"“{shorten(passage, 220) if page.narrow else passage}”", "italic"), indent=3)


def body(page: Page, cleaned: Body) -> None:
    """What cleaning found: fields that the page has, then the paragraphs."""
    fields = {
        "title": cleaned.title,
        "byline": cleaned.byline,
        "dateline": cleaned.dateline,
        "published": when(cleaned.published) if cleaned.published else None,
        "credits": ", ".join(f"{credit.agency} ({credit.place})" for credit in cleaned.credits),
        "outlet": cleaned.outlet,
        "url": cleaned.url,
    }
    for name, value in fields.items():
        if value:
            page.line((f"{name:<11}", "dim"), plain(value), hang=11)
    for paragraph in cleaned.paragraphs:
        page.gap()
        page.line(plain(paragraph))


def added(page: Page, result: Added) -> None:
    """What one indexing run did."""
    page.line(
        f"read {many(result.read, 'article')} in {result.seconds:.1f} s: "
        f"{result.added:,} added, {result.replaced:,} replaced, {result.unchanged:,} unchanged, "
        f"{result.rejected:,} rejected"
    )
    held = f"the index holds {many(result.articles, 'article')}; {many(result.stories, 'story')} of two or more"
    page.line(f"commit {result.commit}: {held}")


def rejected(page: Page, result: Added, kept: Path | None, hint: str = "keep them with --rejects FILE") -> None:
    """The first records that were set aside, by file and line; kept: where all of them are, else a hint is given."""
    for reject in result.rejects:
        place = plain(reject.path) + (f", line {reject.line}" if reject.line is not None else "")
        page.line(f"dedup: {place}: {plain(reject.reason)}", hang=2)
    if result.rejected:
        where = f"kept in {plain(str(kept))}" if kept else hint
        page.line(f"dedup: {many(result.rejected, 'record')} rejected: {where}", hang=2)


def written(page: Page, path: str, replaced: int, rejected: int) -> None:
    """Where stories were written to, and what they were not made of."""
    left = f"{replaced:,} replaced, {rejected:,} rejected"
    page.line(f"articles, links and stories are in {plain(path)}; {left}")


def removed(page: Page, gone: int, before: datetime | None = None) -> None:
    """How many articles are gone; before: as the date was understood."""
    page.line(f"{many(gone, 'article')} removed" + (f", published before {when(before)}" if before else ""))


def warned(page: Page, warning: Exception) -> None:
    """What was amiss and stopped nothing."""
    page.line(f"dedup: {plain(str(warning))}", hang=2)


def compacted(page: Page, result: Compacted) -> None:
    """What compacting an index did."""
    page.line(
        f"commit {result.commit}: {many(result.articles, 'article')} in {many(result.segments, 'segment')}, "
        f"{result.dropped:,} dropped, {many(result.templates, 'template')} learnt in {result.seconds:.1f} s"
    )
    page.line(f"{size(result.bytes_before)} before, {size(result.bytes_after)} now")


def templates(page: Page, learnt: Sequence[Template]) -> None:
    """What outlets repeat on their pages: a row a line, by outlet."""
    if not learnt:
        page.line("No template: `dedup compact` learns them.")
        return
    columns = [
        Column("outlet", "cyan", limit=24),
        Column("pages", right=True),
        Column("stories", right=True),
        Column("line"),
    ]
    rows = [(plain(one.outlet), f"{one.pages:,}", f"{one.stories} of {one.sampled}", plain(one.line)) for one in learnt]
    page.rows(columns, rows)


def checked(page: Page, found: Checked) -> None:
    """Which files of an index are not what was written, and which articles went or would go with them."""
    page.line(f"commit {found.commit}: {many(found.files, 'file')}, {size(found.bytes)} read")
    for damage in found.damaged:
        rest = f"; {many(damage.articles, 'article')} on it" if damage.articles else ""
        page.line(("damaged  ", "red"), f"{plain(damage.file)} at byte {damage.offset:,} or after{rest}", hang=9)
    if not found.damaged:
        page.line(("every byte is what was written", "green"))
        return
    lost = len(found.lost) + found.unnamed
    nameless = f" ({found.unnamed:,} of them without an id that can be read)" if found.unnamed else ""
    if not found.repaired:
        page.line(f"`dedup check --repair` would drop {many(lost, 'article')}{nameless}")
    elif lost:
        page.line(("repaired  ", "green"), f"{many(lost, 'article')} to index again{nameless}", hang=10)
    else:
        page.line(("repaired  ", "green"), "no article was lost")


def info(page: Page, held: Info) -> None:
    """What an index holds, and what it was made with."""
    p = held.params
    rows = {
        "index": plain(held.path),
        "commit": f"{held.commit}, {many(held.segments, 'segment')}, format {held.format}",
        "articles": f"{held.articles:,} at {many(held.outlets, 'outlet')}, {held.removed:,} removed",
        "stories": f"{held.stories:,}, {many(held.links, 'link')}",
        "size": f"{size(sum(held.bytes.values()))}: "
        + ", ".join(f"{plain(part)} {size(count)}" for part, count in held.bytes.items()),
        "shingles": f"{p.shingle_words} words, text version {p.text_version}",
        "signature": f"{p.num_perm} permutations, seed {p.seed}, {p.bands} bands of {p.rows} rows",
        "anchors": f"one in {p.anchor_scale}, {p.anchor_min} at least",
        "same copy": f"from {percent(p.same_copy)} of the shorter narrative",
    }
    for name, value in rows.items():
        page.line((f"{name:<11}", "dim"), value, hang=11)


def outlet(article: Article | Match) -> str:
    """Who published it; where that is unknown, which article it is."""
    return plain(article.outlet) or f"({plain(article.id)})"
