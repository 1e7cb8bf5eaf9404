"""Tell what an article's text is: plain text, a page saved as text, or HTML.

A page saved as text carries what stands around the story, a short line each: menus, headlines,
buttons. They come at its beginning and its end, where a plain body has whole sentences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels import lines as kernel
from dedup.model import Kind

# A label: a line of fewer characters that does not end as a sentence, a lead-in or a quotation
# does. Measured on 7,067 bodies and 213 pages: limits from 60 to 120 differ by 1 % of either.
LABEL_CHARS = 90
EDGE_LINES = 6  # looked at on either end
# Closing tags that make a text HTML although it does not open with a tag, and bytes a tag at most.
LOOSE_TAGS, LOOSE_BYTES = 10, 400


def detect(texts: pa.Array) -> pa.Array:
    """Kind of each text: "text", "page" or "html"; a null counts as empty text.

    texts: n strings (string or large_string). Returns n strings. The answer for a text depends
    on that text alone.
    """
    data, offsets = buffers(texts)
    n = len(offsets) - 1
    opens, closes = np.empty(n, np.bool_), np.empty(n, np.int64)
    kernel.tags(data, offsets, opens, closes)
    found = find_lines(data, offsets)
    labels = (found.ending == kernel.OPEN) & (found.chars < LABEL_CHARS)
    below = np.concatenate([np.zeros(1, np.int64), np.cumsum(labels)])
    head, tail = found.first[:-1], found.first[1:]
    lines = tail - head
    total = below[tail] - below[head]
    edges = below[np.minimum(head + EDGE_LINES, tail)] - below[head]
    edges += below[tail] - below[np.maximum(tail - EDGE_LINES, head)]
    page = (total >= EDGE_LINES) & (4 * total >= lines) & (edges > EDGE_LINES)
    page |= (total >= 8) & (2 * total > lines)
    html = (opens & (closes > 0)) | ((closes >= LOOSE_TAGS) & (closes * LOOSE_BYTES >= np.diff(offsets)))
    names = pa.array([Kind.text, Kind.page, Kind.html], pa.string())
    return names.take(pa.array(np.where(html, 2, page.astype(np.int64))))


class Lines:
    """Lines of n articles; see `dedup.kernels.lines.find` for the columns."""

    __slots__ = ("chars", "dirty", "end", "ending", "first", "start")

    def __init__(self, articles: int, room: int) -> None:
        self.first: npt.NDArray[np.int64] = np.empty(articles + 1, np.int64)
        self.start: npt.NDArray[np.int64] = np.empty(room, np.int64)
        self.end: npt.NDArray[np.int64] = np.empty(room, np.int64)
        self.chars: npt.NDArray[np.int32] = np.empty(room, np.int32)
        self.ending: npt.NDArray[np.uint8] = np.empty(room, np.uint8)
        self.dirty: npt.NDArray[np.bool_] = np.empty(articles, np.bool_)


def find_lines(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> Lines:
    """Lines of the articles data[offsets[d]:offsets[d + 1]], which must be UTF-8."""
    at = np.empty(kernel.count(data, offsets), np.int64)
    kernel.breaks(data, offsets, at)
    found = Lines(len(offsets) - 1, len(offsets) + len(at))
    starts, ends, chars, ending = found.start, found.end, found.chars, found.ending
    k = kernel.find(data, offsets, at, found.first, starts, ends, chars, ending, found.dirty)
    found.start, found.end, found.chars, found.ending = starts[:k], ends[:k], chars[:k], ending[:k]
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
        return np.zeros(1, np.uint8), np.zeros(1, np.int64)
    _, where, what = texts.buffers()
    offsets = np.frombuffer(where, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(what, np.uint8) if what is not None and what.size else np.zeros(1, np.uint8)
    return data, offsets
