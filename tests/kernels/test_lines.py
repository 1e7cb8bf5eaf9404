"""Line kernels against their definitions in Python."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels import lines as kernel
from dedup.stages.clean import lines as bulk_lines

WHITE = "".join(
    chr(c) for c in (*range(0x21), 0xA0, *range(0x2000, 0x2010), *range(0x2028, 0x2030), 0x205F, 0x2060, 0x3000, 0xFEFF)
)
PIECES = [
    "word",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\x00",
    "\u00a0",
    "\u2003",
    "\u200b",
    "\ufeff",
    "\u3000",
    "é",
    "क",
    "。",
    ".",
]
TEXTS = st.lists(
    st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=12).map("".join), max_size=5
)


def plain(text):
    """By definition; the kernel's judge."""
    return [line for line in (line.strip(WHITE) for line in re.split("[\r\n]", text)) if line]


def found(texts):
    data, offsets = bulk_lines.buffers(pa.array(texts, pa.large_string()))
    return data, bulk_lines.find_lines(data, offsets)


@settings(deadline=None)
@given(TEXTS)
def test_lines_are_split_and_trimmed_as_python_does(texts):
    data, lines = found(texts)
    for d, text in enumerate(texts):
        rows = np.arange(lines.first[d], lines.first[d + 1])
        assert [data[lines.start[k] : lines.end[k]].tobytes().decode() for k in rows] == plain(text)
        assert lines.dirty[d] == any((c < " " and c not in "\t\n\r") or c == "\x7f" for c in text)


@settings(deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_kept_lines_are_joined_by_one_newline(texts, random):
    data, lines = found(texts)
    keep = np.array([random.random() < 0.7 for _ in range(len(lines.start))], np.bool_)
    out, offsets = np.empty(len(data) + len(keep) + 1, np.uint8), np.empty(len(texts) + 1, np.int64)
    kernel.join(data, lines.first, lines.start, np.where(keep, lines.end, lines.start), out, offsets)
    k = 0
    for d, text in enumerate(texts):
        kept = []
        for line in plain(text):
            if keep[k]:
                kept.append(line)
            k += 1
        assert out[offsets[d] : offsets[d + 1]].tobytes().decode() == "\n".join(kept)


def test_lines_longer_than_a_block_and_breaks_at_its_bounds_are_found():
    for n in range(140):
        text = "x" * n + "\n " + "y" * (140 - n) + "\n\x01"
        data, lines = found([text, text[:n]])
        assert [data[s:e].tobytes().decode() for s, e in zip(lines.start, lines.end, strict=True)] == [
            *plain(text),
            *plain(text[:n]),
        ]
        assert lines.dirty.tolist() == [True, False]


def test_no_text_is_no_line():
    assert found([])[1].first.tolist() == [0]
    assert found(["", " \n\t"])[1].first.tolist() == [0, 0, 0]
