"""Types of arrays, and runs of their elements."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


def gathered(starts: I64, sizes: I64) -> tuple[I64, I64]:
    """Where to find the elements of some runs, one run after the other, and the ends (n + 1,) of each."""
    ends = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    return np.repeat(starts - ends[:-1], sizes) + np.arange(ends[-1]), ends


def inside(rows: U32, bounds: range) -> None:
    """Raise ValueError where a row is out of bounds: what holds rows is followed without asking."""
    if len(rows) and not bounds.start <= int(rows.min()) <= int(rows.max()) < bounds.stop:
        raise ValueError("a row of no segment")
