"""Links of an index: between bodies on disk, between live articles for whoever asks.

A link names the first row that ever had each body. That row may have been replaced since, and
others may carry the same body, so what is told to a user is brought to rows that live.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus, parts_of
from dedup.lookup import Rows, find, live_rows
from dedup.model import LINKS
from dedup.stages import lsh, verify
from dedup.store import Store


def table(a: Rows, b: Rows, figures: verify.Similarities) -> pa.Table:
    """Links (schema LINKS) of rows a[p] < b[p]."""
    columns = [a.astype(np.uint32), b.astype(np.uint32)]
    columns += [getattr(figures, name) for name in LINKS.names[2:]]
    return pa.table([pa.array(column) for column in columns], schema=LINKS)


def figures_of(links: pa.Table) -> verify.Similarities:
    """What a table of links says of its pairs."""
    columns = {name: links[name].to_numpy() for name in LINKS.names[2:]}
    a_in_b, b_in_a = columns["narrative_a_in_b"], columns["narrative_b_in_a"]
    known = (a_in_b > 0) & (b_in_a > 0)
    # From s / |A| and s / |B| follows s / (|A| + |B| - s).
    narrative = 1 / (1 / np.where(known, a_in_b, 1) + 1 / np.where(known, b_in_a, 1) - 1)
    return verify.Similarities(**columns, narrative=np.where(known, narrative, 0).astype(np.float32))


def stored(store: Store) -> pa.Table:
    """All links between bodies."""
    return pa.concat_tables([LINKS.empty_table(), *(segment.links for segment in store.segments)])


def live(store: Store) -> pa.Table:
    """All links between live articles, the first of each body for all that have it, and one from
    that first article to each of the others."""
    corpus = Corpus(parts_of(store), store.params)
    rows = np.flatnonzero(live_rows(store, corpus.size))
    leaders = corpus.leaders[rows]
    bodies, first = np.unique(leaders, return_index=True)
    stands = np.full(corpus.size, -1, np.int64)
    stands[bodies] = rows[first]
    links = stored(store)
    a, b = (stands[links[name].to_numpy()] for name in ("a", "b"))
    alive = (a >= 0) & (b >= 0)
    turned = a > b
    found = table(a, b, figures_of(links)).filter(pa.array(alive))
    found = _straight(found, turned[alive])
    copies = rows[stands[leaders] != rows]
    firsts = stands[corpus.leaders[copies]]
    return pa.concat_tables([found, table(firsts, copies, corpus.measure(firsts, copies))])


def touching(store: Store, rows: Rows) -> pa.Table:
    """Links between live articles of which one is a row of rows, as a, and one is not, as b."""
    mine = find(store, lsh.BODIES, np.unique(_bodies_of(store, rows), axis=0), dead_too=True)[0]
    found = []
    for segment in store.segments:
        links = segment.links
        left, right = (np.isin(links[name].to_numpy(), mine) for name in ("a", "b"))
        found.append(_straight(links.filter(pa.array(left != right)), right[left != right]))
    links = pa.concat_tables([LINKS.empty_table(), *found])
    a, b = _stand_ins(store, links["a"].to_numpy(), rows), _stand_ins(store, links["b"].to_numpy())
    alive = (a >= 0) & (b >= 0)
    return table(a, b, figures_of(links)).filter(pa.array(alive))


def _stand_ins(store: Store, of: Rows, among: Rows | None = None) -> Rows:
    """int64, n: for each row the first live one with its body, among some rows where given; -1 for none."""
    wanted, place = np.unique(of, return_inverse=True)
    found, which = find(store, lsh.BODIES, _bodies_of(store, wanted))
    if among is not None:
        inside = np.isin(found, among)
        found, which = found[inside], which[inside]
    none = np.iinfo(np.int64).max
    stands = np.full(len(wanted), none)
    np.minimum.at(stands, which, found)
    return np.where(stands == none, -1, stands)[place]


def _straight(links: pa.Table, turned: npt.NDArray[np.bool_]) -> pa.Table:
    """links, with a and b exchanged where turned."""
    pairs = [("a", "b"), ("a_in_b", "b_in_a"), ("narrative_a_in_b", "narrative_b_in_a")]
    swapped = {x: y for pair in pairs for x, y in (pair, pair[::-1])}
    columns = [
        np.where(turned, links[swapped.get(name, name)].to_numpy(), links[name].to_numpy()) for name in LINKS.names
    ]
    return pa.table([pa.array(column) for column in columns], schema=LINKS)


def _bodies_of(store: Store, rows: Rows) -> npt.NDArray[np.uint64]:
    digests = np.empty((len(rows), 2), np.uint64)
    for segment, local, where in store.places(rows):
        digests[where] = segment.sketches.body_digest[local]
    return digests
