"""Who meets whom: keys of bodies, buckets of keys, crowds and what is boilerplate in them.

Each body gives a narrow row for each band and anchor; those of one key come together, in order of priority, in one
task. Of a key that many bodies of one batch have, all but the least ones take another way: they are spread over the
tasks, since to know a crowd and its representatives the least of each batch are enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from dedup.kernels.arrays import distinct_pairs, runs
from dedup.linking import boilerplate, crowds
from dedup.model import Params
from dedup.spark import columns
from dedup.spark.bodies import Held
from dedup.spark.columns import batch
from dedup.stages.lsh import REPRESENTATIVES, WHOLE_BUCKET
from dedup.stages.sketch import anchors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

I64 = npt.NDArray[np.int64]
# salt: 0, or where a row that is not needed to know its bucket goes.
_POSTINGS = pa.schema({"key": pa.int64(), "salt": pa.int32(), "body": pa.int64()})
# Pairs a < b of bodies to be measured (key null), members a of a crowd (b null), and crowds (a and b null).
# representatives: int64 each, bodies in order of priority.
MET = pa.schema({"key": pa.int64(), "a": pa.int64(), "b": pa.int64(), "representatives": pa.binary()})
PAIRS = pa.schema({"a": pa.int64(), "b": pa.int64()})
# Representatives and what they tell of their crowds: whether these are masked, and the boilerplate then, uint32 each;
# list: a digest of that, null where there is none.
JUDGED = pa.schema({"representatives": pa.binary(), "masked": pa.bool_(), "common": pa.binary(), "list": pa.binary()})
_SALTS = 1 << 12
_CROWDS = 1 << 10  # judged at once


def met(bodies: DataFrame, params: Params) -> DataFrame:
    """The buckets of bodies, met (schema MET)."""
    told = bodies.where("narrative_length > 0").select("body", "bands", "shingles", "narrative")
    keyed = told.mapInArrow(partial(_postings, params=params), columns.spark_schema(_POSTINGS))
    sorted_ = keyed.repartition("key", "salt").sortWithinPartitions("key", "salt", "body")
    return sorted_.mapInArrow(_meet, columns.spark_schema(MET))


def _postings(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for table in columns.gathered(batches):
        body = columns.numbers(table["body"])
        sets = columns.sets_of(table["shingles"], table["narrative"])
        bands = columns.rows_of(table["bands"], np.uint32, params.bands)
        numbered = bands.astype(np.int64) | (np.arange(params.bands, dtype=np.int64) << 32)
        named, of = anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params)
        keys = np.append(numbered.reshape(-1), named.astype(np.int64) | (params.bands << 32))
        own = np.append(np.repeat(body, params.bands), body[of])
        order = np.lexsort((own, keys))
        keys, own = keys[order], own[order]
        starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, np.int64)
        place = np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))
        salt = np.where(place <= WHOLE_BUCKET, 0, 1 + (own & (_SALTS - 1))).astype(np.int32)
        for first in range(0, len(keys), columns.ROWS):
            part = slice(first, first + columns.ROWS)
            yield batch({"key": keys[part], "salt": salt[part], "body": own[part]}, _POSTINGS)


def _meet(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Buckets as their rows come, sorted; of one that is larger than a batch no more is held than tells that it is."""
    crowd, held = None, np.empty(0, np.int64)  # the key of the last run, where it is known for a crowd; else its bodies
    key = -1
    for came in columns.gathered(batches):
        spread = columns.numbers(came["salt"]) > 0
        if spread.any():
            some = came.filter(pa.array(spread))
            yield batch({"key": some["key"], "a": some["body"]}, MET)
        table = came.filter(pa.array(~spread))
        keys, rows = columns.numbers(table["key"]), columns.numbers(table["body"])
        if not len(keys):
            continue
        if keys[0] == key and crowd is None:
            keys, rows = np.append(np.full(len(held), key), keys), np.append(held, rows)
        elif crowd is None:
            yield from _buckets(np.full(len(held), key), held)
        if keys[0] == crowd:
            same = keys == crowd
            yield batch({"key": keys[same], "a": rows[same]}, MET)
            keys, rows = keys[~same], rows[~same]
            if not len(keys):
                continue
        crowd, key = None, int(keys[-1])
        last = int(np.searchsorted(keys, key))
        if len(keys) - last > WHOLE_BUCKET:
            crowd, held, last = key, held[:0], len(keys)
        else:
            held = rows[last:]
        yield from _buckets(keys[:last], rows[:last])
    if crowd is None:
        yield from _buckets(np.full(len(held), key), held)


def _buckets(keys: I64, rows: I64) -> Iterator[pa.RecordBatch]:
    """Whole buckets, or the beginning of a large one: their pairs, or crowds and members."""
    from dedup.kernels import buckets

    if len(keys) < 2:
        return
    starts = np.append(np.flatnonzero(np.append(True, keys[1:] != keys[:-1])), len(keys))
    sizes = np.diff(starts)
    large = sizes > WHOLE_BUCKET
    if large.any():
        at, _ = runs(starts[:-1][large], sizes[large])
        yield batch({"key": keys[at], "a": rows[at]}, MET)
        first = starts[:-1][large]
        yield batch(
            {"key": keys[first], "representatives": columns.fixed(rows[first[:, None] + np.arange(REPRESENTATIVES)])},
            MET,
        )
    small = (sizes > 1) & ~large
    if not small.any():
        return
    at, bounds = runs(starts[:-1][small], sizes[small])
    known, place = np.unique(rows[at], return_inverse=True)
    told, whole = place.astype(np.uint32), np.ones(int(small.sum()), np.bool_)
    none = np.zeros(len(told), np.bool_)
    out = np.empty(buckets.pairs(bounds, told, none, whole, np.empty(0, np.uint64)), np.uint64)
    buckets.pairs(bounds, told, none, whole, out)
    yield from _pairs(known, np.unique(out), MET)


def _pairs(known: I64, packed: npt.NDArray[np.uint64], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(packed), columns.ROWS):
        part = packed[first : first + columns.ROWS]
        a, b = (part >> np.uint64(32)).astype(np.int64), (part & np.uint64(0xFFFFFFFF)).astype(np.int64)
        yield batch({"a": known[a], "b": known[b]}, schema)


def judged(crowds: DataFrame, bodies: DataFrame, params: Params) -> DataFrame:
    """What representatives of crowds (column representatives) tell, each eight of them once (schema JUDGED)."""
    from pyspark.sql import functions as F  # noqa: N812

    schema = columns.spark_schema(pa.schema({"representatives": pa.binary(), "place": pa.int32(), "body": pa.int64()}))
    asked = crowds.select("representatives").distinct().mapInArrow(_one_by_one, schema)
    wide = ["body", "length", "narrative_length", "shingles", "narrative"]
    told = asked.join(bodies.select(*wide), "body")
    # Hashed together they keep their order: eight rows of a task are one crowd's.
    together = told.repartition("representatives").sortWithinPartitions(F.col("representatives"), F.col("place"))
    return together.mapInArrow(partial(_judge, params=params), columns.spark_schema(JUDGED))


def _one_by_one(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for one in batches:
        rows = columns.rows_of(one.column(0), np.int64, REPRESENTATIVES)
        at = np.repeat(np.arange(len(rows)), REPRESENTATIVES)
        place = np.tile(np.arange(REPRESENTATIVES, dtype=np.int32), len(rows))
        told = one.column(0).take(pa.array(at))
        yield pa.record_batch([told, pa.array(place), pa.array(rows.reshape(-1))], ["representatives", "place", "body"])


def _judge(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for table in columns.whole_runs(batches, "representatives", rows=_CROWDS * REPRESENTATIVES):
        sets = columns.sets_of(table["shingles"], table["narrative"])
        corpus = Held(params, columns.numbers(table["body"]), table, sets)
        rows = np.arange(len(table), dtype=np.uint32).reshape(-1, REPRESENTATIVES)
        masked = crowds.boilerplate(corpus, rows)
        lists: list[bytes] = [b""] * len(rows)
        for at, one in zip(np.flatnonzero(masked).tolist(), boilerplate.in_common(corpus, rows[masked]), strict=True):
            lists[at] = one.tobytes()
        yield batch(
            {
                "representatives": table["representatives"].combine_chunks().take(pa.array(rows[:, 0])),
                "masked": masked,
                "common": pa.array([one or None for one in lists], pa.binary()),
                "list": pa.array([xxhash.xxh3_128_digest(one) if one else None for one in lists], pa.binary()),
            },
            JUDGED,
        )


def with_representatives(members: DataFrame) -> DataFrame:
    """Pairs (schema PAIRS) of bodies (column a) with the representatives of each of their crowds, distinct a body."""
    told = members.select("a", "representatives").repartition("a").sortWithinPartitions("a")
    return told.mapInArrow(_represented, columns.spark_schema(PAIRS))


def _represented(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for table in columns.gathered(batches):
        others = columns.rows_of(table["representatives"], np.int64, REPRESENTATIVES).reshape(-1)
        rows = np.repeat(columns.numbers(table["a"]), REPRESENTATIVES)
        some = rows != others
        pairs = np.stack([np.minimum(rows, others)[some], np.maximum(rows, others)[some]], axis=1)
        if len(pairs):
            found = distinct_pairs(pairs)
            yield batch({"a": found[:, 0], "b": found[:, 1]}, PAIRS)


CLEARED = pa.schema({"body": pa.int64(), "own_narrative": pa.binary(), "own_length": pa.int64()})


def cleared(standing: DataFrame, bodies: DataFrame) -> DataFrame:
    """Bodies that have less narrative for the boilerplate that they hold (schema CLEARED).

    standing: bodies (column body) and what their masked crowds have in common (column common), each once.
    """
    from pyspark.sql import functions as F  # noqa: N812

    lists = standing.groupBy("body").agg(F.collect_list("common").alias("lists"))
    told = bodies.select("body", "narrative_length", "shingles", "narrative").join(lists, "body")
    return told.mapInArrow(_clear, columns.spark_schema(CLEARED))


def _clear(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for table in columns.gathered(batches):
        lists: Any = table["lists"].combine_chunks()
        counts = lists.value_lengths().to_numpy().astype(np.int64)
        values, ends = columns.arrays(lists.flatten(), np.uint32)
        common = [values[ends[i] : ends[i + 1]] for i in range(len(ends) - 1)]
        narrative = columns.numbers(table["narrative_length"]).astype(np.uint32)
        sets = columns.sets_of(table["shingles"], table["narrative"])
        left = boilerplate.clear(sets, narrative, counts, np.arange(len(common)), common)
        some = pa.array(left.less)
        marks = columns.binaries(left.sets.marks, left.sets.mark_ends)
        told = {"body": table["body"].combine_chunks().filter(some), "own_narrative": marks.filter(some)}
        yield batch({**told, "own_length": left.lengths[left.less].astype(np.int64)}, CLEARED)
