"""Telling plain text, pages saved as text and HTML apart."""

from __future__ import annotations

import pyarrow as pa
import pytest
from clean_stories import HINDI, HINDI_PAGE, PAGE, STORY
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kinds import detect

SPEECH = "\n".join("We shall not wait for the sea, and the sea will not wait for us." for _ in range(40))
LIST = "\n".join(
    ["Five things to know about the gate:", *(f"- It is {n} metres high at its {n}th pier." for n in range(5))]
)


def kind(text):
    return detect(pa.array([text], pa.large_string())).to_pylist()[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text"),
        ("\n".join(STORY), "text"),
        (" ".join(STORY), "text"),
        ("\n\n".join(HINDI), "text"),
        (SPEECH, "text"),
        (LIST, "text"),
        ("x < y and y > z; see a</b of the proof", "text"),
        (PAGE, "page"),
        (HINDI_PAGE, "page"),
        ("<!DOCTYPE html><html><body><p>Text</p></body></html>", "html"),
        ("\ufeff  <p>The gate held.</p>", "html"),
        ("Gate news" + "<p>The gate held.</p>" * 12, "html"),
    ],
)
def test_a_text_is_what_it_looks_like(text, expected):
    assert kind(text) == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from([*STORY, PAGE, "<p>a</p>", "", "कखग"]) | st.text(max_size=30), max_size=6))
def test_each_text_is_judged_alone(texts):
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    assert detect(pa.array(texts, pa.large_string())).to_pylist() == [kind(text) for text in texts]
