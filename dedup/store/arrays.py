"""Types of arrays, and a check of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


def inside(rows: U32, bounds: range) -> None:
    """Raise ValueError where a row is out of bounds: what holds rows is followed without asking."""
    if len(rows) and not bounds.start <= int(rows.min()) <= int(rows.max()) < bounds.stop:
        raise ValueError("a row of no segment")
