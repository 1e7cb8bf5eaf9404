"""Hashes of whole strings, against xxhash."""

from __future__ import annotations

import numpy as np
import xxhash
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.kernels import hashing


@given(st.lists(st.binary(max_size=9) | st.binary(max_size=140), max_size=4))
@example([b"x" * size for size in range(70)])
def test_a_digest_is_xxh64_with_two_seeds(strings: list[bytes]) -> None:
    found = np.empty((len(strings), 2), np.uint64)
    bounds = np.cumsum([0, *map(len, strings)])
    hashing.digests(np.frombuffer(b"".join(strings), np.uint8), bounds, found)
    assert found.tolist() == [[xxhash.xxh64_intdigest(string, seed) for seed in (0, 1)] for string in strings]
