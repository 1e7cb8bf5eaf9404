"""HTML: main text, what the head says, and no string that raises."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from clean_stories import STORY
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import MissingExtra
from dedup.model import Credit
from dedup.stages.clean import clean, html

PARAGRAPHS = "".join(
    f"<p>{line}</p>" for line in ("PORT ELDER, March 4 (IANS) " + STORY[0], *STORY[1:], "(With inputs from PTI)")
)
DOCUMENT = f"""<!DOCTYPE html><html><head><title>Gate &amp; tide | Coastline</title>
<meta property="og:title" content="Port Elder votes for a second tidal gate">
<meta content="2031-03-04T06:40:00+05:30" property="article:published_time">
<link rel="canonical" href="https://www.coastline.example/ports/gate">
</head><body><nav><ul><li><a href="/">Home</a></li><li><a href="/p">Ports</a></li></ul></nav>
<article><h1>Port Elder votes for a second tidal gate</h1>{PARAGRAPHS}</article>
<footer>Copyright 2031 Coastline. All rights reserved.</footer></body></html>"""


def test_a_document_gives_story_title_time_address_and_credits():
    body = clean(DOCUMENT)
    assert body.paragraphs == STORY
    assert body.title == "Port Elder votes for a second tidal gate"
    assert body.published == datetime(2031, 3, 4, 6, 40, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert body.url == "https://www.coastline.example/ports/gate"
    assert body.outlet == "coastline.example"
    assert Credit("PTI", "contribution") in body.credits


def test_json_ld_tells_the_time():
    script = '<script type="application/ld+json">{"datePublished": "2031-03-04T01:10:00Z"}</script>'
    page = f"<html><head>{script}</head><body><article>{PARAGRAPHS}</article></body></html>"
    assert clean(page, kind="html").published == datetime(2031, 3, 4, 1, 10, tzinfo=UTC)


def headed(*scripts, metas=""):
    ld = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return clean(f"<html><head>{metas}{ld}</head><body><article>{PARAGRAPHS}</article></body></html>", kind="html")


def test_json_ld_tells_headline_time_address_and_author():
    body = headed(
        '{"@type": "WebSite", "name": "Coastline"}',
        '{"@graph": [{"@type": ["NewsArticle"], "headline": "Gate &amp; tide", "author": [{"name": "By Ada Roe"}],'
        ' "datePublished": "2031-03-04T01:10:00Z", "url": "https://coastline.example/gate",'
        ' "articleBody": "<p>x</p>"}]}',
    )
    assert (body.title, body.byline, body.url) == ("Gate & tide", "Ada Roe", "https://coastline.example/gate")
    assert body.published == datetime(2031, 3, 4, 1, 10, tzinfo=UTC)


def test_an_agency_among_the_authors_is_credited():
    assert Credit("AP", "byline") in headed('{"@type": "Article", "author": "The Associated Press"}').credits
    assert Credit("PTI", "byline") in headed(metas='<meta name="author" content="PTI">').credits


def test_a_byline_that_readers_see_goes_before_the_head():
    page = f'<meta name="author" content="Desk Two"><article><p>By Ada Roe</p>{PARAGRAPHS}</article>'
    assert clean(f"<html><body>{page}</body></html>", kind="html").byline == "Ada Roe"


@pytest.mark.parametrize("element", ['meta name="syndication-source" content', 'link rel="syndication-source" href'])
def test_a_syndication_source_is_credited(element):
    body = headed(metas=f'<{element}="https://www.reuters.com/gate">')
    assert Credit("Reuters", "byline") in body.credits


@pytest.mark.parametrize(
    "script",
    [
        "",
        "{",
        "[[[[",
        '{"@type": 1}',
        '{"@type": "Article", "author": {"name": 3}, "headline": []}',
        "[" * 9999,
        "null",
    ],
)
def test_json_ld_that_says_nothing_is_no_error(script):
    body = headed(script)
    assert body.paragraphs == STORY
    assert (body.title, body.byline) == (None, None)


def test_a_fragment_is_all_story():
    assert clean("<p>The gate held.</p><p>The quay did not.</p>", kind="html").paragraphs == [
        "The gate held.",
        "The quay did not.",
    ]


def test_what_trafilatura_cannot_read_is_read_block_by_block(monkeypatch):
    import trafilatura

    monkeypatch.setattr(trafilatura, "bare_extraction", lambda *_, **__: None)
    page = f"<html><body><ul><li>Home</li><li>Ports</li></ul><div>{PARAGRAPHS}</div><script>x()</script></body></html>"
    assert clean(page, kind="html").paragraphs == STORY


def test_without_trafilatura_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(MissingExtra, match="html"):
        clean(DOCUMENT, kind="html")


def test_text_beyond_the_cap_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(html, "MAX_CHARS", 60)
    assert "quay" not in clean("<p>The gate held.</p>" + " " * 60 + "<p>The quay did not.</p>", kind="html").text


TAGS = st.sampled_from(
    [
        *("<p>", "</p>", "<", ">", "<!--", "-->", "<![CDATA[", "<html>", "</html>", "&#0;", "&#x110000;", "<body>"),
        *("<?xml version='1.0' encoding='x'?>", "<table><td>", "<script>", "</div>", "<svg/onload=", "\x00", "\ud800"),
        '<meta property="og:title" content="',
        *(
            '<script type="application/ld+json">',
            '{"@type": "Article", "headline":',
            '"url": "http://[", ',
            "</script>",
        ),
    ]
)


@pytest.mark.parametrize("text", ["", "<", "<p>", "<html>", "<!--", "<![CDATA[", "&#0;&#x110000;", "\ud800<p>x"])
def test_a_stub_is_no_error(text):
    assert clean(text, kind="html").title is None


@settings(deadline=None)
@given(st.lists(TAGS | st.text(max_size=10), max_size=12).map("".join))
def test_no_string_raises(text):
    assert clean(text, kind="html").text is not None
