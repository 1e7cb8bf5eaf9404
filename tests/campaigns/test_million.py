"""An index of a million articles keeps to its memory, size and speed."""

from __future__ import annotations

import measured
import million
import pytest


@pytest.mark.campaign
def test_a_million_articles_keep_to_memory_size_and_speed() -> None:
    measured.holds(million, checks=4)
