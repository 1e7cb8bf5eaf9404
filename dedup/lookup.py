"""Rows of a commit: by id or body, and the live ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.stages import lsh
from dedup.store import Store

Rows = npt.NDArray[np.int64]


def find(store: Store, table: str, digests: npt.NDArray[np.uint64], dead_too: bool = False) -> tuple[Rows, Rows]:
    """Live rows with one of some ids (table lsh.IDS) or bodies (lsh.BODIES).

    digests: (n, 2) uint64. dead_too: also rows that were replaced.
    Returns rows of the index, and the place among the n that each matches.
    """
    rows, of = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for segment in store.segments:
        asked, found = lsh.find(segment.bands[table], digests[:, 0].astype(np.uint32))
        local = found.astype(np.int64) - segment.base
        known = segment.sketches.id_hash if table == lsh.IDS else segment.sketches.body_digest
        same = np.all(known[local] == digests[asked], axis=1)
        if not dead_too:
            same &= store.live(segment)[local]
        rows.append(local[same] + segment.base)
        of.append(asked[same])
    return np.concatenate(rows), np.concatenate(of)


def live_batches(store: Store, columns: list[str]) -> Iterator[tuple[pa.RecordBatch, Rows]]:
    """Some columns of the live articles in order of row, a batch at a time, and the rows that these have."""
    for segment in store.segments:
        live, at = store.live(segment), 0
        for batch in segment.articles(columns):
            mask = live[at : at + batch.num_rows]
            rows = np.flatnonzero(mask) + segment.base + at
            yield (batch if mask.all() else batch.filter(pa.array(mask))), rows
            at += batch.num_rows


def live_rows(store: Store, size: int) -> npt.NDArray[np.bool_]:
    """bool, size: which rows of the index are live."""
    live = np.zeros(size, np.bool_)
    for segment in store.segments:
        live[segment.base : segment.base + segment.rows] = store.live(segment)
    return live
