"""Candidates: pairs of articles that share a band of their signatures, or an anchor.

Bands (Indyk and Motwani 1998; Broder 1997) find what is near-identical, anchors what was cut,
absorbed or rewritten. Each is a table of (key, row) in order of key, so that the tables of an
index are joined by merging, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from dedup.kernels.arrays import distinct
from dedup.model import Params

Table = tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]
# Of (m, 16) rows, representatives of m large buckets, which buckets are boilerplate: (m,) bool.
Judge = Callable[[npt.NDArray[np.uint32]], npt.NDArray[np.bool_]]

ANCHORS, BODIES, IDS = "anchor", "body", "id"
# Of a bucket above the first number each article meets only so many representatives: all pairs of a story
# with 1,000 copies are 500,000, and one verified link to a representative joins a copy as well.
_WHOLE_BUCKET = 64
REPRESENTATIVES = 16


def band_names(params: Params) -> list[str]:
    return [f"band-{band:02d}" for band in range(params.bands)]


def tables(
    signatures: npt.NDArray[np.uint32], rows: npt.NDArray[np.uint32], anchors: Table, params: Params
) -> Iterator[tuple[str, Table]]:
    """The bands' tables and the anchors', by name.

    signatures: (n, num_perm) uint32. rows: uint32, n, rows of the index. anchors: keys and rows.
    """
    from dedup.kernels import buckets

    for band, name in enumerate(band_names(params)):
        keys = np.empty(len(signatures), np.uint32)
        buckets.band_keys(signatures, band * params.rows, params.rows, keys)
        yield name, ordered(keys, rows)
    yield ANCHORS, ordered(*anchors)


def band_key(part: npt.NDArray[np.uint32]) -> int:
    """The key of one band of one signature, as `dedup.kernels.buckets.band_keys` gives it."""
    h = 0x9E3779B97F4A7C15
    for value in part.tolist():
        h = ((h ^ value) * 0xFF51AFD7ED558CCD) & 0xFFFFFFFFFFFFFFFF
        h ^= h >> 32
    return h & 0xFFFFFFFF


def ordered(keys: npt.NDArray[np.uint32], rows: npt.NDArray[np.uint32]) -> Table:
    """(keys, rows) in order of key, then row."""
    both = np.sort(keys.astype(np.uint64) << np.uint64(32) | rows)
    return (both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)


def lookup(table: Table, keys: npt.NDArray[np.uint32]) -> Table:
    """The part of table whose key is in keys (sorted, distinct): uint32 keys and rows."""
    places, rows = find(table, keys)
    return keys[places], rows


def find(table: Table, keys: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """The rows under each of the keys, in any order: places in keys, and rows."""
    first = np.searchsorted(table[0], keys, "left")
    counts = np.searchsorted(table[0], keys, "right") - first
    inside = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(np.arange(len(keys)), counts), table[1][np.repeat(first, counts) + inside]


def candidates(
    new: Mapping[str, Table],
    older: Iterable[Mapping[str, Table]],
    priority: npt.NDArray[np.uint64],
    first_new: int,
    is_boilerplate: Judge,
) -> npt.NDArray[np.uint32]:
    """Distinct candidate pairs among the new rows and between them and older ones.

    new: tables of the rows from first_new on; older: those of earlier segments. priority: uint64, one a
    row of the index, a hash of the article's tokens: it says who represents a large bucket, whatever
    order the articles came in. is_boilerplate: tells large buckets that are to be left out. Returns (n, 2)
    uint32 rows, the smaller first, in ascending order.
    """
    older = list(older)
    found = [np.empty(0, np.uint64)]
    for name, table in new.items():
        found.append(distinct(_pairs(*_joined(name, table, older), priority, first_new, is_boilerplate)))
    pairs = distinct(np.concatenate(found))
    return np.stack([(pairs >> np.uint64(32)).astype(np.uint32), pairs.astype(np.uint32)], axis=1)


def _joined(name: str, table: Table, older: list[Mapping[str, Table]]) -> Table:
    """A table of new rows, with the older rows under its keys."""
    if not older:
        return table
    wanted = distinct(table[0])
    parts = [part for tables_of in older if len((part := lookup(tables_of[name], wanted))[0])]
    if not parts:
        return table
    return ordered(
        np.concatenate([*(p[0] for p in parts), table[0]]), np.concatenate([*(p[1] for p in parts), table[1]])
    )


def _pairs(
    keys: npt.NDArray[np.uint32],
    rows: npt.NDArray[np.uint32],
    priority: npt.NDArray[np.uint64],
    first_new: int,
    is_boilerplate: Judge,
) -> npt.NDArray[np.uint64]:
    from dedup.kernels import buckets

    crowds = np.empty((0, REPRESENTATIVES), np.uint32)
    count = buckets.crowds(keys, rows, priority, first_new, _WHOLE_BUCKET, crowds)
    crowds = np.empty((count, REPRESENTATIVES), np.uint32)
    buckets.crowds(keys, rows, priority, first_new, _WHOLE_BUCKET, crowds)
    masked = is_boilerplate(crowds) if count else np.empty(0, np.bool_)
    out = np.empty(0, np.uint64)
    out = np.empty(buckets.pairs(keys, rows, first_new, _WHOLE_BUCKET, crowds, masked, out), np.uint64)
    buckets.pairs(keys, rows, first_new, _WHOLE_BUCKET, crowds, masked, out)
    return out
