"""Make an index anew from what it holds: to give space back, and to part with what is damaged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from dedup import retelling
from dedup.ingest import Adding, OnStage
from dedup.kernels.compiling import telling
from dedup.lookup import Rows
from dedup.prepare import Prepared
from dedup.stages.shingle import ShingleSets
from dedup.stages.sketch import anchors
from dedup.store import Segment, Store

# Rows done, of how many.
OnRows = Callable[[int, int], None]
_CHUNK = 2048


def compact(store: Store, on_stage: OnStage, on_rows: OnRows) -> tuple[Store, int]:
    """Write all live articles together and derive everything anew; what is removed or replaced goes.

    Returns the new commit and how many rows were dropped. Raises IndexLocked, NoSpace, DamagedIndex.
    """
    with store.writer() as writer:
        old = writer.store
        live = [np.flatnonzero(old.live(segment)) for segment in old.segments]
        rows, kept = sum(segment.rows for segment in old.segments), sum(len(local) for local in live)
        with telling(lambda: on_stage("compile, once a machine")), ThreadPoolExecutor(os.cpu_count()) as executor:
            before = retelling.moves(old)
            writer.restart()
            adding = Adding(writer, executor, on_stage, before, staged=True)
            done = 0
            for segment, local in zip(old.segments, live, strict=True):
                for ready in _prepared(segment, local, old):
                    adding.take(ready)
                    done += len(ready.sets)
                    on_rows(done, kept)
                    if adding.full:
                        adding.commit(last=False)
                segment.release()
            adding.commit(last=True)
        return writer.store, rows - kept


def _prepared(segment: Segment, local: Rows, store: Store) -> Iterator[Prepared]:
    """Some articles of a segment, in order of row, as they were prepared when they came."""
    first, done = 0, 0
    waiting: list[pa.RecordBatch] = []
    for batch in segment.articles():
        inside = local[slice(*np.searchsorted(local, [first, first + batch.num_rows]))] - first
        waiting.append(batch if len(inside) == batch.num_rows else batch.take(pa.array(inside)))
        first += batch.num_rows
        rows = sum(one.num_rows for one in waiting)
        if rows >= _CHUNK or (rows and first == segment.rows):
            yield _one(segment, local[done : done + rows], pa.concat_batches(waiting), store)
            waiting, done = [], done + rows


def _one(segment: Segment, local: Rows, articles: pa.RecordBatch, store: Store) -> Prepared:
    sets = segment.sets(local)
    lengths = segment.fixed("length", local).view(np.int32)
    return Prepared(
        id_hash=segment.fixed("id_hash", local),
        text_hash=segment.fixed("text_hash", local),
        articles=articles,
        sets=ShingleSets(
            sets.hashes, sets.ends, sets.marks, sets.mark_ends, lengths, segment.fixed("body_digest", local)
        ),
        narrative_lengths=segment.fixed("narrative_length", local),
        signatures=segment.fixed("signature", local),
        anchors=anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, store.params),
    )
