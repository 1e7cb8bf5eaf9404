"""Put articles into an index, and take them out: segment by segment, each a commit, stories with the last."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor

import pyarrow as pa

from dedup.arrivals import Arrivals, Counts
from dedup.errors import NoSpace
from dedup.kernels.compiling import telling
from dedup.linking.change import Change, link
from dedup.lookup import Rows
from dedup.prepare import Prepared, identify, join, prepare
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
_SEGMENT_ROWS = 50_000
_SEGMENT_BYTES = 1 << 29
_SEGMENT_SECONDS = 60.0
_MANY = 1 << 12


def add(store: Store, batches: Iterable[pa.RecordBatch], on_stage: OnStage) -> tuple[Store, Counts]:
    """Add raw articles (schema RAW) to the index; those whose id is known replace it. Returns the last commit.

    on_stage: told what is being done, from any thread. Raises IndexLocked, NoSpace, and what batches raises:
    what they gave before is committed then.
    """
    with (
        store.writer() as writer,
        ThreadPoolExecutor(os.cpu_count()) as executor,
        telling(lambda: on_stage("compile, once a machine")),
    ):
        adding = Adding(writer, executor, on_stage)
        arrivals = Arrivals()
        templates = kept.known(writer.store)
        coming = iter(batches)
        while True:
            try:
                batch = next(coming, None)
            except Exception:
                adding.commit(last=True)
                raise
            if batch is None:
                break
            id_hash, text_hash = identify(batch)
            fresh, replaced = arrivals.take(writer.store, id_hash, text_hash, adding.next_row)
            if len(fresh):
                some = batch.take(pa.array(fresh)), id_hash[fresh], text_hash[fresh]
                adding.take(*prepare(*some, store.params, executor, templates))
                adding.remove(replaced)
            if adding.full:
                adding.commit(last=False)
                arrivals.begin()
        adding.commit(last=True)
        arrivals.counts.verified = adding.verified
        return writer.store, arrivals.counts


def remove(store: Store, selection: Selection) -> tuple[Store, int]:
    """Remove the articles that are selected; returns the last commit, and how many there were.

    Raises IndexLocked, NoSpace.
    """
    with store.writer() as writer:
        rows = selection.rows(writer.store)
        if len(rows):
            adding = Adding(writer, None, lambda _: None)
            adding.remove(rows)
            adding.commit(last=True)
        return writer.store, len(rows)


class Adding:
    """Articles that wait for their commit, and rows that go with it. verified: pairs that were measured exactly."""

    def __init__(
        self,
        writer: Writer,
        executor: Executor | None,
        on_stage: OnStage,
        anew: bool = False,
        before: Moves | None = None,
    ) -> None:
        """anew: whether the writer did begin anew: all is committed with the last part then; before: the stories of
        old, where they are known."""
        self._writer = writer
        self._executor = executor
        self._on_stage = on_stage
        self._before = before
        self._anew = anew
        self._crowds: lsh.Crowds | None = None
        self._told = True  # whether each commit so far has its stories
        self.verified = 0
        self._begin()

    def _begin(self) -> None:
        self._segment: SegmentWriter | None = None
        self._parts: list[Prepared] = []
        self._removed: list[Rows] = []
        self._began = time.monotonic()
        self.rows = self._bytes = 0

    @property
    def next_row(self) -> int:
        """The row that the next article gets."""
        return self._writer.next_row + self.rows

    @property
    def full(self) -> bool:
        """Whether so much waits, or so long, that it should be committed."""
        waited = self.rows > 0 and time.monotonic() - self._began >= _SEGMENT_SECONDS
        return waited or self.rows >= _SEGMENT_ROWS or self._bytes >= _SEGMENT_BYTES

    def take(self, articles: pa.RecordBatch, ready: Prepared) -> None:
        """Write the articles (schema ARTICLES); what compares them waits."""
        self._segment = self._segment or self._writer.segment()
        self._segment.write_articles(articles)
        self._parts.append(ready)
        self.rows += len(ready.sets)
        self._bytes += ready.sets.hashes.nbytes + ready.signatures.nbytes

    def remove(self, rows: Rows) -> None:
        """Rows of the index, or of what waits, go with the commit."""
        self._removed.append(rows)

    def commit(self, last: bool) -> None:
        """Link and commit what waits; with the last commit the stories too, or after it where there were others."""
        writer = self._writer
        change = self._linked()
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

    def _linked(self) -> Change | None:
        """Give the writer what waits, with its links; None where nothing does."""
        if not self.rows and not any(len(rows) for rows in self._removed):
            return None
        self._on_stage("link")
        new = join(self._parts) if self._parts else None
        change = link(self._writer, self._segment, new, self._removed, self._crowds, self._executor)
        self._crowds = change.crowds
        self.verified += change.measured
        if self.rows > _MANY:
            self._writer.store.release()  # what is mapped would count as memory in use
        self._begin()
        return change


def _merge(writer: Writer) -> None:
    """Merge segments while there are too many small ones; what is committed stands, be there no space for that."""
    with contextlib.suppress(NoSpace):
        while due := tiers(writer.store.segments):
            writer.merge(due)
            writer.commit()
