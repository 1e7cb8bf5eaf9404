"""Put articles into an index: segment by segment, each a commit, stories with the last."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from dedup import candidates, derive, links
from dedup.arrivals import Arrivals, Counts
from dedup.corpus import Corpus, Part, parts_of
from dedup.kernels.compiling import telling
from dedup.lookup import Rows, live_rows
from dedup.prepare import Prepared, identify, join, prepare
from dedup.selection import Selection
from dedup.stages import lsh, verify
from dedup.store import SegmentWriter, Sketches, Store, Writer

OnStage = Callable[[str], None]
# A commit at least so often: what a Ctrl-C can lose, and what is held in memory.
_SEGMENT_ROWS = 100_000
_SEGMENT_BYTES = 1 << 30


def add(store: Store, batches: Iterable[pa.RecordBatch], on_stage: OnStage) -> Counts:
    """Add raw articles (schema RAW) to the index; those whose id is known replace it.

    on_stage: told what is being done, from any thread. Raises IndexLocked, NoSpace, and what batches raises:
    what they gave before is committed then.
    """
    with (
        store.writer() as writer,
        ThreadPoolExecutor(os.cpu_count()) as executor,
        telling(lambda: on_stage("compile, once a machine")),
    ):
        adding = _Adding(writer, executor, on_stage)
        coming = iter(batches)
        while True:
            try:
                batch = next(coming, None)
            except Exception:
                adding.commit(last=True)
                raise
            if batch is None:
                break
            adding.take(batch)
            if adding.rows >= _SEGMENT_ROWS or adding.bytes >= _SEGMENT_BYTES:
                adding.commit(last=False)
        adding.commit(last=True)
    return adding.arrivals.counts


def remove(store: Store, selection: Selection) -> int:
    """Remove the articles that are selected; returns how many there were. Raises IndexLocked, NoSpace."""
    with store.writer() as writer:
        rows = selection.rows(writer.store)
        if len(rows):
            writer.delete(rows)
            writer.set_stories(derive.anew(writer.store, without=rows))
            writer.commit()
    return len(rows)


class _Adding:
    """Articles that wait for their commit."""

    def __init__(self, writer: Writer, executor: Executor, on_stage: OnStage) -> None:
        self._writer = writer
        self._executor = executor
        self._on_stage = on_stage
        self.arrivals = Arrivals()
        self._begin()

    def _begin(self) -> None:
        self._segment: SegmentWriter | None = None
        self._parts: list[Prepared] = []
        self._replaced: list[Rows] = []
        self.arrivals.begin()
        self.rows = self.bytes = 0

    def take(self, batch: pa.RecordBatch) -> None:
        """Prepare what is new of a batch and write its articles."""
        store = self._writer.store
        id_hash, text_hash = identify(batch)
        fresh, replaced = self.arrivals.take(store, id_hash, text_hash, self._writer.next_row + self.rows)
        if not len(fresh):
            return
        ready = prepare(batch.take(pa.array(fresh)), id_hash[fresh], text_hash[fresh], store.params, self._executor)
        self._replaced.append(replaced)
        self._segment = self._segment or self._writer.segment()
        self._segment.write_articles(ready.articles)
        about = ready.articles.select(list(derive.ASKED))
        self._parts.append(dataclasses.replace(ready, articles=about))
        self.rows += len(fresh)
        self.bytes += ready.sets.hashes.nbytes + ready.signatures.nbytes + about.nbytes

    def commit(self, last: bool) -> None:
        """Link and commit what waits; with the last commit the stories too."""
        if self._segment is None:
            if last and self._writer.store.segments and self._writer.store.stories() is None:
                self._writer.set_stories(derive.anew(self._writer.store, self._executor))
                self._writer.commit()
            return
        self._on_stage("link")
        store, base = self._writer.store, self._segment.base
        new = join(self._parts)
        replaced = np.unique(np.concatenate(self._replaced))
        corpus = Corpus([*parts_of(store), Part(base, new.sets)], store.params)
        keys, places = new.anchors
        tables = candidates.tables(corpus, base, new.signatures, (keys, places + np.int64(base)))
        a, b = candidates.pairs(corpus, base, tables, [segment.bands for segment in store.segments])
        figures = corpus.measure(a, b, self._executor)
        found = links.table(a, b, figures).filter(pa.array(verify.worth_keeping(figures, store.params)))
        rows = np.arange(base, base + len(new.sets), dtype=np.uint32)
        tables[lsh.IDS] = lsh.ordered(new.id_hash[:, 0].astype(np.uint32), rows)
        tables[lsh.BODIES] = lsh.ordered(new.sets.digests[:, 0].astype(np.uint32), rows)
        self._segment.finish(_sketches(new), tables, found)
        self._writer.delete(replaced)
        if last:
            self._writer.set_stories(self._stories(corpus, found, replaced, base, new.articles))
        self._writer.commit()
        self._begin()

    def _stories(self, corpus: Corpus, found: pa.Table, replaced: Rows, base: int, about: pa.RecordBatch) -> pa.Table:
        store = self._writer.store
        live = live_rows(store, corpus.size)
        live[base:] = True
        live[replaced] = False

        def ask(rows: Rows) -> pa.Table:
            older = rows < base
            tables = [
                store.article_rows(rows[older], derive.ASKED),
                pa.table(about.take(pa.array(rows[~older] - base))),
            ]
            return pa.concat_tables(tables).take(pa.array(np.argsort(np.argsort(~older, kind="stable"))))

        return derive.stories(corpus, live, pa.concat_tables([links.stored(store), found]), ask, self._executor)


def _sketches(new: Prepared) -> Sketches:
    return Sketches(
        id_hash=new.id_hash,
        text_hash=new.text_hash,
        body_digest=new.sets.digests,
        lengths=new.sets.tokens.view(np.uint32),
        signatures=new.signatures,
        shingles=new.sets.hashes,
        shingle_offsets=new.sets.ends,
        narrative=new.sets.marks,
        narrative_offsets=new.sets.mark_ends,
    )
