"""The same articles in another order, in batches, with removals: what must not change an answer."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import dedup
from dedup.report import tables

Records = Sequence[dict[str, Any]]


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Let indexes work with so many threads, on as many processors: they go by what the system says it has."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:count])
    try:
        with mock.patch("os.cpu_count", return_value=count):
            yield
    finally:
        os.sched_setaffinity(0, allowed)


def arrived(folder: Path, records: Records, seed: int, batches: int, singly: int = 0) -> dedup.Index:
    """An index of records that came in the order of this seed, in so many batches, the last of them one by one.

    The first tenth is removed half-way and comes again at the end. Of those after it some come with another text
    first: they are replaced at the end.
    """
    order = random.Random(seed).sample(records, len(records))
    tenth = len(order) // 10
    again, revised = order[:tenth], order[tenth : tenth + tenth // 2]
    drafts = [{**one, "text": other["text"]} for one, other in zip(revised, order[-len(revised) :], strict=True)]
    first = again + drafts + order[tenth + len(drafts) :]
    index = dedup.Index.create(folder)
    parts = _split(first[: len(first) - singly], batches)
    for number, part in enumerate(parts):
        index.add(part)
        if number == len(parts) // 2:
            assert index.remove([one["id"] for one in again]) == len(again)
    for one in first[len(first) - singly :]:
        index.add([one])
    index.add([*reversed(again), *revised])
    assert len(index) == len(records)
    return index


def exported(index: dedup.Index, file: Path) -> list[bytes]:
    """What `dedup export articles` writes, in order of id."""
    tables.write(index.export("articles"), "jsonl", file)
    return sorted(file.read_bytes().splitlines())


def _split(records: Records, parts: int) -> list[Records]:
    ends = [len(records) * i // parts for i in range(parts + 1)]
    return [records[start:end] for start, end in itertools.pairwise(ends)]
