"""The same stories where one machine is not enough: the stages as DataFrames on Apache Spark."""

from __future__ import annotations

from dedup.spark.engine import LARGEST, Clustered, cluster

__all__ = ["LARGEST", "Clustered", "cluster"]
