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
from dedup.spark.columns import FIGURES, batch
from dedup.stages import verify
from dedup.store.columns import Sets
from dedup.telling.grouping import is_notice

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# A pair a < b. found: whether these are its figures with all of the narrative; held: whether they are those that count,
# in which boilerplate is no narrative. Mostly both; a pair may be there twice.
LINKED = pa.schema({"a": pa.int64(), "b": pa.int64(), "found": pa.bool_(), "held": pa.bool_(), **FIGURES})
_SIDES = ("length", "narrative_length", "shingles", "narrative", "own_narrative", "own_length")
_PAIRS = 1 << 13
_HUB = 1 << 12  # pairs of one body that go to one task


def measured(pairs: DataFrame, bodies: DataFrame, params: Params) -> DataFrame:
    """Links (schema LINKED) of those pairs (columns a and b, distinct) that are worth it.

    bodies: with own_narrative and own_length, null where boilerplate takes nothing from a body.
    """
    from pyspark.sql import functions as F  # noqa: N812

    # What represents a crowd meets all of it: its set goes to as many tasks as its pairs are spread over.
    ends = pairs.select(F.col("a").alias("body")).union(pairs.select("b"))
    hubs = ends.groupBy("body").count().where(F.col("count") > _HUB)
    hubs = hubs.select("body", F.ceil(F.col("count") / _HUB).cast("int").alias("parts"))
    spread = F.explode(F.sequence(F.lit(0), F.coalesce("parts", F.lit(1)) - 1))
    sides = bodies.join(hubs, "body", "left").withColumn("part", spread)
    told = pairs
    for end, other in (("a", "b"), ("b", "a")):
        part = F.coalesce(F.pmod(F.xxhash64(other), F.col("parts")), F.lit(0)).cast("int")
        told = told.join(hubs.withColumnRenamed("body", end), end, "left").withColumn("part", part).drop("parts")
        side = [F.col("body").alias(end), "part", *(F.col(name).alias(f"{end}_{name}") for name in _SIDES)]
        told = told.join(sides.select(*side), [end, "part"]).drop("part")
    return told.mapInArrow(partial(_measure, params=params), columns.spark_schema(LINKED))


def _measure(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for table in columns.gathered(batches, rows=_PAIRS):
        (sets_a, size_a), (sets_b, size_b) = (_side(table, end) for end in ("a", "b"))
        rows = np.arange(len(table))
        raw = verify.measure(rows, sets_a, rows, sets_b, params, None, (size_a, size_b))
        found = verify.worth_keeping(raw, params)
        less = pc.or_(*(pc.is_valid(table[f"{end}_own_length"]) for end in ("a", "b")))
        other = found & less.combine_chunks().to_numpy(zero_copy_only=False)
        yield _links(table, np.flatnonzero(found & ~other), raw, True, True)
        again = np.flatnonzero(other)
        if len(again):
            yield _links(table, again, raw, True, False)
            some = table.take(pa.array(again))
            (own_a, left_a), (own_b, left_b) = (_own(some, end) for end in ("a", "b"))
            rows = np.arange(len(again))
            own = verify.measure(rows, own_a, rows, own_b, params, None, (left_a, left_b))
            own = verify.by_narrative(own, np.ones(len(again), np.bool_), params)
            kept = np.flatnonzero(verify.worth_keeping(own, params))
            yield _links(some, kept, own, False, True)


def _side(table: pa.Table, end: str) -> tuple[Sets, Any]:
    sets = columns.sets_of(table[f"{end}_shingles"], table[f"{end}_narrative"])
    return sets, columns.numbers(table[f"{end}_narrative_length"])


def _own(table: pa.Table, end: str) -> tuple[Sets, Any]:
    narrative = pc.coalesce(table[f"{end}_own_narrative"], table[f"{end}_narrative"])
    size = pc.coalesce(table[f"{end}_own_length"], table[f"{end}_narrative_length"])
    return columns.sets_of(table[f"{end}_shingles"], narrative), columns.numbers(size)


def _links(table: pa.Table, at: Any, figures: verify.Similarities, found: bool, held: bool) -> pa.RecordBatch:
    n, places = len(at), pa.array(at)
    ends = {end: table[end].combine_chunks().take(places) for end in ("a", "b")}
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
