"""Parts of one work in threads, where there are several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")


def each(work: Callable[[Part], Done], parts: Sequence[Part], executor: Executor | None) -> list[Done]:
    """What work makes of each part, in their order. A single one is done at once: to wake a thread takes longer."""
    return list(map(work, parts) if executor is None or len(parts) < 2 else executor.map(work, parts))
