"""Does an index of a million hold its size, its memory and its speed? `python benchmarks/million.py`

Writes invented articles (articles.py) to a file, lets `dedup index` index them in a process of its own, and follows its
commits from here, as any reader may. Then another process adds 1,000 articles one by one, each a commit; a third of
them are copies of what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import articles
import index_bytes
import machine
import numpy as np
import pyarrow.compute as pc

import dedup
from dedup.errors import DedupError

MOST_MEMORY, MOST_SIZE, LEAST_RATE, MOST_SINGLE = 1.5 * machine.GB, 2.0, 0.8, 0.030


def written(folder: Path, count: int, singles: int) -> int:
    """Write articles.jsonl of count articles and singles.jsonl of those after them; returns the texts' bytes."""
    size = left = 0
    with (folder / "articles.jsonl").open("wb") as bulk, (folder / "singles.jsonl").open("wb") as rest:
        for batch in articles.batches(count + singles):
            here = min(batch.num_rows, max(count - left, 0))
            articles.write_jsonl(batch.slice(0, here), bulk)
            articles.write_jsonl(batch.slice(here), rest)
            size += pc.sum(pc.binary_length(batch["text"].slice(0, here))).as_py() or 0
            left += batch.num_rows
        # Else the system writes them while single articles are timed, whose syncs wait for that.
        for file in (bulk, rest):
            file.flush()
            os.fsync(file.fileno())
    return size


def indexed(folder: Path) -> dict[str, Any]:
    """Run `dedup index` on the file; its seconds, memory, commits, and what it printed.

    memory, own: as in `machine.Ran`. commits: [seconds, articles] from the start of the process on.
    """
    index: dedup.Index | None = None
    commits = [(0.0, 0)]

    def follow(seconds: float) -> None:
        nonlocal index
        index = _seen(index, folder / "index")
        if index is not None and len(index) > commits[-1][1]:
            commits.append((seconds, len(index)))

    ran = machine.run(index_command(folder / "articles.jsonl", folder / "index"), follow)
    added = json.loads(ran.said)
    if added["articles"] > commits[-1][1]:
        commits.append((ran.seconds, added["articles"]))
    return {
        "seconds": ran.seconds,
        "memory": ran.memory,
        "own": ran.own,
        "commits": commits,
        "stories": added["stories"],
    }


def index_command(file: Path, index: Path) -> list[str]:
    """What adds a file to an index and prints one JSON object."""
    return [sys.executable, "-m", "dedup", "index", str(file), "-i", str(index), "--json"]


def _seen(index: dedup.Index | None, path: Path) -> dedup.Index | None:
    try:
        if index is None:
            return dedup.Index.open(path)
        index.refresh()
    except DedupError:
        if index is not None:
            raise  # a reader may never be disturbed by the writer; only before the first commit is there nothing
    return index


def rates(commits: list[tuple[float, int]]) -> list[float]:
    """Articles a second in each tenth, between commits as the line goes; none where there were fewer commits.

    An article counts once it is durable and can be asked for. What comes after the last one, the stories of all of
    them, is no part of a tenth.
    """
    if len(commits) < 11:
        return []
    times, counts = np.array(commits).T
    at = np.interp(np.linspace(0, counts[-1], 11), counts, times)
    return [float(rate) for rate in counts[-1] / 10 / np.diff(at)]


def singles(folder: Path) -> dict[str, Any]:
    """Add articles one by one; milliseconds of each call."""
    index = dedup.Index.open(folder / "index")
    taken = []
    for line in (folder / "singles.jsonl").read_text().splitlines():
        one = json.loads(line)
        start = time.perf_counter()
        index.add([one])
        taken.append(1000 * (time.perf_counter() - start))
    return {"milliseconds": taken, "memory": machine.memory()["VmHWM"], "articles": len(index)}


def measured(folder: Path, count: int, one_by_one: int) -> dict[str, Any]:
    """All figures, and what must hold of them."""
    told: dict[str, Any] = {"machine": machine.describe(), "articles": count}
    # The kernels are compiled once a machine, and not on the clock here.
    dedup.Index.create(folder / "warm").add(list(articles.articles(500, day=500)))
    start = time.perf_counter()
    told["text_bytes"] = written(folder, count, one_by_one)
    told["generated_in"] = time.perf_counter() - start
    told |= indexed(folder)
    told["rates"] = rates(told["commits"])
    told["bytes"] = index_bytes.by_file(folder / "index")
    told["columns"] = index_bytes.by_column(folder / "index")
    command = [sys.executable, __file__, "--singles", str(folder)]
    told["singles"] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    told["bytes_after_singles"] = index_bytes.by_file(folder / "index")
    median = float(np.median(told["singles"]["milliseconds"])) if one_by_one else 0.0
    told["checks"] = {
        "1.5 GB of memory at most": told["memory"] <= MOST_MEMORY,
        "index at most twice the text": sum(told["bytes"].values()) <= MOST_SIZE * told["text_bytes"],
        "a single article in 30 ms (median)": median <= 1000 * MOST_SINGLE,
    }
    if told["rates"]:
        told["checks"]["last tenth at 80 % of the first one's rate"] = (
            told["rates"][-1] >= LEAST_RATE * told["rates"][0]
        )
    return told


def show(told: dict[str, Any]) -> None:
    count, text, size = told["articles"], told["text_bytes"], sum(told["bytes"].values())
    mb = machine.MB
    print(told["machine"])
    print(
        f"{count:,} articles, {text / mb:,.0f} MB of text ({text / count:,.0f} bytes each), in {told['seconds']:.1f} s"
    )
    stories, seen = told["seconds"] - told["commits"][-1][0], len(told["commits"]) - 1
    print(f"{told['stories']:,} stories, told {stories:.1f} s after the last article; {seen} commits seen")
    rates = " ".join(f"{rate:,.0f}" for rate in told["rates"])
    print(f"articles/s by tenth: {rates or 'fewer than ten commits cannot tell'}")
    print(f"memory: {told['memory'] / mb:,.0f} MB, of which no file's {told['own'] / mb:,.0f} MB at most")
    parts = ", ".join(f"{name} {size / mb:,.1f}" for name, size in told["bytes"].items())
    print(f"index: {size / mb:,.0f} MB, {size / text:.2f} times the text: {parts}")
    for column in told["columns"]:
        print(f"  {column['bytes'] / count:8,.1f} bytes an article  {column['name']:34} {column['derived_from']}")
    taken = told["singles"]["milliseconds"]
    if taken:
        shown = ", ".join(f"{name} {np.percentile(taken, at):.1f}" for name, at in _PERCENTILES.items())
        print(f"{len(taken):,} single articles, ms: {shown}; {told['singles']['memory'] / mb:,.0f} MB of memory")
        print(f"index after them: {sum(told['bytes_after_singles'].values()) / mb:,.0f} MB")
    print(machine.marked(told["checks"]))


_PERCENTILES = {"median": 50, "p90": 90, "p99": 99, "max": 100}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--one-by-one", type=int, default=1_000, metavar="N", help="added singly after them")
    parser.add_argument("--folder", type=Path, help="for files and index, which stay; else a temporary one")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--singles", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.singles:
        print(json.dumps(singles(given.singles)))
        return 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as aside:
        folder = given.folder or Path(aside)
        folder.mkdir(parents=True, exist_ok=True)
        told = measured(folder, given.articles, given.one_by_one)
    return machine.ended(told, given.json, show)


if __name__ == "__main__":
    sys.exit(main())
