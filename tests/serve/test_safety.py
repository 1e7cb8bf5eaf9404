"""What a server refuses, and what it tells a browser to refuse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import desks
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dedup.errors import BadInput, UsageError
from dedup.serve.safety import Bodies, TimeLimit, allowed
from dedup.serve.settings import Settings, read_token
from dedup.serve.view import View

ADDRESSES = [
    "/",
    "/query",
    "/compare",
    "/outlets",
    "/status",
    "/api",
    "/api/stories",
    "/api/status",
    "/none",
    "/static/x",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("safety")
    desks.made(folder, desks.STORY)
    return folder / "index"


@pytest.fixture(scope="module")
def client(index: Path) -> Iterator[TestClient]:
    with desks.client(index) as asked:
        yield asked


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_forbids_scripts_frames_and_sniffing(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_other_site_may_read_along(client: TestClient, address: str) -> None:
    for method in ("GET", "OPTIONS", "POST"):
        answer = client.request(method, address, headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "a b", "10.0.0.1"]
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    for address in ADDRESSES:
        assert client.get(address, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:80", "[::1]:8000", "[::1]", "127.9.9.9"])
def test_this_machine_by_any_of_its_names_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/status", headers={"host": host}).status_code == 200


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        answer = client.post("/query", data={"text": "some words"}, headers={"sec-fetch-site": site})
        assert answer.status_code == status


@pytest.mark.parametrize("address", ["/query", "/compare", "/api/query", "/api/articles", "/none", "/"])
def test_a_body_of_more_than_two_mebibytes_is_refused(client: TestClient, address: str) -> None:
    body = b"x" * ((2 << 20) + 1)
    assert client.post(address, content=body).status_code == 413
    assert client.post(address, content=iter([body[: 1 << 20]] * 3)).status_code == 413  # chunked, of no known length


def test_a_body_of_two_mebibytes_is_read(client: TestClient) -> None:
    text = "a" * ((2 << 20) - 100)
    answer = client.post("/query", content=text, headers={"content-type": "text/plain"})
    assert answer.status_code == 200


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 30, "٣"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    scope = {"type": "http", "path": "/api", "headers": [(b"content-length", length.encode("utf-8"))]}
    assert _status(Bodies(_never, 10, 10), scope) in (400, 413)


def test_all_bodies_together_are_limited_and_small_ones_come_through() -> None:
    async def waits(sent: bytes, app: Any, more: bool) -> int:
        seen: list[int] = []

        async def receive() -> dict[str, Any]:
            if seen or not sent:
                await asyncio.sleep(0.2)
                return {"type": "http.disconnect"}
            seen.append(0)
            return {"type": "http.request", "body": sent, "more_body": more}

        async def send(message: Any) -> None:
            seen.append(message.get("status", 0))

        await app({"type": "http", "path": "/api", "headers": []}, receive, send)
        return max(seen)

    async def answers(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def run() -> list[int]:
        app = Bodies(answers, 2 << 20, 1 << 20)
        slow = asyncio.gather(*(waits(b"x" * (1 << 20), app, True) for _ in range(4)))
        await asyncio.sleep(0.05)
        small = await waits(b"y" * 1000, app, False)
        done = [small, *(await slow)]
        return [*done, await waits(b"x" * (1 << 20), app, False)]

    assert asyncio.run(run()) == [200, 0, 503, 503, 503, 200]  # what one held is given back


def test_what_takes_too_long_is_answered_503(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "article", lambda *_: time.sleep(1.0))
    with desks.client(index, seconds=0.2) as client:
        start = time.monotonic()
        answer = client.get("/api/articles/full")
        assert answer.status_code == 503 and time.monotonic() - start < 0.9
        assert client.get("/api/status").status_code == 200


def test_the_time_limit_counts_a_body_that_never_ends() -> None:
    async def forever() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    scope = {"type": "http", "path": "/", "headers": []}
    assert _status(TimeLimit(Bodies(_never, 10, 10), 0.05), scope, forever) == 503


def test_more_than_can_wait_is_told_to_come_again(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dedup.serve import desk

    monkeypatch.setattr(desk, "_WAITING", 0)
    settings = Settings(index)

    async def run() -> None:
        await desk.Desk(settings).ask(lambda view: view.commit)

    with pytest.raises(Exception, match="try again"):
        asyncio.run(run())


def test_another_address_needs_a_token() -> None:
    for host in ("0.0.0.0", "192.168.1.1", "desk.example", "::"):
        with pytest.raises(UsageError, match="token"):
            Settings(Path("index"), host=host)
        assert not Settings(Path("index"), host=host, token=desks.TOKEN).local
    for host in ("127.0.0.1", "localhost", "::1", "127.5.5.5"):
        assert Settings(Path("index"), host=host).local


@pytest.mark.parametrize(
    "token", ["", "short", "fifteen-letters", "with-a-line\nin-the-middle", "nicht-nur-äscii-und-lang"]
)
def test_weak_tokens_are_refused(token: str) -> None:
    with pytest.raises(UsageError):
        Settings(Path("index"), token=token)


def test_on_another_address_everything_needs_the_token(index: Path) -> None:
    with desks.client(index, host="0.0.0.0", names=("Desk.example",)) as client:
        for host in ("10.1.2.3:8000", "desk.example", "[fe80::1]"):
            for address in ADDRESSES:
                answer = client.get(address, headers={"host": host})
                assert answer.status_code == 401 and answer.headers["www-authenticate"]
        assert client.get("/api/status", headers=desks.bearer()).status_code == 200
        assert client.get("/", auth=("anyone", desks.TOKEN)).status_code == 200
        assert client.get("/", auth=("anyone", desks.TOKEN + "x")).status_code == 401
        assert client.get("/", auth=("anyone", desks.TOKEN), headers={"host": "evil.example"}).status_code == 421


@given(st.text(max_size=40))
def test_no_other_header_is_a_token(said: str) -> None:
    for header in (said, f"Bearer {said}", f"Basic {said}", f"bearer{said}"):
        assert not allowed(header, desks.TOKEN)
    assert not allowed(None, desks.TOKEN)


@given(st.text(max_size=60))
def test_any_host_header_is_judged(host: str) -> None:
    assert Settings(Path("index")).answers_to(host) in (True, False)


def test_a_token_file_is_read_without_the_space_around(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"\n {desks.TOKEN} \n")
    assert read_token(file) == desks.TOKEN
    for bad in ("", "  \n"):
        file.write_text(bad)
        with pytest.raises(BadInput):
            read_token(file)
    with pytest.raises(BadInput):
        read_token(tmp_path / "none")


def _status(app: Any, scope: dict[str, Any], receive: Callable[..., Any] | None = None) -> int:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        await app(scope, receive, send)

    asyncio.run(run())
    return int(sent[0]["status"])


async def _never(*_: Any) -> None:
    raise AssertionError("the application was asked")
