"""Make an index anew from what it holds: to give space back, or to part with what is damaged."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import DamagedIndex
from dedup.ingest import Adding, OnStage
from dedup.kernels.compiling import telling
from dedup.lookup import Rows
from dedup.model import Damage, Params
from dedup.prepare import Prepared
from dedup.stages.shingle import ShingleSets
from dedup.stages.sketch import anchors
from dedup.store import Segment, Store, Writer
from dedup.telling import retell
from dedup.telling.journal import Moves

# Rows or bytes done, of how many.
OnRows = Callable[[int, int], None]
_CHUNK = 2048
# What cannot be derived: a segment that lost the other parts loses no article.
_NEEDED = ("articles", "sketches")


def compact(store: Store, on_stage: OnStage, on_rows: OnRows) -> tuple[Store, Store]:
    """Write all live articles together and derive everything anew; what is removed or replaced goes.

    Returns the commit before, and the new one. Raises IndexLocked, NoSpace, DamagedIndex.
    """
    with store.writer() as writer:
        old = writer.store
        live = [(segment, np.flatnonzero(old.live(segment))) for segment in old.segments]
        _anew(writer, live, retell.moves(old), on_stage, on_rows)
        return old, writer.store


def check(store: Store, on_bytes: OnRows | None = None) -> Found:
    """Read every byte of a commit, and tell what rests on those that are not what was written."""
    damaged = store.check(on_bytes)
    if not damaged:
        return Found((), (), 0)
    live = _live(store)
    articles = {file: int(live[segment.id].sum()) for segment in store.segments for file in segment.names}
    lost: list[str] = []
    unnamed = 0
    for segment in store.segments:
        if _is_lost(segment, damaged):
            ids, more = segment.salvage_ids(live[segment.id])
            lost += ids
            unnamed += more
    told = (dataclasses.replace(damage, articles=articles.get(damage.file, 0)) for damage in damaged)
    return Found(tuple(told), tuple(lost), unnamed)


def repair(store: Store, on_bytes: OnRows, on_stage: OnStage) -> tuple[Store, Found]:
    """Drop the segments whose articles or sketches are damaged, and derive the rest anew.

    Removals whose file is damaged are undone; of an id that is there twice then, the last text stays. Raises
    IndexLocked, NoSpace, and DamagedIndex where it is the manifest.
    """
    with store.writer() as writer:
        old = writer.store
        found = check(old, on_bytes)
        if found.damaged:
            live = _live(old)
            whole = [segment for segment in old.segments if not _is_lost(segment, found.damaged)]
            kept = [(segment, np.flatnonzero(live[segment.id])) for segment in whole]
            try:
                before = retell.moves(old) if old.changes() else None
            except DamagedIndex:
                before = None
            _anew(writer, kept, before, on_stage, lambda done, total: None)
        return writer.store, found


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What is damaged; lost: ids of the articles that a repair drops, unnamed: how many more."""

    damaged: tuple[Damage, ...]
    lost: tuple[str, ...]
    unnamed: int


def _is_lost(segment: Segment, damaged: Iterable[Damage]) -> bool:
    """Whether one of the files that cannot be derived is damaged."""
    return not {segment.parts[part].name for part in _NEEDED}.isdisjoint(damage.file for damage in damaged)


def _live(store: Store) -> dict[str, npt.NDArray[np.bool_]]:
    """Which rows of each segment are live, by its id, as far as undamaged files tell."""
    deleted, lost = store.undamaged_deletes()
    live = {segment.id: segment.live(deleted) for segment in store.segments}
    seen = np.empty(0, "V16")
    for segment in reversed(store.segments if lost else ()):
        try:
            ids = np.ascontiguousarray(segment.fixed("id_hash")).view("V16").reshape(-1)
        except DamagedIndex:
            continue
        # Of what was replaced, and is there again, only the last counts.
        last = np.zeros(len(ids), np.bool_)
        last[len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]] = True
        live[segment.id] &= last & ~np.isin(ids, seen)
        seen = np.concatenate([seen, ids])
    return live


def _anew(
    writer: Writer, live: list[tuple[Segment, Rows]], before: Moves | None, on_stage: OnStage, on_rows: OnRows
) -> None:
    """Commit some rows of the segments, and nothing else. before: the stories of old."""
    total, done = sum(len(local) for _, local in live), 0
    with telling(lambda: on_stage("compile, once a machine")), ThreadPoolExecutor(os.cpu_count()) as executor:
        params = writer.store.params
        writer.restart()
        adding = Adding(writer, executor, on_stage, anew=True, before=before)
        for segment, local in live:
            for articles, ready in _prepared(segment, local, params):
                adding.take(articles, ready)
                done += len(ready.sets)
                on_rows(done, total)
                if adding.full:
                    adding.commit(last=False)
            segment.release()
        adding.commit(last=True)


def _prepared(segment: Segment, local: Rows, params: Params) -> Iterator[tuple[pa.RecordBatch, Prepared]]:
    """Some articles of a segment, in order of row, as they were prepared when they came."""
    first, done = 0, 0
    waiting: list[pa.RecordBatch] = []
    for batch in segment.articles():
        inside = local[slice(*np.searchsorted(local, [first, first + batch.num_rows]))] - first
        waiting.append(batch if len(inside) == batch.num_rows else batch.take(pa.array(inside)))
        first += batch.num_rows
        rows = sum(one.num_rows for one in waiting)
        if rows >= _CHUNK or (rows and first == segment.rows):
            yield pa.concat_batches(waiting), _one(segment, local[done : done + rows], params)
            waiting, done = [], done + rows


def _one(segment: Segment, local: Rows, params: Params) -> Prepared:
    sets = segment.sets(local)
    lengths = segment.fixed("length", local).view(np.int32)
    return Prepared(
        id_hash=segment.fixed("id_hash", local),
        text_hash=segment.fixed("text_hash", local),
        sets=ShingleSets(
            sets.hashes, sets.ends, sets.marks, sets.mark_ends, lengths, segment.fixed("body_digest", local)
        ),
        narrative_lengths=segment.fixed("narrative_length", local),
        signatures=segment.fixed("signature", local),
        anchors=anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params),
    )
