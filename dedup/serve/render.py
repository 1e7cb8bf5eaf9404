"""Templates and the files that pages load, all from this package: nothing is fetched from another site."""

from __future__ import annotations

import dataclasses
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
import xxhash

from dedup.report import text
from dedup.report.html.markup import link
from dedup.report.html.tables import time

# Of each file its media type, and what it is put together from.
_STATIC = {
    "style.css": ("text/css; charset=utf-8", [("dedup.report.html", "style.css"), ("dedup.serve", "static/serve.css")]),
    "icon.svg": ("image/svg+xml", [("dedup.serve", "static/icon.svg")]),
    "app.js": ("text/javascript; charset=utf-8", [("dedup.serve", "static/app.js")]),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Static:
    """A file that pages load. tag: changes with its bytes."""

    kind: str
    data: bytes
    tag: str


@cache
def static() -> dict[str, Static]:
    """By name."""
    found = {}
    for name, (kind, parts) in _STATIC.items():
        data = b"\n".join(resources.files(package).joinpath(path).read_bytes() for package, path in parts)
        found[name] = Static(kind, data, xxhash.xxh3_64_hexdigest(data))
    return found


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dedup.serve"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
    )
    environment.globals |= {
        "static": lambda name: f"/static/{name}?v={static()[name].tag}",
        "url": url,
        "many": text.many,
        "size": text.size,
        "time": time,
        "link": link,
    }
    return environment


def render(template: str, **values: Any) -> bytes:
    """A page; every value is escaped but what is Html."""
    return _templates().get_template(template).render(values).encode("utf-8", "replace")


def url(path: str, **query: Any) -> str:
    """An address of ours: path as it is, each value of the query quoted, empty ones left out."""
    given = {name: _quotable(str(value)) for name, value in query.items() if value not in (None, "")}
    return quote(_quotable(path), safe="/") + (f"?{urlencode(given)}" if given else "")


def _quotable(said: str) -> str:
    return said.encode("utf-8", "replace").decode()


def _shown(value: Any) -> Any:
    """Text of strangers without what reverses or hides it; markup of ours as it is."""
    return text.visible(value) if type(value) is str else value
