"""The HTTP API: what it gives is what the Python API gives, and what it is given is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import desks
import pytest
from starlette.testclient import TestClient

import dedup
from dedup import demo
from dedup.errors import IndexLocked
from dedup.report import forms

PAIR = ("wiredesk-0010", "dailyhelm-0010")


def got(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_stories_are_those_of_the_index_in_its_order(asked: TestClient, demo_folder: Path) -> None:
    told = got(asked, "/api/stories", limit=100)
    assert told["stories"] == forms.to_json(dedup.Index.open(demo_folder).stories())
    assert (told["total"], told["page"], told["pages"]) == (len(told["stories"]), 1, 1)


def test_pages_together_are_all_stories(asked: TestClient) -> None:
    whole = got(asked, "/api/stories", limit=100)["stories"]
    pages = [got(asked, "/api/stories", limit=7, page=page) for page in range(1, 6)]
    assert [story for page in pages for story in page["stories"]] == whole
    assert got(asked, "/api/stories", limit=7, page=6)["stories"] == []


def test_a_story_is_that_of_the_index_by_its_id_or_that_of_an_article(asked: TestClient, demo_folder: Path) -> None:
    told = forms.to_json(dedup.Index.open(demo_folder).story(desks.HARBOUR))
    assert got(asked, f"/api/stories/{desks.HARBOUR}") == told
    assert got(asked, "/api/stories/wiredesk-0010") == told


def test_articles_of_a_story_come_in_windows(asked: TestClient) -> None:
    whole = got(asked, f"/api/stories/{desks.HARBOUR}")["members"]
    parts = [got(asked, f"/api/stories/{desks.HARBOUR}", first=first, limit=4)["members"] for first in (0, 4, 8)]
    assert parts[0] + parts[1] == whole and parts[2] == []


def test_an_article_is_that_of_the_index(asked: TestClient, demo_folder: Path) -> None:
    assert got(asked, "/api/articles/wiredesk-0010") == forms.to_json(
        dedup.Index.open(demo_folder).article("wiredesk-0010")
    )


@pytest.mark.parametrize("id", ["a/b", "a b", "..", "ä?#%", "x" * 1024])
def test_ids_of_any_characters_are_found(tmp_path: Path, id: str) -> None:
    desks.made(tmp_path, [desks.article(id, desks.STORY[0]["text"])])
    with desks.client(tmp_path / "index") as client:
        assert got(client, "/api/query", id=id)["matches"] == []
        assert client.get("/articles", params={"id": id}).status_code == 200
        if id != "..":  # no address has a step back in it: clients take it out
            from urllib.parse import quote

            assert got(client, f"/api/articles/{quote(id, safe='')}")["id"] == id


def test_a_query_finds_what_the_index_finds(asked: TestClient, demo_folder: Path) -> None:
    page = demo.PAGE.read_text(encoding="utf-8")
    found = forms.to_json(dedup.Index.open(demo_folder).query(page, limit=3))
    answer = asked.post("/api/query", json={"text": page, "limit": 3})
    assert answer.json()["matches"] == found and found[0]["same_copy"]
    by_id = got(asked, "/api/query", id="wiredesk-0010", limit=50)["matches"]
    assert by_id == forms.to_json(dedup.Index.open(demo_folder).query_id("wiredesk-0010", limit=50))


def test_a_comparison_is_that_of_the_library_with_the_credits_of_the_pages(
    asked: TestClient, demo_folder: Path
) -> None:
    index = dedup.Index.open(demo_folder)
    a, b = (index.article(name) for name in PAIR)
    wanted = forms.to_json(forms.comparison(dedup.compare(a.body, b.body, "text")))
    assert asked.post("/api/compare", json={"a": a.body, "b": b.body, "kind": "text"}).json() == wanted
    told = got(asked, "/api/compare", a=PAIR[0], b=PAIR[1])
    assert told["a"].pop("credits") == forms.to_json(a.credits) != []
    assert told["b"].pop("credits") == forms.to_json(b.credits)
    del wanted["a"]["credits"], wanted["b"]["credits"]
    assert told == wanted


def test_outlets_are_those_of_the_ledger(asked: TestClient, demo_folder: Path) -> None:
    index = dedup.Index.open(demo_folder)
    assert got(asked, "/api/outlets", limit=1000)["outlets"] == forms.to_json(index.outlets())
    assert got(asked, "/api/outlets", agency="ians")["outlets"] == forms.to_json(index.outlets("IANS"))
    assert got(asked, "/api/outlets", limit=5, page=2)["outlets"] == forms.to_json(index.outlets())[5:10]


def test_status_tells_the_commit_and_what_it_holds(asked: TestClient, demo_folder: Path) -> None:
    info = dedup.Index.open(demo_folder).info()
    told = got(asked, "/api/status")
    assert (told["commit"], told["articles"], told["bytes"]) == (info.commit, info.articles, info.bytes)
    assert told["problem"] is None and told["committed"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/articles/none", 404),
        ("/api/stories/none", 404),
        ("/api/nothing", 404),
        ("/api/stories?limit=0", 422),
        ("/api/stories?since=yesterdayish", 422),
        ("/api/stories?order=size", 422),
        ("/api/query", 422),
        ("/api/query?text=a&id=b", 422),
        ("/api/compare?a=wiredesk-0010", 422),
    ],
)
def test_what_makes_no_sense_is_told_in_json(asked: TestClient, path: str, status: int) -> None:
    answer = asked.get(path)
    assert answer.status_code == status and answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"text": "\\ud800"}',
        b'{"text": 1e999}',
        b'{"text": "a", "b": 1}',
        b'{"text": "a", "limit": true}',
        b"",
    ],
)
def test_bodies_that_cannot_be_read_are_refused(asked: TestClient, body: bytes) -> None:
    answer = asked.post("/api/query", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422 and answer.json()["detail"]


def test_adding_needs_the_token_and_bearer(tmp_path: Path) -> None:
    desks.made(tmp_path, desks.STORY)
    new = {"articles": [desks.article("new", "A text of a few words that is not there yet, and no more than that.")]}
    with desks.client(tmp_path / "index") as client:
        assert client.post("/api/articles", json=new).status_code == 401
        assert client.post("/api/articles", json=new, headers=desks.bearer("another-token-of-them")).status_code == 401
        assert client.post("/api/articles", json=new, auth=("any", desks.TOKEN)).status_code == 401
        assert client.post("/api/articles", json=new, headers=desks.bearer()).json()["added"] == 1
    with desks.client(tmp_path / "index", token=None) as client:
        assert client.post("/api/articles", json=new, headers=desks.bearer()).status_code == 403
    assert len(dedup.Index.open(tmp_path / "index")) == len(desks.STORY) + 1


def test_what_is_added_is_told_soon(tmp_path: Path) -> None:
    desks.made(tmp_path, desks.STORY)
    with desks.client(tmp_path / "index", poll=60) as client:
        before = got(client, "/api/stories/full")["story"]["articles"]
        copy = desks.article("late", desks.STORY[0]["text"], "late.example")
        client.post("/api/articles", json={"articles": [copy]}, headers=desks.bearer()).raise_for_status()
        desks.until(lambda: got(client, "/api/stories/full")["story"]["articles"] == before + 1)


def test_commits_of_another_process_are_followed(tmp_path: Path) -> None:
    index = desks.made(tmp_path, desks.STORY[:1])
    with desks.client(tmp_path / "index") as client:
        assert got(client, "/api/stories")["total"] == 0
        index.add(desks.STORY)
        desks.until(lambda: got(client, "/api/stories")["total"] == 1)
        index.remove(["copy", "cut", "longer"])
        desks.until(lambda: got(client, "/api/stories")["total"] == 0)
        assert client.get("/api/articles/copy").status_code == 404


def test_an_index_that_is_being_written_cannot_be_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desks.made(tmp_path, desks.STORY)

    def locked(*_: Any, **__: Any) -> None:
        raise IndexLocked(path="index", pid=1)

    monkeypatch.setattr(dedup.Index, "add", locked)
    with desks.client(tmp_path / "index") as client:
        new = {"articles": [desks.article("new", "Some words.")]}
        answer = client.post("/api/articles", json=new, headers=desks.bearer())
    assert answer.status_code == 409 and answer.headers["retry-after"]


def test_articles_without_text_are_refused_and_named(tmp_path: Path) -> None:
    desks.made(tmp_path, desks.STORY)
    with desks.client(tmp_path / "index") as client:
        answer = client.post("/api/articles", json={"articles": [{"id": "empty"}]}, headers=desks.bearer())
        assert answer.status_code == 422, answer.text
        both = {"articles": [{"id": "empty"}, desks.article("new", "Some words of a new text.")]}
        told = client.post("/api/articles", json=both, headers=desks.bearer()).json()
    assert (told["added"], told["rejected"]) == (1, 1)


def test_every_example_of_the_document_works(tmp_path: Path) -> None:
    desks.made(tmp_path, desks.STORY)
    with desks.client(tmp_path / "index") as client:
        document = got(client, "/api/openapi.json")
        schemas = document["components"]["schemas"]
        bodies = 0
        for path, methods in document["paths"].items():
            for operation in methods.values():
                if "requestBody" in operation:
                    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                    for example in schemas[name]["examples"]:
                        bodies += 1
                        answer = client.post(path, json=example, headers=desks.bearer())
                        assert answer.status_code == 200, answer.text
    assert bodies == 3
