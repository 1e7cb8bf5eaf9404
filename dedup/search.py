"""Search an index for what shares copy with a text: candidates by band and anchor, then exactly.

A query from a new process is answered before kernels would be loaded, without them; where they are loaded, or queries
come again and again, kernels do the same.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.kernels.arrays import alike, runs
from dedup.lookup import Rows, find
from dedup.model import Params
from dedup.stages import lsh, plain, verify
from dedup.store import Keys, Search, Segment, Store

# Candidates that are verified, those that share most keys first.
_MOST = 1024
# Loading kernels takes as long as so many queries gain by them.
_FEW = 30
# A sentence may share no anchor with the article that it was cut from, a quotation has none: what no
# candidate holds most of is looked for in all sets, if the sketches have no more bytes than _SCAN (0.3 s).
_HELD = 0.9
_SCAN = 3 << 26
# What a hit has in common with the text at least: part of the text's shingles, and a number.
_FOUND, _COMMON = 0.1, 5

_PIECE = 1 << 15  # hashes
_NO_ROWS = np.empty(0, np.uint32)


@dataclasses.dataclass(frozen=True, slots=True)
class Hits:
    """Rows of the index that share copy with a text, best first, and the figures of (text, row)."""

    rows: Rows
    figures: verify.Similarities

    def __len__(self) -> int:
        return len(self.rows)


class _Means(NamedTuple):
    """What does the work. searching: as `Segment.lookup` takes it."""

    shingle: Callable[[str, Params], plain.ShingleSet]
    sketch: Callable[[npt.NDArray[np.uint32], Params], npt.NDArray[np.uint32]]
    overlap: Callable[[Segment, Rows, plain.ShingleSet], npt.NDArray[np.uint32]]
    searching: Search | None


_asked = itertools.count(1)


def search(store: Store, text: str, limit: int, compiled: bool | None = None) -> Hits:
    """Live articles that share copy with text (a body, already clean), at most limit.

    compiled: whether kernels do it, which changes no answer; by default where they are loaded, or soon will have paid.
    """
    params = store.params
    if compiled is None:
        compiled = "dedup.kernels.sets" in sys.modules or next(_asked) > _FEW
    means = _compiled() if compiled else _Means(plain.shingle, plain.sketch, _overlap, None)
    found = means.shingle(text, params)
    bodies = _Bodies.none()
    if len(found.hashes):
        bodies = _overlaps(store, _candidates(store, _keys(found, params, means), means), found, means)
        held = int(bodies.overlaps[:, 0].max(initial=0))
        if held < _HELD * len(found.hashes) and _sketched(store) <= _SCAN:
            more = _overlaps(store, [_scan(segment, found) for segment in store.segments], found, means)
            bodies = bodies.and_also(more)
    figures = _figures(bodies.overlaps, found, params)
    # Most of what is verified is no hit: where its copies are need not be known.
    good = _good(figures, bodies.overlaps[:, 0], len(found.hashes))
    return _best(store, bodies.digests[good], verify.take(figures, good), limit, means)


def _compiled() -> _Means:
    """The same by kernels, which are loaded here."""
    import pyarrow as pa

    from dedup.kernels import buckets
    from dedup.kernels import sets as kernel
    from dedup.stages.shingle import shingle
    from dedup.stages.sketch import sketch

    def shingled(text: str, params: Params) -> plain.ShingleSet:
        sets = shingle(pa.array([text], pa.large_string()), params)
        return plain.ShingleSet(sets.hashes, _bits(sets.marks, len(sets.hashes)), int(sets.tokens[0]))

    def sketched(hashes: npt.NDArray[np.uint32], params: Params) -> npt.NDArray[np.uint32]:
        signature: npt.NDArray[np.uint32] = sketch(hashes, np.array([0, len(hashes)]), params)[0]
        return signature

    def overlap(segment: Segment, places: Rows, found: plain.ShingleSet) -> npt.NDArray[np.uint32]:
        n, sets = len(places), segment.sets_in_place(places)
        marks = np.packbits(found.narrative, bitorder="little")
        overlaps = np.empty((n, 6), np.uint32)
        common = np.empty((n, 4), np.uint32)
        kernel.overlaps(
            np.zeros(n, np.int64), found.hashes, np.array([0, len(found.hashes)]), marks, np.array([0, len(marks)]),
            places, sets.hashes, sets.ends, sets.marks, sets.mark_ends,
            common,
        )  # fmt: skip
        overlaps[:, :4] = common
        overlaps[:, 4] = sets.ends[places + 1] - sets.ends[places]
        overlaps[:, 5] = segment.fixed("narrative_length", places)
        return overlaps

    return _Means(shingled, sketched, overlap, buckets.search)


def _sketched(store: Store) -> int:
    """Bytes of all sketches."""
    return sum(segment.record.files["sketches"].bytes for segment in store.segments)


class _Bodies(NamedTuple):
    """Different bodies: their digests (n, 2), and what each has in common with the text, as `_overlap` tells."""

    digests: npt.NDArray[np.uint64]
    overlaps: npt.NDArray[np.uint32]

    @classmethod
    def none(cls) -> _Bodies:
        return cls(np.empty((0, 2), np.uint64), np.empty((0, 6), np.uint32))

    def and_also(self, more: _Bodies) -> _Bodies:
        """These and others, each body once."""
        digests = np.concatenate([self.digests, more.digests])
        order, first = alike(digests)
        some = order[first]
        return _Bodies(digests[some], np.concatenate([self.overlaps, more.overlaps])[some])


def _overlaps(store: Store, candidates: list[Rows], found: plain.ShingleSet, means: _Means) -> _Bodies:
    """What candidates, a list of places a segment, have in common with the text."""
    bodies = _Bodies.none()
    for segment, places in zip(store.segments, candidates, strict=True):
        if len(places):
            more = _Bodies(segment.fixed("body_digest", places), means.overlap(segment, places, found))
            bodies = bodies.and_also(more)
    return bodies


def _keys(found: plain.ShingleSet, params: Params, means: _Means) -> Keys:
    signature = means.sketch(found.hashes, params)
    keys = {lsh.ANCHORS: plain.anchors(found, params)}
    for band, name in enumerate(lsh.band_names(params)):
        part = signature[band * params.rows : (band + 1) * params.rows]
        keys[name] = np.array([lsh.band_key(part)], np.uint32)
    return Keys.of(keys)


def _candidates(store: Store, keys: Keys, means: _Means) -> list[Rows]:
    """Rows that share most keys, of two that share as many the older one: of each segment places in it, rising."""
    under = [segment.lookup(keys, means.searching)[1] for segment in store.segments]
    found, shared = np.unique(np.concatenate([_NO_ROWS, *under]), return_counts=True)
    if len(found) > _MOST:
        found = np.sort(found[np.argsort(-shared, kind="stable")[:_MOST]])
    rows = found.astype(np.int64)
    bounds = [np.searchsorted(rows, [segment.base, segment.base + segment.rows]) for segment in store.segments]
    return [rows[slice(*span)] - segment.base for span, segment in zip(bounds, store.segments, strict=True)]


def _scan(segment: Segment, found: plain.ShingleSet) -> Rows:
    """Rows of a segment that hold some of a set, places in it, those that hold most first."""
    sketches = segment.sketches
    # A table of the upper halves leaves few to look up: 9 ms for 5 million hashes, np.isin takes 300. In pieces that
    # stay in the cache, or it would be 19.
    upper = np.zeros(1 << 16, np.bool_)
    upper[found.hashes >> np.uint32(16)] = True
    pieces = [sketches.shingles[start : start + _PIECE] for start in range(0, len(sketches.shingles), _PIECE)]
    suspects = [np.flatnonzero(upper.take(piece >> np.uint32(16))) for piece in pieces]
    at = np.concatenate([np.empty(0, np.int64), *(some + i * _PIECE for i, some in enumerate(suspects))])
    at = at[_held(found.hashes, sketches.shingles[at])]
    rows, common = np.unique(np.searchsorted(sketches.shingle_offsets, at, "right") - 1, return_counts=True)
    enough = common >= min(_COMMON, len(found.hashes))
    best = np.lexsort((rows[enough], -common[enough]))[:_MOST]
    return rows[enough][best]


def _overlap(segment: Segment, places: Rows, found: plain.ShingleSet) -> npt.NDArray[np.uint32]:
    """(n, 6): what a text and each of some articles of a segment have in common, as `verify.judge` takes it; and what
    the article has: all, narrative."""
    sets = segment.sets(places)
    sizes = np.diff(sets.ends)
    # A set's marks begin with a byte of their own.
    at, _ = runs(8 * sets.mark_ends[:-1].astype(np.int64), sizes)
    told = _bits(sets.marks)[at]
    place = np.minimum(np.searchsorted(found.hashes, sets.hashes), len(found.hashes) - 1)
    inside = found.hashes[place] == sets.hashes
    own = found.narrative[place]
    common = (inside, inside & own & told, inside & own & ~told, inside & told & ~own)
    columns = [*(_counts(mask, sets.ends) for mask in common), sizes, _counts(told, sets.ends)]
    return np.stack(columns, axis=1).astype(np.uint32)


def _bits(marks: npt.NDArray[np.uint8], count: int | None = None) -> npt.NDArray[np.bool_]:
    """The first bits of bitmaps, all by default."""
    return np.unpackbits(marks, bitorder="little", count=count).view(np.bool_)


def _counts(mask: npt.NDArray[np.bool_], ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many of each run of mask are true."""
    total = np.zeros(len(mask) + 1, np.int64)
    np.cumsum(mask, out=total[1:])
    return np.diff(total[ends])


def _held(hashes: npt.NDArray[np.uint32], wanted: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Which of wanted are among hashes (sorted)."""
    place = np.searchsorted(hashes, wanted)
    inside = place < len(hashes)
    inside[inside] = hashes[place[inside]] == wanted[inside]
    return inside


def _figures(overlaps: npt.NDArray[np.uint32], found: plain.ShingleSet, params: Params) -> verify.Similarities:
    """Of a text and what overlaps it, as `_overlap` tells."""
    size, narrative = overlaps[:, 4].astype(np.int64), overlaps[:, 5]
    n = np.full(len(overlaps), len(found.hashes), np.int64)
    own = np.full(len(overlaps), found.narrative.sum(), np.uint32)
    return verify.judge(overlaps[:, :4], n, size, own, narrative, params)


def _good(figures: verify.Similarities, common: npt.NDArray[np.uint32], size: int) -> npt.NDArray[np.int64]:
    """Places of what has enough in common with a text of that many shingles."""
    return np.flatnonzero(figures.same_copy | ((common >= min(_COMMON, size)) & (figures.a_in_b >= _FOUND)))


def _best(
    store: Store, digests: npt.NDArray[np.uint64], figures: verify.Similarities, limit: int, means: _Means
) -> Hits:
    """The live articles that have some bodies, at most limit, in order of the figures, then of row."""
    grades = (-figures.jaccard, -figures.a_in_b, ~figures.same_copy)
    order = np.lexsort(grades)
    grade = np.append(0, np.cumsum(np.any([one[order][1:] != one[order][:-1] for one in grades], axis=0)))
    count = 2 * limit
    while True:
        # Where the copies of the best are is enough, with all that are as good as the last of them.
        count = int(np.searchsorted(grade, grade[count], "right")) if count < len(order) else len(order)
        best = order[:count]
        rows, of = find(store, lsh.BODIES, digests[best], searching=means.searching)
        if len(rows) >= limit or count == len(order):
            break
        count *= 2
    some = np.lexsort((rows, grade[of]))[:limit]
    return Hits(rows[some], verify.take(figures, best[of[some]]))
