"""Bytes from files and standard input, unpacked as they come.

Compression is told by the first bytes, never by the name. DamageError ends a stream early: what
came before it is handed on, and the stream says what it met.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from dedup.errors import UnreadableInput

STDIN, STDIN_NAME = "-", "standard input"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 16  # packed bytes at once
_OUT = 1 << 20  # unpacked bytes at once, however small the packed ones are
_ZSTD_OUT = 1 << 14  # a failing read loses its own bytes only


class DamageError(Exception):
    """A stream that cannot be read to its end."""


class _Raw(io.RawIOBase):
    """A file whose first bytes have been looked at, and whose progress is told."""

    def __init__(self, file: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self.file, self.on_bytes, self.head = file, on_bytes, b""
        self.head = self.read(len(_ZSTD))

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        if self.head:
            head, self.head = self.head, b""
            return head
        try:
            data = self.file.read(_PIECE if size is None or size < 0 else size)
        except OSError as error:
            raise DamageError(f"read error: {error.strerror}") from error
        self.on_bytes(len(data))
        return data

    def readinto(self, view: Any) -> int:
        """Some of the next bytes into view; how many, 0 at the end."""
        if self.head:
            size = min(len(self.head), len(view))
            view[:size], self.head = self.head[:size], self.head[size:]
            return size
        try:
            size = int(self.file.readinto1(view))  # type: ignore[attr-defined]
        except OSError as error:
            raise DamageError(f"read error: {error.strerror}") from error
        self.on_bytes(size)
        return size


class Stream:
    """The unpacked bytes of one source.

    read and fill give exactly as many bytes as asked for until the end; damage is why the end came
    too soon, None where it did not.
    """

    def __init__(self, path: str, on_bytes: Callable[[int], None] = lambda _: None) -> None:
        self.path = STDIN_NAME if path == STDIN else path  # as messages call it
        self.file = None if path == STDIN else path
        self.damage: str | None = None
        try:
            # A buffer of our own would only copy: pieces are large and read in order.
            file = sys.stdin.buffer if path == STDIN else open(path, "rb")  # noqa: SIM115, PTH123
        except OSError as error:
            raise UnreadableInput(path=path, format="a file", reason=(error.strerror or "error").lower()) from error
        self._close = file.close if path != STDIN else lambda: None
        self._head = b""
        try:
            self._raw = _Raw(file, on_bytes)
        except DamageError as error:
            self._close()
            raise UnreadableInput(path=path, format="a file", reason=str(error)) from error
        self.packed = self._raw.head.startswith((_GZIP, _ZSTD))
        self._pieces = self._unpack()
        self._rest = memoryview(b"")

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _unpack(self) -> Iterator[bytes]:
        if self._raw.head.startswith(_GZIP):
            return _gunzip(self._raw)
        if self._raw.head.startswith(_ZSTD):
            return _unzstd(self._raw)
        return iter(lambda: self._raw.read(_OUT), b"")

    def peek(self, size: int = _PIECE) -> bytes:
        """The next bytes, to be read again."""
        head = self.read(size)
        self._head = head
        return head

    def read(self, size: int) -> bytes:
        """The next size bytes; fewer at the end, none after it."""
        pieces: list[bytes | memoryview] = []
        wanted = size
        while wanted > 0:
            piece = self._piece()
            if not piece:
                break
            pieces.append(self._rest[:wanted])
            self._rest = self._rest[wanted:]
            wanted -= len(pieces[-1])
        return b"".join(pieces)

    def fill(self, view: memoryview) -> int:
        """The next bytes into view; how many, fewer than it takes at the end only."""
        at = 0
        while at < len(view):
            if self.packed or self._head or self._rest:
                # Each piece goes where it belongs: `read` would join them first.
                piece = self._piece()
                size = min(len(piece), len(view) - at)
                view[at : at + size] = piece[:size]
                self._rest = piece[size:]
            else:
                size = self._read_into(view[at:])
            if not size:
                break
            at += size
        return at

    def _piece(self) -> memoryview:
        """What is unpacked and not read yet, some at least until the end."""
        if self._head:
            self._rest, self._head = memoryview(self._head + bytes(self._rest)), b""
        if not self._rest:
            self._rest = memoryview(self._next())
        return self._rest

    def _read_into(self, view: memoryview) -> int:
        try:
            return 0 if self.damage is not None else self._raw.readinto(view)
        except DamageError as error:
            self.damage = str(error)
            return 0

    def _next(self) -> bytes:
        if self.damage is not None:
            return b""
        try:
            return next((piece for piece in self._pieces if piece), b"")
        except DamageError as error:
            self.damage = str(error)
            return b""


def _gunzip(raw: _Raw) -> Iterator[bytes]:
    """Every member of a gzip file; zeros that pad its end are no member."""
    member = zlib.decompressobj(31)
    begun = ended = False
    while data := raw.read(_PIECE):
        while data:
            if ended:
                data = data.lstrip(b"\0")
                if not data:
                    break
                member, ended = zlib.decompressobj(31), False
            # zlib forgets what it unpacked before an error, so a damaged piece is read again byte by byte.
            before = member.copy()
            try:
                yield member.decompress(data, _OUT)
            except zlib.error as error:
                yield from _until_damage(before, data)
                raise DamageError("corrupt gzip" if begun else "not a gzip file") from error
            begun = True
            ended = member.eof
            data = member.unused_data if ended else member.unconsumed_tail
    if not ended:
        yield member.flush()
        if not member.eof:
            raise DamageError("truncated gzip")


def _until_damage(member: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    try:
        for byte in data:
            yield member.decompress(bytes((byte,)))
    except zlib.error:
        return


def _unzstd(raw: _Raw) -> Iterator[bytes]:
    unpacked = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
    while True:
        try:
            piece = unpacked.read(_ZSTD_OUT)
        except OSError as error:
            raise DamageError("truncated zstd" if "runcated" in str(error) else "corrupt zstd") from error
        if not piece:
            return
        yield piece
