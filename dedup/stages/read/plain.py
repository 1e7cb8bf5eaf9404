"""Blocks of plain JSONL as columns, by our kernels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.kernels import jsonl as kernel
from dedup.kernels import utf8
from dedup.stages.read.frame import TEXTS

_PADDING = max(kernel.PADDING, utf8.PADDING)


class Plain:
    """Reads blocks of lines as columns of strings. names: what the source calls each field."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._fields = names
        self._names = list(dict.fromkeys(names.values()))
        encoded = [name.encode("utf-8", "surrogatepass") for name in self._names]
        self._able = all(len(name) <= kernel.LONGEST_NAME for name in encoded)
        self._bytes = np.zeros((len(encoded), kernel.PADDING), np.uint8)
        self._room = np.empty((0, 0), np.uint8)
        self._sizes = np.array([len(name) for name in encoded], np.int64)
        # A number is a name or a time, but no article; where one column is both, somebody else sorts it out.
        texts = {name for field, name in names.items() if field in TEXTS}
        self._numbers = np.array([name not in texts for name in self._names])
        self._able &= not any(name in texts for field, name in names.items() if field not in TEXTS)
        for place, name in zip(self._bytes, encoded, strict=False):
            place[: min(len(name), kernel.PADDING)] = np.frombuffer(name[: kernel.PADDING], np.uint8)

    def read(self, block: bytes | memoryview) -> tuple[int, dict[str, pa.Array]] | None:
        """How many lines a block has, and large_string columns by field, without those that no line has.

        None where a line is anything but one plain object.
        """
        if not self._able or not len(block):
            return None
        data, start, stop = _padded(block)
        lines = utf8.newlines(data, start, stop)
        if lines <= 0:
            return None
        fields = len(self._names)
        if self._room.shape[1] < stop - start + kernel.PADDING:
            # What is not written to takes no memory, and what was is not given by the system anew.
            self._room = np.empty((fields + 1, stop - start + kernel.PADDING), np.uint8)
        offsets = np.empty((fields, lines + 1), np.int64)
        valid = np.empty((fields, lines), np.bool_)
        if not kernel.columns(data, start, stop, self._bytes, self._sizes, self._numbers, self._room, offsets, valid):
            return None
        parts = zip(self._names, self._room, offsets, valid, strict=False)
        read = {name: _strings(data, ends, held) for name, data, ends, held in parts if held.any()}
        return lines, {field: read[name] for field, name in self._fields.items() if name in read}


def _padded(block: bytes | memoryview) -> tuple[NDArray[np.uint8], int, int]:
    """Bytes that hold the block, all its lines ended, with some behind it; where it begins, and where it ends."""
    view = np.frombuffer(block, np.uint8)
    if isinstance(block, memoryview) and block[-1] == ord("\n"):
        whole: NDArray[np.uint8] = np.frombuffer(block.obj, np.uint8)  # type: ignore[call-overload]
        start = view.ctypes.data - whole.ctypes.data
        if start + len(view) + _PADDING <= len(whole):
            return whole, start, start + len(view)
    ended = len(view) + (block[-1] != ord("\n"))
    copy = np.full(ended + _PADDING, ord("\n"), np.uint8)
    copy[: len(view)] = view
    return copy, 0, ended


def _strings(data: NDArray[np.uint8], offsets: NDArray[np.int64], valid: NDArray[np.bool_]) -> pa.Array:
    held = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    buffers = [held, pa.py_buffer(offsets), pa.py_buffer(data[: offsets[-1]].copy())]
    return pa.Array.from_buffers(pa.large_string(), len(valid), buffers)
