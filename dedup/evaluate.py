"""How well stories agree with labels: over labelled pairs, or against whole labelled stories.

With whole stories nothing is said pair by pair: the figures follow from how many articles each
found story shares with each labelled one, so a million articles are no more than a million rows.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.errors import NotFound
from dedup.labels import Gold, Labels, Pairs

if TYPE_CHECKING:
    from dedup.index import Index
    from dedup.model import Article, Comparison

MOST_ERRORS = 1000  # listed; all are counted
# Of the bootstrap: B. Efron (1979). The seed is fixed, so that the same labels give the same intervals.
DRAWS, SEED = 1000, 1
LEVEL = 0.95


@dataclasses.dataclass(frozen=True, slots=True)
class Mistake:
    """Two articles that were joined though they should not have been, or left apart."""

    a: str
    b: str
    joined: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Bcubed:
    """Precision and recall article by article, averaged; A. Bagga and B. Baldwin (1998)."""

    precision: float
    recall: float
    f1: float


@dataclasses.dataclass(frozen=True, slots=True)
class Evaluation:
    """Agreement with labels.

    true_positives ... true_negatives: pairs; joined and same, joined and not, apart and same,
    apart and not. ari: adjusted Rand index, bcubed: only for labelled stories. articles: ids
    that the labels name; missing: those that the index does not have, taken to stand alone.
    ambiguous: pairs left out because their two readers disagree. intervals: of the figures by name (bcubed_f1 and so
    on), where LEVEL of them lie when the labels are drawn anew: story by story, of labelled pairs all that hang
    together at once, since one article's mistakes come together.
    A share of nothing is 1: who joins nothing joined nothing wrongly.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: float
    recall: float
    f1: float
    ari: float | None
    bcubed: Bcubed | None
    articles: int
    missing: tuple[str, ...]
    ambiguous: int
    intervals: Mapping[str, tuple[float, float]]
    mistakes: tuple[Mistake, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Explained:
    """A mistake with its two articles: their outlets and titles, and the comparison, None where one is missing."""

    mistake: Mistake
    outlets: tuple[str | None, str | None]
    titles: tuple[str | None, str | None]
    comparison: Comparison | None


def evaluate(found: Mapping[str, str], gold: Gold, ambiguous: int = 0) -> Evaluation:
    """Agreement of found stories (article id to story id) with gold.

    An article that found lacks counts as a story of its own. mistakes holds at most
    MOST_ERRORS, those of the labels' order first.
    """
    if isinstance(gold, Pairs):
        return _against_pairs(found, gold, ambiguous)
    return _against_stories(found, gold)


def assigned(articles: Any) -> dict[str, str]:
    """The story of each article: articles are Arrow record batches with the columns id and story."""
    found: dict[str, str] = {}
    for batch in articles:
        found.update(zip(batch["id"].to_pylist(), batch["story"].to_pylist(), strict=True))
    return found


def explain(index: Index, mistakes: Sequence[Mistake]) -> Iterator[Explained]:
    """Each mistake with what an index knows of it, one by one: a comparison takes some milliseconds."""
    from dedup.api import compare

    for mistake in mistakes:
        a, b = _article(index, mistake.a), _article(index, mistake.b)
        yield Explained(
            mistake,
            (a.outlet if a else None, b.outlet if b else None),
            (a.title if a else None, b.title if b else None),
            compare(index.compared(a), index.compared(b), kind="text", params=index.params) if a and b else None,
        )


def _article(index: Index, named: str) -> Article | None:
    try:
        return index.article(named)
    except NotFound:
        return None


def _against_pairs(found: Mapping[str, str], gold: Pairs, ambiguous: int) -> Evaluation:
    count: Counter[tuple[bool, bool]] = Counter()
    mistakes: list[Mistake] = []
    units: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    hangs = _together(gold)
    for a, b, same in zip(gold.a, gold.b, gold.same, strict=True):
        joined = a == b or (a in found and found.get(b) == found[a])
        count[joined, same] += 1
        units[hangs[a]][_CELLS.index((joined, same))] += 1
        if joined != same and len(mistakes) < MOST_ERRORS:
            mistakes.append(Mistake(a, b, joined))
    ids = dict.fromkeys((*gold.a, *gold.b))
    missing = tuple(article for article in ids if article not in found)
    return Evaluation(
        count[True, True],
        count[True, False],
        count[False, True],
        count[False, False],
        *_scores(count[True, True], count[True, False], count[False, True]),
        ari=None,
        bcubed=None,
        articles=len(ids),
        missing=missing,
        ambiguous=ambiguous,
        intervals=_intervals(np.array([*units.values()], np.float64).reshape(-1, 4)),
        mistakes=tuple(mistakes),
    )


# The four counts of pairs, in the order of Evaluation: (joined, same).
_CELLS = ((True, True), (True, False), (False, True), (False, False))


def _together(gold: Pairs) -> dict[str, str]:
    """For each article one that stands for all that labelled pairs hang together with it."""
    root = {article: article for article in itertools.chain(gold.a, gold.b)}

    def find(article: str) -> str:
        while root[article] != article:
            root[article] = article = root[root[article]]
        return article

    for a, b in zip(gold.a, gold.b, strict=True):
        root[find(a)] = find(b)
    return {article: find(article) for article in root}


# A story, or an article alone: the pair keeps an id apart from a story of the same name.
Group = tuple[str, str]


def _against_stories(found: Mapping[str, str], gold: Labels) -> Evaluation:
    ids = list(gold.story)
    ours = [_group(article, found.get(article)) for article in ids]
    theirs = [_group(article, gold.story[article]) for article in ids]
    cells = Counter(zip(ours, theirs, strict=True))
    our_size, their_size = Counter(ours), Counter(theirs)
    both, joined, same = (sum(n * (n - 1) // 2 for n in c.values()) for c in (cells, our_size, their_size))
    n = len(ids)
    tp, fp, fn = both, joined - both, same - both
    tn = n * (n - 1) // 2 - tp - fp - fn
    precision = sum(k * k / our_size[ours_] for (ours_, _), k in cells.items()) / n if n else 1.0
    recall = sum(k * k / their_size[theirs_] for (_, theirs_), k in cells.items()) / n if n else 1.0
    return Evaluation(
        tp,
        fp,
        fn,
        tn,
        *_scores(tp, fp, fn),
        ari=_ari(tp, fp, fn, tn),
        bcubed=Bcubed(precision, recall, 2 * precision * recall / (precision + recall)),
        articles=n,
        missing=tuple(article for article in ids if article not in found),
        ambiguous=0,
        intervals=_intervals(_by_story(cells, our_size, their_size, n)),
        mistakes=tuple(itertools.islice(_mistakes(ids, ours, theirs), MOST_ERRORS)),
    )


def _by_story(
    cells: Counter[tuple[Group, Group]], our_size: Counter[Group], their_size: Counter[Group], n: int
) -> npt.NDArray[np.float64]:
    """(stories, 7) what each labelled story adds: to the four counts of pairs, half of each pair an article; articles;
    B-cubed precision and recall."""
    added: dict[Group, npt.NDArray[np.float64]] = defaultdict(lambda: np.zeros(7))
    for (ours, theirs), k in cells.items():
        a, b = our_size[ours], their_size[theirs]
        pairs = np.array([k - 1, a - k, b - k, n - 1 - (k - 1) - (a - k) - (b - k)]) / 2
        added[theirs] += k * np.array([*pairs, 1, k / a, k / b])
    return np.array([*added.values()]).reshape(-1, 7)


def _intervals(units: npt.NDArray[np.float64]) -> dict[str, tuple[float, float]]:
    """Where LEVEL of the figures lie when as many units are drawn with replacement; see Evaluation.

    units: (m, 4) counts of pairs, or (m, 7) as `_by_story` gives them.
    """
    # Most units are alike: to draw kinds of them by their number is the same, and a million cost no more than a few.
    kinds, times = np.unique(units, axis=0, return_counts=True)
    chance = np.random.Generator(np.random.PCG64(SEED))
    drawn = [chance.multinomial(len(units), times / len(units)) @ kinds for _ in range(DRAWS if len(units) else 0)]
    if not drawn:
        return {}
    sums = np.array(drawn).T
    tp, fp, fn, tn = sums[:4]
    figures = {
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
    }
    if len(sums) > 4:
        articles, precision, recall = sums[4:]
        chance_level = (tp + fn) * (fn + tn) + (tp + fp) * (fp + tn)
        figures["ari"] = _ratio(2 * (tp * tn - fp * fn), np.where(fp + fn > 0, chance_level, 0))
        figures["bcubed_precision"], figures["bcubed_recall"] = precision / articles, recall / articles
        figures["bcubed_f1"] = 2 * precision * recall / (precision + recall) / articles
    tail = (1 - LEVEL) / 2
    return {name: _pair(np.quantile(drawn, (tail, 1 - tail))) for name, drawn in figures.items()}


def _pair(bounds: npt.NDArray[np.float64]) -> tuple[float, float]:
    return float(bounds[0]), float(bounds[1])


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """part / whole; of nothing 1."""
    return np.divide(part, whole, out=np.ones_like(part), where=whole != 0)


def _group(article: str, story: str | None) -> Group:
    return ("story", story) if story else ("alone", article)


def _scores(tp: int, fp: int, fn: int) -> tuple[float, float, float]:
    return (
        tp / (tp + fp) if tp + fp else 1.0,
        tp / (tp + fn) if tp + fn else 1.0,
        2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0,
    )


def _ari(tp: int, fp: int, fn: int, tn: int) -> float:
    """From pairs, in whole numbers (M. Warrens 2008): a million articles make 10^12 of them."""
    if not fp and not fn:
        return 1.0
    return 2 * (tp * tn - fp * fn) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn))


def _mistakes(ids: list[str], ours: list[Group], theirs: list[Group]) -> Iterator[Mistake]:
    """Wrong pairs, lazily: those joined by one story but of two labels, then the reverse."""
    for inside, outside, joined in ((ours, theirs, True), (theirs, ours, False)):
        members: dict[Group, dict[Group, list[str]]] = defaultdict(lambda: defaultdict(list))
        for article, group, other in zip(ids, inside, outside, strict=True):
            members[group][other].append(article)
        for split in members.values():
            for left, right in itertools.combinations(split.values(), 2):
                for a, b in itertools.product(left, right):
                    yield Mistake(a, b, joined)
