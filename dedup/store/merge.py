"""Few segments out of many: which to merge, and the one that stands in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.store.arrays import U32
from dedup.store.columns import Sketches
from dedup.store.manifest import SegmentRecord
from dedup.store.segment import Segment
from dedup.store.segment_writer import SegmentWriter

_FANOUT = 8
_LARGE = 32_768  # rows of a segment that is left alone; eight tiers' worth below it stay under 2^18


class Span(Protocol):
    """Rows base ... base + rows - 1."""

    @property
    def base(self) -> int: ...

    @property
    def rows(self) -> int: ...


AnySpan = TypeVar("AnySpan", bound=Span)


def tiers(segments: Sequence[AnySpan]) -> list[AnySpan]:
    """The adjacent segments that are to be merged now; none where there are few enough.

    Segments of 8^t to 8^(t + 1) - 1 rows are tier t. Eight that end with one of tier t, none of them in a higher
    one, become one when nothing but lower tiers follows: so a trickle keeps at most seven a tier, and a row is written
    again about once a tier. What a large segment shut off, nothing joins any more: that is merged once, all of it.
    """
    *shut_off, (first, last) = _runs(segments)
    start, end = _due([segment.rows for segment in segments[first:last]])
    for one in ((first + start, first + end), *shut_off):
        if one[1] - one[0] > 1:
            return list(segments[slice(*one)])
    return []


def merge(segments: Sequence[Segment], into: SegmentWriter) -> SegmentRecord | None:
    """Write adjacent segments as one: all rows, under their numbers, and all that is known of them.

    Articles stream; of the rest what the result holds is in memory, and what is mapped is let go as soon as it
    is copied. Raises DamagedIndex, NoSpace, DiskError.
    """
    for segment in segments:
        for batch in segment.articles():
            into.write_articles(batch)
        segment.release()
    names = dict.fromkeys(name for segment in segments for name in segment.tables)
    tables = {name: _table(segments, name) for name in names}
    links = pa.concat_tables([segment.links for segment in segments])
    links = links.take(pa.array(np.lexsort((links["b"].to_numpy(), links["a"].to_numpy()))))
    return into.finish(_sketches(segments), tables, links)


def _runs(segments: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """First and end of each longest run of adjacent segments that are not large."""
    first = 0
    for at, segment in enumerate(segments):
        before = segments[at - 1] if at else None
        if before and before.base + before.rows != segment.base:
            yield first, at
            first = at
        if segment.rows >= _LARGE:
            yield first, at
            first = at + 1
    yield first, len(segments)


def _due(sizes: Sequence[int]) -> tuple[int, int]:
    """First and end of what is to be merged of a run that may still grow, sizes in rows; equal where nothing is."""
    items = [(rows, at, at + 1) for at, rows in enumerate(sizes)]
    chosen = (0, 0)
    for level in range(_tier(_LARGE)):
        start = len(items)
        while start and _tier(items[start - 1][0]) <= level:
            start -= 1
        last = max((at + 1 for at in range(start, len(items)) if _tier(items[at][0]) == level), default=start)
        first, end = (items[start][1], items[last - 1][2]) if last > start else chosen
        if last - start < _FANOUT or (chosen[1] and not first <= chosen[0] < chosen[1] <= end):
            continue
        # Where this makes the next tier's merge due, that one takes both at once.
        items[start:last] = [(sum(sizes[first:end]), first, end)]
        chosen = (first, end)
    return chosen


def _tier(rows: int) -> int:
    return (max(rows, 1).bit_length() - 1) // 3


def _sketches(segments: Sequence[Segment]) -> Sketches:
    parts = []
    for segment in segments:
        parts.append(segment.sketches)  # which checks every byte of it
        segment.release()
    joined = {}
    for name in Sketches.__dataclass_fields__:
        columns = [getattr(part, name) for part in parts]
        if name.endswith("_offsets"):
            sizes = np.concatenate([np.diff(column) for column in columns])
            joined[name] = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        else:
            joined[name] = _joined(columns, segments)
    return Sketches(**joined)


def _table(segments: Sequence[Segment], name: str) -> tuple[U32, U32]:
    having = [segment for segment in segments if name in segment.tables]
    keys, rows = (_joined([segment.table(name)[side] for segment in having], having) for side in (0, 1))
    # Rows rise from segment to segment, so a stable order by key is one by key and row.
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def _joined(columns: Sequence[npt.NDArray[Any]], segments: Sequence[Segment]) -> npt.NDArray[Any]:
    """One array of those that are mapped, a segment's each."""
    whole = np.empty((sum(map(len, columns)), *columns[0].shape[1:]), columns[0].dtype)
    at = 0
    for column, segment in zip(columns, segments, strict=True):
        whole[at : at + len(column)] = column
        at += len(column)
        segment.release()
    return whole
