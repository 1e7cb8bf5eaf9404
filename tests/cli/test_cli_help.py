"""Help that is there, is right and is quick."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dedup.cli import inputs, options
from dedup.cli.app import app

VERBS = (
    *("index", "query", "stories", "story", "export", "compare", "clean", "remove", "compact", "check", "info"),
    *("cluster", "import", "evaluate", "tune", "demo", "outlets", "report", "templates", "serve", "watch", "bench"),
)
README = Path(__file__).parents[2] / "README.md"


def help_of(*arguments: str) -> str:
    result = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0
    return result.stdout


def test_the_commands_are_those_of_the_tests() -> None:
    listed = re.findall(r"^  (\w+)  ", help_of().partition("Commands:")[2], re.MULTILINE)
    assert sorted(listed) == sorted(VERBS)


def test_no_line_of_the_list_of_commands_is_cut() -> None:
    assert "..." not in help_of().partition("Commands:")[2]


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_shows_an_example_of_itself(verb: str) -> None:
    assert re.search(rf"^  Example: dedup {verb}\b", help_of(verb), re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_in_an_example_exists(verb: str) -> None:
    example = help_of(verb).partition("Example:")[2].partition("\nArguments:")[0].partition("\nOptions:")[0]
    for command, arguments in re.findall(r"dedup (\w+)([^|&;>\n]*)", example):
        defined = help_of(command).partition("Options:")[2]
        for option in re.findall(r" (--?[a-z][a-z-]*)", arguments):
            assert re.search(rf"{option}\b", defined), f"{command} {option}"


@pytest.mark.parametrize("verb", VERBS)
def test_the_readme_names_every_command(verb: str) -> None:
    assert re.search(rf"^\| `dedup {verb}\b", README.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS)
def test_the_readme_shows_an_example_of_every_command(verb: str) -> None:
    """In the row of its table, and with options that the command has."""
    (row,) = re.findall(rf"^\| `dedup {verb}\b.*", README.read_text(encoding="utf-8"), re.MULTILINE)
    examples = re.findall(rf"`(dedup {verb}(?: [^`]*)?)`", row.split(" | ")[-1])
    assert examples, row
    defined = help_of(verb)
    for example in examples:
        for option in re.findall(r" (--?[a-z][a-z-]*)", example):
            assert re.search(rf"{option}\b", defined), example


def test_no_arguments_give_help_and_a_version_is_told() -> None:
    assert "Commands:" in CliRunner().invoke(app, []).stdout
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("dedup")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["index", "--help"], ["stories", "--min-size", "x"]])
def test_help_and_usage_errors_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from dedup.cli.app import app\n"
        f"try: app({arguments!r})\n"
        "except SystemExit: pass\n"
        "heavy = {'pyarrow', 'numba', 'numpy', 'datasketch', 'rich', 'dedup.model'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr.splitlines()[-1:] if ran.returncode else []) == (0, [])


def test_values_of_options_are_those_of_the_library() -> None:
    from dedup import clustering, keep, model
    from dedup.report import tables
    from dedup.stages import read

    def values(names: type[StrEnum]) -> list[str]:
        return [name.value for name in names]

    assert values(options.Kind) == values(model.Kind)
    assert values(options.SourceFormat) == values(read.Format)
    assert values(options.TableFormat) == values(tables.Format)
    assert values(options.Engine) == list(clustering.ENGINES)
    assert inputs.MOST == read.limits.TEXT
    assert values(options.Keep) == values(keep.Keep)
    assert values(options.Export) == list(keep.TABLES)
    assert values(options.ListFormat) == ["table", *values(tables.Format)]
