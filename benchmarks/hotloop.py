"""How fast is the hot loop, from text to shingle set, signature and anchors? `python benchmarks/hotloop.py`

Its parts on one thread, over invented articles as they come (curly quotes, dashes), over the same in plain ASCII, and
over Devanagari; beside them, on equal sets, what datasketch makes of a text and what rensa's permutations take. All of
them take turns, so that what else the machine does is shared.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import articles
import machine
import numpy as np
import numpy.typing as npt
import pipelines
import prose
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Params
from dedup.stages.shingle import ShingleSets, shingle
from dedup.stages.sketch import anchors, sketch

LEAST_RATE, LEAST_DATASKETCH, LEAST_DEVANAGARI, LEAST_TWO_THREADS = 90_000.0, 24.0, 0.5, 1.8
PARTS = ("shingles", "signature", "anchors")
KINDS = ("articles", "ascii", "devanagari")
_ASCII = {"“": '"', "”": '"', "–": "-"}

Clock = Callable[[], float]
Run = Callable[[], object]
Times = npt.NDArray[np.float64]


def texts(kind: str, count: int) -> pa.LargeStringArray:
    """count invented texts of one of KINDS."""
    script = prose.DEVANAGARI if kind == "devanagari" else prose.LATIN
    # Days of so many at most: few texts need no day of 20,000.
    batches = articles.batches(count, day=max(200, min(count, articles.DAY)), script=script)
    found = pa.concat_arrays([batch["text"] for batch in batches])
    if kind == "ascii":
        for mark, plain in _ASCII.items():
            found = pc.replace_substring(found, mark, plain)
    return found


def loop(found: pa.LargeStringArray, threads: ThreadPoolExecutor | None = None) -> dict[str, Run]:
    """What the index needs of each text, by its part. A part begins from what the one before it makes."""
    params = Params()
    sets = shingle(found, params)
    return {
        "shingles": lambda: shingle(found, params, threads),
        "signature": lambda: sketch(sets.hashes, sets.ends, params, threads),
        "anchors": lambda: anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params),
    }


def seconds(runs: dict[str, Run], rounds: int, clock: Clock = time.perf_counter) -> dict[str, list[float]]:
    """Of each run its time in every round, after one that does not count; all runs take turns."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            start = clock()
            run()
            if number:
                taken[name].append(clock() - start)
    return taken


def datasketch(some: list[str]) -> None:
    """Shingles and signatures as its users make them: word 5-shingles, xxh32."""
    from datasketch import MinHash
    from xxhash import xxh32_intdigest

    sets = map(pipelines.byte_shingles, some)
    list(MinHash.generator(sets, num_perm=pipelines.PERMUTATIONS, hashfunc=xxh32_intdigest))


def permutations(sets: ShingleSets, few: int) -> dict[str, Run]:
    """Signatures from hashes alone, by whom: of the first few sets each, of the same hashes."""
    from datasketch import MinHash

    params = Params()
    ends = sets.ends[: few + 1]
    hashes = sets.hashes[: ends[-1]]
    lists = [hashes[first:last].tolist() for first, last in itertools.pairwise(ends)]
    runs: dict[str, Run] = {
        "dedup": lambda: sketch(hashes, ends, params),
        "datasketch": lambda: list(MinHash.generator(lists, num_perm=params.num_perm, hashfunc=int)),
    }
    if pipelines.is_installed("rensa"):
        os.environ["RAYON_NUM_THREADS"] = "1"  # it is read when the first work for threads comes
        from rensa import RMinHash

        wide, bounds = hashes.astype(np.uint64), ends.astype(np.uint64)
        runs["rensa"] = lambda: RMinHash.digest_matrix_from_flat_token_hashes(wide, bounds, params.num_perm, 1)
    return runs


def measured(count: int, few: int, rounds: int) -> dict[str, Any]:
    """All figures, and what must hold of them. few: texts that datasketch gets, and all permutations alone."""
    few = min(few, count)
    told: dict[str, Any] = {"machine": machine.describe(), "articles": count, "few": few, "rounds": rounds}
    runs: dict[str, Run] = {}
    told["texts"] = {}
    for kind in KINDS:
        found = texts(kind, count)
        sets = shingle(found, Params())
        told["texts"][kind] = {"bytes": pc.sum(pc.binary_length(found)).as_py(), "shingles": len(sets.hashes)}
        runs |= {f"{kind} {part}": run for part, run in loop(found).items()}
        if kind == "articles":
            some = found.slice(0, few).to_pylist()
            told["few_shingles"] = int(sets.ends[few])
            runs["datasketch text to signature"] = lambda some=some: datasketch(some)
            runs |= {f"{by} permutations": run for by, run in permutations(sets, few).items()}
            threads = ThreadPoolExecutor(2)
            both = loop(found, threads)
            runs["two threads"] = lambda both=both: [run() for run in both.values()]
    told["seconds"] = seconds(runs, rounds)
    threads.shutdown()
    told["ratios"] = ratios(told)
    told["left_out"] = [] if pipelines.is_installed("rensa") else [pipelines.how_to_install("rensa")]
    return told | {"checks": checks(told)}


def whole(told: dict[str, Any], kind: str) -> Times:
    """Seconds of all parts together, round by round."""
    return np.sum([told["seconds"][f"{kind} {part}"] for part in PARTS], axis=0)


def rate(told: dict[str, Any], kind: str) -> Times:
    """MB/s of all parts together, round by round."""
    return np.asarray(told["texts"][kind]["bytes"] / machine.MB / whole(told, kind))


DATASKETCH, DATASKETCH_ALONE, RENSA = (
    "datasketch : dedup, text to signature",
    "datasketch : dedup, permutations",
    "rensa : dedup, permutations",
)
SCRIPTS, THREADS = "devanagari : ascii, MB/s", "two threads : one"


def ratios(told: dict[str, Any]) -> dict[str, list[float]]:
    """What is compared, round by round; how much longer the peers take."""
    taken = {name: np.array(values) for name, values in told["seconds"].items()}
    ours = whole(told, "articles")
    found = {
        DATASKETCH: taken["datasketch text to signature"] / told["few"] * told["articles"] / ours,
        DATASKETCH_ALONE: taken["datasketch permutations"] / taken["dedup permutations"],
        SCRIPTS: rate(told, "devanagari") / rate(told, "ascii"),
        THREADS: ours / taken["two threads"],
    }
    if "rensa permutations" in taken:
        found[RENSA] = taken["rensa permutations"] / taken["dedup permutations"]
    return {name: values.tolist() for name, values in found.items()}


def checks(told: dict[str, Any]) -> dict[str, bool]:
    """What must hold of the figures, at the median."""
    times = {name: machine.spread(values).median for name, values in told["ratios"].items()}
    every = told["articles"] / machine.spread(whole(told, "articles")).median
    hold = {
        f"at least {LEAST_RATE:,.0f} articles/s on one thread": every >= LEAST_RATE,
        f"at least {LEAST_DATASKETCH:g} times datasketch": times[DATASKETCH] >= LEAST_DATASKETCH,
        f"Devanagari at {LEAST_DEVANAGARI:.0%} of the MB/s of ASCII": times[SCRIPTS] >= LEAST_DEVANAGARI,
    }
    if RENSA in times:
        hold["permutations faster a shingle than rensa's"] = times[RENSA] > 1
    if (os.cpu_count() or 1) > 1:
        hold[f"{LEAST_TWO_THREADS:g} times as fast on two threads"] = times[THREADS] >= LEAST_TWO_THREADS
    return hold


def show(told: dict[str, Any]) -> None:
    """Print the figures, and what holds of them."""
    print(told["machine"])
    print(f"{told['articles']:,} texts of each kind, one thread, {told['rounds']} rounds; minimum, median, maximum")
    print(f"{'':<32}{'MB/s':>20}{'articles/s':>32}{'ns a shingle':>27}")
    for kind in KINDS:
        size, shingles = told["texts"][kind]["bytes"], told["texts"][kind]["shingles"]
        print(f"{kind}: {size / told['articles']:,.0f} bytes and {shingles / told['articles']:,.0f} shingles a text")
        for part in PARTS:
            _row(part, told["seconds"][f"{kind} {part}"], told["articles"], shingles, size)
        _row("all", whole(told, kind), told["articles"], shingles, size)
    print(f"on {told['few']:,} of the articles")
    for name in sorted(name for name in told["seconds"] if name.endswith(("permutations", "to signature"))):
        _row(name, told["seconds"][name], told["few"], told["few_shingles"])
    for name, values in told["ratios"].items():
        print(f"{name:<40}{machine.spread(values).shown('.2f')}")
    for line in told["left_out"]:
        print(line)
    print(machine.marked(told["checks"]))


def _row(name: str, taken: Any, count: int, shingles: int, size: int | None = None) -> None:
    taken = np.asarray(taken)
    mb = machine.spread(size / machine.MB / taken).shown(",.0f") if size else ""
    every = machine.spread(count / taken).shown(",.0f")
    print(f"  {name:<30}{mb:>20}{every:>32}{machine.spread(1e9 * taken / shingles).shown(',.2f'):>27}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000, metavar="N")
    parser.add_argument("--few", type=int, default=2_000, metavar="N", help="of them for peers")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    told = measured(given.articles, given.few, given.rounds)
    return machine.ended(told, given.json, show)


if __name__ == "__main__":
    sys.exit(main())
