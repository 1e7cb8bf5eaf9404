"""Pages saved as text: the story and nothing else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from clean_stories import HINDI, HINDI_PAGE, PAGE, STORY
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Credit
from dedup.stages.clean import clean, forms


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


MENU = ["Home", "Ports", "Epaper", "Port Elder votes for a second tidal gate"]
FOOT = ["Most Read", "Gale warning for the isles", "Herring prices at a ten-year high"]


def on_a_page(*lines):
    return clean("\n".join([*MENU, *lines, *FOOT]), kind="page")


def test_a_subhead_between_paragraphs_stays():
    story = [*STORY[:3], "What the upper town wants", *STORY[3:]]
    assert on_a_page(*story).paragraphs == story


def test_a_list_that_ends_the_story_stays():
    closures = [f"March {day}: quay {day} closed from noon" for day in (3, 9, 14, 20, 28)]
    assert on_a_page(*STORY[:3], *closures).paragraphs == [*STORY[:3], *closures]


def test_a_list_alone_is_no_story():
    closures = [f"Harbour bulletin number {n}, all quays ({n})" for n in range(60)]
    assert on_a_page(*closures, *MENU, *STORY[:2]).paragraphs == STORY[:2]


@pytest.mark.parametrize("credit", ["Photo: Ada Roe", "© Coastline", "Ada Roe/Getty Images", "फोटो: तट समाचार"])
def test_a_caption_over_its_picture_credit_goes(credit):
    caption = "Fishing boats wait behind the first gate of Port Elder on a calm morning."
    assert on_a_page(*STORY[:3], "Advertisement", caption, credit, *STORY[3:]).paragraphs == STORY


def test_a_paragraph_after_another_is_no_caption():
    assert on_a_page(*STORY[:3], "Photo: Ada Roe", *STORY[3:]).paragraphs == STORY


@pytest.mark.parametrize("end", ["(Photo by Ada Roe)", "(AP Photo/Ada Roe, File)", "Credit: Harbour Museum"])
def test_a_caption_that_ends_in_its_credit_goes(end):
    caption = f"Fishing boats wait behind the first gate of Port Elder on a calm morning. {end}"
    assert on_a_page(*STORY[:3], caption, *STORY[3:]).paragraphs == STORY


def test_a_standfirst_above_the_stamp_is_not_the_first_paragraph():
    standfirst = "The council wants the gate before the spring tides, and the upper town wants pumps."
    body = on_a_page(standfirst, "By Ada Roe", "March 4, 2031 06:40", *STORY)
    assert body.paragraphs == STORY
    assert body.byline == "Ada Roe"


def test_a_short_lead_below_the_stamp_and_above_a_gallery_is_not_lost():
    lead = "The harbour council of Port Elder wants a second gate before the spring tides."
    gallery = ["1 5", "The gate at noon"]
    assert on_a_page("March 4, 2031 06:40", lead, *gallery, *STORY).paragraphs[0] == lead


def test_a_box_of_other_stories_inside_the_story_does_not_end_it():
    box = ["Related articles", "Gale warning for the outer isles", "Herring prices at a ten-year high"]
    assert on_a_page(STORY[0], *box, *STORY[1:]).paragraphs == STORY


def test_what_stands_around_each_comment_keeps_comments_out():
    comments = [
        line
        for n, name in enumerate(("tern44", "old_salt", "quayside", "ebb", "kelp"))
        for line in (
            name,
            f"{n} days ago",
            f"{name} thinks that the sea is high enough as it is.",
            f"Rating: {n} votes",
        )
    ]
    assert on_a_page(*STORY, "[ 5 comments ]", *comments).paragraphs == STORY


@pytest.mark.parametrize(
    "heading",
    ["Kommentare", "Deixe um comentário", "Отзывы", "评论", "コメント", "التعليقات", "टिप्पणी", "Related: ports"],
)
def test_headings_end_a_story_in_many_languages(heading):
    teasers = ["The festival of Marlow will be held in June this year.", "Ashby", "Herring is dear this year again."]
    assert on_a_page(*STORY, heading, *teasers).paragraphs == STORY


def test_the_cut_end_of_a_paragraph_behind_a_paywall_stays():
    cut = STORY[1] + " It will be lowered by hand should the power fail, as in the great storm ..."
    assert on_a_page(STORY[0], cut, "To read the full story", "Subscribe").paragraphs == [STORY[0], cut]


@pytest.mark.parametrize(
    "story",
    [
        [
            "بندرگاہ کی کونسل نے منگل کے روز دوسرے دروازے کی تعمیر کی منظوری دے دی، کونسل کی سربراہ نے بتایا۔",
            "نیا دروازہ پہلے دروازے سے ایک سو چالیس میٹر نیچے تعمیر کیا جائے گا اور دو سال میں مکمل ہو گا۔",
        ],
        [
            "وافق مجلس الميناء يوم الثلاثاء على بناء بوابة ثانية بعد شتاء غمرت فيه المياه الرصيف أربع مرات.",
            "هل ستكتمل البوابة الجديدة قبل المد الربيعي في العام بعد المقبل كما وعد المجلس سكان المدينة؟",
        ],
        [
            "বন্দর পরিষদ মঙ্গলবার দ্বিতীয় জোয়ার ফটক নির্মাণের অনুমোদন দিয়েছে বলে পরিষদের প্রধান সাংবাদিকদের জানিয়েছেন।",
            "নতুন ফটকটি প্রথমটির একশো চল্লিশ মিটার ভাটিতে তৈরি হবে এবং দুই বছরের মধ্যে শেষ হবে।",
        ],
        [
            "துறைமுக சபை செவ்வாய்க்கிழமை இரண்டாவது அலை வாயிலை அமைக்க ஒப்புதல் அளித்தது என்று தலைவர் கூறினார்.",
            "புதிய வாயில் முதல் வாயிலுக்கு நூற்று நாற்பது மீட்டர் கீழே அமையும் என்று அவர் செய்தியாளர்களிடம் தெரிவித்தார்.",
        ],
        [
            "港湾評議会は火曜日、冬の間に海水が四度岸壁を越えたことを受け、二つ目の水門の建設を承認した。",
            "新しい水門は一つ目の百四十メートル下流に設けられ、二年後の春の大潮までに完成する見込みだという。",
        ],
    ],
)
def test_stories_in_many_scripts_are_told_from_their_menus(story):
    menu, foot = ["Home", "News", "A", "B"], ["Contact", "Terms of use", "E", "F"]
    assert clean("\n".join([*menu, *story, *foot]), kind="page").paragraphs == story


@pytest.mark.parametrize(
    ("head", "opening", "tail", "credits"),
    [
        ("By IANS | Updated: May 28, 2024 05:15 IST", "", "", {("IANS", "byline")}),
        ("", "New Delhi, Nov 3 (IANS) ", "", {("IANS", "dateline")}),
        ("", "WASHINGTON (AP) — ", "", {("AP", "dateline")}),
        ("", "नई दिल्ली, 3 नवंबर (आईएएनएस)। ", "", {("IANS", "dateline")}),
        ("", "नई दिल्ली, 3 नवंबर (भाषा) ", "", {("PTI", "dateline")}),
        ("", "नई दिल्ली, 3 नवंबर (वार्ता) ", "", {("UNI", "dateline")}),
        ("", "", "--IANS ms/vd", {("IANS", "signoff")}),
        ("", "", "(भाषा) अमित माधव", {("PTI", "signoff")}),
        ("", "", "(With inputs from IANS)", {("IANS", "contribution")}),
        ("", "", "IANS with PTI inputs", {("IANS", "contribution"), ("PTI", "contribution")}),
        ("", "", "with agency inputs", set()),
        ("", "", "(Reporting by A. B.; Editing by C. D.)", set()),
        ("", "", "The Associated Press contributed to this report.", {("AP", "contribution")}),
        ("", "", "Copyright 2016 The Associated Press. All rights reserved.", {("AP", "copyright")}),
        *(
            ("", "New Delhi, Nov 3 (IANS) ", note, {("IANS", "dateline"), ("IANS", "disclaimer")})
            for note in (
                "Except for the headline, this story has not been edited by NDTV staff and is published from a "
                "syndicated feed.",
                "Only the headline and picture of this report may have been reworked by the Business Standard staff; "
                "the rest of the content is auto-generated from a syndicated feed.",
                "This story has been published from a wire agency feed without modifications to the text. Only the "
                "headline has been changed.",
            )
        ),
    ],
)
def test_a_page_credits_the_agency_in_every_form(head, opening, tail, credits):
    body = on_a_page(*filter(None, [head, opening + STORY[0], *STORY[1:], tail]))
    assert body.paragraphs == STORY
    assert {(c.agency, c.place) for c in body.credits} == credits


def test_a_credit_between_the_story_and_a_box_is_found():
    body = on_a_page(*STORY, "(With inputs from IANS)", "Gale warning for the isles", STORY[0].replace("Elder", "Ash"))
    assert {(c.agency, c.place) for c in body.credits} == {("IANS", "contribution")}


def test_a_disclaimer_ends_the_story():
    note = "This report is auto-generated from PTI news service. The Buoy holds no responsibility for its content."
    plea = "The country needs fair and questioning journalism, packed with reporting from the ground, and we do that."
    body = on_a_page(*STORY, note, "Support us", plea, plea.replace("fair", "free"))
    assert body.paragraphs == STORY
    assert body.credits == (Credit("PTI", "disclaimer"),)


def test_a_disclaimer_above_the_story_does_not_end_it():
    note = "This story is auto-generated from a syndicated feed and has not been edited by our staff."
    assert on_a_page("A short line announces what happened at the harbour.", note, *STORY).paragraphs[-1] == STORY[-1]


def test_what_announces_an_agency_copy_is_none_of_it():
    standfirst = "The council said that the second gate would cost ninety-two million."
    body = on_a_page(standfirst, standfirst + " (REUTERS)", "PORT ELDER (Reuters) - " + STORY[0], *STORY[1:])
    assert body.paragraphs == STORY
    assert body.dateline == "PORT ELDER"


def test_a_headline_behind_a_path_is_told_from_it_and_from_captions():
    above = [
        "Home World Port Elder votes for a gate",
        "Port Elder votes for a gate",
        "Reported by: Asian News International",
    ]
    about = [
        "2 min read 04 Mar 2031, 06:21 PM IST",
        *("Share", "Tweet", "Email") * 4,
        "The harbour of Port Elder. (Representational)",
    ]
    body = clean("\n".join([*above, *about, *STORY]), kind="page")
    assert body.title == "Port Elder votes for a gate"
    assert body.credits == (Credit("ANI", "byline"),)
    assert body.paragraphs == STORY


def test_of_several_long_labels_the_first_is_the_headline():
    above = [
        "Port Elder votes for a gate",
        "The council expects the works to last for two years",
        "Ada Roe",
        "4 March 2031",
    ]
    assert clean("\n".join(["Home", "News", *above, *STORY]), kind="page").title == above[0]


@pytest.mark.parametrize(
    "box",
    [
        ["Editor's Picks", "Herring prices at a ten-year high", "Aug 20, 4:03 PM", "Gale warning for the isles"],
        ["skip past newsletter promotion", "First Tide", *STORY[:2], "after newsletter promotion"],
        [
            "list of 3 items",
            *(f"list {n} of 3\nHerring prices rise again in port {n}" for n in (1, 2, 3)),
            "end of list",
        ],
        ["Lesen Sie auch", "Heringspreise auf Zehnjahreshoch"],
        ["SEE ALSO:", "Herring prices at a ten-year high"],
    ],
)
def test_a_box_inside_a_story_leaves_what_follows_it(box):
    box = [line.replace("The harbour", "Our harbour").replace("The gate", "Our gate") for line in box]
    assert on_a_page(*STORY[:4], *box, *STORY[4:]).paragraphs == STORY


def test_an_agency_in_a_list_of_other_stories_is_no_credit():
    foot = ["Recommended Stories", "Bloomberg", "Herring prices at a ten-year high"]
    assert on_a_page(*STORY, *foot).credits == ()


def test_the_time_above_a_story_needs_no_word_before_it():
    body = clean(
        "\n".join(["Port Elder votes for a gate", "2 min read 04 Mar 2031, 06:21 PM IST", *STORY]), kind="page"
    )
    assert body.published == datetime(2031, 3, 4, 18, 21, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@settings(deadline=None)
@given(st.text())
def test_any_text_is_taken_for_a_page_without_error(text):
    assert len(clean(text, kind="page").text) <= len(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PAGE.split("\n")), max_size=30))
def test_every_line_of_the_story_stands_on_the_page(lines):
    page = "\n".join(lines)
    assert all(paragraph in page for paragraph in clean(page, kind="page").paragraphs)


@pytest.mark.parametrize("phrase", forms._PHRASES["site"])
def test_no_line_about_the_site_is_spared_the_search_for_it(phrase):
    @settings(deadline=None, max_examples=40, database=None)
    @given(st.from_regex(re.compile(phrase, re.A), fullmatch=True))
    def holds_a_word(line):
        assert any(word in line.lower() for word in forms.SITE_WORDS)

    holds_a_word()
