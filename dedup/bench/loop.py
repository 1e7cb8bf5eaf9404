"""The hot loop by part: text to shingle sets, to signatures and anchors."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc

from dedup.bench.results import PARTS, Loop, Part
from dedup.kernels.threads import each
from dedup.model import Params, Progress
from dedup.stages.shingle import ShingleSets, shingle
from dedup.stages.sketch import anchors, sketch

THREADS = (1, 2)
PASSES = 5
_CHUNK = 500  # articles, about 1 MB: many more than threads, so that none waits long for the last one


def measure(script: str, texts: Sequence[pa.Array], progress: Callable[[Progress], None]) -> list[Loop]:
    """Of PASSES passes over the texts (large strings) on one thread and as many on two, the one of median time each."""
    chunks = [part.slice(first, _CHUNK) for part in texts for first in range(0, len(part), _CHUNK)]
    times: dict[int, list[tuple[float, ...]]] = {threads: [] for threads in THREADS}
    shingles = 0
    with ThreadPoolExecutor(max(THREADS)) as executor:
        for number in range(PASSES):
            # In turn, so that what else goes on in the machine meets both alike.
            for threads in THREADS:
                done = number * len(THREADS) + THREADS.index(threads)
                progress(Progress(f"hot loop, {script}", done, PASSES * len(THREADS)))
                shingles, taken = once(chunks, executor if threads > 1 else None)
                times[threads].append(taken)
    articles = sum(len(part) for part in chunks)
    size = sum(pc.sum(pc.binary_length(part)).as_py() for part in chunks)

    def rates(seconds: float) -> Part:
        return Part(seconds, size / seconds / 1e6, articles / seconds, 1e9 * seconds / shingles)

    loops = []
    for threads in THREADS:
        median = sorted(times[threads], key=sum)[PASSES // 2]
        parts = dict(zip(PARTS, map(rates, median), strict=True))
        loops.append(Loop(script, threads, articles, size, shingles, all=rates(sum(median)), **parts))
    return loops


def once(chunks: Sequence[pa.Array], executor: Executor | None = None) -> tuple[int, tuple[float, ...]]:
    """One pass over texts: how many shingles they have, and seconds of each of PARTS."""
    params = Params()

    def sketched(sets: ShingleSets) -> object:
        return sketch(sets.hashes, sets.ends, params)

    def anchored(sets: ShingleSets) -> object:
        return anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params)

    at = [time.perf_counter()]
    found = each(lambda texts: shingle(texts, params), chunks, executor)
    at.append(time.perf_counter())
    for work in (sketched, anchored):
        each(work, found, executor)
        at.append(time.perf_counter())
    shingles = sum(len(sets.hashes) for sets in found)
    return shingles, tuple(end - start for start, end in itertools.pairwise(at))
