"""Stories of a corpus as files, from one machine or from many."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dedup import export
from dedup.errors import MissingExtra, UsageError
from dedup.index import Index
from dedup.intake import OnProgress
from dedup.model import Kind

ENGINES = ("local", "spark")


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """Where stories were written to. replaced: articles whose id another one had. rejected: records that could not be
    used."""

    path: str
    replaced: int
    rejected: int


def cluster(
    sources: Sequence[str],
    output: str,
    *,
    engine: str = "local",
    master: str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    kind: str = "auto",
    learn: bool = False,
    largest: int | None = None,
    progress: OnProgress | None = None,
) -> Written:
    """Write articles, links and stories of two articles or more to output, a new folder, as Parquet.

    engine: local, or spark at master. format, columns, kind: as for `Index.add`. learn: learn templates first, as
    `Index.compact` does. largest: see `dedup.spark.cluster`. Of articles with one id the last one given stays; Spark
    has no such order, see there. Raises UsageError where output is there already, BadInput, MissingExtra, NoSpace.
    """
    if engine not in ENGINES:
        raise UsageError(problem=f"--engine {engine}: it is one of {', '.join(ENGINES)}")
    if engine == "spark":
        try:
            from dedup.spark import LARGEST, session
        except ModuleNotFoundError:
            raise MissingExtra(feature="--engine spark", extra="spark") from None
        options = {"columns": dict(columns or {}), "kind": Kind(kind)}
        most = LARGEST if largest is None else largest
        found = session.run(sources, output, master=master, format=format, options=options, learn=learn, largest=most)
        return Written(output, found.replaced, sum(found.rejected.values()))
    if master is not None:
        raise UsageError(problem="--master is for --engine spark")
    return _locally(sources, Path(output), format, columns, kind, learn, progress)


def _locally(
    sources: Sequence[str],
    output: Path,
    format: str | None,
    columns: Mapping[str, str] | None,
    kind: str,
    learn: bool,
    progress: OnProgress | None,
) -> Written:
    import tempfile

    from dedup.spark import tables

    if output.exists():
        raise UsageError(problem=f"{output} is there already: name a new folder")
    output.parent.mkdir(parents=True, exist_ok=True)
    # Beside what is written: the index of a large corpus may not fit where temporary files lie.
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as folder:
        index = Index.create(Path(folder) / "index")
        added = index.add(list(sources), kind=kind, format=format, columns=columns, progress=progress)
        if learn:
            index.compact(progress=progress)
        made = Path(folder) / "made"
        _write(index.export("articles"), tables.ARTICLES, made / "articles")
        _write(index.export("links"), tables.LINKED, made / "links")
        _write(export.stories(index.snapshot, 2), tables.STORY, made / "stories")
        made.rename(output)
    return Written(str(output), added.replaced, added.rejected)


def _write(reader: pa.RecordBatchReader, schema: pa.Schema, folder: Path) -> None:
    folder.mkdir(parents=True)
    with pq.ParquetWriter(folder / "part-00000.parquet", schema) as file:
        for batch in reader:
            file.write_batch(batch.cast(schema))
