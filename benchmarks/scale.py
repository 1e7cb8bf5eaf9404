"""How do time, memory, size and answers grow with an index? `python benchmarks/scale.py`

For each size: `dedup index` of invented articles (articles.py) in a process of its own; then another process asks for
articles of the index, cut or with other words; then 1,000 articles more are added, inside a process and as one.
Exponents are those of figure = c * articles ^ e, fitted to all sizes by least squares of logarithms; e = 1 is linear.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import articles
import edits
import index_bytes
import machine
import million
import numpy as np

import dedup

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
MORE, ROUNDS, QUERIES = 1_000, 3, 1_000
MOST_EXPONENT, MOST_MEMORY, MOST_MEDIAN, MOST_P99, MOST_ADD = 1.08, 1.5 * machine.GB, 0.5, 3.0, 0.5
# What is fitted, and how it is said.
FIGURES = {
    "seconds": "time of dedup index",
    "memory": "memory, mapped files with it",
    "own": "memory, no file's",
    "bytes": "index on disk",
    "p50": "query, median",
    "p99": "query, p99",
    "add": f"adding {MORE:,} inside a process",
}


def one_size(folder: Path, count: int) -> dict[str, Any]:
    """Figures at one size: seconds, bytes; milliseconds of queries; seconds of adding 1,000 articles."""
    text = million.written(folder, count, 2 * ROUNDS * MORE)
    with (folder / "singles.jsonl").open() as lines:
        for number in range(2 * ROUNDS):
            (folder / f"more-{number}.jsonl").write_text("".join(itertools.islice(lines, MORE)))
    index = folder / "index"
    ran = machine.run(million.index_command(folder / "articles.jsonl", index))
    told: dict[str, Any] = {"articles": count, "text_bytes": text, "seconds": ran.seconds}
    told |= {"memory": ran.memory, "own": ran.own, "stories": json.loads(ran.said)["stories"]}
    told["bytes"] = sum(index_bytes.by_file(index).values())
    told |= json.loads(machine.run([sys.executable, __file__, "--inside", str(folder)]).said)
    files = [folder / f"more-{number}.jsonl" for number in range(ROUNDS, 2 * ROUNDS)]
    told["add_process"] = [machine.run(million.index_command(file, index)).seconds for file in files]
    told |= {"p50": float(np.percentile(told["queries"], 50)), "p99": float(np.percentile(told["queries"], 99))}
    return told | {"add": machine.spread(told["adding"]).median}


def inside(folder: Path, count: int = QUERIES) -> dict[str, Any]:
    """Milliseconds of each of count queries, then seconds of each time that 1,000 articles are added."""
    index = dedup.Index.open(folder / "index")
    asked = questions(index, count)
    for text in asked[:50]:  # what is loaded and mapped once is not a query's
        index.query(text, limit=10)
    queries = []
    for text in asked:
        start = time.perf_counter()
        index.query(text, limit=10)
        queries.append(1000 * (time.perf_counter() - start))
    adding = []
    for number in range(ROUNDS):
        start = time.perf_counter()
        index.add(folder / f"more-{number}.jsonl")
        adding.append(time.perf_counter() - start)
    return {"queries": queries, "adding": adding}


def questions(index: dedup.Index, count: int, seed: int = 1) -> list[str]:
    """Texts of articles of the index, one half cut and one half with other words."""
    chance = random.Random(seed)
    names = [f"{chance.randrange(len(index)):08}" for _ in range(count)]
    return [edits.edited(chance.choice(("cut", "words")), one, index.article(one).body) for one in names]


def exponent(counts: list[int], values: list[float]) -> float:
    """e of values = c * counts ^ e, by least squares of logarithms. Two different counts at least."""
    return float(np.polyfit(np.log(counts), np.log(values), 1)[0])


def measured(sizes: list[int], aside: Path | None = None) -> dict[str, Any]:
    """All figures, and what must hold of them. aside: the folder for files, which go after each size."""
    told: dict[str, Any] = {"machine": machine.describe(), "sizes": []}
    with tempfile.TemporaryDirectory(dir=aside) as folder:
        # The kernels are compiled once a machine, and not on the clock here.
        dedup.Index.create(Path(folder) / "warm").add(list(articles.articles(500, day=500)))
    for count in sorted(set(sizes)):
        with tempfile.TemporaryDirectory(dir=aside, prefix="dedup-scale-") as folder:
            told["sizes"].append(one_size(Path(folder), count))
    counts = [size["articles"] for size in told["sizes"]]
    told["exponents"] = {}
    if len(counts) > 1:
        for name in FIGURES:
            values = [size[name] for size in told["sizes"]]
            told["exponents"][name] = {"all": exponent(counts, values), "last": exponent(counts[-2:], values[-2:])}
    return told | {"checks": checks(told)}


def checks(told: dict[str, Any]) -> dict[str, bool]:
    """What must hold of the exponent of time, and of the largest size."""
    largest = told["sizes"][-1]
    at = f"at {largest['articles']:,} articles"
    hold = {
        f"{MOST_MEMORY / machine.GB:g} GB of memory at most {at}": largest["memory"] <= MOST_MEMORY,
        f"a query in {MOST_MEDIAN:g} ms (median) {at}": largest["p50"] <= MOST_MEDIAN,
        f"a query in {MOST_P99:g} ms (p99) {at}": largest["p99"] <= MOST_P99,
        f"{MORE:,} articles added in {MOST_ADD:g} s {at}": largest["add"] <= MOST_ADD,
    }
    if told["exponents"]:
        hold[f"time grows with exponent {MOST_EXPONENT:g} at most"] = (
            told["exponents"]["seconds"]["all"] <= MOST_EXPONENT
        )
    return hold


def show(told: dict[str, Any]) -> None:
    """Print the figures, and what holds of them."""
    mb = machine.MB
    print(told["machine"])
    print(f"{QUERIES:,} queries a size, ms; {MORE:,} articles added {ROUNDS} times, s: minimum, median, maximum")
    print(
        f"{'articles':>10}{'seconds':>9}{'articles/s':>12}{'MB':>8}{'no file':>9}{'index MB':>10}{'of text':>9}"
        f"{'p50':>8}{'p99':>8}{'added inside':>20}{'as a process':>20}"
    )
    for size in told["sizes"]:
        count = size["articles"]
        print(
            f"{count:>10,}{size['seconds']:>9.1f}{count / size['seconds']:>12,.0f}{size['memory'] / mb:>8,.0f}"
            f"{size['own'] / mb:>9,.0f}{size['bytes'] / mb:>10,.0f}{size['bytes'] / size['text_bytes']:>9.2f}"
            f"{size['p50']:>8.2f}{size['p99']:>8.2f}{machine.spread(size['adding']).shown('.2f'):>20}"
            f"{machine.spread(size['add_process']).shown('.2f'):>20}"
        )
    for name, found in told["exponents"].items():
        print(f"exponent {found['all']:6.3f}, between the last two sizes {found['last']:6.3f}  {FIGURES[name]}")
    print(machine.marked(told["checks"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N", help="articles; 10000000 too")
    parser.add_argument("--folder", type=Path, help="where files are made; they go again")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(inside(given.inside)))
        return 0
    told = measured(given.sizes, given.folder)
    return machine.ended(told, given.json, show)


if __name__ == "__main__":
    sys.exit(main())
