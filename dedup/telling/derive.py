"""Stories of a corpus, from its links: who belongs together, who was first, who changed what.

Derived from the live articles alone, so it can be thrown away and made again.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.kernels.compute import pc
from dedup.kernels.memory import give_back
from dedup.linking import crowds as crowded
from dedup.linking import links as linked
from dedup.linking.bodies import Alive
from dedup.linking.boilerplate import Boilerplate
from dedup.lookup import Rows, live_rows
from dedup.stages import cluster, lsh, verify
from dedup.store import Store
from dedup.telling.grouping import Groups, grouped, notices

# Members of one story from this Jaccard on are one version.
_VERSION = 0.9
# An origin is no brief: its narrative is at least this part of the longest member's.
_WHOLE = 0.5
# How sure an origin is: the earliest of all, whose times are all known, and credited to an agency;
# the earliest; the earliest of those whose time is known; the longest, no time being known.
_CREDITED, _EARLIEST, _EARLIEST_KNOWN, _LONGEST = 0.9, 0.7, 0.5, 0.2

# A row an article, a story's together, in order of time. story: row of the story's oldest member, whose id names it.
# origin: its row. relation: place in verify.RELATIONS, of the article to the origin; -1 for the origin. containment:
# of the shorter narrative in the longer. kept: share of the origin's shingles that stand in the article. version: 1, 2
# ... in a story, 0 for an article that is in none. group, apart: see `dedup.telling.grouping.Groups`.
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
        pa.field("group", pa.uint32(), nullable=False),
        pa.field("apart", pa.bool_(), nullable=False),
    ]
)


def stories(
    corpus: Corpus, groups: Groups, links: pa.Table, boilerplate: Boilerplate, executor: Executor | None = None
) -> pa.Table:
    """Schema MEMBERS of all articles in groups. links: all that hold between their bodies."""
    story = groups.story
    _, place, count = np.unique(story, return_inverse=True, return_counts=True)
    together = count[place] > 1
    alone = alone_in(groups.rows[~together], groups.group[~together], groups.apart[~together])
    if not together.any():
        return alone
    rows, leader, story = groups.rows[together], groups.leader[together], story[together]
    about = corpus.articles(rows, ["id", "published", "credits"])
    timed = about.select(["id", "published"]).append_column("story", pa.array(story))
    order = linked.in_order_of_time(timed, "story")
    rows, leader, story, about = rows[order], leader[order], story[order], about.take(pa.array(order))
    starts = np.flatnonzero(np.diff(story, prepend=-1))
    sizes = np.diff(np.append(starts, len(rows)))
    first, confidence = _origins(corpus, rows, about, starts, sizes)
    origin = np.repeat(rows[first], sizes)
    figures = _figures(corpus, leader, np.repeat(leader[first], sizes), links, boilerplate, executor)
    itself = rows == origin
    told = pa.table(
        {
            "row": rows.astype(np.uint32),
            "story": np.repeat(rows[starts], sizes).astype(np.uint32),
            "origin": origin.astype(np.uint32),
            "relation": np.where(itself, -1, verify.relations(figures)).astype(np.int8),
            "jaccard": figures.jaccard,
            "containment": np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a),
            "kept": figures.b_in_a,
            "version": _versions(leader, links, starts, sizes),
            "confidence": np.repeat(confidence, sizes),
            "group": groups.group[together][order].astype(np.uint32),
            "apart": groups.apart[together][order],
        },
        schema=MEMBERS,
    )
    return pa.concat_tables([told, alone])


def _figures(
    corpus: Corpus, leader: Rows, origin: Rows, links: pa.Table, boilerplate: Boilerplate, executor: Executor | None
) -> verify.Similarities:
    """Figures of each body and its origin's: what links say of them is not measured again."""
    itself = np.flatnonzero(leader == origin)
    others = np.flatnonzero(leader != origin)
    place, figures = linked.told(links, leader[others], origin[others])
    known, new = others[place >= 0], others[place < 0]
    parts = [
        verify.of_itself(boilerplate.lengths(leader[itself]), corpus.params),
        figures,
        boilerplate.measure(leader[new], origin[new], executor),
    ]
    return verify.gather(parts, [itself, known, new], len(leader))


def alone_in(rows: Rows, group: Rows, apart: npt.NDArray[np.bool_]) -> pa.Table:
    """Articles that are in no story (schema MEMBERS)."""
    itself, ones = rows.astype(np.uint32), np.ones(len(rows), np.float32)
    none, version = np.full(len(rows), -1, np.int8), np.zeros(len(rows), np.uint32)
    columns = [itself, itself, itself, none, ones, ones, ones, version, ones, group.astype(np.uint32), apart]
    return pa.table([pa.array(column) for column in columns], schema=MEMBERS)


def whole(corpus: Corpus, crowds: lsh.Crowds, executor: Executor | None = None) -> pa.Table:
    """The stories of all live articles of a commit (schema MEMBERS): those in none, too, that stand in a group."""
    rows = live_rows(corpus.store)
    leader = corpus.leaders()[rows]
    holding = linked.Holding(corpus, crowds, Alive(corpus), all_of_it=True, executor=executor)
    links = linked.all_that(holding, corpus.store)
    bodies, copies = np.unique(leader, return_counts=True)
    notice = bodies[notices(corpus, bodies, copies, holding.boilerplate)]
    links = linked.without(links, notice)
    corpus.store.release()
    give_back()
    groups = grouped(corpus, rows, leader, notice, links, holding.boilerplate)
    return standing(stories(corpus, groups, links, holding.boilerplate, executor))


def standing(table: pa.Table) -> pa.Table:
    """What a whole table has: articles that are in a story, or stand apart in a group."""
    return table.filter(pc.or_(pc.greater(table["version"], 0), table["apart"]))


def anew(store: Store) -> pa.Table:
    """As `whole`, of a commit."""
    corpus = Corpus(store)
    return whole(corpus, crowded.load(corpus))


def _origins(
    corpus: Corpus, rows: Rows, about: pa.Table, starts: Rows, sizes: Rows
) -> tuple[Rows, npt.NDArray[np.float32]]:
    """For each story the place in rows of its origin, and how sure that is."""
    story = np.repeat(np.arange(len(starts)), sizes)
    length = corpus.column("narrative_length", rows).astype(np.int64)
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


def _versions(leader: Rows, links: pa.Table, starts: Rows, sizes: Rows) -> npt.NDArray[np.uint32]:
    """uint32, n: 1, 2 ... within a story, in order of a version's first article."""
    bodies, place = np.unique(leader, return_inverse=True)
    near = links.filter(pc.greater_equal(links["jaccard"], _VERSION))
    a, b = linked.ends(near)
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
