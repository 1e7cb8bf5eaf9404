"""What each column of an index costs, and which of them could be made again: read from its Arrow files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

# What a column could be derived from; the rest is what was given.
_DERIVED = {
    "id_hash": "id",
    "body_digest": "body",
    "length": "body",
    "signature": "shingles",
    "shingles": "body",
    "narrative": "body",
    "narrative_length": "narrative",
    "byline": "",
    "stories": "links",
    "links": "sketches",
    "crowds": "sketches",
    "band": "signature",
    "anchor": "shingles and narrative",
    "id": "id_hash",
    "body": "body_digest",
}
_SAMPLE = 64  # record batches of a compressed file that are weighed


def by_file(index: Path) -> dict[str, int]:
    """Bytes of an index folder by the names of its files, numbers left out."""
    sizes: dict[str, int] = {}
    for path in sorted(index.rglob("*")):
        if path.is_file():
            name = re.sub(r"[-.]?\d{2,}|-\d+", "", path.stem) or path.parent.name
            sizes[name] = sizes.get(name, 0) + path.stat().st_size
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def by_column(index: Path) -> list[dict[str, Any]]:
    """name, bytes and derived_from of each column of all files, the largest first.

    A compressed column's bytes are those of a file of it alone, scaled to the size of the whole file.
    """
    sizes: dict[str, float] = {}
    for path in sorted(index.rglob("*.arrow")):
        part = re.sub(r"[-.]?\d{2,}|-\d+", "", path.stem) or path.parent.name
        with pa.memory_map(str(path)) as source:
            file = pa.ipc.open_file(source)
            for name, size in _columns(file, path.stat().st_size).items():
                sizes[f"{part}.{name}"] = sizes.get(f"{part}.{name}", 0) + size
    told = [{"name": name, "bytes": round(size), "derived_from": _origin(name)} for name, size in sizes.items()]
    return sorted(told, key=lambda column: -column["bytes"])


def _columns(file: pa.RecordBatchFileReader, size: int) -> dict[str, float]:
    metadata = file.schema.metadata or {}
    if b"tables" in metadata:
        entries = json.loads(metadata[b"tables"]).items()
        width = {field.name: field.type.bit_width // 8 for field in file.schema}
        return {f"{name}.{of}": number * width[of] for name, number in _summed(entries).items() for of in width}
    count = file.num_record_batches
    step = max(1, count // _SAMPLE)
    found: dict[str, float] = {}
    packed: dict[str, float] = {}
    for i in range(0, count, step):
        batch = file.get_batch(i)
        for field, column in zip(batch.schema, batch.columns, strict=True):
            found[field.name] = found.get(field.name, 0) + step * column.get_total_buffer_size()
            packed[field.name] = packed.get(field.name, 0) + step * _packed(field, column)
    whole = sum(found.values())
    if whole <= size:
        return found
    scale = size / max(sum(packed.values()), 1)
    return {name: alone * scale for name, alone in packed.items()}


def _summed(entries: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Entries by table, those of all bands together."""
    found: dict[str, int] = {}
    for name, number in entries:
        kind = re.sub(r"-\d+$", "", name)
        found[kind] = found.get(kind, 0) + number
    return found


def _packed(field: pa.Field, column: pa.Array) -> int:
    """Bytes of a column compressed, without what any file costs."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([field]), options=options) as writer:
        empty = sink.tell()
        writer.write_batch(pa.record_batch([column], schema=pa.schema([field])))
        return int(sink.tell() - empty)


def _origin(name: str) -> str:
    part, *columns = name.split(".")
    if part in ("articles", "deletes"):
        return ""
    key = columns[0] if part in ("sketches", "bands") else part
    source = _DERIVED.get(key, "")
    return f"could be derived from {source}" if source else ""
