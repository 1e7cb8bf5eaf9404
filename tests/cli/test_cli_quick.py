"""Values that are told without typer are those that typer would tell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from dedup.cli.app import app
from dedup.cli.quick import quick

VALUES = ["", "-", "10", "007", "1_0", "+3", " 4 ", "2.5", "x", "\udcff", "é", "٣", "9" * 30]
VALUES += ["html", "HTML", "origin", "jsonl", "local", "links"]
NUMBERS = [-1, 0, 5, 70_000, 0.05, 30.0, 1e9]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
PARAMETERS = [
    pytest.param(one, id=f"{name} {one.name}") for name, verb in COMMANDS.items() for one in verb.params if one.name
]


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_what_is_told_quickly_is_what_typer_says(parameter: Any, tmp_path: Path) -> None:
    if not hasattr(parameter, "get_runtime_param"):
        pytest.skip("this typer asks nobody")
    kind, info = parameter.type_descriptor.annotation, parameter.type_descriptor.parameter_info
    closed = tmp_path / "closed"
    closed.touch(0)
    values = [*VALUES, *NUMBERS, Path("a"), str(closed), str(tmp_path), parameter.default]
    given = parameter.get_runtime_param()
    told = 0
    for value in values:
        found = quick(value, kind, info)
        if found is not None:
            told += 1
            said = given.coerce(value, param=parameter, ctx=None)
            assert (type(found), found) == (type(said), said)
    assert told or kind is bool or parameter.multiple or parameter.nargs == -1


def test_a_limit_that_is_out_of_bounds_is_for_typer() -> None:
    info = SimpleNamespace(min=1, max=None)
    assert [quick(value, int, info) for value in ("1", "0", True, 1.0)] == [1, None, None, None]


def test_a_query_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    articles = tmp_path / "a.jsonl"
    articles.write_text(json.dumps({"id": "one", "text": " ".join(f"word{i}" for i in range(200))}), encoding="utf-8")
    index = str(tmp_path / "index")
    ran = [sys.executable, "-m", "dedup"]
    subprocess.run([*ran, "index", str(articles), "-i", index], check=True, capture_output=True)
    code = (
        "import sys\n"
        "from dedup.cli import main\n"
        f"sys.argv = ['dedup', 'query', {str(articles)!r}, '-i', {index!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'numba', 'scipy', 'pandas', 'pyarrow.compute', 'email', 'numpy.ma'}\n"
        "heavy &= {name for name, module in sys.modules.items() if module}\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "same copy" in told.stdout
    assert (told.returncode, told.stderr) == (0, "")
