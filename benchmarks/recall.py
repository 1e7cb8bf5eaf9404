"""Are the pairs that share copy candidates, and at what price? `python benchmarks/recall.py ARTICLES...`

Finds every pair of bodies of which one holds much of the other's narrative by brute force, through an inverted index of
all shingles, and asks which of them the index proposes: by bands, by anchors, by either. Of the rest it tells why not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import machine
import numpy as np
import numpy.typing as npt

import dedup
from dedup.corpus import Corpus
from dedup.kernels.arrays import distinct, runs
from dedup.linking import crowds as crowded
from dedup.stages import lsh
from dedup.store import FileDirectory, Store
from dedup.store.columns import Sets

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
LEAST_RECALL, MOST_VERIFIED = 0.995, 30.0
# As dedup/stages/verify.py: with fewer narrative shingles in common two captions are no copies of each other.
LEAST_SHARED = 5


def brute_force(sets: Sets, rows: I64, least: float, fewest: int) -> U64:
    """Pairs, smaller row << 32 | larger, of which one holds at least this share of the other's narrative shingles, and
    so many at the fewest.

    sets: of the rows, which rise. Memory is that of the narrative shingles, and of what one row meets.
    """
    hashes, ends = _narrative(sets)
    size = np.diff(ends)
    order = np.argsort(hashes, kind="stable")
    of = np.repeat(np.arange(len(rows)), size)[order]
    _, first, number = np.unique(hashes[order], return_index=True, return_inverse=True)
    last = np.append(first[1:], len(hashes))[number]
    # Behind each posting stand those of the same shingle in later rows.
    behind = np.empty(len(hashes), np.int64)
    until = np.empty(len(hashes), np.int64)
    behind[order], until[order] = np.arange(1, len(hashes) + 1), last
    found = [np.empty(0, np.uint64)]
    for i in range(len(rows)):
        span = slice(ends[i], ends[i + 1])
        met = of[runs(behind[span], until[span] - behind[span])[0]]
        shared = np.bincount(met, minlength=len(rows))
        shorter = np.minimum(size[i], size)
        close = np.flatnonzero((shared >= fewest) & (shared >= least * shorter))
        found.append(lsh.packed(np.minimum(rows[i], rows[close]), np.maximum(rows[i], rows[close])))
    return distinct(np.concatenate(found))


def _narrative(sets: Sets) -> tuple[npt.NDArray[np.uint32], I64]:
    """The narrative shingles of sets, end to end, and their bounds."""
    n = len(sets.ends) - 1
    parts = []
    for d in range(n):
        hashes = sets.hashes[sets.ends[d] : sets.ends[d + 1]]
        bits = sets.marks[sets.mark_ends[d] : sets.mark_ends[d + 1]]
        parts.append(hashes[np.unpackbits(bits, count=len(hashes), bitorder="little").view(np.bool_)])
    return np.concatenate(parts), np.append(0, np.cumsum([len(part) for part in parts]))


def proposed(corpus: Corpus) -> dict[str, U64]:
    """Candidate pairs by the table that proposes them: all pairs of a small bucket, of a crowd that is no boilerplate
    those with its representatives."""
    crowds = crowded.load(corpus)
    found = {}
    for number, name in enumerate(lsh.table_names(corpus.params)):
        tables = [segment.table(name) for segment in corpus.store.segments]
        keys, rows = lsh.ordered(*(np.concatenate([table[i] for table in tables]) for i in (0, 1)))
        crowd = crowds.find(keys | np.uint64(number << 32))
        pairs = [np.empty(0, np.uint64)]
        small, of = rows[crowd < 0], keys[crowd < 0]
        for apart in range(1, lsh.WHOLE_BUCKET):
            together = of[apart:] == of[:-apart]
            pairs.append(lsh.packed(small[:-apart][together], small[apart:][together]))
        open_ = crowd >= 0
        open_[open_] = ~crowds.masked[crowd[open_]]
        one, others = rows[open_, None], crowds.representatives[crowd[open_]]
        pairs.append(lsh.packed(np.minimum(one, others), np.maximum(one, others))[one != others])
        found[name] = distinct(np.concatenate(pairs))
    return found


def measured(paths: list[Path], folder: Path, least: float) -> dict[str, Any]:
    """All figures, and what must hold of them."""
    index = dedup.Index.create(folder / "index")
    added = index.add(paths)
    store = Store.open(FileDirectory(folder / "index"))
    corpus = Corpus(store)
    rows = np.arange(corpus.size)
    leaders = rows[(corpus.leaders() == rows) & corpus.tells(rows)]
    leaders = leaders[corpus.column("narrative_length", leaders) > 0]
    sets = corpus.sets(leaders)
    close, any_ = (brute_force(sets, leaders, least, fewest) for fewest in (LEAST_SHARED, 1))
    by_table = proposed(corpus)
    anchors = by_table.pop(lsh.ANCHORS)
    bands = distinct(np.concatenate(list(by_table.values())))
    either = distinct(np.concatenate([bands, anchors]))
    missed = np.setdiff1d(close, either)
    ways = {"bands": bands, "anchors": anchors, "either": either}
    told: dict[str, Any] = {
        "machine": machine.describe(),
        "articles": added.articles,
        "bodies": len(leaders),
        "least": least,
        "close": len(close),
        "recall_of_any": float(np.isin(any_, either).mean()) if len(any_) else 1.0,
        "verified": added.verified / added.articles,
        "postings": sum(len(segment.table(lsh.ANCHORS)[0]) for segment in store.segments) / added.articles,
    }
    for name, pairs in ways.items():
        told[name] = {
            "recall": float(np.isin(close, pairs).mean()) if len(close) else 1.0,
            "candidates": len(pairs) / added.articles,
        }
    told["only"] = {
        "bands": int(np.sum(np.isin(close, bands) & ~np.isin(close, anchors))),
        "anchors": int(np.sum(np.isin(close, anchors) & ~np.isin(close, bands))),
    }
    told["missed"] = _why(corpus, *lsh.unpacked(missed))
    told["checks"] = {
        f"at least {100 * LEAST_RECALL} % of the close pairs are candidates": told["either"]["recall"] >= LEAST_RECALL,
        f"at most {MOST_VERIFIED:.0f} verifications an article": told["verified"] <= MOST_VERIFIED,
    }
    return told


def _why(corpus: Corpus, a: I64, b: npt.NDArray[np.uint32]) -> list[dict[str, Any]]:
    """Of pairs that are no candidates, what they have in common, and in which crowds both stand."""
    if not len(a):
        return []
    crowds = crowded.load(corpus)
    b = b.astype(np.int64)
    figures = corpus.measure(a, b)
    told = []
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        at = crowds.find(np.intersect1d(_keys(corpus, x), _keys(corpus, y)))
        masked = crowds.masked[at[at >= 0]]
        told.append(
            {
                "a": _id(corpus, int(x)),
                "b": _id(corpus, int(y)),
                "containment": round(float(max(figures.narrative_a_in_b[i], figures.narrative_b_in_a[i])), 3),
                "shared": int(figures.shared[i]),
                "masked_crowds": int(masked.sum()),
                "other_crowds": int((~masked).sum()),
            }
        )
    return sorted(told, key=lambda pair: -pair["shared"])


def _keys(corpus: Corpus, row: np.int64) -> U64:
    from dedup.linking.postings import keys_of

    return keys_of(corpus, np.array([row]))[0]


def _id(corpus: Corpus, row: int) -> str:
    return str(corpus.store.article_rows(np.array([row]), ["id"])["id"][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", nargs="+", type=Path, help="files or folders, as dedup index takes them")
    parser.add_argument("--containment", type=float, default=0.4, help="of narrative, from which a pair is close")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dedup-recall-") as folder:
        told = measured(options.articles, Path(folder), options.containment)
    print(json.dumps(told, indent=2, ensure_ascii=False) if options.json else _said(told))


def _said(told: dict[str, Any]) -> str:
    lines = [
        told["machine"],
        f"{told['articles']:,} articles, {told['bodies']:,} bodies; {told['close']:,} pairs of narrative containment"
        f" {told['least']} or more and {LEAST_SHARED} shingles; {told['verified']:.1f} verifications and"
        f" {told['postings']:.0f} anchors an article",
    ]
    for name in ("bands", "anchors", "either"):
        lines.append(f"{name:<8} {told[name]['recall']:8.2%} found, {told[name]['candidates']:6.2f} an article")
    lines.append(f"{told['only']['bands']} by bands only, {told['only']['anchors']} by anchors only")
    lines.append(f"of pairs with any shingle in common {told['recall_of_any']:.2%} found")
    for pair in told["missed"][:20]:
        lines.append(
            f"missed   {pair['a']} {pair['b']}: {pair['shared']} shingles, {pair['containment']:.0%}; both in"
            f" {pair['masked_crowds']} masked and {pair['other_crowds']} other crowds"
        )
    return "\n".join([*lines, machine.marked(told["checks"])])


if __name__ == "__main__":
    main()
