"""One commit as all requests see it until the next one is ready."""

from __future__ import annotations

import dataclasses
import threading
from functools import cached_property, lru_cache
from typing import Any

import dedup
from dedup import answers
from dedup.api import clean
from dedup.errors import BadInput
from dedup.model import Article, Body, Comparison, Info, Kind, Match, Outlet, Story, StoryDetail
from dedup.serve.catalogue import Catalogue, Count, Filter

# Of the articles of a story so many are told at once, and so many stand in its chart.
MEMBERS, DOTS = 20, 1000
MOST_MATCHES = 50
# Ledgers that are kept, one an agency.
_LEDGERS = 16


@dataclasses.dataclass(frozen=True, slots=True)
class StoryWindow:
    """Some articles of a story. of: how many there are; first: the place of the first shown, from 0, in order of
    time. detail: with the origin before them, where it is not among them; all: the story with the first DOTS
    articles, without their texts."""

    detail: StoryDetail
    all: StoryDetail
    first: int
    of: int


class View:
    """Whatever a page or the API tells, of one commit. May be asked from several threads."""

    def __init__(self, index: dedup.Index) -> None:
        self.index = index
        self.snapshot = index.snapshot
        self.catalogue = Catalogue(self.snapshot)
        # Both grow with the index: once a commit, whoever asks first.
        self._once = threading.Lock()
        self._ledgers = lru_cache(_LEDGERS)(self.index.outlets)

    @property
    def commit(self) -> int:
        return self.snapshot.store.manifest.generation

    @property
    def committed(self) -> str:
        """When the commit was made, UTC, ISO 8601."""
        return self.snapshot.store.manifest.committed

    @cached_property
    def info(self) -> Info:
        with self._once:
            return self.index.info()

    def ledger(self, agency: str) -> list[Outlet]:
        """As index.outlets; an empty agency is any."""
        with self._once:
            return self._ledgers(agency.lower() or None)

    def warm(self) -> None:
        """Load what a first request would wait for."""
        found, _ = self.catalogue.find(Filter(), 0, 1)
        for story in found:
            detail = self.index.story(story.id)
            self.query(detail.members[0].body, Kind.text, 1)

    def stories(self, wanted: Filter, first: int, count: int) -> tuple[list[Story], int]:
        """See `Catalogue.find`."""
        return self.catalogue.find(wanted, first, count)

    def story(self, id: str, first: int = 0, count: int = MEMBERS) -> StoryWindow:
        """A story, by its id or that of one of its articles, some of its articles with their texts. Raises NotFound."""
        row = self.index.story_row(id)
        rows = answers.member_rows(self.snapshot, row)
        story = answers.story_at(self.snapshot, row)
        light = answers.articles(self.snapshot, rows[:DOTS], bodies=False)
        shown = answers.articles(self.snapshot, rows[first : first + count])
        if all(member.id != story.origin for member in shown):
            shown.insert(0, self.index.article(story.origin))
        return StoryWindow(StoryDetail(story, tuple(shown), ()), StoryDetail(story, tuple(light), ()), first, len(rows))

    def members(self, id: str, first: int, count: int) -> StoryDetail:
        """As index.story, of the articles only some. Raises NotFound."""
        row = self.index.story_row(id)
        rows = answers.member_rows(self.snapshot, row)
        told = answers.articles(self.snapshot, rows[first : first + count])
        return StoryDetail(answers.story_at(self.snapshot, row), tuple(told), self._partial(rows))

    def partial(self, id: str) -> tuple[Match, ...]:
        """Articles of other stories that share a passage with it. Raises NotFound."""
        return self._partial(answers.member_rows(self.snapshot, self.index.story_row(id)))

    def _partial(self, rows: Any) -> tuple[Match, ...]:
        return answers.partial(self.snapshot, rows[:DOTS])

    def article(self, id: str) -> Article:
        """Raises NotFound."""
        return self.index.article(id)

    def query(self, text: str, kind: Kind, limit: int) -> tuple[Body, list[Match]]:
        """What cleaning makes of a text, and the articles that share copy with it, best first."""
        body = clean(text, kind)
        return body, self.index.query_body(body, min(limit, MOST_MATCHES))

    def compare(self, a: str, b: str) -> tuple[Comparison, Article, Article]:
        """Two articles by their ids, with the credits that their pages gave. Raises NotFound."""
        left, right = self.article(a), self.article(b)
        texts = self.index.compared(left), self.index.compared(right)
        compared = dedup.compare(*texts, Kind.text, self.index.params)
        credited = {
            side: dataclasses.replace(getattr(compared, side), credits=article.credits)
            for side, article in (("a", left), ("b", right))
        }
        return dataclasses.replace(compared, **credited), left, right

    def texts(self, a: str, b: str, kind: Kind) -> Comparison:
        """Two texts or pages. Raises BadInput where one is empty."""
        return dedup.compare(given(a), given(b), kind, self.index.params)

    @property
    def agencies(self) -> list[Count]:
        return self.catalogue.agencies

    @property
    def outlets(self) -> list[Count]:
        return self.catalogue.outlets


def given(text: str) -> str:
    """text, which must say something. Raises BadInput."""
    if not text.strip():
        raise BadInput(problem="the text is empty")
    return text
