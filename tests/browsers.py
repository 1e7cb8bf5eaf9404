"""The system's Chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Without these it asks its makers' hosts for updates at every start.
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser. Skips the tests, loudly, where there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        pytest.skip("NO BROWSER TESTS: playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("NO BROWSER TESTS: no Chromium on this machine (apt-get install chromium)")
    flags = [*_FLAGS, *(f"--disable-{what}" for what in ("component-update", "sync", "quic"))]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield opened
        finally:
            opened.close()
