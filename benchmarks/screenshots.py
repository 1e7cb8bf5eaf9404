"""Screenshots of the report and of `dedup serve` on the bundled corpus, for the README.

    python benchmarks/screenshots.py [FOLDER]

Needs Playwright and the system's Chromium; writes PNG files to FOLDER, benchmarks/screenshots by default.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import dedup
from dedup import demo
from dedup.report import html

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True, slots=True)
class Shot:
    """scheme: light or dark. story: title of the one that is open, else a section of the report. under: a heading
    that is at the top."""

    name: str
    width: int
    height: int
    scheme: str
    section: str = "stories"
    story: str | None = None
    under: str | None = None


SHOTS = (
    Shot("report-stories", 1000, 560, "light"),
    Shot("report-story", 1000, 1020, "light", story="All 214 aboard ferry rescued"),
    Shot(
        "report-differences", 1000, 620, "light", story="All 214 aboard ferry rescued", under="What each outlet changed"
    ),
    Shot("report-timeline-phone", 390, 760, "dark", "timeline"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class WebShot:
    """asked: whether a part of an article is pasted first."""

    name: str
    width: int
    height: int
    scheme: str
    path: str = "/"
    asked: bool = False


WEB_SHOTS = (
    WebShot("web-stories", 1000, 700, "dark"),
    WebShot("web-query", 1000, 760, "light", "/query", asked=True),
    WebShot("web-stories-phone", 390, 760, "light"),
)


def reported(index: dedup.Index, folder: Path) -> Path:
    """The report on an index."""
    stories = index.stories()
    page = folder / "report.html"
    page.write_text(html.report(stories, map(index.story, (s.id for s in stories)), index.outlets()), encoding="utf-8")
    return page


@contextlib.contextmanager
def served(index: dedup.Index) -> Iterator[str]:
    """`dedup serve` of an index; its address."""
    command = [sys.executable, "-m", "dedup", "serve", "-i", index.path, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        yield process.stderr.readline().removeprefix("dedup: ").strip().rstrip("/")
        process.terminate()


@contextlib.contextmanager
def opened(browser: Browser, shot: Shot | WebShot) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
    )
    yield context.new_page()
    context.close()


def shoot(tab: Page, page: Path, shot: Shot, to: Path) -> None:
    tab.goto(f"{page.as_uri()}#{shot.section}")
    if shot.story:
        tab.get_by_role("link", name=shot.story).first.click()
        tab.locator("section:target details.variant > summary").first.click()
    tab.evaluate("scrollTo(0, 0)")
    if shot.under:
        heading = tab.locator("section:target").get_by_role("heading", name=shot.under)
        heading.evaluate("heading => heading.scrollIntoView()")
    tab.wait_for_timeout(300)
    tab.screenshot(path=to)


def shoot_web(tab: Page, address: str, shot: WebShot, asked: str, to: Path) -> None:
    tab.goto(address + shot.path)
    if shot.asked:
        tab.get_by_label("A text, a page").fill(asked)
        tab.locator("#found .matches > li").first.wait_for()
    tab.wait_for_timeout(300)
    tab.screenshot(path=to)


def main() -> None:
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "screenshots"
    to.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        index = dedup.Index.create(Path(folder) / "index")
        index.add(demo.CORPUS)
        page = reported(index, Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for shot in SHOTS:
            with opened(browser, shot) as tab:
                shoot(tab, page, shot, to / f"{shot.name}.png")
            print(to / f"{shot.name}.png")
        asked = "\n".join(index.article(index.stories()[0].origin).body.split("\n")[:2])
        with served(index) as address:
            for web_shot in WEB_SHOTS:
                with opened(browser, web_shot) as tab:
                    shoot_web(tab, address, web_shot, asked, to / f"{web_shot.name}.png")
                print(to / f"{web_shot.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
