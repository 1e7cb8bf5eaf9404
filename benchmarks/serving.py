"""Does `dedup serve` answer in time, and many at once? `python benchmarks/serving.py`

Indexes invented articles (articles.py), or takes an index with -i, starts the server in a process of its own, and asks
it: the first page, stories, queries one by one; then CLIENTS at once for SECONDS, beside SLOW connections that send or
read nothing. Everything is asked from this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import articles
import machine

import dedup

MOST_PAGE, MOST_STORY, MOST_QUERY = 200, 100, 50  # milliseconds, the median
CLIENTS, SLOW = 50, 200


@contextlib.contextmanager
def server(index: Path) -> Iterator[tuple[str, int, int]]:
    """Host, port and process id of a server of index."""
    command = [sys.executable, "-m", "dedup", "serve", "-i", str(index), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        line = process.stderr.readline()
        if not line.startswith("dedup: http"):
            sys.exit(line + process.stderr.read())
        where = urlsplit(line.removeprefix("dedup: ").strip())
        yield str(where.hostname), int(where.port or 0), process.pid
    finally:
        process.terminate()
        process.wait(30)


class Client:
    """One connection that is kept."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: bytes | None = None) -> tuple[int, float, bytes]:
        """Status, seconds and answer."""
        start = time.perf_counter()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self._streams
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {self.host}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + (body or b""))
        status = int((await reader.readline()).split()[1])
        length, closes = 0, False
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "content-length":
                length = int(value)
            closes |= name.lower() == "connection" and value.strip() == "close"
        answer = await reader.readexactly(length)
        if closes:
            self.close()
        return status, time.perf_counter() - start, answer

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


def questions(index: dedup.Index, count: int, seed: int = 1) -> dict[str, list[tuple[str, bytes | None]]]:
    """Requests by what they are: pages of stories, stories, queries with the texts of articles, whole and cut."""
    random_ = random.Random(seed)
    stories = index.stories()
    chosen = [stories[0], *random_.sample(stories, min(count, len(stories)))]
    words = [word for story in chosen for word in (story.title or "").split()[:2]]
    bodies = []
    for story in chosen[1:]:
        text = index.article(story.origin).body
        said = text if random_.random() < 0.5 else text[: len(text) // 3]
        bodies.append(json.dumps({"text": said, "limit": 10}).encode())
    return {
        "first page": [("/", None)] * count,
        "search": [(f"/?q={word}", None) for word in words[:count]],
        "story": [(f"/stories/{story.id}", None) for story in chosen[1:]],
        "largest story": [(f"/stories/{chosen[0].id}", None)] * 10,
        "query": [("/api/query", body) for body in bodies],
    }


async def one_by_one(host: str, port: int, asked: dict[str, list[tuple[str, bytes | None]]]) -> dict[str, list[float]]:
    """Milliseconds of each request, by what it is, in rising order."""
    client = Client(host, port)
    told: dict[str, list[float]] = {}
    for name, requests in asked.items():
        taken = []
        for path, body in requests:
            status, seconds, _ = await client.ask(path, body)
            assert status == 200, (path, status)
            taken.append(1000 * seconds)
        told[name] = sorted(taken)
    client.close()
    return told


async def slow(host: str, port: int, count: int) -> list[asyncio.StreamWriter]:
    """Connections that never end what they send, or never read."""
    writers = []
    for number in range(count):
        _, writer = await asyncio.open_connection(host, port)
        head = f"POST /api/query HTTP/1.1\r\nHost: {host}\r\n".encode()
        whole = f"GET /api/stories?limit=100 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        writer.write([head, head + b"Content-Length: 100000\r\n\r\n{", whole * 5][number % 3])
        writers.append(writer)
    return writers


async def together(
    host: str, port: int, pid: int, asked: dict[str, list[tuple[str, bytes | None]]], seconds: float, clients: int
) -> dict[str, Any]:
    """What many clients at once saw: answers, errors, milliseconds; and the server's memory."""
    end = time.perf_counter() + seconds
    requests = [request for name, some in asked.items() if name != "largest story" for request in some]
    taken: list[float] = []
    errors: list[str] = []
    memory: list[int] = []

    async def client(seed: int) -> None:
        random_, connection = random.Random(seed), Client(host, port)
        while time.perf_counter() < end:
            path, body = random_.choice(requests)
            try:
                status, seconds_, _ = await connection.ask(path, body)
                taken.append(1000 * seconds_)
                if status != 200:
                    errors.append(f"{status} {path}")
            except (OSError, asyncio.IncompleteReadError, IndexError) as error:
                errors.append(repr(error))
                connection.close()
        connection.close()

    async def watch() -> None:
        while time.perf_counter() < end:
            memory.append(machine.memory(pid).get("RssAnon", 0))
            await asyncio.sleep(1)

    await asyncio.gather(watch(), *(client(number) for number in range(clients)))
    return {
        "answers": len(taken),
        "errors": errors[:10],
        "failed": len(errors),
        "milliseconds": sorted(taken),
        "own": memory,
    }


async def measured(index: Path, seconds: float, clients: int, slow_ones: int) -> dict[str, Any]:
    """All figures."""
    asked = questions(dedup.Index.open(index), 100)
    with server(index) as (host, port, pid):
        told: dict[str, Any] = {"machine": machine.describe(), "articles": len(dedup.Index.open(index))}
        await one_by_one(host, port, {"query": asked["query"][:5]})
        told["alone"] = await one_by_one(host, port, asked)
        told["together"] = await together(host, port, pid, asked, seconds, clients)
        writers = await slow(host, port, slow_ones)
        told["beside slow ones"] = await one_by_one(host, port, {"query": asked["query"][:20]})
        for writer in writers:
            writer.close()
        told["memory"] = machine.memory(pid)
    return told | {"checks": checks(told)}


def at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def checks(figures: dict[str, Any]) -> dict[str, bool]:
    """What must hold of the figures."""
    alone, many, own = figures["alone"], figures["together"], figures["together"]["own"]
    return {
        "the first page within 200 ms": at(alone["first page"], 0.5) <= MOST_PAGE,
        "a story within 100 ms": at(alone["story"], 0.5) <= MOST_STORY,
        "the largest story within 100 ms": at(alone["largest story"], 0.5) <= MOST_STORY,
        "a query within 50 ms": at(alone["query"], 0.5) <= MOST_QUERY,
        "no error with many at once": not many["failed"],
        "memory does not grow with requests": max(own) <= 1.2 * own[len(own) // 3] + 50e6,
        # The first waits for what the slow ones have asked so far.
        "slow connections do not stop a query": at(figures["beside slow ones"]["query"], 0.5) <= 2 * MOST_QUERY,
    }


def show(figures: dict[str, Any]) -> None:
    """Print the figures, and what holds of them."""
    print(figures["machine"])
    print(f"{figures['articles']:,} articles")
    alone, many = figures["alone"], figures["together"]
    for name, values in alone.items():
        print(
            f"{name:<14} median {at(values, 0.5):7.1f} ms, 95 % {at(values, 0.95):7.1f} ms, most {values[-1]:7.1f} ms"
        )
    values = many["milliseconds"]
    print(
        f"together       {many['answers']:,} answers, {many['failed']} errors, median {at(values, 0.5):.0f} ms, "
        f"95 % {at(values, 0.95):.0f} ms, most {values[-1]:.0f} ms {many['errors'] or ''}"
    )
    own = [size / 1e6 for size in many["own"]]
    print(f"memory         own {own[0]:,.0f} MB at first, {own[-1]:,.0f} at last, {max(own):,.0f} at most")
    print(f"               with mapped files {figures['memory'].get('VmHWM', 0) / 1e6:,.0f} MB at most")
    slowly = figures["beside slow ones"]["query"]
    print(f"beside slow    a query median {at(slowly, 0.5):.1f} ms, most {slowly[-1]:.1f} ms")
    print(machine.marked(figures["checks"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("-i", "--index", type=Path, help="an index that is there")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--slow", type=int, default=SLOW)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dedup-serving-") as folder:
        index = given.index or Path(folder) / "index"
        if not given.index:
            made = dedup.Index.create(index)
            for batch in articles.batches(given.articles):
                made.add(batch)
        figures = asyncio.run(measured(index, given.seconds, given.clients, given.slow))
    return machine.ended(figures, given.json, show)


if __name__ == "__main__":
    sys.exit(main())
