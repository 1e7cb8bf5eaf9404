"""Groups: bodies joined by the links that hold, and those that stand apart in them.

A group is what `dedup.stages.cluster` makes; a story is a group without its round-ups.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.kernels.arrays import places
from dedup.linking import crowds, links
from dedup.linking.boilerplate import Boilerplate
from dedup.lookup import Rows
from dedup.model import Params
from dedup.stages import cluster, lsh, verify

Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Groups:
    """Articles and the group of each. rows: int64, n. leader: the leaders of their bodies. group: the leader that
    represents the group. apart: bool, n, what stands in the group and is not of its story."""

    rows: Rows
    leader: Rows
    group: Rows
    apart: Mask

    def of(self, leaders: Rows) -> Groups:
        """Those articles that have the body of some leaders."""
        some = np.isin(self.leader, leaders)
        return Groups(self.rows[some], self.leader[some], self.group[some], self.apart[some])

    @property
    def story(self) -> Rows:
        """int64, n: a number that the articles of one story share."""
        return np.where(self.apart, self.leader, self.group)


def notices(corpus: Corpus, bodies: Rows, copies: npt.NDArray[np.integer], boilerplate: Boilerplate) -> Mask:
    """bool, n: which bodies tell no story, but are a notice or a footer. copies: live articles that have each."""
    narrative = corpus.column("narrative_length", bodies)
    left, several = narrative.copy(), np.flatnonzero((copies > 1) & boilerplate.touches(bodies))
    left[several] = boilerplate.lengths(bodies[several])
    return is_notice(copies, corpus.column("length", bodies), narrative, left, corpus.params)


def is_notice(
    copies: npt.NDArray[np.integer],
    tokens: npt.NDArray[np.integer],
    narrative: npt.NDArray[np.integer],
    left: npt.NDArray[np.integer],
    params: Params,
) -> Mask:
    """bool, n: the rule, of bodies that so many articles have, of so many tokens and narrative shingles, of which so
    many are left where boilerplate counts for nothing."""
    notice = (copies > lsh.WHOLE_BUCKET) & (tokens < crowds.NOTICE_TOKENS)
    # So is what is boilerplate but for a number or a date: each is part of so many shingles as a shingle has words.
    own = left.astype(np.int64)
    return np.asarray(notice | ((copies > 1) & (own <= 2 * params.shingle_words) & (2 * own < narrative)))


def grouped(
    corpus: Corpus,
    rows: Rows,
    leader: Rows,
    notice: Rows,
    joined: pa.Table,
    boilerplate: Boilerplate,
    elsewhere: Callable[[Rows], Rows] | None = None,
) -> Groups:
    """Groups among all live articles of some bodies.

    rows, leader: int64, n, these articles and the leaders of their bodies. notice: leaders that are notices, each of
    whose articles stands alone. joined: all links that hold between others and have an end among the bodies; the other
    end, where it is none of them, is in another group. elsewhere: tells the leader that represents the group of each of
    such others; not needed where there are none.
    """
    bodies, place, copies = np.unique(leader, return_inverse=True, return_counts=True)
    length = corpus.column("narrative_length", bodies).astype(np.int64)
    ends = links.ends(joined)
    a, b = (places(end, bodies) for end in ends)
    inside = (a >= 0) & (b >= 0)
    figures = links.figures_of(joined)
    graph = cluster.Graph(
        copies=copies.astype(np.int64),
        length=length,
        priority=corpus.priority(bodies),
        a=a[inside],
        b=b[inside],
        strength=figures.narrative[inside],
        same_copy=figures.same_copy[inside],
        closeness=_closeness(figures, corpus.params)[inside],
    )

    def measure(x: Rows, y: Rows) -> cluster.Closeness:
        return _closeness(boilerplate.measure(bodies[x], bodies[y]), corpus.params)

    root = cluster.cluster(graph, measure)
    joins = np.flatnonzero(figures.same_copy & ((a < 0) | (b < 0) | (root[a] != root[b])))
    mine, place_of_other = np.append(a[joins], b[joins]), np.append(b[joins], a[joins])
    some = mine >= 0
    mine, place_of_other = mine[some], place_of_other[some]
    others = np.append(ends[1][joins], ends[0][joins])[some]
    theirs = np.where(place_of_other >= 0, bodies[root[place_of_other]], others)
    beyond = np.flatnonzero(place_of_other < 0)
    if elsewhere and len(beyond):
        theirs[beyond] = elsewhere(others[beyond])
    their_length = corpus.column("narrative_length", others).astype(np.int64)
    apart = cluster.roundups(root, length, mine, others, their_length, theirs)
    alone = np.isin(bodies, notice)[place]
    return Groups(rows, leader, np.where(alone, rows, bodies[root][place]), apart[place])


def _closeness(figures: verify.Similarities, params: Params) -> cluster.Closeness:
    close = np.where(verify.touch(figures, params), cluster.TOUCH, cluster.APART)
    return np.where(verify.belong(figures, params), cluster.BELONG, close).astype(np.int8)
