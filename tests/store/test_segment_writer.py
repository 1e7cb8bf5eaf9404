"""Articles that are written while the writer's caller goes on."""

from __future__ import annotations

import errno
import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from index_builders import PARAMS, articles, bands, links, sketches

from dedup.errors import NoSpace
from dedup.model import ARTICLES
from dedup.store import MemoryDirectory, SegmentWriter, Store
from dedup.store.directory import Operation

N = 3_000


@pytest.fixture(scope="module")
def batches() -> list[pa.RecordBatch]:
    """Batches of odd sizes, some 2 MB that cannot be compressed by much."""
    rng = np.random.default_rng(1)
    rows = articles(f"a{i}" for i in range(N)).to_pylist()
    for row in rows:
        row["body"] += rng.bytes(400).hex()
    table = pa.Table.from_pylist(rows, ARTICLES)
    return [table.slice(at, 77).combine_chunks().to_batches()[0] for at in range(0, N, 77)]


def finish(segment: SegmentWriter) -> None:
    segment.finish(sketches(N), bands(segment.base, N), links())


def test_articles_that_are_written_behind_are_the_same_bytes(batches: list[pa.RecordBatch]) -> None:
    written = []
    for behind in (False, True):
        directory = MemoryDirectory()
        with Store.create(directory, PARAMS).writer() as writer, ThreadPoolExecutor(2) as executor:
            segment = writer.segment()
            if behind:
                segment.write_behind(batches, executor)
            else:
                for batch in batches:
                    segment.write_articles(batch)
            finish(segment)
            writer.commit()
        # The time of the commit may differ, and no file of a segment.
        written.append({name: bytes(data) for name, data in directory.files.items() if name.startswith("segments/")})
        assert pa.Table.from_batches(writer.store.segments[0].articles()).equals(pa.Table.from_batches(batches))

    assert written[0] == written[1]


def test_a_disk_that_gets_full_behind_is_told_at_the_end(
    batches: list[pa.RecordBatch], capfd: pytest.CaptureFixture[str]
) -> None:
    writes = 0

    def refuse(operation: Operation) -> None:
        nonlocal writes
        writes += operation[0] == "write"
        if operation[0] == "write" and writes > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    directory = MemoryDirectory()
    store = Store.create(directory, PARAMS)
    directory._before = refuse
    with ThreadPoolExecutor(2) as executor, store.writer() as writer:
        segment = writer.segment()
        segment.write_behind(batches, executor)
        with pytest.raises(NoSpace):
            finish(segment)
        refused = writes

    del segment
    gc.collect()
    assert writes == refused, "what is given up is not written again"
    assert not capfd.readouterr().err, "and nobody is told of it twice"
    assert not [name for name in directory.files if name.startswith("segments/")]


def test_what_is_given_up_is_written_no_more(batches: list[pa.RecordBatch]) -> None:
    directory, underway = MemoryDirectory(), threading.Event()
    store = Store.create(directory, PARAMS)
    directory._before = lambda operation: underway.set() if operation[0] == "write" else None
    with ThreadPoolExecutor(2) as executor, store.writer() as writer:
        segment = writer.segment()
        segment.write_behind(batches * 20, executor)
        assert underway.wait(60)
        segment.abandon()
        assert segment.rows < 20 * N, "it stopped on the way"
        written = len(directory.log)
        del segment
        gc.collect()
        assert len(directory.log) == written, "nor is what was gathered"
        assert writer.commit() == writer.store.manifest, "no segment is left open"
    assert not [name for name in directory.files if name.startswith("segments/")]
