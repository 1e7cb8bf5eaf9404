"""The report: one file, whole in itself."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import random
import re
from datetime import timedelta

import answers
import markup
import pytest
from texts import prose

from dedup.model import Outlet, StoryDetail
from dedup.report import html
from dedup.report.html import document

OUTLETS = [Outlet("a.example", 12, 3, 0.5, 2, 1, 43.0, 0.9)]


def told(number: int, copies: int = 3, body: str = answers.BODY) -> StoryDetail:
    members = [
        answers.article(f"{number}-{k}", body=f"{body}\nEnd {k}.", published=answers.DAWN + timedelta(minutes=7 * k))
        for k in range(copies)
    ]
    detail = answers.detail(*members)
    return dataclasses.replace(detail, story=dataclasses.replace(detail.story, id=f"{number:016x}"))


def report(details: list[StoryDetail], further: int = 0) -> str:
    return html.report([detail.story for detail in details], details, OUTLETS, further=further)


def test_a_report_has_overview_timeline_ledger_and_a_page_a_story() -> None:
    page = report([told(1), told(2)], further=7)
    seen = markup.read(page)
    assert [a["id"] for a in seen.having("section")] == [
        "stories",
        "timeline",
        "outlets",
        f"story-{1:016x}",
        f"story-{2:016x}",
    ]
    ids = [a["id"] for _, a in seen.tags if "id" in a]
    assert len(ids) == len(set(ids))
    inside = [a["href"] for a in seen.having("a") if (a["href"] or "").startswith("#")]
    assert {f"#{place}" for place in ids} >= set(inside)
    assert "and 7 smaller ones not shown" in seen.said


def test_a_report_asks_for_nothing_from_outside() -> None:
    page = report([told(1)])
    seen = markup.read(page)
    outside = [a for name, a in seen.tags for key in ("src", "href") if re.match("(https?:)?//", a.get(key) or "")]
    assert not [a for a in outside if a.get("rel") != "noopener noreferrer nofollow"]
    assert "url(" not in document.style()
    assert "@import" not in document.style()


def test_the_policy_names_the_very_script_and_style() -> None:
    seen = markup.read(report([told(1)]))
    (policy,) = [a["content"] for a in seen.having("meta", **{"http-equiv": "Content-Security-Policy"})]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    digests = re.findall("'sha256-([^']+)'", policy)
    assert digests == [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in seen.scripts]


def test_a_large_report_is_packed_and_says_the_same() -> None:
    few, many = [told(1, 8)], [told(number, 8) for number in range(1, 150)]
    packed = report(many)
    assert not markup.unpacked(report(few))
    (page,) = re.findall(r"<article.*</article>", report(few))
    assert markup.unpacked(packed)[0] == page
    assert len(markup.unpacked(packed)) == len(many)


def test_a_thousand_stories_stay_under_ten_megabytes() -> None:
    bodies = [prose(seed, 20) for seed in range(40)]
    details = [told(number, 5, bodies[number % 40] + f"\nStory {number}.") for number in range(200)]
    page = report(details)
    assert len(markup.unpacked(page)) == 200
    assert len(page.encode()) < 10_000_000 / 5


def test_what_does_not_fit_is_left_out_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "SIZE", 20_000)
    noise = random.Random(1)
    details = [
        told(k, 2, "\n".join(" ".join(str(noise.random()) for _ in range(40)) for _ in range(9))) for k in range(40)
    ]
    page = report(details)
    seen = markup.read(page)
    assert 0 < len(markup.unpacked(page)) < 40
    assert re.search(r"The pages of \d+ stories are left out", seen.said)
    ids = {f"#{a['id']}" for _, a in seen.tags if "id" in a}
    assert all(a["href"] in ids for a in seen.having("a") if (a.get("href") or "").startswith("#"))


def test_a_report_on_one_story_is_that_story() -> None:
    seen = markup.read(html.single(told(5)))
    assert "What each outlet changed" in seen.said
    assert len(seen.having("section")) == 1
    assert not seen.having("nav")


def test_a_report_on_nothing_is_a_page_too() -> None:
    assert "No story." in markup.read(html.report([], [], [])).said
