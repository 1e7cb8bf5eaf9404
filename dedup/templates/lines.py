"""The lines of bodies, and bodies without those that are known."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from dedup.kernels.arrays import among, distinct
from dedup.kernels.compute import pc
from dedup.templates.outlets import seed, seeds

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_DIGITS, _SPACES = re.compile(rb"[0-9]+"), re.compile(rb"[\x00-\x20]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """Lines of n bodies. data: uint8. first: n + 1, the number of each body's first line. start, end: bytes of data,
    a line. hashes: uint64, a line: of the outlet and the line."""

    data: npt.NDArray[np.uint8]
    first: Places
    start: Places
    end: Places
    hashes: Hashes

    @property
    def of(self) -> Places:
        """Which body each line is of."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


class Known:
    """Lines that are known, by their hashes."""

    def __init__(self, hashes: Hashes, outlets: Hashes) -> None:
        """outlets: the seeds of theirs."""
        self.hashes, self.outlets = distinct(hashes), distinct(outlets)

    def __len__(self) -> int:
        return len(self.hashes)

    def __contains__(self, hash: int) -> bool:
        return bool(among(np.array([hash], np.uint64), self.hashes)[0])

    def unlike(self, others: Known) -> Known:
        """Those that only one of both knows."""
        hashes = np.setxor1d(self.hashes, others.hashes, assume_unique=True)
        return Known(hashes, np.concatenate([self.outlets, others.outlets]))


NONE = Known(np.empty(0, np.uint64), np.empty(0, np.uint64))


def lines(bodies: Any, outlets: Hashes) -> Lines:
    """The lines of bodies, a large_string array without nulls. outlets: the seed of each one's outlet."""
    if not len(bodies):  # no kernel is loaded for nothing
        none = np.empty(0, np.int64)
        return Lines(np.empty(0, np.uint8), np.zeros(1, np.int64), none, none, np.empty(0, np.uint64))
    from dedup.kernels import fingerprints as kernel
    from dedup.kernels.lines import count

    offsets = np.frombuffer(bodies.buffers()[1], np.int64)[bodies.offset : bodies.offset + len(bodies) + 1]
    data = np.frombuffer(bodies.buffers()[2] or b"", np.uint8)
    room = int(count(data, offsets)) + len(bodies)
    first = np.zeros(len(bodies) + 1, np.int64)
    start, end, hashes = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint64)
    k = kernel.fingerprints(data, offsets, outlets, first, start, end, hashes)
    return Lines(data, first, start[:k], end[:k], hashes[:k])


def touched(articles: pa.RecordBatch, known: Known) -> Places:
    """Places of the articles (outlet, body) that have a line that is known."""
    return _touched(articles, known)[0]


def compared(articles: pa.RecordBatch, known: Known) -> pa.Array:
    """The bodies of articles (outlet, body), large_string, without the lines that are known."""
    from dedup.kernels import lines as kernel

    bodies = articles.column("body")
    places, found, inside = _touched(articles, known)
    if not len(places):
        return bodies
    end = np.where(inside, found.start, found.end)
    room = int((end - found.start).sum()) + len(end)
    out, offsets = np.empty(room + 1, np.uint8), np.empty(len(found.first), np.int64)
    kernel.join(found.data, found.first, found.start, end, out, offsets)
    left = pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(out))
    mask = np.zeros(len(bodies), np.bool_)
    mask[places] = True
    return pc.replace_with_mask(bodies, pa.array(mask), left)


def _touched(articles: pa.RecordBatch, known: Known) -> tuple[Places, Lines, npt.NDArray[np.bool_]]:
    """Places of the articles that have a line that is known; their lines, and which of these are."""
    outlets = seeds(articles.column("outlet")) if len(known) else np.empty(0, np.uint64)
    places = np.flatnonzero(among(outlets, known.outlets))
    found = lines(articles.column("body").take(pa.array(places)), outlets[places])
    inside, of = among(found.hashes, known.hashes), found.of
    some = np.zeros(len(places), np.bool_)
    some[of[inside]] = True
    first = np.append(0, np.cumsum(np.diff(found.first)[some]))
    theirs = some[of]
    hit = Lines(found.data, first, found.start[theirs], found.end[theirs], found.hashes[theirs])
    return places[some], hit, inside[theirs]


def left(body: str, outlet: str | None, known: Known) -> str:
    """One body as `compared` leaves it, without compiled kernels."""
    of = seed(outlet)
    if not among(np.array([of], np.uint64), known.outlets)[0]:
        return body
    told = body.split("\n")
    kept = [line for line in told if _hash(line, of) not in known]
    return body if len(kept) == len(told) else "\n".join(line for line in kept if line)


def _hash(line: str, of: int) -> int:
    """As the kernel, of one line."""
    data = _SPACES.sub(b" ", _DIGITS.sub(b"0", line.encode("utf-8", "replace").lower()))
    return xxhash.xxh64_intdigest(data, of)
