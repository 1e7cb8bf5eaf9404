"""The stories of one commit, in columns, to be searched, filtered and paged: made once a commit, asked many times."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import export
from dedup.answers import story_of
from dedup.model import STORIES, Story
from dedup.serve.words import Places, Words
from dedup.snapshot import Snapshot

Mask = npt.NDArray[np.bool_]
# Answers to one question that are kept, for its other pages.
_KEPT = 64


class Order(StrEnum):
    """pickup: most articles first; latest: by the last article; first: by the first one, newest first."""

    pickup = "pickup"
    latest = "latest"
    first = "first"


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """Which stories. text: words that begin with these stand in a headline, outlet or agency; outlet, agency: one of
    those; since, until: an article may have been published then; least, most: articles."""

    text: str = ""
    agency: str = ""
    outlet: str = ""
    since: datetime | None = None
    until: datetime | None = None
    least: int = 2
    most: int | None = None
    order: Order = Order.pickup


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """How many stories an agency or outlet has a part in."""

    name: str
    stories: int


class Catalogue:
    """Stories of two articles or more. What a request asks costs a few passes over numbers, one a story."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._table = _told(snapshot)
        self.stories = self._table.num_rows
        owner, outlets, titles = _members(snapshot, self._table)
        agencies = self._table["agencies"].combine_chunks()
        agency_owner = pc.list_parent_indices(agencies).to_numpy().astype(np.int64)
        self._outlets = _Holders(outlets, owner, self.stories)
        self._agencies = _Holders(pc.list_flatten(agencies), agency_owner, self.stories)
        # What many members have in common is split into words once.
        said = [holders.pairs for holders in (_Holders(titles, owner, self.stories), self._outlets, self._agencies)]
        texts, owners = (list(part) for part in zip(*said, strict=True))
        self._words = Words(pa.concat_arrays(texts), np.concatenate(owners), self.stories)
        self._size = self._table["articles"].to_numpy()
        self._first, self._last = (_seconds(self._table[name]) for name in ("first", "last"))
        self._found = lru_cache(_KEPT)(self._find)

    @property
    def agencies(self) -> list[Count]:
        """Of most stories first."""
        return self._agencies.counts

    @property
    def outlets(self) -> list[Count]:
        """Of most stories first."""
        return self._outlets.counts

    def find(self, wanted: Filter, first: int, count: int) -> tuple[list[Story], int]:
        """The stories that a filter leaves, from the first-th (from 0) on at most count; and how many there are."""
        found = self._found(wanted)
        rows = self._table.take(pa.array(found[first : first + count])).to_pylist()
        return [story_of(row) for row in rows], len(found)

    def _find(self, wanted: Filter) -> Places:
        keep = self._size >= wanted.least
        if wanted.most is not None:
            keep &= self._size <= wanted.most
        if wanted.since is not None:
            keep &= self._last >= _second(wanted.since)
        if wanted.until is not None:
            keep &= self._first <= _second(wanted.until)
        if wanted.since is not None or wanted.until is not None:
            keep &= self._first != _NEVER
        if wanted.agency:
            keep &= self._agencies.having(wanted.agency)
        if wanted.outlet:
            keep &= self._outlets.having(wanted.outlet)
        if (said := self._words.find(wanted.text)) is not None:
            keep &= said
        found = np.flatnonzero(keep)
        if wanted.order is Order.pickup:
            return found
        by = self._last if wanted.order is Order.latest else self._first
        return found[np.argsort(-by[found], kind="stable")]


_NEVER = np.iinfo(np.int64).min + 1  # negated it is still a number


class _Holders:
    """Which stories have each of some names."""

    def __init__(self, names: pa.Array, of: Places, stories: int) -> None:
        known = names.is_valid().to_numpy(zero_copy_only=False)
        coded = names.drop_null().dictionary_encode()
        codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        pairs = np.unique(codes * max(stories, 1) + of[known])
        self._of, self._count = pairs % max(stories, 1), stories
        self._codes = pairs // max(stories, 1)
        self._dictionary = coded.dictionary
        self._starts = np.searchsorted(self._codes, np.arange(len(self._dictionary) + 1))
        self._place = {name: code for code, name in enumerate(self._dictionary.to_pylist())}
        sizes = np.diff(self._starts)
        ranked = sorted(self._place, key=lambda name: (-int(sizes[self._place[name]]), name))
        self.counts = [Count(name, int(sizes[self._place[name]])) for name in ranked]

    @property
    def pairs(self) -> tuple[pa.Array, Places]:
        """Each name once a story, and these stories."""
        return self._dictionary.take(pa.array(self._codes)), self._of

    def having(self, name: str) -> Mask:
        mask = np.zeros(self._count, np.bool_)
        code = self._place.get(name)
        if code is not None:
            mask[self._of[self._starts[code] : self._starts[code + 1]]] = True
        return mask


def _told(snapshot: Snapshot) -> pa.Table:
    tables = list(export.story_tables(snapshot, 2))
    none = STORIES.empty_table().append_column("row", pa.array([], pa.int64()))
    return tables[0].combine_chunks() if tables else none


def _members(snapshot: Snapshot, table: pa.Table) -> tuple[Places, pa.Array, pa.Array]:
    """Of each article of the stories, these in the order of table: which story, outlet, title."""
    groups = snapshot.groups
    place = snapshot.place_of(table["row"].to_numpy().astype(np.int64))
    number = np.searchsorted(groups.starts, place, "right") - 1
    story = np.empty(groups.count, np.int64)
    story[number] = np.arange(len(number))
    owner = np.repeat(story, np.diff(groups.starts)) if groups.count else story
    rows = groups.table["row"].to_numpy()
    about = snapshot.store.article_rows(rows, ["outlet", "title"]).combine_chunks()
    outlet, title = (_array(about[name]) for name in ("outlet", "title"))
    return owner, outlet, title


def _array(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _seconds(times: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(times.cast(pa.int64()).fill_null(_NEVER).to_numpy(), np.int64)


def _second(time: datetime) -> int:
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
