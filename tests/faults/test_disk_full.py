"""A full disk ends a command with code 6; the last commit stays readable, and the next run leaves nothing behind."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from forks import Forks
from newswire import Change, apply, edition, exported, leftovers
from typer.testing import CliRunner

import dedup
from dedup.cli.app import app, main
from dedup.errors import NoSpace
from dedup.store import Store
from dedup.store.directory import MemoryDirectory, Operation

_BEGINNING: list[Change] = [
    {"put": {f"report-{i}": 1 for i in range(12)}},
    {"put": {"report-3": 2, "report-20": 2}},
    {"remove": ["report-5"]},
    # So many small segments that one more makes a merge due.
    *({"put": {f"report-{i}": 3}} for i in range(21, 27)),
]
_CHANGES: dict[str, Change] = {
    "add": {"put": {"report-30": 4, "report-31": 4}},
    "replace": {"put": {"report-0": 4, "report-20": 4}},
    "remove": {"remove": ["report-1", "report-20"]},
    "compact": {"compact": True},
}


def written(path: Path, ids: range) -> Path:
    rows = [edition(f"report-{i}", 9) for i in ids]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def command(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stderr


@pytest.fixture(scope="module")
def intact() -> dict[str, bytes]:
    """The files of an index with all that one can have: many segments, deletes, stories."""
    directory = MemoryDirectory()
    index = dedup.Index(Store.create(directory))
    for change in _BEGINNING:
        apply(index, change)
    return {name: bytes(data) for name, data in directory.files.items()}


def full_from(at: int) -> tuple[Callable[[Operation], None], list[Operation]]:
    """A disk that has no space from the at-th write on, and the writes that it was asked for."""
    asked: list[Operation] = []

    def before(operation: Operation) -> None:
        if operation[0] in {"mkdir", "create", "write"}:
            asked.append(operation)
            if len(asked) >= at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return before, asked


@pytest.mark.parametrize("step", [37, pytest.param(1, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("what", _CHANGES)
def test_no_space_at_any_write_leaves_the_last_commit_and_the_next_run_clears_up(
    intact: dict[str, bytes], what: str, step: int
) -> None:
    before = exported(dedup.Index(Store.open(MemoryDirectory(intact))))
    healthy, writes = full_from(10**9)
    index = dedup.Index(Store.open(MemoryDirectory(intact, healthy)))
    apply(index, _CHANGES[what])
    after = exported(index)
    assert len(writes) > 3

    for at in [*range(1, len(writes), step), len(writes)]:
        full, _ = full_from(at)
        directory = MemoryDirectory(intact, full)
        index = dedup.Index(Store.open(directory))
        # A merge that was due has a commit of its own, after that of the change; what it lacks, it tries again.
        refused = None
        try:
            apply(index, _CHANGES[what])
        except NoSpace as error:
            refused = error
        committed = any(operation[0] == "rename" for operation in directory.log)
        assert committed == (refused is None)
        assert committed or "the last commit is intact" in str(refused)

        if at % 3 == 1:  # of the object that met the full disk, too
            assert exported(index) == (after if committed else before)
        emptied = MemoryDirectory({name: bytes(data) for name, data in directory.files.items()})
        index = dedup.Index(Store.open(emptied))
        assert exported(index) == (after if committed else before)
        apply(index, _CHANGES[what])
        assert exported(index) == after
        assert len(emptied.list()) == index.check().files + 1


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes, or a skip where mounting is refused."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "dedup-test", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system to be had: {mounted.stderr.decode().strip() or 'mount failed'}")
    try:
        yield folder
    finally:
        # An index of this process may still have files of it mapped: so it goes when they do.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="needs Linux's tmpfs")
def test_a_small_disk_that_fills_ends_with_6_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    first = written(tmp_path / "first.jsonl", range(40))
    more = written(tmp_path / "more.jsonl", range(40, 400))
    with small_disk(tmp_path / "disk", 2 << 20) as disk:
        folder, ballast = disk / "index", disk / "ballast"
        for arguments in (["index", first], ["remove", "report-0"]):
            assert command(*arguments, "-i", folder)[0] == 0
        before = exported(dedup.Index.open(folder))
        room = os.statvfs(disk)
        for left in (250_000, 20_000, 0):
            ballast.write_bytes(bytes(max(room.f_bavail * room.f_frsize - left, 0)))
            for arguments in (["index", more], ["remove", "report-3"], ["compact"]):
                if left and arguments[0] != "index":
                    continue
                code, said = command(*arguments, "-i", folder)
                assert (code, said.startswith("dedup: No space is left to write ")) == (6, True), said
                assert "the last commit is intact" in said
                assert exported(dedup.Index.open(folder)) == before
                assert dedup.Index.open(folder).check().damaged == ()

        ballast.unlink()
        assert command("remove", "report-3", "-i", folder)[0] == 0
        assert leftovers(folder) == 0
        assert [row["id"] for row in exported(dedup.Index.open(folder))] == sorted(
            row["id"] for row in before if row["id"] != "report-3"
        )


def limited(tell: Any, size: int, arguments: list[str]) -> None:
    """Run a command in a process whose files may have so many bytes each."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    sys.argv = ["dedup", *arguments]
    main()


def test_a_limit_on_the_size_of_files_ends_with_6_and_the_next_run_leaves_nothing(warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert command("index", written(tmp_path / "first.jsonl", range(20)), "-i", folder)[0] == 0
    before = exported(dedup.Index.open(folder))
    more = written(tmp_path / "more.jsonl", range(20, 300))

    said = tmp_path / "said"
    for size in (1_000, 20_000, 60_000):
        child = warm.fork("test_disk_full:limited", size, ["index", str(more), "-i", str(folder)], said=said)
        assert child.end() == 6
        assert said.read_text(encoding="utf-8").startswith("dedup: No space is left to write ")
        assert exported(dedup.Index.open(folder)) == before

    assert command("index", more, "-i", folder)[0] == 0
    assert leftovers(folder) == 0
    assert len(dedup.Index.open(folder)) == 300
