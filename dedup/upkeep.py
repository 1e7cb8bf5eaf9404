"""Make an index anew from what it holds: to give space back, or to part with what is damaged."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from dedup.errors import DamagedIndex
from dedup.ingest import Adding, Block, OnStage
from dedup.kernels.compiling import telling
from dedup.lookup import Rows, chunks
from dedup.model import ARTICLES, Compacted, Damage, Params
from dedup.prepare import Prepared, sketched
from dedup.stages.shingle import ShingleSets
from dedup.stages.sketch import anchors
from dedup.store import Segment, Store, Writer
from dedup.telling import retell
from dedup.telling.journal import Moves
from dedup.templates import kept, lines
from dedup.templates.learn import learn

# Rows or bytes done, of how many.
OnRows = Callable[[int, int], None]
_CHUNK = 2048
# What cannot be derived: a segment that lost the other parts loses no article.
_NEEDED = ("articles", "sketches")


def compact(store: Store, on_stage: OnStage, on_rows: OnRows) -> tuple[Store, Compacted]:
    """Write all live articles together, learn templates and derive everything anew; what is removed or replaced goes.

    Returns the new commit, and what was done. Raises IndexLocked, NoSpace, DamagedIndex.
    """
    start = time.monotonic()
    with store.writer() as writer:
        old = writer.store
        live = [(segment, np.flatnonzero(old.live(segment))) for segment in old.segments]
        _anew(writer, live, _used(old), retell.moves(old), on_stage, on_rows)
        new = writer.store.manifest
        return writer.store, Compacted(
            path=str(store.directory.path),
            commit=new.generation,
            articles=new.articles,
            segments=len(new.segments),
            dropped=old.manifest.removed,
            templates=new.templates.rows if new.templates else 0,
            bytes_before=old.manifest.bytes,
            bytes_after=new.bytes,
            seconds=time.monotonic() - start,
        )


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
            rest = [(segment, np.flatnonzero(live[segment.id])) for segment in whole]
            try:
                before = retell.moves(old) if old.changes() else None
            except DamagedIndex:
                before = None
            try:
                used = _used(old)
            except DamagedIndex:
                used = None
            _anew(writer, rest, used, before, on_stage, lambda done, total: None)
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
    writer: Writer,
    live: list[tuple[Segment, Rows]],
    used: lines.Known | None,
    before: Moves | None,
    on_stage: OnStage,
    on_rows: OnRows,
) -> None:
    """Commit some rows of the segments, and nothing else.

    used: the templates that they were prepared with, None where they are not known. before: the stories of old.
    """
    total, done = sum(len(local) for _, local in live), 0
    old = writer.store
    with telling(lambda: on_stage("compile, once a machine")), ThreadPoolExecutor(os.cpu_count()) as executor:
        on_stage("templates")
        learnt = learn(old, live, old.params, executor)
        templates = kept.of(learnt)
        stirred = templates.unlike(used) if used else None
        writer.restart()
        if len(templates):
            writer.set_templates(learnt)
        adding = Adding(writer, executor, on_stage, anew=True, before=before)
        block = Block(writer.next_row)
        for segment, local in live:
            for articles, rows in chunks(segment, local, ARTICLES.names, _CHUNK):
                ready = _as_it_came(segment, rows, old.params)
                if stirred is None or len(lines.touched(articles, stirred)):
                    ready = sketched(articles, ready.id_hash, ready.text_hash, old.params, executor, templates)
                block.take(articles, ready)
                done += len(rows)
                on_rows(done, total)
                if block.full:
                    adding.commit(block, last=False)
                    block = Block(block.next_row)
            segment.release()
        adding.commit(block, last=True)


def _used(store: Store) -> lines.Known | None:
    """The templates that the articles of a commit were prepared with; None where their file was taken away."""
    return None if store.manifest.templates and store.templates() is None else kept.known(store)


def _as_it_came(segment: Segment, local: Rows, params: Params) -> Prepared:
    """Articles of a segment as they were prepared when they came."""
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
