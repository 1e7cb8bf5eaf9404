"""What can still be named of a damaged segment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from dedup.errors import DamagedIndex
from dedup.model import ARTICLES

if TYPE_CHECKING:
    from dedup.store.segment import Segment

Mask = npt.NDArray[np.bool_]

_BROKEN = (pa.ArrowException, ValueError, LookupError, OSError, MemoryError)
_MAGIC = 8  # bytes before the first message of an Arrow file


def salvaged_ids(segment: Segment, live: Mask) -> tuple[list[str], int]:
    """Ids of the live rows of a segment, and of how many of them none can be told; see Segment.salvage_ids."""
    found, open_rows = _proven_ids(segment, live)
    try:
        hashes = segment.fixed("id_hash", np.flatnonzero(open_rows))
    except DamagedIndex:
        hashes = np.empty((0, 2), np.uint64)
    known = {(int(first), int(second)) for first, second in hashes}
    for one in _unproven_ids(segment.parts["articles"].unverified) if known else ():
        hashed = one.encode()
        key = xxhash.xxh64_intdigest(hashed, 0), xxhash.xxh64_intdigest(hashed, 1)
        if key in known:
            known.remove(key)
            found.append(one)
    return found, int(live.sum()) - len(found)


def _proven_ids(segment: Segment, live: Mask) -> tuple[list[str], Mask]:
    """Ids of live rows whose bytes are what was written, and which live rows are still open."""
    found: list[str] = []
    open_rows = live.copy()
    with contextlib.suppress(DamagedIndex):
        reader, batch_rows = segment.articles_reader(["id"])
        for number in range(reader.num_record_batches):
            with contextlib.suppress(DamagedIndex):
                rows = slice(number * batch_rows, (number + 1) * batch_rows)
                found += reader.get_batch(number)["id"].filter(pa.array(live[rows])).to_pylist()
                open_rows[rows] = False
    return found, open_rows


def _unproven_ids(buffer: pa.Buffer) -> Iterator[str]:
    """Whatever reads like an id in the bytes of a damaged articles.arrow."""
    for batch in _batches(buffer):
        try:
            batch.validate(full=True)
            ids = batch["id"].cast(pa.string()).to_pylist()
        except _BROKEN:
            continue
        yield from (one for one in ids if one is not None)


def _batches(buffer: pa.Buffer) -> Iterator[pa.RecordBatch]:
    options = pa.ipc.IpcReadOptions(included_fields=[ARTICLES.get_field_index("id")])
    try:
        reader = pa.ipc.open_file(pa.BufferReader(buffer), options=options)
        for number in range(reader.num_record_batches):
            try:
                yield reader.get_batch(number)
            except _BROKEN:
                continue
    except _BROKEN:
        # Without what its end tells, the file is still a stream as far as that goes.
        try:
            yield from pa.ipc.open_stream(pa.BufferReader(buffer.slice(min(_MAGIC, buffer.size))), options=options)
        except _BROKEN:
            return
