"""What a commit changes of the stories, without a look at the rest.

Kruskal's merging is local. Take the groups that a change touches, S, and all groups linked to them, N, and merge these
anew as if every link from N to elsewhere were refused, as it was before. If the groups of N come out as they were, then
all links between them and S were refused too: what lies beyond never felt the change, and the groups of S are those
that all of the index would give. If not, the ones that came out otherwise belong to S, and it is done again.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.kernels.arrays import distinct, distinct_pairs
from dedup.linking import links as linked
from dedup.linking.bodies import Alive
from dedup.linking.change import Change
from dedup.linking.stirred import changed as changed_by
from dedup.lookup import Rows, find
from dedup.stages import lsh
from dedup.store import Store
from dedup.telling import derive
from dedup.telling.grouping import Groups, grouped, notices
from dedup.telling.members import Members

# Bodies in all that are looked at, and for each that comes or goes: from there on everything anew is no slower.
_MOST, _EACH = 1 << 15, 4
# From so many on who stands in a crowd is looked up at once.
_MANY = 1 << 13


def amended(corpus: Corpus, kept: Members, change: Change, executor: Executor | None = None) -> pa.Table | None:
    """What all rows whose stories a commit may have changed are in now (schema derive.MEMBERS), removed ones too.

    None where that is much of the index.

    corpus: the commit. kept: the stories of the one before.
    """
    changed = change.turnover
    alive = Alive(corpus)
    holding = linked.Holding(corpus, change.crowds, alive, len(changed.touched) > _MANY, executor)
    most = max(_MOST, _EACH * len(changed.touched))
    held = _Held(corpus.store, holding, changed.first, holding(change.links))
    stirred = changed_by(corpus, change.before, change.crowds, change.stirred)
    if changed.all_new and not len(change.removed) and not held.links.num_rows and not len(stirred):
        # What came is like nothing that is there, nor like each other.
        return derive.alone_in(changed.first, changed.first, np.zeros(len(changed.first), np.bool_))
    uprooted = distinct(np.concatenate([changed.touched, stirred]))
    seeds = distinct(np.concatenate([uprooted, *linked.ends(held.links)]))
    # A link that holds no more may have made the article at its other end a round-up.
    loose = distinct(np.concatenate(linked.ends(held.older(uprooted))))
    loose = loose[alive(loose)]
    carried = _Carried(corpus)
    old = _Old(corpus, kept, alive, carried)
    inner = seeds[alive(seeds)]
    left = kept.latest("group", change.removed)
    inner = np.union1d(inner, old.bodies(np.append(old.groups(inner), left[left >= 0])))
    while True:
        held.see(inner)
        a, b = linked.ends(held.links)
        near = np.isin(a, inner) | np.isin(b, inner)
        outer = np.setdiff1d(np.concatenate([loose, a[near], b[near]]), inner)
        outer = np.setdiff1d(np.union1d(outer, old.bodies(old.groups(outer))), inner)
        if len(inner) + len(outer) > most:
            return None
        bodies = np.union1d(inner, outer)
        held.see(bodies)
        rows, leader = carried.by(distinct(np.concatenate([bodies, *linked.ends(held.links)])))
        everybody, copies = np.unique(leader, return_counts=True)
        notice = everybody[notices(corpus, everybody, copies, holding.boilerplate)]
        links = linked.without(held.links, notice)
        within = np.isin(leader, bodies)
        rows, leader = rows[within], leader[within]
        groups = grouped(corpus, rows, leader, notice, links, holding.boilerplate, old.representatives)
        told = np.isin(groups.leader, np.setdiff1d(outer, notice))
        felt = _felt(groups, told, kept.latest("group", rows))
        if not len(felt):
            break
        inner = np.union1d(inner, felt)
    # A group of N may still have other round-ups than before.
    was_apart = kept.latest("apart", rows) == 1
    other = groups.group[told & (was_apart != groups.apart)]
    some = groups.of(distinct(groups.leader[~told | np.isin(groups.group, other)]))
    a, b = linked.ends(links)
    inside = np.isin(a, some.leader) & np.isin(b, some.leader)
    found = derive.stories(corpus, some, links.filter(pa.array(inside)), holding.boilerplate, executor)
    gone = derive.alone_in(change.removed, change.removed, np.zeros(len(change.removed), np.bool_))
    return pa.concat_tables([found, gone])


class _Held:
    """The links that hold around bodies, each measured once.

    links: those that have an end among the bodies that were seen so far; at first those that came with the commit.
    """

    def __init__(self, store: Store, holding: linked.Holding, first: Rows, links: pa.Table) -> None:
        """first: leaders that nobody's body had before: they have no links but those that came."""
        self._store, self._holding, self._first = store, holding, first
        self._seen = first
        self.links = linked.once(links)

    def older(self, leaders: Rows) -> pa.Table:
        """The links that some leaders had before, whether they hold or not."""
        older = np.setdiff1d(leaders, self._first, assume_unique=True)
        return linked.without(linked.around(self._store, older), self._first)

    def see(self, leaders: Rows) -> None:
        """See some leaders (sorted), too."""
        new = np.setdiff1d(leaders, self._seen, assume_unique=True)
        if len(new):
            fresh = linked.without(self.older(new), self._seen)
            self.links = linked.once(pa.concat_tables([self.links, self._holding(fresh)]))
            self._seen = np.union1d(self._seen, new)


class _Carried:
    """Who carries which body: each is looked up once."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._known = self._rows = self._leader = np.empty(0, np.int64)

    def by(self, leaders: Rows) -> tuple[Rows, Rows]:
        """All live articles that have the body of some leaders, and the leader of each."""
        new = np.setdiff1d(leaders, self._known)
        if len(new):
            rows, of = find(self._corpus.store, lsh.BODIES, self._corpus.digests(new))
            self._known = np.append(self._known, new)
            self._rows, self._leader = np.append(self._rows, rows), np.append(self._leader, new[of])
        some = np.isin(self._leader, leaders)
        return self._rows[some], self._leader[some]


class _Old:
    """The groups that the commit before had, by their bodies."""

    def __init__(self, corpus: Corpus, kept: Members, alive: Alive, carried: _Carried) -> None:
        self._corpus, self._kept, self._alive, self._carried = corpus, kept, alive, carried

    def groups(self, leaders: Rows) -> Rows:
        """The groups that the bodies of some leaders were in; those that were in none have none."""
        rows, _ = self._carried.by(leaders)
        found = self._kept.latest("group", rows)
        return distinct(found[found >= 0])

    def representatives(self, leaders: Rows) -> Rows:
        """int64, n: what represented the groups of some leaders that a change leaves as they were."""
        known, place = np.unique(leaders, return_inverse=True)
        rows, of = self._carried.by(known)
        group = np.full(len(known), -1)
        np.maximum.at(group, np.searchsorted(known, of), self._kept.latest("group", rows))
        return np.where(group >= 0, group, known)[place]

    def bodies(self, groups: Rows) -> Rows:
        """Leaders of all bodies that some groups had, as far as these live."""
        # Where all others stand apart from it, what represents a group is in no story, and is not kept.
        rows = np.append(self._kept.in_groups(groups), groups)
        if not len(rows):
            return rows
        # Each body once: of n copies each would be found for each.
        digests = distinct_pairs(self._corpus.digests(rows[self._corpus.tells(rows)]))
        found, of = find(self._corpus.store, lsh.BODIES, digests, dead_too=True)
        first = np.full(len(digests), self._corpus.size)
        np.minimum.at(first, of, found)
        leaders = distinct(first)
        return leaders[self._alive(leaders)]


def _felt(groups: Groups, outer: npt.NDArray[np.bool_], before: Rows) -> Rows:
    """Leaders of the outer bodies whose group is not what it was.

    before: the group of each article in groups, -1 where it was in none, and stood for itself.
    """
    was = np.where(before >= 0, before, groups.leader)
    was = np.where(outer, was, -1)
    # Each group now has articles of one group then, and each group then is in one now.
    pairs = np.unique(np.stack([groups.group, was], axis=1), axis=0)
    now, counts = np.unique(pairs[:, 0], return_counts=True)
    mixed = now[counts > 1]
    then, counts = np.unique(pairs[:, 1], return_counts=True)
    torn = then[(counts > 1) & (then >= 0)]
    felt = outer & (np.isin(groups.group, mixed) | np.isin(was, torn))
    return distinct(groups.leader[felt])
