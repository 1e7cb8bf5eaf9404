"""What columns say, as the dataclasses that a person or a program asked for."""

from __future__ import annotations

import dataclasses
import itertools
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import dates, export
from dedup.linking import links
from dedup.lookup import Rows
from dedup.model import ARTICLES, Article, Credit, Match, Relation, Story, StoryDetail
from dedup.search import Hits
from dedup.snapshot import Snapshot
from dedup.stages import verify

_WORD = re.compile(r"\S+")
# What the members of a story have beside their text.
_TOLD = ["relation", "jaccard", "containment", "kept", "version"]
# Words in common that make a passage, and how much of it is shown.
_RUN = 5
_PASSAGE_WORDS = 60
# Of a query a match holds this share at least to be its excerpt or version, and not a part only.
_HELD = 0.5
# Of the articles that share a passage with a story, so many at most, those that share most first.
_MOST_PARTIAL = 100


def articles(snapshot: Snapshot, rows: Rows, bodies: bool = True) -> list[Article]:
    """The articles at rows, in that order; without bodies these are empty, and not read."""
    columns = [name for name in ARTICLES.names if bodies or name != "body"]
    table = snapshot.store.article_rows(rows, columns)
    story = snapshot.story_ids(snapshot.stories_of(rows)).to_pylist()
    place = snapshot.place_of(rows)
    told = snapshot.groups.table.select(_TOLD).take(pa.array(place, mask=place < 0)).to_pylist()
    found = []
    for i, row in enumerate(table.to_pylist()):
        about = told[i] if place[i] >= 0 else None
        shared = about if about and about["relation"] >= 0 else None
        found.append(
            Article(
                **{name: row[name] for name in ("id", "outlet", "url", "title", "byline", "dateline")},
                body=row["body"] if bodies else "",
                published=_time(row),
                credits=tuple(Credit(**credit) for credit in row["credits"]),
                story=story[i],
                relation=verify.RELATIONS[shared["relation"]] if shared else None,
                jaccard=shared["jaccard"] if shared else None,
                containment=shared["containment"] if shared else None,
                kept=shared["kept"] if shared else None,
                version=about["version"] if about else 1,
            )
        )
    return found


def stories(snapshot: Snapshot, min_size: int) -> list[Story]:
    """The stories of min_size articles or more, most republished first."""
    return [story_of(row) for table in export.story_tables(snapshot, min_size) for row in table.to_pylist()]


def stories_at(snapshot: Snapshot, places: npt.NDArray[np.int64]) -> dict[str, Story]:
    """The stories at some places of groups.starts, by id."""
    rows = export.stories_at(snapshot, places).to_pylist() if len(places) else []
    return {row["id"]: story_of(row) for row in rows}


def story(snapshot: Snapshot, row: int) -> StoryDetail:
    """The story of the article at row, its members in order of time."""
    rows = member_rows(snapshot, row)
    return StoryDetail(story_at(snapshot, row), tuple(articles(snapshot, rows)), partial(snapshot, rows))


def story_at(snapshot: Snapshot, row: int) -> Story:
    """The story of the article at row."""
    return story_of(export.story_table(snapshot, row).to_pylist()[0])


def member_rows(snapshot: Snapshot, row: int) -> Rows:
    """Rows of the articles in the story of the article at row, in order of time."""
    places = snapshot.members(row)
    return snapshot.groups.table["row"].to_numpy()[places].astype(np.int64) if len(places) else np.array([row])


def matches(snapshot: Snapshot, body: str, hits: Hits) -> list[Match]:
    """Hits of a query with this body."""
    figures = hits.figures
    whole = figures.same_copy | (figures.a_in_b >= _HELD)
    codes = verify.relations(dataclasses.replace(figures, same_copy=whole))
    return _matches(snapshot, hits.rows, figures, codes, [_shingles(_words(body))] * len(hits))


_PARTIAL = verify.RELATIONS.index(Relation.partial)


def _matches(
    snapshot: Snapshot,
    rows: Rows,
    figures: verify.Similarities,
    codes: npt.NDArray[Any],
    known: list[set[tuple[str, ...]]],
) -> list[Match]:
    """Matches of what stands at rows; known: the word shingles of what each is compared with."""
    table = snapshot.store.article_rows(rows, ["id", "outlet", "url", "title", "published", "zone", "body"])
    ids = snapshot.story_ids(snapshot.stories_of(rows)).to_pylist()
    return [
        Match(
            **{name: row[name] for name in ("id", "outlet", "url", "title")},
            published=_time(row),
            story=ids[i],
            relation=verify.RELATIONS[int(codes[i])],
            same_copy=bool(figures.same_copy[i]),
            jaccard=float(figures.jaccard[i]),
            containment=float(max(figures.narrative_a_in_b[i], figures.narrative_b_in_a[i])),
            found=float(figures.a_in_b[i]),
            passage=_passage(row["body"], known[i]),
        )
        for i, row in enumerate(table.to_pylist())
    ]


def story_of(row: dict[str, Any]) -> Story:
    """A row of `export.story_tables`."""
    return Story(
        **{name: row[name] for name in ("id", "title", "articles", "outlets", "origin", "confidence")},
        agencies=tuple(row["agencies"]),
        first=_time(row, "first", "first_zone"),
        last=_time(row, "last", "last_zone"),
    )


def partial(snapshot: Snapshot, rows: Rows) -> tuple[Match, ...]:
    """Articles of other stories that share a passage with a member, of each the strongest link."""
    table = links.touching(snapshot.store, rows)
    figures = links.figures_of(table)
    mine, others = table["a"].to_numpy().astype(np.int64), table["b"].to_numpy().astype(np.int64)
    order = np.lexsort((mine, others, -figures.shared.astype(np.int64)))
    _, first = np.unique(others[order], return_index=True)
    best = order[np.sort(first)][:_MOST_PARTIAL]
    distinct, place = np.unique(mine[best], return_inverse=True)
    known = [_shingles(_words(body)) for body in snapshot.store.article_rows(distinct, ["body"])["body"].to_pylist()]
    codes = np.full(len(best), _PARTIAL)
    return tuple(_matches(snapshot, others[best], verify.take(figures, best), codes, [known[p] for p in place]))


def _time(row: dict[str, Any], name: str = "published", zone: str = "zone") -> Any:
    return None if row[name] is None else dates.with_zone(row[name], row[zone])


def _words(body: str) -> list[str]:
    return [word.strip(".,;:!?\"'()[]\u201c\u201d\u2018\u2019") for word in body.casefold().split()]


def _shingles(words: list[str]) -> set[tuple[str, ...]]:
    run = min(_RUN, max(1, len(words)))
    return {tuple(words[i : i + run]) for i in range(len(words) - run + 1)}


def _passage(body: str, known: set[tuple[str, ...]]) -> str:
    """The longest run of the body's words whose shingles are known, as the body has it."""
    words = _words(body)
    run = len(next(iter(known), ()))
    held = bytes(map(known.__contains__, zip(*(words[i:] for i in range(run)), strict=False)))
    longest = max(map(len, held.split(b"\0")))
    if not longest:
        return ""
    first, length = held.index(b"\1" * longest), longest + run - 1
    last = first + min(length, _PASSAGE_WORDS)
    spans = [found.span() for found in itertools.islice(_WORD.finditer(body), first, last)]
    return body[spans[0][0] : spans[-1][1]] + (" \u2026" if length > _PASSAGE_WORDS else "")
