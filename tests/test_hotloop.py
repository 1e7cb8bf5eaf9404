"""No one slows the hot loop unawares: its speed beside that of plain kernels, in the same run, on the same thread."""

from __future__ import annotations

import time

import hotloop
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from numba import njit

from dedup.kernels.affine32 import permutations
from dedup.model import Params
from dedup.stages.shingle import shingle

ARTICLES, ROUNDS, ATTEMPTS = 400, 5, 5
# Of each part, seconds of it by seconds of its reference, both of processor time, so that load hardly moves them; other
# vector units do, by some tens of a percent. `pytest -s tests/test_hotloop.py` prints what they are: state less when
# a part has become faster.
STATED = {"shingles": 5.8, "signature": 1.05}


@njit(nogil=True)
def each_byte(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], out: npt.NDArray[np.uint64]) -> None:
    """FNV-1a of each text: one byte after the other, which no processor does at once."""
    for d in range(len(offsets) - 1):
        h = np.uint64(0xCBF29CE484222325)
        for i in range(offsets[d], offsets[d + 1]):
            h = (h ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
        out[d] = h


@njit(nogil=True)
def each_minimum(
    hashes: npt.NDArray[np.uint32],
    ends: npt.NDArray[np.int64],
    a: npt.NDArray[np.uint32],
    b: npt.NDArray[np.uint32],
    out: npt.NDArray[np.uint32],
) -> None:
    """The least of a * hash + b in each set, one permutation after the other: as wide as the vector units are."""
    for d in range(len(ends) - 1):
        some = hashes[ends[d] : ends[d + 1]]
        for j in range(len(a)):
            factor, more, least = a[j], b[j], np.uint32(0xFFFFFFFF)
            for i in range(len(some)):
                least = min(least, np.uint32(factor * some[i] + more))
            out[d, j] = least


def references(found: pa.LargeStringArray) -> dict[str, hotloop.Run]:
    """A plain kernel for each part, over the same texts."""
    sets = shingle(found, Params())
    data = np.frombuffer(found.buffers()[2], np.uint8)
    offsets = np.frombuffer(found.buffers()[1], np.int64)[: len(found) + 1]
    hashed, least = np.empty(len(found), np.uint64), np.empty((len(found), 128), np.uint32)
    return {
        "shingles": lambda: each_byte(data, offsets, hashed),
        "signature": lambda: each_minimum(sets.hashes, sets.ends, *permutations(128, 1), least),
    }


@pytest.mark.parametrize("part", STATED)
def test_part_of_the_hot_loop_is_not_slowed_to_half(part: str) -> None:
    found = hotloop.texts("articles", ARTICLES)
    runs = {"part": hotloop.loop(found)[part], "reference": references(found)[part]}
    taken: dict[str, list[float]] = {"part": [], "reference": []}
    for _ in range(ATTEMPTS):  # until a quiet moment, where other work takes the caches
        for name, some in hotloop.seconds(runs, ROUNDS, time.thread_time).items():
            taken[name] += some
        times = min(taken["part"]) / min(taken["reference"])
        print(f"{part}: {times:.2f} times the seconds of its reference")
        if times <= 2 * STATED[part]:
            return
    pytest.fail(f"{part} takes {times:.2f} times as long as its reference, and {STATED[part]:g} times are stated")
