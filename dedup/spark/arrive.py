"""Articles as Spark reads them, cleaned, shingled and sketched where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.corpus import priority_of
from dedup.errors import MissingField
from dedup.model import Kind, Params, Rejected
from dedup.prepare import Prepared, identify, prepare
from dedup.spark import columns
from dedup.spark.columns import PREPARED, batch
from dedup.stages.clean import reads_html
from dedup.stages.read import Options, read_batches, read_lines
from dedup.stages.read.frame import TEXTS
from dedup.stages.read.limits import LINE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# The one column of a DataFrame of lines of JSONL.
LINES = "jsonl"
_REASON = 500  # characters


def prepared(df: DataFrame, params: Params, options: Mapping[str, Any]) -> DataFrame:
    """Raw articles as PREPARED, with their row.

    df: columns as the fields of JSONL, of whatever types; or one, LINES, of lines of JSONL. options: of
    `dedup.stages.read.Options`. Raises MissingField without a column for the text.
    """
    from pyspark.sql import functions as F  # noqa: N812

    names = Options(**options).names
    if df.columns != [LINES] and not any(names.get(field) in df.columns for field in TEXTS):
        raise MissingField(path="the input", found=", ".join(name[:40] for name in df.columns[:20]))
    wanted = set(names.values())
    told = df if df.columns == [LINES] else df.select([name for name in df.columns if name in wanted])
    work = partial(prepare_batches, params=params, options=dict(options))
    made = told.mapInArrow(work, columns.spark_schema(PREPARED))
    return made.withColumn("row", F.monotonically_increasing_id())


def prepare_batches(
    batches: Iterable[pa.RecordBatch], params: Params, options: Mapping[str, Any]
) -> Iterator[pa.RecordBatch]:
    """Batches of PREPARED, of a task's batches of raw articles: 8 MB of text each, about."""
    rejected: list[str] = []

    def reject(one: Rejected) -> None:
        rejected.append(one.reason[:_REASON])

    settings = Options(html=reads_html, **{**options, "kind": Kind(options.get("kind", Kind.auto))})
    for raw in _raw(batches, settings, reject):
        id_hash, text_hash = identify(raw)
        articles, ready = prepare(raw, id_hash, text_hash, params)
        yield batch(columns_of(articles, ready), PREPARED)
        if rejected:
            yield batch({"reason": pa.array(rejected)}, PREPARED)
            rejected.clear()
    if rejected:
        yield batch({"reason": pa.array(rejected)}, PREPARED)


def _raw(batches: Iterable[pa.RecordBatch], options: Options, reject: Any) -> Iterator[pa.RecordBatch]:
    coming = iter(batches)
    first = next(coming, None)
    if first is None:
        return iter(())

    def all_of_them() -> Iterator[pa.RecordBatch]:
        yield first
        yield from coming

    if first.schema.names == [LINES]:
        return read_lines(_blocks(all_of_them(), reject), options, on_reject=reject)
    return read_batches(all_of_them(), options, on_reject=reject)


def _blocks(batches: Iterable[pa.RecordBatch], reject: Any) -> Iterator[bytes]:
    for one in batches:
        told = one.column(0).fill_null("")
        long = pc.greater(pc.binary_length(told), LINE)
        if pc.any(long).as_py():
            reason = f"line above the limit of {LINE:,} bytes"
            for _ in range(pc.sum(long).as_py()):
                reject(Rejected("", None, reason, ""))
            told = told.filter(pc.invert(long))
        yield b"".join(line.as_buffer().to_pybytes() + b"\n" for line in told)


def columns_of(articles: pa.RecordBatch, ready: Prepared) -> dict[str, Any]:
    """The columns of PREPARED of articles (schema ARTICLES), all but reason."""
    sets = ready.sets
    told = {name: articles.column(name) for name in columns.TOLD if name not in ("published", "credits")}
    return {
        **told,
        "published": articles.column("published").cast(pa.int64()),
        "credits": articles.column("credits").cast(columns.CREDITS),
        "text": articles.column("body"),
        "id_hash": columns.fixed(ready.id_hash),
        "id_word": ready.id_hash[:, 0].copy().view(np.int64),
        "text_hash": columns.fixed(ready.text_hash),
        "body": columns.signed(priority_of(sets.digests)),
        "digest": columns.fixed(sets.digests),
        "length": sets.tokens,
        "narrative_length": ready.narrative_lengths,
        "signature": columns.fixed(ready.signatures),
        "shingles": columns.binaries(sets.hashes, sets.ends),
        "narrative": columns.binaries(sets.marks, sets.mark_ends),
    }


def several(articles: DataFrame) -> DataFrame:
    """Hashes of ids (column id_hash) that more than one article has."""
    return articles.groupBy("id_hash").count().where("count > 1").select("id_hash")


def replaced(articles: DataFrame, ids: DataFrame) -> DataFrame:
    """Rows (column row) of articles with some ids, but for the one of each that stays.

    That is the one that was published last, of these the one whose text hashes highest, then the one whose whole record
    does: Spark has no order of coming.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    told = articles.select(
        "id_hash", "row", "published", "text_hash", F.xxhash64(*columns.TOLD, "text").alias("record")
    )
    order = [F.col(name).desc_nulls_last() for name in ("published", "text_hash", "record", "row")]
    rank = F.row_number().over(Window.partitionBy("id_hash").orderBy(*order))
    return told.join(ids, "id_hash").withColumn("rank", rank).where("rank > 1").select("row")
