"""Builders for the tests of reading: files in, rows and rejected records out."""

import gzip
import json

import pyarrow as pa

from dedup.model import RAW
from dedup.stages.read import Options, read


def rows_of(batches):
    rows = []
    for batch in batches:
        assert batch.schema == RAW
        batch.validate(full=True)
        rows += batch.to_pylist()
    return rows


def run(*paths, **options):
    """All rows and all rejected records of the paths."""
    rejected = []
    return rows_of(read(paths, Options(**options), on_reject=rejected.append)), rejected


def lines(*records):
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


PACK = {"": bytes, ".gz": gzip.compress, ".zst": zstd}
