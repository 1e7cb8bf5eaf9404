"""How well stories agree with labels: over labelled pairs, or against whole labelled stories.

With whole stories nothing is said pair by pair: the figures follow from how many articles each
found story shares with each labelled one, so a million articles are no more than a million rows.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dedup.errors import BadInput, MissingInput, UnreadableInput

SAME = "S"  # the label of a pair that is the same copy
MOST_ERRORS = 1000  # listed; all are counted


@dataclasses.dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled pairs of articles: a, b ids; same: whether they carry the same copy."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    same: tuple[bool, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Labels:
    """Labelled stories: the story of each article; an empty label is a story of its own."""

    story: Mapping[str, str]


Gold = Pairs | Labels


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
    ambiguous: pairs left out because their two readers disagree.
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
    mistakes: tuple[Mistake, ...]


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


def read_gold(path: Path | str) -> tuple[Gold, int]:
    """Labels from a TSV or CSV with a header, and how many pairs its readers disagree on.

    Columns a, b and label, or label_1 and label_2 of two readers (a pair counts where they
    agree on same copy or not); or id and story. Others are ignored. Raises MissingInput,
    UnreadableInput, BadInput.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            dialect: type[csv.Dialect] = csv.excel_tab if "\t" in head else csv.excel
            names = next(csv.reader([head], dialect), [])
            return _gold(path, [n.strip() for n in names], csv.reader(file, dialect, strict=True))
    except FileNotFoundError:
        raise MissingInput(path=path) from None
    except UnicodeDecodeError:
        raise UnreadableInput(path=path, format="labels", reason="it is not a text in UTF-8") from None
    except IsADirectoryError:
        raise UnreadableInput(path=path, format="labels", reason="it is a folder") from None
    except (OSError, csv.Error) as error:
        raise UnreadableInput(path=path, format="labels", reason=error) from None


def _gold(path: Path, names: list[str], rows: Iterable[list[str]]) -> tuple[Gold, int]:
    for wanted in (("a", "b", "label"), ("a", "b", "label_1", "label_2"), ("id", "story")):
        if set(wanted) <= set(names):
            break
    else:
        seen = ", ".join(names) or "none"
        raise BadInput(problem=f"{path} needs columns a, b and label, or id and story (found: {seen})")
    places = [names.index(name) for name in wanted]
    cells = _cells(path, places, rows)
    return _labels(path, cells) if wanted[0] == "id" else _pairs(path, cells)


def _cells(path: Path, places: Sequence[int], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) <= max(places):
            raise BadInput(problem=f"{path}, row {number}: {len(row)} cells are too few")
        yield [row[place].strip() for place in places]


def _pairs(path: Path, cells: Iterable[list[str]]) -> tuple[Pairs, int]:
    a, b, same, ambiguous = [], [], [], 0
    for left, right, *labels in cells:
        said = {label == SAME for label in labels}
        if len(said) > 1:
            ambiguous += 1
            continue
        a.append(left)
        b.append(right)
        same.append(said.pop())
    if not a:
        raise BadInput(problem=f"{path} holds no label")
    return Pairs(tuple(a), tuple(b), tuple(same)), ambiguous


def _labels(path: Path, cells: Iterable[list[str]]) -> tuple[Labels, int]:
    story: dict[str, str] = {}
    for article, label in cells:
        if story.setdefault(article, label) != label:
            raise BadInput(problem=f"{path} gives article {article} two stories: {story[article]} and {label}")
    if not story:
        raise BadInput(problem=f"{path} holds no label")
    return Labels(story), 0


def _against_pairs(found: Mapping[str, str], gold: Pairs, ambiguous: int) -> Evaluation:
    count: Counter[tuple[bool, bool]] = Counter()
    mistakes: list[Mistake] = []
    for a, b, same in zip(gold.a, gold.b, gold.same, strict=True):
        joined = a == b or (a in found and found.get(b) == found[a])
        count[joined, same] += 1
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
        mistakes=tuple(mistakes),
    )


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
        mistakes=tuple(itertools.islice(_mistakes(ids, ours, theirs), MOST_ERRORS)),
    )


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
