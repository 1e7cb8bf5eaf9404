"""Plain bodies: what is taken off, and what is left alone."""

from __future__ import annotations

import pytest
from clean_stories import STORY
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.errors import UsageError
from dedup.model import Credit
from dedup.stages.clean import clean, marks

BODY = "\n".join(STORY)


@pytest.mark.parametrize(
    ("opening", "dateline", "agency"),
    [
        ("Moscow, May 28 ", "Moscow, May 28", None),
        ("New Delhi, Nov 3 (IANS) ", "New Delhi, Nov 3", "IANS"),
        ("New Delhi [India], November 3 (ANI): ", "New Delhi [India], November 3", "ANI"),
        ("WASHINGTON (AP) — ", "WASHINGTON", "AP"),
        ("LONDON, March 3 (Reuters) - ", "LONDON, March 3", "Reuters"),
        ("BEIJING, Nov. 5 (Xinhua) -- ", "BEIJING, Nov. 5", "Xinhua"),
        ("HOLLYWOOD, Fla./SAN JUAN, Puerto Rico (Reuters) - ", "HOLLYWOOD, Fla./SAN JUAN, Puerto Rico", "Reuters"),
        ("Barpeta (Assam), Jun 30 (PTI) ", "Barpeta (Assam), Jun 30", "PTI"),
        ("(Bloomberg) -- ", None, "Bloomberg"),
        ("SRINAGAR, Aug 2 — ", "SRINAGAR, Aug 2", None),
        ("New Delhi, 20 Aug: ", "New Delhi, 20 Aug", None),
        ("TOPEKA, Kan. (WIBW)- ", "TOPEKA, Kan.", None),
        ("TOKYO — ", "TOKYO", None),
        ("WASHINGTON—", "WASHINGTON", None),
        ("MUMBAI: ", "MUMBAI", None),
        ("नई दिल्ली, 3 नवंबर (आईएएनएस)। ", "नई दिल्ली, 3 नवंबर", "IANS"),
        ("नई दिल्ली, तीन नवंबर (भाषा) ", "नई दिल्ली, तीन नवंबर", "PTI"),
        ("NEW DELHI: (PTI) ", "NEW DELHI", "PTI"),
        ("Ankara, (Anadolu Agency) ", "Ankara", "Anadolu"),
        ("MOSCOW, June 3. /TASS/. ", "MOSCOW, June 3", "TASS"),
        ("MOSCOW. June 3 (Interfax) - ", "MOSCOW. June 3", "Interfax"),
        ("AFP - ", None, "AFP"),
        ("PTI, New Delhi: ", "New Delhi", "PTI"),
    ],
)
def test_a_dateline_leaves_the_body_and_names_its_agency(opening, dateline, agency):
    body = clean(opening + BODY, kind="text")
    assert body.text == BODY
    assert body.dateline == dateline
    assert body.credits == ((Credit(agency, "dateline"),) if agency else ())


@pytest.mark.parametrize(
    "opening",
    [
        "In Moscow, May 28 was a day of rest. ",
        "On Tuesday, May 28 The Gate was closed. ",
        "The ministry (AP route 12) said so. ",
        "NASA engineers disagreed. ",
        "FILE - A view of the harbour. ",
        "BREAKING: A gate has failed. ",
        "Smith (Reuters had named him) stayed away. ",
        "AFP, which was there, told of a calm day. ",
        "Agence France-Presse (AFP) told of a calm day. ",
    ],
)
def test_an_ordinary_sentence_is_no_dateline(opening):
    body = clean(opening + BODY, kind="text")
    assert body.text == opening + BODY
    assert body.dateline is None


@pytest.mark.parametrize(
    ("line", "credits"),
    [
        ("--IANS ms/vd", {("IANS", "signoff")}),
        ("— PTI", {("PTI", "signoff")}),
        ("(PTI)", {("PTI", "signoff")}),
        ("PTI KNR DIV", {("PTI", "signoff")}),
        ("(AFP) jb/ks", {("AFP", "signoff")}),
        ("(भाषा)", {("PTI", "signoff")}),
        ("Source: IANS", {("IANS", "signoff")}),
        ("(Source: ANI)", {("ANI", "signoff")}),
        ("With files from The Canadian Press", {("CP", "contribution")}),
        ("— with files from Reuters and Ada Roe", {("Reuters", "contribution")}),
        ("Distributed by Tribune Content Agency, LLC.", {("TNS", "copyright")}),
        ("(With inputs from IANS)", {("IANS", "contribution")}),
        ("With inputs from PTI and ANI", {("ANI", "contribution"), ("PTI", "contribution")}),
        ("IANS with PTI inputs", {("IANS", "contribution"), ("PTI", "contribution")}),
        ("with agency inputs", set()),
        ("[With agencies]", set()),
        ("(With inputs from agencies)", set()),
        ("(एजेंसी इनपुट के साथ)", set()),
        ("Contributing: The Associated Press", {("AP", "contribution")}),
        ("Contributors Ada Roe and Reuters", {("Reuters", "contribution")}),
        ("The Associated Press contributed to this report.", {("AP", "contribution")}),
        ("Fox News' Ada Roe and The Associated Press contributed to this report.", {("AP", "contribution")}),
        ("AP writer Ada Roe contributed from Port Elder.", {("AP", "contribution")}),
        ("Roe reported from Port Elder.", set()),
        ("Additional reporting by AP and Reuters", {("AP", "contribution"), ("Reuters", "contribution")}),
        ("(Reporting by A. B.; Editing by C. D.)", set()),
        ("Copyright 2016 The Associated Press. All rights reserved.", {("AP", "copyright")}),
        ("2031 Bloomberg L.P.", {("Bloomberg", "copyright")}),
        (
            "Except for the headline, this story has not been edited by NDTV staff and is published from a "
            "syndicated feed.",
            set(),
        ),
        (
            "Only the headline and picture of this report may have been reworked by the Business Standard staff; the "
            "rest of the content is auto-generated from a syndicated feed.",
            set(),
        ),
        (
            "This story has been published from a wire agency feed without modifications to the text. Only the "
            "headline has been changed.",
            set(),
        ),
        ("Disclaimer: This copy comes from the PTI feed and was not edited.", {("PTI", "disclaimer")}),
        (
            "Radio Coastline transcripts are typed in haste by a contractor. This text may not be in its final form "
            "and may be revised in the future. The record of our programmes is the audio.",
            set(),
        ),
        ("The opinions expressed in this commentary are solely those of Ada Quill.", set()),
        ("Views expressed in this article are the author's and do not necessarily reflect those of The Buoy.", set()),
        ("This column does not necessarily represent the opinion of the editorial board or its owners.", set()),
        (
            "Permission is given to duplicate this document for personal use only. Copies are protected under "
            "copyright law; for reprints visit the Permissions page.",
            set(),
        ),
        ("Reprinted from Tidewire with permission from Q&Q News. Q&Q covers the sea every day.", set()),
        ("This article originally appeared in The Buoy.", set()),
        ("(This story was first published by Reuters.)", {("Reuters", "copyright")}),
        ("This article is republished from The Lighthouse under a Creative Commons license.", set()),
        ("Content of the Quay Foundation is available without charge to any eligible publisher.", set()),
        ("This story is part of a reporting partnership between Radio Coastline and The Buoy.", set()),
        ("This research was sponsored by the Office of Harbours and conducted within its centre.", set()),
        ("THIS IS A RUSH TRANSCRIPT. THIS COPY MAY NOT BE IN ITS FINAL FORM AND MAY BE UPDATED.", set()),
        ("___", set()),
    ],
)
def test_a_note_after_the_story_leaves_the_body_and_names_its_agencies(line, credits):
    body = clean(f"{BODY}\n{line}", kind="text")
    assert body.text == BODY
    assert {(c.agency, c.place) for c in body.credits} == credits


@pytest.mark.parametrize("note", ["--IANS\nms/vd", "--आईएएनएस\nएसकेपी/", "(PTI)\nsk/ab-c"])
def test_editors_below_a_signoff_leave_with_it(note):
    assert clean(f"{BODY}\n{note}", kind="text").text == BODY


@pytest.mark.parametrize(
    "line",
    [
        "Her views expressed in the letter do not necessarily reflect those of the harbour board, Quill said.",
        "“The views expressed here do not necessarily represent the council,” the clerk's notice read.",
        "The letter was reprinted in full with the permission of her family, the editor said.",
        "“This story is part of a series, and the last one,” it read.",
        "The harbour was first published on a chart in 1802, and is part of a series of such places.",
        "The council will necessarily reflect the views of those who vote for it, and nobody else has a say.",
    ],
)
def test_what_somebody_says_of_views_is_a_part_of_the_story(line):
    assert clean(f"{BODY}\n{line}", kind="text").text == f"{BODY}\n{line}"


@pytest.mark.parametrize(
    "line",
    [
        "Follow us on Google News and join our WhatsApp channel for the latest updates.",
        ">> Follow Ada Roe (@adaroe) on Twitter",
        "We are now on Telegram. Click here to join our channel (@thebuoy).",
        "Sign up for Daily Newsletters Manage Newsletters",
        "CLICK HERE TO GET THE BUOY APP",
        "Get Latest News Live on The Buoy along with Breaking News and Top Headlines.",
        "Catch all the Business News, Market News and Latest News Updates on The Buoy.",
        "For the latest news and reviews, follow us on Twitter and Facebook.",
        "(You can now subscribe to our Buoy WhatsApp channel)",
        "READ MORE: Harbour shuts for a week",
        "Contact the reporter at ada.roe@example.com",
        "Have a tip? Email us at tips@example.com.",
        "Our Standards: The Buoy Trust Principles.",
        "यह भी पढ़ें: बंदरगाह एक सप्ताह के लिए बंद",
        "ताज़ा समाचार पाने के लिए हमारे व्हाट्सऐप चैनल से जुड़ें।",
    ],
)
def test_what_an_outlet_says_of_itself_below_a_story_leaves_the_body(line):
    assert clean(f"{BODY}\n{line}", kind="text").text == BODY
    assert clean(f"{BODY}\n{line}\n(PTI)", kind="text").credits == (Credit("PTI", "signoff"),)


@pytest.mark.parametrize(
    "line",
    [
        "Follow the money, she wrote on Twitter, and the gate explains itself.",
        "Find out who paid was what he asked of readers on Facebook, he said.",
        "Contact between the harbour and the ship was lost at noon, an e-mail shows.",
        "Get the gate closed, the order read, and it reached them by mail on Monday.",
        "For more than a year nobody could subscribe to the scheme, Quill said.",
        "Reading more was what the school asked of them, and nothing else.",
        "Like the council, the harbour board is on Facebook and answers there, Quill said.",
        "Like many, she asked on WhatsApp whether the gate would hold.",
    ],
)
def test_a_sentence_that_begins_like_an_invitation_is_a_part_of_the_story(line):
    assert clean(f"{BODY}\n{line}", kind="text").text == f"{BODY}\n{line}"


@pytest.mark.parametrize(
    ("ending", "credits"),
    [
        (" (PTI)", {("PTI", "signoff")}),
        (" — PTI", {("PTI", "signoff")}),
        (" --IANS ms/vd", {("IANS", "signoff")}),
        (" PTI KNR DIV", {("PTI", "signoff")}),
        (" (With inputs from IANS)", {("IANS", "contribution")}),
        (" With inputs from PTI and ANI", {("ANI", "contribution"), ("PTI", "contribution")}),
        (" (Reporting by A. B.; Editing by C. D.)", set()),
        ("The Associated Press contributed to this report.", {("AP", "contribution")}),
        (" Copyright 2016 The Associated Press. All rights reserved.", {("AP", "copyright")}),
        (" (This story has not been edited by our staff and is auto-generated from a syndicated feed.)", set()),
        (" Only the headline has been reworked; the rest is auto-generated from a syndicated feed.", set()),
    ],
)
def test_a_note_at_the_end_of_the_last_paragraph_leaves_it(ending, credits):
    body = clean(BODY + ending, kind="text")
    assert body.text == BODY
    assert {(c.agency, c.place) for c in body.credits} == credits


@pytest.mark.parametrize(
    ("line", "byline", "agency"),
    [
        ("By IANS | Updated: May 28, 2024 05:15 IST", "IANS", "IANS"),
        ("By AP", "AP", "AP"),
        ("By Ada Roe, Associated Press", "Ada Roe, Associated Press", "AP"),
        ("By Ada Roe | Reuters", "Ada Roe | Reuters", "Reuters"),
        ("By AP Dhillon", "AP Dhillon", None),
        ("CBS/AP November 14, 2016, 1:39 PM", "CBS/AP", "AP"),
        ("PTI | Nov 3, 2024", "PTI", "PTI"),
        ("The Associated Press", "The Associated Press", "AP"),
        ("Source: IANS", "IANS", "IANS"),
        ("Published by: PTI", "PTI", "PTI"),
    ],
)
def test_a_byline_leaves_the_body(line, byline, agency):
    body = clean(f"{line}\n{BODY}", kind="text")
    assert body.text == BODY
    assert body.byline == byline
    assert body.credits == ((Credit(agency, "byline"),) if agency else ())


@pytest.mark.parametrize(
    "line",
    [
        "By Monday the army had taken the town.",
        "Reuters quoted him as saying that the gate would hold.",
        "The rain had contributed to the collapse of the wall.",
        "The minister told Reuters.",
        "He is due in Geneva, AP said.",
        "With reports of a fifth flood on the way, the council met at night.",
        "Contributing to the flood was a sluice that no one had closed since the spring.",
        "Money contributed from abroad paid for the pumps.",
        "The report contains figures from forty harbours.",
        "Wire reports from the front were rare by then.",
        "The agency said that it would keep the feed of data without changes.",
    ],
)
def test_an_agency_that_is_quoted_is_no_credit(line):
    text = f"{STORY[0]}\n{line}"
    body = clean(text, kind="text")
    assert body.text == text
    assert body.credits == ()


def test_a_disclaimer_without_a_name_means_the_agency_above():
    text = f"New Delhi, Nov 3 (IANS) {BODY}\nThis story has been published from an agency feed without modifications."
    assert clean(text, kind="text").credits == (Credit("IANS", "dateline"), Credit("IANS", "disclaimer"))


def test_several_agencies_are_credited_in_the_order_of_places():
    text = f"By PTI\nNEW DELHI (Reuters) - {BODY}\n(With inputs from ANI and AFP)"
    found = [(c.agency, c.place) for c in clean(text, kind="text").credits]
    assert found == [
        ("PTI", "byline"),
        ("Reuters", "dateline"),
        ("AFP", "contribution"),
        ("ANI", "contribution"),
    ]


def test_an_article_of_one_line_loses_both_ends():
    body = clean(f"Port Elder, March 4 (IANS) {' '.join(STORY)} --IANS ms/vd", kind="text")
    assert body.text == " ".join(STORY)
    assert body.dateline == "Port Elder, March 4"
    assert body.credits == (Credit("IANS", "dateline"), Credit("IANS", "signoff"))


def test_lines_are_trimmed_and_blank_ones_dropped_and_control_characters_go():
    text = "\ufeff One. \r\n\r\n\u00a0Two\x00 words.\u2003\r\u200b\rThree\tends here.\x1b\n"
    assert clean(text, kind="text").text == "One.\nTwo words.\nThree\tends here."


def test_words_inside_paragraphs_are_untouched():
    text = "ＦＵＬＬ  ﬁgures,   soft\u00adhyphen, e\u0301 and “quotes”…"
    assert clean(text, kind="text").text == text


@pytest.mark.parametrize(
    "text", ["", " ", "\n\r\n", "\x00", "\ufeff", "(PTI)", "Copyright 2031 Coastline. All rights reserved."]
)
def test_a_text_without_a_story_is_empty(text):
    assert clean(text, kind="text").text == ""


def test_a_lone_surrogate_is_no_error():
    assert clean("Port \ud800 Elder.", kind="text").text == "Port ? Elder."


def test_an_unknown_kind_is_refused():
    with pytest.raises(UsageError, match="poem"):
        clean("Text.", kind="poem")


PIECES = st.sampled_from(
    [
        *STORY[:3],
        "Moscow, May 28 ",
        "WASHINGTON (AP) — ",
        "TOKYO — KYOTO — ",
        "By IANS | Updated: May 28, 2024 05:15 IST",
        "(PTI)",
        " --IANS ms/vd",
        "The Associated Press contributed to this report.",
        " (With inputs from ANI)",
        "Copyright 2016 The Associated Press. All rights reserved.",
        "Disclaimer: an agency feed.",
        "___",
        "Reuters",
        "\n",
        "\r\n",
        " ",
        "\u00a0",
        ". ",
        "“",
        "।",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=14).map("".join)


@settings(deadline=None)
@given(TEXTS)
@example("Â\x1f\x80")  # once the control character is gone, misread UTF-8
def test_cleaning_a_clean_body_changes_nothing(text):
    once = clean(text, kind="text")
    again = clean(once.text, kind="text")
    assert again.text == once.text


@settings(deadline=None)
@given(TEXTS)
@example("0\x85")
def test_no_paragraph_is_blank_or_untrimmed(text):
    # Not str.strip, which takes U+0085 too: what is white is one list, the kernel's.
    assert all(line and line == line.strip(marks.WHITE) for line in clean(text, kind="text").paragraphs)
