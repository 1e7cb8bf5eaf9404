"""What an HTML page says of itself: JSON-LD, OpenGraph, canonical link, syndication source.

Nothing is believed that is not short, and only the beginning of a page is looked at.
"""

from __future__ import annotations

import html as entities
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from dedup.stages.clean import agencies

SCRIPTS, SCRIPT_CHARS, NODES = 20, 256 << 10, 2000  # of JSON-LD that are looked at
AUTHORS, AUTHOR_CHARS = 5, 120

_META = re.compile(r"<(?:meta|link)\s([^<>]{5,2000})>", re.I)
_ATTRIBUTE = re.compile(r"([a-z:-]{2,20})\s*=\s*(?:\"([^\"]{0,1000})\"|'([^']{0,1000})')", re.I)
_SCRIPT = re.compile(r"<script\s[^<>]{0,300}?application/ld\+json[^<>]{0,300}>", re.I)
_DATE_PUBLISHED = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{4,60})\"")
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,500})<", re.I)
_BY = re.compile(r"^by:?\s+", re.I)
_TAG = re.compile(r"<[^<>]{0,300}>")
_WANTED = {
    "og:title": "title",
    "twitter:title": "title",
    "article:published_time": "date",
    "og:published_time": "date",
    "datepublished": "date",
    "pubdate": "date",
    "publish-date": "date",
    "og:site_name": "site",
    "canonical": "url",
    "og:url": "url",
    "syndication-source": "source",
    "original-source": "source",
    "author": "author",
    "article:author": "author",
    "dc.creator": "author",
}
_STORIES = ("Article", "BlogPosting", "Report", "LiveBlogPosting")


@dataclass(slots=True)
class Head:
    """What the page says; authors as it names them. source: the agency that it says it has the story from."""

    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    url: str | None = None
    authors: list[str] = field(default_factory=list)
    source: str | None = None


def describe(head: str) -> Head:
    """Title, date, address, outlet, authors and source from the beginning of a page. Never raises.

    Of each the first counts, JSON-LD before meta elements for authors and date, after them for the title.
    """
    said = _metas(head)
    story = _story(head)
    published = _text(story.get("datePublished"), 60)
    if published is None and (m := _DATE_PUBLISHED.search(head)):
        published = m[1]
    title = said.get("title") or _text(story.get("headline"), 500)
    if not title and (m := _TITLE.search(head)):
        title = " ".join(entities.unescape(m[1]).split())
    url = said.get("url") or _text(story.get("url"), 1000) or ""
    host = _host(url)
    authors = _names(story.get("author")) or _names(said.get("author"))
    source = agencies.HOSTS.get(_host(said.get("source", "")) or "")
    return Head(
        title=title or None,
        date=published or said.get("date"),
        outlet=host or said.get("site") or _text(_first(story.get("publisher"), "name"), 100),
        url=url if url.startswith(("http://", "https://")) else None,
        authors=authors,
        source=source,
    )


def _metas(head: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for tag in _META.finditer(head):
        attributes = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag[1])}
        key = (
            attributes.get("property")
            or attributes.get("name")
            or attributes.get("itemprop")
            or attributes.get("rel", "")
        )
        value = entities.unescape(attributes.get("content") or attributes.get("href", "")).strip()
        if (name := _WANTED.get(key.lower())) and value:
            said.setdefault(name, value)
    return said


def _story(head: str) -> dict[str, Any]:
    """The first article that JSON-LD tells of; empty where there is none."""
    for count, opening in enumerate(_SCRIPT.finditer(head)):
        if count == SCRIPTS:
            break
        end = head.find("</", opening.end(), opening.end() + SCRIPT_CHARS)
        # A story's own text may hold "</p>": the script ends at its own tag.
        while end != -1 and head[end : end + 8].lower() != "</script":
            end = head.find("</", end + 2, opening.end() + SCRIPT_CHARS)
        try:
            data = json.loads(head[opening.end() : end] if end != -1 else "", strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(name, str) and name.endswith(_STORIES) for name in names):
                return node
    return {}


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Objects inside JSON, outer ones first, NODES values at most."""
    todo, seen = deque([data]), 0
    while todo and seen < NODES:
        value = todo.popleft()
        seen += 1
        if isinstance(value, dict):
            yield value
            todo += [inner for inner in value.values() if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            todo += value[: NODES - seen]


def _first(value: Any, key: str) -> Any:
    """value[key], or that of its first element; value itself where it is a string."""
    if isinstance(value, list) and value:
        value = value[0]
    return value.get(key) if isinstance(value, dict) else value


def _text(value: Any, most: int) -> str | None:
    if not isinstance(value, str):
        return None
    text = " ".join(_TAG.sub("", entities.unescape(value)).split())
    return text if 0 < len(text) <= most else None


def _names(value: Any) -> list[str]:
    """Names of persons or organisations; an address, a file, the name of an account are none."""
    values = value if isinstance(value, list) else [value]
    names = (_BY.sub("", _text(_first(one, "name"), AUTHOR_CHARS) or "", count=1) for one in values[:AUTHORS])
    return [name for name in names if name and "://" not in name and "@" not in name and not "a" <= name[0] <= "z"]


def _host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
