"""Raw articles made ready for an index: cleaned, shingled, sketched, hashed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels import hashing
from dedup.model import Params
from dedup.stages import verify
from dedup.stages.clean.bulk import clean_batch
from dedup.stages.lsh import Table
from dedup.stages.shingle import ShingleSets, shingle
from dedup.stages.sketch import anchors, sketch
from dedup.templates import lines

_GROWTH = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """What n articles are compared by. id_hash, text_hash: (n, 2) uint64. narrative_lengths: (n,) uint32, narrative
    shingles. signatures: (n, num_perm) uint32. anchors: keys, and the place of their article among the n."""

    id_hash: npt.NDArray[np.uint64]
    text_hash: npt.NDArray[np.uint64]
    sets: ShingleSets
    narrative_lengths: npt.NDArray[np.uint32]
    signatures: npt.NDArray[np.uint32]
    anchors: Table


def identify(batch: pa.RecordBatch) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """id_hash and text_hash of raw articles, (n, 2) uint64 each."""
    return digests(batch.column("id")), digests(batch.column("text"))


def prepare(
    batch: pa.RecordBatch,
    id_hash: npt.NDArray[np.uint64],
    text_hash: npt.NDArray[np.uint64],
    params: Params,
    executor: Executor | None = None,
    templates: lines.Known = lines.NONE,
) -> tuple[pa.RecordBatch, Prepared]:
    """Raw articles (schema RAW) as an index keeps them: schema ARTICLES, and what they are compared by.

    templates: lines that are left out of that.
    """
    articles = clean_batch(batch)
    return articles, sketched(articles, id_hash, text_hash, params, executor, templates)


def sketched(
    articles: pa.RecordBatch,
    id_hash: npt.NDArray[np.uint64],
    text_hash: npt.NDArray[np.uint64],
    params: Params,
    executor: Executor | None = None,
    templates: lines.Known = lines.NONE,
) -> Prepared:
    """What articles (schema ARTICLES) are compared by."""
    sets = shingle(lines.compared(articles, templates), params, executor)
    return Prepared(
        id_hash,
        text_hash,
        sets,
        verify.narrative_sizes(sets),
        sketch(sets.hashes, sets.ends, params, executor),
        anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params),
    )


class Joining:
    """Puts parts together as they come: each is copied once, to where it stays, and can be forgotten."""

    def __init__(self) -> None:
        self._columns: dict[str, _Growing] = {}
        self._rows = 0

    def add(self, part: Prepared) -> None:
        """Add articles that follow those that are there."""
        sets, (keys, places) = part.sets, part.anchors
        columns: dict[str, npt.NDArray[Any]] = {
            "id_hash": part.id_hash, "text_hash": part.text_hash, "signatures": part.signatures,
            "hashes": sets.hashes, "sizes": np.diff(sets.ends),
            "marks": sets.marks, "mark_sizes": np.diff(sets.mark_ends),
            "tokens": sets.tokens, "digests": sets.digests, "narrative": part.narrative_lengths,
            "keys": keys, "places": places + np.uint32(self._rows),
        }  # fmt: skip
        for name, values in columns.items():
            self._columns.setdefault(name, _Growing()).add(values)
        self._rows += len(sets)

    def joined(self) -> Prepared:
        """All that were added, one part or more, in order."""
        column = {name: grown.values for name, grown in self._columns.items()}
        ends, mark_ends = (np.append(0, np.cumsum(column[name])) for name in ("sizes", "mark_sizes"))
        return Prepared(
            id_hash=column["id_hash"],
            text_hash=column["text_hash"],
            sets=ShingleSets(column["hashes"], ends, column["marks"], mark_ends, column["tokens"], column["digests"]),
            narrative_lengths=column["narrative"],
            signatures=column["signatures"],
            anchors=(column["keys"], column["places"]),
        )


class _Growing:
    """Rows that are added to. Room is made for many more at once: what is never written takes no memory, and what is
    moved takes fresh memory, which costs more than the copy."""

    def __init__(self) -> None:
        self._room: npt.NDArray[Any] | None = None
        self._size = 0

    def add(self, values: npt.NDArray[Any]) -> None:
        size = self._size + len(values)
        if self._room is None:
            self._room = values
        elif len(values):
            if size > len(self._room):
                room = np.empty((_GROWTH * size, *values.shape[1:]), values.dtype)
                room[: self._size] = self.values
                self._room = room
            self._room[self._size : size] = values
        self._size = size

    @property
    def values(self) -> npt.NDArray[Any]:
        """What was added, in order."""
        return np.empty(0) if self._room is None else self._room[: self._size]


def join(parts: Sequence[Prepared]) -> Prepared:
    """All articles of the parts (one or more), in order."""
    joining = Joining()
    for part in parts:
        joining.add(part)
    return joining.joined()


def digests(strings: Any) -> npt.NDArray[np.uint64]:
    """(n, 2) uint64: XXH64 of each string's UTF-8 with seeds 0 and 1."""
    large = strings.cast(pa.large_string())
    offsets = np.frombuffer(large.buffers()[1], np.int64)[large.offset : large.offset + len(large) + 1]
    data = np.frombuffer(large.buffers()[2] or b"", np.uint8)
    out = np.empty((len(large), 2), np.uint64)
    hashing.digests(data, offsets, out)
    return out
