"""The only module that opens, writes, syncs, renames, unlinks and locks.

Everything durable goes through a Directory, so that the order of its operations can be
recorded, cut anywhere and replayed: MemoryDirectory is FileDirectory's twin and keeps a log.
Names are relative, with `/` between folder and file; "" is the index folder itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import pyarrow as pa
import xxhash

from dedup.errors import DamagedIndex, DiskError, IndexLocked, NoSpace

LOCK = "lock"

BLOCK = 1 << 16  # bytes that one sum covers

_LIBC = ctypes.CDLL(None)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
BUFFER = 1 << 18  # small pieces gather to this many bytes before they go to the system


class Sink(ABC):
    """A new file being written: file-like for Arrow, counting and digesting what passes.

    Nothing is durable before sync() returned and the folders above were synced too. A sync
    that failed must not be tried again: the system may have dropped the pages, and a second
    one would claim success (PostgreSQL's fsync trouble of 2018).
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.size = 0
        self.closed = False
        self._gathered = bytearray()
        self._hash = xxhash.xxh3_128()
        self._block = xxhash.xxh3_64()
        self._sums: list[int] = []

    @property
    def sums(self) -> list[int]:
        """xxh3_64 of each block of what was written, the last one shorter."""
        return [*self._sums, self._block.intdigest()] if self.size % BLOCK else list(self._sums)

    @property
    def digest(self) -> str:
        """xxh3_128 of all that was written, 32 hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, data: Any) -> int:
        """Append data, any bytes-like. Raises NoSpace, DiskError."""
        view = memoryview(data).cast("B")
        if len(self._gathered) + view.nbytes > BUFFER:
            self._drain()
        if view.nbytes < BUFFER:
            self._gathered += view
        else:
            self._append(view)
        self._hash.update(view)
        at = 0
        while at < view.nbytes:
            piece = view[at : at + BLOCK - self.size % BLOCK]
            self._block.update(piece)
            at += piece.nbytes
            self.size += piece.nbytes
            if self.size % BLOCK == 0:
                self._sums.append(self._block.intdigest())
                self._block.reset()
        return view.nbytes

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:  # noqa: B027 - nothing to do is the whole of it
        """For Arrow's sake: what counts is sync."""

    def sync(self) -> None:
        """Write what is gathered and wait until the disk has it. Raises NoSpace, DiskError."""
        self._drain()
        self._sync()

    def close(self) -> None:
        """Let the file go as it is; never raises."""
        self.closed = True

    def _drain(self) -> None:
        gathered, self._gathered = self._gathered, bytearray()
        if gathered:
            self._append(memoryview(gathered))

    @abstractmethod
    def _append(self, view: memoryview) -> None: ...

    @abstractmethod
    def _sync(self) -> None: ...


class Directory(Protocol):
    """What the store asks of a disk. path: how messages name the folder."""

    @property
    def path(self) -> str: ...

    def make(self) -> None:
        """Make the folder itself, durably, where it does not exist."""

    def create(self, name: str) -> Sink:
        """Begin a file that does not exist, and the folder above it."""

    def sync_dir(self, folder: str) -> None:
        """Wait until the disk has the folder's entries."""

    def rename(self, source: str, target: str) -> None:
        """Put source in target's place in one step."""

    def unlink(self, name: str) -> None:
        """Remove a file, and the folder above it once that is empty."""

    def list(self) -> list[str]:
        """All files in the folder and the two levels below, sorted; none where there is no folder."""

    def read(self, name: str) -> pa.Buffer:
        """The file's bytes, read-only; they stay readable after an unlink. Raises FileNotFoundError."""

    def release(self, buffer: pa.Buffer) -> None:
        """Let go of the memory that a buffer of read's takes; its bytes come back from the disk when asked for."""

    def lock(self) -> AbstractContextManager[None]:
        """Be the only writer, or raise IndexLocked at once."""


class FileDirectory:
    """A folder on disk. Raises NoSpace and DiskError where the system refuses."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._root = Path(path)

    def __repr__(self) -> str:
        return f"FileDirectory({str(self._root)!r})"

    @property
    def path(self) -> str:
        return str(self._root)

    def make(self) -> None:
        missing = [folder for folder in (self._root, *self._root.parents) if not folder.exists()]
        for folder in reversed(missing):
            with _refusals(str(folder), "made"):
                folder.mkdir(exist_ok=True)
                _sync_folder(folder.parent)

    def create(self, name: str) -> Sink:
        target = self._root / name
        with _refusals(name, "written"):
            if target.parent != self._root:
                target.parent.mkdir(parents=True, exist_ok=True)
            return _FileSink(name, os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))

    def sync_dir(self, folder: str) -> None:
        with _refusals(folder or self.path, "synced"):
            _sync_folder(self._root / folder)

    def rename(self, source: str, target: str) -> None:
        with _refusals(target, "replaced"):
            (self._root / source).rename(self._root / target)

    def unlink(self, name: str) -> None:
        target = self._root / name
        with _refusals(name, "removed"):
            target.unlink(missing_ok=True)
        if target.parent != self._root:
            with contextlib.suppress(OSError):  # not empty yet
                target.parent.rmdir()

    def list(self) -> list[str]:
        found: list[str] = []
        folders = [("", 0)]
        while folders:
            folder, depth = folders.pop()
            try:
                with os.scandir(self._root / folder) as entries:
                    for entry in entries:
                        name = f"{folder}/{entry.name}" if folder else entry.name
                        if not entry.is_dir(follow_symlinks=False):
                            found.append(name)
                        elif depth < 2:
                            folders.append((name, depth + 1))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise DiskError(file=folder or self.path, done="read", reason=error.strerror) from error
        return sorted(found)

    def read(self, name: str) -> pa.Buffer:
        target = self._root / name
        try:
            # The mapping outlives the file object, so no descriptor stays open for each part.
            with pa.memory_map(str(target)) as mapped:
                return mapped.read_buffer()
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from None
        except OSError as error:
            if error.errno in {None, errno.EIO, errno.EISDIR}:  # Arrow gives a folder no number
                raise DamagedIndex(file=name, offset=0) from error
            raise DiskError(file=name, done="read", reason=os.strerror(error.errno)) from error

    def release(self, buffer: pa.Buffer) -> None:
        # Python's own mapping would keep a descriptor open for each file, and Arrow's has no such call.
        if buffer.size and buffer.address % mmap.PAGESIZE == 0:
            _LIBC.madvise(ctypes.c_void_p(buffer.address), ctypes.c_size_t(buffer.size), mmap.MADV_DONTNEED)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        # flock belongs to the open file: it goes with the process, however that ends, and a
        # second open in the same process is refused too. The file itself must never be
        # unlinked, or two writers would lock two files of one name.
        with _refusals(LOCK, "opened"):
            descriptor = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexLocked(path=self.path, pid=_holder(descriptor)) from None
            with _refusals(LOCK, "written"):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)


class _FileSink(Sink):
    def __init__(self, name: str, descriptor: int) -> None:
        super().__init__(name)
        self._descriptor = descriptor

    def _append(self, view: memoryview) -> None:
        with _refusals(self.name, "written"):
            while view.nbytes:
                view = view[os.write(self._descriptor, view) :]

    def _sync(self) -> None:
        with _refusals(self.name, "synced"):
            os.fsync(self._descriptor)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            with contextlib.suppress(OSError):
                os.close(self._descriptor)


Operation = tuple[Any, ...]


class MemoryDirectory:
    """FileDirectory's twin in memory, with a log of all that changes the disk.

    log: ("create", name), ("write", name, bytes) appended, ("fsync", name), ("mkdir", folder),
    ("fsync_dir", folder), ("rename", source, target), ("unlink", name), in order. before is
    called with each operation and may raise what a disk would.
    """

    def __init__(
        self, files: dict[str, bytes] | None = None, before: Callable[[Operation], None] | None = None
    ) -> None:
        self.files: dict[str, bytearray] = {name: bytearray(data) for name, data in (files or {}).items()}
        self.log: list[Operation] = []
        self._folders = {str(folder) for name in self.files for folder in PurePosixPath(name).parents} | {"."}
        self._before = before
        self._locked = False

    @property
    def path(self) -> str:
        return "memory"

    def make(self) -> None:
        """The folder is always there."""

    def record(self, *operation: Any) -> None:
        if self._before:
            with _refusals(str(operation[1]), "written"):
                self._before(operation)
        self.log.append(operation)

    def create(self, name: str) -> Sink:
        for folder in reversed(PurePosixPath(name).parents):
            if str(folder) not in self._folders:
                self.record("mkdir", str(folder))
                self._folders.add(str(folder))
        if name in self.files:
            raise DiskError(file=name, done="written", reason=os.strerror(errno.EEXIST))
        self.record("create", name)
        self.files[name] = bytearray()
        return _MemorySink(self, name)

    def sync_dir(self, folder: str) -> None:
        self.record("fsync_dir", folder)

    def rename(self, source: str, target: str) -> None:
        self.record("rename", source, target)
        self.files[target] = self.files.pop(source)

    def unlink(self, name: str) -> None:
        self.record("unlink", name)
        self.files.pop(name, None)

    def list(self) -> list[str]:
        return sorted(self.files)

    def read(self, name: str) -> pa.Buffer:
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return pa.py_buffer(bytes(self.files[name]))

    def release(self, buffer: pa.Buffer) -> None:
        """The memory is the disk."""

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        if self._locked:
            raise IndexLocked(path=self.path, pid=os.getpid())
        self._locked = True
        try:
            yield
        finally:
            self._locked = False


class _MemorySink(Sink):
    def __init__(self, directory: MemoryDirectory, name: str) -> None:
        super().__init__(name)
        self._directory = directory

    def _append(self, view: memoryview) -> None:
        self._directory.record("write", self.name, view.tobytes())
        self._directory.files[self.name] += view

    def _sync(self) -> None:
        self._directory.record("fsync", self.name)


def folders_above(name: str) -> list[str]:
    """The folders whose entries lead to a file, the deepest first, "" last."""
    return ["" if str(folder) == "." else str(folder) for folder in PurePosixPath(name).parents]


@contextlib.contextmanager
def _refusals(file: str, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace(file=file) from error
        raise DiskError(file=file, done=done, reason=error.strerror) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> int:
    """Process id in the lock file; 0 where its holder does not get to write it in 20 ms."""
    for _ in range(20):
        written = os.pread(descriptor, 20, 0).strip()
        if written.isdigit():
            return int(written)
        time.sleep(0.001)
    return 0
