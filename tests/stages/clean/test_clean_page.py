"""Pages saved as text: the story and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from clean_stories import HINDI, HINDI_PAGE, PAGE, STORY
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Credit
from dedup.stages.clean import clean


def test_an_agency_page_gives_the_story_its_headline_dateline_credits_and_time():
    body = clean(PAGE)
    assert body.paragraphs == STORY
    assert body.title == "Port Elder votes for a second tidal gate"
    assert body.byline == "IANS"
    assert body.dateline == "Port Elder, March 4"
    assert body.credits == (Credit("IANS", "byline"), Credit("IANS", "disclaimer"))
    assert body.published == datetime(2031, 3, 4, 6, 40, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def test_a_hindi_page_gives_its_story():
    body = clean(HINDI_PAGE, kind="page")
    assert body.paragraphs == HINDI
    assert body.dateline == "नई दिल्ली, 3 नवंबर"
    assert body.credits == (Credit("IANS", "dateline"),)


def test_a_chinese_page_gives_its_story():
    story = [
        "港口委员会星期二批准修建第二座防潮闸门，此前一个冬天海水曾四次漫过码头，委员会主席在会后对记者说。",
        "新闸门将位于第一座闸门下游一百四十米处，预计耗资九千二百万，并在后年春季大潮到来之前完工。",
    ]
    page = "\n".join(["首页", "国内", "国际", "财经", "港口批准第二座闸门", *story, "相关新闻", "鱼价上涨", "大风预警"])
    assert clean(page, kind="page").paragraphs == story


def test_a_page_of_headlines_and_a_footer_has_no_story():
    page = "Home\nNews\nSport\nAbout us\nContact\nTerms of use\nCopyright 2031 Coastline. All rights reserved."
    assert clean(page, kind="page").text == ""


@pytest.mark.parametrize(
    "inserted",
    [
        "Also Read: Herring prices at a ten-year high as quotas bite",
        "Advertisement",
        "Photo: Coastline",
        "Share on Facebook",
        "Sign up for our daily newsletter and get the news in your inbox.",
        "By signing up you agree to our terms and the privacy policy.",
        "Story continues below",
        "यह भी पढ़ें: बारिश से फसल को राहत",
    ],
)
def test_furniture_inside_the_story_goes(inserted):
    page = "\n".join(["Home", "Ports", *STORY[:3], inserted, *STORY[3:], "Most Read", "Gale warning for the isles"])
    assert clean(page, kind="page").paragraphs == STORY


def test_readers_comments_are_not_the_story():
    comments = [
        line
        for name in ("tern44", "old_salt", "quayside", "ebb")
        for line in (
            f"{name} says:",
            "I have lived here for forty years and never saw the sea that high before.",
            "Reply",
        )
    ]
    page = "\n".join(["Home", "Ports", *STORY, "4 Comments", *comments])
    assert clean(page, kind="page").paragraphs == STORY


def test_teasers_of_other_stories_are_not_the_story():
    teasers = [
        line
        for place in ("Marlow", "Ashby", "Thorpe")
        for line in (
            f"{place} festival",
            "By Ada Roe",
            "March 3",
            f"The festival of {place} will be held in June this year.",
        )
    ]
    page = "\n".join(["Home", "Ports", *STORY, "Related Stories", *teasers])
    assert clean(page, kind="page").paragraphs == STORY


@settings(deadline=None)
@given(st.text())
def test_any_text_is_taken_for_a_page_without_error(text):
    assert len(clean(text, kind="page").text) <= len(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PAGE.split("\n")), max_size=30))
def test_every_line_of_the_story_stands_on_the_page(lines):
    page = "\n".join(lines)
    assert all(paragraph in page for paragraph in clean(page, kind="page").paragraphs)
