"""The ledger, the matches of a query and a comparison as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dedup.model import Comparison, Match, Outlet
from dedup.report.differences import align
from dedup.report.html.differences import side_by_side, summary
from dedup.report.html.markup import EMPTY, Html, joined, link, tag
from dedup.report.html.story import HEADLESS, outlet
from dedup.report.html.tables import Column, bar, facts, table, time
from dedup.report.text import agencies, minutes, percent, plain

_LEDGER = (
    Column("outlet", "name"),
    Column("articles", "num"),
    Column("stories", "num"),
    Column("agency copy", "num"),
    Column("credited", "num"),
    Column("uncredited", "num"),
    Column("median delay", "num"),
    Column("share kept", "num"),
)


def ledger_table(found: Sequence[Outlet]) -> Html:
    """A row an outlet, as `index.outlets()` gives them."""
    if not found:
        return tag("p", "No outlet.", class_="empty")
    rows = [
        [
            tag("bdi", plain(row.outlet) or "(unknown)"),
            f"{row.articles:,}",
            f"{row.stories:,}",
            bar(row.agency_share),
            f"{row.credited:,}",
            f"{row.uncredited:,}",
            minutes(row.delay),
            bar(row.kept),
        ]
        for row in found
    ]
    return table(_LEDGER, rows, "Outlets, those with most agency copy first", "list ledger")


def matches(found: Sequence[Match], prefix: str = "#story-", compare: Callable[[Match], str] | None = None) -> Html:
    """Articles that share copy with a query, each with the passage in common.

    prefix: of a story's address, before its id. compare: the address where a match stands beside the query.
    """
    if not found:
        return tag("p", "No article shares copy with it.", class_="empty")
    return tag("ol", *(_match(match, prefix, compare) for match in found), class_="matches")


def _match(match: Match, prefix: str, compare: Callable[[Match], str] | None) -> Html:
    verdict = "same copy" if match.same_copy else "not the same copy"
    about = [
        tag("span", verdict, class_="yes" if match.same_copy else "no"),
        tag("span", match.relation.value, class_=f"tag {match.relation}"),
        tag("span", f"containment {percent(match.containment)}"),
        tag("span", f"{percent(match.found) or '0 %'} of the query stands here"),
        tag("a", "story", href=f"{prefix}{match.story}"),
        tag("a", "differences", href=compare(match)) if compare else EMPTY,
    ]
    who = [tag("bdi", outlet(match)), time(match.published), tag("code", plain(match.id))]
    return tag(
        "li",
        tag("p", link(match.url, tag("bdi", plain(match.title) or HEADLESS)), class_="title"),
        tag("p", *(tag("span", part) for part in who if part), class_="about"),
        tag("p", *(part for part in about if part), class_="about"),
        tag("blockquote", plain(match.passage), dir="auto") if match.passage else EMPTY,
    )


def comparison(compared: Comparison, left: str = "A", right: str = "B") -> Html:
    """Figures and the rule that decides, then the paragraphs side by side; left, right: names of the two."""
    s = compared.similarity
    differences = align(compared.a.paragraphs, compared.b.paragraphs)
    said = [", ".join(map(plain, agencies(body.credits))) or "no credit" for body in (compared.a, compared.b)]
    known = facts(
        [
            ("Same copy", tag("b", "yes" if compared.same_copy else "no")),
            ("Why", plain(compared.rule)),
            ("Relation", "none" if compared.relation is None else compared.relation.value),
            ("Containment", f"{percent(compared.containment)} of the shorter narrative"),
            (f"{left} in {right}", f"{percent(s.a_in_b)}, narrative {percent(s.narrative_a_in_b)}"),
            (f"{right} in {left}", f"{percent(s.b_in_a)}, narrative {percent(s.narrative_b_in_a)}"),
            ("Jaccard", f"{compared.jaccard:.3f}; {s.shared:,} narrative shingles in common"),
            ("Credit", f"{said[0]}; {said[1]}"),
        ]
    )
    changed = tag("p", tag("b", f"From {left} to {right}: "), summary(differences))
    return joined([known, changed, side_by_side(differences, left, right)])
