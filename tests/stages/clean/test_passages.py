"""What a page sets inside its lines: captions of a gallery, cards behind names."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.stages.clean import lines, passages

TRUMP = "TrumpFive takeaways from the hearing Poll: Trump trails in Michigan MORE"
WORDS = [
    *("Hide Caption 1 of 9", "Hide Caption", "Photos:", "MORE", "READ MORE", "Kerry", "KerryPoll:", "Kerry2020", "\n"),
    *("Newsletter Sign Up", "Sign up", "Sign language", "email", "at any time"),
    *("John", "(Jeff)", "said", "“Trump", "TrumpTrump", "Trump"),
]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Photos: A launch The rocket rose. Hide Caption 1 of 8", ""),
        ("Photos: A Hide Caption 1 of 2 Photos: B Hide Caption 2 of 2 The story goes on.", " The story goes on."),
        ("Hide Caption is a button.", "Hide Caption is a button."),
        ("Photos: A Hide Caption 1 of 2 The second. Hide Caption 2 of 2", ""),
        ("He resigned. Photos: The inquiry Hide Caption 1 of 9 He was sorry.", "He resigned.  He was sorry."),
        ("A. B. contributed. Hide Caption 1 of 18 Photos: C Hide Caption 2 of 18", "A. B. contributed. "),
        ('They clicked "Hide Caption 1 of 9" often.', 'They clicked "" often.'),
        ("Photos: A Hide Caption 1 of 1 News. Photos: B Hide Caption 1 of 1 More.", " News.  More."),
        (f"Photos: {'x' * 1200} Hide Caption 1 of 2", f"Photos: {'x' * 1200} "),
        (f"A Hide Caption 1 of 2{'x' * 1201}Hide Caption 2 of 2", f"A {'x' * 1201}"),
        ("Hide Caption 1 of 12345 rest", "Hide Caption 1 of 12345 rest"),
        (f"said President Trump Donald John {TRUMP} on Monday", "said President Trump on Monday"),
        (f"Donald Trump Donald John {TRUMP}'s campaign", "Donald Trump's campaign"),
        ("Jeff Sessions Jefferson (Jeff) Beauregard SessionsSanford: No MORE, whom", "Jeff Sessions, whom"),
        (f"Trump Donald {TRUMP} and Kerry John Forbes Kerry5 things MORE met", "Trump and Kerry met"),
        (
            "Reps. Ilhan Omar Ilhan OmarA speech MORE (Minn.), Rashida Tlaib Rashida Harbi TlaibNo MORE (Mich.)",
            "Reps. Ilhan Omar (Minn.), Rashida Tlaib (Mich.)",
        ),
        ("Rep. Ilhan OmarIlhan OmarA speech Poll: She leads MORE (D-Minn.) spoke", "Rep. Ilhan Omar (D-Minn.) spoke"),
        ("Kevin McCarthyKevin McCarthyNo MORE met Ann McCarthy", "Kevin McCarthy met Ann McCarthy"),
        ("On YouTube YouTubers READ MORE", "On YouTube YouTubers READ MORE"),
        ("The firm LearnTech and Learn sell MORE", "The firm LearnTech and Learn sell MORE"),
        ("YouTube, You and YouTubeKids READ MORE", "YouTube, You and YouTubeKids READ MORE"),
    ],
)
def test_what_stands_in_a_line_goes_and_the_rest_stays(line: str, left: str) -> None:
    assert passages.without(line) == left


@pytest.mark.parametrize(
    "line",
    [
        "CLICK HERE TO READ MORE",
        f"Trump Donald John TrumpFive {'x' * 600} MORE",
        "THE AIRLINE SAID IN A STATEMENT THAT AN AIRCRAFT CARRYING MORE THAN 100 PEOPLE LANDED SAFELY",
        "WE WERE TOLD THE PRICE ROSE TO MORE THAN 50 DOLLARS",
        "Planned from Kennedy Space Center, SpaceX said on Tuesday. The crew will return. MORE: How to watch",
        "Why I Left ISIS and came home: he told us everything. READ MORE about the trial.",
        "Will You Pay For YouTube Premium? The service costs more from June, the company said. READ MORE",
        "At Black Friday BlackRock said that sales rose again. READ MORE",
    ],
)
def test_sentences_that_look_like_a_card_stay(line: str) -> None:
    assert passages.without(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "Newsletter Sign Up Invalid email address. Please re-enter. You agree to receive occasional offers.",
        "The Tiller. Email Sign Up By signing up you agree to receive alerts. You can unsubscribe at any time.",
        "Ready to row? Sign up for The Buoy and get three letters in your inbox. You can read our Privacy Policy here.",
    ],
)
def test_a_form_to_subscribe_goes_from_between_the_paragraphs(line: str) -> None:
    story = "The harbour was closed on Monday.\n{}The captain said that the gate held."
    kept = dedup.clean(story.format(line + "\n"), kind="text").text
    assert kept == story.format("")


@pytest.mark.parametrize(
    "line",
    [
        "Users who sign up get a newsletter by email, and may leave at any time, the company said.",
        "Sign up, he told them, and the harbour will be yours.",
        "Sign language and email are how she speaks to subscribers of the newsletter.",
        "Sign up for the newsletter by email, it said, " + "and so on, " * 100,
    ],
)
def test_a_sentence_that_speaks_of_signing_up_stays(line: str) -> None:
    assert passages.without(line) == line


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))
def test_nothing_is_added_and_without_an_end_nothing_taken(text: str) -> None:
    for line in text.split("\n"):
        left = passages.without(line)
        rest = iter(line)
        assert all(char in rest for char in left)
        assert left == line or "Hide Caption 1 of 9" in line or "MORE" in line or not left
        assert left or not line or "Hide Caption 1 of 9" in line or "Sign" in line


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join), max_size=5))
def test_the_kernel_picks_articles_with_an_end_of_a_passage(texts: list[str]) -> None:
    found = lines.find_lines(*lines.buffers(pa.array(texts, pa.large_string())))
    assert found.passage.tolist() == [
        any(end in line for line in text.split("\n") for end in (passages.CAPTION, passages.MORE, passages.FORM))
        for text in texts
    ]


def test_ends_are_seen_wherever_blocks_of_the_kernel_begin() -> None:
    for end in (passages.CAPTION, passages.MORE, passages.FORM):
        for n in range(140):
            texts = ["x" * n + end + "y", "x" * n + end[:-1], end[1:]]
            found = lines.find_lines(*lines.buffers(pa.array(texts, pa.large_string())))
            assert found.passage.tolist() == [True, False, False]
