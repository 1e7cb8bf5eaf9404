"""Types of arrays, and rows: a check of them, and taking some."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

_FEW = 16


def picked(rows: pa.Table | pa.RecordBatch, places: I64) -> pa.Table:
    """Rows at places (n,), in that order. Raises IndexError where there is none."""
    table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
    if len(places) > _FEW:
        return table.take(pa.array(places))
    # What takes rows at once loads pyarrow.compute: 0.05 s, for the few that a query finds.
    few = pa.concat_tables([table.slice(0, 0), *(table.slice(place, 1) for place in places.tolist())])
    if few.num_rows != len(places):
        raise IndexError(places)
    return few.combine_chunks()


def inside(rows: U32, bounds: range) -> None:
    """Raise ValueError where a row is out of bounds: what holds rows is followed without asking."""
    if len(rows) and not bounds.start <= int(rows.min()) <= int(rows.max()) < bounds.stop:
        raise ValueError("a row of no segment")
