"""What the HTTP API takes and gives beside the answers of `dedup.model`, with an example of each."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dedup.model import Kind, Match, Outlet, Story

MOST_ARTICLES = 1000

_TEXT = (
    "Port Selwyn, March 2 The century-old harbour bridge at Port Selwyn was closed to all traffic on Monday after "
    "divers found deep cracks in two of its eleven piers, the Coastal Roads Authority has said."
)


class Asked(BaseModel):
    """A text or page to look for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": _TEXT, "kind": "text", "limit": 5}]}
    )

    text: Annotated[str, Field(min_length=1, description="The text, the page saved as text, or the HTML.")]
    kind: Annotated[Kind, Field(description="What the text is before cleaning.")] = Kind.auto
    limit: Annotated[int, Field(strict=True, ge=1, le=50, description="Matches at most.")] = 10


class Pair(BaseModel):
    """Two texts or pages to compare."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"a": _TEXT, "b": _TEXT + " It is 102 years old."}]}
    )

    a: Annotated[str, Field(min_length=1)]
    b: Annotated[str, Field(min_length=1)]
    kind: Annotated[Kind, Field(description="What both are before cleaning.")] = Kind.auto


class NewArticle(BaseModel):
    """An article to add: its text as text or html. Without an id one is derived from the url, else from the text."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = None
    html: str | None = None
    id: Annotated[str | None, Field(description="One that is known takes the old article's place.")] = None
    url: str | None = None
    outlet: Annotated[str | None, Field(description="By default the host of the url.")] = None
    title: str | None = None
    published: Annotated[str | None, Field(description="A date as newsrooms write it, best ISO 8601.")] = None


class NewArticles(BaseModel):
    """Articles to add, in one commit."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "articles": [
                        {
                            "id": "harbour-0001",
                            "outlet": "harbour.example",
                            "title": "Bridge closed at Port Selwyn",
                            "published": "2026-03-02T18:40:00Z",
                            "text": _TEXT,
                        }
                    ]
                }
            ]
        },
    )

    articles: Annotated[list[NewArticle], Field(min_length=1, max_length=MOST_ARTICLES)]
    kind: Annotated[Kind, Field(description="What the texts are before cleaning.")] = Kind.auto


@dataclasses.dataclass(frozen=True, slots=True)
class Stories:
    """A page of stories. total: on all pages; commit: of the index."""

    commit: int
    total: int
    page: int
    pages: int
    stories: list[Story]


@dataclasses.dataclass(frozen=True, slots=True)
class Matches:
    """Articles that share copy with what was asked, best first. paragraphs: of it that were left after cleaning."""

    commit: int
    paragraphs: int
    matches: list[Match]


@dataclasses.dataclass(frozen=True, slots=True)
class Outlets:
    """Outlets, those with most agency copy first. total: on all pages; commit: of the index."""

    commit: int
    total: int
    page: int
    pages: int
    outlets: list[Outlet]


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """The commit that is being told, when it was made (UTC, ISO 8601), and what it holds. bytes: on disk by part.
    problem: why a later commit cannot be read."""

    commit: int
    committed: str
    articles: int
    stories: int
    outlets: int
    removed: int
    segments: int
    bytes: dict[str, int]
    problem: str | None


class Problem(BaseModel):
    """What went wrong."""

    detail: Annotated[str, Field(examples=["No article outlet-0042 in dedup-index."])]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The request cannot be read."},
    401: {"model": Problem, "description": "Without the token, where one is needed."},
    413: {"model": Problem, "description": "The body has more than 2 MiB."},
    415: {"model": Problem, "description": "HTML, and the server lacks the extra `html`."},
    422: {"model": Problem, "description": "What was asked makes no sense."},
    503: {"model": Problem, "description": "Too many requests, or one that took too long."},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "No such article or story."}}
ADDING: dict[int | str, dict[str, Any]] = {
    403: {"model": Problem, "description": "The server was started without a token: nothing can be added."},
    409: {"model": Problem, "description": "Another process writes the index: try again later."},
    507: {"model": Problem, "description": "No space is left on the server's disk."},
}
