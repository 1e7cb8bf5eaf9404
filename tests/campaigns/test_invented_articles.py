"""The articles that the campaigns rest on are what they say they are."""

from __future__ import annotations

import io
import itertools
import json
from collections import Counter
from pathlib import Path

import articles
import numpy as np
import pytest
from storm_articles import KINDS, Storm

import dedup


def test_the_same_seed_gives_the_same_articles_however_many_are_asked_for() -> None:
    few, many = list(articles.articles(500, day=300)), list(articles.articles(900, day=300))
    assert few == many[:500]
    assert few[0] != next(articles.articles(1, seed=2, day=300))


def test_a_third_of_the_articles_are_copies_and_some_come_on_a_later_day() -> None:
    stories = [one["story"] for one in articles.articles(6_000, day=2_000)]
    assert 0.28 < 1 - len(set(stories)) / len(stories) < 0.38
    first, last = set(stories[:2_000]), set(stories[4_000:])
    assert len(first & last) >= 3


def test_jsonl_carries_what_the_batches_have() -> None:
    batch = next(articles.batches(300, day=300))
    file = io.BytesIO()
    articles.write_jsonl(batch, file)
    wanted = batch.drop_columns(["story"]).to_pylist()
    assert [json.loads(line) for line in file.getvalue().splitlines()] == wanted


def test_an_index_finds_the_stories_that_were_invented(tmp_path: Path) -> None:
    invented = list(articles.articles(2_000, day=2_000))
    index = dedup.Index.create(tmp_path / "index")
    index.add(invented)
    found = {row["id"]: row["story"] for row in index.export("articles").read_all().to_pylist()}
    together = Counter((one["story"], found[one["id"]]) for one in invented)
    right, wanted, given = (
        pairs(Counter(counted))
        for counted in (
            list(together.elements()),
            [one["story"] for one in invented],
            list(found.values()),
        )
    )
    assert right / wanted > 0.75
    assert right / given > 0.95


def pairs(sizes: Counter[object]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_names_its_planted_pairs(kind: str) -> None:
    storm = Storm(kind, 300, planted=20)
    made = list(itertools.chain.from_iterable(batch.to_pylist() for batch in storm.batches()))
    assert [one["id"] for one in made] == storm.ids
    assert [one["pair"] for one in made] == storm.pairs.tolist()
    assert np.bincount(storm.pairs + 1).tolist() == [300] + 20 * [2]
    by_pair = {n: [one["text"] for one in made if one["pair"] == n] for n in range(20)}
    assert all(dedup.compare(a, b).containment > 0.5 for a, b in by_pair.values())
