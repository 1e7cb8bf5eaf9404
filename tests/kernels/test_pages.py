"""What is counted of lines, in kernels and as arrays, against Python's own."""

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


def by_definition(text: str) -> tuple[int, ...]:
    width = len(text.encode()) / max(len(text), 1)
    lines = shorts = longs = 0
    for line in text.split("\n"):
        bare = line.removesuffix(line[len(line.rstrip(" \r\t")) :][-2:])
        size = len(bare.encode())
        short = size < 90 * width and not bare.endswith(tuple(".!?\"'):;,”’…।॥。」！？"))
        lines += size > 0
        shorts += size > 0 and short
        longs += not short and size >= 90
    return text.count("<"), lines, shorts, longs


@given(st.lists(TEXTS, max_size=4))
def test_lines_of_a_page_are_counted_alike_in_many_texts_and_in_one(texts: list[str]) -> None:
    for some in ([*texts, "", "one more"], *([text] for text in texts)):
        column = pa.array(some, pa.large_string())
        found = np.stack(kinds.counts(column), axis=1)
        assert list(map(tuple, found.tolist())) == [by_definition(text) for text in some]


@given(
    st.lists(st.sampled_from([b"{}", b'{"a": 1}', b"{}\r", b"{", b"}", b"", b"\r", b"x" * 70, b"{%b}" % (b" " * 200)]))
)
def test_objects_are_counted_where_each_line_is_one(lines: list[bytes]) -> None:
    for data in (b"\n".join(lines), b"".join(line + b"\n" for line in lines)):
        found = data.removesuffix(b"\n").split(b"\n") if data else []
        bare = [line.removesuffix(b"\r") for line in found]
        plain = all(line.startswith(b"{") and line.endswith(b"}") for line in bare)
        assert jsonl.objects(np.frombuffer(data, np.uint8)) == (len(found) if plain else 0)
