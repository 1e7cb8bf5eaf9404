"""Is it the same copy or not: dedup beside what peers do, on labelled sets. `python benchmarks/quality.py`

Without arguments on the bundled corpus. Of your own: `--set ARTICLES LABELS` for each labelled set, `--crowd ARTICLES`
for articles without labels; all are indexed together, as they would be met. `--edit` changes every article first, see
edits.py. Of several sets each is judged by the threshold that `dedup tune` finds on another, too: the
cross-validation. Peers judge each labelled pair by itself, and their best threshold is the best on that very set: more
than they would have in use. Prints all, fails nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import edits
import machine
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from datasketch import MinHash, MinHashLSH

import dedup
from dedup.demo import CORPUS, GOLD
from dedup.evaluate import assigned, evaluate
from dedup.labels import Gold, Labels, Pairs, read_gold
from dedup.stages.read import read
from dedup.tune import tune

WIDTH, PERMUTATIONS, USUAL = 5, 128, 0.5
# Labelled stories of more articles have too many pairs for the peers.
MOST_ARTICLES = 2_000


@dataclasses.dataclass(frozen=True)
class Judged:
    """What one way makes of the pairs of one set. threshold: the one it was given, None where dedup judges.
    interval: of F1, see dedup.evaluate."""

    way: str
    threshold: float | None
    precision: float
    recall: float
    f1: float
    interval: tuple[float, float] | None = None


def articles(paths: Sequence[Path], edit: str | None, seed: int) -> Iterator[pa.RecordBatch]:
    """The articles of files or folders as `dedup index` reads them, edited where that is asked for."""
    for batch in read(paths, on_reject=lambda _: None):
        if edit is None:
            yield batch
            continue
        some = zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True)
        text = pa.array([edits.edited(edit, named, text, seed) for named, text in some], pa.large_string())
        columns = [text if name == "text" else batch[name] for name in batch.schema.names]
        yield pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def judged(
    sets: Sequence[tuple[Path, Path]], crowd: Sequence[Path], edit: str | None = None, seed: int = 0
) -> dict[str, list[Judged]]:
    """What each way makes of each set, by the set's name."""
    paths = list(dict.fromkeys([path for path, _ in sets] + list(crowd)))
    everything = pa.Table.from_batches(articles(paths, edit, seed))
    texts = dict(zip(everything["id"].to_pylist(), everything["text"].to_pylist(), strict=True))
    golds = {labels.name: read_gold(labels) for _, labels in sets}
    found, tuned = _indexed(everything, None, golds)
    elsewhere = {name: _indexed(everything, threshold, {})[0] for name, threshold in tuned.items()}
    told = {}
    for name, (gold, ambiguous) in golds.items():
        told[name] = [_ours("dedup", None, found, gold, ambiguous)]
        for other, threshold in tuned.items():
            if other != name:
                told[name].append(_ours(f"dedup, by {other}", threshold, elsewhere[other], gold, ambiguous))
        told[name] += _peers(texts, gold)
    return told


def _indexed(
    articles: pa.Table, threshold: float | None, golds: Mapping[str, tuple[Gold, int]]
) -> tuple[dict[str, str], dict[str, float]]:
    """The story of each article by a threshold, or by the usual one; and the threshold that `dedup tune` finds for each
    of some sets, where there are several."""
    with tempfile.TemporaryDirectory(prefix="dedup-quality-") as folder:
        params = dedup.Params() if threshold is None else dedup.Params(same_copy=threshold)
        index = dedup.Index.create(folder, params)
        index.add(articles)
        some = golds.items() if len(golds) > 1 else ()
        tuned = {name: tune(folder, gold).best.threshold for name, (gold, _) in some}
        return assigned(index.export("articles")), tuned


def _ours(way: str, threshold: float | None, found: Mapping[str, str], gold: Gold, ambiguous: int) -> Judged:
    ours = evaluate(found, gold, ambiguous)
    return Judged(way, threshold, ours.precision, ours.recall, ours.f1, ours.intervals["f1"])


def _peers(texts: dict[str, str], gold: Gold) -> Iterator[Judged]:
    if isinstance(gold, Labels) and len(gold.story) > MOST_ARTICLES:
        return
    pairs = gold if isinstance(gold, Pairs) else _pairs(gold)
    same = np.array(pairs.same)
    sets = {one: _shingles(texts.get(one, "")) for one in dict.fromkeys((*pairs.a, *pairs.b))}
    sketches = {one: _minhash(shingles) for one, shingles in sets.items()}
    lsh = MinHashLSH(threshold=USUAL, num_perm=PERMUTATIONS)
    for one, sketch in sketches.items():
        lsh.insert(one, sketch)
    near = {one: set(lsh.query(sketch)) for one, sketch in sketches.items()}
    both = list(zip(pairs.a, pairs.b, strict=True))
    jaccard = np.array([sketches[a].jaccard(sketches[b]) for a, b in both])
    proposed = np.array([b in near[a] for a, b in both])
    yield _at("datasketch", np.where(proposed, jaccard, 0), same, USUAL)
    yield _best("datasketch, best", jaccard, same)
    contained = np.array([len(sets[a] & sets[b]) / max(1, min(len(sets[a]), len(sets[b]))) for a, b in both])
    yield _at("containment", contained, same, USUAL)
    yield _best("containment, best", contained, same)


def _pairs(gold: Labels) -> Pairs:
    """All pairs of labelled stories."""
    pairs = list(itertools.combinations(gold.story, 2))
    a, b = tuple(x for x, _ in pairs), tuple(y for _, y in pairs)
    return Pairs(a, b, tuple(gold.story[x] != "" and gold.story[x] == gold.story[y] for x, y in pairs))


def _shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + WIDTH]) for i in range(max(1, len(words) - WIDTH + 1))} if words else set()


def _minhash(shingles: set[str]) -> MinHash:
    sketch = MinHash(PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in shingles])
    return sketch


def _at(way: str, scores: npt.NDArray[np.float64], same: npt.NDArray[np.bool_], threshold: float) -> Judged:
    joined = scores >= threshold
    right, said, there = (int(one.sum()) for one in (joined & same, joined, same))
    return Judged(
        way, threshold, right / said if said else 1.0, right / there if there else 1.0, 2 * right / max(said + there, 1)
    )


def _best(way: str, scores: npt.NDArray[np.float64], same: npt.NDArray[np.bool_]) -> Judged:
    """At the threshold that suits this set best."""
    return max((_at(way, scores, same, step / 100) for step in range(1, 101)), key=lambda one: one.f1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    sets = {"nargs": 2, "type": Path, "action": "append", "default": [], "metavar": ("ARTICLES", "LABELS")}
    parser.add_argument("--set", **sets, help="articles, and labels as dedup evaluate reads them", dest="sets")
    parser.add_argument("--crowd", nargs="*", type=Path, default=[], help="articles to hide among")
    parser.add_argument("--edit", choices=edits.EDITS, help="what is done to every article first")
    parser.add_argument("--seed", type=int, default=0, help="of the edit")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = judged(options.sets or [(CORPUS, GOLD)], options.crowd, options.edit, options.seed)
    if options.json:
        form: dict[str, Any] = {"machine": machine.describe(), "edit": options.edit, "seed": options.seed}
        form["sets"] = {name: [dataclasses.asdict(one) for one in ways] for name, ways in told.items()}
        print(json.dumps(form, indent=2, ensure_ascii=False))
        return
    print(machine.describe())
    print(f"{'set':<24}{'way':<30}{'from':>5}{'precision':>11}{'recall':>8}{'F1':>7}   95 %")
    for name, ways in told.items():
        for one in ways:
            threshold = "" if one.threshold is None else f"{one.threshold:.2f}"
            between = "" if one.interval is None else f"   {one.interval[0]:.3f} to {one.interval[1]:.3f}"
            figures = f"{one.precision:>11.3f}{one.recall:>8.3f}{one.f1:>7.3f}"
            print(f"{name[:22]:<24}{one.way[:28]:<30}{threshold:>5}{figures}{between}")


if __name__ == "__main__":
    main()
