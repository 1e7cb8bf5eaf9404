"""Blocks of whole lines out of a stream."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.stages.read import limits
from dedup.stages.read.streams import Stream

BOM = b"\xef\xbb\xbf"


def blocks(stream: Stream, rest: bytes = b"") -> Iterator[bytes]:
    """Whole lines, about limits.BLOCK at once, of rest and what follows it in the stream.

    A line above limits.LINE comes by itself, cut one byte after the limit.
    """
    if cut := rest.rfind(b"\n") + 1:
        yield rest[:cut]
        rest = rest[cut:]
    while chunk := stream.read(limits.BLOCK):
        first = chunk.find(b"\n") + 1
        if not first and len(rest) + len(chunk) <= limits.LINE:
            rest += chunk
            continue
        if len(rest) + (first or len(chunk)) > limits.LINE:
            yield (rest + chunk)[: limits.LINE + 1] + b"\n"
            while not first and (chunk := stream.read(limits.BLOCK)):
                first = chunk.find(b"\n") + 1
            rest, chunk = b"", chunk[first:]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = b""
        rest += chunk[cut:]
    if rest:
        yield rest
