"""Links of an index: between bodies on disk, between live articles for whoever asks.

A link names the first row that ever had each body. That row may have been replaced since, and
others may carry the same body, so what is told to a user is brought to rows that live.
"""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.kernels.arrays import begins, distinct, distinct_pairs, flat, places, spans
from dedup.kernels.compute import pc
from dedup.linking import crowds as crowded
from dedup.linking.bodies import Alive
from dedup.linking.boilerplate import Boilerplate
from dedup.linking.postings import CHUNK, Standing, are_many, ends_of
from dedup.lookup import Rows, find, live_rows
from dedup.model import LINKS
from dedup.stages import cluster, lsh, verify
from dedup.store import Store

# Links from this Jaccard on tell roughly what lies in one story.
_NEAR = 0.5


def table(a: Rows, b: Rows, figures: verify.Similarities) -> pa.Table:
    """Links (schema LINKS) of rows a[p] < b[p]."""
    columns = [a.astype(np.uint32), b.astype(np.uint32)]
    columns += [getattr(figures, name) for name in LINKS.names[2:]]
    return pa.table([pa.array(column) for column in columns], schema=LINKS)


def figures_of(links: pa.Table) -> verify.Similarities:
    """What a table of links says of its pairs."""
    columns = {name: flat(links[name]) for name in LINKS.names[2:]}
    narrative = verify.jaccard_of(columns["narrative_a_in_b"], columns["narrative_b_in_a"])
    return verify.Similarities(**columns, narrative=narrative)


def told(links: pa.Table, a: Rows, b: Rows) -> tuple[Rows, verify.Similarities]:
    """Where links (each pair once, in order) tell of bodies a[p] and b[p], -1 where they do not, and what they say of
    those of which they tell, of a in b."""
    place = places(lsh.packed(np.minimum(a, b), np.maximum(a, b)), lsh.packed(*ends(links)))
    some = np.flatnonzero(place >= 0)
    return place, figures_of(_straight(links.take(pa.array(place[some])), (a > b)[some]))


def around(store: Store, leaders: Rows) -> pa.Table:
    """All links between bodies that were ever kept, whether they hold today or not, that have one of some leaders
    (sorted) at an end; each once."""
    found, keys = [LINKS.empty_table()], leaders.astype(np.uint32)
    for segment in store.segments if len(leaders) else ():
        at_a, at_b = segment.link_ends
        if len(at_a):
            order = segment.links_by_b
            at = distinct(np.concatenate([spans(at_a, keys), order[spans(at_b, keys, order)]]))
            if len(at):
                found.append(segment.links.take(pa.array(at)))
    return once(pa.concat_tables(found))


class Holding:
    """Tells which links hold in a commit: between bodies that have live articles, candidates by its crowds, and by
    what is no boilerplate in it."""

    def __init__(
        self,
        corpus: Corpus,
        crowds: lsh.Crowds,
        alive: Alive,
        all_of_it: bool,
        executor: Executor | None = None,
    ) -> None:
        """all_of_it: whether much of the index will be asked for."""
        self._corpus, self._crowds, self._alive, self._executor = corpus, crowds, alive, executor
        self.boilerplate = Boilerplate(corpus, crowds, all_of_it)

    def __call__(self, links: pa.Table, some: Rows | None = None) -> pa.Table:
        """Those of links that hold, with the figures that count. some: places of those that are asked for, all by
        default."""
        a, b, near = flat(links["a"]), flat(links["b"]), flat(links["jaccard"]) >= _NEAR
        if some is not None:
            a, b, near = a[some], b[some], near[some]
        a, b = a.astype(np.int64), b.astype(np.int64)
        there, plate = self._live(a, b), self.boilerplate
        touched = there & (plate.touches(a) | plate.touches(b))
        # Others than those hold as they are.
        asked = touched | (there & plate.stand(a) & plate.stand(b))
        again = np.flatnonzero(asked)
        # Story by story, so that each body's keys, and sets, are fetched once and not with each of its links.
        extent = self._corpus.size
        if are_many(ends_of(extent, a[again], b[again])):
            again = again[_by_story(extent, a[again], b[again], near[again])]
        (meet,) = crowded.canonical(self._corpus, a[again], b[again], self._crowds, executor=self._executor)
        again = again[meet]
        holds = there & ~asked
        holds[again] = ~touched[again]
        kept, again = np.flatnonzero(holds), again[touched[again]]
        parts = [links if len(kept) == links.num_rows else _taken(links, some, kept)]
        if len(again) > CHUNK:
            again = again[_by_story(extent, a[again], b[again], near[again])]
        for first in range(0, len(again), CHUNK):
            parts.append(self._measured(_taken(links, some, again[first : first + CHUNK])))
        return pa.concat_tables(parts)

    def _live(self, a: Rows, b: Rows) -> npt.NDArray[np.bool_]:
        """bool, n: whether the bodies a[p] and b[p] both have a live article; each body is asked for once."""
        bodies = ends_of(self._corpus.size, a, b)
        alive = np.zeros(self._corpus.size, np.bool_)
        alive[bodies] = self._alive(bodies)
        return np.asarray(alive[a] & alive[b])

    def _measured(self, links: pa.Table) -> pa.Table:
        """Some links that boilerplate may touch, of those that are candidates."""
        bodies, x, y = Standing.of_pairs(self._corpus, *ends(links))
        cleared = self.boilerplate.cleared(bodies)
        touched = cleared.touched[x] | cleared.touched[y]
        x, y = x[touched], y[touched]
        figures = self.boilerplate.figures(cleared, x, y, self._executor)
        kept = np.flatnonzero(verify.worth_keeping(figures, self._corpus.params))
        again = table(bodies.leaders[x[kept]], bodies.leaders[y[kept]], verify.take(figures, kept))
        return pa.concat_tables([links.filter(pa.array(~touched)), again])


def _taken(links: pa.Table, some: Rows | None, places: Rows) -> pa.Table:
    """Links at some places, or at places among these."""
    return links.take(pa.array(places if some is None else some[places]))


def _by_story(extent: int, a: Rows, b: Rows, near: npt.NDArray[np.bool_]) -> Rows:
    """An order of links that has those of near articles together. extent: one more than the last row."""
    story = cluster.components(extent, a[near], b[near])
    order: Rows = np.lexsort((story[b], story[a]))
    return order


def ends(links: pa.Table) -> tuple[Rows, Rows]:
    """Rows a and b of links, int64."""
    return flat(links["a"]).astype(np.int64), flat(links["b"]).astype(np.int64)


def bodies(store: Store) -> pa.Table:
    """All links of a commit between bodies that have live articles."""
    corpus = Corpus(store)
    return all_that(Holding(corpus, crowded.load(corpus), Alive(corpus), all_of_it=True), store)


def without(links: pa.Table, leaders: Rows) -> pa.Table:
    """Those of some links that have none of some leaders at an end."""
    if not len(leaders):
        return links
    a, b = ends(links)
    return links.filter(pa.array(~np.isin(a, leaders) & ~np.isin(b, leaders)))


def all_that(holding: Holding, store: Store) -> pa.Table:
    """All links of a commit that hold, each once."""
    links = pa.concat_tables([LINKS.empty_table(), *(segment.links for segment in store.segments)])
    found = once(holding(links, _each_once(links)))
    store.release()  # what is mapped would count as memory in use
    return found


def live(store: Store) -> pa.Table:
    """All links between live articles, the earliest of each body for all that have it, and one from that article to
    each of the others. a is the earlier article, by time, then by id."""
    corpus = Corpus(store)
    rows, links = live_rows(store), bodies(store)
    leader = corpus.leaders()
    copies = np.bincount(leader[rows], minlength=corpus.size)
    linked = copies > 1
    linked[np.concatenate(ends(links))] = True
    rows = rows[linked[leader[rows]]]
    rows = rows[in_order_of_time(store.article_rows(rows, ["published", "id"]))]
    rank = np.zeros(corpus.size, np.int64)
    rank[rows] = np.arange(len(rows))
    first_of, first = np.unique(leader[rows], return_index=True)
    stands = np.zeros(corpus.size, np.int64)
    stands[first_of] = rows[first]
    a, b = (stands[end] for end in ends(links))
    found = _straight(table(a, b, figures_of(links)), rank[a] > rank[b])
    copy = stands[leader[rows]] != rows
    firsts = stands[leader[rows[copy]]]
    return pa.concat_tables([found, table(firsts, rows[copy], corpus.measure(firsts, rows[copy]))])


def in_order_of_time(about: pa.Table, *within: str) -> Rows:
    """Places of articles (columns published and id) in order of time, those without one last, then of id.

    within: columns in whose order they are before that.
    """
    late = about.append_column("late", pc.is_null(about["published"]))
    keys = [(name, "ascending") for name in (*within, "late", "published", "id")]
    order: Rows = pc.sort_indices(late, sort_keys=keys).to_numpy()
    return order


def touching(store: Store, rows: Rows) -> pa.Table:
    """Links between live articles of which one is a row of rows, as a, and one is not, as b."""
    corpus = Corpus(store)
    mine = np.unique(find(store, lsh.BODIES, distinct_pairs(corpus.digests(rows)), dead_too=True)[0])
    holding = Holding(corpus, crowded.load(corpus), Alive(corpus), all_of_it=False)
    links = holding(around(store, mine))
    left, right = (np.isin(end, mine) for end in ends(links))
    links = _straight(links.filter(pa.array(left != right)), right[left != right])
    a, b = ends(links)
    a, b = _stand_ins(corpus, a, rows), _stand_ins(corpus, b)
    alive = (a >= 0) & (b >= 0)
    return table(a, b, figures_of(links)).filter(pa.array(alive))


def _stand_ins(corpus: Corpus, of: Rows, among: Rows | None = None) -> Rows:
    """int64, n: for each row the live one with its body whose id hashes least, of some rows where given; -1: none."""
    wanted, place = np.unique(of, return_inverse=True)
    found, which = find(corpus.store, lsh.BODIES, corpus.digests(wanted))
    if among is not None:
        inside = np.isin(found, among)
        found, which = found[inside], which[inside]
    order = np.argsort(corpus.column("id_hash", found)[:, 0])
    stands = np.full(len(wanted), -1)
    stands[which[order[::-1]]] = found[order[::-1]]  # the least comes last, and stays
    return stands[place]


def once(links: pa.Table) -> pa.Table:
    """Each pair once, in order of a, then b: a change of crowds may have had it measured again."""
    some = _each_once(links)
    return links if some is None else links.take(pa.array(some))


def _each_once(links: pa.Table) -> Rows | None:
    """The places of links that give each pair once, in order; None where these are all of them as they are."""
    pairs = lsh.packed(flat(links["a"]), flat(links["b"]))
    if np.all(pairs[1:] > pairs[:-1]):
        return None
    order = np.argsort(pairs, kind="stable")  # mostly of runs in order, which it makes use of
    return order[begins(pairs[order])]


def _straight(links: pa.Table, turned: npt.NDArray[np.bool_]) -> pa.Table:
    """links, with a and b exchanged where turned."""
    pairs = [("a", "b"), ("a_in_b", "b_in_a"), ("narrative_a_in_b", "narrative_b_in_a")]
    swapped = {x: y for pair in pairs for x, y in (pair, pair[::-1])}
    columns = [
        np.where(turned, links[swapped.get(name, name)].to_numpy(), links[name].to_numpy()) for name in LINKS.names
    ]
    return pa.table([pa.array(column) for column in columns], schema=LINKS)
