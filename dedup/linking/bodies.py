"""Which bodies a commit brings and takes: copies of one body stand behind the first row that ever had it."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.kernels.arrays import alike
from dedup.lookup import Rows, find
from dedup.stages import lsh

Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Turnover:
    """Bodies by their leaders, the first rows that ever had them, dead ones too.

    first: leaders among the rows that come: nobody had their body before; stillborn: those of them that are replaced
    before they come, as are all that have their body. back: leaders on disk whose body had no live
    article any more and has one now. gone: leaders of bodies that lose their last one. touched: leaders of all bodies
    whose articles come or go; remain: which of these have a live article then. all_new: whether each row that comes has
    a body that no other row has, nor had.
    """

    first: Rows
    stillborn: Rows
    back: Rows
    gone: Rows
    touched: Rows
    remain: Mask
    all_new: bool


def turnover(corpus: Corpus, removed: Rows) -> Turnover:
    """What the rows of a corpus that come, and some on disk that go (removed, sorted), change of the bodies.

    Bodies too short to tell a story are left out.
    """
    coming = np.arange(corpus.base, corpus.size)
    coming = coming[corpus.tells(coming)]
    going = removed[removed < corpus.base]
    going = going[corpus.tells(going)]
    born = ~np.isin(coming, removed)
    digests = np.concatenate([corpus.digests(coming), corpus.digests(going)])
    order, begins = alike(digests)
    body = np.empty(len(order), np.int64)
    body[order] = np.cumsum(begins) - 1
    n = int(begins.sum())
    rows, of = find(corpus.store, lsh.BODIES, digests[order[begins]], dead_too=True)
    alive = corpus.store.alive(rows)
    stays = alive & ~np.isin(rows, removed)
    before, after = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    before[of[alive]] = True
    after[of[stays]] = after[body[: len(coming)][born]] = True
    leader = np.full(n, corpus.size)
    np.minimum.at(leader, of, rows)
    np.minimum.at(leader, body[: len(coming)], coming)
    new = leader >= corpus.base
    return Turnover(
        first=np.sort(leader[new]),
        stillborn=np.sort(leader[new & ~after]),
        back=np.sort(leader[~new & after & ~before]),
        gone=np.sort(leader[before & ~after]),
        touched=np.sort(leader),
        remain=after[np.argsort(leader)],
        all_new=bool(new.all()) and len(coming) == n,
    )


class Alive:
    """Tells which leaders' bodies have a live article once some rows are removed and those that wait have come."""

    def __init__(self, corpus: Corpus, removed: Rows | None = None, changed: Turnover | None = None) -> None:
        self._corpus = corpus
        self._removed = np.empty(0, np.int64) if removed is None else removed
        self._known = np.empty(0, np.int64)
        self._alive = np.empty(0, np.bool_)
        self._stillborn = changed.stillborn if changed else self._known
        if changed:
            self._learn(changed.touched, changed.remain)

    def __call__(self, leaders: Rows) -> Mask:
        """bool, n."""
        alive = leaders >= self._corpus.base
        older = np.flatnonzero(~alive)
        if len(self._stillborn):
            alive &= ~np.isin(leaders, self._stillborn)
        itself = self._corpus.store.alive(leaders[older])
        if len(self._removed):
            itself &= ~np.isin(leaders[older], self._removed)
        alive[older] = itself
        dead = older[~itself]
        if len(dead):
            unknown = np.setdiff1d(leaders[dead], self._known)
            if len(unknown):
                self._learn(unknown, self._followed(unknown))
            alive[dead] = self._alive[np.searchsorted(self._known, leaders[dead])]
        return alive

    def _followed(self, leaders: Rows) -> Mask:
        """Whether a row on disk lives with the body of each; what those that wait have is known from the turnover."""
        rows, of = find(self._corpus.store, lsh.BODIES, self._corpus.digests(leaders))
        stays = ~np.isin(rows, self._removed)
        followed = np.zeros(len(leaders), np.bool_)
        followed[of[stays]] = True
        return followed

    def _learn(self, leaders: Rows, alive: Mask) -> None:
        known = np.concatenate([self._known, leaders])
        order = np.argsort(known)
        self._known, self._alive = known[order], np.concatenate([self._alive, alive])[order]
