"""Components by stars are those of a union-find."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dedup.stages import cluster

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark
Edges = list[tuple[int, int]]


def found(spark: SparkSession, folder: Path, edges: Edges, at_once: int) -> tuple[dict[int, int], int]:
    """Each node's component, and how many rounds it took."""
    from dedup.spark.components import components

    names: list[str] = []

    def keep(df: DataFrame, name: str) -> DataFrame:
        names.append(name)
        df.write.parquet(str(folder / name))
        return spark.read.parquet(str(folder / name))

    spark.conf.set("spark.sql.shuffle.partitions", "2")
    frame = spark.createDataFrame(edges, "a long, b long").repartition(3)
    rows = components(frame, keep, at_once).collect()
    told = {row["body"]: row["component"] for row in rows}
    assert len(told) == len(rows)
    return told, len(names) - 1


def by_union_find(edges: Edges) -> dict[int, int]:
    a, b = np.array(edges).T
    nodes, place = np.unique(np.append(a, b), return_inverse=True)
    root = cluster.components(len(nodes), place[: len(a)], place[len(a) :])
    return dict(zip(nodes.tolist(), nodes[root].tolist(), strict=True))


def chains_and_more() -> Edges:
    """A path of 300 nodes, a star, a ring, pairs, and what is random; numbers negative, too."""
    rng = np.random.default_rng(5)
    path = (rng.permutation(300) - 150).tolist()
    made = list(itertools.pairwise(path))
    made += [(1000, n) for n in range(1001, 1040)]
    made += [(2000 + n, 2000 + (n + 1) % 30) for n in range(30)]
    made += [tuple(pair) for pair in (3000 + rng.integers(0, 200, (120, 2))).tolist()]
    return [(min(pair), max(pair)) for pair in made if pair[0] != pair[1]]


def test_rounds_of_stars_find_what_is_connected(spark: SparkSession, tmp_path: Path) -> None:
    told, rounds = found(spark, tmp_path, chains_and_more(), at_once=0)
    assert told == by_union_find(chains_and_more())
    assert rounds > 1


def test_few_edges_are_taken_at_once(spark: SparkSession, tmp_path: Path) -> None:
    told, rounds = found(spark, tmp_path, chains_and_more(), at_once=10_000)
    assert (told, rounds) == (by_union_find(chains_and_more()), 0)
