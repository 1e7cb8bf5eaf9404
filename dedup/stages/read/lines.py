"""Blocks of whole lines out of a stream."""

from __future__ import annotations

import mmap
from collections.abc import Iterator

from dedup.stages.read import limits
from dedup.stages.read.streams import Stream

BOM = b"\xef\xbb\xbf"


def blocks(stream: Stream, rest: bytes = b"") -> Iterator[bytes | memoryview]:
    """Whole lines, about limits.BLOCK at once, of rest and what follows it in the stream.

    A block holds until the next one is asked for: all lie in one buffer, whose pages need not be given by the system
    anew. A line above limits.LINE comes by itself, cut one byte after the limit.
    """
    if cut := rest.rfind(b"\n") + 1:
        yield rest[:cut]
        rest = rest[cut:]
    held = len(rest)  # bytes of a line whose end is to come, where the buffer begins
    data, view = _buffer(rest)
    while True:
        if len(data) < held + limits.BLOCK:
            data, view = _buffer(view[:held])
        end = held + stream.fill(view[held : held + limits.BLOCK])
        if end == held:
            break
        first = data.find(b"\n", held, end) + 1
        if not first and end <= limits.LINE:
            held = end
            continue
        begin = 0
        if (first or end) > limits.LINE:
            yield bytes(view[: limits.LINE + 1]) + b"\n"
            while not first and (end := stream.fill(view[: limits.BLOCK])):
                first = data.find(b"\n", 0, end) + 1
            begin = first
        cut = max(data.rfind(b"\n", begin, end) + 1, begin)
        if cut > begin:
            yield view[begin:cut]
        held = end - cut
        view[:held] = bytes(view[cut:end])
    if held:
        yield view[:held]


def _buffer(begin: bytes | memoryview) -> tuple[mmap.mmap, memoryview]:
    """A buffer for twice as much as begin and a block after it, and a view of it. What is not touched costs nothing."""
    data = mmap.mmap(-1, 2 * (len(begin) + limits.BLOCK))
    view = memoryview(data)
    view[: len(begin)] = begin
    return data, view
