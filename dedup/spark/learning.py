"""Templates of outlets learnt on Spark, as `dedup.templates.learn` learns them from an index.

Each body gives a narrow row a line; lines on pages enough, and those of their pages that say something, come together
by line, eight pages of each with their texts in one task. Articles that have a template are sketched again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup.kernels.arrays import distinct
from dedup.model import Params
from dedup.prepare import digests, sketched
from dedup.spark import arrive, columns
from dedup.spark.columns import PREPARED, Keep, batch
from dedup.templates import learn, lines, outlets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# A line of an article. line, page: hashes as `columns.signed` gives them, of the outlet and the line, and of the body;
# bytes: of the line; size: of all lines of the body.
_SEEN = pa.schema({"line": pa.int64(), "row": pa.int64(), "page": pa.int64(), "bytes": pa.int64(), "size": pa.int64()})
# As kept.TEMPLATES, with key and seed as `columns.signed` gives them.
LEARNT = pa.schema(
    {
        "key": pa.int64(),
        "seed": pa.int64(),
        "outlet": pa.string(),
        "line": pa.string(),
        "pages": pa.int64(),
        "sampled": pa.int64(),
        "stories": pa.int64(),
    }
)
_AGAIN = pa.schema([*PREPARED, pa.field("row", pa.int64())])


def learnt(articles: DataFrame, params: Params, keep: Keep) -> DataFrame:
    """The articles that have templates, sketched without (schema PREPARED, and row): templates and these are kept."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    told = articles.where("outlet is not null").select("row", "outlet", "text")
    seen = told.mapInArrow(_lines, columns.spark_schema(_SEEN))
    pages = seen.select("line", "page").distinct().groupBy("line").agg(F.count("*").alias("pages"))
    often = pages.where(F.col("pages") >= learn.LEAST)
    hits = keep(seen.join(often, "line"), "temporary/lines")
    sizes = hits.groupBy("row").agg(F.sum("bytes").alias("furniture"), F.first("size").alias("size"))
    saying = sizes.mapInArrow(_saying, "row long")
    one = hits.join(saying, "row").groupBy("line", "page", "pages").agg(F.min("row").alias("row"))
    rank = F.row_number().over(Window.partitionBy("line").orderBy("page"))
    sampled = one.withColumn("rank", rank).where(F.col("rank") <= learn.SAMPLE)
    repeated = hits.groupBy("row").agg(F.collect_set("line").alias("repeated"))
    given = sampled.join(repeated, "row").join(told, "row").repartition("line").sortWithinPartitions("line", "rank")
    templates = keep(given.mapInArrow(partial(_judge, params=params), columns.spark_schema(LEARNT)), "index/templates")
    known = templates.select(F.col("key").alias("line")).join(hits.select("line", "row").distinct(), "line")
    known = known.groupBy("row").agg(F.collect_list("line").alias("known"))
    again = articles.join(known, "row").mapInArrow(partial(_again, params=params), columns.spark_schema(_AGAIN))
    return keep(again, "index/again")


def _lines(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for one in batches:
        bodies, seeds = one["text"].cast(pa.large_string()), outlets.seeds(one["outlet"])
        some = np.flatnonzero(seeds)
        bodies, row = bodies.take(pa.array(some)), columns.numbers(one["row"])[some]
        found = lines.lines(bodies, seeds[some])
        of, size = found.of, found.end - found.start
        page = columns.signed(np.ascontiguousarray(digests(bodies)[:, 0]))
        whole = np.bincount(of, size, len(bodies)).astype(np.int64)
        told = {"line": columns.signed(found.hashes), "row": row[of], "page": page[of]}
        yield batch({**told, "bytes": size, "size": whole[of]}, _SEEN)


def _saying(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for one in batches:
        size, furniture = columns.numbers(one["size"]), columns.numbers(one["furniture"])
        yield pa.record_batch([one["row"].filter(pa.array(learn.says(size - furniture, size)))], ["row"])


def _judge(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for table in columns.whole_runs(batches, "line", rows=1 << 12):
        starts = columns.starts_of(table["line"])
        sizes = np.diff(starts)
        enough = sizes >= learn.LEAST
        if not enough.any():
            continue
        place = np.flatnonzero(np.repeat(enough, sizes))
        bodies = table["text"].combine_chunks().cast(pa.large_string())
        articles = pa.record_batch([table["outlet"].combine_chunks(), bodies], ["outlet", "body"])
        repeated = distinct(columns.unsigned(columns.numbers(table["repeated"].combine_chunks().flatten())))
        keys = columns.unsigned(columns.numbers(table["line"])[starts[:-1][enough]])
        pages = columns.numbers(table["pages"])[starts[:-1][enough]]
        found = learn.judged(articles, repeated, keys, pages, sizes[enough], place, params)
        hashes = {name: columns.signed(found[name].to_numpy()) for name in ("key", "seed")}
        yield batch({**{name: found[name] for name in LEARNT.names}, **hashes}, LEARNT)


def _again(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for one in batches:
        table = pa.Table.from_batches([one])
        articles = columns.articles_of(table)
        hashes = distinct(columns.unsigned(columns.numbers(one["known"].flatten())))
        known = lines.Known(hashes, outlets.seeds(articles.column("outlet")))
        id_hash, text_hash = (columns.rows_of(table[name], np.uint64, 2) for name in ("id_hash", "text_hash"))
        ready = arrive.columns_of(articles, sketched(articles, id_hash, text_hash, params, None, known))
        yield batch({**ready, "row": one["row"]}, _AGAIN)
