"""Whether bytes are UTF-8, against Python's own decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.kernels import utf8

ODD = [
    b"\xc0\x80", b"\xc1\xbf", b"\xc2\x80", b"\xdf\xbf", b"\xc3", b"\x80", b"\xe0\x9f\xbf", b"\xe0\xa0\x80", b"\xe2\x82",
    b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80\x80", b"\xf0\x9f\x98",
    b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", "é“क😀".encode(), b"\n", b"x" * 61,
]  # fmt: skip
PIECES = st.sampled_from(ODD) | st.text(max_size=9).map(lambda text: text.encode("utf-8", "surrogatepass"))


def plain(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError:
        return -1
    return data.count(b"\n")


def kernel(data: bytes, before: bytes = b"", behind: bytes = b"") -> int:
    padded = np.frombuffer(before + data + behind.ljust(utf8.PADDING, b"\x80"), np.uint8)
    return int(utf8.newlines(padded, len(before), len(before) + len(data)))


@given(st.lists(PIECES, max_size=30).map(b"".join) | st.binary(max_size=9), st.binary(max_size=3))
@example(b"x" * 63 + "é".encode(), b"")
@example(b"x" * 64, b"")
def test_what_python_decodes_is_utf8_and_nothing_else(data: bytes, around: bytes) -> None:
    assert kernel(data, around, around) == plain(data)


@pytest.mark.parametrize("odd", ODD)
def test_each_oddity_is_found_wherever_a_block_of_64_ends(odd: bytes) -> None:
    for at in range(56, 66):
        data = b"x" * at + odd + b"y" * 70
        assert kernel(data) == plain(data)
        assert kernel(data[: at + len(odd)]) == plain(data[: at + len(odd)])
