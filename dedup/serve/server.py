"""Run the server: one process, which ends cleanly on Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import errno
import resource
import socket
from collections.abc import Callable

import uvicorn

from dedup.errors import UsageError
from dedup.serve.app import application
from dedup.serve.patience import protocol
from dedup.serve.settings import Settings

_BACKLOG = 1024
# Seconds that requests have to end in, once the server is told to.
_FAREWELL = 5


def run(settings: Settings, ready: Callable[[str], None] | None = None) -> None:
    """Serve until told to stop. ready: called with the address once the server listens.

    Raises UsageError where the address cannot be had, and what Index.open raises.
    """
    app = application(settings)
    _allow_files(2 * settings.connections + 256)
    with _listening(settings) as listener:
        config = uvicorn.Config(
            app,
            http=protocol(settings.seconds),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=settings.connections,
            timeout_graceful_shutdown=_FAREWELL,
        )
        if ready:
            ready(address(settings, listener.getsockname()[1]))
        uvicorn.Server(config).run(sockets=[listener])


def address(settings: Settings, port: int) -> str:
    """Where a browser finds the server."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}/"


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns delays off (TCP_NODELAY) only where the protocol is named: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        where = f"{settings.host} port {settings.port}"
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise UsageError(problem=f"{where} is in use: give another one with --port") from None
        if isinstance(error, PermissionError):
            raise UsageError(problem=f"{where} needs permission that this user lacks: give another --port") from None
        raise UsageError(problem=f"{where} is no address to listen at: {error}") from None
    return listener


def _allow_files(wanted: int) -> None:
    """Let as many connections be open as are allowed: systems begin with 1,024 files or fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
