"""Lines of many articles as columns, over the bytes of an Arrow text column."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels import lines as kernel
from dedup.stages.clean import passages
from dedup.stages.clean.mojibake import TRAILING

_BLOCK = 64  # bytes that the kernel looks at together
_PASSAGES = (passages.CAPTION, passages.MORE, passages.FORM)
_CAPTION, _MORE, _FORM = (np.frombuffer(text.encode(), np.uint8) for text in _PASSAGES)


class Lines:
    """Lines of n articles in data, of 64 bytes or more; see `dedup.kernels.lines.find` for the columns."""

    __slots__ = ("data", "dirty", "end", "first", "misread", "passage", "start")

    def __init__(self, data: npt.NDArray[np.uint8], articles: int, room: int) -> None:
        self.data = data
        self.first: npt.NDArray[np.int64] = np.empty(articles + 1, np.int64)
        self.start: npt.NDArray[np.int64] = np.empty(room, np.int64)
        self.end: npt.NDArray[np.int64] = np.empty(room, np.int64)
        self.dirty: npt.NDArray[np.bool_] = np.empty(articles, np.bool_)
        self.misread: npt.NDArray[np.bool_] = np.empty(articles, np.bool_)
        self.passage: npt.NDArray[np.bool_] = np.empty(articles, np.bool_)


def find_lines(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> Lines:
    """Lines of the articles data[offsets[d]:offsets[d + 1]], which must be UTF-8."""
    if len(data) < _BLOCK:
        data = np.frombuffer(data.tobytes().ljust(_BLOCK), np.uint8)
    found = Lines(data, len(offsets) - 1, len(offsets) + kernel.count(data, offsets))
    starts, ends = found.start, found.end
    told = found.dirty, found.misread, found.passage
    k = kernel.find(data, offsets, TRAILING, _CAPTION, _MORE, _FORM, found.first, starts, ends, *told)
    found.start, found.end = starts[:k], ends[:k]
    return found


def buffers(texts: Any) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Bytes and (n + 1) int64 offsets of a text column, without copying where it has no nulls."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if texts.type != pa.large_string():
        texts = texts.cast(pa.large_string())
    if texts.null_count:
        texts = texts.fill_null("")
    if len(texts) == 0:
        return np.frombuffer(b" ", np.uint8), np.frombuffer(bytes(8), np.int64)
    _, where, what = texts.buffers()
    offsets = np.frombuffer(where, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(what, np.uint8) if what is not None and what.size else np.frombuffer(b" ", np.uint8)
    return data, offsets
