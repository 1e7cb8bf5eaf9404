"""The application: routes, what an error becomes, and the guards around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib import metadata
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from dedup.errors import (
    BadInput,
    Busy,
    DamagedIndex,
    DedupError,
    IndexLocked,
    MissingExtra,
    NoSpace,
    NotFound,
    TooLarge,
    UsageError,
)
from dedup.serve import api, pages
from dedup.serve.desk import Desk
from dedup.serve.safety import App, guarded
from dedup.serve.settings import Settings

# The first class that an error is of.
_STATUS: list[tuple[type[DedupError], int]] = [
    (NotFound, 404),
    (TooLarge, 413),
    (BadInput, 422),
    (UsageError, 422),
    (MissingExtra, 415),
    (IndexLocked, 409),
    (NoSpace, 507),
    (Busy, 503),
    (DamagedIndex, 503),
]


def application(settings: Settings) -> App:
    """The ASGI application that serves an index, guarded. Raises what Index.open raises."""
    desk = Desk(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await desk.start()
        yield
        await desk.close()

    app = FastAPI(
        title="dedup",
        description="Finds every republication of a wire story across news outlets.",
        version=_version(),
        lifespan=life,
        docs_url=None,  # both take their scripts from another site
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.include_router(api.router(desk))
    app.include_router(pages.router(desk, app))
    app.add_exception_handler(DedupError, _dedup_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    return guarded(cast(App, app), settings)


def _version() -> str:
    try:
        return metadata.version("wire-dedup")
    except metadata.PackageNotFoundError:
        return "0"


def _dedup_error(request: Request, error: Any) -> Response:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    headers = {"Retry-After": "2"} if status in (409, 503) else {}
    # Where the index lies is nothing to those who ask from elsewhere.
    said = f"No {error.fields['what']} {error.fields['id']}." if isinstance(error, NotFound) else str(error)
    return _told(request, status, said, headers)


def _invalid(request: Request, error: Any) -> Response:
    # What was sent is not sent back: it may hold what JSON has no word for.
    said = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:5]]
    return _told(request, 422, "; ".join(said))


def _http_error(request: Request, error: Any) -> Response:
    return _told(request, error.status_code, str(error.detail), error.headers)


def _unexpected(request: Request, error: Any) -> Response:
    return _told(request, 500, f"unexpected {type(error).__name__}: this is a fault of dedup")


def _told(request: Request, status: int, detail: str, headers: Any = None) -> Response:
    if request.url.path.startswith("/api"):
        detail = detail.encode("utf-8", "replace").decode()
        return JSONResponse({"detail": detail}, status, headers)
    return pages.error(status, HTTPStatus(status).phrase, detail, headers)
