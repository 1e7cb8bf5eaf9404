"""Answers as JSON."""

from __future__ import annotations

import json

import answers
import pytest

from dedup.model import Body, Credit, Relation
from dedup.report.forms import comparison, dumps, to_json


def test_a_body_lists_its_paragraphs_and_keeps_the_zone_of_its_time() -> None:
    body = Body("One.\nTwo.", dateline="Moscow, May 28", credits=(Credit("IANS", "byline"),), published=answers.DAWN)
    form = to_json(body)
    assert form["paragraphs"] == ["One.", "Two."]
    assert form["published"] == "2024-05-28T05:15:00+05:30"
    assert form["credits"] == [{"agency": "IANS", "place": "byline"}]
    assert form["byline"] is None


def test_enums_become_strings_and_noise_of_float32_goes() -> None:
    form = to_json(answers.match(jaccard=0.41229999065399170, relation=Relation.near))
    assert form["jaccard"] == 0.4123
    assert json.dumps(form["relation"]) == '"near"'


def test_figures_that_json_lacks_become_null() -> None:
    assert json.loads(dumps({"a": float("nan"), "b": float("inf"), "c": True})) == {"a": None, "b": None, "c": True}


def test_text_stays_in_its_script_and_a_lone_surrogate_does_not_break_it() -> None:
    assert "बांध" in dumps("बांध")
    assert json.loads(dumps("a\ud800b")) == "a\ud800b"


def test_a_comparison_carries_its_differences() -> None:
    form = comparison(answers.comparison("One two three.\nFour five six.", "One two three."))
    assert [(d["op"], d["a"], d["b"]) for d in form["differences"]] == [("same", [1], [1]), ("cut", [2], [])]


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        to_json({"a": {1}})


def test_json_holds_no_character_that_a_terminal_obeys() -> None:
    said = dumps({"title": "a\x9b2Jb\x7f\x1bc"})
    assert not set(said) & {"\x9b", "\x7f", "\x1b"}
    assert json.loads(said) == {"title": "a\x9b2Jb\x7f\x1bc"}
