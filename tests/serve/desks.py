"""Servers of small indexes: in this process, and as a process of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsroom import STORY, article, made
from starlette.testclient import TestClient

from dedup import demo
from dedup.serve.app import application
from dedup.serve.settings import Settings

TOKEN = "a-token-of-the-tests-0123456789"
HARBOUR = "c811ce00e7dfe499"  # a story of the demo: six articles, origin wiredesk-0010

__all__ = ["HARBOUR", "STORY", "TOKEN", "article", "bearer", "client", "demo_index", "made", "served", "until"]


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def demo_index(folder: Path) -> Path:
    """An index of the bundled corpus."""
    from dedup import Index

    Index.open_or_create(folder / "index").add(demo.CORPUS)
    return folder / "index"


@contextlib.contextmanager
def client(index: Path, **settings: Any) -> Iterator[TestClient]:
    """A client of a server in this process; it follows the index every 50 ms."""
    given = {"token": TOKEN, "poll": 0.05} | settings
    with TestClient(application(Settings(index, **given)), base_url="http://127.0.0.1") as asked:
        yield asked


@contextlib.contextmanager
def served(index: Path, *options: str) -> Iterator[str]:
    """`dedup serve` at a free port in a process of its own, which must end well; its address."""
    command = [sys.executable, "-m", "dedup", "serve", "-i", str(index), "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": ""})
    assert process.stderr
    try:
        line = process.stderr.readline()
        assert line.startswith("dedup: http://"), line + process.stderr.read()
        yield line.removeprefix("dedup: ").strip().rstrip("/")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def until(holds: Any, seconds: float = 20.0) -> None:
    """Wait until holds() is true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)
