"""What this machine does, on articles made up in memory: `dedup bench`.

The hot loop by part, in Latin letters and Devanagari, on one thread and on two; an index from a JSONL file to stories
known; queries, single articles, memory. Everything is put into a temporary folder, which is gone afterwards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dedup.bench import desk, loop, machine, made
from dedup.bench.made import Script
from dedup.bench.results import FORMAT, Benchmark, Compared, Loop, Machine, Memory, Part, compare, read
from dedup.errors import UsageError
from dedup.index import Index
from dedup.model import Progress

__all__ = ["ARTICLES", "LEAST", "Benchmark", "Compared", "Loop", "Machine", "Part", "bench", "compare", "read"]

ARTICLES, LEAST = 20_000, 100
# The hot loop is over so many articles at most in Latin letters; those in Devanagari are twice as large.
_LOOPED, _DEVANAGARI = 20_000, 0.25
_QUERIES, _SINGLES = 300, 60
_WARM = 200


def bench(articles: int = ARTICLES, *, progress: Callable[[Progress], None] | None = None) -> Benchmark:
    """Measure this machine with so many articles; 20,000 take well under a minute.

    The kernels are compiled before, where they are not yet. The folder is a temporary one: TMPDIR says on which disk.
    Raises UsageError for fewer articles than LEAST, NoSpace.
    """
    if articles < LEAST:
        raise UsageError(problem=f"{articles:,} articles tell nothing: take {LEAST} or more")
    show = progress or (lambda _: None)
    when, start = datetime.now(UTC).replace(microsecond=0), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as aside:
        folder = Path(aside)
        _warm(folder, show)
        source, index = folder / "articles.jsonl", folder / "index"
        batches = _counted(made.blocks(articles), articles, show)
        text_bytes, texts = desk.write(batches, source, keep=max(1, articles // _QUERIES))
        pipeline = desk.fill(source, index, text_bytes, show)
        on_disk = desk.size(index)
        queries = desk.ask(index, texts[:_QUERIES], show)
        singles = desk.add_singly(index, _singles(texts), show)
        memory = Memory(machine.peak(), on_disk, on_disk / articles)
    return Benchmark(
        format=FORMAT,
        when=when,
        machine=machine.describe(),
        articles=articles,
        loops=tuple(_loops(min(articles, _LOOPED), show)),
        pipeline=pipeline,
        queries=queries,
        singles=singles,
        memory=memory,
        seconds=time.perf_counter() - start,
    )


def _warm(folder: Path, show: Callable[[Progress], None]) -> None:
    """Load everything once, and compile what is not compiled, in a small index."""
    show(Progress("warm up", 0, None))
    desk.write(made.blocks(_WARM, seed=3), folder / "warm.jsonl", keep=1)
    desk.fill(folder / "warm.jsonl", folder / "warm", 0, show)
    index = Index.open(folder / "warm")
    for article in next(made.blocks(3, seed=4)).to_pylist():
        index.query(article["text"])
        index.add([article])
    for script in Script:
        loop.once([next(made.blocks(_WARM, script))["text"]])


def _counted(batches: Iterator[Any], articles: int, show: Callable[[Progress], None]) -> Iterator[Any]:
    for number, batch in enumerate(batches):
        show(Progress("make articles up", number * made.BLOCK, articles))
        yield batch


def _singles(texts: list[str]) -> list[dict[str, Any]]:
    """New articles, of which a third are copies of some in the index."""
    some: list[dict[str, Any]] = next(made.blocks(_SINGLES, seed=2)).to_pylist()
    return [
        {**article, "text": made.edited(texts[number])} if number % 3 == 0 and number < len(texts) else article
        for number, article in enumerate(some)
    ]


def _loops(articles: int, show: Callable[[Progress], None]) -> Iterator[Loop]:
    for script, count in ((Script.latin, articles), (Script.devanagari, max(LEAST, int(_DEVANAGARI * articles)))):
        texts = [batch["text"] for batch in made.blocks(count, script)]
        stage = f"hot loop, {script.value}"
        yield from loop.measure(script.value, texts, lambda done, total, stage=stage: show(Progress(stage, done, total)))
