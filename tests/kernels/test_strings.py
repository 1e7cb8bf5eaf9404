"""What is at the ends of strings, against Python's strip."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels import strings

SPACES = " \t\u00a0\u200b\ufeff"
EDGES = strings.edges(SPACES)
TEXTS = st.none() | st.text(SPACES + "a\n\x00\x1f\x7fé\u0420\ufebf\u20ac", max_size=5)


def parts(texts: list[str | None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    encoded = [(text or "").encode() for text in texts]
    bounds = np.cumsum([0, *map(len, encoded)])
    return np.frombuffer(b"".join(encoded), np.uint8), bounds, np.array([text is not None for text in texts], np.bool_)


@given(st.lists(TEXTS, max_size=4))
def test_what_trimming_changes_is_never_missed(texts: list[str | None]) -> None:
    changes = any(text is not None and (not text or text.strip(SPACES) != text) for text in texts)
    found = strings.may_change(*parts(texts), EDGES)
    assert found or not changes
    assert found == changes or any(not text.isascii() for text in texts if text)


@given(st.lists(TEXTS, max_size=6))
def test_blank_is_what_has_nothing_above_a_space(texts: list[str | None]) -> None:
    found = np.empty(len(texts), np.bool_)
    strings.blank(*parts(texts), found)
    assert found.tolist() == [text is None or not re.search(r"[^\x00-\x20]", text) for text in texts]
