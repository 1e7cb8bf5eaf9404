"""Tables that are kept in parts, each commit adding one: few parts, each row rarely written again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

# Parts are joined while the earlier one is at most so many times as long.
_RATIO = 2


def folded(
    parts: Sequence[pa.Table], part: pa.Table, least: int, join: Callable[[pa.Table, pa.Table], pa.Table]
) -> tuple[int, pa.Table]:
    """How many of parts stay as they are, and what the others and a new part become together.

    least: so many stay in any case. join: makes one part of an earlier and a later one.
    """
    keep = len(parts)
    while keep > least and parts[keep - 1].num_rows <= _RATIO * part.num_rows:
        keep -= 1
        part = join(parts[keep], part)
    return keep, part
