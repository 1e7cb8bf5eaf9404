"""Screenshots of the report on the bundled corpus, for the README.

    python benchmarks/screenshots.py [FOLDER]

Needs Playwright and the system's Chromium; writes PNG files to FOLDER, benchmarks/screenshots by default.
"""

from __future__ import annotations

import dataclasses
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import dedup
from dedup import demo
from dedup.report import html

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True, slots=True)
class Shot:
    """scheme: light or dark. story: title of the one that is open, else a section of the report."""

    name: str
    width: int
    height: int
    scheme: str
    section: str = "stories"
    story: str | None = None


SHOTS = (
    Shot("report-stories", 1000, 560, "light"),
    Shot("report-story", 1000, 1150, "light", story="All 214 aboard ferry rescued"),
    Shot("report-timeline-phone", 390, 760, "dark", "timeline"),
)


def made(folder: Path) -> Path:
    """The report on the bundled corpus."""
    index = dedup.Index.create(folder / "index")
    index.add(demo.CORPUS)
    stories = index.stories()
    page = folder / "report.html"
    page.write_text(html.report(stories, map(index.story, (s.id for s in stories)), index.outlets()), encoding="utf-8")
    return page


def shoot(browser: Browser, page: Path, shot: Shot, to: Path) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
    )
    tab = context.new_page()
    tab.goto(f"{page.as_uri()}#{shot.section}")
    if shot.story:
        tab.get_by_role("link", name=shot.story).first.click()
        tab.locator("section:target details.variant > summary").first.click()
    tab.evaluate("scrollTo(0, 0)")
    tab.wait_for_timeout(300)
    tab.screenshot(path=to)
    context.close()


def main() -> None:
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "screenshots"
    to.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = made(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for shot in SHOTS:
            shoot(browser, page, shot, to / f"{shot.name}.png")
            print(to / f"{shot.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
