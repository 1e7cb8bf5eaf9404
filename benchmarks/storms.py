"""Do storms explode, and does bounding them lose anything? `python benchmarks/storms.py`

For each kind of storm (storm_articles.py) of n and of 2n articles: a process compiles the kernels on a small storm,
then indexes the storm from a file. Seconds and memory are of that process alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import machine
import numpy as np
import pyarrow as pa
from articles import write_jsonl
from storm_articles import KINDS, Storm

import dedup

_WARM_UP = 500
MOST_VERIFIED, MOST_GROWTH, MOST_MEMORY, LEAST_FOUND = 50, 2.3, 2 * machine.GB, 0.99


@dataclasses.dataclass(frozen=True)
class Measured:
    """What indexing one storm took and gave.

    verified: pairs that were measured exactly, an article. memory: peak, bytes. stories: of two articles or more.
    false: stories that hold articles which are no copies of each other; largest_false: articles in the largest of
    them. largest: articles of the storm in the story that has most of them. found: planted pairs whose two articles
    are in one story.
    """

    kind: str
    articles: int
    seconds: float
    verified: float
    memory: int
    stories: int
    false: int
    largest_false: int
    largest: int
    planted: int
    found: int

    def checks(self, count: int) -> dict[str, bool]:
        """What must hold of a storm of count articles, by name, whatever machine and process it ran in."""
        held = {
            f"{MOST_VERIFIED} verifications an article at most": self.verified <= MOST_VERIFIED,
            "no false story": not self.false,
            "99 % of the planted pairs found": self.found >= LEAST_FOUND * self.planted,
        }
        return {**held, "one story": self.largest == count} if self.kind == "story" else held


def measure(storm: Storm, sources: Sequence[Path | pa.RecordBatch], folder: Path) -> Measured:
    """Index the articles of a storm in a new folder. sources: all of them, in their order, each added by itself."""
    index = dedup.Index.create(folder)
    start = time.perf_counter()
    verified = sum(index.add(source).verified for source in sources)
    seconds = time.perf_counter() - start
    memory = machine.memory()["VmHWM"]
    table = index.export("articles").read_all().sort_by("id")
    assert table["id"].to_pylist() == storm.ids
    _, story = np.unique(table["story"].to_pylist(), return_inverse=True)
    sizes = np.bincount(story)
    pairs = storm.pairs
    # What belongs together: a planted pair; the storm's articles where they are one story, else none of them.
    truth = pairs + 1 if storm.kind == "story" else np.where(pairs < 0, len(pairs) + np.arange(len(pairs)), pairs)
    kinds = np.bincount(np.unique(np.stack([story, truth]), axis=1)[0])
    planted = story[np.argsort(pairs, kind="stable")[storm.count :]].reshape(-1, 2)
    return Measured(
        kind=storm.kind,
        articles=len(pairs),
        seconds=seconds,
        verified=verified / len(pairs),
        memory=memory,
        stories=int((sizes > 1).sum()),
        false=int((kinds > 1).sum()),
        largest_false=int(sizes[kinds > 1].max(initial=0)),
        largest=int(np.bincount(story[pairs < 0]).max()),
        planted=storm.planted,
        found=int((planted[:, 0] == planted[:, 1]).sum()),
    )


def in_a_process(storm: Storm) -> Measured:
    """The same, in a process of its own that has its kernels compiled before."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "storm.jsonl"
        with source.open("wb") as file:
            for batch in storm.batches():
                write_jsonl(batch, file)
        given = json.dumps(dataclasses.asdict(storm))
        done = subprocess.run(
            [sys.executable, __file__, "--child", given, folder], stdout=subprocess.PIPE, check=True, text=True
        )
    return Measured(**json.loads(done.stdout))


def compared(kind: str, count: int, planted: int) -> tuple[list[Measured], dict[str, bool]]:
    """A storm of count articles and one of twice as many, and what must hold of them."""
    one, two = (in_a_process(Storm(kind, size, planted)) for size in (count, 2 * count))
    checks = one.checks(count)
    for name, holds in two.checks(2 * count).items():
        checks[name] &= holds
    checks["2 GB of memory at most"] = two.memory <= MOST_MEMORY
    checks[f"time(2n) <= {MOST_GROWTH} time(n)"] = two.seconds <= MOST_GROWTH * one.seconds
    return [one, two], checks


def _child(storm: Storm, folder: Path) -> None:
    warm = Storm(storm.kind, _WARM_UP, 50, storm.seed + 1)
    measure(warm, list(warm.batches()), folder / "warm")
    print(json.dumps(dataclasses.asdict(measure(storm, [folder / "storm.jsonl"], folder / "index"))))


def _told(one: Measured) -> str:
    return (
        f"{one.kind:9}  {one.articles:7,}  {one.seconds:7.1f} s  {one.verified:6.1f} verified an article  "
        f"{one.memory / machine.MB:5,.0f} MB  {one.stories:6,} stories  {one.false} false (largest "
        f"{one.largest_false:,})  {one.largest:,} of the storm in one  {one.found:,} of {one.planted:,} planted found"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000, metavar="N", help="of a storm; n")
    parser.add_argument("--planted", type=int, default=1_000, metavar="PAIRS")
    parser.add_argument("--kind", action="append", choices=KINDS, help="all of them, if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(Storm(**json.loads(given.child[0])), Path(given.child[1]))
        return 0
    told: dict[str, Any] = {"machine": machine.describe(), "storms": [], "checks": {}}
    if not given.json:
        print(told["machine"])
    for kind in given.kind or KINDS:
        both, checks = compared(kind, given.articles, given.planted)
        told["storms"] += [dataclasses.asdict(one) for one in both]
        told["checks"] |= {f"{kind}: {name}": holds for name, holds in checks.items()}
        if not given.json:
            print(*map(_told, both), sep="\n")
            print(f"time(2n) / time(n) = {both[1].seconds / both[0].seconds:.2f}")
            print(machine.marked(checks), flush=True)
    if given.json:
        print(json.dumps(told))
    return 0 if all(told["checks"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
