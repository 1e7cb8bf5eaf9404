"""Making files durable, and then true.

Order, each step durable before the next: the files, the folders that lead to them, the
manifest aside, its rename over the old one, the folder of that rename. A writer that dies
anywhere leaves the old commit or the new one; what else it leaves, the next writer removes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from dedup.store.directory import Directory, folders_above
from dedup.store.encoding import encode
from dedup.store.manifest import ASIDE, MANIFEST, FileRecord, Manifest


def publish(directory: Directory, manifest: Manifest, added: Iterable[str], about_to_rename: Any = None) -> bytes:
    """Make a manifest the commit, once all that it names is durable, and return it as it stands on disk.

    added: its new files, each synced.
    """
    data = encode(manifest)
    folders = {folder for name in [*added, ASIDE] for folder in folders_above(name)}
    sink = directory.create(ASIDE)
    try:
        sink.write(data)
        sink.sync()
    finally:
        sink.close()
    # A file is on disk only when the entries that lead to it are (OSDI'14, ALICE).
    for folder in sorted(folders, key=len, reverse=True):
        directory.sync_dir(folder)
    if about_to_rename:
        about_to_rename()
    directory.rename(ASIDE, MANIFEST)
    directory.sync_dir("")
    return data


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def write_table(
    directory: Directory, name: str, schema: pa.Schema, own: str, batches: Iterable[pa.RecordBatch], **metadata: str
) -> FileRecord:
    """A file of record batches, durable but for the folders above it. own: what it says that it belongs to."""
    return write_summed(directory, name, schema, own, batches, **metadata)[0]


def write_summed(
    directory: Directory, name: str, schema: pa.Schema, own: str, batches: Iterable[pa.RecordBatch], **metadata: str
) -> tuple[FileRecord, list[int]]:
    """As write_table, and xxh3_64 of each block."""
    sink = directory.create(name)
    try:
        with pa.ipc.new_file(sink, named(schema, own, **metadata)) as arrow:
            for batch in batches:
                arrow.write_batch(batch)
        sink.sync()
    finally:
        sink.close()
    return FileRecord(sink.size, sink.digest), sink.sums


def named(schema: pa.Schema, own: str, **metadata: str) -> pa.Schema:
    return schema.with_metadata({**(schema.metadata or {}), "dedup.id": own, **metadata})
