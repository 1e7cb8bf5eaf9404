"""The server that forks warm processes, one for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from forks import Forks, forks


@pytest.fixture(scope="session")
def warm() -> Iterator[Forks]:
    with forks() as server:
        yield server
