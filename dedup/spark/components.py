"""Connected components of a graph that no machine holds, by alternating large-star and small-star.

Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected Components in MapReduce and Beyond, SoCC 2014. Large-star
hangs the larger neighbours of each node on its least one, small-star the others; both keep what is connected, and what
is left in the end are stars around the least node of each component. Each round is written to where a dead executor
does not take it along. Once no more edges are left than one task holds at ease, it does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup.spark import columns
from dedup.spark.columns import Keep
from dedup.stages import cluster

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Edges that one task takes: 16 bytes each, and as much again a few times while they are numbered.
AT_ONCE = 1 << 22
_EDGES = "a long, b long"
_PART = 1 << 20
# Rounds: of the order of the logarithm of the longest path's square at most, and some ten in practice.
_MOST = 100


def components(edges: DataFrame, keep: Keep, at_once: int = AT_ONCE) -> DataFrame:
    """Each node of some edges (columns a, b: long) and the least one that it is connected to (columns body, component).

    keep: writes a DataFrame down under a name, and gives it as it was written. at_once: edges that one task may take.
    """
    from pyspark.sql import functions as F  # noqa: N812

    # Each task makes stars of what it has, which leaves an edge a node at most. In order, so that a task that is run
    # again makes the same ones: some of those that it made first may have been taken on already.
    sorted_ = edges.select("a", "b").sortWithinPartitions("a", "b")
    now = keep(sorted_.mapInArrow(_stars, _EDGES).distinct(), "temporary/edges-0")
    before = None
    for round_ in range(1, _MOST + 1):
        here = _fingerprint(now)
        if here == before or here[0] <= at_once:
            break
        before = here
        now = keep(_small_star(_large_star(now)), f"temporary/edges-{round_}")
    else:
        raise RuntimeError(f"components do not settle in {_MOST} rounds")
    if here[0] <= at_once:
        now = now.coalesce(1).mapInArrow(_all_at_once, _EDGES)
    told = now.select(F.col("a").alias("body"), F.col("b").alias("component"))
    return told.union(told.select(F.col("component"), F.col("component"))).distinct()


def both_ways(edges: DataFrame) -> DataFrame:
    """Edges, and their reverses."""
    from pyspark.sql import functions as F  # noqa: N812

    return edges.select("a", "b").union(edges.select(F.col("b").alias("a"), F.col("a").alias("b")))


def least_beside(edges: DataFrame) -> DataFrame:
    """Each node (column a), and the least of it and its neighbours (column least)."""
    from pyspark.sql import functions as F  # noqa: N812

    return both_ways(edges).groupBy("a").agg(F.least(F.col("a"), F.min("b")).alias("least"))


def _large_star(edges: DataFrame) -> DataFrame:
    """The larger neighbours of each node, hung on the least of it and its neighbours. a > b, as in all edges."""
    from pyspark.sql import functions as F  # noqa: N812

    larger = both_ways(edges).where("b > a").join(least_beside(edges), "a")
    return larger.select(F.col("b").alias("a"), F.col("least").alias("b")).distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Each node and its smaller neighbours, hung on the least of these."""
    from pyspark.sql import functions as F  # noqa: N812

    least = edges.groupBy("a").agg(F.min("b").alias("least"))
    hung = edges.join(least, "a").select(F.col("b").alias("a"), F.col("least").alias("b"))
    itself = least.select("a", F.col("least").alias("b"))
    return hung.union(itself).where("a > b").distinct()


def _fingerprint(edges: DataFrame) -> tuple[int, int]:
    """How many edges, and a sum that tells other ones."""
    from pyspark.sql import functions as F  # noqa: N812

    # A sum of 64-bit hashes might overflow.
    mixed = F.sum(F.xxhash64("a", "b").bitwiseAND((1 << 31) - 1))
    n, told = edges.agg(F.count("*"), F.coalesce(mixed, F.lit(0))).first() or (0, 0)
    return int(n), int(told)


def _stars(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for table in columns.gathered(batches, rows=_PART):
        yield _connected(table)


def _all_at_once(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    held = list(batches)
    if held:
        found = _connected(pa.Table.from_batches(held))
        for first in range(0, found.num_rows, columns.ROWS):
            yield found.slice(first, columns.ROWS)


def _connected(edges: pa.Table) -> pa.RecordBatch:
    """An edge a > b from each node to the least one that it is connected to."""
    a, b = columns.numbers(edges["a"]), columns.numbers(edges["b"])
    nodes, place = np.unique(np.append(a, b), return_inverse=True)
    least = nodes[cluster.components(len(nodes), place[: len(a)], place[len(a) :])]
    some = least != nodes
    return pa.record_batch([pa.array(nodes[some]), pa.array(least[some])], ["a", "b"])
