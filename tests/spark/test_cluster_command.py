"""`dedup cluster` writes the same tables from one machine and from Spark; `dedup import` makes an index of these."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from standalone import Cluster
from test_same_stories import storms
from typer.testing import CliRunner

import dedup
from dedup.cli.app import app
from dedup.corpus import Corpus
from dedup.demo import CORPUS
from dedup.linking import crowds
from dedup.telling import derive, members

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("spark")]
_TABLES = ("articles", "links", "stories")


def ran(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(folder: Path) -> list[str]:
    table = pq.read_table(folder)
    return sorted(json.dumps(row, sort_keys=True) for row in table.to_pylist())


def exported(index: dedup.Index, what: str) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in index.export(what).read_all().to_pylist())


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("given") / "articles.jsonl"
    path.write_text("".join(json.dumps(one, default=str) + "\n" for one in storms()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def of_spark(cluster: Cluster, spark: Any, given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spark.conf.set("spark.sql.shuffle.partitions", "4")
    output = tmp_path_factory.mktemp("spark") / "output"
    ran("cluster", given, "--engine", "spark", "--master", cluster.url, "-o", output)
    return output


def test_both_engines_write_the_same_tables(given: Path, of_spark: Path, tmp_path: Path) -> None:
    ran("cluster", given, "-o", tmp_path / "local")
    for name in _TABLES:
        assert pq.read_table(of_spark / name).schema.equals(pq.read_table(tmp_path / "local" / name).schema)
        assert rows(of_spark / name) == rows(tmp_path / "local" / name)


def test_only_the_tables_and_what_an_import_needs_stay(of_spark: Path) -> None:
    assert sorted(path.name for path in of_spark.iterdir()) == sorted([*_TABLES, "index"])


def test_an_imported_index_is_what_indexing_makes(given: Path, of_spark: Path, tmp_path: Path) -> None:
    ran("import", of_spark, "-i", tmp_path / "imported")
    ran("index", given, "-i", tmp_path / "indexed")
    assert json.loads(ran("check", "-i", tmp_path / "imported", "--json"))["damaged"] == []
    imported, indexed = (dedup.Index.open(tmp_path / name) for name in ("imported", "indexed"))
    for name in _TABLES:
        assert exported(imported, name) == exported(indexed, name)
    text = storms()[3]["text"]
    asked = [index.query(text) for index in (imported, indexed)]
    assert asked[0] == asked[1]


def test_what_an_import_keeps_is_what_it_would_derive(of_spark: Path, tmp_path: Path) -> None:
    store = dedup.Index.imported(of_spark, tmp_path / "index")._store
    corpus, kept = Corpus(store), members.current(store)
    assert kept is not None
    assert crowds.load(corpus).same_as(crowds.anew(corpus))
    wanted = members.told(derive.anew(store)).sort_by([("story", "ascending")])
    assert sorted(map(str, kept.table().to_pylist())) == sorted(map(str, wanted.to_pylist()))


def test_an_imported_index_takes_more_articles(given: Path, of_spark: Path, tmp_path: Path) -> None:
    index = dedup.Index.imported(of_spark, tmp_path / "imported")
    other = dedup.Index.create(tmp_path / "indexed")
    other.add(given)
    more = [{"id": f"more-{i}", "text": one["text"] + "\nMore of it."} for i, one in enumerate(storms()[::9])]
    index.add(more)
    other.add(more)
    assert exported(index, "articles") == exported(other, "articles")


def test_input_that_is_not_there_is_named(cluster: Cluster, tmp_path: Path) -> None:
    options = ("--engine", "spark", "--master", cluster.url, "-o", str(tmp_path / "out"))
    result = CliRunner().invoke(app, ["cluster", str(tmp_path / "nothing.jsonl"), *options])
    assert (result.exit_code, "nothing.jsonl does not exist" in result.output) == (3, True), result.output


def test_a_table_without_a_text_is_told(cluster: Cluster, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "words": ["b"]}), tmp_path / "given.parquet")
    options = ("--engine", "spark", "--master", cluster.url, "-o", str(tmp_path / "out"))
    result = CliRunner().invoke(app, ["cluster", str(tmp_path / "given.parquet"), *options])
    assert (result.exit_code, "--map text=COLUMN" in result.output) == (3, True), result.output


def test_templates_learnt_on_spark_are_those_that_compaction_learns(cluster: Cluster, tmp_path: Path) -> None:
    ran("cluster", CORPUS, "--learn", "--engine", "spark", "--master", cluster.url, "-o", tmp_path / "spark")
    ran("import", tmp_path / "spark", "-i", tmp_path / "imported")
    ran("index", CORPUS, "-i", tmp_path / "indexed")
    ran("compact", "-i", tmp_path / "indexed")
    imported, indexed = (dedup.Index.open(tmp_path / name) for name in ("imported", "indexed"))
    assert imported.templates() == indexed.templates() != []
    for name in _TABLES:
        assert exported(imported, name) == exported(indexed, name)
    ran("cluster", CORPUS, "--learn", "-o", tmp_path / "local")
    for name in _TABLES:
        assert rows(tmp_path / "spark" / name) == rows(tmp_path / "local" / name)
    imported.compact()
    assert imported.templates() == indexed.templates()
