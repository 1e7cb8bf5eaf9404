"""The demo's index and a client of it, made once: most tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import desks
import pytest
from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desks.demo_index(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def asked(demo_folder: Path) -> Iterator[TestClient]:
    with desks.client(demo_folder) as client:
        yield client
