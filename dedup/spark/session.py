"""A session of Spark for the command line: where it runs, what it reads, what it leaves."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dedup.errors import MissingExtra, MissingInput, MissingJava, SparkFailed, UnknownFormat, UsageError
from dedup.model import Params
from dedup.spark.arrive import LINES
from dedup.spark.engine import LARGEST, Clustered, cluster

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PACKED = (".gz", ".bz2", ".zst", ".snappy", ".lz4")
_FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "csv": "csv", "parquet": "parquet"}
_SAID = 500  # characters of what Spark says
_TABLES = ("articles", "links", "stories")


def session(master: str | None) -> tuple[SparkSession, bool]:
    """The session that there is, or one at master (local[*] where nothing else tells); and whether it was begun here.

    Raises MissingExtra without pyspark, MissingJava.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise MissingExtra(feature="--engine spark", extra="spark") from None
    if master and master.startswith("sc://"):
        return SparkSession.builder.remote(master).getOrCreate(), True
    java = os.environ.get("JAVA_HOME")
    if not (shutil.which(f"{java}/bin/java") if java else shutil.which("java")):
        raise MissingJava()
    if master is None or master.startswith(("local", "spark://")):
        # Where all run from one installation, all run this very interpreter.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("dedup").config("spark.ui.showConsoleProgress", "false")
    ours = SparkSession.getActiveSession() is None
    return (builder.master(master) if master else builder).getOrCreate(), ours


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
    """Cluster sources, and write the three tables and index/ to output, a folder that is not there yet. Of what comes
    back, the counts outlive the session.

    Raises UsageError where it is, MissingInput, SparkFailed, and what `session`, `frame` and `cluster` raise.
    """
    spark, ours = session(master)
    with _told(), _ended(spark, ours):
        files = _Files(spark, output)
        if files.exist():
            raise UsageError(problem=f"{output} is there already: name a new folder")
        given = frame(spark, sources, format)
        found = cluster(given, params, work=output, options=options, learn=learn, largest=largest)
        for name in _TABLES:
            getattr(found, name).write.parquet(f"{output}/{name}")
        files.remove("temporary")
    return found


@contextlib.contextmanager
def _ended(spark: SparkSession, ours: bool) -> Iterator[None]:
    """Stop a session that is ours."""
    try:
        yield
    finally:
        if ours:
            spark.stop()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What Spark raises, as one of dedup's errors."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        if error.getCondition() == "PATH_NOT_FOUND":
            raise MissingInput(path=lines[0].partition(": ")[2].partition(". ")[0]) from error
        # What a task raised stands behind the way that led to it.
        ours = [line for line in lines if line.startswith("dedup.errors.")]
        raise SparkFailed(reason=(ours or lines or [type(error).__name__])[0][:_SAID]) from error


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
