"""Stories, differences, charts and the ledger as HTML."""

from __future__ import annotations

import dataclasses
import itertools
import re
from datetime import timedelta

import answers
import markup
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Outlet, Relation
from dedup.report.differences import align
from dedup.report.html import answers as pieces
from dedup.report.html.differences import side_by_side
from dedup.report.html.story import story_list, story_page
from dedup.report.html.timeline import Axis, lanes, pickups, spread

WORDS = st.lists(
    st.sampled_from(["river", "dam", "gate", "water", "night", "rain", "school", "boat"]), max_size=12
).map(" ".join)
PARAGRAPHS = st.lists(WORDS.filter(bool), max_size=8)


def words(text: str) -> list[str]:
    return text.split()


@given(PARAGRAPHS, PARAGRAPHS)
def test_side_by_side_loses_no_word_of_either_text(a: list[str], b: list[str]) -> None:
    page = side_by_side(align(a, b), "A", "B")
    left, right, same = [], [], []
    for row in re.findall(r"<tr class=.*?</tr>", page):
        cells = [re.sub("<[^>]+>", " ", cell) for cell in re.findall(r"<p[^>]*>(.*?)</p>", row)]
        sides = re.findall(r"<td.*?</td>", row)
        if 'class="same"' in row.partition(">")[0]:
            same += [word for cell in cells for word in words(cell)]
            continue
        for side, into in zip(sides, (left, right), strict=True):
            into += [w for p in re.findall(r"<p[^>]*>(.*?)</p>", side) for w in words(re.sub("<[^>]+>", " ", p))]
    assert sorted(left + same) == sorted(words(" ".join(a)))
    # What was joined or split stands once, as the other text has it; moved ones stand on both sides.
    assert sorted(right + same) == sorted(words(" ".join(b)))


def test_words_that_changed_are_marked_and_long_cuts_folded() -> None:
    a = ["The gates were opened late on Tuesday night, officials said.", "One.", "Two is cut.", "Three is cut too."]
    b = ["The gates were opened late on Monday night, officials said.", "One.", "And this is new."]
    page = side_by_side(align(a, b), "wire", "outlet")
    seen = markup.read(page)
    assert "<del>Tuesday</del>" in page
    assert "<ins>Monday</ins>" in page
    assert "<ins>And this is new.</ins>" in page
    assert re.search(r'<tr class="cut"><td class="cut"><details><summary><span class="n">¶3–4 cut', page)
    assert re.search(r'<tr class="same"><td colspan="2"><details><summary><span class="n">¶2 the same', page)
    assert [attributes["scope"] for attributes in seen.having("th")] == ["col", "col"]


def test_changes_of_scripts_without_spaces_gain_none() -> None:
    page = side_by_side(align(["川のダムの門は火曜日に開いた"], ["川のダムの門は月曜日に開いた"]), "A", "B")
    assert "川のダムの門は<del>火</del>曜日に開いた" in page


def test_a_text_without_end_is_shown_in_part() -> None:
    a = [f"{k} " + "word " * 400 for k in range(200)]
    page = side_by_side(align(a, []), "A", "B")
    assert len(page) < 500_000
    assert "further paragraphs not shown" in page


def test_a_story_tells_who_changed_what_and_dropped_the_credit() -> None:
    later = answers.DAWN + timedelta(minutes=43)
    cut = "\n".join(answers.BODY.split("\n")[:2])
    detail = answers.detail(
        answers.article(
            "b", body=cut, published=later, credits=(), title="Gates open", relation=Relation.excerpt, kept=0.41
        ),
        answers.article("c", published=None, kept=1.0, relation=Relation.identical, url="https://c.example/x"),
    )
    page = story_page(detail)
    seen = markup.read(page)
    for said in ("+43 m", "excerpt", "41 %", "−2", "dropped", "Gates open", "Nothing: ", "cut 2 of 4 paragraphs"):
        assert said in seen.said, said
    assert seen.having("a", href="https://c.example/x")
    assert {attributes["scope"] for attributes in seen.having("th")} == {"col", "row"}


def test_text_from_right_to_left_keeps_its_direction() -> None:
    arabic = "فتحت السلطات بوابتين من سد مارفاني يوم الثلاثاء"
    page = story_page(answers.detail(answers.article("b", title=arabic, body=arabic), title=arabic))
    seen = markup.read(page)
    assert f"<bdi>{arabic}</bdi>" in page
    assert all(
        attributes["dir"] == "auto" for attributes in seen.having("p") if attributes and "class" not in attributes
    )


def test_of_many_texts_the_first_are_compared_and_the_rest_is_counted() -> None:
    others = [answers.article(f"o{k}", body=f"{answers.BODY}\nThe {k}th end.") for k in range(30)]
    page = story_page(answers.detail(*others), limit=4)
    assert page.count('<details class="variant">') == 4
    assert "26 further texts not shown" in page


def test_a_list_of_stories_leads_to_those_that_have_a_page() -> None:
    found = [answers.story("s1"), answers.story("s2", title=None, agencies=(), first=None, last=None)]
    seen = markup.read(story_list(found, "/stories/", paged={"s1"}))
    assert [a.get("href") for a in seen.having("a")] == ["/stories/s1", None]
    assert "no known time" in seen.said
    assert "(no headline)" in seen.said


@given(st.floats(1, 1e7), st.floats(0, 1e7), st.floats(0, 1e7))
def test_the_axis_keeps_the_order_of_time(whole: float, a: float, b: float) -> None:
    axis = Axis(whole)
    at = [float(axis.at(minutes)[:-1]) for minutes in sorted((a, b))]
    assert 0 <= at[0] <= at[1] <= 100
    places = [float(place[:-1]) for place, _ in axis.ticks()]
    assert all(after - before >= 12 for before, after in itertools.pairwise(places))


def test_the_chart_has_a_dot_for_each_article_with_a_time() -> None:
    others = [answers.article(f"o{k}", published=answers.DAWN + timedelta(minutes=4**k)) for k in range(6)]
    detail = answers.detail(*others, answers.article("late", published=None))
    assert len(markup.read(pickups(detail)).having("circle")) == 7
    assert "1 without a known time left out" in pickups(detail)
    assert len(markup.read(lanes([detail, detail])).having("circle")) == 14
    assert not pickups(answers.detail(answers.article("b", published=None)))


def test_a_story_of_a_thousand_articles_has_a_chart_of_bounded_size() -> None:
    others = [answers.article(f"o{k}", published=answers.DAWN + timedelta(minutes=k)) for k in range(3000)]
    detail = answers.detail(*others)
    assert len(markup.read(pickups(detail)).having("circle")) <= 600
    assert len(markup.read(lanes([detail])).having("circle")) <= 601


def test_times_of_which_one_has_a_zone_make_no_chart() -> None:
    naive = answers.DAWN.replace(tzinfo=None)
    assert not spread(answers.story(first=naive))
    assert not pickups(answers.detail(answers.article("b", published=naive)))


def test_the_ledger_has_a_row_an_outlet() -> None:
    rows = [Outlet("a.example", 1200, 30, 0.5, 20, 10, 43.0, 0.9), Outlet(None, 1, 0, 0.0, 0, 0, None, None)]
    seen = markup.read(pieces.ledger_table(rows))
    for said in ("a.example", "1,200", "50 %", "+43 m", "90 %", "(unknown)", "0 %"):
        assert said in seen.said
    assert "No outlet." in pieces.ledger_table([])


def test_matches_and_comparisons_are_told() -> None:
    page = pieces.matches([answers.match()], "/stories/", lambda match: f"/compare?b={match.id}")
    seen = markup.read(page)
    assert [a["href"] for a in seen.having("a")] == ["/stories/s1", "/compare?b=m-1"]
    assert "two gates of the Marvani dam" in seen.said
    compared = pieces.comparison(answers.comparison(answers.BODY, answers.BODY.replace("Tuesday", "Monday")), "x", "y")
    assert "<del>Tuesday.</del>" in compared
    assert "No article shares copy" in pieces.matches([])


@pytest.mark.parametrize("relation", list(Relation))
def test_every_relation_has_its_colour(relation: Relation) -> None:
    from dedup.report.html.document import style

    assert f".dot.{relation}" in style() or relation == Relation.near
    member = dataclasses.replace(answers.article("b"), relation=relation, published=answers.DAWN + timedelta(hours=1))
    assert f'class="dot {relation}"' in pickups(answers.detail(member))
