"""What a terminal may be shown, and how figures read."""

from __future__ import annotations

import unicodedata
from datetime import UTC, timedelta

import pytest
from answers import DAWN
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Credit
from dedup.report.text import after, credit_kept, many, percent, plain, shorten, size, when


@given(st.text(st.characters(codec=None)))
def test_no_character_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = plain(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    shown.encode("utf-8")


def test_escape_sequences_lose_their_escape() -> None:
    assert plain("a\x1b[2J\x9b31mb\x07\r\nc") == "a[2J31mb  c"


def test_joiners_of_indic_scripts_stay() -> None:
    assert plain("क्‍ष र‌ख") == "क्‍ष र‌ख"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "+0 m"), (7, "+7 m"), (-7, "-7 m"), (65, "+1 h 05"), (2879, "+47 h 59"), (2880, "+2 d"), (3120, "+2 d 4 h")],
)
def test_time_after_the_origin_is_said_as_people_do(minutes: int, said: str) -> None:
    assert after(DAWN + timedelta(minutes=minutes), DAWN) == said


def test_time_is_shown_with_its_zone_and_unknown_time_as_unknown() -> None:
    assert when(DAWN) == "2024-05-28 05:15 +05:30"
    assert when(DAWN.astimezone(UTC)) == "2024-05-27 23:45 +00:00"
    assert (when(None), after(None, DAWN)) == ("-", "?")


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.001, "1 %"), (0.414, "41 %"), (0.9999, "99 %"), (1, "100 %"), (None, "")],
)
def test_only_all_is_a_hundred_percent_and_only_none_is_zero(share: float | None, said: str) -> None:
    assert percent(share) == said


def test_counts_and_sizes_read_well() -> None:
    assert (many(1, "story"), many(2300, "story"), many(0, "article")) == ("1 story", "2,300 stories", "0 articles")
    assert [size(n) for n in (17, 2100, 34_000_000)] == ["17 B", "2.1 kB", "34 MB"]


@given(st.text("ab ", max_size=40), st.integers(3, 20))
def test_shortened_text_fits_and_says_that_it_is(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_a_credit_is_kept_or_dropped_or_was_never_there() -> None:
    both = (Credit("IANS", "byline"), Credit("IANS", "disclaimer"), Credit("PTI", "signoff"))
    assert credit_kept(both, ("IANS",)) == "IANS, PTI"
    assert credit_kept((), ("IANS",)) == "dropped"
    assert credit_kept((), ()) == "none"
