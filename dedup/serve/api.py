"""The HTTP API: the answers of the Python API as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dedup import dates
from dedup.errors import UsageError
from dedup.model import Added, Article, Comparison, Kind, StoryDetail
from dedup.report import forms
from dedup.serve.catalogue import Filter, Order
from dedup.serve.desk import Desk
from dedup.serve.safety import allowed
from dedup.serve.shapes import (
    ADDING,
    NOT_FOUND,
    PROBLEMS,
    Asked,
    Matches,
    NewArticles,
    Outlets,
    Pair,
    Status,
    Stories,
)
from dedup.serve.view import View, given

PAGE, MOST_PAGES = 25, 1 << 20
_ID = Annotated[str, Path(min_length=1, max_length=1024)]
_bearer = HTTPBearer(auto_error=False, description="The token that the server was started with.")


def router(desk: Desk) -> APIRouter:
    """The routes under /api, which ask desk."""
    api = APIRouter(prefix="/api", responses=PROBLEMS)

    async def told(call: Callable[[View], Any], size: int = 0) -> Response:
        """What call gives as JSON, made in a worker's time and not in that of the loop."""
        text = await desk.ask(lambda view: forms.dumps(call(view), indent=None).encode(), size)
        return Response(text, media_type="application/json")

    @api.get("/stories", response_model=Stories, summary="Stories, found by words and filters")
    async def stories(
        wanted: Annotated[Filter, Depends(filters)],
        page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
        limit: Annotated[int, Query(ge=1, le=100, description="Stories a page.")] = PAGE,
    ) -> Response:
        def call(view: View) -> Stories:
            found, total = view.stories(wanted, (page - 1) * limit, limit)
            return Stories(view.commit, total, page, -(-total // limit), found)

        return await told(call)

    @api.get("/stories/{id:path}", response_model=StoryDetail, responses=NOT_FOUND, summary="One story")
    async def story(
        id: Annotated[str, Path(min_length=1, max_length=1024, description="Of a story, or of an article in it.")],
        first: Annotated[int, Query(ge=0, le=1 << 31, description="Articles to leave out before the first.")] = 0,
        limit: Annotated[int, Query(ge=1, le=200, description="Articles at most.")] = 100,
    ) -> Response:
        return await told(lambda view: view.members(id, first, limit))

    @api.get("/articles/{id:path}", response_model=Article, responses=NOT_FOUND, summary="One article")
    async def article(id: _ID) -> Response:
        return await told(lambda view: view.article(id))

    @api.get("/query", response_model=Matches, responses=NOT_FOUND, summary="Articles that share copy with one")
    async def query_one(
        text: Annotated[str | None, Query(min_length=1, max_length=4096)] = None,
        id: Annotated[str | None, Query(min_length=1, max_length=1024, description="Of an article.")] = None,
        kind: Kind = Kind.auto,
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> Response:
        if (text is None) == (id is None):
            raise UsageError(problem="give either text or id")

        def call(view: View) -> Matches:
            if text is not None:
                return _matches(view, Asked(text=text, kind=kind, limit=limit))
            found = view.index.query_id(str(id), limit)
            return Matches(view.commit, len(view.article(str(id)).body.split("\n")), found)

        return await told(call)

    @api.post("/query", response_model=Matches, summary="Articles that share copy with a text or page")
    async def query(asked: Asked) -> Response:
        return await told(lambda view: _matches(view, asked), len(asked.text))

    @api.get("/compare", response_model=Comparison, responses=NOT_FOUND, summary="Two articles side by side")
    async def compare_ids(
        a: Annotated[str, Query(min_length=1, max_length=1024, description="Id of an article.")],
        b: Annotated[str, Query(min_length=1, max_length=1024, description="Id of the other one.")],
    ) -> Response:
        return await told(lambda view: forms.comparison(view.compare(a, b)[0]))

    @api.post("/compare", response_model=Comparison, summary="Two texts or pages side by side")
    async def compare(pair: Pair) -> Response:
        return await told(lambda view: forms.comparison(view.texts(pair.a, pair.b, pair.kind)), len(pair.a + pair.b))

    @api.get("/outlets", response_model=Outlets, summary="What each outlet ran, and whether it credited")
    async def outlets(
        agency: Annotated[str, Query(max_length=200, description="Only its copy.")] = "",
        page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
        limit: Annotated[int, Query(ge=1, le=1000, description="Outlets a page.")] = 100,
    ) -> Response:
        def call(view: View) -> Outlets:
            found = view.ledger(agency)
            shown = found[(page - 1) * limit : page * limit]
            return Outlets(view.commit, len(found), page, -(-len(found) // limit), shown)

        return await told(call)

    @api.get("/status", response_model=Status, summary="The commit that is told, and what it holds")
    async def status() -> Response:
        return await told(lambda view: status_of(desk, view))

    @api.post("/articles", response_model=Added, responses=ADDING, summary="Add articles, with the token")
    async def add(
        new: NewArticles, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Response:
        token = desk.settings.token
        if token is None:
            raise HTTPException(403, "nothing can be added: the server was started without --token or --token-file")
        if credentials is None or not allowed(f"Bearer {credentials.credentials}", token, basic=False):
            raise HTTPException(401, "adding needs the server's token", {"WWW-Authenticate": "Bearer"})
        added = await desk.add([one.model_dump(exclude_none=True) for one in new.articles], new.kind.value)
        return Response(forms.dumps(added, indent=None), media_type="application/json")

    return api


async def filters(
    q: Annotated[str, Query(max_length=400, description="Words that headlines, outlets, agencies begin with.")] = "",
    agency: Annotated[str, Query(max_length=200, description="Credited by an article.")] = "",
    outlet: Annotated[str, Query(max_length=1024, description="One that ran it.")] = "",
    since: Annotated[str, Query(max_length=80, description="A date: articles that day or later.")] = "",
    until: Annotated[str, Query(max_length=80, description="A date: articles that day or earlier.")] = "",
    min_size: Annotated[int, Query(ge=2, le=1 << 31, description="Articles at least.")] = 2,
    max_size: Annotated[int | None, Query(ge=2, le=1 << 31, description="Articles at most.")] = None,
    order: Annotated[Order, Query(description="Most articles first, or the latest.")] = Order.pickup,
) -> Filter:
    """The filter that a request's query asks for. Raises UsageError."""
    return filter_of(q, agency, outlet, since, until, min_size, max_size, order)


def filter_of(
    q: str, agency: str, outlet: str, since: str, until: str, least: int, most: int | None, order: Order
) -> Filter:
    """A filter; since, until: dates as newsrooms write them. Raises UsageError."""
    begin, end = _moment("since", since), _moment("until", until)
    if end is not None and end.time() == time.min:
        end = end.replace(hour=23, minute=59, second=59)  # a day, and not its first moment
    return Filter(q.strip(), agency, outlet, begin, end, least, most, order)


def status_of(desk: Desk, view: View) -> Status:
    """What the status page tells."""
    info = view.info
    figures = (info.articles, info.stories, info.outlets, info.removed, info.segments, info.bytes)
    return Status(view.commit, view.committed, *figures, desk.problem)


def _matches(view: View, asked: Asked) -> Matches:
    body, found = view.query(given(asked.text), asked.kind, asked.limit)
    return Matches(view.commit, len(body.paragraphs), found)


def _moment(name: str, said: str) -> datetime | None:
    if not said.strip():
        return None
    found = dates.parse(said)
    if found is None:
        raise UsageError(problem=f"{name}: {said} is no date; write it as in 2026-03-01")
    return found[0]
