"""Nothing that an article says runs in the report."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import answers
import markup
import pytest
from hostile import RUN, STRINGS
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Credit, Outlet, StoryDetail
from dedup.report import html
from dedup.report.html import answers as pieces
from dedup.report.html.markup import Html, is_web, joined, link, tag, text

# What our pages are made of; anything else came in from outside.
TAGS = re.findall(
    r"\w+",
    "a article b bdi blockquote body caption circle code dd del details div dl dt figcaption figure footer h1 h2 h3 "
    "head header html i input ins label li line link main meta nav ol p rect script section span style summary svg "
    "table tbody td text th thead time title tr ul",
)
PACKED = {"type": "application/octet-stream"}


def hostile_detail(text: str, copies: int = 1) -> StoryDetail:
    members = [
        answers.article(
            f"{text} {k}",
            outlet=text,
            title=f"{k} {text}",
            url=text if k else f"https://x.example/{text}",
            byline=text,
            credits=(Credit(text, "byline"),),
            body=f"{text}\n{answers.BODY}\n{text} {k}\nwords of {text} here",
            version=k + 1,
        )
        for k in range(copies)
    ]
    made = answers.detail(*members, title=text, agencies=(text, "IANS"))
    return dataclasses.replace(made, partial=(answers.match(title=text, outlet=text, id=text, url=text),))


def pages(text: str) -> Iterator[str]:
    """Everything that the report and the page are made of, with text wherever an article's may stand."""
    detail = hostile_detail(text)
    outlets = [Outlet(text, 3, 2, 0.5, 1, 1, 2.0, 0.5)]
    yield html.report([detail.story], [detail], outlets)
    yield html.single(detail)
    found = [answers.match(title=text, outlet=text, id=text, url=text, passage=text)]
    compared = answers.comparison(f"{text}\nplain", f"plain\nnew {text}", rule=text)
    yield joined([pieces.matches(found), pieces.comparison(compared, text, text)])


def inspect(page: str) -> markup.Seen:
    seen = markup.read(page)
    for name, attributes in seen.tags:
        assert name in TAGS, name
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "srcdoc", "action", "src")]
        for key in ("href", "xlink:href"):
            assert re.match(r"#[\w-]+$|https?://[^\s]+$|data:,$", attributes.get(key) or "#x"), attributes
    assert {frozenset(a.items()) for name, a in seen.tags if name == "script"} <= {
        frozenset(),
        frozenset(PACKED.items()),
    }
    return seen


@pytest.mark.parametrize("text", STRINGS)
def test_hostile_text_stands_in_the_pages_as_text(text: str) -> None:
    shown = re.sub(r"[\x00-\x08\x0e-\x1f\u202e\u2066\ufeff]", "", text).replace("\x0c", " ").replace("\ud800", "\ufffd")
    for page in pages(text):
        seen = inspect(page)
        assert shown.replace("\t", " ").strip() in seen.said
        assert RUN not in "".join(seen.scripts)


@given(st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(STRINGS))
def test_any_text_comes_back_from_the_markup_as_text(said: str) -> None:
    seen = markup.read(tag("p", said, title=said) + text(said))
    ((name, attributes),) = seen.tags
    assert (name, list(attributes)) == ("p", ["title"])
    assert seen.said == 2 * attributes["title"] if attributes["title"] else not seen.said  # type: ignore[operator]


def test_markup_is_escaped_once_and_ours_never() -> None:
    inner = tag("b", "a < b & c")
    assert tag("p", inner, "<i>", Html("<hr>")) == "<p><b>a &lt; b &amp; c</b>&lt;i&gt;<hr></p>"
    assert inner.__html__() == inner


@pytest.mark.parametrize("url", ["https://a.example/x?y=1&z=2", "http://a.example", "HTTPS://a.example/é"])
def test_links_to_the_web_are_links(url: str) -> None:
    (attributes,) = markup.read(link(url, "x")).having("a")
    assert attributes["href"] == url
    assert attributes["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize(
    "url",
    [
        *(
            None,
            "",
            "x",
            "//a.example",
            "javascript:x()",
            "JAVASCRIPT://a.example/%0ax()",
            "data:text/html,x",
            "file:///",
        ),
        *(
            "https://",
            "http://[",
            "\x01https://a.example",
            "https://a.exa\nmple",
            " https://a.example",
            "ftp://a.example",
        ),
    ],
)
def test_other_addresses_are_none(url: str | None) -> None:
    assert not is_web(url)
    assert link(url, "<x>") == "&lt;x&gt;"
