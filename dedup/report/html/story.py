"""One story as HTML: its figures, its timeline, who ran it and what each outlet changed."""

from __future__ import annotations

from collections.abc import Container, Sequence

from dedup.model import Article, Match, Story, StoryDetail
from dedup.report.differences import Summary
from dedup.report.html.differences import side_by_side
from dedup.report.html.markup import EMPTY, Html, joined, link, tag
from dedup.report.html.tables import Column, bar, facts, table, time
from dedup.report.html.timeline import pickups, spread
from dedup.report.text import after, agencies, credit_kept, many, plain
from dedup.report.variants import Variant, Variants, title_of, variants

HEADLESS = "(no headline)"
PARTIAL = 20  # articles with a shared passage that are listed
_COLUMNS = (
    Column("outlet", "name"),
    Column("after origin", "num"),
    Column("relation"),
    Column("kept", "num"),
    Column("cut, changed, added"),
    Column("version", "num"),
    Column("credit"),
    Column("headline", "text"),
)


def headline(story: Story) -> Html:
    """A story's headline, which may be written from right to left."""
    return tag("bdi", plain(story.title) or HEADLESS)


def story_list(found: Sequence[Story], prefix: str = "#story-", paged: Container[str] | None = None) -> Html:
    """Stories, an item each: headline, agency, articles, outlets, first and last seen, spread.

    prefix: of a story's address, before its id. paged: ids of stories that have a page; None for all.
    """
    if not found:
        return tag("p", "No story.", class_="empty")
    return tag("ol", *(_item(story, prefix, paged is None or story.id in paged) for story in found), class_="stories")


def _item(story: Story, prefix: str, paged: bool) -> Html:
    noun = " article" if story.articles == 1 else " articles"
    count = tag("span", tag("b", f"{story.articles:,}"), noun, class_="count")
    title = tag("a", headline(story), href=f"{prefix}{story.id}" if paged else None, class_="title")
    named = ", ".join(map(plain, story.agencies)) or "no agency"
    about = [
        tag("span", named, class_="agency" if story.agencies else "agency none"),
        tag("span", many(story.outlets, "outlet")),
        tag("span", time(story.first) or "no known time"),
    ]
    last = "" if story.first is None else after(story.last, story.first)
    reach = tag("span", spread(story), tag("span", last), class_="reach") if last else EMPTY
    return tag("li", count, tag("div", title, tag("p", *about, class_="about")), reach)


def story_page(detail: StoryDetail, limit: int = 40, level: int = 2) -> Html:
    """A story in full; limit: texts whose differences are shown; level: of its heading, h2 for 2."""
    found = variants(detail)
    under = f"h{level + 1}"
    parts = [
        tag(f"h{level}", tag("bdi", title_of(detail)), tabindex="-1"),
        story_facts(detail, found.origin),
        pickups(detail),
        tag(under, "Who ran it"),
        members(detail, found),
        tag(under, "What each outlet changed") if len(detail.members) > 1 else EMPTY,
        changes(found, limit),
    ]
    if detail.partial:
        parts += [tag(under, "Shares a passage with"), partial(detail.partial)]
    return tag("article", *parts, class_="story")


def story_facts(detail: StoryDetail, origin: Article) -> Html:
    """A story's figures; detail: with all its articles, or the first of very many."""
    story = detail.story
    named = ", ".join(map(plain, story.agencies)) or "none credited"
    where = f"{outlet(origin)}, " if plain(origin.outlet) else ""
    versions = len({member.version for member in detail.members})
    counted = f"{story.articles:,} at {many(story.outlets, 'outlet')}, {many(versions, 'version')}"
    return facts(
        [
            ("Agency", tag("b", named) if story.agencies else named),
            ("Articles", counted),
            ("First seen", time(story.first)),
            ("Last seen", joined([time(story.last), f" ({after(story.last, story.first)})"]) if story.last else ""),
            ("Origin", joined([where, link(origin.url, plain(origin.id)), f", confidence {story.confidence:.2f}"])),
            ("Story", tag("code", story.id)),
        ]
    )


def members(detail: StoryDetail, found: Variants | None = None) -> Html:
    """A row an article, in order of time; found: its texts, where they are known already."""
    found = variants(detail) if found is None else found
    changed = found.summaries()
    same = {member.id for member in found.same}
    rows = [
        _member(detail, found.origin, member, changed.get(member.id), member.id in same) for member in detail.members
    ]
    return table(_COLUMNS, rows, "Who ran it, in order of time", "list members")


def _member(detail: StoryDetail, origin: Article, member: Article, summary: Summary | None, same: bool) -> list[str]:
    first = member is origin
    dropped = bool(detail.story.agencies) and not agencies(member.credits)
    credit = credit_kept(member.credits, detail.story.agencies)
    title = plain(member.title)
    return [
        tag("bdi", link(member.url, outlet(member))),
        "origin" if first else after(member.published, origin.published),
        "" if first or member.relation is None else tag("span", member.relation.value, class_=f"tag {member.relation}"),
        "" if first else bar(member.kept),
        "" if first else figures(summary, same),
        f"{member.version}",
        tag("span", credit, class_="dropped" if dropped else None),
        tag("bdi", title) if first or title != plain(origin.title) else tag("span", "the same", class_="faint"),
    ]


def figures(summary: Summary | None, same: bool = False) -> Html:
    """Paragraphs cut, changed, added and moved, as signs and in words."""
    if summary is None:
        return tag("span", "nothing", class_="faint") if same else EMPTY
    signs = (("−", summary.cut, "cut"), ("~", summary.changed, "changed"), ("+", summary.added, "added"))
    shown = [tag("span", f"{sign}{count}", class_=name) for sign, count, name in signs if count]
    if summary.moved:
        shown.append(tag("span", f"↕{summary.moved}", class_="moved"))
    return tag("span", joined(shown, " ") or "nothing", title=str(summary), class_="figures")


def changes(found: Variants, limit: int = 40) -> Html:
    """What each text changed, said once for all articles that have it; each folded to a line."""
    parts = []
    if found.same:
        names = joined((tag("bdi", outlet(member)) for member in found.same), ", ")
        parts.append(tag("p", tag("b", "Nothing: "), names))
    shown = found.changed[: max(limit, 0)]
    parts += [_variant(found.origin, variant) for variant in shown]
    rest = len(found.changed) - len(shown) + found.further
    if rest:
        parts.append(tag("p", f"{many(rest, 'further text')} not shown: `dedup story` shows them with --limit."))
    return joined(parts)


def _variant(origin: Article, variant: Variant) -> Html:
    names = joined((tag("bdi", outlet(holder)) for holder in variant.holders), ", ")
    said = tag("span", str(variant.summary), class_="n")
    right = ", ".join(outlet(holder) for holder in variant.holders[:3])
    right += f" and {len(variant.holders) - 3} more" if len(variant.holders) > 3 else ""
    sides = side_by_side(variant.differences, outlet(origin), right)
    return tag("details", tag("summary", tag("b", names), " ", said), sides, class_="variant")


def partial(found: Sequence[Match]) -> Html:
    """Articles outside the story that share a passage with it, those that share most first."""
    columns = (Column("outlet", "name"), Column("in common", "num"), Column("headline", "text"), Column("article"))
    largest = sorted(found, key=lambda match: -match.containment)[:PARTIAL]
    rows = [
        [
            tag("bdi", outlet(match)),
            bar(match.containment),
            tag("bdi", plain(match.title)),
            link(match.url, plain(match.id)),
        ]
        for match in largest
    ]
    listed = table(columns, rows, "Articles that share a passage with the story")
    if len(found) <= PARTIAL:
        return listed
    return joined([listed, tag("p", f"and {len(found) - PARTIAL} more")])


def outlet(article: Article | Match) -> str:
    """Who published it; where that is unknown, which article it is."""
    return plain(article.outlet) or f"({plain(article.id)})"
