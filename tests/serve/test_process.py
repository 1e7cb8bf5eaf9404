"""`dedup serve` as a process of its own, asked over sockets."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import desks
import pytest

from dedup import demo


@pytest.fixture(scope="module")
def address(demo_folder: Path) -> Iterator[str]:
    with desks.served(demo_folder, "--timeout", "3") as found:
        yield found


def opened(address: str) -> socket.socket:
    parted = urlsplit(address)
    connection = socket.create_connection((parted.hostname, parted.port), 20)
    connection.settimeout(20)
    return connection


def got(address: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def asks(address: str) -> float:
    """Seconds of a query that finds the demo's page."""
    start = time.monotonic()
    found = got(address, "/api/query", {"text": demo.PAGE.read_text(encoding="utf-8"), "limit": 1})
    assert found["matches"][0]["same_copy"]
    return time.monotonic() - start


def test_it_listens_to_this_machine_only(address: str) -> None:
    assert urlsplit(address).hostname == "127.0.0.1"


def test_slow_clients_do_not_stop_a_query(address: str) -> None:
    head = b"POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with contextlib.ExitStack() as stack:
        for number in range(200):
            slow = stack.enter_context(contextlib.closing(opened(address)))
            # Without an end of its head, of its body, or one who never reads.
            slow.sendall(
                [
                    head[: 20 + number % 40],
                    head + b"Content-Length: 2000000\r\n\r\n" + b"{" * 1000,
                    b"GET /api/stories?limit=100 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20,
                ][number % 3]
            )
        assert max(asks(address) for _ in range(5)) < 2.0


def test_a_connection_without_a_request_is_dropped(address: str) -> None:
    with contextlib.closing(opened(address)) as idle:
        idle.sendall(b"GET /api/status HTTP/1.1\r\nHost: 127.")
        assert idle.recv(1) == b""  # at the end of the time that a request has


def test_a_body_that_never_ends_is_answered_503(address: str) -> None:
    with contextlib.closing(opened(address)) as slow:
        slow.sendall(b"POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        assert slow.recv(12) == b"HTTP/1.1 503"


def test_a_body_without_a_length_is_limited(address: str) -> None:
    with contextlib.closing(opened(address)) as sender:
        sender.sendall(b"POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(40):
                sender.sendall(chunk)
        assert sender.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\0\xff\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_requests_that_are_none_are_refused(address: str, request_line: bytes) -> None:
    with contextlib.closing(opened(address)) as odd:
        odd.sendall(request_line)
        assert odd.recv(12)[9:10] == b"4"


def test_many_at_once_are_all_answered(address: str) -> None:
    paths = ["/api/stories?q=a", f"/api/stories/{desks.HARBOUR}", "/api/status", "/api/articles/wiredesk-0010"]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda number: got(address, paths[number % 4]), range(200)))


@pytest.mark.parametrize("id", ["a/b", "100%25", "ä?#", "../x"])
def test_ids_of_any_characters_are_found(tmp_path: Path, id: str) -> None:
    desks.made(tmp_path, [desks.article(id, desks.STORY[0]["text"])])
    with desks.served(tmp_path / "index") as address:
        assert got(address, f"/api/articles/{quote(id, safe='')}")["id"] == id


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--host", "0.0.0.0"], 2, "--token"),
        (["--host", "0.0.0.0", "--token", "short"], 2, "shorter"),
        (["--token", "x" * 20, "--token-file", "y"], 2, "give one"),
        (["--token-file", "nowhere"], 3, "nowhere"),
        (["--host", "no.such.name.invalid", "--token", "x" * 20], 2, "no address"),
        (["-i", "nowhere"], 3, "no index"),
    ],
)
def test_what_cannot_be_served_is_said(demo_folder: Path, options: list[str], code: int, said: str) -> None:
    command = [sys.executable, "-m", "dedup", "serve", "-i", str(demo_folder), "--port", "0", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == code and said in ended.stderr and "Traceback" not in ended.stderr


def test_a_port_that_is_taken_is_named(demo_folder: Path, address: str) -> None:
    command = [sys.executable, "-m", "dedup", "serve", "-i", str(demo_folder), "--port", str(urlsplit(address).port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2 and "in use" in ended.stderr
