"""One commit, looked up: rows by id, the story of a row, the members of a story."""

from __future__ import annotations

import dataclasses
import re
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels.compute import pc
from dedup.lookup import Rows, live_batches
from dedup.stages import lsh
from dedup.store import Keys, Store
from dedup.telling import derive, members

_STORY_ID = re.compile("[0-9a-f]{16}")


@dataclasses.dataclass(frozen=True, slots=True)
class Groups:
    """Stories of two articles or more. table: derive.MEMBERS, a row a member, a story's together, in order of
    time. starts: int64, where each story begins in it, and the end. count: of stories."""

    table: pa.Table
    starts: Rows
    count: int


class Snapshot:
    """A commit of an index. Rows are rows of the index."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def groups(self) -> Groups:
        kept = members.current(self.store)
        table = kept.table() if kept else members.told(derive.anew(self.store)).combine_chunks()
        story = table["story"].to_numpy()
        starts = np.flatnonzero(np.append(True, story[1:] != story[:-1])) if len(story) else np.empty(0, np.int64)
        return Groups(table, np.append(starts, len(story)), len(starts))

    def row_of_story(self, id: str) -> int | None:
        """The row of a story's oldest member by the story's id; None where there is no such story."""
        if not _STORY_ID.fullmatch(id):
            return None
        wanted = int(id, 16)
        key = Keys.of({lsh.IDS: np.array([wanted & 0xFFFFFFFF], np.uint32)})
        for segment in self.store.segments:
            rows = segment.lookup(key)[1].astype(np.int64)
            same = (segment.fixed("id_hash", rows - segment.base)[:, 0] == wanted) & self.store.alive(rows)
            for row in rows[same].tolist():
                if self.stories_of(np.array([row]))[0] == row:
                    return int(row)
        return None

    def place_of(self, rows: Rows) -> Rows:
        """Where each row stands in groups.table; -1 for a story of one."""
        members, order = self._by_row
        if not len(members):
            return np.full(len(rows), -1, np.int64)
        place = np.searchsorted(members, rows) % len(members)
        return np.where(members[place] == rows, order[place], -1)

    @cached_property
    def _by_row(self) -> tuple[Rows, Rows]:
        """The rows of groups.table, rising, and where they stand there."""
        rows = self.groups.table["row"].to_numpy()
        order = np.argsort(rows, kind="stable")
        return rows[order].astype(np.int64), order

    def stories_of(self, rows: Rows) -> Rows:
        """The row that names the story of each row: its oldest member's, its own in a story of one."""
        place = self.place_of(rows)
        inside = np.flatnonzero(place >= 0)
        named = rows.copy()
        named[inside] = self.groups.table["story"].to_numpy()[place[inside]]
        return named

    def members(self, row: int) -> Rows:
        """Places in groups.table of the members of a row's story; none for a story of one."""
        place = int(self.place_of(np.array([row]))[0])
        if place < 0:
            return np.empty(0, np.int64)
        starts = self.groups.starts
        story = int(np.searchsorted(starts, place, "right")) - 1
        return np.arange(starts[story], starts[story + 1])

    def story_ids(self, rows: Rows) -> pa.Array:
        """The ids of the stories that rows name: 16 hexadecimal digits, XXH64 of the article's id."""
        return hexadecimal(self.story_words(rows))

    def story_words(self, rows: Rows) -> npt.NDArray[np.uint64]:
        """The same ids as numbers."""
        hashes = np.empty(len(rows), np.uint64)
        for segment, local, where in self.store.places(rows):
            hashes[where] = segment.fixed("id_hash", local)[:, 0]
        return hashes

    def outlets(self) -> int:
        """Distinct outlets of the live articles."""
        found = [pc.unique(batch.column(0)).drop_null() for batch, _ in live_batches(self.store, ["outlet"])]
        return len(pc.unique(pa.concat_arrays(found))) if found else 0


def hexadecimal(words: npt.NDArray[np.uint64]) -> pa.StringArray:
    """Ids of stories as they are written: 16 digits each."""
    digits = words.astype(">u8").tobytes().hex().encode()
    offsets = np.arange(len(words) + 1, dtype=np.int32) * 16
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), pa.py_buffer(digits))
