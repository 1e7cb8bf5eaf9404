from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import dates

MORNING = datetime(2024, 5, 27, 23, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-28T05:15:00+05:30",
        "2024-05-28T05:15:00+0530",
        "2024-05-28 05:15:00.123456+05:30",
        "2024-05-28T05:15+05:30",
        "2024-05-28 05:15:00 +0530",
        "Tue, 28 May 2024 05:15:00 +0530",
        "Tue, 28 May 2024 05:15:00 IST",
        "Tue May 28 2024 05:15:00 GMT+0530 (India Standard Time)",
        "Tue May 28 05:15:00 +0530 2024",
        "May 28, 2024 05:15 IST",
        "May 28, 2024, 5:15 AM IST",
        "May 28, 2024 at 5:15 a.m. (IST)",
        "Updated: May 28, 2024 05:15 IST",
        "Last updated on: May 28, 2024 | 05:15 IST",
        "28 May 2024 05:15 IST",
        "28 May, 2024, 05:15 hrs IST",
        "28th May 2024 05.15 IST",
        "28-May-2024 05:15 IST",
        "05:15 IST, 28 May 2024",
        "5:15 AM IST on May 28, 2024",
        "28/05/2024 05:15 IST",
        "05/28/2024 05:15 IST",
        "2024/05/28 05:15 IST",
        "20240528T051500+0530",
        "28 मई 2024, 05:15 IST",
        "२८ मई २०२४, ०५:१५ IST",
        "  May 28,\n2024  05:15\tIST ",
    ],
)
def test_an_indian_morning_is_read_in_every_usual_form(text):
    assert dates.parse(text) == (MORNING, 330)


@pytest.mark.parametrize(
    ("text", "utc", "zone"),
    [
        ("2024-05-28T05:15:00Z", "2024-05-28T05:15:00", 0),
        ("2024-05-28T05:15:00", "2024-05-28T05:15:00", None),
        ("2024-05-28", "2024-05-28T00:00:00", None),
        ("2024/05/28", "2024-05-28T00:00:00", None),
        ("20240528", "2024-05-28T00:00:00", None),
        ("28 May 2024 17:15", "2024-05-28T17:15:00", None),
        ("May 28, 2024, 5:15 PM EDT", "2024-05-28T21:15:00", -240),
        ("May 28, 2024, 12:05 AM", "2024-05-28T00:05:00", None),
        ("May 28, 2024, 12:05 PM", "2024-05-28T12:05:00", None),
        ("May 28, 2024 17:15 PM BST", "2024-05-28T16:15:00", 60),
        ("Nov. 3, 2025", "2025-11-03T00:00:00", None),
        ("Sept. 3, 2025", "2025-09-03T00:00:00", None),
        ("3 नवंबर 2025", "2025-11-03T00:00:00", None),
        ("3 सितम्बर 2025", "2025-09-03T00:00:00", None),
        ("Monday, 3 November 2025", "2025-11-03T00:00:00", None),
        ("03/04/2025", "2025-04-03T00:00:00", None),
        ("3.4.2025", "2025-04-03T00:00:00", None),
        ("2024年5月28日 05:15", "2024-05-28T05:15:00", None),
        ("1716853500", "2024-05-27T23:45:00", 0),
        ("1716853500.75", "2024-05-27T23:45:00", 0),
        ("1716853500999", "2024-05-27T23:45:00", 0),
        ("2024-05-28T05:15:00-03:30", "2024-05-28T08:45:00", -210),
        ("2024-02-29", "2024-02-29T00:00:00", None),
    ],
)
def test_a_date_keeps_its_moment_and_the_zone_that_it_names(text, utc, zone):
    assert dates.parse(text) == (datetime.fromisoformat(utc).replace(tzinfo=UTC), zone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "31 April 2025",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-05-28T24:15:00",
        "2024-05-28T05:60",
        "2024-05-28T05:15:00+25:00",
        "2024-05-28T05:15:00+05:75",
        "31/31/2024",
        "0000-01-01",
        "9999-12-31T23:59:59-14:00",
        "May 28",
        "May 28, 2024 5",
        "In May 28, 2024 protests began",
        "12345678901",
        "May 28, 2024 05:15 IST" + " " * 80,
    ],
)
def test_what_is_no_possible_date_is_none(text):
    assert dates.parse(text) is None


moments = st.datetimes(datetime(1700, 1, 1), datetime(2300, 1, 1)).map(
    lambda when: when.replace(microsecond=0, tzinfo=UTC)
)
zones = st.none() | st.integers(-840, 840)
iso_like = st.from_regex(
    r"\A[0-2]\d{3}-[01]\d-[0-3]\d([T ][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,10})?)?)?(Z|[+-][012]\d(:?[0-6]\d)?)?\Z"
)


@given(moments, zones)
def test_isoformat_and_parse_are_inverse(utc, zone):
    assert dates.parse(dates.isoformat(utc, zone)) == (utc, zone)


@given(moments, zones)
def test_a_local_clock_shows_the_same_moment(utc, zone):
    local = dates.with_zone(utc, zone)
    assert local == utc
    assert local.utcoffset() == timedelta(minutes=zone or 0)


@given(st.text(max_size=90) | iso_like)
def test_parse_never_raises(text):
    found = dates.parse(text)
    assert found is None or found[0].tzinfo is UTC


def columns(texts, kind=None):
    stamps, offsets = dates.parse_column(pa.array(texts, kind))
    return list(zip(stamps.to_pylist(), offsets.to_pylist(), strict=True))


@given(st.lists(st.none() | iso_like | st.text("0123456789-:T Z+./", max_size=36), max_size=20))
def test_a_column_reads_as_its_strings_do(texts):
    alone = [dates.parse(text) if text is not None else None for text in texts]
    assert columns(texts) == [found or (None, None) for found in alone]
    assert columns(["x", *texts, "y"][1:-1], pa.large_string()) == columns(texts)


def test_a_slice_of_a_column_reads_as_its_strings_do():
    whole = pa.array(["2024-05-28", "28 May 2024", None, "2024-05-29T05:15:00+05:30"])
    stamps, offsets = dates.parse_column(whole.slice(1))
    assert [stamp and stamp.day for stamp in stamps.to_pylist()] == [28, None, 28]
    assert offsets.to_pylist() == [None, None, 330]


@given(moments, zones)
def test_a_column_of_iso_times_round_trips(utc, zone):
    assert columns([dates.isoformat(utc, zone)]) == [(utc, zone)]


@given(moments, zones, st.sampled_from(["", ".5", ",123456789"]), st.sampled_from(["T", "t", " "]))
def test_iso_times_are_read_by_the_kernel(utc, zone, fraction, between):
    clock, offset = dates.isoformat(utc, zone)[:19], dates.isoformat(utc, zone)[19:]
    text = clock.replace("T", between) + fraction + offset
    found = [column.tolist() for column in dates._iso(pa.array([text, "", "28 May 2024"], pa.large_string()))]
    seconds = (utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    no = [False, False]
    assert found == [[True, *no], [zone is not None, *no], [seconds, 0, 0], [zone or 0, 0, 0]]
