"""A progress bar on stderr where that is a terminal, and nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from dedup.model import Progress as Progress_

Show = Callable[["Progress_"], None]
T = TypeVar("T")


@contextlib.contextmanager
def progress(first: str = "read") -> Iterator[Show | None]:
    """What a long call reports to; None where nobody looks. first: the stage until it reports."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=None)

        def show(now: Progress_) -> None:
            bar.update(task, description=now.stage, completed=now.done, total=now.total)

        yield show


def counted(items: Iterable[T], total: int, show: Show | None, stage: str = "stories") -> Iterator[T]:
    """items, of which show is told how many of total went by."""
    from dedup.model import Progress

    for done, item in enumerate(items, 1):
        yield item
        if show:
            show(Progress(stage, done, total))
