"""`dedup cluster` on one machine, and what both engines and `dedup import` refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from newsroom import STORY, made
from typer.testing import CliRunner, Result

from dedup.cli.app import app


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in STORY), encoding="utf-8")
    return path


def test_the_tables_are_those_of_an_index(given: Path, tmp_path: Path) -> None:
    assert run("cluster", given, "-o", tmp_path / "out").exit_code == 0
    index = made(tmp_path, STORY)
    for name in ("articles", "links"):
        assert pq.read_table(tmp_path / "out" / name).to_pylist() == index.export(name).read_all().to_pylist()
    assert [row["articles"] for row in pq.read_table(tmp_path / "out" / "stories").to_pylist()] == [4]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles.jsonl", "index", "out"]


def test_a_folder_that_is_there_is_left_alone(given: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    result = run("cluster", given, "-o", tmp_path / "out")
    assert (result.exit_code, list((tmp_path / "out").iterdir())) == (2, [])


def test_a_master_without_spark_is_refused(given: Path, tmp_path: Path) -> None:
    assert run("cluster", given, "--master", "local[1]", "-o", tmp_path / "out").exit_code == 2


def test_spark_that_is_not_installed_is_named(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    result = run("cluster", given, "--engine", "spark", "-o", tmp_path / "out")
    assert (result.exit_code, "wire-dedup[spark]" in result.output) == (1, True)


def test_a_result_of_one_machine_is_no_index(given: Path, tmp_path: Path) -> None:
    run("cluster", given, "-o", tmp_path / "out")
    result = run("import", tmp_path / "out", "-i", tmp_path / "index")
    assert (result.exit_code, "only --engine spark" in result.output) == (3, True)
    assert not (tmp_path / "index").exists()
