"""Who meets whom: keys of bodies, buckets of keys, crowds and what is boilerplate in them.

Each body is known under the keys of its bands and anchors; those of one key come together in one task. Keys are parted,
and what a batch has of a part travels in one row: a row for each key would cost more than all that is done with it. Of
a key that many bodies of one batch have, all but the least ones take another way: they are spread over the parts, since
to know a crowd and its representatives the least of each batch are enough.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from dedup.kernels.arrays import begins, distinct, distinct_pairs, runs
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
# Keys and the body that is known under each, int64 both, of one part of all keys. crowded: whether they are not needed
# to know their buckets; those of one part need not have anything to do with each other then.
_POSTINGS = pa.schema({"part": pa.int32(), "crowded": pa.bool_(), "keys": pa.binary(), "bodies": pa.binary()})
# Pairs a < b of bodies to be measured (key null), members a of a crowd (b null), and crowds (a and b null).
# representatives: int64 each, bodies in order of priority.
MET = pa.schema({"key": pa.int64(), "a": pa.int64(), "b": pa.int64(), "representatives": pa.binary()})
PAIRS = pa.schema({"a": pa.int64(), "b": pa.int64()})
# Representatives and what they tell of their crowds: whether these are masked, and the boilerplate then, uint32 each;
# list: a digest of that, null where there is none.
JUDGED = pa.schema({"representatives": pa.binary(), "masked": pa.bool_(), "common": pa.binary(), "list": pa.binary()})
_KEY_BITS = 32  # of a band's or an anchor's own, before the number of the band
# Parts of the keys for each partition, among which they level out.
_PARTS = 4
_AT_ONCE = 1 << 18  # postings in small buckets: 8 million pairs at most
_MIX = np.uint64(0x9E3779B97F4A7C15)
_CROWDS = 1 << 10  # judged at once


def met(bodies: DataFrame, params: Params, partitions: int) -> DataFrame:
    """The buckets of bodies, met (schema MET). partitions: enough for what one has of the keys to fit into a task."""
    told = bodies.where("narrative_length > 0").select("body", "bands", "shingles", "narrative")
    work = partial(_postings, params=params, parts=_PARTS * partitions)
    together = told.mapInArrow(work, columns.spark_schema(_POSTINGS)).repartition("part").sortWithinPartitions("part")
    return together.mapInArrow(_meet, columns.spark_schema(MET))


def _postings(batches: Iterable[pa.RecordBatch], params: Params, parts: int) -> Iterator[pa.RecordBatch]:
    for table in columns.gathered(batches):
        body = columns.numbers(table["body"])
        sets = columns.sets_of(table["shingles"], table["narrative"])
        bands = columns.rows_of(table["bands"], np.uint32, params.bands)
        numbered = bands.astype(np.int64) | (np.arange(params.bands, dtype=np.int64) << _KEY_BITS)
        named, of = anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params)
        keys = np.append(numbered.reshape(-1), named.astype(np.int64) | (params.bands << _KEY_BITS))
        yield posted(keys, np.append(np.repeat(body, params.bands), body[of]), parts)


def posted(keys: I64, bodies: I64, parts: int) -> pa.RecordBatch:
    """Postings (schema _POSTINGS) of keys and the body under each, in so many parts at most.

    keys: int64, n, none negative. bodies: int64, n, one once under a key. Raises OverflowError where n keys of so many
    bits and n bodies are too many for a word.
    """
    keys, known, places = _in_order(keys, bodies)
    own = known[places]
    starts = np.flatnonzero(begins(keys))
    place = np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))
    crowded = place > WHOLE_BUCKET
    mixed = np.where(crowded, own, keys).view(np.uint64) * _MIX
    part = ((mixed >> np.uint64(32)) % np.uint64(parts)).astype(np.int64) + parts * crowded
    # Of 16 bits NumPy sorts them by counting.
    order = np.argsort(part.astype(np.min_scalar_type(2 * parts)), kind="stable")
    part = part[order]
    first = np.flatnonzero(begins(part))
    ends = np.append(first, len(part))
    return batch(
        {
            "part": part[first] % parts,
            "crowded": part[first] >= parts,
            "keys": columns.binaries(keys[order], ends),
            "bodies": columns.binaries(own[order], ends),
        },
        _POSTINGS,
    )


def _in_order(keys: I64, bodies: I64) -> tuple[I64, I64, npt.NDArray[np.uint32]]:
    """Keys in order, the distinct bodies, and the place there of the body under each key, rising under one key."""
    known = distinct(bodies)
    places = np.searchsorted(known, bodies)
    bits = len(known).bit_length()
    if len(keys) and int(keys.max()).bit_length() + bits > 64:
        raise OverflowError(f"{len(known):,} bodies in a part of the keys")
    # A million words are sorted in 0.02 s, two columns of a million in 0.6.
    packed = keys.view(np.uint64) << np.uint64(bits) | places.astype(np.uint64)
    packed.sort()
    mask = np.uint64((1 << bits) - 1)
    return (packed >> np.uint64(bits)).view(np.int64), known, (packed & mask).astype(np.uint32)


def _meet(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Buckets of postings that come part by part."""
    for table in columns.whole_runs(batches, "part"):
        yield from _members(*_listed(table.filter(table["crowded"])))
        yield from _buckets(*_in_order(*_listed(table.filter(pc.invert(table["crowded"])))))


def _listed(postings: pa.Table) -> tuple[I64, I64]:
    keys, bodies = (columns.arrays(postings[name], np.int64)[0] for name in ("keys", "bodies"))
    return keys, bodies


def _members(keys: I64, bodies: I64) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(keys), columns.ROWS):
        part = slice(first, first + columns.ROWS)
        yield batch({"key": keys[part], "a": bodies[part]}, MET)


def _buckets(keys: I64, known: I64, places: npt.NDArray[np.uint32]) -> Iterator[pa.RecordBatch]:
    """Buckets as `_in_order` gives them: their pairs, or crowds and members."""
    from dedup.kernels import buckets

    starts = np.append(np.flatnonzero(begins(keys)), len(keys))
    sizes = np.diff(starts)
    large = sizes > WHOLE_BUCKET
    if large.any():
        at, _ = runs(starts[:-1][large], sizes[large])
        yield from _members(keys[at], known[places[at]])
        first = starts[:-1][large]
        least = known[places[first[:, None] + np.arange(REPRESENTATIVES)]]
        yield batch({"key": keys[first], "representatives": columns.fixed(least)}, MET)
    small = (sizes > 1) & ~large
    starts, sizes = starts[:-1][small], sizes[small]
    part = np.cumsum(sizes) // _AT_ONCE
    for first, end in itertools.pairwise(np.append(np.flatnonzero(begins(part)), len(part))):
        at, bounds = runs(starts[first:end], sizes[first:end])
        under, whole = places[at], np.ones(end - first, np.bool_)
        none = np.zeros(len(under), np.bool_)
        out = np.empty(buckets.pairs(bounds, under, none, whole, np.empty(0, np.uint64)), np.uint64)
        buckets.pairs(bounds, under, none, whole, out)
        yield from _pairs(known, distinct(out))


def _pairs(known: I64, packed: npt.NDArray[np.uint64]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(packed), columns.ROWS):
        part = packed[first : first + columns.ROWS]
        a, b = (part >> np.uint64(32)).astype(np.int64), (part & np.uint64(0xFFFFFFFF)).astype(np.int64)
        yield batch({"a": known[a], "b": known[b]}, MET)


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
