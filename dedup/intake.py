"""What a user gives an index to add, whatever its form, and what a long call tells meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dedup.model import Progress, Rejected

if TYPE_CHECKING:
    from dedup.stages.read import Options

OnProgress = Callable[[Progress], None]
# What is done, of how much where that is known.
OnDone = Callable[[int, int | None], None]


def telling(progress: OnProgress | None, stage: str) -> tuple[Callable[[str], None], OnDone]:
    """What tells progress of another stage, and of how much of this one is done."""

    def on_stage(other: str) -> None:
        if progress:
            progress(Progress(other, 0, None))

    def on_done(done: int, total: int | None) -> None:
        if progress:
            progress(Progress(stage, done, total))

    return on_stage, on_done


def paths(source: Any) -> list[str | Path]:
    """What of source lies on a disk."""
    some = source if isinstance(source, list | tuple) else [source]
    return [item for item in some if isinstance(item, str | Path)]


def batches(
    source: Any, options: Options, reject: Callable[[Rejected], None], on_done: OnDone
) -> Iterator[pa.RecordBatch]:
    """Raw articles (schema RAW) of a source; what cannot be used goes to reject. Raises BadInput."""
    from dedup.stages.read import read, read_records, read_table

    if isinstance(source, str | Path):
        return read([source], options, on_reject=reject, on_progress=on_done)
    if isinstance(source, pa.Table | pa.RecordBatch | pa.RecordBatchReader):
        return read_table(source, options, on_reject=reject)
    if isinstance(source, Sequence) and source and all(isinstance(item, str | Path) for item in source):
        return read(source, options, on_reject=reject, on_progress=on_done)
    if isinstance(source, Sequence) and source and all(isinstance(item, pa.RecordBatch) for item in source):
        return read_table(pa.Table.from_batches(source), options, on_reject=reject)
    return read_records([source] if isinstance(source, Mapping) else source, options, on_reject=reject)
