"""`dedup watch`: what appears in a folder is indexed once it is whole, and only once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import desks
import pytest
from texts import prose

import dedup
from dedup.errors import MissingInput
from dedup.watch import Batch, Pending, watch


def jsonl(*ids: str) -> str:
    return "".join(json.dumps(desks.article(name, prose(len(name), 8))) + "\n" for name in ids)


class Watching:
    """watch() in a thread of this process."""

    def __init__(self, folder: Path, index: Path, **options: Any) -> None:
        self.batches: list[Batch] = []
        self.stop = threading.Event()

        def run() -> None:
            for batch in watch(folder, index, quiet=options.pop("quiet", 0.2), stop=self.stop, **options):
                self.batches.append(batch)

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "incoming").mkdir()
    return tmp_path / "incoming"


@pytest.fixture
def watching(folder: Path, tmp_path: Path) -> Iterator[Watching]:
    with Watching(folder, tmp_path / "index") as found:
        yield found


def held(tmp_path: Path) -> list[str]:
    try:
        table = dedup.Index.open(tmp_path / "index").export("articles").read_all()
    except dedup.DedupError:
        return []
    return sorted(table["id"].to_pylist())


def test_what_is_there_and_what_comes_is_indexed(folder: Path, tmp_path: Path) -> None:
    (folder / "there.jsonl").write_text(jsonl("a", "b"))
    os.utime(folder / "there.jsonl", (1, 1))
    with Watching(folder, tmp_path / "index") as found:
        desks.until(lambda: held(tmp_path) == ["a", "b"])
        (folder / "deep" / "deeper").mkdir(parents=True)
        (folder / "deep" / "deeper" / "later.jsonl").write_text(jsonl("c"))
        desks.until(lambda: held(tmp_path) == ["a", "b", "c"])
    assert [batch.files for batch in found.batches] == [1, 1]


def test_a_batch_is_one_commit(folder: Path, tmp_path: Path) -> None:
    for name in "abcde":
        (folder / f"{name}.jsonl").write_text(jsonl(name))
        os.utime(folder / f"{name}.jsonl", (1, 1))
    with Watching(folder, tmp_path / "index") as found:
        desks.until(lambda: len(held(tmp_path)) == 5)
    assert [(batch.files, batch.added.commit) for batch in found.batches if batch.added] == [(5, 1)]


def test_a_file_that_is_being_written_is_left_until_it_is_quiet(
    watching: Watching, folder: Path, tmp_path: Path
) -> None:
    desks.until((tmp_path / "index").exists)
    with (folder / "slow.jsonl").open("w") as file:
        for name in "abcdefgh":
            file.write(jsonl(name)[:-40])
            file.flush()
            threading.Event().wait(0.1)
            file.write(jsonl(name)[-40:])
    desks.until(lambda: len(held(tmp_path)) == 8)
    desks.until(lambda: any(batch.added for batch in watching.batches))  # told once the commit is made
    assert [batch.added.rejected for batch in watching.batches if batch.added] == [0]


def test_files_that_are_no_articles_cost_nothing(watching: Watching, folder: Path, tmp_path: Path) -> None:
    (folder / ".hidden.jsonl").write_text(jsonl("hidden"))
    (folder / "part.jsonl.tmp").write_text(jsonl("part"))
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "broken.jsonl").write_text("{\n")
    desks.until(lambda: watching.batches)
    assert watching.batches[0].added is None and "broken.jsonl" in str(watching.batches[0].reason)
    (folder / "good.jsonl").write_text(jsonl("good"))
    desks.until(lambda: held(tmp_path) == ["good"])


def test_an_index_inside_the_folder_is_not_watched(tmp_path: Path) -> None:
    with Watching(tmp_path, tmp_path / "index") as found:
        (tmp_path / "a.jsonl").write_text(jsonl("a"))
        desks.until(lambda: found.batches)
        threading.Event().wait(0.8)
    assert len(found.batches) == 1 and held(tmp_path) == ["a"]


def test_a_changed_file_is_read_again(watching: Watching, folder: Path, tmp_path: Path) -> None:
    (folder / "a.jsonl").write_text(jsonl("a"))
    desks.until(lambda: held(tmp_path) == ["a"])
    (folder / "a.jsonl").write_text(jsonl("a", "bb"))
    desks.until(lambda: held(tmp_path) == ["a", "bb"])


def test_another_writer_is_waited_for(folder: Path, tmp_path: Path) -> None:
    from dedup.store import FileDirectory, Store

    store = Store.create(FileDirectory(tmp_path / "index"))
    (folder / "a.jsonl").write_text(jsonl("a"))
    with Watching(folder, tmp_path / "index") as found:
        with store.writer():
            threading.Event().wait(1.0)
            assert found.batches == []
        desks.until(lambda: held(tmp_path) == ["a"])


def test_sigterm_ends_it_well_and_a_restart_adds_nothing_twice(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jsonl").write_text(jsonl("a", "b"))
    os.utime(folder / "a.jsonl", (1, 1))
    command = [sys.executable, "-m", "dedup", "watch", str(folder), "-i", str(tmp_path / "index"), "--quiet", "0.2"]
    added, commits = [], []
    for _ in range(2):
        process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout and process.stderr
        told = json.loads(process.stdout.readline())["added"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0 and process.stderr.read() == ""
        process.stdout.close()
        process.stderr.close()
        added.append((told["added"], told["unchanged"]))
        commits.append(told["commit"])
    assert added == [(2, 0), (0, 2)] and commits[0] == commits[1]


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingInput):
        next(watch(tmp_path / "none", tmp_path / "index"))
    assert not (tmp_path / "index").exists()


def test_a_file_is_ready_when_it_looks_the_same_for_as_long_as_quiet() -> None:
    looks = {"a": (1, 1), "b": (1, 1)}
    pending = Pending(2.0)
    for path, look in looks.items():
        pending.note(path, look, 0.0)
    assert pending.ready(1.9, looks.get) == []
    looks["b"] = (2, 2)
    assert pending.ready(2.0, looks.get) == ["a"]
    pending.done(["a"])
    assert pending.ready(3.9, looks.get) == []
    assert pending.ready(4.0, looks.get) == ["b"]
    pending.note("a", (1, 1), 5.0)
    del looks["b"]
    assert pending.ready(9.0, looks.get) == [] and len(pending) == 0
