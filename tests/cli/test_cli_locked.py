"""An index that another process is writing."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from newsroom import STORY, article, made
from texts import prose
from typer.testing import CliRunner

import dedup
from dedup.cli.app import app
from dedup.errors import IndexLocked

WRITES: dict[str, Callable[[dedup.Index], object]] = {
    "index": lambda index: index.add([article("new", prose(9))]),
    "remove": lambda index: index.remove(["full"]),
    "compact": lambda index: index.compact(),
    "repair": lambda index: index.check(repair=True),
}
COMMANDS = [
    ["index", "-"],
    ["remove", "full"],
    ["remove", "--before", "2030-01-01"],
    ["compact"],
    ["check", "--repair"],
]


@contextlib.contextmanager
def another_writer(folder: Path) -> Iterator[int]:
    """A process that indexes from a pipe that does not end, once it has the lock; gives its id."""
    command = [sys.executable, "-m", "dedup", "index", "-", "-i", str(folder / "index")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        lock = folder / "index" / "lock"
        while lock.read_text().strip() != str(process.pid):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process.pid
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("write", WRITES)
def test_a_second_writer_is_refused_within_a_tenth_of_a_second(write: str, tmp_path: Path) -> None:
    made(tmp_path, STORY)
    with another_writer(tmp_path) as pid:
        for _ in range(2):  # the first call loads modules
            start = time.monotonic()
            index = dedup.Index.open(tmp_path / "index")
            with pytest.raises(IndexLocked) as refused:
                WRITES[write](index)
            took = time.monotonic() - start
        assert took < 0.1
        assert refused.value.fields["pid"] == pid
        assert len(index.stories()) == 1


def test_every_command_that_writes_ends_with_5_and_names_the_writer(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    runner = CliRunner(env={"DEDUP_INDEX": str(tmp_path / "index")})
    with another_writer(tmp_path) as pid:
        for command in COMMANDS:
            result = runner.invoke(app, command, input='{"id": "new", "text": "Some words of a new text."}\n')
            assert (result.exit_code, result.stdout) == (5, ""), command
            assert f"is being written by process {pid}: wait until it ends" in result.stderr
        for command in (["stories"], ["info"], ["check"], ["query", "--id", "full"]):
            assert runner.invoke(app, command).exit_code == 0, command


def test_a_writer_that_was_killed_leaves_the_index_to_the_next_one(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    with another_writer(tmp_path):
        pass
    assert index.remove(["full"]) == 1
