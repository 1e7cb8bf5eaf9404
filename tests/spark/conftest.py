"""Sessions of Spark for the tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from standalone import Cluster, java, wait_for_executors

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Skips the tests, loudly, where there is no Spark or no Java."""
    try:
        import pyspark  # noqa: F401
    except ModuleNotFoundError:
        pytest.skip("NO SPARK TESTS: pyspark is not installed (pip install '.[spark]')")
    if java() is None:
        pytest.skip("NO SPARK TESTS: there is no Java (apt-get install openjdk-17-jre-headless)")
    made = Cluster(tmp_path_factory.mktemp("spark"))
    try:
        made.add_worker()
        made.add_worker()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def spark(cluster: Cluster) -> Iterator[SparkSession]:
    """A session on both workers."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder.master(cluster.url).appName("tests")
    for name, value in {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "600m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        wait_for_executors(session, 2)
        yield session
    finally:
        session.stop()
