"""Which threshold suits labels: precision and recall of the decision on pairs, at every share of the narrative.

Pairs are judged by themselves, as `dedup compare` judges them: what stories make of them is for `dedup evaluate`.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.errors import BadInput
from dedup.labels import Gold, Labels, Pairs
from dedup.linking import links
from dedup.lookup import find
from dedup.model import Params
from dedup.prepare import digests
from dedup.stages import lsh, verify
from dedup.store import FileDirectory, Store

STEPS = 100  # thresholds are hundredths
# Thresholds whose F1 is so little below the best are as good: what labels of some hundred pairs can tell.
PLATEAU = 0.01
# Of a large labelled story each article is paired with so many that follow it in the labels.
NEIGHBOURS = 64


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """What one threshold makes of the pairs."""

    threshold: float
    precision: float
    recall: float
    f1: float


@dataclasses.dataclass(frozen=True, slots=True)
class Tuning:
    """Precision and recall over the thresholds.

    points: one a hundredth, from 0.01 to 1. best: the middle of the plateau, the thresholds around the highest F1 that
    are at most PLATEAU below it; plateau: its ends. current: that of the index. pairs, same: that were judged, and
    those of them labelled the same copy. missing: pairs left out, for an article of them is not in the index.
    """

    points: tuple[Point, ...]
    best: Point
    plateau: tuple[float, float]
    current: Point
    pairs: int
    same: int
    missing: int
    tolerance: float = PLATEAU


def tune(path: str | Path, gold: Gold) -> Tuning:
    """Judge labelled pairs of the index at path at every threshold.

    Of labelled stories the pairs are those within them, and those between them that the index links. Raises NoIndex,
    DamagedIndex, BadInput where the index has no pair of the labels.
    """
    store = Store.open(FileDirectory(path))
    pairs = gold if isinstance(gold, Pairs) else _pairs(store, gold)
    ids = list(dict.fromkeys((*pairs.a, *pairs.b)))
    rows = np.full(len(ids), -1)
    names = pa.array([named.encode("utf-8", "replace").decode() for named in ids], pa.large_string())
    found, of = find(store, lsh.IDS, digests(names))
    rows[of] = found
    place = {named: i for i, named in enumerate(ids)}
    a, b = (np.array([place[named] for named in end], np.int64) for end in (pairs.a, pairs.b))
    known = (rows[a] >= 0) & (rows[b] >= 0)
    if not known.any():
        raise BadInput(problem=f"{path} has no two articles of a labelled pair")
    held = np.flatnonzero(rows >= 0)
    local = np.full(len(ids), -1)
    local[held] = np.arange(len(held))
    sets = Corpus(store).sets(rows[held])
    scores = _scores(local[a[known]], local[b[known]], sets, store.params)
    return _tuning(scores, np.array(pairs.same)[known], store.params, int((~known).sum()))


def _pairs(store: Store, gold: Labels) -> Pairs:
    """Pairs to judge labelled stories by."""
    members: dict[str, list[str]] = defaultdict(list)
    for article, story in gold.story.items():
        if story:
            members[story].append(article)
    same = {pair for story in members.values() for pair in _near(story)}
    other = set()
    linked = links.live(store)
    ends = [store.article_rows(linked[end].to_numpy().astype(np.int64), ["id"])["id"].to_pylist() for end in "ab"]
    for a, b in zip(*ends, strict=True):
        if a in gold.story and b in gold.story and (gold.story[a] or a) != (gold.story[b] or b):
            other.add((a, b) if a < b else (b, a))
    pairs = sorted(same) + sorted(other)
    return Pairs(
        tuple(a for a, _ in pairs), tuple(b for _, b in pairs), tuple(i < len(same) for i in range(len(pairs)))
    )


def _near(story: Sequence[str]) -> Iterator[tuple[str, str]]:
    for i, article in enumerate(story):
        for other in itertools.islice(story, i + 1, i + 1 + NEIGHBOURS):
            yield (article, other) if article < other else (other, article)


def _scores(
    a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], sets: verify.Sets, params: Params
) -> npt.NDArray[np.int64]:
    """int64, n: the highest threshold, in hundredths, at which each pair is the same copy; 0 where it is at none."""
    lengths = verify.narrative_sizes(sets)
    low, high = np.zeros(len(a), np.int64), np.full(len(a), STEPS + 1)  # same at low, not at high
    while np.any(high - low > 1):
        middle = (low + high) // 2
        for step in np.unique(middle[high - low > 1]).tolist():
            some = np.flatnonzero((middle == step) & (high - low > 1))
            at = dataclasses.replace(params, same_copy=step / STEPS)
            sizes = lengths[a[some]], lengths[b[some]]
            same = verify.measure(a[some], sets, b[some], sets, at, None, sizes).same_copy
            low[some[same]], high[some[~same]] = step, step
    return low


def _tuning(scores: npt.NDArray[np.int64], same: npt.NDArray[np.bool_], params: Params, missing: int) -> Tuning:
    points = tuple(_point(scores, same, step) for step in range(1, STEPS + 1))
    f1 = np.array([point.f1 for point in points])
    first = last = int(np.argmax(f1))
    good = f1 >= f1.max() - PLATEAU
    while first and good[first - 1]:
        first -= 1
    while last < STEPS - 1 and good[last + 1]:
        last += 1
    current = min(max(round(STEPS * params.same_copy), 1), STEPS)
    return Tuning(
        points=points,
        best=points[(first + last) // 2],
        plateau=(points[first].threshold, points[last].threshold),
        current=points[current - 1],
        pairs=len(scores),
        same=int(same.sum()),
        missing=missing,
    )


def _point(scores: npt.NDArray[np.int64], same: npt.NDArray[np.bool_], step: int) -> Point:
    joined = scores >= step
    right, said, there = int((joined & same).sum()), int(joined.sum()), int(same.sum())
    return Point(
        threshold=step / STEPS,
        precision=right / said if said else 1.0,
        recall=right / there if there else 1.0,
        f1=2 * right / (said + there) if said + there else 1.0,
    )
