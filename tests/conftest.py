"""Settings for all tests: compiled kernels of this very source, no clock on hypothesis, a browser."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import browsers
import pytest
from hypothesis import HealthCheck, settings

import dedup

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_KERNELS = sorted((Path(dedup.__file__).parent / "kernels").glob("*.py"))
_STAMP = hashlib.sha256(b"".join(path.read_bytes() for path in _KERNELS)).hexdigest()[:16]
# Numba knows a cached kernel by the time of its own file, not of those that it inlines.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"dedup-kernels-{_STAMP}"))

settings.register_profile("dedup", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("dedup")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.browser() as opened:
        yield opened
