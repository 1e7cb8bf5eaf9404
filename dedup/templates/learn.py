"""Learn templates from the live articles of an index, and from nothing else that it keeps.

A line is a template of its outlet when it stands on five different pages or more that tell stories of their own. That
is judged by what is the pages' own, that is without any line that stands on five pages: neither the lines that are
judged nor the boxes around them have a say. A page of which less than a third is its own says nothing: it may be a
version of a story that the outlet ran five times, each time with another lead.

On 4,480 real articles of 325 outlets 100 lines are learnt, all of them furniture: the same 100 where a page must have
none or half of its own, and 207, all furniture still, where three pages are enough. 2,587 articles about some 300
rumours, most told many times, give 24 as one outlet: 23 are furniture, one is a statement of the police. Of what stands
on five pages or more the pages of the one kind tell five stories at least, those of the other two at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels.arrays import among, runs
from dedup.lookup import Rows, chunks
from dedup.model import Params
from dedup.stages import verify
from dedup.stages.shingle import shingle
from dedup.store import Segment, Store
from dedup.templates import lines, outlets
from dedup.templates.kept import TEMPLATES

# A line stands on so many pages, and as many of those that are looked at, at most SAMPLE, tell stories of their own.
LEAST, SAMPLE = 5, 8
# Pages tell one story when either holds so much of the narrative of the other.
_ALIKE = 0.2
# What a page needs of its own to say anything: bytes, a dozen words, and a part of all.
_OWN_BYTES, _OWN = 80, 1 / 3
# Bodies, lines and candidates that are in memory at once.
_CHUNK, _LINES, _JUDGED = 1 << 11, 1 << 23, 1 << 9
_SLOTS = range(16, 27)  # bits
_SHOWN = 2000  # characters of a line

Live = list[tuple[Segment, Rows]]
U64 = npt.NDArray[np.uint64]


class _Sightings(NamedTuple):
    """Lines that may be seen often. hash; row of the index; bytes. Pages of the rows: page, a hash of the body; bytes
    of all lines."""

    hash: U64
    row: Rows
    bytes: Rows
    rows: Rows
    page: U64
    size: Rows


class _Candidates(NamedTuple):
    """Lines on pages enough. keys: their hashes, sorted; pages: of each. rows: of the pages that say something, those
    of one line from ends[i] to ends[i + 1], in order of page. repeated: hashes of all lines on pages enough, be it
    that these say nothing."""

    keys: U64
    pages: Rows
    rows: Rows
    ends: Rows
    repeated: U64


def learn(store: Store, live: Live, params: Params, executor: Executor | None = None) -> pa.Table:
    """The templates (schema TEMPLATES) of some rows of a store's segments, by outlet, those on most pages first.

    Two passes over the bodies, more where outlets repeat very many lines: memory is bounded by _LINES and by one
    outlet.
    """
    slots, many = _counted(live)
    found = [TEMPLATES.empty_table()]
    parts = max(1, -(-many // _LINES))
    for part in range(parts if many else 0):
        candidates = _candidates(_sightings(live, slots, part, parts))
        found += _judged(store, candidates, params, executor)
    table = pa.concat_tables(found)
    return table.sort_by([("outlet", "ascending"), ("pages", "descending"), ("key", "ascending")]).combine_chunks()


def _articles(live: Live) -> Iterator[tuple[pa.RecordBatch, Rows]]:
    """Outlets and bodies, and the rows of the index that have them, some at a time."""
    for segment, local in live:
        for batch, some in chunks(segment, local, ["outlet", "body"], _CHUNK):
            yield batch, segment.base + some
        segment.release()


def _outlets(live: Live, part: int = 0, parts: int = 1) -> Iterator[tuple[pa.Array, U64, Rows]]:
    """Bodies of articles that name their outlet, its seed, and rows; of one part of the outlets."""
    for batch, rows in _articles(live):
        seeds = outlets.seeds(batch.column("outlet"))
        some = np.flatnonzero((seeds != 0) & (seeds % np.uint64(parts) == part))
        if len(some):
            yield batch.column("body").take(pa.array(some)), seeds[some], rows[some]


def _counted(live: Live) -> tuple[npt.NDArray[np.uint8], int]:
    """How often lines were seen, by the upper bits of their hashes; how many lines were seen often enough by that."""
    from dedup.kernels import fingerprints as kernel

    articles = sum(len(local) for _, local in live)
    bits = min(max(articles.bit_length() + 6, _SLOTS[0]), _SLOTS[-1])
    slots, many = np.zeros(1 << bits, np.uint8), 0
    for bodies, seeds, _ in _outlets(live):
        many += kernel.tally(lines.lines(bodies, seeds).hashes, np.uint64(64 - bits), slots, LEAST)
    return slots, many


def _sightings(live: Live, slots: npt.NDArray[np.uint8], part: int, parts: int) -> _Sightings:
    from dedup.kernels import hashing

    shift = np.uint64(65 - len(slots).bit_length())
    found: list[tuple[npt.NDArray[np.generic], ...]] = []
    for bodies, seeds, rows in _outlets(live, part, parts):
        told = lines.lines(bodies, seeds)
        often = np.flatnonzero(slots[(told.hashes >> shift).astype(np.int64)] >= LEAST)
        size, of = told.end - told.start, told.of
        some = np.zeros(len(rows), np.bool_)
        some[of[often]] = True
        offsets = np.frombuffer(bodies.buffers()[1], np.int64)[bodies.offset : bodies.offset + len(bodies) + 1]
        digests = np.empty((len(bodies), 2), np.uint64)
        hashing.digests(told.data, offsets, digests)
        sizes = np.bincount(of, size, len(rows)).astype(np.int64)
        found.append((told.hashes[often], rows[of[often]], size[often], rows[some], digests[some, 0], sizes[some]))
    columns = zip(*found, strict=True) if found else ([np.empty(0, np.int64)] for _ in _Sightings._fields)
    joined = [np.concatenate(list(column)) for column in columns]
    return _Sightings(*joined)


def _candidates(seen: _Sightings) -> _Candidates:
    """The lines that stand on pages enough, and the pages that say something of them."""
    place = np.searchsorted(seen.rows, seen.row)
    order = _distinct(seen.hash, seen.page[place])
    keys, pages = np.unique(seen.hash[order], return_counts=True)
    repeated, pages = keys[pages >= LEAST], pages[pages >= LEAST]
    inside = among(seen.hash, repeated)
    own = seen.size - np.bincount(place[inside], seen.bytes[inside], len(seen.rows)).astype(np.int64)
    order = order[inside[order] & says(own, seen.size)[place[order]]]
    starts = np.searchsorted(seen.hash[order], repeated)
    sizes = np.searchsorted(seen.hash[order], repeated, "right") - starts
    enough = sizes >= LEAST
    at, ends = runs(starts[enough], np.minimum(sizes, SAMPLE)[enough])
    return _Candidates(repeated[enough], pages[enough], seen.row[order[at]], ends, repeated)


def _distinct(hashes: U64, pages: U64) -> Rows:
    """A place of each pair, in order of hash, then page: identical bodies are one page."""
    order = np.lexsort((pages, hashes))
    first = np.ones(len(order), np.bool_)
    for column in (hashes[order], pages[order]):
        first[1:] &= column[1:] == column[:-1]
    first[1:] = ~first[1:]
    return order[first]


def _judged(store: Store, found: _Candidates, params: Params, executor: Executor | None) -> Iterator[pa.Table]:
    """Those candidates that are templates, a table for some of them at a time."""
    for first in range(0, len(found.keys), _JUDGED):
        some = slice(first, first + _JUDGED)
        ends = found.ends[first : first + _JUDGED + 1]
        rows, place = np.unique(found.rows[ends[0] : ends[-1]], return_inverse=True)
        articles = store.article_rows(rows, ["outlet", "body"]).combine_chunks().to_batches()[0]
        sizes = np.diff(ends)
        yield judged(articles, found.repeated, found.keys[some], found.pages[some], sizes, place, params, executor)


def judged(
    articles: pa.RecordBatch,
    repeated: U64,
    keys: U64,
    pages: Rows,
    sizes: Rows,
    place: Rows,
    params: Params,
    executor: Executor | None = None,
) -> pa.Table:
    """Those candidates that are templates (schema TEMPLATES).

    articles: outlet and body of pages. repeated: hashes of all their lines that stand on pages enough. keys, pages,
    sizes: of each candidate its hash, the pages that it stands on, and how many of them, SAMPLE at most, are looked at;
    place: of these in articles, one candidate's after the other.
    """
    seeds = outlets.seeds(articles.column("outlet"))
    own = lines.compared(articles, lines.Known(repeated, seeds))
    grid = np.full((len(sizes), SAMPLE), -1)
    grid[np.arange(SAMPLE) < sizes[:, None]] = place
    stories = _stories(grid, shingle(own, params, executor), params, executor)
    good = stories >= LEAST
    keys, pages, shown = keys[good], pages[good], grid[good, 0]
    names = articles.column("outlet").take(pa.array(shown)).to_pylist()
    columns = [
        *(pa.array(keys), pa.array(seeds[shown]), pa.array([outlets.normalised(name) for name in names])),
        pa.array(_texts(articles.column("body"), seeds, keys, shown)),
        *(pa.array(pages.astype(np.uint32)), pa.array(sizes[good].astype(np.uint8))),
        pa.array(stories[good].astype(np.uint8)),
    ]
    return pa.table([column.cast(field.type) for column, field in zip(columns, TEMPLATES, strict=True)], TEMPLATES)


def says(own: npt.NDArray[np.integer], size: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """bool, n: which pages say something, of so many bytes of their own and in all."""
    return np.asarray((own >= _OWN_BYTES) & (own >= _OWN * size))


def _stories(grid: Rows, sets: verify.Sets, params: Params, executor: Executor | None) -> Rows:
    """How many pages of each row of grid (m, SAMPLE; -1: none) tell another story than those before that do."""
    x, y = np.triu_indices(SAMPLE, 1)
    a, b = grid[:, x], grid[:, y]
    there = (a >= 0) & (b >= 0)
    figures = verify.measure(a[there], sets, b[there], sets, params, executor)
    alike = np.zeros((len(grid), SAMPLE, SAMPLE), np.bool_)
    pairs = np.zeros(there.shape, np.bool_)
    pairs[there] = np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a) >= _ALIKE
    alike[:, x, y] = pairs
    counted = grid >= 0
    for later in range(1, SAMPLE):
        counted[:, later] &= ~np.any(alike[:, :later, later] & counted[:, :later], axis=1)
    return np.asarray(counted.sum(axis=1))


def _texts(bodies: pa.Array, seeds: U64, hashes: U64, places: Rows) -> list[str]:
    """The first line of the body at each place that has the hash."""
    told = lines.lines(bodies, seeds)
    texts = []
    for wanted, place in zip(hashes, places.tolist(), strict=True):
        first, last = told.first[place : place + 2]
        at = first + int(np.flatnonzero(told.hashes[first:last] == wanted)[0])
        text = told.data[told.start[at] : told.end[at]].tobytes().decode("utf-8", "replace")
        texts.append(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "\u2026")
    return texts
