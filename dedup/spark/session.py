"""A session of Spark for the command line: where it runs, what it reads, what it leaves."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dedup.errors import MissingExtra, MissingJava, UnknownFormat, UsageError
from dedup.model import Params
from dedup.spark.arrive import LINES
from dedup.spark.engine import LARGEST, Clustered, cluster

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PACKED = (".gz", ".bz2", ".zst", ".snappy", ".lz4")
_FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "csv": "csv", "parquet": "parquet"}
_TABLES = ("articles", "links", "stories")


def session(master: str | None) -> SparkSession:
    """The session that there is, or one at master (local[*] where nothing else tells).

    Raises MissingExtra without pyspark, MissingJava.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise MissingExtra(feature="--engine spark", extra="spark") from None
    if master and master.startswith("sc://"):
        return SparkSession.builder.remote(master).getOrCreate()
    java = os.environ.get("JAVA_HOME")
    if not (shutil.which(f"{java}/bin/java") if java else shutil.which("java")):
        raise MissingJava()
    if master is None or master.startswith(("local", "spark://")):
        # Where all run from one installation, all run this very interpreter.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("dedup").config("spark.ui.showConsoleProgress", "false")
    return (builder.master(master) if master else builder).getOrCreate()


def frame(spark: SparkSession, sources: Sequence[str], format: str | None = None) -> DataFrame:
    """A DataFrame of articles for `cluster`, of JSONL, CSV or Parquet at paths that Spark reads.

    Raises UnknownFormat, UsageError.
    """
    kinds = {format or _format(source) for source in sources}
    if len(kinds) != 1:
        raise UsageError(problem="sources of several formats: give them one by one")
    (kind,) = kinds
    if kind == "jsonl":
        return spark.read.text(list(sources), lineSep="\n").withColumnRenamed("value", LINES)
    if kind == "csv":
        return spark.read.csv(list(sources), header=True, multiLine=True, quote='"', escape='"')
    if kind == "parquet":
        return spark.read.parquet(*sources)
    raise UsageError(problem=f"--format {kind} is not for --engine spark: give it JSONL, CSV or Parquet")


def _format(source: str) -> str:
    name = PurePosixPath(source.rstrip("/")).name.lower()
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    kind = _FORMATS.get(name.rpartition(".")[2]) if "." in name else None
    if kind is None:
        raise UnknownFormat(path=source)
    return kind


def run(
    sources: Sequence[str],
    output: str,
    *,
    master: str | None,
    format: str | None = None,
    options: Mapping[str, Any],
    params: Params | None = None,
    learn: bool = False,
    largest: int = LARGEST,
) -> Clustered:
    """Cluster sources, and write the three tables and index/ to output, a folder that is not there yet.

    Raises UsageError where it is, and what `session`, `frame` and `cluster` raise.
    """
    spark = session(master)
    files = _Files(spark, output)
    if files.exist():
        raise UsageError(problem=f"{output} is there already: name a new folder")
    found = cluster(frame(spark, sources, format), params, work=output, options=options, learn=learn, largest=largest)
    for name in _TABLES:
        getattr(found, name).write.parquet(f"{output}/{name}")
    files.remove("temporary")
    return found


class _Files:
    """A folder wherever Hadoop finds it. A session that is far away has no way to look: it is left as it is."""

    def __init__(self, spark: SparkSession, path: str) -> None:
        jvm: Any = getattr(spark, "_jvm", None)
        self._fs = None
        if jvm is not None:
            self._path = jvm.org.apache.hadoop.fs.Path(path)
            self._make = jvm.org.apache.hadoop.fs.Path
            self._fs = self._path.getFileSystem(spark._jsc.hadoopConfiguration())

    def exist(self) -> bool:
        return self._fs is not None and bool(self._fs.exists(self._path))

    def remove(self, name: str) -> None:
        if self._fs is not None:
            self._fs.delete(self._make(self._path, name), True)
