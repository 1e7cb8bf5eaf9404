"""The web pages: the same answers as the API's, for people. They work without scripts; app.js makes them live."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from html import escape
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response

from dedup.errors import BadInput
from dedup.model import Kind, Match
from dedup.report.html.answers import comparison, ledger_table, matches
from dedup.report.html.markup import EMPTY, Html
from dedup.report.html.story import changes, headline, members, partial, story_facts, story_list
from dedup.report.html.timeline import pickups
from dedup.report.text import many
from dedup.report.variants import title_of, variants
from dedup.serve.api import PAGE, filter_of, status_of
from dedup.serve.catalogue import Filter, Order
from dedup.serve.desk import Desk
from dedup.serve.render import render, static, url
from dedup.serve.view import DOTS, MEMBERS, View, given

_ID = Annotated[str, Query(max_length=1024)]
# Rows a page.
OUTLETS = 200
_PREFIX = "/stories/"
# Names in a list to choose from: a browser gets slow with more, and one types a name faster.
_CHOICES = 500


def router(desk: Desk, app: FastAPI) -> APIRouter:
    """The routes of the pages, which ask desk; app: whose API is told."""
    html = APIRouter(include_in_schema=False)

    async def page(call: Callable[[View], bytes], size: int = 0) -> Response:
        return _html(await desk.ask(call, size))

    @html.get("/")
    async def stories(
        wanted: Annotated[Filter, Depends(_filters)], page_: Annotated[int, Query(alias="page", ge=1, le=1 << 20)] = 1
    ) -> Response:
        return await page(lambda view: _stories(view, wanted, page_))

    @html.get("/stories/{id}")
    async def story(id: str, first: Annotated[int, Query(ge=0, le=1 << 31)] = 0) -> Response:
        return await page(lambda view: _story(view, id, first))

    @html.get("/stories/{id}/passages")
    async def passages(id: str) -> Response:
        def call(view: View) -> bytes:
            detail = view.story(id, 0, 1).detail
            found = partial(view.partial(id))
            return _page(view, "passages.html", "", story=detail.story, headline=headline(detail.story), found=found)

        return await page(call)

    @html.get("/articles")
    async def article(id: _ID) -> Response:
        def call(view: View) -> bytes:
            return _page(view, "article.html", "", article=view.article(id))

        return await page(call)

    @html.get("/query")
    async def asking(id: _ID = "") -> Response:
        def call(view: View) -> bytes:
            found = view.index.query_id(id, 50) if id else None
            return _query(view, "", Kind.auto, found, f"What shares copy with {id}" if id else "", id)

        return await page(call)

    @html.post("/query")
    async def query(request: Request, kind: Kind = Kind.auto) -> Response:
        fields, bare = await _sent(request, kind)
        text, kind = fields.get("text", ""), _kind(fields)

        def call(view: View) -> bytes:
            body, found = view.query(given(text), kind, 50)
            told = f"The text itself: {many(len(body.paragraphs), 'paragraph')} of it" if found else ""
            if bare:
                return render("found.html", found=_matches(found), about=told)
            return _query(view, text, kind, found, told)

        return await page(call, len(text))

    @html.get("/compare")
    async def compare(a: _ID = "", b: _ID = "") -> Response:
        def call(view: View) -> bytes:
            if not (a and b):
                return _compare(view, EMPTY, a=a, b=b)
            compared, left, right = view.compare(a, b)
            names = [one.outlet or one.id for one in (left, right)]
            return _compare(view, comparison(compared, *names), a=a, b=b)

        return await page(call)

    @html.post("/compare")
    async def compare_texts(request: Request) -> Response:
        fields, _ = await _sent(request, Kind.auto)
        a, b = fields.get("text_a", ""), fields.get("text_b", "")

        def call(view: View) -> bytes:
            compared = comparison(view.texts(a, b, _kind(fields)))
            return _compare(view, compared, text_a=_in_field(a), text_b=_in_field(b))

        return await page(call, len(a) + len(b))

    @html.get("/outlets")
    async def outlets(
        agency: Annotated[str, Query(max_length=200)] = "", page_: Annotated[int, Query(alias="page", ge=1)] = 1
    ) -> Response:
        return await page(lambda view: _outlets(view, agency.strip(), page_))

    @html.get("/status")
    async def status() -> Response:
        return await page(lambda view: _page(view, "status.html", "status", status=status_of(desk, view)))

    @html.get("/api")
    async def api() -> Response:
        return await page(lambda view: _page(view, "api.html", "api", operations=_operations(app.openapi())))

    @html.get("/static/{name}")
    async def file(name: str, request: Request) -> Response:
        found = static().get(name)
        if found is None:
            raise HTTPException(404, f"no file {name}")
        headers = {"ETag": f'"{found.tag}"', "Cache-Control": "max-age=31536000, immutable"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.data, media_type=found.kind, headers=headers)

    return html


def error(status: int, phrase: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A page that says what went wrong."""
    values = {"commit": 0, "here": "", "phrase": phrase, "detail": detail}
    return _html(render("error.html", **values), status, headers)


def _html(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, headers, "text/html; charset=utf-8")


def _page(view: View, template: str, here: str, **values: Any) -> bytes:
    return render(template, commit=view.commit, here=here, **values)


async def _filters(request: Request) -> Filter:
    """As the API's, but a form sends its empty fields too. Raises UsageError, BadInput."""
    sent = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    q, agency, outlet, since, until = (
        sent.get(name, "")[:1024] for name in ("q", "agency", "outlet", "since", "until")
    )
    sizes = [_number(sent.get(name, "")) for name in ("min_size", "max_size")]
    order = sent.get("order", Order.pickup)
    if order not in list(Order):
        raise BadInput(problem=f"no order {order}")
    return filter_of(q, agency, outlet, since, until, max(sizes[0] or 2, 2), sizes[1], Order(order))


def _number(said: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise BadInput(problem=f"{said} is no number of articles")
    return int(said)


def _stories(view: View, wanted: Filter, page: int) -> bytes:
    found, total = view.stories(wanted, (page - 1) * PAGE, PAGE)
    since, until = (time.strftime("%Y-%m-%d") if time else "" for time in (wanted.since, wanted.until))
    asked = {
        "q": wanted.text,
        "agency": wanted.agency,
        "outlet": wanted.outlet,
        "since": since,
        "until": until,
        "min_size": wanted.least if wanted.least > 2 else "",
        "max_size": wanted.most or "",
        "order": "" if wanted.order is Order.pickup else wanted.order.value,
    }
    values = {
        "asked": asked,
        "filtered": wanted != Filter(),
        "narrowed": wanted != Filter(text=wanted.text),
        "found": story_list(found, _PREFIX),
        "total": total,
        **_turns(page, math.ceil(total / PAGE), lambda number: url("/", **asked, page=number)),
        "orders": [(order.value if order is not Order.pickup else "", _ORDERS[order]) for order in Order],
        "agencies": view.agencies[:_CHOICES],
        "outlets": view.outlets[:_CHOICES],
    }
    return _page(view, "stories.html", "stories", **values)


_ORDERS = {Order.pickup: "most articles", Order.latest: "last seen", Order.first: "first seen"}


def _story(view: View, id: str, first: int) -> bytes:
    window = view.story(id, first)
    detail = window.detail
    texts = variants(detail)
    steps = {place: url(f"{_PREFIX}{id}", first=place or None) for place in (first - MEMBERS, first + MEMBERS)}
    values = {
        "story": detail.story,
        "headline": title_of(detail),
        "facts": story_facts(window.all, texts.origin),
        "chart": pickups(window.all),
        "dots": DOTS if window.of > DOTS else 0,
        "members": members(detail, texts),
        "changes": changes(texts, MEMBERS) if len(detail.members) > 1 else EMPTY,
        "first": first,
        "last": min(first + MEMBERS, window.of),
        "of": window.of,
        "before": steps[first - MEMBERS] if first >= MEMBERS else None,
        "after": steps[first + MEMBERS] if first + MEMBERS < window.of else None,
    }
    return _page(view, "story.html", "", **values)


def _outlets(view: View, agency: str, page: int) -> bytes:
    found = view.ledger(agency)
    shown = found[(page - 1) * OUTLETS : page * OUTLETS]
    values = {
        "agency": agency,
        "agencies": view.agencies[:_CHOICES],
        "found": ledger_table(shown),
        "total": len(found),
        **_turns(page, math.ceil(len(found) / OUTLETS), lambda number: url("/outlets", agency=agency, page=number)),
    }
    return _page(view, "outlets.html", "outlets", **values)


def _turns(page: int, pages: int, at: Callable[[int], str]) -> dict[str, Any]:
    """Where one is among pages, and the addresses of those before and after."""
    before, after = (at(number) if 1 <= number <= pages else None for number in (page - 1, page + 1))
    return {"page": page, "pages": pages, "before": before, "after": after}


def _query(view: View, text: str, kind: Kind, found: list[Match] | None, about: str, id: str = "") -> bytes:
    listed = None if found is None else _matches(found, id)
    kinds = [(one.value, _KINDS[one]) for one in Kind]
    return _page(
        view, "query.html", "query", text=_in_field(text), kind=kind.value, kinds=kinds, found=listed, about=about
    )


_KINDS = {
    Kind.auto: "told by itself",
    Kind.text: "plain text",
    Kind.page: "a page saved as text",
    Kind.html: "HTML",
}


def _matches(found: list[Match], id: str = "") -> Html:
    """id: of the article that they share copy with, where it is one of the index."""
    return matches(found, _PREFIX, (lambda match: url("/compare", a=id, b=match.id)) if id else None)


def _compare(view: View, compared: Html, **values: Any) -> bytes:
    fields = {"a": "", "b": "", "text_a": "", "text_b": ""} | values
    return _page(view, "compare.html", "compare", compared=compared, **fields)


def _in_field(text: str) -> Html:
    """text as the content of a field, its lines kept; the parser drops a first line feed."""
    return Html("\n" + escape(text))


async def _sent(request: Request, kind: Kind) -> tuple[dict[str, str], bool]:
    """The fields of a form; or a text by itself, as scripts send it, with only a part of the page as its answer.

    Raises HTTPException, BadInput.
    """
    body = await request.body()
    sort = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sort == "text/plain":
        return {"text": body.decode("utf-8", "replace"), "kind": kind.value}, True
    if sort != "application/x-www-form-urlencoded":
        raise HTTPException(415, "send a form, or text/plain")
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError as problem:
        raise BadInput(problem=f"the form cannot be read: {problem}") from None
    return {name: values[0] for name, values in fields.items()}, False


def _kind(fields: Mapping[str, str]) -> Kind:
    try:
        return Kind(fields.get("kind") or "auto")
    except ValueError:
        raise BadInput(problem="no such kind of text") from None


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API."""

    method: str
    path: str
    summary: str
    parameters: list[tuple[str, str]]


def _operations(document: Mapping[str, Any]) -> list[Operation]:
    return [
        Operation(
            method.upper(),
            path,
            operation.get("summary", ""),
            [(one["name"], one.get("description", "")) for one in operation.get("parameters", [])],
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
