"""Two texts side by side: what is the same is folded, what was cut, added or changed is marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dedup.report.differences import Difference, Op, Words, gap, summarise
from dedup.report.html.markup import EMPTY, Html, joined, tag
from dedup.report.text import many, numbers, shorten

MOST = 100_000  # characters of either side that are shown
FOLDED = 2  # cut paragraphs in a row from which they are folded
_OPENING = 90  # characters that tell what is folded
_SAID = {Op.cut: "cut", Op.added: "added", Op.changed: "changed", Op.moved: "moved"}


def side_by_side(differences: Sequence[Difference], left: str, right: str) -> Html:
    """A table of two columns: the paragraphs of A under left, what they became in B under right.

    differences: as `dedup.report.differences.align` gives them. Runs of unchanged paragraphs are folded to a line,
    and so are long cuts. Of texts beyond MOST characters the beginning is shown.
    """
    shown, rest = _within(differences)
    rows = [row for op, run in groupby(shown, key=lambda d: d.op) for row in _rows(op, list(run))]
    if rest:
        rows.append(_wide("rest", tag("p", f"{many(rest, 'further paragraph')} not shown")))
    head = tag("tr", tag("th", left, scope="col", dir="auto"), tag("th", right, scope="col", dir="auto"))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="diff")


def summary(differences: Sequence[Difference]) -> str:
    """cut 4 of 8 paragraphs; changed 2; added 1."""
    return str(summarise(differences))


def marked(words: Sequence[Words], side: Op | None = None) -> Html:
    """Words with what A alone has in <del> and what B alone has in <ins>; side: cut or added, only that one's."""
    shown = [run for run in words if side is None or run.op in (Op.same, side)]
    parts: list[str] = []
    for k, run in enumerate(shown):
        if k:
            parts.append(gap(shown[k - 1].text, run.text))
        name = {Op.cut: "del", Op.added: "ins"}.get(run.op)
        parts.append(tag(name, run.text) if name else run.text)
    return joined(parts)


def _within(differences: Sequence[Difference]) -> tuple[Sequence[Difference], int]:
    room = 2 * MOST
    for k, difference in enumerate(differences):
        room -= sum(len(words.text) for words in difference.words)
        if room < 0 and k:
            return differences[:k], len(differences) - k
    return differences, 0


def _rows(op: Op, run: Sequence[Difference]) -> list[Html]:
    if op is Op.same:
        return [_wide("same", _folded("the same", run))]
    if op is Op.cut and len(run) >= FOLDED:
        return [tag("tr", tag("td", _folded("cut", run), class_="cut"), _nothing("cut"), class_="cut")]
    return [_row(d) for d in run]


def _row(d: Difference) -> Html:
    left = _cell(d.a, d.words, Op.cut) if d.a else _nothing("added")
    right = _cell(d.b, d.words, Op.added, "moved" if d.op is Op.moved else "") if d.b else _nothing("cut")
    return tag("tr", left, right, class_=_SAID[d.op])


def _cell(found: Sequence[int], words: Sequence[Words], side: Op, note: str = "") -> Html:
    number = tag("span", numbers(found), f" {note}" if note else "", class_="n")
    said = marked(words, side)
    return tag("td", number, tag("p", said, dir="auto"), class_=side.value)


def _nothing(why: str) -> Html:
    return tag("td", tag("span", why, class_="n"), class_="none")


def _wide(kind: str, inside: Html) -> Html:
    return tag("tr", tag("td", inside, colspan=2), class_=kind)


def _folded(said: str, run: Sequence[Difference]) -> Html:
    """A run of paragraphs behind one line that tells how it begins."""
    found = [n for d in run for n in d.a]
    texts = [" ".join(words.text for words in d.words) for d in run]
    label = tag("span", f"{numbers(found)} {said}", class_="n")
    opening = tag("span", shorten(texts[0], _OPENING), class_="opening", dir="auto")
    paragraphs = [tag("p", text, dir="auto") for text in texts]
    return tag("details", tag("summary", label, " ", opening), *paragraphs) if found else EMPTY
