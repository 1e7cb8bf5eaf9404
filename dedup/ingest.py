"""Put articles into an index, and take them out: segment by segment, each a commit, stories with the last."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent import futures
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from dedup.arrivals import Arrivals, Counts
from dedup.errors import NoSpace
from dedup.kernels.compiling import telling
from dedup.kernels.memory import give_back
from dedup.linking.change import Change, link
from dedup.lookup import Rows
from dedup.prepare import Joining, Prepared, identify, prepare
from dedup.selection import Selection
from dedup.stages import lsh
from dedup.store import SegmentWriter, Store, Writer
from dedup.store.merge import tiers
from dedup.telling.journal import Moves
from dedup.telling.members import current
from dedup.telling.retell import moves, renew, retell
from dedup.templates import kept

OnStage = Callable[[str], None]
# A commit at least so often: what a Ctrl-C can lose, and what is held in memory.
SEGMENT_ROWS = 50_000
SEGMENT_BYTES = 3 << 27  # articles, sets and signatures; one block is read while another is linked
_SEGMENT_SECONDS = 60.0
_MANY = 1 << 12


def add(store: Store, batches: Iterable[pa.RecordBatch], on_stage: OnStage) -> tuple[Store, Counts]:
    """Add raw articles (schema RAW) to the index; those whose id is known replace it. Returns the last commit.

    While articles are linked and committed, the next ones are read and prepared. on_stage: told what is being done,
    from any thread. Raises IndexLocked, NoSpace, and what batches raises: what they gave before is committed then.
    """
    with (
        store.writer() as writer,
        ThreadPoolExecutor(os.cpu_count()) as executor,
        Behind() as behind,
        telling(lambda: on_stage("compile, once a machine")),
    ):
        adding = Adding(writer, executor, lambda stage: None if behind.busy else on_stage(stage))
        arrivals, known = Arrivals(), writer.store
        templates = kept.known(known)
        block = Block(writer.next_row)

        def catch_up() -> None:
            if behind.busy:
                on_stage("link")
            behind.wait()

        coming = iter(batches)
        while True:
            try:
                batch = next(coming, None)
            except Exception:
                catch_up()
                adding.commit(block, last=True)
                raise
            if batch is None:
                break
            id_hash, text_hash = identify(batch)
            fresh, replaced = arrivals.take(known, id_hash, text_hash, block.next_row)
            if len(fresh):
                some = batch.take(pa.array(fresh)), id_hash[fresh], text_hash[fresh]
                block.take(*prepare(*some, store.params, executor, templates))
                block.remove(replaced)
            if block.full:
                catch_up()
                known = writer.store
                arrivals.begin()
                behind.start(adding.commit, block, False)
                block = Block(block.next_row)
        catch_up()
        adding.commit(block, last=True)
        arrivals.counts.verified = adding.verified
        return writer.store, arrivals.counts


def remove(store: Store, selection: Selection) -> tuple[Store, int]:
    """Remove the articles that are selected; returns the last commit, and how many there were.

    Raises IndexLocked, NoSpace.
    """
    with store.writer() as writer:
        rows = selection.rows(writer.store)
        if len(rows):
            block = Block(writer.next_row)
            block.remove(rows)
            Adding(writer, None, lambda _: None).commit(block, last=True)
        return writer.store, len(rows)


class Block:
    """Articles that wait for their commit, and rows that go with it. first: the row of the first article."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._began = time.monotonic()
        self._bytes = 0
        self.articles: list[pa.RecordBatch] = []
        self.prepared = Joining()
        self.removed: list[Rows] = []
        self.rows = 0

    @property
    def next_row(self) -> int:
        """The row that the next article gets."""
        return self._first + self.rows

    @property
    def full(self) -> bool:
        """Whether so much waits, or so long, that it should be committed."""
        waited = self.rows > 0 and time.monotonic() - self._began >= _SEGMENT_SECONDS
        return waited or self.rows >= SEGMENT_ROWS or self._bytes >= SEGMENT_BYTES

    def take(self, articles: pa.RecordBatch, ready: Prepared) -> None:
        """Articles (schema ARTICLES) wait, and what compares them."""
        self.articles.append(articles)
        self.prepared.add(ready)
        self.rows += len(ready.sets)
        self._bytes += articles.nbytes + ready.sets.hashes.nbytes + ready.signatures.nbytes

    def remove(self, rows: Rows) -> None:
        """Rows of the index, or of what waits, go with the commit."""
        self.removed.append(rows)


class Adding:
    """Commits blocks, one after the other. verified: pairs that were measured exactly."""

    def __init__(
        self,
        writer: Writer,
        executor: Executor | None,
        on_stage: OnStage,
        anew: bool = False,
        before: Moves | None = None,
    ) -> None:
        """anew: whether the writer did begin anew: all is committed with the last block then; before: the stories of
        old, where they are known."""
        self._writer = writer
        self._executor = executor
        self._on_stage = on_stage
        self._before = before
        self._anew = anew
        self._crowds: lsh.Crowds | None = None
        self._told = True  # whether each commit so far has its stories
        self.verified = 0

    def commit(self, block: Block, last: bool) -> None:
        """Link and commit what waits; with the last commit the stories too, or after it where there were others."""
        writer = self._writer
        change = self._linked(block)
        if self._anew:
            if change:
                writer.stage()
            if last:
                self._renew(self._before)
        elif change and last and self._told:
            writer.stage()
            self._on_stage("stories")
            retell(writer, change, self._executor)
        else:
            if change:
                # What came is durable before its stories are told, which takes long where much came.
                self._told = False
                writer.commit()
            if last and not current(writer.store):
                self._renew(moves(writer.store))
        if last or not self._anew:
            writer.commit()
            _merge(writer)

    def _renew(self, before: Moves | None) -> None:
        self._on_stage("stories")
        renew(self._writer, self._crowds, before, self._executor)

    def _linked(self, block: Block) -> Change | None:
        """Give the writer what waits, with its links; None where nothing does."""
        if not block.rows and not any(len(rows) for rows in block.removed):
            return None
        self._on_stage("link")
        segment = self._written(block) if block.rows else None
        new = block.prepared.joined() if block.rows else None
        change = link(self._writer, segment, new, block.removed, self._crowds, self._executor)
        self._crowds = change.crowds
        self.verified += change.measured
        if block.rows > _MANY:
            self._writer.store.release()  # what is mapped would count as memory in use
            give_back()
        return change

    def _written(self, block: Block) -> SegmentWriter:
        segment = self._writer.segment()
        articles, block.articles = block.articles, []
        if self._executor:
            segment.write_behind(articles, self._executor)
        else:
            for batch in articles:
                segment.write_articles(batch)
        return segment


class Behind:
    """One call at a time, in a thread of its own, while the caller goes on."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "commit")
        self._call: Future[None] | None = None

    @property
    def busy(self) -> bool:
        return self._call is not None and not self._call.done()

    def start(self, call: Callable[..., None], *arguments: Any) -> None:
        """Begin a call; the one before must have been waited for."""
        self._call = self._executor.submit(call, *arguments)

    def wait(self) -> None:
        """Until the call is done; raises what it raised."""
        if self._call:
            self._call.result()
            self._call = None

    def __enter__(self) -> Behind:
        return self

    def __exit__(self, *_: object) -> None:
        # Whatever interrupts us: while the call goes on, nobody else may become the writer.
        while self._call and not self._call.done():
            with contextlib.suppress(KeyboardInterrupt):
                futures.wait([self._call])
        self._executor.shutdown()


def _merge(writer: Writer) -> None:
    """Merge segments while there are too many small ones; what is committed stands, be there no space for that."""
    with contextlib.suppress(NoSpace):
        while due := tiers(writer.store.segments):
            writer.merge(due)
            writer.commit()
