"""What Spark gives, as `dedup export` gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import export
from dedup.model import STORIES, Params
from dedup.snapshot import hexadecimal
from dedup.spark import columns
from dedup.stages import verify

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def _signed(schema: pa.Schema) -> pa.Schema:
    """Without unsigned numbers and without a word on nulls, as Spark writes."""
    wide = {pa.uint32(): pa.int64(), export.ARTICLES.field("credits").type: columns.CREDITS}
    return pa.schema([pa.field(field.name, wide.get(field.type, field.type)) for field in schema])


ARTICLES, LINKED, STORY = (_signed(schema) for schema in (export.ARTICLES, export.LINKED, STORIES))
_ENDS = ("id", "late", "published")


def articles(prepared: DataFrame, told: DataFrame) -> DataFrame:
    """Every article (schema ARTICLES). told: schema stories.TOLD."""
    members = told.where("row is not null and version > 0").select("row", "story", "relation", "jaccard", "containment")
    about = ["row", "id_word", "id", "outlet", "url", "title", "published", "zone", "credits"]
    found = prepared.select(*about).join(members, "row", "left")
    return found.mapInArrow(_articles, columns.spark_schema(ARTICLES))


def _articles(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for one in batches:
        table = pa.Table.from_batches([one])
        words = columns.numbers(table["id_word"]).view(np.uint64)
        story = pc.coalesce(table["story"].combine_chunks(), hexadecimal(words))
        made = columns.articles_of(table)
        relation = table["relation"].combine_chunks().cast(pa.int8())
        figures = [table[name].combine_chunks() for name in ("jaccard", "containment")]
        yield export.with_stories(made, story, relation, *figures).cast(ARTICLES)


def stories(told: DataFrame) -> DataFrame:
    """Every story of two articles or more (schema STORIES), in no order."""
    from pyspark.sql import functions as F  # noqa: N812

    rest = [name for name in STORY.names if name != "id"]
    return told.where("row is null").select(F.col("story").alias("id"), *rest)


def links(prepared: DataFrame, bodies: DataFrame, held: DataFrame, params: Params) -> DataFrame:
    """Every link between articles (schema LINKED): as `dedup.linking.links.live` has them.

    held: links between bodies, columns a, b and FIGURES.
    """
    from functools import partial

    from pyspark.sql import functions as F  # noqa: N812

    told = held
    for end in ("a", "b"):
        side = [F.col("body").alias(end), *(F.col(name).alias(f"{name}_{end}") for name in _ENDS)]
        told = told.join(bodies.select(*side), end)
    found = told.drop("a", "b").mapInArrow(_between, columns.spark_schema(LINKED))
    first = ["body", "first", F.col("id").alias("a"), "narrative_length"]
    several = bodies.where("copies > 1").select(*first)
    copies = prepared.select("body", "row", F.col("id").alias("b")).join(several, "body").where("row != first")
    same = copies.select("a", "b", "narrative_length").mapInArrow(
        partial(_copies, params=params), columns.spark_schema(LINKED)
    )
    return found.union(same)


def _between(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for one in batches:
        n = one.num_rows
        order = []
        for end in ("a", "b"):
            keys: list[Any] = [one[f"late_{end}"], one[f"published_{end}"].fill_null(0), one[f"id_{end}"]]
            order.append([pa.concat_arrays([key]) for key in keys])
        both = pa.table([pa.concat_arrays([x, y]) for x, y in zip(*order, strict=True)], ["late", "at", "id"])
        rank = np.empty(2 * n, np.int64)
        sorted_ = pc.sort_indices(both, [(name, "ascending") for name in both.column_names]).to_numpy()
        rank[sorted_] = np.arange(2 * n)
        turned = pa.array(rank[:n] > rank[n:])
        a, b = (pc.if_else(turned, one[f"id_{x}"], one[f"id_{y}"]) for x, y in (("b", "a"), ("a", "b")))
        rows = np.arange(n, dtype=np.uint32)
        yield _linked(a, b, columns.links_of(columns.turned(pa.Table.from_batches([one]), turned), rows, rows))


def _copies(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for one in batches:
        figures = verify.of_itself(columns.numbers(one["narrative_length"]).astype(np.uint32), params)
        told = pa.table({name: pa.array(column) for name, column in columns.figure_columns(figures).items()})
        rows = np.arange(one.num_rows, dtype=np.uint32)
        yield _linked(one["a"], one["b"], columns.links_of(told, rows, rows))


def _linked(a: pa.Array, b: pa.Array, table: pa.Table) -> pa.RecordBatch:
    return export.named_links(a, b, table).cast(LINKED)
