"""The report in a real browser: it opens, turns, finds, and lets nothing run that is not its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import answers
import pytest
from hostile import RUN, STRINGS
from test_html_hostile import hostile_detail

from dedup.model import Outlet, StoryDetail
from dedup.report import html
from dedup.report.html import document

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WAIT = 20_000  # milliseconds
Open = Callable[..., "Page"]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page of a file; at the end nothing must have gone wrong, nor anywhere but to the file."""
    wrong: list[str] = []
    contexts = []

    def show(page: str, width: int = 1280, scheme: str = "light", fragment: str = "") -> Page:
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(page, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        context.set_default_timeout(WAIT)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda message: wrong.append(message.text))
        tab.on("dialog", lambda dialog: wrong.append(dialog.message))
        tab.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith("file:") else None)
        tab.goto(path.as_uri() + fragment)
        return tab

    yield show
    for context in contexts:
        for tab in context.pages:
            assert not tab.evaluate("window.ran")
        context.close()
    assert wrong == []


def named(detail: StoryDetail, number: int) -> StoryDetail:
    return dataclasses.replace(detail, story=dataclasses.replace(detail.story, id=f"{number:016x}"))


def report(details: list[StoryDetail]) -> str:
    return html.report(
        [detail.story for detail in details], details, [Outlet("a.example", 12, 3, 0.5, 2, 1, 43.0, 0.9)]
    )


def told(number: int, title: str) -> StoryDetail:
    body = answers.BODY.replace("Tuesday", "Monday")
    later = answers.article("b", body=body, title=title, published=answers.DAWN + timedelta(hours=3), credits=())
    return named(answers.detail(later, title=title), number)


@pytest.fixture(params=[False, True], ids=["plain", "packed"])
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(document, "_PLAIN", 0 if request.param else document._PLAIN)
    return report([told(1, "Dam gates opened"), told(2, "केसरीनगर मेट्रो की हरी लाइन"), told(3, "فتح بوابتي السد")])


def test_a_story_opens_with_its_differences_and_keys_turn_the_pages(opened: Open, desk: str) -> None:
    tab = opened(desk)
    assert tab.locator(".stories > li").count() == 3
    tab.get_by_role("link", name="Dam gates opened").first.click()
    tab.get_by_role("heading", name="Dam gates opened").wait_for()
    assert not tab.locator("#stories").is_visible()
    tab.locator("section:target details.variant > summary").click()
    assert tab.locator("section:target del").first.inner_text() == "Tuesday."
    assert tab.locator("section:target ins").first.inner_text() == "Monday."
    assert tab.evaluate("document.activeElement.tagName") == "SUMMARY"
    tab.keyboard.press("ArrowRight")
    tab.get_by_role("heading", name="केसरीनगर मेट्रो की हरी लाइन").wait_for()
    tab.keyboard.press("Escape")
    tab.get_by_role("heading", name="Stories").wait_for()
    tab.get_by_label("Find a story").fill("بوابتي")
    assert tab.locator(".stories > li:visible").count() == 1


def test_an_address_leads_straight_to_its_story(opened: Open, desk: str) -> None:
    tab = opened(desk, fragment=f"#story-{2:016x}")
    tab.get_by_role("heading", name="केसरीनगर मेट्रो की हरी लाइन").wait_for()
    tab.wait_for_function("document.activeElement.tagName === 'H2'")


def test_from_right_to_left_a_headline_runs_from_right_to_left(opened: Open, desk: str) -> None:
    tab = opened(desk, fragment=f"#story-{3:016x}")
    heading = tab.locator("section:target h2 bdi")
    heading.wait_for()
    assert heading.evaluate("element => getComputedStyle(element).direction") == "rtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 390])
def test_no_page_is_wider_than_its_window(opened: Open, desk: str, width: int, scheme: str) -> None:
    tab = opened(desk, width, scheme)
    for place in ("#stories", "#timeline", "#outlets", f"#story-{1:016x}"):
        tab.evaluate("place => { location.hash = place; }", place)
        tab.locator(f"{place} h2").first.wait_for()
        tab.evaluate("document.querySelectorAll('section:target details').forEach((fold) => { fold.open = true; })")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        tab.evaluate("getComputedStyle(document.body).backgroundColor")
        == {
            "light": "rgb(253, 253, 251)",
            "dark": "rgb(20, 23, 26)",
        }[scheme]
    )


def test_nothing_that_an_article_says_runs(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    details = [named(hostile_detail(text), number) for number, text in enumerate(STRINGS, 1)]
    outlets = [Outlet(text, 1, 1, 1.0, 1, 0, 1.0, 1.0) for text in STRINGS]
    for most in (0, 10**9):
        monkeypatch.setattr(document, "_PLAIN", most)
        tab = opened(html.report([detail.story for detail in details], details, outlets))
        for number in range(1, len(details) + 1):
            tab.evaluate("place => { location.hash = place; }", f"#story-{number:016x}")
            tab.locator("section:target article").wait_for()
            tab.evaluate("document.querySelectorAll('section:target details').forEach((fold) => { fold.open = true; })")
        assert tab.locator("section.page article").count() == len(STRINGS)


def test_the_policy_stops_what_would_have_slipped_through(browser: Browser, tmp_path: Path) -> None:
    """Were a text ever to pass unescaped, its script would still not run."""
    page = report([told(1, "SLIPPED")]).replace("SLIPPED", f"<img src=x onerror={RUN}><script>{RUN}</script>")
    (tmp_path / "x.html").write_text(page, encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    refused: list[str] = []
    tab.on("console", lambda message: refused.append(message.text))
    tab.goto((tmp_path / "x.html").as_uri())
    assert not tab.evaluate("window.ran")
    assert any("Content Security Policy" in text for text in refused)
    context.close()
