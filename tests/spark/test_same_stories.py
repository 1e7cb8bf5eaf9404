"""Spark tells the stories and links that one machine tells, whatever the order and partitions, and whoever dies."""

from __future__ import annotations

import gzip
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import articles
import pytest
from standalone import Cluster, executors, wait_for_executors
from storm_articles import Storm

import dedup
from dedup import export
from dedup.demo import CORPUS
from dedup.errors import EmptyInput, LargeStory

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from dedup.spark import Clustered

pytestmark = pytest.mark.spark
REAL = Path(os.environ.get("DEDUP_REAL_ARTICLES", ""))
Tables = dict[str, list[str]]
Records = list[dict[str, Any]]


def demo() -> Records:
    with CORPUS.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def storms() -> Records:
    """Articles among which some hundred share a paragraph, some a footer, and some are one story."""
    found = list(articles.articles(150, day=150))
    for kind, count in (("paragraph", 100), ("footer", 90), ("story", 150)):
        for batch in Storm(kind, count, planted=5).batches():
            found += [{**one, "id": f"{kind}-{one['id']}"} for one in batch.to_pylist()]
    return found


def real() -> Records:
    found = []
    for path in sorted(REAL.glob("*.jsonl.gz")):
        with gzip.open(path) as lines:
            found += [json.loads(line) for line in lines]
    return found


def of_one_machine(folder: Path, records: Records) -> Tables:
    index = dedup.Index.create(folder / "index")
    index.add(records)
    read = {"articles": index.export("articles"), "links": index.export("links")}
    return {name: lines(reader.read_all().to_pylist()) for name, reader in read.items()} | {
        "stories": lines(export.stories(index.snapshot, 2).read_all().to_pylist())
    }


def of_spark(spark: SparkSession, folder: Path, records: Records, partitions: int, seed: int | None = None) -> Tables:
    return collected(clustered(spark, folder, records, partitions, seed))


def clustered(
    spark: SparkSession, folder: Path, records: Records, partitions: int, seed: int | None = None
) -> Clustered:
    from dedup.spark import cluster

    given = list(records)
    if seed is not None:
        random.Random(seed).shuffle(given)
    folder.mkdir(exist_ok=True)
    path = folder / "given.jsonl"
    path.write_text("".join(json.dumps(one, default=str) + "\n" for one in given), encoding="utf-8")
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
    frame = spark.read.text(str(path), lineSep="\n").withColumnRenamed("value", "jsonl").repartition(partitions)
    return cluster(frame, work=str(folder / "work"))


def collected(found: Clustered) -> Tables:
    return {name: lines(getattr(found, name).toArrow().to_pylist()) for name in ("articles", "links", "stories")}


def lines(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as JSON, in an order of their own."""
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


@pytest.fixture(scope="module")
def of_demo(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return of_one_machine(tmp_path_factory.mktemp("demo"), demo())


@pytest.mark.parametrize(("partitions", "seed"), [(3, None), (16, 1), (64, 2)])
def test_the_demo_corpus_has_the_same_stories_and_links_in_any_order_and_partitions(
    spark: SparkSession, tmp_path: Path, of_demo: Tables, partitions: int, seed: int | None
) -> None:
    assert of_spark(spark, tmp_path, demo(), partitions, seed) == of_demo


def test_crowds_boilerplate_and_notices_are_those_of_one_machine(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dedup.spark import measuring

    monkeypatch.setattr(measuring, "_CELL", 16)  # representatives' pairs go to several tasks
    found = of_spark(spark, tmp_path / "spark", storms(), 5, seed=3)
    assert found == of_one_machine(tmp_path / "local", storms())
    index = dedup.Index.open(tmp_path / "local" / "index")
    kept = index._store.crowds()
    assert kept is not None and len(set(kept["masked"].to_pylist())) == 2  # both kinds were there


def test_of_one_id_the_article_published_last_stays_and_broken_records_are_told(
    spark: SparkSession, tmp_path: Path
) -> None:
    good = demo()[:12]
    older = [{**one, "published": "2001-01-01", "text": "Older. " + one["text"]} for one in good[:5]]
    broken: Records = [{"id": "empty", "text": " "}, {"id": "none"}]
    found = clustered(spark, tmp_path / "spark", [*good, *older, *broken], 3, seed=6)
    assert (found.replaced, sum(found.rejected.values())) == (5, 2)
    assert collected(found) == of_one_machine(tmp_path / "local", good)


def test_more_than_one_task_may_hold_is_told_with_what_to_do(spark: SparkSession, tmp_path: Path) -> None:
    from dedup.spark import cluster

    frame = spark.createDataFrame([(one["id"], one["text"]) for one in demo()], "id string, text string")
    with pytest.raises(LargeStory, match="--largest"):
        cluster(frame, work=str(tmp_path), largest=1)


def test_input_without_an_article_is_told(spark: SparkSession, tmp_path: Path) -> None:
    from dedup.spark import cluster

    with pytest.raises(EmptyInput):
        cluster(spark.createDataFrame([], "id string, text string"), work=str(tmp_path))


@pytest.mark.skipif(not REAL.name, reason="DEDUP_REAL_ARTICLES names no folder of JSONL files with id and text")
def test_real_articles_have_the_same_stories_and_links(spark: SparkSession, tmp_path: Path) -> None:
    wanted = of_one_machine(tmp_path / "local", real())
    for partitions, seed in ((3, None), (16, 4), (64, 5)):
        assert of_spark(spark, tmp_path / f"spark-{partitions}", real(), partitions, seed=seed) == wanted


@pytest.fixture
def another_worker(cluster: Cluster, spark: SparkSession) -> Iterator[None]:
    yield
    cluster.add_worker()
    wait_for_executors(spark, 2)


@pytest.mark.usefixtures("another_worker")
def test_a_job_of_which_a_worker_is_killed_ends_with_the_same_result(
    spark: SparkSession, cluster: Cluster, tmp_path: Path, of_demo: Tables
) -> None:
    killed: list[int] = []

    def kill() -> None:
        # Its share of bodies is on its disk alone, but for what was written down.
        while not (tmp_path / "work" / "temporary" / "bodies" / "_SUCCESS").exists():
            time.sleep(0.02)
        time.sleep(0.3)
        cluster.kill_worker()
        killed.append(executors(spark))

    killer = threading.Thread(target=kill)
    killer.start()
    found = clustered(spark, tmp_path, demo(), 16)
    assert killed, "the job was done before the worker was"
    killer.join()
    assert executors(spark) == 1
    assert collected(found) == of_demo
