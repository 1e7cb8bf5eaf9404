"""What outlets changed, in the terminal: a story in full, two articles side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text

from dedup.model import Comparison, Match, Relation, StoryDetail
from dedup.report.differences import Difference, Op, Words, align, gap, summarise
from dedup.report.page import Column, Page
from dedup.report.terminal import outlet
from dedup.report.text import after, agencies, credit_kept, many, numbers, percent, plain, shorten, when
from dedup.report.variants import MOST, Variants, signs, title_of, variants

MEANS = {
    Relation.identical: "the same text",
    Relation.near: "nearly the same text",
    Relation.excerpt: "A stands inside B",
    Relation.extended: "B stands inside A",
    Relation.partial: "a shared passage",
}
_STYLE = {Op.same: "", Op.cut: "red", Op.added: "green"}
_MARK = {Op.same: ("", ""), Op.cut: ("[-", "-]"), Op.added: ("{+", "+}")}
SNIPPETS = 3  # of each kind of change, for one outlet of a story
PARTIAL = 5  # articles with a shared passage, in a story
CHANGE = 60  # characters of a change that are shown of a story
CONTEXT = 4  # words that stay, on either side of a change


def story(page: Page, detail: StoryDetail, limit: int = 20) -> None:
    """One story: its figures, its timeline, and what each outlet changed; limit: versions shown."""
    head = detail.story
    found = variants(detail, max(limit, MOST))
    origin = found.origin
    page.line((title_of(detail), "bold"))
    named = ", ".join(plain(name) for name in head.agencies) or "no agency credited"
    count = f"{many(head.articles, 'article')}, {many(head.outlets, 'outlet')}"
    page.line("story ", (plain(head.id), "cyan"), "   ", (named, "yellow"), f"   {count}")
    known = f"first seen {when(head.first)}   last seen {when(head.last)}"
    page.line(known if head.first else "no time of it is known")
    at = f" at {plain(origin.outlet)}" if plain(origin.outlet) else ""
    page.line("origin ", (plain(origin.id), "cyan"), f"{at}, confidence {head.confidence:.2f}")
    page.head("Timeline")
    _timeline(page, detail, found)
    if len(detail.members) > 1:
        page.head("What each outlet changed")
        _changes(page, found, limit)
    if detail.partial:
        page.head("Shares a passage with")
        _partial(page, detail.partial)


def _partial(page: Page, found: Sequence[Match]) -> None:
    columns = [
        Column("common", right=True),
        Column("outlet", "bold", limit=24),
        Column("article", "cyan"),
        Column("headline"),
    ]
    largest = sorted(found, key=lambda m: -m.containment)[:PARTIAL]
    rows = [(percent(m.containment), plain(m.outlet) or "-", plain(m.id), plain(m.title)) for m in largest]
    page.rows(columns, rows)
    if len(found) > PARTIAL:
        page.line((f"and {len(found) - PARTIAL} more", "dim"))


def _timeline(page: Page, detail: StoryDetail, found: Variants) -> None:
    columns = [
        Column("after", right=True),
        Column("outlet", "bold", limit=24),
        Column("relation"),
        Column("kept", right=True),
        Column("changed"),
        Column("version", right=True),
        Column("credit", "yellow", limit=14),
        Column("headline, where it differs"),
    ]
    origin, summaries = found.origin, found.summaries()
    rows = []
    for member in detail.members:
        first = member is origin
        rows.append(
            (
                "origin" if first else after(member.published, origin.published),
                outlet(member),
                "" if first or member.relation is None else member.relation.value,
                "" if first else percent(member.kept),
                signs(summaries[member.id]) if member.id in summaries else "",
                str(member.version),
                credit_kept(member.credits, detail.story.agencies),
                plain(member.title) if first or plain(member.title) != plain(origin.title) else "",
            )
        )
    page.rows(columns, rows)


def _changes(page: Page, found: Variants, limit: int) -> None:
    """What was changed, said once for all outlets that have the same text."""
    if found.same:
        page.line(("nothing: ", "dim"), ", ".join(outlet(m) for m in found.same), hang=9)
    for variant in found.changed[:limit]:
        for holder in variant.holders:
            named = plain(holder.outlet)
            page.line((f"{named}  " if named else "", "bold"), (plain(holder.id), "cyan"))
        _compact(page, variant.differences)
    texts = len(found.changed) + found.further
    if texts > limit:
        page.line((f"and {texts - limit} more: see them with --limit {texts}", "dim"))


def _compact(page: Page, differences: Sequence[Difference]) -> None:
    page.line((str(summarise(differences)), "yellow"), indent=2)
    changed = [d for d in differences if d.op in (Op.changed, Op.moved) and d.touched]
    cut = [list(run) for op, run in groupby(differences, key=lambda d: d.op) if op is Op.cut]
    added = [list(run) for op, run in groupby(differences, key=lambda d: d.op) if op is Op.added]
    for d in changed[:SNIPPETS]:
        page.line((f"{numbers(d.a)} ", "dim"), _marked(_snippet(d.words)), indent=4, hang=2)
    for run in cut[:SNIPPETS]:
        page.line((f"- {numbers([n for d in run for n in d.a])} ", "red"), _opening(page, run[0], 66), indent=4, hang=2)
    for run in added[:SNIPPETS]:
        page.line(("+ ", "green"), _opening(page, run[0], 72), (_more(len(run) - 1), "dim"), indent=4, hang=2)
    rest = sum(max(0, len(kind) - SNIPPETS) for kind in (changed, cut, added))
    if rest:
        page.line((f"and {many(rest, 'further change')}: dedup compare shows all", "dim"), indent=4)


def _opening(page: Page, difference: Difference, room: int) -> str:
    text = " ".join(plain(words.text) for words in difference.words)
    return shorten(text, room) if page.narrow else text


def _more(count: int) -> str:
    return f" (and {many(count, 'further paragraph')})" if count else ""


def summary(page: Page, a: Sequence[str], b: Sequence[str]) -> None:
    """What became of the paragraphs a in b, in a few lines."""
    _compact(page, align(a, b))


def comparison(page: Page, compared: Comparison) -> None:
    """Figures and the rule that decides, then the paragraphs side by side; A is the first."""
    s = compared.similarity
    relation = "none" if compared.relation is None else f"{compared.relation.value}: {MEANS[compared.relation]}"
    verdict = ("yes", "green") if compared.same_copy else ("no", "red")
    page.line(("same copy    ", "dim"), verdict)
    page.line(("why          ", "dim"), plain(compared.rule), hang=13)
    page.line(("relation     ", "dim"), relation)
    page.line(("containment  ", "dim"), f"{percent(compared.containment)} of the shorter narrative")
    page.line(("A in B       ", "dim"), f"{percent(s.a_in_b)}, narrative {percent(s.narrative_a_in_b)}")
    page.line(("B in A       ", "dim"), f"{percent(s.b_in_a)}, narrative {percent(s.narrative_b_in_a)}")
    page.line(("Jaccard      ", "dim"), f"{compared.jaccard:.3f}; {many(s.shared, 'narrative shingle')} in common")
    for name, body in (("A", compared.a), ("B", compared.b)):
        said = ", ".join(plain(agency) for agency in agencies(body.credits)) or "no credit"
        page.line((f"{name}            ", "dim"), f"{many(len(body.paragraphs), 'paragraph')}, {said}")
    page.gap()
    differences = align(compared.a.paragraphs, compared.b.paragraphs)
    page.line((f"From A to B: {summarise(differences)}", "yellow"))
    for op, run in groupby(differences, key=lambda d: d.op):
        _paragraphs(page, op, list(run))


def _paragraphs(page: Page, op: Op, run: Sequence[Difference]) -> None:
    """A run of one kind; what is the same or cut is folded to a line."""
    if op in (Op.same, Op.cut):
        found = numbers([n for d in run for n in d.a])
        mark, style = ("=", "dim") if op is Op.same else ("-", "red")
        page.line((f"{mark} {found} ", style), (_opening(page, run[0], 60), "dim"), indent=2)
        return
    for d in run:
        mark = "+" if op is Op.added else ">" if op is Op.moved else "~"
        page.line((f"{mark} {numbers(d.a or d.b)} ", "yellow"), _marked(d.words), indent=2, hang=2)


def _marked(words: Sequence[Words]) -> Text:
    """Words with [-cut-] and {+added+} ones marked, for eyes and pipes without colour."""
    text = Text()
    for k, run in enumerate(words):
        opening, closing = _MARK[run.op]
        text.append(
            (gap(words[k - 1].text, run.text) if k else "") + opening + plain(run.text) + closing, _STYLE[run.op]
        )
    return text


def _snippet(words: Sequence[Words]) -> list[Words]:
    return list(_near(words))


def _near(words: Sequence[Words]) -> Iterator[Words]:
    """words, of the unchanged ones only those beside a change."""
    for k, run in enumerate(words):
        said = run.text.split()
        if run.op is not Op.same:
            yield Words(run.op, shorten(run.text, CHANGE))
            continue
        if len(said) <= 2 * CONTEXT:
            yield run
            continue
        head = said[:CONTEXT] if k else []
        tail = said[-CONTEXT:] if k < len(words) - 1 else []
        yield Words(Op.same, " ".join([*head, "…", *tail]))
