"""Connections that bring no request, or take no answer, are not waited for without end.

uvicorn has a limit for an idle connection between two requests; one whose first request never ends, or that never
reads its answer, it would keep for ever. The application's own time limit holds while a request is being answered.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


def protocol(seconds: float) -> type[asyncio.Protocol]:
    """A protocol for `uvicorn.Config(http=...)` that drops a connection on which seconds pass without a request."""
    return type("Impatient", (_Impatient,), {"seconds": seconds})


class _Impatient(H11Protocol):
    seconds: float
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting:
            self._waiting.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def _wait(self) -> None:
        if self._waiting:
            self._waiting.cancel()
        self._waiting = self.loop.call_later(self.seconds, self._drop)

    def _drop(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            # Not close(): that would wait until the client has read what it does not read.
            self.transport.abort()
