"""The index behind a server: its last commit as a View, what follows it, and the one who may add."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import dedup
from dedup.errors import Busy, DedupError
from dedup.model import Added
from dedup.serve.settings import Settings
from dedup.serve.view import View

T = TypeVar("T")
# Threads for answers; another for those that read more than this many bytes, so that a long text is not in the way.
WORKERS, LONG = 4, 64 << 10
# Requests that wait for a thread at most, and additions.
_WAITING, _ADDING = 256, 16
# A view is made anew at most in this share of the time: an index that grows all day is followed at a distance.
_SHARE = 0.25

log = logging.getLogger("dedup.serve")


class Desk:
    """Open one, `start` it, ask `view`, and `close` it. Raises what Index.open raises."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.view = View(dedup.Index.open(settings.index))
        self.problem: str | None = None
        self._quick = ThreadPoolExecutor(WORKERS, "answer")
        self._long = ThreadPoolExecutor(1, "long")
        self._follow = ThreadPoolExecutor(1, "follow")
        self._write = ThreadPoolExecutor(1, "write")
        self._waiting: dict[ThreadPoolExecutor, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()

    async def start(self) -> None:
        """Follow the commits of the index from now on."""
        await self._run(self._follow, self.view.warm)
        self._task = asyncio.create_task(self._following())

    async def close(self) -> None:
        """Stop following; what is being added is added first."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for executor in (self._quick, self._long, self._follow):
            executor.shutdown(wait=False, cancel_futures=True)
        self._write.shutdown(wait=True, cancel_futures=True)

    async def ask(self, call: Callable[[View], T], size: int = 0) -> T:
        """call of the present view, in another thread. size: bytes that it reads. Raises Busy."""
        view = self.view
        return await self._run(self._long if size > LONG else self._quick, lambda: call(view))

    async def add(self, articles: list[dict[str, Any]], kind: str) -> Added:
        """Add articles, one call after another, and follow at once. Raises Busy and what Index.add raises."""
        added = await self._run(self._write, lambda: dedup.Index.open(self.settings.index).add(articles, kind=kind))
        self._wanted.set()
        return added

    async def _run(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        most = _ADDING if executor is self._write else _WAITING
        if self._waiting.get(executor, 0) >= most:
            raise Busy
        self._waiting[executor] = self._waiting.get(executor, 0) + 1
        loop = asyncio.get_running_loop()
        future = executor.submit(call)
        # Counted until the thread is free again, which may be after a request has lost its patience.
        future.add_done_callback(lambda done: _told(loop, self._done, executor))
        return await asyncio.wrap_future(future)

    def _done(self, executor: ThreadPoolExecutor) -> None:
        self._waiting[executor] -= 1

    async def _following(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self.settings.poll)
            self._wanted.clear()
            start = time.monotonic()
            try:
                moved = await self._run(self._follow, self._refreshed)
            except Exception as error:  # whatever it is, the commit before is still told
                if str(error) != self.problem:
                    log.warning("the index cannot be followed: %s", error, exc_info=not isinstance(error, DedupError))
                self.problem = str(error)
                continue
            self.problem = None
            if moved:
                self.view = moved
                await asyncio.sleep((time.monotonic() - start) * (1 / _SHARE - 1))

    def _refreshed(self) -> View | None:
        store = self.view.snapshot.store
        last = store.refresh()
        return None if last is store else View(dedup.Index(last))


def _told(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *given: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended before the thread did
        loop.call_soon_threadsafe(call, *given)
