"""Candidates measured on their sets, and which links hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Params
from dedup.spark import columns
from dedup.spark.bodies import own_of
from dedup.spark.columns import FIGURES, SETS, Keep, batch
from dedup.spark.components import least_beside
from dedup.stages import verify
from dedup.telling.grouping import is_notice

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# A pair a < b. found: whether these are its figures with all of the narrative; held: whether they are those that count,
# in which boilerplate is no narrative. Mostly both; a pair may be there twice.
LINKED = pa.schema({"a": pa.int64(), "b": pa.int64(), "found": pa.bool_(), "held": pa.bool_(), **FIGURES})
# What a task is given: bodies (other null), and pairs of a body and a larger one, of one cell together.
_GIVEN = pa.schema(
    {
        "cell": pa.int64(),
        "body": pa.int64(),
        "other": pa.int64(),
        "length": pa.int64(),
        "narrative_length": pa.int64(),
        **SETS,
        "own_narrative": pa.binary(),
        "own_length": pa.int64(),
    }
)
_CELL = 1 << 12  # pairs of a cell, about
_TOKEN = 4  # bytes of a set, for each token at most


def measured(pairs: DataFrame, bodies: DataFrame, params: Params, keep: Keep) -> DataFrame:
    """Links (schema LINKED) of those pairs (columns a and b, distinct) that are worth it.

    bodies: with own_narrative and own_length, null where boilerplate takes nothing from a body. keep: as for
    `dedup.spark.components.components`. Pairs whose first ones have the same least partner come to one cell, to which a
    set goes once; a cell of many pairs, as what represents a crowd makes it with all of it, is cut into several.
    """
    from pyspark.sql import functions as F  # noqa: N812

    placed = keep(_cells(pairs, bodies), "temporary/cells")
    needed = placed.select("cell", F.col("a").alias("body")).union(placed.select("cell", "b")).distinct()
    sides = bodies.join(needed, "body")
    of_pairs = placed.select("cell", F.col("a").alias("body"), F.col("b").alias("other"))
    given = columns.shaped(sides, _GIVEN).union(columns.shaped(of_pairs, _GIVEN))
    together = given.repartition("cell").sortWithinPartitions("cell")
    return together.mapInArrow(partial(_measure, params=params), columns.spark_schema(LINKED))


def _cells(pairs: DataFrame, bodies: DataFrame) -> DataFrame:
    """Pairs with their cell: that of the least body which a is paired with, itself or another one."""
    from pyspark.sql import functions as F  # noqa: N812

    told = pairs.join(least_beside(pairs), "a").join(bodies.select(F.col("body").alias("b"), "length"), "b")
    size = F.greatest(F.count("*") / _CELL, F.sum("length") * _TOKEN / columns.BYTES)
    large = told.groupBy("least").agg(F.ceil(size).alias("cuts")).where("cuts > 1")
    cut = F.coalesce(F.pmod(F.xxhash64("b"), F.col("cuts")), F.lit(0))
    # Two cells of one number are one: a task looks for what a pair names, not for what is beside it.
    return told.join(large, "least", "left").select("a", "b", F.xxhash64("least", cut).alias("cell"))


def _measure(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for table in columns.whole_runs(batches, "cell"):
        is_pair = pc.is_valid(table["other"])
        pairs, bodies = table.filter(is_pair), table.filter(pc.invert(is_pair)).combine_chunks()
        # One after the other what is measured against the same set.
        pairs = pairs.take(pa.array(np.argsort(columns.numbers(pairs["body"]), kind="stable"))).combine_chunks()
        known, first = np.unique(columns.numbers(bodies["body"]), return_index=True)
        a, b = (first[np.searchsorted(known, columns.numbers(pairs[name]))] for name in ("body", "other"))
        sets = columns.sets_of(bodies["shingles"], bodies["narrative"])
        told = columns.numbers(bodies["narrative_length"])
        raw = verify.measure(a, sets, b, sets, params, None, (told[a], told[b]))
        found = verify.worth_keeping(raw, params)
        less = pc.is_valid(bodies["own_length"]).combine_chunks().to_numpy(zero_copy_only=False)
        other = found & (less[a] | less[b])
        yield _links(pairs, np.flatnonzero(found & ~other), raw, True, True)
        if other.any():
            again = np.flatnonzero(other)
            yield _links(pairs, again, raw, True, False)
            own, left = own_of(bodies, sets)
            figures = verify.measure(a[again], own, b[again], own, params, None, (left[a[again]], left[b[again]]))
            figures = verify.by_narrative(figures, np.ones(len(again), np.bool_), params)
            kept = np.flatnonzero(verify.worth_keeping(figures, params))
            yield _links(pairs.take(pa.array(again)), kept, figures, False, True)


def _links(pairs: pa.Table, at: Any, figures: verify.Similarities, found: bool, held: bool) -> pa.RecordBatch:
    n, places = len(at), pa.array(at)
    ends = {end: pairs[name].combine_chunks().take(places) for end, name in (("a", "body"), ("b", "other"))}
    flags = {"found": np.full(n, found), "held": np.full(n, held)}
    return batch({**ends, **flags, **columns.figure_columns(verify.take(figures, at))}, LINKED)


def notices(bodies: DataFrame, params: Params) -> DataFrame:
    """Those bodies (column body) that tell no story, by `dedup.telling.grouping.is_notice`.

    bodies: with own_length, as for `measured`.
    """
    told = bodies.where("copies > 1").select("body", "copies", "length", "narrative_length", "own_length")
    return told.mapInArrow(partial(_notices, params=params), "body long")


def _notices(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for one in batches:
        copies, tokens, narrative = (columns.numbers(one[name]) for name in ("copies", "length", "narrative_length"))
        left = columns.numbers(pc.coalesce(one["own_length"], one["narrative_length"]))
        notice = is_notice(copies, tokens, narrative, left, params)
        yield pa.record_batch([one["body"].filter(pa.array(notice))], ["body"])
