"""What is amended commit by commit is what would be derived anew: stories, crowds, links, whatever the history."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from newsroom import article
from texts import prose

import dedup
from dedup import ingest
from dedup.corpus import Corpus
from dedup.linking import boilerplate, crowds
from dedup.stages import lsh
from dedup.stages.read import limits
from dedup.store import MemoryDirectory, Store
from dedup.telling import amend, derive, members

Records = list[dict[str, Any]]
# Paragraphs that articles share, so that there are copies, excerpts, round-ups and crowds.
_SHARED = [prose(1000 + i, 1) for i in range(24)]
_REPRESENTATIVES = 4


@pytest.fixture(params=[4, 5])
def small_crowds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds of five or six bodies instead of 65, so that they come and go with every few articles."""
    few = crowds.CROWDS.field("representatives")
    few = few.with_type(pa.list_(few.type.value_field, _REPRESENTATIVES))
    monkeypatch.setattr(crowds, "CROWDS", crowds.CROWDS.set(crowds.CROWDS.get_field_index(few.name), few))
    monkeypatch.setattr(lsh, "WHOLE_BUCKET", request.param)
    monkeypatch.setattr(lsh, "REPRESENTATIVES", _REPRESENTATIVES)
    # Of six pairs of four representatives three, and three bodies of four.
    monkeypatch.setattr(crowds, "_STORY", 0.4)
    monkeypatch.setattr(boilerplate, "_COMMON", 3)


Text = Callable[[random.Random], str]


def varied(chance: random.Random) -> str:
    shared = chance.choices(_SHARED, k=chance.randrange(1, 5))
    return "\n".join(shared + [prose(chance.randrange(60), 1)] * (chance.random() < 0.7))


def often_copied(chance: random.Random) -> str:
    """Many have one body, some differ from it by a number, and some are notices."""
    if chance.random() < 0.5:
        return varied(chance)
    first, last = chance.choice([(0, 1), (1, 2), (0, 3), (2, 8), (4, 9)])
    return "\n".join([*_SHARED[first:last], *([f"{chance.randrange(9)} pages."] * (chance.random() < 0.3))])


def articles(chance: random.Random, count: int, text: Text = varied) -> Records:
    # Each of an outlet of its own: compacting learns no templates then.
    return [
        article(f"a{i}", text(chance), f"a{i}.example", published=f"2026-01-{1 + i % 28:02d}") for i in range(count)
    ]


def exported(index: dedup.Index) -> tuple[list[str], list[str]]:
    """Articles with their stories, and links, in no order that depends on rows."""
    told = index.export("articles").read_all().to_pylist()
    links = index.export("links").read_all().to_pylist()
    return (
        sorted(json.dumps(row, sort_keys=True, default=str) for row in told),
        sorted(json.dumps(row, sort_keys=True, default=str) for row in links),
    )


def fresh(*batches: Records) -> dedup.Index:
    index = dedup.Index(Store.create(MemoryDirectory()))
    for batch in batches:
        index.add(batch)
    return index


def told(table: pa.Table) -> list[tuple[Any, ...]]:
    """All that members say, in no order that depends on parts."""
    return sorted(tuple(row.values()) for row in table.to_pylist())


def expect_as_anew(index: dedup.Index) -> lsh.Crowds:
    """That what the last commit keeps is what is derived from its articles."""
    store = Store.open(index._store.directory)
    kept, derived = members.of(store), derive.anew(store)
    assert kept.of_commit == store.manifest.generation
    table = derive.standing(members.laid(kept.parts))
    assert told(table.filter(pa.array(store.alive(table["row"].to_numpy())))) == told(derived)
    assert kept.count == members.count(derived)
    corpus = Corpus(store)
    loaded = crowds.load(corpus)
    assert loaded.same_as(crowds.anew(corpus))
    return loaded


class History:
    """Random commits on an index; live: what it must hold."""

    def __init__(self, chance: random.Random, coming: Records, text: Text = varied) -> None:
        self.text = text
        self.chance = chance
        self.index = fresh()
        self.coming = chance.sample(coming, len(coming))
        self.live: dict[str, dict[str, Any]] = {}

    def step(self) -> None:
        done = self.chance.choices(
            [self.add, self.replace, self.replace_within_a_batch, self.remove, self.index.compact],
            [10, 2, 2, 3, 0.5],
        )  # fmt: skip
        done[0]()
        assert len(self.index) == len(self.live)

    def add(self) -> None:
        size = self.chance.choice([1, 1, 2, 5, 12])
        self._put([self.coming.pop() for _ in range(min(size, len(self.coming)))])

    def replace(self) -> None:
        self._put([{**self.live[name], "text": self.text(self.chance)} for name in self._some()])

    def replace_within_a_batch(self) -> None:
        drafts = [{**self.live[name], "text": self.text(self.chance)} for name in self._some()]
        batch = [{**one, "text": self.text(self.chance)} for one in drafts for _ in range(2)] + drafts
        self._put(self.chance.sample(batch, len(batch)))

    def remove(self) -> None:
        if some := self._some():
            assert self.index.remove(some) == len(some)
            # They come again, as they were.
            self.coming += [self.live.pop(name) for name in some]

    def _some(self) -> list[str]:
        return self.chance.sample(sorted(self.live), min(len(self.live), self.chance.choice([1, 3, 8])))

    def _put(self, batch: Records) -> None:
        if batch:
            self.index.add(batch)
        self.live.update((one["id"], one) for one in batch)


def run(seed: int, count: int, steps: int, text: Text = varied) -> int:
    """The crowds at the end."""
    chance = random.Random(seed)
    history = History(chance, articles(chance, count, text), text)
    for _ in range(steps):
        history.step()
        expect_as_anew(history.index)
    history._put(history.coming)
    found = expect_as_anew(history.index)
    records = sorted(history.live.values(), key=lambda one: one["id"])
    assert exported(history.index) == exported(fresh(records))
    history.index.compact()
    expect_as_anew(history.index)
    assert exported(history.index) == exported(fresh(records))
    return len(found)


@pytest.mark.usefixtures("small_crowds")
# In these histories a link ceases to hold with what one of its ends becomes, while the other end is in no crowd.
@pytest.mark.parametrize(("seed", "count", "steps"), [(15, 30, 8), (8, 50, 14), (18, 50, 14)])
def test_what_is_amended_is_what_would_be_derived_anew(seed: int, count: int, steps: int) -> None:
    assert run(seed, count, steps) > 5


@pytest.mark.usefixtures("small_crowds")
def test_what_is_amended_where_many_are_copies_is_what_would_be_derived_anew() -> None:
    assert run(seed=1, count=40, steps=14, text=often_copied) > 5


@pytest.mark.usefixtures("small_crowds")
def test_a_call_of_many_commits_answers_as_one_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last commit of a call tells stories; the ones before leave those of the commit before."""
    monkeypatch.setattr(ingest, "SEGMENT_ROWS", 12)
    monkeypatch.setattr(limits, "ROWS", 6)
    chance = random.Random(3)
    records = articles(chance, 60)
    drafts = [{**one, "text": varied(chance)} for one in records[:20]]
    index = fresh(records[:10])

    index.add(drafts + records)

    assert index.info().commit > 5
    expect_as_anew(index)
    assert exported(index) == exported(fresh(records))


@pytest.mark.usefixtures("small_crowds")
def test_crowds_whose_file_was_taken_away_are_found_again() -> None:
    records = articles(random.Random(4), 40)
    index = fresh(records[:30])
    directory = index._store.directory
    for name in directory.list():
        if name.startswith("crowds-"):
            directory.unlink(name)

    index = dedup.Index(Store.open(directory))
    assert exported(index) == exported(fresh(records[:30]))
    index.add(records[30:])

    assert len(expect_as_anew(index)) > 10
    assert exported(index) == exported(fresh(records))


@pytest.mark.parametrize("most", [0, 1 << 16])
def test_an_amendment_that_would_follow_too_much_is_told_anew(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(amend, "_MOST", most)
    monkeypatch.setattr(amend, "_EACH", 0)
    records = articles(random.Random(5), 40)
    index = fresh(records[:20], records[20:30])

    index.add(records[30:])

    store = Store.open(index._store.directory)
    assert (len(members.of(store).parts) == 1) == (not most)
    expect_as_anew(index)


@pytest.mark.campaign
@pytest.mark.usefixtures("small_crowds")
@pytest.mark.parametrize("text", [varied, often_copied])
@pytest.mark.parametrize("seed", range(10, 60))
def test_what_is_amended_in_long_histories_is_what_would_be_derived_anew(seed: int, text: Text) -> None:
    run(seed, random.Random(seed).choice([30, 80, 200]), 60, text)


def test_copies_of_one_text_take_memory_with_their_number() -> None:
    """Each body is looked up once: were each copy compared with each, 3,000 and 3,000 took half a gigabyte."""
    index = dedup.Index(Store.create(MemoryDirectory()))
    index.add([article(f"copy-{number}", prose(5, 12)) for number in range(3000)])
    tracemalloc.start()
    try:
        index.add([article(f"more-{number}", prose(5, 12)) for number in range(3000)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [story.articles for story in index.stories()] == [6000]
    assert peak < 100e6
