"""Stories of a corpus, from its links: who belongs together, who was first, who changed what.

Derived from the live articles alone, so it can be thrown away and made again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import links as linked
from dedup.corpus import Corpus, parts_of
from dedup.lookup import Rows, live_rows
from dedup.stages import cluster, verify
from dedup.store import Store

# Members of one story from this Jaccard on are one version.
_VERSION = 0.9
# An origin is no brief: its narrative is at least this part of the longest member's.
_WHOLE = 0.5
# How sure an origin is: the earliest of all, whose times are all known, and credited to an agency;
# the earliest; the earliest of those whose time is known; the longest, no time being known.
_CREDITED, _EARLIEST, _EARLIEST_KNOWN, _LONGEST = 0.9, 0.7, 0.5, 0.2

# A row an article that is in a story of two or more, in order of story, then time. story: row of
# the story's oldest member, whose id names it. origin: its row. relation: place in
# verify.RELATIONS, of the article to the origin; -1 for the origin. containment: of the shorter
# narrative in the longer. kept: share of the origin's shingles that stand in the article.
MEMBERS = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("story", pa.uint32(), nullable=False),
        pa.field("origin", pa.uint32(), nullable=False),
        pa.field("relation", pa.int8(), nullable=False),
        pa.field("jaccard", pa.float32(), nullable=False),
        pa.field("containment", pa.float32(), nullable=False),
        pa.field("kept", pa.float32(), nullable=False),
        pa.field("version", pa.uint32(), nullable=False),
        pa.field("confidence", pa.float32(), nullable=False),
    ]
)
# What is asked of the articles that are in stories.
ASKED = ("id", "published", "credits")

Ask = Callable[[Rows], pa.Table]


def stories(
    corpus: Corpus, live: npt.NDArray[np.bool_], links: pa.Table, ask: Ask, executor: Executor | None = None
) -> pa.Table:
    """The stories (schema MEMBERS) of the live rows of a corpus.

    live: bool, a row each. links: all links between bodies. ask: gives columns ASKED of rows.
    """
    group = _groups(corpus, live, links)
    rows = np.flatnonzero(live)
    _, place, count = np.unique(group[rows], return_inverse=True, return_counts=True)
    rows = rows[count[place] > 1]
    if not len(rows):
        return MEMBERS.empty_table()
    about = ask(rows)
    order = pc.sort_indices(
        about.select(["id", "published"])
        .append_column("group", pa.array(group[rows]))
        .append_column("late", pc.is_null(about["published"])),
        sort_keys=[("group", "ascending"), ("late", "ascending"), ("published", "ascending"), ("id", "ascending")],
    ).to_numpy()
    rows, about = rows[order], about.take(pa.array(order))
    starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
    sizes = np.diff(np.append(starts, len(rows)))
    first, confidence = _origins(corpus, rows, about, starts, sizes)
    origin = np.repeat(rows[first], sizes)
    figures = corpus.measure(rows, origin, executor)
    itself = rows == origin
    return pa.table(
        {
            "row": rows.astype(np.uint32),
            "story": np.repeat(rows[starts], sizes).astype(np.uint32),
            "origin": origin.astype(np.uint32),
            "relation": np.where(itself, -1, verify.relations(figures)).astype(np.int8),
            "jaccard": figures.jaccard,
            "containment": np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a),
            "kept": figures.b_in_a,
            "version": _versions(corpus, rows, links, starts, sizes),
            "confidence": np.repeat(confidence, sizes),
        },
        schema=MEMBERS,
    )


def anew(store: Store, executor: Executor | None = None, without: Rows | None = None) -> pa.Table:
    """The stories of a commit (schema MEMBERS), from what it holds. without: rows that are about to go."""
    corpus = Corpus(parts_of(store), store.params)
    live = live_rows(store, corpus.size)
    if without is not None:
        live[without] = False

    def ask(rows: Rows) -> pa.Table:
        return store.article_rows(rows, ASKED)

    return stories(corpus, live, linked.stored(store), ask, executor)


def _groups(corpus: Corpus, live: npt.NDArray[np.bool_], links: pa.Table) -> Rows:
    """int64, a row each: the row that represents the story of a live row."""
    leaders = corpus.leaders
    bodies, copies = np.unique(leaders[live], return_counts=True)
    place = np.full(corpus.size, -1, np.int64)
    place[bodies] = np.arange(len(bodies))
    a, b = (place[links[name].to_numpy().astype(np.int64)] for name in ("a", "b"))
    alive = (a >= 0) & (b >= 0)
    figures = linked.figures_of(links)
    graph = cluster.Graph(
        copies=copies.astype(np.int64),
        length=corpus.narrative[bodies],
        priority=corpus.priority[bodies],
        a=a[alive],
        b=b[alive],
        strength=figures.narrative[alive],
        same_copy=figures.same_copy[alive],
        belong=verify.belong(figures, corpus.params)[alive],
    )

    def belong(x: Rows, y: Rows) -> npt.NDArray[np.bool_]:
        return verify.belong(corpus.measure(bodies[x], bodies[y]), corpus.params)

    group = np.full(corpus.size, -1, np.int64)
    group[live] = bodies[cluster.cluster(graph, belong)][place[leaders[live]]]
    return group


def _origins(
    corpus: Corpus, rows: Rows, about: pa.Table, starts: Rows, sizes: Rows
) -> tuple[Rows, npt.NDArray[np.float32]]:
    """For each story the place in rows of its origin, and how sure that is."""
    story = np.repeat(np.arange(len(starts)), sizes)
    length = corpus.narrative[rows]
    known = pc.is_valid(about["published"]).to_numpy(zero_copy_only=False)
    credited = pc.greater(pc.list_value_length(about["credits"]), 0).to_numpy(zero_copy_only=False)
    whole = length >= _WHOLE * np.repeat(np.maximum.reduceat(length, starts), sizes)
    # Within a story: whole ones first, then by time (rows are in that order), without a time by length.
    order = np.lexsort((np.where(known, np.arange(len(rows)), -length), ~known, ~whole, story))
    first = order[starts]
    all_known = np.logical_and.reduceat(known, starts)
    times = about["published"].cast(pa.int64()).fill_null(0).to_numpy()
    second = order[starts + 1]
    later = ~known[second] | (times[second] > times[first])
    sure = np.where(credited[first], _CREDITED, _EARLIEST)
    sure = np.where(all_known[story[first]] & later, sure, np.where(known[first], _EARLIEST_KNOWN, _LONGEST))
    return first, sure.astype(np.float32)


def _versions(corpus: Corpus, rows: Rows, links: pa.Table, starts: Rows, sizes: Rows) -> npt.NDArray[np.uint32]:
    """uint32, n: 1, 2 ... within a story, in order of a version's first article."""
    leaders = corpus.leaders[rows]
    bodies, place = np.unique(leaders, return_inverse=True)
    near = links.filter(pc.greater_equal(links["jaccard"], _VERSION))
    a, b = near["a"].to_numpy().astype(np.int64), near["b"].to_numpy().astype(np.int64)
    known = np.isin(a, bodies) & np.isin(b, bodies)
    a, b = np.searchsorted(bodies, a[known]), np.searchsorted(bodies, b[known])
    story_of = np.empty(len(bodies), np.int64)
    story_of[place] = np.repeat(np.arange(len(starts)), sizes)
    same = story_of[a] == story_of[b]
    version = cluster.components(len(bodies), a[same], b[same])[place]
    _, first, inverse = np.unique(version, return_index=True, return_inverse=True)
    # Numbered by first appearance; a version lies in one story, so numbers count on from its first.
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number = rank[inverse]
    return (number - np.repeat(number[starts], sizes) + 1).astype(np.uint32)
