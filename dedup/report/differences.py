"""What one outlet made of another's text: paragraphs aligned, and the words that changed.

Paragraphs are matched by the pairs of words that they share, looked up in an index of pairs,
never all against all; words by Myers' O(ND) difference. Both have a budget: a text made to
be slow is compared paragraph by whole paragraph, and the answer stays true, only coarser.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum

MOST_WORDS = 60_000  # of both sides; beyond it only equal paragraphs are matched
MOST_POSTINGS = 16  # paragraphs that may hold one pair of words before it says nothing
MOST_EDITS = 400  # insertions and deletions between two matched paragraphs
WORK = 1_500_000  # steps of the word difference over a whole document, about 0.5 s
ALIKE = 0.3  # Dice of word pairs from which two paragraphs are one, changed
WITHIN = 0.5  # share of a paragraph's word pairs that make it part of a merged one

# Scripts without spaces between words compare character by character.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_JOINED = re.compile(rf"[{_UNSPACED}]")
_WORD = re.compile(rf"[{_UNSPACED}]\s*|[^\s{_UNSPACED}]+\s*")


class Op(StrEnum):
    """What became of a paragraph of A, or of a word: moved and changed are of paragraphs only."""

    same = "same"
    changed = "changed"
    cut = "cut"
    added = "added"
    moved = "moved"


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """A run of words that both have (same), only A has (cut) or only B has (added)."""

    op: Op
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """Paragraphs of A and those of B that they became.

    a, b: their numbers from 1; more than one where paragraphs were joined or split; a is empty
    for added ones, b for cut ones. words: the whole text of both, in order.
    """

    op: Op
    a: tuple[int, ...]
    b: tuple[int, ...]
    words: tuple[Words, ...]

    @property
    def touched(self) -> bool:
        """Whether a word differs."""
        return any(words.op is not Op.same for words in self.words)


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """Paragraphs by what became of them; of: paragraphs of A. cut, changed and moved count A's, added B's."""

    of: int
    same: int
    changed: int
    cut: int
    added: int
    moved: int

    @property
    def nothing(self) -> bool:
        """Whether no paragraph was cut, changed, added or moved."""
        return not (self.cut or self.changed or self.added or self.moved)

    def __str__(self) -> str:
        said = []
        if self.cut:
            said.append(f"cut {self.cut} of {_paragraphs(self.of)}")
        if self.changed:
            said.append(f"changed {self.changed}" if said else f"changed {self.changed} of {_paragraphs(self.of)}")
        if self.moved:
            said.append(f"moved {self.moved}" if said else f"moved {self.moved} of {_paragraphs(self.of)}")
        if self.added:
            said.append(f"added {self.added}" if said else f"added {_paragraphs(self.added)}")
        return "; ".join(said) if said else "nothing changed"


def _paragraphs(count: int) -> str:
    return f"{count} paragraph" if count == 1 else f"{count} paragraphs"


def align(a: Sequence[str], b: Sequence[str]) -> list[Difference]:
    """How the paragraphs a became the paragraphs b.

    Every paragraph of either stands in exactly one difference. In the order of B, each cut
    paragraph after the one that it followed in A.
    """
    left, right = [_split(p) for p in a], [_split(p) for p in b]
    blocks = _match(left, right)
    budget = _Budget(WORK)
    stays = _in_order([block[0][0] for block in blocks])
    differences = []
    for k, (rows, columns) in enumerate(blocks):
        before = [word for i in rows for word in left[i].words]
        after = [word for j in columns for word in right[j].words]
        words = _compare(before, after, budget)
        # Paragraphs merely joined or split are the same: outlets set them as their columns ask.
        op = Op.changed if any(run.op is not Op.same for run in words) else Op.same
        differences.append(_difference(op if k in stays else Op.moved, rows, columns, words))
    return _place(differences, left, right)


def gap(before: str, after: str) -> str:
    """What stands between two runs of words: a space, but not within a script that sets none."""
    return "" if _JOINED.match(before[-1:]) and _JOINED.match(after[:1]) else " "


def summarise(differences: Sequence[Difference]) -> Summary:
    """Count paragraphs by what became of them."""
    count = {op: sum(len(d.a) for d in differences if d.op is op) for op in Op}
    added = sum(len(d.b) for d in differences if d.op is Op.added)
    of = sum(len(d.a) for d in differences)
    return Summary(of, count[Op.same], count[Op.changed], count[Op.cut], added, count[Op.moved])


@dataclasses.dataclass(slots=True)
class _Paragraph:
    words: list[str]  # as written, each with the space after it
    keys: list[str]  # what is compared: no case, no marks around
    pairs: frozenset[tuple[str, str]]


Block = tuple[tuple[int, ...], tuple[int, ...]]


def _split(paragraph: str) -> _Paragraph:
    words = _WORD.findall(paragraph)
    if words and not words[-1][-1].isspace():
        words[-1] += " "
    keys = [_key(word) for word in words]
    said = [key for key in keys if key]
    pairs = frozenset(itertools.pairwise(said)) or frozenset((key, "") for key in said)
    return _Paragraph(words, keys, pairs)


@functools.lru_cache(1 << 16)
def _key(word: str) -> str:
    if word.isascii():  # nine words in ten of most scripts' news, at a tenth of the time
        lower = word.lower().strip()
        return lower if lower.isalnum() else "".join(filter(str.isalnum, lower)) or lower
    folded = unicodedata.normalize("NFKC", word).casefold().strip()
    kept = "".join(c for c in folded if unicodedata.category(c)[0] in "LMN")
    return kept or folded


def _match(left: list[_Paragraph], right: list[_Paragraph]) -> list[Block]:
    """Blocks of paragraphs that belong together, in the order of B."""
    pair_of = _equal(left, right)
    small = sum(len(p.words) for p in left) + sum(len(p.words) for p in right) <= MOST_WORDS
    shares = list(_shares(left, right)) if small else []
    taken = set(pair_of.values())
    alike = [(2 * n / (len(left[i].pairs) + len(right[j].pairs)), i, j) for n, i, j in shares]
    for score, i, j in sorted(alike, key=lambda x: (-x[0], abs(x[1] - x[2]), x[1], x[2])):
        if score >= ALIKE and i not in pair_of and j not in taken:
            pair_of[i] = j
            taken.add(j)
    rows = {j: [i] for i, j in pair_of.items()}
    columns = {i: [j] for i, j in pair_of.items()}
    _join([(n / len(left[i].pairs), i, j) for n, i, j in shares if j in taken], pair_of, rows)
    turned = {j: i for i, j in pair_of.items() if len(rows.get(j, [])) == 1}
    _join([(n / len(right[j].pairs), j, i) for n, i, j in shares if i in columns and j not in rows], turned, columns)
    blocks = [
        (tuple(sorted(group)), tuple(sorted(columns[group[0]]) if len(group) == 1 else [j]))
        for j, group in rows.items()
    ]
    return sorted(blocks, key=lambda block: block[1])


def _join(within: list[tuple[float, int, int]], pair_of: dict[int, int], groups: dict[int, list[int]]) -> None:
    """Put a paragraph that has no partner into the neighbour's that holds most of it."""
    for share, i, j in sorted(within, key=lambda x: (-x[0], x[1], x[2])):
        near = pair_of.get(i - 1) == j or pair_of.get(i + 1) == j
        if share >= WITHIN and near and i not in pair_of and len(groups.get(j, ())) >= 1:
            groups[j].append(i)
            pair_of[i] = j


def _equal(left: list[_Paragraph], right: list[_Paragraph]) -> dict[int, int]:
    """Paragraphs of the same words, first to first."""
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for j in range(len(right) - 1, -1, -1):
        where[tuple(right[j].keys)].append(j)
    return {i: where[key].pop() for i, p in enumerate(left) if where.get(key := tuple(p.keys))}


def _shares(left: list[_Paragraph], right: list[_Paragraph]) -> Iterator[tuple[int, int, int]]:
    """(word pairs in common, row of A, row of B) where there are any."""
    postings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for j, paragraph in enumerate(right):
        for pair in paragraph.pairs:
            if len(postings[pair]) <= MOST_POSTINGS:
                postings[pair].append(j)
    for i, paragraph in enumerate(left):
        count: dict[int, int] = defaultdict(int)
        for pair in paragraph.pairs:
            found = postings.get(pair, ())
            if len(found) <= MOST_POSTINGS:
                for j in found:
                    count[j] += 1
        yield from ((n, i, j) for j, n in count.items())


def _in_order(rows: list[int]) -> set[int]:
    """Positions of a longest increasing run of rows: the others were moved."""
    tails: list[int] = []
    last: list[int] = []
    previous = [-1] * len(rows)
    for k, row in enumerate(rows):
        at = bisect.bisect_left(tails, row)
        previous[k] = last[at - 1] if at else -1
        tails[at : at + 1] = [row]
        last[at : at + 1] = [k]
    kept = set()
    k = last[-1] if last else -1
    while k >= 0:
        kept.add(k)
        k = previous[k]
    return kept


def _difference(op: Op, rows: Sequence[int], columns: Sequence[int], words: Sequence[Words]) -> Difference:
    return Difference(op, tuple(i + 1 for i in rows), tuple(j + 1 for j in columns), tuple(words))


def _place(matched: list[Difference], left: list[_Paragraph], right: list[_Paragraph]) -> list[Difference]:
    """The matched ones with what was added and cut between them."""
    head = {d.b[0]: d for d in matched}
    inner = {j for d in matched for j in d.b}
    holder = {i: d for d in matched for i in d.a}
    follows: dict[int, list[Difference]] = defaultdict(list)  # cut ones, by the paragraph of B before them
    anchor = 0
    for i, paragraph in enumerate(left, 1):
        if i in holder:
            if holder[i].op is not Op.moved:
                anchor = holder[i].b[0]
        else:
            follows[anchor].append(Difference(Op.cut, (i,), (), (_run(Op.cut, paragraph.words),)))
    placed = list(follows[0])
    for j, paragraph in enumerate(right, 1):
        if j in head:
            placed.append(head[j])
        elif j not in inner:
            placed.append(Difference(Op.added, (), (j,), (_run(Op.added, paragraph.words),)))
        placed += follows.get(j, ())
    return placed


def _run(op: Op, words: Sequence[str]) -> Words:
    return Words(op, "".join(words).rstrip())


class _Budget:
    def __init__(self, steps: int) -> None:
        self.steps = steps


def _compare(before: list[str], after: list[str], budget: _Budget) -> list[Words]:
    """Words of both as runs; where the budget is spent, all of one, then all of the other."""
    a, b = [_key(word) for word in before], [_key(word) for word in after]
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle = _myers(a[head : len(a) - tail], b[head : len(b) - tail], budget)
    steps = [Op.same] * head + _smooth(middle) + [Op.same] * tail
    runs: list[tuple[Op, list[str]]] = []
    i = j = 0
    for step in steps:
        word = before[i] if step is Op.cut else after[j]
        i, j = i + (step is not Op.added), j + (step is not Op.cut)
        if not runs or runs[-1][0] is not step:
            runs.append((step, []))
        runs[-1][1].append(word)
    return [_run(op, words) for op, words in runs]


def _myers(a: list[str], b: list[str], budget: _Budget) -> list[Op]:
    """A shortest script from a to b; E. Myers, An O(ND) difference algorithm (1986)."""
    coarse = [Op.cut] * len(a) + [Op.added] * len(b)
    if not a or not b:
        return coarse
    reach, trace = {1: 0}, []
    for d in range(min(len(a) + len(b), MOST_EDITS) + 1):
        budget.steps -= 2 * d + 1
        if budget.steps < 0:
            return coarse
        trace.append(dict(reach) if d else {1: 0})
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            start = x
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            budget.steps -= x - start
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _backtrack(trace, len(a), len(b))
    return coarse


def _backtrack(trace: list[dict[int, int]], x: int, y: int) -> list[Op]:
    steps: list[Op] = []
    for d in range(len(trace) - 1, -1, -1):
        reach, k = trace[d], x - y
        down = k == -d or (k != d and reach[k - 1] < reach[k + 1])
        to_x = reach[k + 1] if down else reach[k - 1]
        to_y = to_x - (k + 1 if down else k - 1)
        while x > max(to_x, 0) and y > max(to_y, 0):
            steps.append(Op.same)
            x, y = x - 1, y - 1
        if d:
            steps.append(Op.added if down else Op.cut)
        x, y = to_x, to_y
    return steps[::-1]


def _smooth(steps: list[Op]) -> list[Op]:
    """Drop single common words between changes: "[-the-]{+a+} of [-x-]{+y+}" reads worse than one change."""
    runs: list[list[Op]] = []
    for step in steps:
        if runs and (runs[-1][0] is Op.same) == (step is Op.same):
            runs[-1].append(step)
        else:
            runs.append([step])
    smooth: list[Op] = []
    for k, run in enumerate(runs):
        lone = run[0] is Op.same and len(run) == 1 and 0 < k < len(runs) - 1
        if lone and min(len(runs[k - 1]), len(runs[k + 1])) >= 2:
            smooth += [Op.cut, Op.added]
        else:
            smooth += run
    return _grouped(smooth)


def _grouped(steps: list[Op]) -> list[Op]:
    """What was cut before what was added, within each change."""
    grouped: list[Op] = []
    cut = added = 0
    for step in [*steps, Op.same]:
        if step is Op.same:
            grouped += [Op.cut] * cut + [Op.added] * added + [Op.same]
            cut = added = 0
        else:
            cut, added = cut + (step is Op.cut), added + (step is Op.added)
    return grouped[:-1]
