"""Whatever is done to an index, in whatever order: it holds what a plain dictionary holds, and its stories are
those of an index to which the same articles came at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from newsroom import article
from newswire import exported
from texts import prose

import dedup
from dedup.errors import DiskError
from dedup.linking import crowds
from dedup.stages import lsh
from dedup.store import Store
from dedup.store.directory import MemoryDirectory, Operation

# Few words a text, and few texts: copies, excerpts, round-ups and crowds around a standing box happen at once.
_STORIES = [prose(story, 10).split("\n") for story in range(4)]
# Of 56 words: with little else a text is a notice.
_BOXES = [prose(50 + box, 4) for box in range(2)]
_FORMS: dict[str, Callable[[int, int], str]] = {
    "whole": lambda story, salt: "\n".join(_STORIES[story]),
    "start": lambda story, salt: "\n".join(_STORIES[story][: 3 + salt % 2]),
    "end": lambda story, salt: "\n".join(_STORIES[story][2 - salt % 2 :]),
    "edited": lambda story, salt: "\n".join(_STORIES[story]).replace("ba", f"ba{salt}", 2),
    "boxed": lambda story, salt: "\n".join([*_STORIES[story], _BOXES[salt % 2]]),
    "round-up": lambda story, salt: "\n".join(_STORIES[story][:3] + _STORIES[(story + 1 + salt) % 4][:3]),
    "own": lambda story, salt: f"{prose(100 + 40 * story + salt, 5)}\n{_BOXES[story % 2]}",
    "footer": lambda story, salt: f"{_BOXES[story % 2]}\nPage {salt}.",
    "short": lambda story, salt: "A picture.",
}
_NAMES = [f"{letter}{number}" for letter in "abcd" for number in range(12)]
_OUTLETS = ("a", "b", "c", "d")
_DAYS = [datetime(2026, 5, day, 12, tzinfo=UTC) for day in range(1, 8)]

names = st.sampled_from(_NAMES)
# The title says which text it is.
titles = st.builds(
    "{} {} {}".format, st.sampled_from(sorted(_FORMS)), st.integers(0, len(_STORIES) - 1), st.integers(0, 9)
)
# Of bodies that differ and share a passage, or nearly all.
crowd_titles = st.builds("{} {} 0".format, st.sampled_from(["own", "footer", "edited"]), st.integers(0, 1))
Titles = dict[str, str]


def named(name: str, title: str) -> dict[str, Any]:
    day = sum(map(ord, name + title)) % (len(_DAYS) + 1)
    published = _DAYS[day].isoformat() if day < len(_DAYS) else None
    return article(name, text_of(title), name[0], title=title, published=published)


def text_of(title: str) -> str:
    form, story, salt = title.split(" ")
    return _FORMS[form](int(story), int(salt))


def put_into(titles: Titles, batch: list[tuple[str, str]]) -> Titles:
    """What there is after a batch: where the text is the same, the article stays as it is, its title too."""
    titles = dict(titles)
    for name, title in batch:
        if name not in titles or text_of(titles[name]) != text_of(title):
            titles[name] = title
    return titles


class Machine(RuleBasedStateMachine):
    """titles: what the index must hold. Each change is one call, and so one commit."""

    def __init__(self) -> None:
        super().__init__()
        self.left = -1  # operations until the disk is out of reach; less than 0 while it is well
        self.directory = MemoryDirectory(before=self.before)
        self.index = dedup.Index(Store.create(self.directory))
        self.titles: Titles = {}
        self.reader: tuple[dedup.Index, list[dict[str, Any]]] | None = None
        self.compared: Titles = {}

    def before(self, operation: Operation) -> None:
        if self.left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.left -= self.left > 0

    @rule(batch=st.lists(st.tuples(names, titles), min_size=1, max_size=8))
    def put(self, batch: list[tuple[str, str]]) -> None:
        added = self.index.add([named(name, title) for name, title in batch])
        assert (added.read, added.articles) == (len(batch), len(self.titles | dict(batch)))
        self.titles = put_into(self.titles, batch)

    @rule(some=st.sets(names, min_size=7, max_size=24), title=crowd_titles)
    def put_a_crowd(self, some: set[str], title: str) -> None:
        """Articles of one form, so that as many bodies share a passage, or are near."""
        form, story, _ = title.split(" ")
        self.put([(name, f"{form} {story} {salt}") for salt, name in enumerate(sorted(some))])

    @rule(some=st.sets(names, min_size=8, max_size=9), title=crowd_titles)
    def trickle(self, some: set[str], title: str) -> None:
        """So many commits of one article each that segments are merged."""
        form, story, _ = title.split(" ")
        for salt, name in enumerate(sorted(some)):
            self.index.add([named(name, f"{form} {story} {salt}")])
            self.titles = put_into(self.titles, [(name, f"{form} {story} {salt}")])

    @rule()
    def put_the_same_again(self) -> None:
        if self.titles:
            commit = self.index.info().commit
            added = self.index.add([named(name, title) for name, title in self.titles.items()])
            assert added.unchanged == len(self.titles)
            assert self.index.info().commit == commit

    @rule(some=st.lists(names, min_size=1, max_size=6))
    def remove(self, some: list[str]) -> None:
        assert self.index.remove(some) == len(self.titles.keys() & set(some))
        self._only(lambda name, _: name not in some)

    @rule(outlet=st.sampled_from(_OUTLETS))
    def remove_an_outlet(self, outlet: str) -> None:
        gone = sum(name[0] == outlet for name in self.titles)
        assert self.index.remove(outlets=[outlet]) == gone
        self._only(lambda name, _: name[0] != outlet)

    @rule(day=st.sampled_from(_DAYS[:3]))
    def remove_before(self, day: datetime) -> None:
        def stays(name: str, title: str) -> bool:
            published = named(name, title)["published"]
            return published is None or datetime.fromisoformat(published) >= day

        gone = sum(not stays(name, title) for name, title in self.titles.items())
        assert self.index.remove(before=day) == gone
        self._only(stays)

    def _only(self, stays: Callable[[str, str], bool]) -> None:
        self.titles = {name: title for name, title in self.titles.items() if stays(name, title)}

    @rule()
    def compact(self) -> None:
        self.index.compact()

    @rule()
    def reopen(self) -> None:
        self.index = dedup.Index(Store.open(self.directory))

    @rule()
    def open_a_reader(self) -> None:
        reader = dedup.Index(Store.open(self.directory))
        self.reader = reader, exported(reader)

    @precondition(lambda self: self.reader)
    @rule(refreshed=st.booleans())
    def ask_the_reader(self, refreshed: bool) -> None:
        assert self.reader
        reader, told = self.reader
        assert exported(reader) == told
        for row in told[:1]:
            assert reader.article(row["id"]).title == row["title"]
        if refreshed:
            reader.refresh()
            assert exported(reader) == exported(self.index)
            self.reader = None

    @rule(
        batch=st.lists(st.tuples(names, titles), max_size=3), some=st.lists(names, max_size=3), at=st.integers(0, 150)
    )
    def crash(self, batch: list[tuple[str, str]], some: list[str], at: int) -> None:
        """In a change, after so many operations; what is on the disk stays as it is."""
        before = self.titles
        kept = {name: title for name, title in before.items() if name not in some}
        after = put_into(before, batch) if batch else kept
        self.left = at
        try:
            if batch:
                self.index.add([named(name, title) for name, title in batch])
            elif some:
                self.index.remove(some)
            else:
                self.index.compact()
            before = after
        except DiskError:
            pass
        self.left = -1
        self.directory = MemoryDirectory(
            {name: bytes(data) for name, data in self.directory.files.items()}, self.before
        )
        self.index = dedup.Index(Store.open(self.directory))
        found = {row["id"]: row["title"] for row in exported(self.index)}
        assert found in (before, after)
        self.titles, self.reader = found, None

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.index) == len(self.titles)

    @rule()
    def compare(self) -> None:
        """With an index to which all came at once."""
        if self.compared == self.titles:
            return
        self.compared = dict(self.titles)
        fresh = dedup.Index(Store.create(MemoryDirectory()))
        if self.titles:
            fresh.add([named(name, title) for name, title in sorted(self.titles.items())])
        if self.index.templates():
            # They are those that the last compaction learnt, of what was there then.
            self.index.compact()
            fresh.compact()
        assert exported(self.index) == exported(fresh)
        assert self.index.stories() == fresh.stories()
        for name, title in sorted(self.titles.items())[:2]:
            assert self.index.article(name) == fresh.article(name)
            assert self.index.article(name).title == title
            assert found(self.index, name) == found(fresh, name)

    def teardown(self) -> None:
        self.compare()
        assert self.index.check().damaged == ()


def found(index: dedup.Index, name: str) -> list[tuple[str, str, float]]:
    matches = index.query_id(name, limit=100)
    return sorted((match.id, str(match.relation), match.jaccard) for match in matches)


@pytest.fixture
def small_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets are crowds from seven bodies on, since a machine never has the 65 that it takes otherwise."""
    whole, representatives = 6, 4
    kept = crowds.CROWDS.field("representatives")
    few = kept.with_type(pa.list_(kept.type.value_field, representatives))
    monkeypatch.setattr(lsh, "WHOLE_BUCKET", whole)
    monkeypatch.setattr(lsh, "REPRESENTATIVES", representatives)
    monkeypatch.setattr(crowds, "CROWDS", crowds.CROWDS.set(crowds.CROWDS.get_field_index(kept.name), few))


# Without shrinking: a failure is told at once, and the campaign shrinks it.
_RUNS = settings(
    max_examples=8,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
)
_CAMPAIGN = settings(max_examples=1000, stateful_step_count=50, suppress_health_check=list(HealthCheck))


@pytest.mark.usefixtures("small_crowds")
@pytest.mark.parametrize("runs", [_RUNS, pytest.param(_CAMPAIGN, marks=pytest.mark.campaign)], ids=["short", "long"])
def test_an_index_holds_what_a_dictionary_holds_whatever_is_done_to_it(runs: settings) -> None:
    run_state_machine_as_test(Machine, settings=runs)
