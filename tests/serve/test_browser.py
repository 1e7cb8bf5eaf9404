"""The web pages in a real browser, on the bundled corpus: what a desk does of a day."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import desks
import hostile
import pytest
from texts import prose

import dedup
from dedup import demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WAIT = 20_000  # milliseconds
OTHERS = [(1280, "dark"), (390, "light"), (768, "light")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    with desks.served(desks.demo_index(tmp_path_factory.mktemp("browser")), "--token", desks.TOKEN) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(WAIT)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert faults == []


def add(address: str, *articles: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{address}/api/articles",
        json.dumps({"articles": list(articles)}).encode(),
        {"content-type": "application/json", **desks.bearer()},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer)["added"] == len(articles)


def test_search_filter_open_and_read_a_difference(page: Page, address: str) -> None:
    page.goto(address)
    assert page.locator(".stories > li").count() == 25
    page.get_by_role("searchbox").press_sequentially("harbour selw")
    page.get_by_text("1 story", exact=True).wait_for()
    assert "q=harbour+selw" in page.url
    page.get_by_role("searchbox").fill("")
    page.get_by_text("30 stories").wait_for()
    page.get_by_text("Filters and order").click()
    page.locator("[name=agency]").select_option("IANS")
    page.get_by_text("8 stories").wait_for()
    page.get_by_role("link", name="Suryagarh to serve millet breakfast").click()
    page.get_by_role("heading", name="Suryagarh to serve millet breakfast").wait_for()
    assert page.locator("table.members tbody tr").count() == 4
    page.locator("details.variant > summary").filter(has_text="changed").first.click()
    assert page.locator("details.variant[open] table.diff del").first.is_visible()


def test_a_pasted_page_finds_its_story_as_one_types(page: Page, address: str) -> None:
    page.goto(f"{address}/query")
    page.get_by_label("A text, a page").fill(demo.PAGE.read_text(encoding="utf-8"))
    page.locator("#found").get_by_text("same copy", exact=True).first.wait_for()
    page.locator("#found").get_by_role("link", name="story", exact=True).first.click()
    page.get_by_role("heading", name="Port Selwyn shuts harbour bridge").wait_for()


def test_an_uploaded_page_is_read_in_its_encoding(page: Page, address: str, tmp_path: Path) -> None:
    text = "Caf\xe9 " + prose(70, 6)
    (tmp_path / "page.txt").write_bytes(text.encode("windows-1252", "replace"))
    page.goto(f"{address}/query")
    page.locator("[type=file]").set_input_files(tmp_path / "page.txt")
    page.get_by_text("No article shares copy with it.").wait_for()
    assert page.get_by_label("A text, a page").input_value().startswith("Caf\xe9 ")


def test_a_page_is_found_once_it_is_added_and_stories_grow_without_reload(page: Page, address: str) -> None:
    text = prose(77, 12)
    watching = page.context.new_page()
    watching.goto(f"{address}/?q=zyxwv")
    watching.evaluate("window.notReloaded = true")
    page.goto(f"{address}/query")
    page.get_by_label("A text, a page").fill(text)
    page.get_by_text("No article shares copy with it.").wait_for()
    add(address, desks.article("new-1", text, "one.example", title="Zyxwv opens", published="2026-07-30T06:00:00Z"))
    add(address, desks.article("new-2", text, "two.example", title="Zyxwv opens", published="2026-07-30T07:00:00Z"))
    watching.get_by_role("link", name="Zyxwv opens").wait_for()
    watching.get_by_text("1 story", exact=True).wait_for()
    assert watching.evaluate("window.notReloaded")
    page.get_by_role("button", name="Search").click()
    page.locator("#found").get_by_text("same copy", exact=True).first.wait_for()
    watching.get_by_role("link", name="Zyxwv opens").click()
    watching.locator("table.members tbody tr").nth(1).wait_for()
    add(address, desks.article("new-3", text, "three.example", published="2026-07-30T08:00:00Z"))
    watching.locator("table.members tbody tr").nth(2).wait_for()
    watching.close()


def test_two_texts_are_compared_without_scripts(browser: Browser, address: str) -> None:
    a = prose(5, 12)
    paragraphs = a.split("\n")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/compare")
    page.get_by_text("Two texts or pages").click()
    page.locator("[name=text_a]").fill(a)
    page.locator("[name=text_b]").fill(paragraphs[0])
    page.get_by_role("button", name="Compare the texts").click()
    assert f"cut {len(paragraphs) - 1} of {len(paragraphs)} paragraphs" in page.locator("#compared").inner_text()
    assert page.locator("[name=text_a]").input_value() == a
    context.close()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1280, "light"), (390, "dark"), *(pytest.param(*other, marks=pytest.mark.campaign) for other in OTHERS)],
)
def test_nothing_is_wider_than_its_page_and_no_rule_of_access_is_broken(
    browser: Browser, address: str, width: int, scheme: Any
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NO ACCESS TESTS: axe is not installed")
    # Its script comes from outside, which the pages' policy forbids.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    pair = "wiredesk-0010", "dailyhelm-0010"
    for path in (
        *("/", f"/stories/{desks.HARBOUR}", "/query?id=wiredesk-0010", f"/compare?a={pair[0]}&b={pair[1]}"),
        *(
            "/outlets",
            "/status",
            "/api",
            "/articles?id=wiredesk-0010",
            "/stories/none",
            "/?q=a&min_size=3&order=latest",
        ),
    ):
        page.goto(address + path)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = axe.Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
    context.close()


# A page of matches has fifty at most, so that the strings are in two stories.
HALVES = hostile.STRINGS[::2], hostile.STRINGS[1::2]
SHARED = prose(3, 10), prose(4, 10)


def hostile_index(folder: Path) -> Path:
    """Two large stories of an article a string, hostile in every field and in its text, and a story of two for each."""
    articles = []
    for number, said in enumerate(hostile.STRINGS):
        fields = {"title": said, "url": said, "published": f"2026-05-01T{number // 6:02}:{number % 6}0:00Z"}
        text = f"{SHARED[number % 2]}\n{said} stands in the text of {number} {said}"
        articles.append(desks.article(f"{number}{said}", text, f"{said}{number}", **fields))
        for copy in ("a", "b"):
            articles.append(desks.article(f"{copy}{number}{said}", prose(100 + number, 6), f"{said}{copy}", **fields))
    index = dedup.Index.create(folder / "index")
    index.add(articles)
    assert sorted(story.articles for story in index.stories()) == [2] * len(hostile.STRINGS) + sorted(map(len, HALVES))
    return folder / "index"


def hostile_visits(folder: Path, all_of_them: bool) -> Iterator[str]:
    """Pages that tell the hostile strings: each string on every kind of page, or in turn on one."""
    index = dedup.Index.open(folder)
    stories = index.stories()
    yield from (
        "/",
        *(f"/?page={page}" for page in range(2, -(-len(stories) // 25) + 1)),
        "/outlets",
        "/status",
        "/api",
    )
    for story, half in zip(stories, HALVES, strict=False):
        yield from (f"/stories/{story.id}?first={first}" for first in range(0, len(half), 20))
        yield f"/query?id={quote(story.origin, safe='')}"
    kinds = [
        lambda said, story: f"/stories/{story.id}",
        lambda said, story: f"/articles?id={quote(story.origin, safe='')}",
        lambda said, story: f"/?q={said}&outlet={said}&agency={said}",
        lambda said, story: f"/compare?a={said}&b={said}",
        lambda said, story: f"/outlets?agency={said}",
        lambda said, story: f"/stories/{said}",
    ]
    for number, (said, story) in enumerate(zip(hostile.STRINGS, stories[2:], strict=True)):
        for kind in kinds if all_of_them else [kinds[number % len(kinds)]]:
            yield kind(quote(said.replace("\0", ""), safe="", errors="replace"), story)


@pytest.mark.parametrize("all_of_them", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_no_hostile_string_runs(browser: Browser, tmp_path: Path, all_of_them: bool) -> None:
    assert len(set(hostile.STRINGS)) == 78
    folder = hostile_index(tmp_path)
    # Without the policy, which would stop what got through.
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    wrong: list[str] = []
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    with desks.served(folder) as address:
        page.on("request", lambda one: None if one.url.startswith(address) else wrong.append(one.url))
        for path in hostile_visits(folder, all_of_them):
            page.goto(address + path)
            assert page.evaluate(HARM) == [], path
        for shared, half in zip(SHARED, HALVES, strict=True):
            page.goto(f"{address}/query")
            page.get_by_label("A text, a page").fill("\n".join([shared, *half]))
            page.locator("#found .matches > li").nth(len(half) - 1).wait_for()
            assert page.evaluate(HARM) == []
    assert wrong == []
    context.close()


# What a string did to its page: what ran, links that run, attributes and elements that we never write.
HARM = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const all = [...document.querySelectorAll("*")];
  const harm = all.flatMap(e => e.getAttributeNames().filter(n => /^(on|style|srcdoc|action.*evil)/.test(n)));
  const odd = /^(iframe|object|embed|base|img|style|video|audio|math)$/i;
  harm.push(...all.filter(e => odd.test(e.localName)).map(e => e.outerHTML));
  harm.push(...[...document.links].map(a => a.protocol).filter(p => p !== "http:" && p !== "https:"));
  if (document.scripts.length !== 1) harm.push("scripts");
  if (window.ran) harm.push("ran");
  return harm;
}"""
