"""Patterns for many names, and those that wait to be compiled."""

import re
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from dedup.stages.clean import agencies
from dedup.stages.clean.patterns import Pattern, alternation

WORDS = st.lists(st.text("abA .|é", min_size=1, max_size=4), min_size=1, max_size=8)


def plain(words: list[str]) -> str:
    """By definition: all of them, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: -len(word)))


@given(WORDS, st.text("abA .|é", max_size=12))
def test_an_alternation_finds_what_its_words_find(words: list[str], text: str) -> None:
    assert re.findall(alternation(words), text) == re.findall(plain(words), text)
    assert re.findall(rf"(?:{alternation(words)})(?!a)", text) == re.findall(rf"(?:{plain(words)})(?!a)", text)


def test_every_form_of_an_agency_is_found_whole_in_any_case_too() -> None:
    for form in agencies.FORMS:
        assert re.fullmatch(agencies.NAME, form)
        assert re.fullmatch(agencies.NAME_IN_ANY_CASE, form.upper(), re.I)
        assert agencies.named(f"({form})", strict=True) == (agencies.FORMS[form][0],)


def test_a_pattern_answers_as_a_compiled_one() -> None:
    lazy, compiled = Pattern("(a)|b", re.I), re.compile("(a)|b", re.I)
    for method in ("match", "search", "fullmatch", "findall", "split"):
        assert str(getattr(lazy, method)("A")) == str(getattr(compiled, method)("A"))
    assert lazy.sub("x", "aBc") == "xxc"
    assert not hasattr(lazy, "nothing")


def test_no_pattern_of_names_is_compiled_before_a_text_needs_it() -> None:
    code = (
        "import re, re._compiler as c; whole, sizes = c.compile, []\n"
        "c.compile = lambda p, f=0: (sizes.append(len(str(p))), whole(p, f))[1]\n"
        "import dedup.stages.clean.one\n"
        "print(max(sizes))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(said.stdout) < 1000
