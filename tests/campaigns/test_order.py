"""The answer depends on which articles are there, and on nothing else: not order, batches, threads, removals."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import articles
import pytest
from arrivals import arrived, exported, threads
from storm_articles import Storm

import dedup

REAL = Path(os.environ.get("DEDUP_REAL_ARTICLES", ""))
_ORDERS = 20
Exports = tuple[list[bytes], list[bytes]]


def invented() -> list[dict[str, Any]]:
    """Articles among which some hundred share a paragraph, some a footer, and some are one story."""
    found = list(articles.articles(400, day=400))
    for kind, count in (("paragraph", 150), ("footer", 100), ("story", 110)):
        for batch in Storm(kind, count, planted=10).batches():
            found += [{**one, "id": f"{kind}-{one['id']}"} for one in batch.to_pylist()]
    return found


def real() -> list[dict[str, Any]]:
    found = []
    for path in sorted(REAL.glob("*.jsonl.gz")):
        with gzip.open(path) as lines:
            found += [json.loads(line) for line in lines]
    return found


@pytest.fixture(scope="module")
def of_invented(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return in_one_go(tmp_path_factory.mktemp("invented"), invented())


@pytest.fixture(scope="module")
def of_real(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return in_one_go(tmp_path_factory.mktemp("real"), real())


def in_one_go(folder: Path, records: list[dict[str, Any]]) -> Exports:
    """As the articles came, and compacted, which learns templates."""
    index = dedup.Index.create(folder / "index")
    index.add(records)
    before = exported(index, folder / "before.jsonl")
    assert index.compact().templates
    return before, exported(index, folder / "after.jsonl")


@pytest.mark.parametrize(
    ("seed", "batches", "singly", "workers"),
    [(1, 1, 0, 1), (2, 7, 0, 2), (3, 7, 25, 1)],
    ids=["1", "7", "7-and-singly"],
)
def test_stories_are_the_same_in_any_order_batches_and_threads(
    tmp_path: Path, of_invented: Exports, seed: int, batches: int, singly: int, workers: int
) -> None:
    with threads(workers):
        index = arrived(tmp_path / "index", invented(), seed, batches, singly)
        before = exported(index, tmp_path / "before.jsonl")
        index.compact()
    assert different(before, of_invented[0]) == []
    assert different(exported(index, tmp_path / "after.jsonl"), of_invented[1]) == []


@pytest.mark.campaign
@pytest.mark.skipif(not REAL.name, reason="DEDUP_REAL_ARTICLES names no folder of JSONL files with id and text")
@pytest.mark.parametrize("batches", [1, 7, 100])
@pytest.mark.parametrize("seed", range(_ORDERS))
def test_stories_of_real_articles_are_the_same_in_any_order_batches_and_threads(
    tmp_path: Path, of_real: Exports, seed: int, batches: int
) -> None:
    with threads(1 + seed % 2):
        index = arrived(tmp_path / "index", real(), seed, batches)
        before = exported(index, tmp_path / "before.jsonl")
        index.compact()
    assert different(before, of_real[0]) == []
    assert different(exported(index, tmp_path / "after.jsonl"), of_real[1]) == []


def test_more_than_64_of_the_invented_articles_share_a_paragraph() -> None:
    paragraphs = Counter(p for one in invented() for p in set(one["text"].split("\n")))
    assert paragraphs.most_common(1)[0][1] > 2 * 64


def different(found: list[bytes], wanted: list[bytes]) -> list[tuple[bytes, bytes]]:
    """The first lines that are not the same."""
    assert len(found) == len(wanted)
    return [(a, b) for a, b in zip(found, wanted, strict=True) if a != b][:3]
