"""The batch is the definition; one text is a batch of one."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
from clean_stories import HINDI_PAGE, PAGE, STORY, batch, raw
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import ARTICLES
from dedup.stages.clean import clean
from dedup.stages.clean.bulk import clean_batch

TEXTS = [
    "\n".join(STORY),
    "Port Elder, March 4 (IANS) " + "\n\n".join(STORY) + "\n--IANS ms/vd",
    " ".join(STORY) + " (PTI)",
    "\r\n".join(STORY[:2]) + "\x00",
    "",
    "The Associated Press contributed to this report.",
    "Photos: A launch The rocket rose. Hide Caption 1 of 8\r" + STORY[0] + " READ MORE",
    "President Trump Donald John TrumpPoll: Trump trails MORE said. " + STORY[1],
    PAGE,
    HINDI_PAGE,
    "<p>The gate held.</p><p>The quay did not.</p>",
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(TEXTS) | st.text(max_size=40), st.sampled_from(["text", "page", "html", "auto"])),
        max_size=8,
    )
)
def test_a_batch_gives_each_row_what_it_gives_alone(rows):
    given_rows = [raw(text.encode("utf-8", "replace").decode(), kind) for text, kind in rows]
    out = clean_batch(batch(*given_rows))
    assert out.schema.equals(ARTICLES)
    for row, source in zip(out.to_pylist(), given_rows, strict=True):
        alone = clean(source["text"], source["kind"])
        assert row["body"] == alone.text
        assert (row["title"], row["byline"], row["dateline"]) == (alone.title, alone.byline, alone.dateline)
        assert [(c["agency"], c["place"]) for c in row["credits"]] == [(c.agency, c.place) for c in alone.credits]
        assert row["published"] == alone.published


def test_a_slice_of_a_batch_is_cleaned_like_the_whole():
    whole = batch(*(raw(text) for text in TEXTS))
    cut = clean_batch(whole.slice(1, 4))
    assert cut.column("body").to_pylist() == clean_batch(whole).column("body").to_pylist()[1:5]


def test_an_empty_batch_is_an_empty_table():
    out = clean_batch(batch())
    assert out.num_rows == 0
    assert out.schema.equals(ARTICLES)


def test_what_the_record_says_goes_before_what_the_page_says():
    published = datetime(2030, 1, 1, tzinfo=UTC)
    out = clean_batch(
        batch(raw(PAGE, "page", title="Given", published=published, zone=None, outlet="coastline.example"))
    )
    row = out.to_pylist()[0]
    assert (row["title"], row["published"], row["zone"], row["outlet"]) == (
        "Given",
        published,
        None,
        "coastline.example",
    )


def test_a_record_without_a_time_takes_the_pages_with_its_zone():
    row = clean_batch(batch(raw(PAGE, "page"))).to_pylist()[0]
    assert row["published"] == datetime(2031, 3, 4, 1, 10, tzinfo=UTC)
    assert row["zone"] == 330


def test_ids_and_addresses_pass_through():
    row = clean_batch(batch(raw("Text.", id="x7", url="https://a.example/1"))).to_pylist()[0]
    assert (row["id"], row["url"]) == ("x7", "https://a.example/1")


def test_nulls_from_columns_of_other_types_are_no_error():
    texts = pa.array(["One.", None], pa.string())
    from dedup.kinds import detect

    assert detect(texts).to_pylist() == ["text", "text"]
