"""What can still be named of a damaged segment."""

from __future__ import annotations

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

_BROKEN = (pa.ArrowException, ValueError, LookupError, OSError, MemoryError)
_MAGIC = 8  # bytes before the first message of an Arrow file


def salvaged_ids(segment: Segment, live: npt.NDArray[np.bool_]) -> tuple[list[str], int]:
    """Ids of the live rows of a segment, and of how many of them none can be told; see Segment.salvage_ids."""
    wanted = int(live.sum())
    try:
        ids = np.array([one for batch in segment.articles(["id"]) for one in batch["id"].to_pylist()], object)
        return ids[live].tolist(), 0
    except DamagedIndex:
        pass
    try:
        hashes = segment.fixed("id_hash")[live]
    except DamagedIndex:
        return [], wanted
    known = {(int(first), int(second)) for first, second in hashes}
    found = []
    for one in _unproven_ids(segment.parts["articles"].unverified):
        hashed = one.encode()
        key = xxhash.xxh64_intdigest(hashed, 0), xxhash.xxh64_intdigest(hashed, 1)
        if key in known:
            known.remove(key)
            found.append(one)
    return found, wanted - len(found)


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
