"""`dedup bench`: figures that agree with each other, a table, an earlier result beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from dedup import bench as benching
from dedup.bench import Benchmark, bench, compare, read
from dedup.cli.app import app
from dedup.errors import UsageError
from dedup.model import Progress
from dedup.report import forms

PARTS = ("shingle", "signature", "anchors")
KEYS: dict[str, set[str]] = {
    "": {
        *("format", "when", "machine", "articles", "seconds"),
        *("loops", "pipeline", "queries", "singles", "memory"),
    },
    "machine": {"processor", "cores", "memory", "system", "python", "numpy", "arrow", "numba", "dedup"},
    "pipeline": {"articles", "bytes", "stories", "seconds", "articles_per_second", "stages"},
    "queries": {"count", "found", "p50_ms", "p99_ms"},
    "singles": {"count", "median_ms"},
    "memory": {"peak", "index", "index_per_article"},
}
LOOP = {"script", "threads", "articles", "bytes", "shingles", *PARTS, "all"}
PART = {"seconds", "mb_per_second", "articles_per_second", "ns_per_shingle"}


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["bench", *arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dedup bench --json` printed; nothing else of that run is left."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        said = run("--articles", "120", "--json")
    assert (list(folder.iterdir()), said.stderr) == ([], "")
    path = folder / "before.json"
    path.write_text(said.stdout, encoding="utf-8")
    return path


@pytest.fixture
def told(before: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(before.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def as_before(before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is measured from here on comes out as it did before."""
    result = read(before)
    monkeypatch.setattr(benching, "bench", lambda articles, progress: result)


def altered(told: dict[str, Any], path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_json_has_the_same_names_in_every_run(told: dict[str, Any]) -> None:
    assert set(told) == KEYS[""]
    assert {name: set(told[name]) for name in KEYS if name} == {name: KEYS[name] for name in KEYS if name}
    assert [set(loop) for loop in told["loops"]] == [LOOP] * 4
    assert [set(loop[part]) for loop in told["loops"] for part in (*PARTS, "all")] == [PART] * 16
    assert [(loop["script"], loop["threads"]) for loop in told["loops"]] == [
        ("latin", 1),
        ("latin", 2),
        ("devanagari", 1),
        ("devanagari", 2),
    ]


def test_the_hot_loops_figures_agree_with_each_other(told: dict[str, Any]) -> None:
    for loop in told["loops"]:
        for part in (loop[name] for name in (*PARTS, "all")):
            assert part["seconds"] > 0
            # Seconds are printed with six decimals, which are few digits for so few articles.
            for rate, count in (
                (part["articles_per_second"], loop["articles"]),
                (part["mb_per_second"], loop["bytes"] / 1e6),
                (1e9 / part["ns_per_shingle"], loop["shingles"]),
            ):
                assert rate * part["seconds"] == pytest.approx(count, rel=1e-4, abs=rate * 1e-6)
        assert sum(loop[name]["seconds"] for name in PARTS) == pytest.approx(loop["all"]["seconds"], abs=1e-5)


def test_the_pipelines_figures_agree_with_each_other(told: dict[str, Any]) -> None:
    pipeline = told["pipeline"]
    assert pipeline["articles"] == told["articles"] == 120
    assert pipeline["articles_per_second"] * pipeline["seconds"] == pytest.approx(120, rel=1e-3)
    # Kernels are compiled before, or that would be a stage.
    assert set(pipeline["stages"]) == {"read and index", "link", "stories"}
    assert min(pipeline["stages"].values()) > 0
    assert sum(pipeline["stages"].values()) == pytest.approx(pipeline["seconds"], abs=1e-5)
    assert 0 < pipeline["stories"] < 120
    assert told["seconds"] > pipeline["seconds"]


def test_queries_single_articles_and_memory_are_measured(told: dict[str, Any]) -> None:
    queries, memory = told["queries"], told["memory"]
    assert 0 < queries["p50_ms"] <= queries["p99_ms"]
    assert queries["found"] == queries["count"] == 120
    assert told["singles"]["median_ms"] > 0
    assert memory["index_per_article"] == pytest.approx(memory["index"] / 120, rel=1e-6)
    assert told["pipeline"]["bytes"] / 2 < memory["index"] < memory["peak"] < told["machine"]["memory"]


def test_the_table_fits_80_columns_and_tells_every_part(before: Path, as_before: None) -> None:
    said = run("--compare", str(before))
    assert max(cell_len(line) for line in said.stdout.splitlines()) <= 80
    for word in ("The hot loop", "latin", "devanagari", *PARTS, "The pipeline", "read and index", "queries", "p99"):
        assert word in said.stdout
    assert "Beside the result of" in said.stdout
    assert said.stderr == ""


def test_beside_itself_every_ratio_is_one(before: Path, as_before: None) -> None:
    rows = run("--compare", str(before)).stdout.partition("Beside")[2].splitlines()[1:]
    assert rows.pop(0).split() == ["figure", "unit", "before", "now", "ratio"]
    assert len(rows) == 4 * 4 + 1 + 3 + 5
    assert {row.split()[-1] for row in rows} == {"1.00"}


def test_a_second_run_stands_beside_the_first(before: Path, told: dict[str, Any], tmp_path: Path) -> None:
    now = json.loads(run("--articles", "120", "--compare", str(before), "--json").stdout)
    for change in now["compared"]["changes"]:
        assert change["ratio"] == pytest.approx(change["now"] / change["before"], rel=1e-2, abs=1e-5)
    # What does not depend on the clock is the same again.
    same = ("articles", "bytes", "stories")
    assert [now["pipeline"][name] for name in same] == [told["pipeline"][name] for name in same]
    # What both print may be compared with in turn.
    again = tmp_path / "again.json"
    again.write_text(json.dumps(now), encoding="utf-8")
    assert forms.to_json(read(again)) == {name: value for name, value in now.items() if name != "compared"}


def test_more_a_second_is_better_and_more_time_is_worse(before: Path, told: dict[str, Any], tmp_path: Path) -> None:
    def twice(told: dict[str, Any]) -> None:
        told["pipeline"]["articles_per_second"] *= 2
        told["queries"]["p50_ms"] *= 2

    changed = read(altered(told, tmp_path / "now.json", twice))
    found = {change.name: change for change in compare(read(before), changed).changes}
    assert (found["pipeline"].ratio, found["pipeline"].gain) == (pytest.approx(2), pytest.approx(2))
    assert (found["query: median"].ratio, found["query: median"].gain) == (pytest.approx(2), pytest.approx(0.5))


def test_another_machine_is_told(told: dict[str, Any], as_before: None, tmp_path: Path) -> None:
    def elsewhere(told: dict[str, Any]) -> None:
        told["machine"]["processor"], told["articles"] = "Abacus \x1b[2J 3", 20_000

    said = run("--compare", str(altered(told, tmp_path / "other.json", elsewhere)))
    assert "not measured alike" in said.stderr
    assert "processor Abacus" in said.stderr
    assert "articles 20,000, now 120" in said.stderr
    assert "\x1b[2J" not in said.stderr


def _without(*names: str) -> Callable[[dict[str, Any]], object]:
    def change(told: Any) -> None:
        for name in names[:-1]:
            told = told[name]
        del told[names[-1]]

    return change


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "without a part": _without("queries"),
    "without a figure": _without("queries", "p50_ms"),
    "a word for a figure": lambda told: told["singles"].update(median_ms="fast"),
    "a truth for a figure": lambda told: told["singles"].update(count=True),
    "no figure": lambda told: told["singles"].update(median_ms=None),
    "less than nothing": lambda told: told["singles"].update(median_ms=-1),
    "endless": lambda told: told["singles"].update(median_ms=float("inf")),
    "beyond figures": lambda told: told["pipeline"].update(seconds=10**400),
    "no time": lambda told: told.update(when="yesterday"),
    "loops that are none": lambda told: told.update(loops=[1, 2]),
}


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    def bench(*_: object, **__: object) -> Benchmark:
        raise AssertionError("measured before the file was looked at")

    monkeypatch.setattr(benching, "bench", bench)


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_result_that_is_not_whole_is_refused_before_anything_is_measured(
    change: Callable[[dict[str, Any]], object], told: dict[str, Any], unmeasured: None, tmp_path: Path
) -> None:
    path = altered(told, tmp_path / "wrong.json", change)
    said = run("--compare", str(path), code=3).stderr
    assert said == f"dedup: {path} is no result of dedup bench: write one with `dedup bench --json > before.json`\n"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"id\tstory\n", b"\xff\xfe", b"[" * 100_000, b"7"])
def test_another_file_is_refused(content: bytes, unmeasured: None, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    assert "is no result of dedup bench: write one with" in run("--compare", str(path), code=3).stderr


def test_no_file_a_folder_and_another_format_are_refused(
    told: dict[str, Any], unmeasured: None, tmp_path: Path
) -> None:
    assert "does not exist: write one with" in run("--compare", str(tmp_path / "none.json"), code=3).stderr
    assert "is no result of dedup bench" in run("--compare", str(tmp_path), code=3).stderr
    path = altered(told, tmp_path / "next.json", lambda told: told.update(format=2))
    assert "is a result of another dedup, format 2: write one with" in run("--compare", str(path), code=3).stderr


def test_the_command_line_takes_as_many_articles_as_the_function() -> None:
    assert f"[default: {benching.ARTICLES}]" in run("--help").stdout


def test_too_few_articles_are_a_mistake_of_usage() -> None:
    with pytest.raises(UsageError, match="99 articles tell nothing"):
        bench(99)
    assert "take 100 or more" in run("--articles", "-1", code=2).stderr


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "dedup", "bench"],
        env={**os.environ, "TMPDIR": str(aside)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not list(aside.glob("*/warm/manifest.json")):
        assert time.monotonic() < until
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, "", "")
    assert list(aside.iterdir()) == []


def test_progress_tells_what_is_being_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        pass

    stages: list[str] = []

    def progress(now: Progress) -> None:
        stages.append(now.stage)
        if now.stage == "queries":
            raise Enough

    with pytest.raises(Enough):
        bench(100, progress=progress)
    assert stages[0] == "warm up"
    after = list(dict.fromkeys(stages[stages.index("make articles up") :]))
    assert after == ["make articles up", "read and index", "link", "stories", "queries"]
