from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import DamagedIndex, DiskError, IndexLocked, NoSpace
from dedup.store import FileDirectory, MemoryDirectory

HOLD = """
import sys, time
from dedup.store import FileDirectory
with FileDirectory(sys.argv[1]).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@given(pieces=st.lists(st.binary(max_size=70_000) | st.sampled_from([b"x" * 300_000, b""]), max_size=8))
@settings(max_examples=20, deadline=None)
def test_a_file_is_the_pieces_that_went_through(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    for directory in (FileDirectory(tmp_path_factory.mktemp("index")), MemoryDirectory()):
        sink = directory.create("segments/00000001/articles.arrow")
        for piece in pieces:
            sink.write(piece)
        sink.sync()
        sink.close()

        whole = b"".join(pieces)
        assert bytes(directory.read(sink.name)) == whole
        assert (sink.size, sink.digest) == (len(whole), xxhash.xxh3_128_hexdigest(whole))
        assert directory.list() == [sink.name]


def test_what_was_read_outlives_its_file(tmp_path: Path) -> None:
    for directory in (FileDirectory(tmp_path), MemoryDirectory({"stories-1.arrow": b"told"})):
        (tmp_path / "stories-1.arrow").write_bytes(b"told")
        read = directory.read("stories-1.arrow")
        directory.unlink("stories-1.arrow")
        directory.unlink("stories-1.arrow")

        assert bytes(read) == b"told"
        with pytest.raises(FileNotFoundError):
            directory.read("stories-1.arrow")


def test_reading_keeps_no_descriptor(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        kept = [FileDirectory(tmp_path).read("a") for _ in range(300)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert all(bytes(one) == b"a" for one in kept)


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    for directory in (FileDirectory(tmp_path), MemoryDirectory()):
        directory.create("a").close()
        with pytest.raises(DiskError):
            directory.create("a")


def test_the_folder_goes_with_its_last_file(tmp_path: Path) -> None:
    directory = FileDirectory(tmp_path)
    for name in ("segments/00000001/a", "segments/00000001/b"):
        directory.create(name).close()
    directory.unlink("segments/00000001/a")
    assert (tmp_path / "segments/00000001").is_dir()
    directory.unlink("segments/00000001/b")
    assert not (tmp_path / "segments/00000001").exists()


def test_the_log_tells_what_was_done() -> None:
    directory = MemoryDirectory()
    sink = directory.create("segments/1/a")
    sink.write(b"xy")
    sink.sync()
    directory.sync_dir("segments/1")
    directory.rename("segments/1/a", "b")
    directory.unlink("b")

    assert directory.log == [
        ("mkdir", "segments"),
        ("mkdir", "segments/1"),
        ("create", "segments/1/a"),
        ("write", "segments/1/a", b"xy"),
        ("fsync", "segments/1/a"),
        ("fsync_dir", "segments/1"),
        ("rename", "segments/1/a", "b"),
        ("unlink", "b"),
    ]


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, NoSpace), (errno.EDQUOT, NoSpace), (errno.EFBIG, NoSpace), (errno.EIO, DiskError)],
)
def test_what_the_system_refuses_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    sink = FileDirectory(tmp_path).create("stories-1.arrow")
    sink.write(b"gathered")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(error) as found:
        sink.sync()
    sink.close()
    assert "stories-1.arrow" in str(found.value)


@pytest.mark.parametrize(("number", "error"), [(errno.EIO, DamagedIndex), (errno.EMFILE, DiskError)])
def test_only_a_disk_that_cannot_read_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(pa, "memory_map", refuse)
    with pytest.raises(error):
        FileDirectory(tmp_path).read("manifest.json")


def test_a_folder_that_cannot_be_made_has_a_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DiskError):
        FileDirectory(tmp_path / "file" / "index").make()


def test_a_second_process_is_told_who_writes_at_once(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        start = time.perf_counter()
        with pytest.raises(IndexLocked) as found, FileDirectory(tmp_path).lock():
            pass
        taken = time.perf_counter() - start
        holder.kill()
        holder.wait()

    assert found.value.fields == {"path": str(tmp_path), "pid": holder.pid}
    assert taken < 0.1
    with FileDirectory(tmp_path).lock():  # freed by the death of its holder
        pass


def test_the_lock_does_not_go_with_a_reader_of_it(tmp_path: Path) -> None:
    directory = FileDirectory(tmp_path)
    with directory.lock():
        (tmp_path / "lock").read_text()
        with pytest.raises(IndexLocked), directory.lock():
            pass
