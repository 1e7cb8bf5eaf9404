"""Postings: under which keys of which tables the bodies of an index stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.kernels.arrays import distinct
from dedup.lookup import Rows
from dedup.stages import lsh
from dedup.stages.sketch import anchors
from dedup.store import Keys, Store
from dedup.store.columns import Sets

if TYPE_CHECKING:
    from dedup.prepare import Prepared

# From so many keys a table on, a table is merged with them instead of searched.
MANY_KEYS = 1 << 12
# Pairs, or bodies, whose sets are in memory at once.
CHUNK = 1 << 13
# Bodies whose keys are in memory at once: 560 bytes a body.
_BODIES = 1 << 17
# From this part of all rows on, keys are taken from the tables as they lie, and not made again from each one's set.
_MUCH = 0.125
# From so many keys in all on what was mapped to find them is let go.
_BULK = 1 << 9

Tables = Mapping[str, lsh.Table]


def tables(corpus: Corpus, new: Prepared, first: Rows) -> dict[str, lsh.Table]:
    """The tables of the bodies that those that wait bring: one that is known is in an older table already.

    first: their leaders, see `dedup.linking.bodies.Turnover`.
    """
    local = first - corpus.base
    local = local[new.narrative_lengths[local] > 0]
    keys, of = new.anchors
    if len(local) < len(new.sets):
        wanted = np.zeros(len(new.sets), np.bool_)
        wanted[local] = True
        inside = wanted[of]
        keys, of = keys[inside], of[inside]
    rows = (local + corpus.base).astype(np.uint32)
    return dict(lsh.tables(new.signatures, rows, (keys, of + np.uint32(corpus.base)), corpus.params, local))


def tables_of(corpus: Corpus, leaders: Rows) -> dict[str, lsh.Table]:
    """The tables' entries of some leaders, made again from their sketches."""
    leaders = leaders[corpus.column("narrative_length", leaders) > 0]
    sets = corpus.sets(leaders)
    keys, of = anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, corpus.params)
    rows = leaders.astype(np.uint32)
    signatures = corpus.column("signature", leaders)
    return dict(lsh.tables(signatures, rows, (keys, rows[of]), corpus.params))


@dataclasses.dataclass(frozen=True, slots=True)
class Keyed:
    """Bodies with their keys, fetched once.

    leaders: int64, n, sorted, distinct. keys: uint64, those of body d rising at keys[ends[d]:ends[d + 1]]; a key has
    the place of its table in the upper half.
    """

    leaders: Rows
    keys: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.int64]

    @classmethod
    def of(cls, corpus: Corpus, leaders: Rows) -> Self:
        """Fetch those of some leaders; their sets only while their keys are found, if at all."""
        if len(leaders) > _MUCH * corpus.size and leaders[-1] < corpus.base:
            return cls(leaders, *_keys_on_disk(corpus, leaders))
        keys, ends = [np.empty(0, np.uint64)], [np.zeros(1, np.int64)]
        for first in range(0, len(leaders), CHUNK):
            some = leaders[first : first + CHUNK]
            found, of = _keys(corpus, some, corpus.sets(some), corpus.column("narrative_length", some))
            keys.append(found)
            ends.append(of[1:] + ends[-1][-1])
        return cls(leaders, np.concatenate(keys), np.concatenate(ends))


@dataclasses.dataclass(frozen=True)
class Standing:
    """Bodies with their sets, fetched once. leaders: as in Keyed. narrative: uint32, n, narrative shingles of each."""

    corpus: Corpus
    leaders: Rows
    sets: Sets
    narrative: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, corpus: Corpus, leaders: Rows) -> Self:
        """Fetch those of some leaders."""
        return cls(corpus, leaders, corpus.sets(leaders), corpus.column("narrative_length", leaders))

    @classmethod
    def of_pairs(cls, corpus: Corpus, a: Rows, b: Rows) -> tuple[Self, Rows, Rows]:
        """Fetch those of leaders a[p] and b[p]; and the places of these among them."""
        leaders, place = np.unique(np.concatenate([a, b]), return_inverse=True)
        return cls.of(corpus, leaders), place[: len(a)], place[len(a) :]

    @cached_property
    def keyed(self) -> Keyed:
        """The bodies with their keys."""
        return Keyed(self.leaders, *_keys(self.corpus, self.leaders, self.sets, self.narrative))


def ends_of(extent: int, a: Rows, b: Rows) -> Rows:
    """The different rows among a and b, rising. extent: one more than the last row there may be."""
    if len(a) < extent // 16:  # less than it takes to look at each row that there may be
        return distinct(np.concatenate([a, b]))
    there = np.zeros(extent, np.bool_)
    there[a] = there[b] = True
    return np.flatnonzero(there)


def are_many(bodies: Rows) -> bool:
    """Whether so many bodies have too many keys for all of them at once."""
    return len(bodies) > _BODIES


def windows(extent: int, a: Rows, b: Rows) -> Iterator[tuple[slice, Rows]]:
    """Parts of pairs a[p] and b[p] in their order, of few enough different bodies for all of their keys at once; and
    these bodies."""
    waiting = [slice(0, len(a))]
    while waiting:
        part = waiting.pop()
        bodies = ends_of(extent, a[part], b[part])
        if part.stop - part.start > CHUNK and are_many(bodies):
            middle = (part.start + part.stop) // 2
            waiting += [slice(middle, part.stop), slice(part.start, middle)]
        else:
            yield part, bodies


def _keys(
    corpus: Corpus, leaders: Rows, sets: Sets, narrative: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """keys and ends, as in Keyed, of leaders that have some sets, with so many narrative shingles."""
    params = corpus.params
    named, of = anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params)
    first = np.append(0, np.cumsum(np.bincount(of, minlength=len(leaders))))
    # Who has no narrative stands in no table.
    inside = narrative > 0
    ends = first + np.append(0, np.cumsum(np.where(inside, params.bands, 0)))
    keys = np.empty(ends[-1], np.uint64)
    some = ends[:-1][inside]
    for band, key in enumerate(lsh.all_band_keys(corpus.column("signature", leaders), params, np.flatnonzero(inside))):
        keys[some + band] = key | np.uint64(band << 32)
    at = (ends[1:] - first[1:])[of] + np.arange(len(of))
    keys[at] = named | np.uint64(params.bands << 32)
    return keys, ends


def _keys_on_disk(corpus: Corpus, leaders: Rows) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """keys and ends, as in Keyed, of much of what is on disk: a body stands in the tables of its segment alone."""
    from dedup.kernels import buckets

    place = np.full(corpus.base, -1)
    place[leaders] = np.arange(len(leaders))
    counts = np.zeros(len(leaders) + 1, np.int64)
    names = lsh.table_names(corpus.params)
    for segment in corpus.store.segments:
        for name in names:
            buckets.count_keys(segment.table(name)[1], place, counts[1:])
        segment.release()  # what is mapped would count as memory in use
    ends = np.cumsum(counts)
    keys, at = np.empty(ends[-1], np.uint64), ends[:-1].copy()
    for segment in corpus.store.segments:
        for number, name in enumerate(names):
            buckets.lay_keys(*segment.table(name), np.uint64(number << 32), place, at, keys)
        segment.release()
    return keys, ends


def members(corpus: Corpus, crowds: lsh.Crowds) -> npt.NDArray[np.uint64]:
    """row << 32 | place of its crowd, sorted, of all rows on disk that stand in crowds, dead ones too."""
    found = older(corpus.store, crowds.keys, np.ones(len(crowds), np.bool_), lsh.table_names(corpus.params))
    found = found << np.uint64(32) | found >> np.uint64(32)
    found.sort()
    return found


def postings(
    parts: list[Tables], names: list[str], some: list[str]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Keys, with the place of their table in the upper half, and rows, of some tables (in order) of all parts, in order
    of key, then row."""
    keys, rows = [np.empty(0, np.uint64)], [np.empty(0, np.uint32)]
    having = [part for part in parts if any(name in part and len(part[name][0]) for name in some)]
    for part in having:
        for name in some:
            if name in part:
                keys.append(part[name][0] | np.uint64(names.index(name) << 32))
                rows.append(part[name][1])
    all_keys, all_rows = np.concatenate(keys), np.concatenate(rows)
    if len(having) < 2:
        return all_keys, all_rows
    order = np.lexsort((all_rows, all_keys))
    return all_keys[order], all_rows[order]


def in_company(store: Store, parts: list[Tables], name: str, others: npt.NDArray[np.uint32]) -> list[Tables]:
    """One table of each part, without entries that nobody stands beside: no other of any part, none on disk, no key
    of others (sorted). Most stand so, and are of no account."""
    from dedup.kernels import buckets

    tables = [part.get(name, lsh.NOTHING) for part in parts]
    kept: list[Tables] = []
    for one in tables:
        keys, rows = one
        company = np.zeros(len(keys), np.bool_)
        same = keys[1:] == keys[:-1]
        company[1:] = same
        company[:-1] |= same
        for known in (others, *(other[0] for other in tables if other is not one)):
            buckets.among(keys, known, company)
        for segment in store.segments:
            buckets.among(keys, segment.table(name)[0], company)
            segment.release()  # what is mapped would count as memory in use
        kept.append({name: (keys[company], rows[company])})
    return kept


def older(
    store: Store, wanted: npt.NDArray[np.uint64], whole: npt.NDArray[np.bool_], names: list[str]
) -> npt.NDArray[np.uint64]:
    """Place in wanted << 32 | row of all rows on disk under those wanted keys that are to be seen whole."""
    from dedup.kernels import buckets

    asked = np.flatnonzero(whole)
    tables, keys = wanted[asked] >> np.uint64(32), wanted[asked].astype(np.uint32)
    bounds = np.searchsorted(tables, np.arange(len(names) + 1, dtype=np.uint64)).tolist()
    spans = {name: slice(*bounds[i : i + 2]) for i, name in enumerate(names) if bounds[i + 1] > bounds[i]}
    many = {name: span for name, span in spans.items() if span.stop - span.start > MANY_KEYS}
    few = Keys.of({name: keys[span] for name, span in spans.items() if name not in many})
    places = np.concatenate([np.empty(0, np.int64), *(asked[span] for name, span in spans.items() if name not in many)])
    found = [np.empty(0, np.uint64)]
    for segment in store.segments:
        for name, span in many.items():
            place, rows = lsh.unpacked(lsh.under(segment.table(name), keys[span]))
            found.append(lsh.packed(asked[span][place], rows))
        place, rows = segment.lookup(few, buckets.search)
        if len(rows):
            found.append(lsh.packed(places[place], rows))
        if len(asked) > _BULK:
            segment.release()  # what is mapped would count as memory in use
    return np.concatenate(found)
