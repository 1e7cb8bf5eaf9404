"""Bodies: identical ones collapsed, and their sets at hand in a task as an index has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.corpus import LEAST_TOKENS, Corpus
from dedup.errors import CollidingBodies
from dedup.model import Params
from dedup.prepare import Prepared
from dedup.spark import columns
from dedup.spark.columns import SETS, batch
from dedup.stages.lsh import all_band_keys
from dedup.stages.shingle import ShingleSets
from dedup.store import MemoryDirectory, Store
from dedup.store.columns import Sets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# A body. first: the row of its earliest article, late, published and id those of that one. copies: articles that have
# it. bands: uint32 each, its bands' keys.
BODIES = pa.schema(
    {
        "body": pa.int64(),
        "copies": pa.int64(),
        "first": pa.int64(),
        "late": pa.bool_(),
        "published": pa.int64(),
        "id": pa.string(),
        "length": pa.int64(),
        "narrative_length": pa.int64(),
        "bands": pa.binary(),
        **SETS,
    }
)
_HERE: dict[Params, Store] = {}


def collapsed(articles: DataFrame, params: Params) -> DataFrame:
    """The bodies of articles that are long enough to tell a story (schema BODIES)."""
    from pyspark.sql import functions as F  # noqa: N812

    told = articles.where(F.col("length") >= LEAST_TOKENS)
    late = F.col("published").isNull()
    order = F.struct(late.alias("late"), F.coalesce("published", F.lit(0)).alias("at"), F.col("id"), F.col("row"))
    found = told.groupBy("body").agg(
        F.min(order).alias("least"),
        F.count("*").alias("copies"),
        F.min("digest").alias("low"),
        F.max("digest").alias("high"),
    )
    found = found.select("copies", "low", "high", F.col("least.row").alias("row"), F.col("least.late").alias("late"))
    wide = ["row", "body", "published", "id", "length", "narrative_length", "signature", *SETS]
    made = told.select(*wide).join(found, "row")
    return made.mapInArrow(partial(_bodies, params=params), columns.spark_schema(BODIES))


def _bodies(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for one in batches:
        table = pa.Table.from_batches([one])
        clash = table.filter(pc.not_equal(table["low"], table["high"]))
        if clash.num_rows:
            raise CollidingBodies(id=clash["id"][0].as_py())
        signatures = columns.rows_of(table["signature"], np.uint32, params.num_perm)
        keys = np.empty((len(signatures), params.bands), np.uint32)
        for band, found in enumerate(all_band_keys(signatures, params)):
            keys[:, band] = found
        kept = {name: table[name] for name in BODIES.names if name in table.column_names}
        yield batch({**kept, "first": table["row"], "bands": columns.fixed(keys)}, BODIES)


def store(params: Params) -> Store:
    """An empty index in memory, which a Corpus builds on; one a process."""
    if params not in _HERE:
        _HERE[params] = Store.create(MemoryDirectory(), params)
    return _HERE[params]


class Held(Corpus):
    """Bodies that a task has at hand, as an index has those that it is about to take: row p is body p."""

    def __init__(self, params: Params, body: npt.NDArray[np.int64], table: pa.Table, sets: Sets) -> None:
        """body: int64, n, distinct numbers. table: columns length and narrative_length of theirs."""
        n = len(body)
        digests = np.zeros((n, 2), np.uint64)  # nobody asks for them: a body is known by its number
        tokens = columns.numbers(table["length"]).astype(np.int32)
        shingles = ShingleSets(sets.hashes, sets.ends, sets.marks, sets.mark_ends, tokens, digests)
        none: Any = np.empty((n, 0), np.uint32)
        ready = Prepared(
            id_hash=digests,
            text_hash=digests,
            sets=shingles,
            narrative_lengths=columns.numbers(table["narrative_length"]).astype(np.uint32),
            signatures=none,
            anchors=(np.empty(0, np.uint32), np.empty(0, np.uint32)),
        )
        super().__init__(store(params), ready, 0)
        self._number = columns.unsigned(body)

    def priority(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
        return np.asarray(self._number[rows])


def own_of(table: pa.Table, sets: Sets) -> tuple[Sets, npt.NDArray[np.int64]]:
    """Those sets with what is narrative of their own alone, and how many shingles that is of each.

    table: columns narrative_length, narrative, own_narrative, own_length of theirs.
    """
    marks = columns.arrays(pc.coalesce(table["own_narrative"], table["narrative"]), np.uint8)
    lengths = columns.numbers(pc.coalesce(table["own_length"], table["narrative_length"]))
    return Sets(sets.hashes, sets.ends, *marks), lengths
