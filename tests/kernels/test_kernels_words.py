"""Many bytes at once, against what a byte at a time tells."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from dedup.kernels.words import below64, copy, equal64, least4, load32, load64, plain_run, store64

PLAIN = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
NEXT_TO_PLAIN = b"/:@[`{ \x00\x7f\x80\xff\xb0\xc1\xda\xe1\xfa"


@njit
def runs(data, index):  # type: ignore[no-untyped-def]
    return plain_run(load64(data, index))


@njit
def copied(data, index, out, at):  # type: ignore[no-untyped-def]
    store64(out, at, load64(data, index))
    return load32(out, at + 2)


@given(st.lists(st.sampled_from(PLAIN + NEXT_TO_PLAIN) | st.integers(0, 255), min_size=8, max_size=8).map(bytes))
def test_a_run_of_plain_bytes_is_measured_and_lowered(word: bytes) -> None:
    run, lower = runs(np.frombuffer(word, np.uint8), 0)
    expected = next((i for i, byte in enumerate(word) if byte not in PLAIN), 8)
    assert run == expected
    assert int(lower).to_bytes(8, "little")[:run] == word[:run].lower()


@given(st.binary(min_size=8, max_size=40), st.data())
def test_words_are_read_and_written_wherever_they_lie(data: bytes, draw: st.DataObject) -> None:
    index, at = draw.draw(st.integers(0, len(data) - 8)), draw.draw(st.integers(0, 9))
    out = np.zeros(20, np.uint8)
    assert (
        int(copied(np.frombuffer(data, np.uint8), index, out, at)).to_bytes(4, "little") == data[index + 2 : index + 6]
    )
    assert out.tobytes() == bytes(at) + data[index : index + 8] + bytes(12 - at)


@njit
def masks(data, index, byte):  # type: ignore[no-untyped-def]
    return equal64(data, index, byte), below64(data, index, byte)


@njit
def moved(data, index, out, at, size):  # type: ignore[no-untyped-def]
    copy(out, at, data, index, size)


@given(st.binary(min_size=64, max_size=80), st.integers(0, 255), st.data())
def test_blocks_tell_which_bytes_equal_one_and_which_lie_below(data: bytes, byte: int, draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, len(data) - 64))
    equal, below = masks(np.frombuffer(data, np.uint8), index, np.uint8(byte))
    block = data[index : index + 64]
    assert [int(equal) >> i & 1 for i in range(64)] == [one == byte for one in block]
    assert [int(below) >> i & 1 for i in range(64)] == [one < byte for one in block]


@given(st.binary(max_size=80), st.data())
def test_bytes_are_copied_as_they_lie(data: bytes, draw: st.DataObject) -> None:
    size = draw.draw(st.integers(0, len(data)))
    index, at = draw.draw(st.integers(0, len(data) - size)), draw.draw(st.integers(0, 9))
    out = np.zeros(90, np.uint8)
    moved(np.frombuffer(data or b" ", np.uint8), index, out, at, size)
    assert out.tobytes() == bytes(at) + data[index : index + size] + bytes(90 - at - size)


@njit
def least(values, factors, addends, at):  # type: ignore[no-untyped-def]
    return least4(values, len(values), factors, addends, at)


UINT32 = st.integers(0, 2**32 - 1)


@given(st.lists(UINT32, max_size=50), st.lists(st.tuples(UINT32, UINT32), min_size=4, max_size=9))
def test_four_minima_are_those_of_each_by_itself(values: list[int], pairs: list[tuple[int, int]]) -> None:
    values = values[: len(values) - len(values) % 16]
    factors, addends = (np.array(some, np.uint32) for some in zip(*pairs, strict=True))
    at = len(pairs) - 4
    expected = [min([2**32 - 1, *((a * value + b) % 2**32 for value in values)]) for a, b in pairs[at:]]
    assert list(map(int, least(np.array(values, np.uint32), factors, addends, at))) == expected
