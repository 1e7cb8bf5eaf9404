import contextlib

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st
from reading import rows_of

from dedup.errors import EmptyInput
from dedup.stages.read import limits, read_records


def rows(*records):
    rejected = []
    return rows_of(read_records(records, on_reject=rejected.append)), rejected


def row(**fields):
    return rows({"text": "A ferry.", **fields})[0][0]


def test_a_missing_id_is_derived_from_the_url_else_from_the_text():
    url = "https://harbour.example/1"
    assert row(url=url)["id"] == xxhash.xxh3_128_hexdigest(url.encode())
    assert row()["id"] == xxhash.xxh3_128_hexdigest(b"A ferry.")
    assert row(id=" ")["id"] == row()["id"]
    assert row(id="7", url=url)["id"] == "7"


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.Harbour.example/news?q=http://other.example", "harbour.example"),
        ("http://user:secret@news.harbour.example:8080/", "news.harbour.example"),
        ("//harbour.example", "harbour.example"),
        ("harbour.example/news", "harbour.example"),
        ("https://harbour.example.", "harbour.example"),
        ("https://\u0916\u092c\u0930.example/x", "\u0916\u092c\u0930.example"),
        ("/news/1", None),
        ("news", None),
        ("mailto:desk", None),
    ],
)
def test_a_missing_outlet_is_the_host_of_the_url(url, outlet):
    assert row(url=url)["outlet"] == outlet
    assert row(url=url, outlet="Harbour Post")["outlet"] == "Harbour Post"


def test_what_is_above_its_limit_is_rejected_by_name_and_the_rest_goes_on():
    good = {"text": "x" * limits.TEXT, "id": "i" * limits.ID, "url": "u" * limits.URL}
    bad = [{"text": "\u0915" * (limits.TEXT // 3 + 1)}] + [
        {"text": "a.", field: "x" * (limit + 1)}
        for field, limit in [("id", limits.ID), ("url", limits.URL), ("outlet", limits.OUTLET)]
    ]
    found, rejected = rows(*bad, good)
    assert [row["id"] for row in found] == [good["id"]]
    assert [record.reason.split()[0] for record in rejected] == ["text", "id", "url", "outlet"]
    assert all("above the limit" in record.reason and len(record.record) <= 2000 for record in rejected)


def test_a_long_title_is_cut_and_its_article_kept():
    assert row(title="\u0915" * 20_000)["title"] == "\u0915" * limits.TITLE


def test_an_html_field_is_html_where_no_other_text_is_given():
    found, _ = rows({"html": "A ferry."}, {"text": "A ferry.", "html": "<p>A ferry.</p>"})
    assert [row["kind"] for row in found] == ["html", "text"]


def test_an_unreadable_date_is_unknown_not_an_error():
    found = row(published="the day before")
    assert (found["published"], found["zone"]) == (None, None)


@given(
    st.lists(st.fixed_dictionaries({"text": st.none() | st.text(max_size=5)}, optional={"body": st.text(max_size=5)}))
)
def test_each_record_is_a_row_or_rejected(records):
    rejected = []
    kept = []
    with contextlib.suppress(EmptyInput):
        for batch in read_records(records, on_reject=rejected.append):
            kept += batch.column("text").to_pylist()
    assert len(kept) + len(rejected) == len(records)
    assert all(text.strip() for text in kept if text.isascii())
