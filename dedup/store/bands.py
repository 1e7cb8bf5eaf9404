"""Sorted (key, row) tables, one after the other in two columns, and the search in all of them at once."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from dedup.store.arrays import I64, U32, inside
from dedup.store.parts import Column, Part, damaged, only_batch

# Places of wanted keys in spans of a column: what `search` is.
Search = Callable[[U32, I64, I64, I64], I64]
BANDS = pa.schema([pa.field("key", pa.uint32(), nullable=False), pa.field("row", pa.uint32(), nullable=False)])


def bands_batch(bands: Mapping[str, tuple[U32, U32]]) -> tuple[pa.RecordBatch, str]:
    """The tables as one batch, and the metadata that tells them apart.

    Raises ValueError where a table is not sorted by key, then row.
    """
    for name, (keys, rows) in bands.items():
        if keys.dtype != np.uint32 or rows.dtype != np.uint32 or keys.ndim != 1 or keys.shape != rows.shape:
            raise ValueError(f"table {name} has keys {keys.dtype}{keys.shape} and rows {rows.dtype}{rows.shape}")
        if not np.all((keys[1:] > keys[:-1]) | ((keys[1:] == keys[:-1]) & (rows[1:] >= rows[:-1]))):
            raise ValueError(f"table {name} is not sorted by key and row")
    none = np.empty(0, np.uint32)
    columns = [np.concatenate([none, *(table[side] for table in bands.values())]) for side in (0, 1)]
    return pa.record_batch(columns, schema=BANDS), json.dumps({name: len(keys) for name, (keys, _) in bands.items()})


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """Keys that are looked for in some tables, one table's after the other's.

    names: of the tables. keys: uint32, n, those of a table sorted and distinct. both: int64, 2 n, the keys, and each
    one's successor. counts: int64, how many of both are of each table, twice over.
    """

    names: tuple[str, ...]
    keys: U32
    both: I64
    counts: I64

    @classmethod
    def of(cls, tables: Mapping[str, U32]) -> Keys:
        """Of each table its keys, uint32, sorted and distinct."""
        keys = np.concatenate([np.empty(0, np.uint32), *tables.values()])
        asked, counts = keys.astype(np.int64), np.array([len(some) for some in tables.values()], np.int64)
        return cls(tuple(tables), keys, np.concatenate([asked, asked + 1]), np.tile(counts, 2))


class Bands:
    """The tables of a segment. rows: those that they may name. Whatever reads raises DamagedIndex."""

    def __init__(self, part: Part, id: str, rows: range) -> None:
        batch, metadata = only_batch(part, id, BANDS)
        with damaged(part.name):
            sizes = json.loads(metadata[b"tables"])
            ends = np.cumsum([0, *(int(size) for size in sizes.values())])
            if min(sizes.values(), default=0) < 0 or ends[-1] != batch.num_rows:
                raise ValueError("tables of another size")
            self._keys, self._rows = (
                Column(part, batch.column(side).buffers()[1], np.uint32, (batch.num_rows,)) for side in (0, 1)
            )
        self._name = part.name
        self._inside = rows
        self.names = [str(name) for name in sizes]
        self._asked: tuple[tuple[str, ...], I64] = ((), np.empty((2, 0), np.int64))
        self._bounds = dict(zip(self.names, itertools.pairwise(ends.tolist()), strict=True))

    def table(self, name: str) -> tuple[U32, U32]:
        """Its keys (m,) and rows (m,); views. Raises KeyError where there is no such table."""
        first, last = self._bounds[name]
        keys, rows = self._keys.slice(first, last), self._rows.slice(first, last)
        with damaged(self._name):
            inside(rows, self._inside)
        return keys, rows

    def lookup(self, wanted: Keys, searching: Search | None = None) -> tuple[I64, U32]:
        """All entries under some keys; see Segment.lookup."""
        none = np.empty(0, np.int64), np.empty(0, np.uint32)
        if not len(wanted.keys):
            return none
        # Where the keys begin and, as where the next key would, end: both in one search.
        first, last = self._bounds_of(wanted.names).repeat(wanted.counts, axis=1)
        found = (searching or search)(self._keys.values, first, last, wanted.both)
        self._check(found, first, last)
        begin, end = found[: len(wanted.keys)], found[len(wanted.keys) :]
        if np.array_equal(begin, end):
            return none
        rows, ends = self._rows.runs(begin, end)
        with damaged(self._name):
            inside(rows, self._inside)
        return np.repeat(np.arange(len(wanted.keys)), np.diff(ends)), rows

    def _bounds_of(self, names: tuple[str, ...]) -> I64:
        """Where each table begins and ends, (2, 2 n), all of them twice; one that is not there is empty."""
        asked = self._asked
        if asked[0] != names:  # one query after another asks the same
            bounds = [self._bounds.get(name, (0, 0)) for name in names]
            asked = self._asked = names, np.tile(np.array(bounds, np.int64).T, 2)
        return asked[1]

    def _check(self, found: I64, first: I64, last: I64) -> None:
        """The search read unchecked keys. Where the keys on both sides of what it found are right, so is that: what
        was written is sorted."""
        beside = np.concatenate([np.maximum(found - 1, first), np.minimum(found, last - 1)])
        some = first < last
        if not some.all():
            beside = beside[np.tile(some, 2)]
        self._keys.check(beside)


def search(keys: U32, first: I64, last: I64, wanted: I64) -> I64:
    """For each i the first place in first[i] ... last[i] - 1 whose key is wanted[i] or more, last[i] where none is."""
    before = first - 1  # the last place that is known to hold a lesser key
    if not len(keys):
        return first
    for power in reversed(range(int((last - first).max()).bit_length())):
        probe = before + (1 << power)
        lesser = keys.take(probe, mode="clip") < wanted
        lesser &= probe < last
        np.copyto(before, probe, where=lesser)
    return before + 1
