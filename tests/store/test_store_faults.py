"""Damage, death and full disks: the last commit stands, and nothing false is answered."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from index_builders import PARAMS, add, commit, everything, live_ids, stories

from dedup.errors import DamagedIndex, DiskError, NoSpace
from dedup.store import FileDirectory, MemoryDirectory, Store, Writer
from dedup.store.directory import Operation

HERE = str(Path(__file__).parent)

WRITE_AND_DIE = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from index_builders import add, stories
from dedup.store import FileDirectory, Store

class Dying(FileDirectory):
    def rename(self, source, target):
        os.kill(os.getpid(), signal.SIGKILL)

with Store.open(Dying(sys.argv[1])).writer() as writer:
    add(writer, ["lost"])
    writer.delete([1])
    writer.set_stories(stories(2), 2)
    writer.commit()
"""


def two_commits(directory: FileDirectory | MemoryDirectory) -> Store:
    store = Store.create(directory, PARAMS)
    store = commit(store, [f"a{i}" for i in range(30)], seed=1)
    return commit(store, ["b0", "b1"], delete=[0, 5], seed=2)


@pytest.fixture(scope="module")
def intact() -> dict[str, bytes]:
    directory = MemoryDirectory()
    two_commits(directory)
    return {name: bytes(data) for name, data in directory.files.items()}


def test_a_cut_or_padded_file_is_found_where_it_ends(intact: dict[str, bytes]) -> None:
    for name, data in intact.items():
        for other in (data[:-1], data[: len(data) // 2], b"", data + b"\0"):
            with pytest.raises(DamagedIndex) as found:
                everything(Store.open(MemoryDirectory({**intact, name: other})))
            assert found.value.fields["file"] == name
            assert name == "manifest.json" or found.value.fields["offset"] == min(len(other), len(data))


def test_a_missing_file_is_found(intact: dict[str, bytes]) -> None:
    for name in intact:
        rest = {other: data for other, data in intact.items() if other != name}
        if name.startswith("stories"):
            assert Store.open(MemoryDirectory(rest)).stories() is None
            continue
        with pytest.raises(DamagedIndex) as found:
            everything(Store.open(MemoryDirectory(rest)))
        assert found.value.fields["file"] == name


def test_two_files_that_changed_places_are_found(intact: dict[str, bytes]) -> None:
    for part in ("articles", "sketches", "bands", "links"):
        one, other = (f"segments/0000000{number}/{part}.arrow" for number in (1, 2))
        with pytest.raises(DamagedIndex):
            everything(Store.open(MemoryDirectory({**intact, one: intact[other], other: intact[one]})))


def test_damage_elsewhere_does_not_stop_what_does_not_rest_on_it(intact: dict[str, bytes]) -> None:
    broken = {name: b"" if name.endswith(("bands.arrow", "sketches.arrow")) else data for name, data in intact.items()}
    store = Store.open(MemoryDirectory(broken))

    assert store.stories() is not None
    assert live_ids(store)[-1] == "b1"
    assert sum(part.name.endswith("bands.arrow") for part in store.parts()) == 2


def test_an_index_that_lost_its_manifest_is_not_made_anew(tmp_path: Path) -> None:
    store = two_commits(FileDirectory(tmp_path))
    files = store.directory.list()
    store.directory.unlink("manifest.json")

    for again in (Store.open, Store.create):
        with pytest.raises(DamagedIndex):
            again(FileDirectory(tmp_path))
    assert set(files) - set(store.directory.list()) == {"manifest.json"}


def test_a_file_in_a_folder_s_place_is_damage(tmp_path: Path) -> None:
    two_commits(FileDirectory(tmp_path))
    shutil.rmtree(tmp_path / "segments")
    (tmp_path / "segments").write_text("")
    with pytest.raises(DamagedIndex):
        everything(Store.open(FileDirectory(tmp_path)))

    (tmp_path / "deletes" / "00000003.arrow").unlink(missing_ok=True)
    (tmp_path / "stories-2.arrow").unlink()
    (tmp_path / "stories-2.arrow").mkdir()
    with pytest.raises(DamagedIndex):
        Store.open(FileDirectory(tmp_path)).stories()


def test_a_killed_writer_leaves_the_old_commit_and_its_leftovers_go(tmp_path: Path) -> None:
    before = everything(two_commits(FileDirectory(tmp_path)))
    files = FileDirectory(tmp_path).list()
    died = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(tmp_path), HERE], check=False)

    assert died.returncode == -signal.SIGKILL
    left = set(FileDirectory(tmp_path).list()) - set(files)
    assert "manifest.json.tmp" in left
    assert len(left) == 7
    assert everything(Store.open(FileDirectory(tmp_path))) == before
    with Store.open(FileDirectory(tmp_path)).writer():
        assert FileDirectory(tmp_path).list() == files


def failing(number: int, at: int) -> tuple[Callable[[Operation], None], list[int]]:
    """A disk that refuses its at-th change, and a count of those that were asked for."""
    asked: list[int] = []

    def before(operation: Operation) -> None:
        asked.append(1)
        if len(asked) == at:
            raise OSError(number, os.strerror(number))

    return before, asked


def replace_one(writer: Writer) -> None:
    add(writer, ["c"])
    writer.delete([1])
    writer.set_stories(stories(1), 1)
    writer.set_changes(stories(1), since=0)


def merge_all(writer: Writer) -> None:
    add(writer, ["c"])
    writer.stage()
    writer.merge(writer.store.segments)
    writer.set_crowds(stories(1))


def begin_anew(writer: Writer) -> None:
    writer.restart()
    add(writer, ["c", "d"])
    writer.stage()
    add(writer, ["e"])
    writer.delete([1])
    writer.stage()
    writer.set_stories(stories(2), 1)


SCENARIOS = (replace_one, merge_all, begin_anew)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, NoSpace), (errno.EIO, DiskError)])
def test_a_disk_that_refuses_anywhere_leaves_a_whole_commit(
    intact: dict[str, bytes], scenario: Callable[[Writer], None], number: int, error: type[Exception]
) -> None:
    old = live_ids(Store.open(MemoryDirectory(intact)))
    new = live_ids(done(MemoryDirectory(intact), scenario))
    at = 0
    while True:
        at += 1
        before, asked = failing(number, at)
        directory = MemoryDirectory(intact, before)
        try:
            third = done(directory, scenario)
        except error:
            asked.extend([1] * 10**6)  # the disk is well again
        else:
            if len(asked) < at:
                break
            # Only clearing up after the acknowledgement was refused.
            assert directory.log[-1][0] in {"fsync_dir", "unlink"}
            assert live_ids(third) == new
            continue

        found = live_ids(Store.open(directory))
        assert found in (old, new)
        renamed = any(operation[0] == "rename" for operation in directory.log)
        assert renamed == (found != old)
        assert Store.open(directory).check() == []
        with Store.open(directory).writer() as writer:
            named = {"manifest.json", *(name for name, _ in writer.store.manifest.files())}
            assert set(directory.list()) == named
    assert at > 30


def done(directory: MemoryDirectory, scenario: Callable[[Writer], None]) -> Store:
    with Store.open(directory).writer() as writer:
        scenario(writer)
        writer.commit()
        return writer.store


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_failed_sync_is_not_tried_again(intact: dict[str, bytes], scenario: Callable[[Writer], None]) -> None:
    well = MemoryDirectory(intact)
    done(well, scenario)
    renamed = [operation[0] for operation in well.log].index("rename")
    syncs = [operation for operation in well.log[:renamed] if operation[0] == "fsync"]
    assert len(syncs) > 5
    for sync in syncs:
        failed: list[Operation] = []

        def before(operation: Operation, sync: Operation = sync, failed: list[Operation] = failed) -> None:
            if operation == sync:
                failed.append(operation)
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        directory = MemoryDirectory(intact, before)
        with Store.open(directory).writer() as writer:
            with pytest.raises(DiskError):
                scenario(writer)
                writer.commit()
            with pytest.raises(RuntimeError):
                writer.commit()
        assert failed == [sync]
        assert {name: bytes(data) for name, data in directory.files.items()} == intact


def test_a_file_size_limit_is_no_space_and_the_last_commit_stands(tmp_path: Path) -> None:
    store = two_commits(FileDirectory(tmp_path))
    before, files = everything(store), store.directory.list()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        with pytest.raises(NoSpace):
            commit(store, [f"c{i}" * 50 for i in range(4_000)])
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        with pytest.raises(NoSpace), store.writer() as writer:
            writer.merge(writer.store.segments)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert store.directory.list() == files
    assert everything(Store.open(FileDirectory(tmp_path))) == before
    assert live_ids(commit(store, ["c"]))[-1] == "c"


def test_all_is_synced_before_the_rename_and_the_folder_after() -> None:
    directory = MemoryDirectory()
    store = two_commits(directory)
    directory.log.clear()
    with store.writer() as writer:
        add(writer, ["c"])
        writer.delete([1])
        writer.set_stories(stories(1), 1)
        writer.commit()
    kinds = [operation[0] for operation in directory.log]
    rename = kinds.index("rename")

    written = {operation[1] for operation in directory.log if operation[0] == "create"}
    assert len(written) == 7
    for name in written:
        touched = [i for i, operation in enumerate(directory.log) if operation[1] == name]
        synced = directory.log.index(("fsync", name))
        assert all(i <= synced or i >= rename for i in touched)
        assert synced < directory.log.index(("fsync_dir", name.rpartition("/")[0]), synced) < rename
    assert kinds[rename + 1] == "fsync_dir"
    assert "fsync" not in kinds[rename:]
    assert set(kinds[rename + 2 :]) == {"unlink"}
