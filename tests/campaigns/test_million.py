"""An index of a million articles keeps to its memory, size and speed."""

from __future__ import annotations

import json
import subprocess
import sys

import million
import pytest


@pytest.mark.campaign
def test_a_million_articles_keep_to_memory_size_and_speed() -> None:
    done = subprocess.run([sys.executable, million.__file__, "--json"], stdout=subprocess.PIPE, check=False)
    told = json.loads(done.stdout)
    million.show(told)
    assert len(told["checks"]) == 4
    assert [name for name, holds in told["checks"].items() if not holds] == []
