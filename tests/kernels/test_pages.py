"""What kernels count of lines, against Python."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dedup import kinds
from dedup.kernels import jsonl

LINES = st.sampled_from(
    ["", " ", "\r", " \r", "\t\t\r", "Home", "Sport \r", "A headline", "It ends.", "He said “so”", "होम", "।", "é" * 89]
) | st.text("ab< .”।é\r\t ", max_size=130)
TEXTS = st.lists(LINES, max_size=80).map("\n".join)


TAGS = ["<p>", "</p>", "<html ", " ", "\n", "words and words", "<b>", "</B >", "\ufeff", "<!doctype html>"]


@given(st.lists(TEXTS, max_size=4))
def test_lines_of_many_texts_are_counted_as_those_of_one(texts: list[str]) -> None:
    for some in (texts, [*texts, "", "one more"]):
        found = np.stack(kinds.counts(pa.array(some, pa.large_string())[len(texts) // 2 :]), axis=1)
        assert list(map(tuple, found.tolist())) == [kinds.count(text) for text in some[len(texts) // 2 :]]


@given(st.lists(TEXTS | st.lists(st.sampled_from(TAGS), max_size=12).map("".join), max_size=3))
def test_many_texts_are_of_the_kinds_that_they_are_of_one_by_one(texts: list[str]) -> None:
    assert kinds.detect(pa.array(texts, pa.string())).to_pylist() == [kinds.of(text).value for text in texts]


@given(
    st.lists(st.sampled_from([b"{}", b'{"a": 1}', b"{}\r", b"{", b"}", b"", b"\r", b"x" * 70, b"{%b}" % (b" " * 200)]))
)
def test_objects_are_counted_where_each_line_is_one(lines: list[bytes]) -> None:
    for data in (b"\n".join(lines), b"".join(line + b"\n" for line in lines)):
        found = data.removesuffix(b"\n").split(b"\n") if data else []
        bare = [line.removesuffix(b"\r") for line in found]
        plain = all(line.startswith(b"{") and line.endswith(b"}") for line in bare)
        assert jsonl.objects(np.frombuffer(data, np.uint8)) == (len(found) if plain else 0)
