"""An index as a news desk has it: filled from a file, asked, and added to one article at a time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dedup.bench import made
from dedup.bench.results import Pipeline, Queries, Singles
from dedup.index import Index
from dedup.model import Progress

OnProgress = Callable[[Progress], None]
_WARM = 10  # queries before those that are timed: the first ones read the index into memory


def write(batches: Iterable[pa.RecordBatch], path: Path, keep: int) -> tuple[int, list[str]]:
    """Write articles as JSONL; returns the bytes of their texts, and one text in every keep."""
    size, kept = 0, []
    with path.open("w", encoding="utf-8") as file:
        for batch in batches:
            rows = batch.to_pylist()
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            size += sum(len(row["text"].encode()) for row in rows)
            kept += [row["text"] for row in rows[::keep]]
        # Else the system writes it while commits are timed, which wait for that.
        file.flush()
        os.fsync(file.fileno())
    return size, kept


def fill(source: Path, folder: Path, size: int, progress: OnProgress) -> Pipeline:
    """Index a file in a new folder. size: bytes of its texts."""
    turns: list[tuple[str, float]] = []

    def told(now: Progress) -> None:
        if not turns or turns[-1][0] != now.stage:
            turns.append((now.stage, time.perf_counter()))
        progress(now)

    start = time.perf_counter()
    added = Index.add_to(folder, source, progress=told)
    end = time.perf_counter()
    # Until the first stage is told the source is opened, which is that stage's.
    starts = [start, *(at for _, at in turns[1:]), end]
    stages: dict[str, float] = {}
    for (stage, _), begun, ended in zip(turns, starts, starts[1:], strict=False):
        stages[stage] = stages.get(stage, 0.0) + ended - begun
    return Pipeline(added.read, size, added.stories, end - start, added.read / (end - start), stages)


def ask(folder: Path, texts: list[str], progress: OnProgress) -> Queries:
    """Query an index for each text, cut or edited in turn."""
    index = Index.open(folder)
    queries = [made.cut(text) if number % 2 else made.edited(text) for number, text in enumerate(texts)]
    for text in queries[:_WARM]:
        index.query(text)
    taken, found = [], 0
    for number, text in enumerate(queries):
        progress(Progress("queries", number, len(queries)))
        start = time.perf_counter()
        matches = index.query(text)
        taken.append(1000 * (time.perf_counter() - start))
        found += bool(matches)
    return Queries(len(taken), found, float(np.percentile(taken, 50)), float(np.percentile(taken, 99)))


def add_singly(folder: Path, articles: list[dict[str, Any]], progress: OnProgress) -> Singles:
    """Add articles to an index, each in a call of its own."""
    index = Index.open(folder)
    taken = []
    for number, article in enumerate(articles):
        progress(Progress("single articles", number, len(articles)))
        start = time.perf_counter()
        index.add([article])
        taken.append(1000 * (time.perf_counter() - start))
    return Singles(len(taken), float(np.median(taken)))


def size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
