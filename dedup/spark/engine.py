"""The stages as DataFrames, one after the other; each is written down where a dead executor does not take it along."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dedup.errors import EmptyInput, LargeStory, UnreadableInput
from dedup.model import Params
from dedup.spark import arrive, bodies, components, learning, measuring, meeting, stories, tables
from dedup.spark.columns import FIGURES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Bodies that hang together by links: their sets, some 2 kB each, are at hand in one task.
LARGEST = 200_000
# Articles in one component for each of so many bodies: some 300 bytes are at hand of each.
COPIES = 10
# What tasks rely on. An Arrow batch is copied a few times on its way: it is bounded in bytes, not only in rows.
_PARTITIONS = "spark.sql.shuffle.partitions"
_IN_PARTITION = 20_000  # articles: what is shuffled of them at once is some 3 kB each
_SETTINGS = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.skewJoin.enabled": "true",
    # Where a part is small enough, its sets are looked up and not sorted.
    "spark.sql.adaptive.maxShuffledHashJoinLocalMapThreshold": str(48 << 20),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8192",
    "spark.sql.execution.arrow.maxBytesPerBatch": str(16 << 20),
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.files.maxPartitionBytes": str(32 << 20),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Clustered:
    """What `cluster` gives. articles, links, stories: DataFrames with the columns of `dedup export`, stories of two
    articles or more. replaced: articles whose id another one had. rejected: records that could not be used, by
    reason. work: where all this is read from: it may go once the DataFrames were written elsewhere."""

    articles: DataFrame
    links: DataFrame
    stories: DataFrame
    replaced: int
    rejected: dict[str, int]
    work: str


def cluster(
    df: DataFrame,
    params: Params | None = None,
    *,
    work: str,
    options: Mapping[str, Any] | None = None,
    learn: bool = False,
    largest: int = LARGEST,
) -> Clustered:
    """Articles, links and stories of raw articles, as an index of them on one machine gives them, whatever their order
    and partitions.

    df: columns as the fields of JSONL, of whatever types; or one, arrive.LINES, of lines of JSONL. Of articles with
    one id the one that was published last stays, of these the one whose text hashes highest. work: a folder that the
    driver and all executors reach, in which stages are written down, index/ for `dedup import` among them. options:
    kind, and columns, as for `Index.add`. learn: learn templates first, as `Index.compact` does, and leave them out of
    what is compared. largest: bodies that links may join before the guard parts them; all of one
    component are in the memory of one task, some 4 kB each. All is computed when this returns; nothing that grows
    with the corpus comes to the driver.

    Raises EmptyInput where no record is usable, LargeStory, CollidingBodies.
    """
    with _settings(df.sparkSession):
        run = _Run(df.sparkSession, params or Params(), work.rstrip("/"), largest)
        return run.of(df, dict(options or {}), learn)


class _Run:
    def __init__(self, spark: SparkSession, params: Params, work: str, largest: int) -> None:
        self._spark, self._params, self._work, self._largest = spark, params, work, largest

    def of(self, df: DataFrame, options: dict[str, Any], learn: bool) -> Clustered:
        from pyspark.sql import functions as F  # noqa: N812

        params = self._params
        told = self._keep(arrive.prepared(df, params, options), "index/articles")
        rejected = {row["reason"]: row["count"] for row in _most(told.where("reason is not null"))}
        articles = told.where("reason is null")
        ids = self._keep(arrive.several(articles), "temporary/several")
        # Whole texts are read again only where ids are there twice.
        none = ids.isEmpty()
        rows = ids.select(F.lit(0).cast("long").alias("row")) if none else arrive.replaced(articles, ids)
        replaced = self._keep(rows, "index/replaced")
        gone = replaced.count()
        if gone:
            articles = articles.join(replaced, "row", "left_anti")
        parts = self._partition(articles.count(), rejected)
        if learn:
            again = learning.learnt(articles, params, self._keep)
            articles = articles.join(again.select("row"), "row", "left_anti").unionByName(again)
        found = self._keep(bodies.collapsed(articles, params), "temporary/bodies")
        met = self._keep(meeting.met(found, params, parts), "temporary/met")
        pairs, own = self._in_crowds(met, found)
        links = self._keep(measuring.measured(pairs, own, params, self._keep), "index/links")
        held = links.where("held").select("a", "b", *FIGURES)
        members = self._told(articles, own, held)
        made_with = F.lit(json.dumps(dataclasses.asdict(params))).alias("params")
        self._keep(self._spark.range(1).coalesce(1).select(made_with), "index/params")
        return Clustered(
            articles=tables.articles(articles, members),
            links=tables.links(articles, found, held, params),
            stories=tables.stories(members),
            replaced=gone,
            rejected=rejected,
            work=self._work,
        )

    def _partition(self, count: int, rejected: Mapping[str, int]) -> int:
        """Let shuffles have partitions enough for so many articles; adaptive execution joins those that are small.

        Returns how many these are.
        """
        if not count and rejected:
            reason = next(iter(rejected))
            raise UnreadableInput(path="the input", format="articles", reason=f"no record is usable: {reason}")
        if not count:
            raise EmptyInput(path="the input")
        least = int(self._spark.conf.get(_PARTITIONS, "200") or 200)
        parts = max(least, -(-count // _IN_PARTITION))
        self._spark.conf.set(_PARTITIONS, str(parts))
        return parts

    def _in_crowds(self, met: DataFrame, found: DataFrame) -> tuple[DataFrame, DataFrame]:
        """All pairs to be measured, and bodies with what is their own."""
        from pyspark.sql import functions as F  # noqa: N812

        pairs = met.where("key is null").select("a", "b")
        crowds = met.where("a is null").select("key", "representatives")
        judged = self._keep(meeting.judged(crowds, found, self._params), "temporary/judged")
        told = self._keep(
            crowds.join(judged.select("representatives", "masked", "list"), "representatives"), "index/crowds"
        )
        members = met.where("key is not null and a is not null").select("key", "a")
        standing = self._keep(
            members.join(told, "key")
            .where("not masked or list is not null")
            .select("a", "masked", "representatives", "list"),
            "temporary/standing",
        )
        with_others = meeting.with_representatives(standing.where("not masked"))
        common = judged.where("list is not null").groupBy("list").agg(F.first("common").alias("common"))
        lists = standing.where("masked").select(F.col("a").alias("body"), "list").distinct()
        cleared = self._keep(meeting.cleared(lists.join(common, "list"), found), "temporary/cleared")
        pairs = self._keep(pairs.union(with_others).distinct(), "temporary/pairs")
        return pairs, found.join(cleared, "body", "left")

    def _told(self, articles: DataFrame, own: DataFrame, held: DataFrame) -> DataFrame:
        """Stories and their members."""
        from pyspark.sql import functions as F  # noqa: N812

        params = self._params
        notices = self._keep(measuring.notices(own, params), "temporary/notices")
        links = held
        for end in ("a", "b"):
            links = links.join(notices.select(F.col("body").alias(end)), end, "left_anti")
        joined = links.where("same_copy").select("a", "b")
        placed = self._keep(components.components(joined, self._keep), "temporary/components")
        alone = (
            own.where("copies > 1").select("body").join(notices, "body", "left_anti").join(placed, "body", "left_anti")
        )
        everybody = placed.union(alone.select("body", F.col("body").alias("component")))
        sizes = everybody.join(own.select("body", "copies"), "body").groupBy("component")
        most = sizes.agg(F.count("*").alias("texts"), F.sum("copies").alias("articles"))
        texts, told = most.agg(F.max("texts"), F.max("articles")).first() or (0, 0)
        if (texts or 0) > self._largest or (told or 0) > COPIES * self._largest:
            raise LargeStory(texts=texts, articles=told, largest=self._largest, most=COPIES * self._largest)
        given = stories.given(own, articles, links, everybody)
        return self._keep(stories.told(given, params), "index/members")

    def _keep(self, df: DataFrame, name: str) -> DataFrame:
        path = f"{self._work}/{name}"
        df.write.mode("overwrite").parquet(path)
        return self._spark.read.schema(df.schema).parquet(path)


def _most(rejected: DataFrame, shown: int = 20) -> list[Any]:
    """The most frequent reasons."""
    from pyspark.sql import functions as F  # noqa: N812

    return list(rejected.groupBy("reason").count().orderBy(F.col("count").desc(), "reason").limit(shown).collect())


@contextlib.contextmanager
def _settings(spark: SparkSession) -> Iterator[None]:
    """What tasks rely on, for a while."""
    before = {name: spark.conf.get(name, None) for name in (*_SETTINGS, _PARTITIONS)}
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, known in before.items():
            if known is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, known)
