"""What this machine does, on articles made up in memory: `dedup bench`.

The hot loop by part, in Latin letters and Devanagari, on one thread and on two; an index from a JSONL file to stories
known; queries, single articles, memory. Everything is put into a temporary folder, which is gone afterwards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dedup.bench import desk, loop, machine, made
from dedup.bench.desk import OnProgress
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
_WARM, _WARM_SINGLY, _BOX = 120, 3, 600  # articles; characters


def bench(articles: int = ARTICLES, *, progress: OnProgress | None = None) -> Benchmark:
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
        texts = texts[:: max(1, len(texts) // _QUERIES)][:_QUERIES]
        queries = desk.ask(index, texts, show)
        singles = desk.add_singly(index, _singles(texts[: min(_SINGLES, articles // 10)]), show)
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


def _warm(folder: Path, show: OnProgress) -> None:
    """Load everything once, and compile what is not compiled, in a small index."""
    show(Progress("warm up", 0, None))
    some = next(made.blocks(_WARM + _WARM_SINGLY, seed=3))
    # A passage that so many have in common is boilerplate, which is told by kernels of its own.
    box = some["text"][0].as_py()[:_BOX]
    rows = [{**row, "text": f"{row['text']}\n{box}"} for row in some.to_pylist()]
    index = Index.create(folder / "warm")
    index.add(rows[:_WARM], progress=show)
    for row in rows[_WARM:]:
        index.query(row["text"])
        index.add([row], progress=show)
    for script in Script:
        loop.once([next(made.blocks(_WARM, script))["text"]])


def _counted(batches: Iterator[Any], articles: int, show: OnProgress) -> Iterator[Any]:
    for number, batch in enumerate(batches):
        show(Progress("make articles up", number * made.BLOCK, articles))
        yield batch


def _singles(texts: list[str]) -> list[dict[str, Any]]:
    """A new article for each text; one in three is a copy of it."""
    some: list[dict[str, Any]] = next(made.blocks(len(texts), seed=2)).to_pylist()
    for article, text in list(zip(some, texts, strict=True))[::3]:
        article["text"] = made.edited(text)
    return some


def _loops(articles: int, show: OnProgress) -> Iterator[Loop]:
    for script, count in ((Script.latin, articles), (Script.devanagari, max(LEAST, int(_DEVANAGARI * articles)))):
        texts = [batch["text"] for batch in made.blocks(count, script)]
        yield from loop.measure(script.value, texts, show)
