"""Answers on a terminal: stories, one story in full, matches, comparisons, figures.

Written for 80 columns; what colour says is also said by words or marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.text import Text

from dedup.evaluate import Evaluation
from dedup.model import Added, Article, Body, Checked, Comparison, Info, Match, Relation, Story, StoryDetail
from dedup.report.differences import Difference, Op, Words, align, summarise
from dedup.report.page import Column, Page
from dedup.report.text import after, agencies, credit_kept, many, percent, plain, shorten, size, when

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


def stories(page: Page, found: Sequence[Story]) -> None:
    """A row a story: articles, outlets, agencies, first and last seen, id, headline of the origin."""
    if not found:
        page.line("No story.")
        return
    columns = [
        Column("articles", right=True),
        Column("outlets", right=True),
        Column("agency", "yellow", limit=14),
        Column("first seen"),
        Column("last", right=True),
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
                plain(story.id),
                plain(story.title) or "(no headline)",
            )
            for story in found
        ],
    )


def story(page: Page, detail: StoryDetail, limit: int = 20) -> None:
    """One story: its figures, its timeline, and what each outlet changed; limit: versions shown."""
    head = detail.story
    origin = next((m for m in detail.members if m.id == head.origin), detail.members[0])
    page.line((plain(head.title) or "(no headline)", "bold"))
    named = ", ".join(plain(name) for name in head.agencies) or "no agency credited"
    count = f"{many(head.articles, 'article')}, {many(head.outlets, 'outlet')}"
    page.line("story ", (plain(head.id), "cyan"), "   ", (named, "yellow"), f"   {count}")
    page.line(f"first seen {when(head.first)}   last seen {when(head.last)}")
    at = f" at {plain(origin.outlet)}" if plain(origin.outlet) else ""
    page.line("origin ", (plain(origin.id), "cyan"), f"{at}, confidence {head.confidence:.2f}")
    page.head("Timeline")
    _timeline(page, detail, origin)
    if len(detail.members) > 1:
        page.head("What each outlet changed")
        _changes(page, detail.members, origin, limit)
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


def _timeline(page: Page, detail: StoryDetail, origin: Article) -> None:
    columns = [
        Column("after", right=True),
        Column("outlet", "bold", limit=26),
        Column("relation"),
        Column("kept", right=True),
        Column("version", right=True),
        Column("credit", "yellow", limit=14),
        Column("headline, where it differs"),
    ]
    rows = []
    for member in detail.members:
        first = member is origin
        rows.append(
            (
                "origin" if first else after(member.published, origin.published),
                _outlet(member),
                "" if first or member.relation is None else member.relation.value,
                "" if first else percent(member.kept),
                str(member.version),
                credit_kept(member.credits, detail.story.agencies),
                plain(member.title) if first or plain(member.title) != plain(origin.title) else "",
            )
        )
    page.rows(columns, rows)


def _changes(page: Page, members: Sequence[Article], origin: Article, limit: int) -> None:
    """What was changed, said once for all outlets that have the same text."""
    texts: dict[str, list[Article]] = {}
    for member in members:
        if member is not origin:
            texts.setdefault(member.body, []).append(member)
    same = texts.pop(origin.body, [])
    if same:
        page.line(("nothing: ", "dim"), ", ".join(_outlet(m) for m in same), hang=9)
    for body, holders in list(texts.items())[:limit]:
        for holder in holders:
            outlet = plain(holder.outlet)
            page.line((f"{outlet}  " if outlet else "", "bold"), (plain(holder.id), "cyan"))
        _compact(page, align(origin.body.split("\n"), body.split("\n")))
    if len(texts) > limit:
        page.line((f"and {len(texts) - limit} more: see them with --limit {len(texts)}", "dim"))


def _compact(page: Page, differences: Sequence[Difference]) -> None:
    page.line((str(summarise(differences)), "yellow"), indent=2)
    changed = [d for d in differences if d.op in (Op.changed, Op.moved) and d.touched]
    cut = [list(run) for op, run in groupby(differences, key=lambda d: d.op) if op is Op.cut]
    added = [list(run) for op, run in groupby(differences, key=lambda d: d.op) if op is Op.added]
    for d in changed[:SNIPPETS]:
        page.line((f"{_numbers(d.a)} ", "dim"), _marked(_snippet(d.words)), indent=4, hang=2)
    for run in cut[:SNIPPETS]:
        page.line(
            (f"- {_numbers([n for d in run for n in d.a])} ", "red"), _opening(page, run[0], 66), indent=4, hang=2
        )
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


def matches(page: Page, found: Sequence[Match]) -> None:
    """Articles that share copy with a query, each with the passage in common."""
    if not found:
        page.line("No article shares copy with it.")
    for number, match in enumerate(found, 1):
        page.line((f"{number}  ", "dim"), (plain(match.title) or "(no headline)", "bold"), hang=3)
        outlet = f"{plain(match.outlet)}  " if plain(match.outlet) else ""
        page.line(f"{outlet}{when(match.published)}  ", (plain(match.id), "cyan"), indent=3)
        verdict = ("same copy", "green") if match.same_copy else ("not the same copy", "red")
        figures = f", containment {percent(match.containment)}, Jaccard {match.jaccard:.2f}"
        here = f"; {percent(match.found) or '0 %'} of the query stands here; story "
        page.line(verdict, f" ({match.relation.value})", figures, here, (plain(match.story), "cyan"), indent=3)
        if number > 1 and match.passage == found[number - 2].passage:
            page.line(("the same passage", "dim"), indent=3)
        elif match.passage:
            passage = plain(match.passage)
            page.line((f"“{shorten(passage, 220) if page.narrow else passage}”", "italic"), indent=3)


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
        numbers = _numbers([n for d in run for n in d.a])
        mark, style = ("=", "dim") if op is Op.same else ("-", "red")
        page.line((f"{mark} {numbers} ", style), (_opening(page, run[0], 60), "dim"), indent=2)
        return
    for d in run:
        mark = "+" if op is Op.added else ">" if op is Op.moved else "~"
        page.line((f"{mark} {_numbers(d.a or d.b)} ", "yellow"), _marked(d.words), indent=2, hang=2)


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
    page.line(f"the index holds {many(result.articles, 'article')}; {many(result.stories, 'story')} of two or more")


def rejected(page: Page, result: Added, kept: Path | None) -> None:
    """The first records that were set aside, by file and line; kept: where all of them are."""
    for reject in result.rejects:
        place = plain(reject.path) + (f", line {reject.line}" if reject.line is not None else "")
        page.line(f"dedup: {place}: {plain(reject.reason)}", hang=2)
    if result.rejected:
        where = f"kept in {plain(str(kept))}" if kept else "keep them with --rejects FILE"
        page.line(f"dedup: {many(result.rejected, 'record')} rejected: {where}", hang=2)


def removed(page: Page, asked: int, gone: int) -> None:
    """How many of the articles asked for were in the index, and are gone."""
    unknown = f"; {asked - gone:,} of the ids are not in the index" if gone < asked else ""
    page.line(f"{many(gone, 'article')} removed{unknown}")


def checked(page: Page, found: Checked) -> None:
    """Which files of an index are not what was written."""
    page.line(f"commit {found.commit}: {many(found.files, 'file')}, {size(found.bytes)} read")
    for damage in found.damaged:
        page.line(("damaged  ", "red"), f"{plain(damage.file)} at byte {damage.offset:,} or after", hang=9)
    if not found.damaged:
        page.line(("every byte is what was written", "green"))


def info(page: Page, held: Info) -> None:
    """What an index holds, and what it was made with."""
    p = held.params
    rows = {
        "index": plain(held.path),
        "format": f"{held.format}, commit {held.commit}, {many(held.segments, 'segment')}",
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


def evaluation(page: Page, result: Evaluation, mistakes: bool = False) -> None:
    """How the index did against labels; mistakes: list the wrong pairs too."""
    page.line(
        ("pairs        ", "dim"),
        f"precision {result.precision:.3f}, recall {result.recall:.3f}, ",
        (f"F1 {result.f1:.3f}", "bold"),
    )
    page.line(
        f"{result.true_positives:,} rightly joined, {result.false_positives:,} wrongly joined, "
        f"{result.false_negatives:,} wrongly apart",
        indent=13,
    )
    if result.bcubed is not None and result.ari is not None:
        b = result.bcubed
        page.line(("B-cubed      ", "dim"), f"precision {b.precision:.3f}, recall {b.recall:.3f}, F1 {b.f1:.3f}")
        page.line(("ARI          ", "dim"), f"{result.ari:.3f}")
    page.line(("labels       ", "dim"), f"{many(result.articles, 'article')}, {len(result.missing):,} not in the index")
    if result.ambiguous:
        page.line(f"{many(result.ambiguous, 'pair')} left out: the readers disagree", indent=13)
    for mistake in result.mistakes if mistakes else ():
        said = ("joined", "red") if mistake.joined else ("apart ", "yellow")
        page.line(said, "  ", plain(mistake.a), "  ", plain(mistake.b))


def _outlet(article: Article | Match) -> str:
    """Who published it; where that is unknown, which article it is."""
    return plain(article.outlet) or f"({plain(article.id)})"


def _numbers(numbers: Sequence[int]) -> str:
    """Paragraphs as ¶2, ¶4–8 or ¶2, 5."""
    spans: list[tuple[int, int]] = []
    for n in numbers:
        if spans and spans[-1][1] == n - 1:
            spans[-1] = (spans[-1][0], n)
        else:
            spans.append((n, n))
    return "¶" + ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)


def _marked(words: Sequence[Words]) -> Text:
    """Words with [-cut-] and {+added+} ones marked, for eyes and pipes without colour."""
    text = Text()
    for k, run in enumerate(words):
        opening, closing = _MARK[run.op]
        text.append((" " if k else "") + opening + plain(run.text) + closing, _STYLE[run.op])
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
