"""What every request passes before the application sees it, and every answer on its way out.

From the outside in: headers that tell a browser what it may do, the time limit, the host that was asked for, the
token, the body. Plain ASGI: nothing here knows articles.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dedup.serve.settings import Settings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_FREE = 64 << 10
_HEADERS = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


def guarded(app: App, settings: Settings) -> App:
    """app behind all that this module has."""
    inner = Tokens(Bodies(app, settings.longest, settings.gathered), settings)
    return Headers(TimeLimit(Hosts(inner, settings), settings.seconds))


def allowed(header: str | None, token: str, basic: bool = True) -> bool:
    """Whether an Authorization header carries token: as Bearer, or as the password of Basic, which browsers ask for."""
    scheme, _, given = (header or "").partition(" ")
    if scheme.lower() == "basic" and basic:
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8", "replace").partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())


class Headers:
    """Adds what makes a browser run no script, frame or form but ours, and lets no other site read along."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [*message.get("headers", [])]
                names = {name.lower() for name, _ in given}
                given += [header for header in _HEADERS if header[0] not in names]
                if b"cache-control" not in names:
                    given.append((b"cache-control", b"no-cache"))
                message["headers"] = given
            await send(message)

        await self.app(scope, receive, adding if scope["type"] == "http" else send)


class TimeLimit:
    """Answers 503 to a request that takes longer than seconds, its body's way in and the answer's out included."""

    def __init__(self, app: App, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds):
                await self.app(scope, receive, noting)
        except TimeoutError:
            if started:
                raise  # half an answer is none: the server closes the connection
            await refuse(scope, send, 503, f"the request took longer than {self.seconds:g} s", [(b"retry-after", b"5")])
        except asyncio.CancelledError:
            if started:
                raise
            # Cancelled from outside: the server ends, and this request did not come to its end in time.
            await refuse(scope, send, 503, "the server ends", [(b"connection", b"close")])


class Hosts:
    """Answers only to the server's own name or address, and to no form of another site."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = _all(scope, b"host")
            if len(named) != 1 or not self.settings.answers_to(named[0]):
                await refuse(scope, send, 421, "this server does not go by that host name")
                return
            other = (_one(scope, b"sec-fetch-site") or "") in ("cross-site", "same-site")
            if other and scope["method"] not in ("GET", "HEAD"):
                await refuse(scope, send, 403, "a page of another site asked for this")
                return
        await self.app(scope, receive, send)


class Tokens:
    """Asks for the token wherever other machines can reach the server."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.token = None if settings.local else settings.token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.token and not allowed(_one(scope, b"authorization"), self.token):
            asked = b"Bearer" if _is_api(scope) else b'Basic realm="dedup: any name, the token as password"'
            await refuse(scope, send, 401, "this server wants its token", [(b"www-authenticate", asked)])
            return
        await self.app(scope, receive, send)


class Bodies:
    """Takes a request's body in whole before the application runs: at most longest bytes, of all at once gathered.

    So a client that sends slowly holds no worker, only its own bytes. The first _FREE of each body are not counted:
    however many long ones are stalled, a query comes through.
    """

    def __init__(self, app: App, longest: int, gathered: int) -> None:
        self.app = app
        self.longest = longest
        self.left = gathered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = _one(scope, b"content-length") or "0"
        if not (told.isascii() and told.isdecimal()):
            await refuse(scope, send, 400, "the Content-Length is no number")
        elif len(told) > 18 or int(told) > self.longest:
            await refuse(scope, send, 413, self._too_large)
        else:
            await self._taken(scope, receive, send)

    @property
    def _too_large(self) -> str:
        return f"a request's body may have {self.longest:,} bytes"

    async def _taken(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, counted, more = bytearray(), 0, True
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                part = message.get("body", b"")
                if len(body) + len(part) > self.longest:
                    await refuse(scope, send, 413, self._too_large)
                    return
                body += part
                grown = max(len(body) - _FREE, 0) - counted
                if grown > self.left:
                    await refuse(scope, send, 503, "too many large requests at once", [(b"retry-after", b"5")])
                    return
                counted += grown
                self.left -= grown
                more = message.get("more_body", False)
            given = False

            async def replay() -> Message:
                nonlocal given
                if given:
                    return await receive()
                given = True
                return {"type": "http.request", "body": bytes(body), "more_body": False}

            await self.app(scope, replay, send)
        finally:
            self.left += counted


async def refuse(
    scope: Scope, send: Send, status: int, detail: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """Answer with an error: {"detail": ...} to a program, a line of text to a person."""
    if _is_api(scope):
        body, kind = json.dumps({"detail": detail}).encode(), b"application/json"
    else:
        body, kind = f"dedup: {detail}\n".encode(), b"text/plain; charset=utf-8"
    about = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": body})


def _is_api(scope: Scope) -> bool:
    return bool(scope["path"].startswith("/api"))


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _one(scope: Scope, name: bytes) -> str | None:
    """The value of a header that must stand at most once; where it stands twice, none that is right."""
    found = _all(scope, name)
    return None if not found else found[0] if len(found) == 1 else ", ".join(found)
