"""Stories, some components at a time: what `dedup.telling` tells of an index it tells of what a task has at hand.

Components never have to do with each other: all links that join lie within one, and so does whatever is measured
beyond links. So a task takes as many whole ones as fit, and tells the stories of all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import export
from dedup.linking.boilerplate import Boilerplate, Cleared
from dedup.model import ARTICLES, STORIES, Params
from dedup.snapshot import hexadecimal
from dedup.spark import columns
from dedup.spark.bodies import Held, own_of
from dedup.spark.columns import FIGURES, SETS, batch
from dedup.stages import lsh, verify
from dedup.store.columns import Sets
from dedup.telling import derive
from dedup.telling.grouping import grouped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Rows = npt.NDArray[np.int64]
BODY, ARTICLE, LINK = 0, 1, 2
# What tasks are given of a component: its bodies, its articles, its links, in this order.
GIVEN = pa.schema(
    {
        "component": pa.int64(),
        "kind": pa.int32(),
        "body": pa.int64(),
        "other": pa.int64(),
        "length": pa.int64(),
        "narrative_length": pa.int64(),
        "own_length": pa.int64(),
        **SETS,
        "own_narrative": pa.binary(),
        "row": pa.int64(),
        "id_word": pa.int64(),
        **{name: columns.TOLD[name] for name in ("id", "outlet", "title", "published", "zone", "credits")},
        **FIGURES,
    }
)
# Members of stories, and stories, which have no row. story: the id. row, oldest, origin_row: of articles; place: in the
# story, in order of time; group: the body that represents the group; sure: how sure the origin is; else as
# derive.MEMBERS. Of a story: the columns of STORIES.
TOLD = pa.schema(
    {
        "story": pa.string(),
        "row": pa.int64(),
        "oldest": pa.int64(),
        "origin_row": pa.int64(),
        "place": pa.int64(),
        "relation": pa.int16(),
        "jaccard": pa.float32(),
        "containment": pa.float32(),
        "kept": pa.float32(),
        "version": pa.int64(),
        "sure": pa.float32(),
        "group": pa.int64(),
        "apart": pa.bool_(),
        **{field.name: field.type for field in STORIES if field.name != "id"},
    }
)
_BYTES = 32 << 20  # of whole components at a time


def told(given: DataFrame, params: Params) -> DataFrame:
    """Stories and their members (schema TOLD) of whole components (schema GIVEN)."""
    together = given.repartition("component").sortWithinPartitions("component", "kind", "body", "other", "row")
    return together.mapInArrow(partial(_tell, params=params), columns.spark_schema(TOLD))


def given(bodies: DataFrame, articles: DataFrame, links: DataFrame, placed: DataFrame) -> DataFrame:
    """What tasks are given (schema GIVEN). placed: bodies with their component; bodies: as for `measuring.measured`."""
    from pyspark.sql import functions as F  # noqa: N812

    own = ["length", "narrative_length", "own_length", *SETS, "own_narrative"]
    of_bodies = bodies.select("body", *own).join(placed, "body")
    about = ["id", "outlet", "title", "published", "zone", "credits"]
    of_articles = articles.select("body", "row", "id_word", *about).join(placed, "body")
    other = placed.select(F.col("body").alias("other"), F.col("component").alias("beyond"))
    of_links = links.select(F.col("a").alias("body"), F.col("b").alias("other"), *FIGURES).join(placed, "body")
    of_links = of_links.join(other, "other").where("component = beyond")
    kinds = ((BODY, of_bodies), (ARTICLE, of_articles), (LINK, of_links))
    bodies_, articles_, links_ = (columns.shaped(df.withColumn("kind", F.lit(kind)), GIVEN) for kind, df in kinds)
    return bodies_.union(articles_).union(links_)


def _tell(batches: Iterable[pa.RecordBatch], params: Params) -> Iterator[pa.RecordBatch]:
    for table in columns.whole_runs(batches, "component", rows=1 << 17, bytes=_BYTES):
        yield from _stories(table, params)


class _Together(Held):
    """Bodies, and from row `bodies` on articles that have them."""

    def __init__(self, params: Params, bodies: pa.Table, sets: Sets, articles: pa.Table) -> None:
        body = columns.numbers(bodies["body"])
        super().__init__(params, body, bodies, sets)
        self.bodies = len(body)
        self.leader = np.searchsorted(body, columns.numbers(articles["body"]))
        self._of = np.append(np.arange(self.bodies), self.leader)
        self._about = articles

    def column(self, name: str, rows: Rows) -> npt.NDArray[Any]:
        return super().column(name, self._of[rows])

    def articles(self, rows: Rows, columns: list[str]) -> pa.Table:
        return _about(self._about.take(pa.array(rows - self.bodies)), columns)


class _Own(Boilerplate):
    """Measures bodies by what is their own, which is known of each."""

    def __init__(self, corpus: _Together, cleared: Cleared) -> None:
        super().__init__(corpus, lsh.Crowds.none(), all_of_it=False)
        self._cleared = cleared

    def lengths(self, leaders: Rows) -> npt.NDArray[np.uint32]:
        return self._cleared.lengths[leaders]

    def measure(self, a: Rows, b: Rows, executor: Any = None) -> verify.Similarities:
        return self.figures(self._cleared, a, b, executor)


def _stories(table: pa.Table, params: Params) -> Iterator[pa.RecordBatch]:
    kind = columns.numbers(table["kind"])
    bodies, articles, joined = (table.filter(pa.array(kind == one)) for one in (BODY, ARTICLE, LINK))
    bodies = bodies.take(pa.array(np.argsort(columns.numbers(bodies["body"]))))
    sets = columns.sets_of(bodies["shingles"], bodies["narrative"])
    corpus = _Together(params, bodies, sets, articles)
    own = _Own(corpus, _cleared(bodies, sets))
    body = columns.numbers(bodies["body"])
    a, b = (np.searchsorted(body, columns.numbers(joined[name])) for name in ("body", "other"))
    order = np.lexsort((b, a))
    links = columns.links_of(joined, a, b).take(pa.array(order))
    rows = corpus.bodies + np.arange(len(articles))
    groups = grouped(corpus, rows, corpus.leader, np.empty(0, np.int64), links, own)
    members = derive.standing(derive.stories(corpus, groups, links, own))
    if not members.num_rows:
        return
    words = columns.numbers(articles["id_word"]).view(np.uint64)

    def names(of: Rows) -> pa.Array:
        return hexadecimal(words[of - corpus.bodies])

    yield from _members(members, articles, corpus.bodies, body, names)
    together = members.filter(pa.array(columns.numbers(members["version"]) > 0)).combine_chunks()
    if together.num_rows:
        starts = columns.starts_of(together["story"])
        about = corpus.articles(columns.numbers(together["row"]).astype(np.int64), export.ABOUT)
        told = export.as_told(export.stories_of(together, np.diff(starts), about, names))
        yield batch({"story": told["id"], **{name: told[name] for name in STORIES.names if name != "id"}}, TOLD)


def _cleared(bodies: pa.Table, sets: Sets) -> Cleared:
    own, lengths = own_of(bodies, sets)
    less = pc.is_valid(bodies["own_length"]).combine_chunks().to_numpy(zero_copy_only=False)
    return Cleared(own, lengths.astype(np.uint32), less, less)


def _members(members: pa.Table, articles: pa.Table, base: int, body: Rows, names: Any) -> Iterator[pa.RecordBatch]:
    number = columns.numbers(articles["row"])
    story = columns.numbers(members["story"]).astype(np.int64)
    starts = columns.starts_of(members["story"])
    at = {name: number[columns.numbers(members[name]).astype(np.int64) - base] for name in ("row", "story", "origin")}
    group = columns.numbers(members["group"]).astype(np.int64)
    for first in range(0, len(story), columns.ROWS):
        part = slice(first, first + columns.ROWS)
        place = np.arange(len(story)) - np.repeat(starts[:-1], np.diff(starts))
        figures = {name: members[name].slice(first, columns.ROWS) for name in ("relation", "jaccard", "containment")}
        yield batch(
            {
                "story": names(story[part]),
                "row": at["row"][part],
                "oldest": at["story"][part],
                "origin_row": at["origin"][part],
                "place": place[part],
                **figures,
                "kept": members["kept"].slice(first, columns.ROWS),
                "version": members["version"].slice(first, columns.ROWS),
                "sure": members["confidence"].slice(first, columns.ROWS),
                "group": body[group[part]],
                "apart": members["apart"].slice(first, columns.ROWS),
            },
            TOLD,
        )


def _about(table: pa.Table, wanted: list[str]) -> pa.Table:
    """Some columns of articles, typed as ARTICLES has them."""
    made = {
        name: columns.credits_of(table[name])
        if name == "credits"
        else table[name].combine_chunks().cast(ARTICLES.field(name).type)
        for name in wanted
    }
    return pa.table(made)
