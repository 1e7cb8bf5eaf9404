"""Writing a segment: articles as they come, then what is derived from them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, wait
from typing import Any

import numpy as np
import pyarrow as pa

from dedup.model import ARTICLES, LINKS
from dedup.store.arrays import U32
from dedup.store.bands import BANDS, bands_batch
from dedup.store.columns import BATCH_ROWS, Sketches, numbers_batch, sketches_batch, sketches_schema
from dedup.store.directory import BLOCK, BUFFER, Directory, Sink
from dedup.store.manifest import MAX_ROWS, PARTS, SUMS, FileRecord, SegmentRecord, segment_file
from dedup.store.parts import BLOCK_SUMS
from dedup.store.publish import named, write_summed

# A few articles, as a trickle brings them, are soon merged: to compress them, and to undo that each time they are read,
# costs 0.4 ms for nothing.
_FEW = 128
_LARGE = 1 << 20  # bytes of a segment's files from which on their blocks have sums


class SegmentWriter:
    """A segment on its way: articles as they come, the rest at the end.

    base: the row of its first article; rows: written so far. done is called once, with what was written or None.
    """

    def __init__(
        self, directory: Directory, id: str, base: int, num_perm: int, done: Callable[[SegmentRecord | None], None]
    ) -> None:
        self.id = id
        self.base = base
        self.rows = 0
        self._directory = directory
        self._num_perm = num_perm
        self._done = done
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._sink = self._directory.create(segment_file(id, "articles"))
        self._gate = _Gate(self._sink)
        self._gathered = pa.BufferedOutputStream(pa.PythonFile(self._gate, "w"), BUFFER)
        self._articles: pa.ipc.RecordBatchFileWriter | None = None
        self._behind: Future[None] | None = None

    def write_articles(self, batch: pa.RecordBatch) -> None:
        """Append articles, schema model.ARTICLES. Raises NoSpace, DiskError."""
        if not batch.schema.equals(ARTICLES):
            raise ValueError("articles have another schema than model.ARTICLES")
        if self.base + self.rows + batch.num_rows > MAX_ROWS:
            raise OverflowError("rows of an index are uint32")
        self.rows += batch.num_rows
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        if self.rows >= _FEW:
            self._drain("zstd", all_of_it=False)

    def write_behind(self, batches: Iterable[pa.RecordBatch], executor: Executor) -> None:
        """Append articles while the caller goes on; nothing else is written until finish(), which waits for them
        and raises what they raise. Each batch can be forgotten once it is written."""
        self._behind = executor.submit(self._write_all, deque(batches))

    def finish(self, sketches: Sketches, bands: Mapping[str, tuple[U32, U32]], links: pa.Table) -> SegmentRecord | None:
        """Write the rest, durably; it becomes part of the index with the next commit.

        sketches: a row an article. bands: tables by name, (keys, rows of the index), sorted by both.
        links: model.LINKS, a < b, in order of both. None, and no segment, where no article was written and there
        are no links. Raises ValueError where shapes do not agree or an order is another, NoSpace, DiskError.
        """
        if self._behind:
            self._behind.result()
        if len(sketches) != self.rows:
            raise ValueError(f"{len(sketches)} sketches for {self.rows} articles")
        if not links.schema.equals(LINKS):
            raise ValueError("links have another schema than model.LINKS")
        _expect_ordered(links, self.base + self.rows)
        if not self.rows and not links.num_rows:
            self.abandon()
            self._directory.unlink(self._sink.name)
            return None
        self._drain("zstd" if self._articles else None, all_of_it=True)
        self._begun(None).close()
        self._gathered.flush()
        self._sink.sync()
        self._sink.close()
        batch, tables = bands_batch(bands)
        written = {
            "articles": (FileRecord(self._sink.size, self._sink.digest), self._sink.sums),
            "sketches": self._write(
                "sketches", sketches_schema(self._num_perm), [sketches_batch(sketches, self._num_perm)]
            ),
            "bands": self._write("bands", BANDS, [batch], tables=tables),
            "links": self._write(
                "links", LINKS, links.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], LINKS)]
            ),
        }
        files = {part: file for part, (file, _) in written.items()}
        if sum(file.bytes for file in files.values()) > _LARGE:
            sums = [numbers_batch(np.array(written[part][1], np.uint64), BLOCK_SUMS) for part in PARTS]
            files[SUMS] = self._write(SUMS, BLOCK_SUMS, sums, block_bytes=str(BLOCK))[0]
        record = SegmentRecord(self.id, self.base, self.rows, files)
        self._done(record)
        return record

    def abandon(self) -> None:
        """Give it up; the files go when the writer does."""
        self._gate.closed = True
        if self._behind:
            wait([self._behind])
        self._sink.close()
        self._done(None)

    def _write_all(self, batches: deque[pa.RecordBatch]) -> None:
        while batches and not self._gate.closed:
            self.write_articles(batches.popleft())

    def _drain(self, codec: str | None, *, all_of_it: bool) -> None:
        """Write what waits, in batches of equal length, so that a row's batch needs no table to be found by; what is
        left over only with all of it."""
        if not self._waiting_rows:
            return
        waiting = self._waiting[0] if len(self._waiting) == 1 else pa.concat_batches(self._waiting)
        whole = waiting.num_rows if all_of_it else waiting.num_rows - waiting.num_rows % BATCH_ROWS
        for first in range(0, whole, BATCH_ROWS):
            self._begun(codec).write_batch(_alone(waiting.slice(first, min(BATCH_ROWS, whole - first))))
        self._waiting_rows = waiting.num_rows - whole
        self._waiting = [waiting.slice(whole)] if self._waiting_rows else []

    def _begun(self, codec: str | None) -> pa.ipc.RecordBatchFileWriter:
        """The file of articles; the first call says how its buffers are compressed."""
        if not self._articles:
            # Of 7,067 articles' 32 MB LZ4 leaves 63 % in 0.15 s, zstd 42 % at level 1 in 0.22 s, 38 % at 3 in 0.30 s.
            # Threads for the twenty small buffers of a batch cost more than they save: 46 us an article, 37 in one.
            options = pa.ipc.IpcWriteOptions(compression=pa.Codec(codec, 1) if codec else None, use_threads=False)
            schema = named(ARTICLES, self.id, batch_rows=str(BATCH_ROWS))
            self._articles = pa.ipc.new_file(self._gathered, schema, options=options)
        return self._articles

    def _write(
        self, part: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], **metadata: str
    ) -> tuple[FileRecord, list[int]]:
        return write_summed(self._directory, segment_file(self.id, part), schema, self.id, batches, **metadata)


def _alone(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A slice with buffers of its own: Arrow pads those of a larger batch with the bytes of the next article, which may
    be removed one day."""
    return pa.record_batch([pa.concat_arrays([column]) for column in batch.columns], schema=batch.schema)


class _Gate:
    """A sink as Arrow's stream sees it, which pours out what it gathered whenever it goes: into nothing, once closed.

    Arrow gathers in front of Python: it writes 70,000 pieces for 50,000 articles, and each would wait for the
    interpreter.
    """

    def __init__(self, sink: Sink) -> None:
        self.closed = False
        self._sink = sink

    def write(self, data: Any) -> int:
        return len(data) if self.closed else self._sink.write(data)

    def tell(self) -> int:
        return self._sink.tell()

    def flush(self) -> None:
        """What counts is the sink's sync."""

    def close(self) -> None:
        self.closed = True


def _expect_ordered(links: pa.Table, end: int) -> None:
    a, b = (links[name].to_numpy().astype(np.uint64) for name in ("a", "b"))
    if len(a) and not (np.all(a < b) and b.max() < end):
        raise ValueError("links that do not lead from a row to a later one")
    pairs = a << np.uint64(32) | b
    if np.any(pairs[1:] < pairs[:-1]):
        raise ValueError("links are not sorted by a and b")
