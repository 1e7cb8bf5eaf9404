"""Candidates: pairs of bodies that share a band of their signatures, or an anchor.

Bands (Indyk and Motwani 1998; Broder 1997) find what is near-identical, anchors what was cut, absorbed or rewritten.
Each is a table of (key, row) in order of key; the rows under one key are a bucket. In a bucket of up to 64 bodies all
pairs are candidates. A larger one is a crowd: its pairs with 8 representatives are, those of least priority, for all
pairs of a story with 1,000 copies are 500,000, and one link to a representative joins a copy as well. A crowd whose
representatives are unlike each other is boilerplate, and masked. So what is a candidate follows from the bodies that
are there, whatever the order in which they came; `meet` finds what a change of the bodies adds to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from dedup.kernels.arrays import begins, distinct, distinct_of, places
from dedup.model import Params

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Table = tuple[U32, U32]
# Of rows (n,) their priority, uint64: a hash of the tokens, so that order of coming is of no account.
Priority = Callable[[U32], U64]
# Of (m, 8) rows, the representatives of m crowds, which crowds are boilerplate: (m,) bool.
Judge = Callable[[U32], Mask]
# Of (m, 8) rows each, what represented m masked crowds and what does now, which of them mask something else: (m,) bool.
Differs = Callable[[U32, U32], Mask]

NOTHING: Table = (np.empty(0, np.uint32), np.empty(0, np.uint32))
ANCHORS, BODIES, IDS = "anchor", "body", "id"
WHOLE_BUCKET = 64
REPRESENTATIVES = 8


def band_names(params: Params) -> list[str]:
    return [f"band-{band:02d}" for band in range(params.bands)]


def table_names(params: Params) -> list[str]:
    """The tables that propose candidates; a table's place here is the upper half of its keys in `Crowds`."""
    return [*band_names(params), ANCHORS]


def tables(
    signatures: U32, rows: U32, anchors: Table, params: Params, places: I64 | None = None
) -> Iterator[tuple[str, Table]]:
    """The bands' tables and the anchors', by name.

    signatures: (n, num_perm) uint32; places: int64, m, of those that count, all of them by default. rows: uint32, m,
    rows of the index. anchors: keys and rows.
    """
    for name, keys in zip(band_names(params), all_band_keys(signatures, params, places), strict=True):
        yield name, ordered(keys, rows)
    yield ANCHORS, ordered(*anchors)


def all_band_keys(signatures: U32, params: Params, places: I64 | None = None) -> Iterator[U32]:
    """Of each band the keys of n signatures, (n,) uint32, or of those at m places."""
    from dedup.kernels import buckets

    some = np.arange(len(signatures)) if places is None else places
    for band in range(params.bands):
        keys = np.empty(len(some), np.uint32)
        buckets.band_keys(signatures, some, band * params.rows, params.rows, keys)
        yield keys


def band_key(part: U32) -> int:
    """The key of one band of one signature, as `dedup.kernels.buckets.band_keys` gives it."""
    h = 0x9E3779B97F4A7C15
    for value in part.tolist():
        h = ((h ^ value) * 0xFF51AFD7ED558CCD) & 0xFFFFFFFFFFFFFFFF
        h ^= h >> 32
    return h & 0xFFFFFFFF


def ordered(keys: U32, rows: U32) -> Table:
    """(keys, rows) in order of key, then row."""
    both = packed(keys, rows)
    both.sort()
    rows = both.astype(np.uint32)
    both >>= np.uint64(32)
    return both.astype(np.uint32), rows


def packed(high: npt.NDArray[np.integer], low: npt.NDArray[np.integer]) -> U64:
    """high << 32 | low, uint64."""
    both = high.astype(np.uint64)
    both <<= np.uint64(32)
    both |= low.astype(np.uint64, copy=False)
    return both


def unpacked(both: U64) -> tuple[I64, U32]:
    return (both >> np.uint64(32)).astype(np.int64), both.astype(np.uint32)


def under(table: Table, wanted: U32) -> U64:
    """Place in wanted << 32 | row of all rows under the wanted keys (sorted, distinct), by one pass over both."""
    from dedup.kernels import buckets

    ends = np.empty(len(wanted) + 1, np.int64)
    buckets.under(table[0], wanted, ends)
    out = np.empty(int(ends[-1]), np.uint64)
    buckets.gather(*table, wanted, ends, out)
    return out


@dataclasses.dataclass(frozen=True, slots=True)
class Crowds:
    """The buckets of more than 64 bodies.

    keys: uint64, m, sorted, place of the table << 32 | key. masked: bool, m. representatives: uint32, (m, 8), rows in
    order of priority.
    """

    keys: U64
    masked: Mask
    representatives: U32

    @classmethod
    def none(cls) -> Crowds:
        return cls(np.empty(0, np.uint64), np.empty(0, np.bool_), np.empty((0, REPRESENTATIVES), np.uint32))

    def __len__(self) -> int:
        return len(self.keys)

    def same_as(self, others: Crowds) -> bool:
        return all(np.array_equal(getattr(self, f.name), getattr(others, f.name)) for f in dataclasses.fields(self))

    def find(self, keys: U64) -> I64:
        """Places of keys among the crowds, -1 for those that are none."""
        return places(keys, self.keys)

    def of_table(self, table: int) -> U32:
        """Their keys in the table at a place, sorted."""
        first, last = np.searchsorted(self.keys, np.array([table << 32, (table + 1) << 32], np.uint64))
        return self.keys[first:last].astype(np.uint32)

    def without(self, keys: U64) -> Crowds:
        keep = ~np.isin(self.keys, keys)
        return Crowds(self.keys[keep], self.masked[keep], self.representatives[keep])

    def and_also(self, others: Crowds) -> Crowds:
        """Both together, which have no key in common."""
        keys = np.concatenate([self.keys, others.keys])
        order = np.argsort(keys)
        return Crowds(
            keys[order],
            np.concatenate([self.masked, others.masked])[order],
            np.concatenate([self.representatives, others.representatives])[order],
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Met:
    """What a change of the bodies adds to the candidates.

    pairs: uint64, smaller row << 32 | larger, distinct. settled: keys that are no longer crowds as they were. crowds:
    those that are new or other ones. stirred: rows whose links may hold no more, or are measured otherwise: all of a
    bucket that became or ceased to be a crowd, is masked now or no more, or masks something else; of another crowd
    what represents it no more.
    """

    pairs: U64
    settled: U64
    crowds: Crowds
    stirred: U32


def loud(crowds: Crowds, wanted: U64, new: U64, gone: Mask, priority: Priority) -> Mask:
    """Which buckets have to be seen whole: all but the crowds that lose no body and get no other representative.

    wanted: the keys (m,) that bodies come to or go from, sorted, distinct. new: place in wanted << 32 | row of those
    that come, sorted. gone: which keys lose bodies.
    """
    at = crowds.find(wanted)
    quiet = (at >= 0) & ~gone
    place, rows = unpacked(new)
    some = np.flatnonzero(quiet[place])
    if len(some):
        last = priority(crowds.representatives[at[quiet], -1])
        limit = np.zeros(len(wanted), np.uint64)
        limit[quiet] = last
        rising = priority(rows[some]) < limit[place[some]]
        quiet[place[some[rising]]] = False
    return ~quiet


def meet(
    crowds: Crowds,
    wanted: U64,
    new: U64,
    whole: Mask,
    older: U64,
    is_new: Callable[[U32], Mask],
    priority: Priority,
    is_boilerplate: Judge,
    differs: Differs,
) -> Met:
    """The candidates that appear when bodies come and go, and the crowds that change.

    wanted, new: as in `loud`. whole: its answer, m. older: place in wanted << 32 | row of the bodies that are there
    already and stay, under the keys that are to be seen whole. is_new: which rows are among those that come.
    """
    from dedup.kernels import buckets

    at = crowds.find(wanted)
    seen = whole[(new >> np.uint64(32)).astype(np.int64)]
    quiet = _to_representatives(crowds, at, new[~seen])
    both = distinct_of([older, new[seen]]) if len(older) else new[seen]
    place, rows = unpacked(both)
    starts = np.flatnonzero(begins(place))
    sizes = np.diff(np.append(starts, len(place)))
    # A crowd may be left without a single body.
    empty = whole & (at >= 0)
    empty[place[starts]] = False
    buckets_at = at[place[starts]]
    arriving = is_new(rows)
    large = sizes > WHOLE_BUCKET
    small = ~large & (sizes > 1)
    found = [quiet]
    found.append(_filled(buckets.pairs, *_selected(starts, sizes, rows, arriving, small), buckets_at[small] >= 0))
    changed = _crowds(
        crowds, buckets_at[large], *_selected(starts, sizes, rows, arriving, large), priority, is_boilerplate
    )
    found.append(changed.pairs)
    other = np.flatnonzero(large)[changed.other]
    ceased = np.flatnonzero(~large & (buckets_at >= 0))
    stirs = np.zeros(len(starts), np.bool_)
    stirs[ceased] = True
    stirs[other], left = _stirred(crowds, buckets_at[other], changed, differs)
    keys = wanted[place[starts]]
    return Met(
        pairs=distinct_of(found),
        settled=np.concatenate([wanted[empty], keys[ceased], keys[other]]),
        crowds=Crowds(keys[other], changed.masked[changed.other], changed.representatives[changed.other]),
        stirred=distinct(np.append(rows[np.repeat(stirs, sizes)], left)),
    )


def _stirred(crowds: Crowds, at: I64, changed: _Changed, differs: Differs) -> tuple[Mask, U32]:
    """Which of the crowds that changed, once at some places (-1: nowhere), stir all their bodies; and what represents
    one of the others no more."""
    masked, now = changed.masked[changed.other], changed.representatives[changed.other]
    stirs = at < 0
    known = np.flatnonzero(~stirs)
    before, was_masked = crowds.representatives[at[known]], crowds.masked[at[known]]
    stirs[known] = was_masked != masked[known]
    both = was_masked & masked[known]
    if both.any():
        stirs[known[both]] = differs(before[both], now[known[both]])
    stay = np.any(before[:, :, None] == now[known][:, None, :], axis=2)
    open_ = ~was_masked & ~masked[known]
    return stirs, before[open_][~stay[open_]]


def _to_representatives(crowds: Crowds, at: I64, new: U64) -> U64:
    """Pairs of new rows with the representatives of crowds that stay as they are."""
    place, rows = unpacked(new)
    crowd = at[place]
    open_ = ~crowds.masked[crowd]
    others, rows = crowds.representatives[crowd[open_]], rows[open_, None]
    met: U64 = packed(np.minimum(others, rows), np.maximum(others, rows))[others != rows]
    return met


def _selected(starts: I64, sizes: I64, rows: U32, arriving: Mask, which: Mask) -> tuple[I64, U32, Mask]:
    """Some of the buckets: bounds, rows and which of these are new."""
    inside = np.repeat(which, sizes)
    return np.append(0, np.cumsum(sizes[which])), rows[inside], arriving[inside]


def _filled(kernel: Callable[..., int], *arguments: object) -> U64:
    """What a kernel that counts what it would write writes, given room for it."""
    out = np.empty(kernel(*arguments, np.empty(0, np.uint64)), np.uint64)
    kernel(*arguments, out)
    return out


@dataclasses.dataclass(frozen=True, slots=True)
class _Changed:
    pairs: U64
    other: I64  # places of the crowds that are not what they were
    masked: Mask
    representatives: U32


def _crowds(
    crowds: Crowds, at: I64, starts: I64, rows: U32, arriving: Mask, priority: Priority, is_boilerplate: Judge
) -> _Changed:
    """Large buckets, of which at tells which crowds they were (-1: none)."""
    from dedup.kernels import buckets

    if not len(at):
        none = Crowds.none()
        return _Changed(np.empty(0, np.uint64), np.empty(0, np.int64), none.masked, none.representatives)
    chosen = np.empty((len(at), REPRESENTATIVES), np.int64)
    buckets.least(starts, priority(rows), chosen)
    now, known = rows[chosen], at >= 0
    before = np.where(known[:, None], crowds.representatives[at] if len(crowds) else 0, now)
    same = known & np.all(now == before, axis=1)
    masked = np.zeros(len(at), np.bool_)
    masked[same] = crowds.masked[at[same]]
    if not same.all():
        masked[~same] = is_boilerplate(now[~same])
    was_masked = np.zeros(len(at), np.bool_)
    was_masked[known] = crowds.masked[at[known]]
    fresh = arriving[chosen] | was_masked[:, None]
    fresh |= known[:, None] & ~np.any(now[:, :, None] == before[:, None, :], axis=2)
    sizes = np.diff(starts)
    some = _selected(starts[:-1], sizes, rows, arriving, ~masked)
    pairs = _filled(buckets.crowd_pairs, *some, now[~masked], fresh[~masked])
    return _Changed(pairs, np.flatnonzero(~same), masked, now)
