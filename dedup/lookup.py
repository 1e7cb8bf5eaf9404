"""Rows of a commit: by id or body, and the live ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels.arrays import runs
from dedup.stages import lsh
from dedup.store import Keys, Search, Segment, Store

Rows = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint64]

_COLUMNS = {lsh.IDS: "id_hash", lsh.BODIES: "body_digest"}


def find(
    store: Store, table: str, digests: Digests, dead_too: bool = False, searching: Search | None = None
) -> tuple[Rows, Rows]:
    """Live rows with one of some ids (table lsh.IDS) or bodies (lsh.BODIES).

    digests: (n, 2) uint64; of k alike each finds all that they have, so that bodies are to be given once. dead_too:
    also rows that were removed or replaced. searching: as in `Segment.lookup`.
    Returns rows of the index, and the place among the n that each matches.
    """
    found, of = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    order = np.argsort(digests[:, 0].astype(np.uint32), kind="stable")
    keys, first, count = np.unique(digests[order, 0].astype(np.uint32), return_index=True, return_counts=True)
    wanted = Keys.of({table: keys})
    for segment in store.segments:
        if not segment.may_have(table, keys):
            continue
        at, rows = segment.lookup(wanted, searching)
        if not len(rows):
            continue
        # Several of the n may have one key: each is compared with each row under it.
        times = count[at]
        asked = order[runs(first[at], times)[0]]
        under = np.repeat(rows.astype(np.int64), times)
        same = np.all(segment.fixed(_COLUMNS[table], under - segment.base) == digests[asked], axis=1)
        found.append(under[same])
        of.append(asked[same])
    matching, places = np.concatenate(found), np.concatenate(of)
    if dead_too:
        return matching, places
    alive = store.alive(matching)
    return matching[alive], places[alive]


def live_batches(store: Store, columns: list[str]) -> Iterator[tuple[pa.RecordBatch, Rows]]:
    """Some columns of the live articles in order of row, a batch at a time, and the rows that these have."""
    for segment in store.segments:
        live, at = store.live(segment), 0
        for batch in segment.articles(columns):
            mask = live[at : at + batch.num_rows]
            rows = np.flatnonzero(mask) + segment.base + at
            yield (batch if mask.all() else batch.filter(pa.array(mask))), rows
            at += batch.num_rows


def chunks(segment: Segment, local: Rows, columns: Sequence[str], size: int) -> Iterator[tuple[pa.RecordBatch, Rows]]:
    """Some columns of articles at places local (rising) of a segment, at least size at a time but for the last ones,
    and their places."""
    waiting: list[pa.RecordBatch] = []
    first, done = 0, 0
    for batch in segment.articles(columns):
        inside = local[slice(*np.searchsorted(local, [first, first + batch.num_rows]))] - first
        waiting.append(batch if len(inside) == batch.num_rows else batch.take(pa.array(inside)))
        first += batch.num_rows
        rows = sum(one.num_rows for one in waiting)
        if rows >= size or (rows and first == segment.rows):
            yield pa.concat_batches(waiting), local[done : done + rows]
            waiting, done = [], done + rows


def live_rows(store: Store) -> Rows:
    """The live rows, rising."""
    found = [np.flatnonzero(store.live(segment)) + segment.base for segment in store.segments]
    return np.concatenate([*found, np.empty(0, np.int64)])
