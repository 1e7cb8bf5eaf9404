"""Stories are found by words, outlets, agencies, dates and sizes, and nothing else is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import desks
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import dedup
from dedup.serve.words import Words


def ids(client: TestClient, **query: Any) -> list[str]:
    answer = client.get("/api/stories", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    return [story["id"] for story in answer.json()["stories"]]


def test_filters_leave_what_the_stories_themselves_say(asked: TestClient, demo_folder: Path) -> None:
    index = dedup.Index.open(demo_folder)
    stories = index.stories()
    outlets = {story.id: {member.outlet for member in index.story(story.id).members} for story in stories}
    for agency in ("IANS", "AFP", "nobody"):
        assert ids(asked, agency=agency) == [story.id for story in stories if agency in story.agencies]
    for outlet in ("wiredesk.example", "dailyhelm.example", "nobody.example"):
        assert ids(asked, outlet=outlet) == [story.id for story in stories if outlet in outlets[story.id]]
    assert ids(asked, min_size=5) == [story.id for story in stories if story.articles >= 5]
    assert ids(asked, max_size=3) == [story.id for story in stories if story.articles <= 3]


def test_dates_leave_stories_that_ran_then(asked: TestClient, demo_folder: Path) -> None:
    stories = dedup.Index.open(demo_folder).stories()
    day = [s.id for s in stories if s.first and s.last and str(s.first.date()) <= "2026-03-02" <= str(s.last.date())]
    assert desks.HARBOUR in day and ids(asked, since="2026-03-02", until="2026-03-02") == day
    assert ids(asked, since="2030-01-01") == []


def test_orders_are_by_articles_or_time(asked: TestClient, demo_folder: Path) -> None:
    stories = dedup.Index.open(demo_folder).stories()
    assert ids(asked, order="latest") == [s.id for s in sorted(stories, key=lambda s: s.last, reverse=True)]
    assert ids(asked, order="first") == [s.id for s in sorted(stories, key=lambda s: s.first, reverse=True)]


def test_words_are_found_in_headlines_of_any_member_outlets_and_agencies(asked: TestClient) -> None:
    for said in ("selwyn", "SELWYN bri", "cracks commuters", "harbour harbourpost", "selwyn ians", "«selwyn»"):
        assert desks.HARBOUR in ids(asked, q=said), said
    for said in ("elwyn", "selwyn zebra"):
        assert desks.HARBOUR not in ids(asked, q=said), said
    assert len(ids(asked, q=" - ")) == len(ids(asked))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Éclair à Zürich", "eclair zurich"),
        ("नई दिल्ली में बारिश", "दिल्ली"),
        ("東京で地震", "地震"),
        ("NATO’s plan", "natos"),
    ],
)
def test_words_of_other_scripts_are_found(title: str, said: str) -> None:
    found = Words(pa.array([title, "another one"]), pa.array([0, 1]).to_numpy(), 2).find(said)
    assert found is not None and found.tolist() == [True, False]


@given(st.lists(st.text("abc é-東", max_size=8), max_size=6), st.text("abc é-東", max_size=6))
def test_words_find_what_a_plain_search_finds(texts: list[str], wanted: str) -> None:
    def plain(said: str) -> list[str]:
        return "".join(f" {c} " if c == "東" else c for c in said.replace("é", "e").replace("-", " ")).split()

    found = Words(pa.array(texts, pa.string()), pa.array(range(len(texts)), pa.int64()).to_numpy(), len(texts)).find(
        wanted
    )
    asked = plain(wanted)
    if not asked:
        assert found is None
    else:
        assert found is not None and found.tolist() == [
            all(any(word.startswith(one) for word in plain(said)) for one in asked) for said in texts
        ]


def test_an_index_without_stories_has_an_empty_list(tmp_path: Path) -> None:
    dedup.Index.create(tmp_path / "index")
    with desks.client(tmp_path / "index") as client:
        assert ids(client) == ids(client, q="a", agency="b", outlet="c") == []
        assert client.get("/").status_code == 200
