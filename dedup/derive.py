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

from dedup import crowds as crowded
from dedup import links as linked
from dedup.bodies import Alive, Turnover
from dedup.boilerplate import Boilerplate
from dedup.corpus import Corpus
from dedup.lookup import Rows, find, live_rows
from dedup.model import LINKS
from dedup.stages import cluster, lsh, verify
from dedup.store import Store

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
# ... in a story, 0 for an article that is in none.
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
# Bodies in all that an amendment follows: from there on everything anew is no slower.
_MOST = 1 << 16


def stories(
    corpus: Corpus,
    rows: Rows,
    leader: Rows,
    links: pa.Table,
    boilerplate: Boilerplate,
    ask: Ask,
    executor: Executor | None = None,
) -> pa.Table:
    """The stories of two articles or more (schema MEMBERS) among some live rows.

    rows, leader: int64, n, articles and the leaders of their bodies. links: those that hold between these. ask: gives
    columns ASKED of rows.
    """
    group = _groups(corpus, rows, leader, links, boilerplate)
    _, place, count = np.unique(group, return_inverse=True, return_counts=True)
    together = count[place] > 1
    rows, leader, group = rows[together], leader[together], group[together]
    if not len(rows):
        return MEMBERS.empty_table()
    about = ask(rows)
    order = pc.sort_indices(
        about.select(["id", "published"])
        .append_column("group", pa.array(group))
        .append_column("late", pc.is_null(about["published"])),
        sort_keys=[("group", "ascending"), ("late", "ascending"), ("published", "ascending"), ("id", "ascending")],
    ).to_numpy()
    rows, leader, group, about = rows[order], leader[order], group[order], about.take(pa.array(order))
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(starts, len(rows)))
    first, confidence = _origins(corpus, rows, about, starts, sizes)
    origin = np.repeat(rows[first], sizes)
    figures = boilerplate.measure(leader, np.repeat(leader[first], sizes), executor)
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
            "version": _versions(leader, links, starts, sizes),
            "confidence": np.repeat(confidence, sizes),
        },
        schema=MEMBERS,
    )


def whole(
    corpus: Corpus,
    crowds: lsh.Crowds,
    ask: Ask,
    executor: Executor | None = None,
    new: pa.Table | None = None,
    removed: Rows | None = None,
    changed: Turnover | None = None,
) -> pa.Table:
    """The stories of all live articles of a corpus.

    new: links that wait. removed, changed: rows that are about to go, and the bodies that come and go.
    """
    gone = np.empty(0, np.int64) if removed is None else removed
    rows = np.setdiff1d(np.append(live_rows(corpus.store), np.arange(corpus.base, corpus.size)), gone)
    leader = corpus.leaders()[rows]
    holding = linked.Holding(corpus, crowds, Alive(corpus, gone, changed), all_of_it=True)
    links = holding(linked.stored(corpus.store, new))
    return stories(corpus, rows, leader, links, holding.boilerplate, ask, executor)


def anew(store: Store) -> pa.Table:
    """The stories of a commit, from what it holds."""
    corpus = Corpus(store)
    return whole(corpus, crowded.load(corpus), lambda rows: store.article_rows(rows, ASKED))


def amended(
    corpus: Corpus,
    crowds: lsh.Crowds,
    ask: Ask,
    new: pa.Table,
    removed: Rows,
    changed: Turnover,
    stirred: Rows,
) -> tuple[Rows, pa.Table] | None:
    """The rows whose stories a commit may change, and the stories among them; None where that is too much of the index.

    A story lies within a component of the links that join, so what is joined to nothing that changed stays as it is.
    stirred: leaders in buckets that are other crowds than before.
    """
    alive = Alive(corpus, removed, changed)
    holding = linked.Holding(corpus, crowds, alive, all_of_it=False)
    # A link of a body in another crowd may hold no more, and its other end may be in no crowd at all.
    uprooted = np.union1d(changed.gone, stirred)
    near = [np.concatenate(linked.ends(part)) for part in (new, linked.around(corpus.store, uprooted))]
    seen = np.unique(np.concatenate([changed.touched, stirred, *near]))
    seen = seen[alive(seen)]
    found, ahead = [LINKS.empty_table()], seen
    while len(ahead):
        if len(seen) > _MOST:
            return None
        links = holding(linked.around(corpus.store, ahead, new))
        found.append(links)
        joining = links.filter(links["same_copy"])
        ahead = np.setdiff1d(np.concatenate(linked.ends(joining)), seen)
        seen = np.union1d(seen, ahead)
    links = linked.once(pa.concat_tables(found))
    inside = np.logical_and(*(np.isin(end, seen) for end in linked.ends(links)))
    rows, of = find(corpus.store, lsh.BODIES, corpus.digests(seen))
    leader = seen[of]
    stays = ~np.isin(rows, removed)
    waiting = np.isin(changed.leads, seen)
    rows = np.append(rows[stays], changed.coming[waiting])
    leader = np.append(leader[stays], changed.leads[waiting])
    return rows, stories(corpus, rows, leader, links.filter(pa.array(inside)), holding.boilerplate, ask)


def _groups(corpus: Corpus, rows: Rows, leader: Rows, links: pa.Table, boilerplate: Boilerplate) -> Rows:
    """int64, n: the row that represents the story of each of rows."""
    bodies, place, copies = np.unique(leader, return_inverse=True, return_counts=True)
    # Over 64 copies of a few dozen words are a notice, not a story, and so is what is boilerplate but for a number or a
    # date: each is part of so many shingles as a shingle has words.
    notice = (copies > lsh.WHOLE_BUCKET) & (corpus.column("length", bodies) < crowded.NOTICE_TOKENS)
    length = corpus.column("narrative_length", bodies).astype(np.int64)
    several = np.flatnonzero((copies > 1) & ~notice & boilerplate.touches(bodies))
    left = boilerplate.lengths(bodies[several])
    notice[several] = (left <= 2 * corpus.params.shingle_words) & (2 * left < length[several])
    a, b = (np.searchsorted(bodies, end) for end in linked.ends(links))
    telling = ~notice[a] & ~notice[b]
    figures = linked.figures_of(links)
    graph = cluster.Graph(
        copies=copies.astype(np.int64),
        length=length,
        priority=corpus.priority(bodies),
        a=a[telling],
        b=b[telling],
        strength=figures.narrative[telling],
        same_copy=figures.same_copy[telling],
        belong=verify.belong(figures, corpus.params)[telling],
    )

    def belong(x: Rows, y: Rows) -> npt.NDArray[np.bool_]:
        return verify.belong(boilerplate.measure(bodies[x], bodies[y]), corpus.params)

    return np.where(notice[place], rows, bodies[cluster.cluster(graph, belong)][place])


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
