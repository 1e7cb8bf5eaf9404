"""How a command ends: its code, and what it says on the way out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dedup
from dedup import errors
from dedup.cli.app import app

RUN = "from dedup.cli import main; main()"
ENDS = [
    (errors.NoIndex(path="x"), 3, "dedup: There is no index at x"),
    (errors.NotFound(what="story", id="s", path="x"), 3, "dedup: No story s in x."),
    (errors.ForgottenCommit(since=3, oldest=17, path="x"), 3, "the oldest commit to ask for is 17"),
    (errors.DamagedIndex(file="x", offset=3), 4, "dedup: x is damaged at byte 3: run `dedup check --repair`."),
    (
        errors.DamagedIndex(file="manifest.json", offset=3),
        4,
        "cannot be repaired: restore the folder from a copy",
    ),
    (errors.IndexLocked(path="x", pid=7), 5, "dedup: x is being written by process 7"),
    (errors.NoSpace(file="x"), 6, "dedup: No space is left"),
    (errors.MissingExtra(feature="HTML", extra="html"), 1, "pip install 'wire-dedup[html]'"),
    (OSError(28, "No space left on device", "y"), 6, "write y"),
    (PermissionError(13, "Permission denied", "y"), 1, "dedup: Permission denied: y"),
    (errors.UsageError(problem="\x1b[2Jbad"), 2, "dedup:  [2Jbad"),
    (KeyboardInterrupt(), 130, ""),
    (BrokenPipeError(), 0, ""),
]


def run(code: str, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )  # type: ignore[call-overload]


@pytest.mark.parametrize(("error", "code", "said"), ENDS, ids=lambda value: type(value).__name__)
def test_every_error_has_its_code_and_its_message(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        @staticmethod
        def open(path: Path) -> None:
            raise error

    monkeypatch.setattr(dedup, "Index", Failing, raising=False)
    monkeypatch.setattr("dedup.cli.app._silence", lambda: None)
    result = CliRunner().invoke(app, ["info"])
    assert result.exit_code == code
    assert said in result.stderr
    assert (result.stdout, bool(result.stderr)) == ("", bool(said))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["index"], "nothing to index: name files or folders, or - for JSONL"),
        (["index", "x.jsonl", "--map", "text"], "--map text: write FIELD=COLUMN"),
        (["query", "x.txt", "--text", "y"], "more than one query"),
        (["stories", "--min-size", "0"], "--min-size"),
        (["export", "pages"], "pages"),
        (["storys"], "Did you mean"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = CliRunner(env={"DEDUP_INDEX": str(tmp_path / "index")}).invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_fault_of_ours_is_told_shortly_and_in_full_on_request() -> None:
    code = f"import dedup.cli.inputs as i; i.text = lambda path: 1 / 0; {RUN}"
    short = run(code, "clean", "x")
    _, said = short.communicate(timeout=60)
    assert short.returncode == 1
    assert b"unexpected ZeroDivisionError" in said
    assert b"DEDUP_DEBUG=1" in said
    assert b"Traceback" not in said
    full = run(code, "clean", "x", env={"DEDUP_DEBUG": "1", "PYTHONPATH": ":".join(sys.path)})
    assert b"Traceback" in full.communicate(timeout=60)[1]


def test_control_c_ends_with_130_and_no_traceback() -> None:
    code = (
        "import os, signal, time, dedup.cli.inputs as i\n"
        "i.text = lambda path: (os.kill(os.getpid(), signal.SIGINT), time.sleep(9))\n" + RUN
    )
    process = run(code, "clean", "x")
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("The river authority opened two gates of the dam on Tuesday after rain.\n\n" * 20_000)
    process = run(RUN, "clean", str(page), "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"{\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 0
    process.stderr.close()


def test_a_reader_that_leaves_before_the_first_line_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One sentence for the index, and no more.")
    index = run(RUN, "index", str(tmp_path / "a.txt"), "-i", str(tmp_path / "index"))
    assert index.stdout is not None
    index.stdout.close()
    assert index.stderr is not None
    said = index.stderr.read()
    index.stderr.close()
    assert (index.wait(timeout=60), said) == (0, b"")
    assert len(dedup.Index.open(tmp_path / "index")) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_ends_with_6(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("The river authority opened two gates of the dam on Tuesday.")
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-c", RUN, "clean", str(page)],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 6
    assert ran.stderr.startswith(b"dedup: No space is left to write standard output")
