"""A commit's files: mapped when it is opened, checked when first touched."""

from __future__ import annotations

from functools import cached_property

import pyarrow as pa
import xxhash

from dedup.errors import DamagedIndex
from dedup.store.columns import ROWS, U32, damaged, expect_schema, open_ipc, u32_view
from dedup.store.directory import Directory
from dedup.store.manifest import FileRecord, PartRecord, derived_file


class Part:
    """A file that a manifest names: mapped now, checked when its bytes are first asked for."""

    def __init__(self, directory: Directory, name: str, record: FileRecord) -> None:
        self.name = name
        self.record = record
        self.missing = False
        try:
            self._mapped = directory.read(name)
        except FileNotFoundError:
            self.missing = True
        except DamagedIndex:
            self._mapped = pa.py_buffer(b"")

    @property
    def unverified(self) -> pa.Buffer:
        """The bytes as they are; none where the file is missing."""
        return pa.py_buffer(b"") if self.missing else self._mapped

    def check(self) -> None:
        """Read every byte, also where that was done before. Raises DamagedIndex."""
        if self.missing:
            raise DamagedIndex(file=self.name, offset=0)
        if self._mapped.size != self.record.bytes:
            raise DamagedIndex(file=self.name, offset=min(self._mapped.size, self.record.bytes))
        if xxhash.xxh3_128_hexdigest(self._mapped) != self.record.xxh3_128:
            raise DamagedIndex(file=self.name, offset=0)

    @cached_property
    def buffer(self) -> pa.Buffer:
        """The bytes, known to be those that were written. Raises DamagedIndex."""
        self.check()
        return self._mapped


class DerivedPart(Part):
    """A derived table, or one of its parts."""

    def __init__(self, directory: Directory, kind: str, record: PartRecord) -> None:
        super().__init__(directory, derived_file(kind, record.generation), record.file)
        self.derived = record

    @cached_property
    def table(self) -> pa.Table:
        """Its rows, of whatever schema. Raises DamagedIndex."""
        reader = open_part(self, str(self.derived.generation))
        with damaged(self.name):
            table = reader.read_all()
            if table.num_rows != self.derived.rows:
                raise ValueError("rows")
            given = {name: value for name, value in table.schema.metadata.items() if name != b"dedup.id"}
            return table.replace_schema_metadata(given or None)


def read_rows(part: Part, id: str) -> U32:
    """The rows of a deletes file."""
    reader = open_part(part, id)
    with damaged(part.name):
        expect_schema(reader.schema, ROWS)
        return u32_view(reader.get_batch(0).column(0))


def open_part(part: Part, id: str, columns: list[int] | None = None) -> pa.ipc.RecordBatchFileReader:
    """A reader of a file that says that it belongs to id; columns: numbers of the only ones that will be read."""
    buffer = part.buffer
    with damaged(part.name):
        reader = open_ipc(buffer, columns)
        # The file says itself whose it is, so that no two can stand in for each other.
        if reader.schema.metadata[b"dedup.id"] != id.encode():
            raise ValueError("another id")
        return reader
