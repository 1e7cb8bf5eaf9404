"""Readers in other processes see whole commits only, and keep theirs while the writer writes, merges and compacts.

What the writer does is the same in every run, and each batch that it puts carries its number; with it comes the
beacon, an article that shows the last number. So a reader can tell from the beacon what must be in each commit.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forks import Forks
from newsroom import article
from texts import prose

import dedup
from dedup.model import Relation

_BATCHES, _ROWS, _READERS = 12, 20, 4
_KEPT = 4  # commits that a reader keeps at a time
Batches = dict[int, int]  # the number with which each batch was put last


def step(number: int, batches: Batches) -> tuple[str, Batches]:
    """What the writer's step of that number does, and what is there afterwards."""
    chance = random.Random(number)
    if number % 20 == 19:
        return "compact", batches
    if number % 5 == 4 and len(batches) > 2:
        gone = chance.choice(sorted(batches))
        return "remove", {batch: put for batch, put in batches.items() if batch != gone}
    return "put", {**batches, chance.randrange(_BATCHES): number}


def story(batch: int, number: int) -> str:
    return prose(number * _BATCHES + batch, 10)


def rows(batch: int, number: int) -> list[dict[str, Any]]:
    """A batch: one story at twenty outlets."""
    text, title = story(batch, number), f"put {number}"
    return [
        article(f"{batch}-{row}", f"{text}\nSeen at {row} {number}.", f"o{row}.example", title=title)
        for row in range(_ROWS)
    ]


def write(tell: Callable[[str], None], folder: str, seconds: float) -> None:
    """The writer; tells how many steps it made."""
    index = dedup.Index.open(folder)
    batches: Batches = {}
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        what, after = step(number, batches)
        if what == "compact":
            index.compact()
        elif what == "remove":
            (gone,) = batches.keys() - after.keys()
            assert index.remove([f"{gone}-{row}" for row in range(_ROWS)]) == _ROWS
        else:
            (batch,) = (batch for batch, put in after.items() if put == number)
            index.add([article("beacon", f"The last number is {number}.", title=f"put {number}"), *rows(batch, number)])
        batches, number = after, number + 1
    tell(str(number))


class Reader:
    """An index at one commit, and what it said of it at first."""

    def __init__(self, index: dedup.Index, history: list[Batches]) -> None:
        self.index = index
        self._history = history
        self.first = self._export()
        self.batches = self._told()

    def _export(self) -> list[dict[str, Any]]:
        exported: list[dict[str, Any]] = self.index.export("articles").read_all().to_pylist()
        return exported

    def _told(self) -> Batches:
        """The batches that are there, each whole and one story, as one step of the writer left them."""
        beacon = [int(row["title"][4:]) for row in self.first if row["id"] == "beacon"]
        found: dict[int, list[dict[str, Any]]] = {}
        for row in self.first:
            if row["id"] != "beacon":
                found.setdefault(int(row["id"].partition("-")[0]), []).append(row)
        for batch in found.values():
            assert len(batch) == _ROWS
            assert len({row["title"] for row in batch}) == len({row["story"] for row in batch}) == 1
        assert len({batch[0]["story"] for batch in found.values()}) == len(found)
        assert len(self.index) == len(self.first)
        told = {number: int(batch[0]["title"][4:]) for number, batch in found.items()}
        assert told in self._possible(beacon)
        return told

    def _possible(self, beacon: list[int]) -> list[Batches]:
        """What the writer left at that step, and at those after it that do not move the beacon."""
        if not beacon:
            return [{}]
        number, history = beacon[0], self._history
        while len(history) <= number:
            history.append(step(len(history), history[-1] if history else {})[1])
        possible = [history[number]]
        while (following := step(number + len(possible), possible[-1]))[0] != "put":
            possible.append(following[1])
        return possible

    def ask(self, chance: random.Random) -> None:
        """Any question has the answer of this very commit."""
        if not self.batches:
            assert self.index.stories() == []
            return
        batch, number = chance.choice(sorted(self.batches.items()))
        named, what = f"{batch}-{chance.randrange(_ROWS)}", chance.randrange(5)
        if what == 0:
            assert self._export() == self.first
        elif what == 1:
            members = self.index.story(named).members
            assert {(member.id, member.title) for member in members} == {
                (f"{batch}-{row}", f"put {number}") for row in range(_ROWS)
            }
        elif what == 2:
            matches = self.index.query(story(batch, number), limit=100)
            assert {match.id for match in matches} == {f"{batch}-{row}" for row in range(_ROWS)}
            # The last line is a template of its outlet where compacting has learnt it.
            assert {match.relation for match in matches} <= {Relation.near, Relation.excerpt, Relation.identical}
        elif what == 3:
            assert self.index.article(named).body.startswith(story(batch, number))
        else:
            assert sorted(told.articles for told in self.index.stories()) == [_ROWS] * len(self.batches)


def read(tell: Callable[[str], None], folder: str, seconds: float, seed: int) -> None:
    """A reader; tells of its commits, and how many answers it had."""
    chance = random.Random(seed)
    history: list[Batches] = []
    until = time.monotonic() + seconds
    current = dedup.Index.open(folder)
    kept = [Reader(current, history)]
    commits, answers = {current.info().commit}, 1
    while time.monotonic() < until:
        if chance.random() < 0.3:
            # A reader that is refreshed is asked as a new one; those that were opened before stay where they were.
            if chance.random() < 0.5:
                kept = [reader for reader in kept if reader.index is not current]
                current.refresh()
            else:
                current = dedup.Index.open(folder)
            kept.append(Reader(current, history))
            # By chance, so that some stay for very many of the writer's commits.
            if len(kept) > _KEPT:
                kept.pop(chance.randrange(_KEPT))
            commits.add(current.info().commit)
        chance.choice(kept).ask(chance)
        answers += 1
    tell(json.dumps({"commits": len(commits), "answers": answers}))


@pytest.mark.parametrize("seconds", [4, pytest.param(600, marks=pytest.mark.campaign)])
def test_each_answer_is_that_of_one_commit_while_a_writer_writes(seconds: int, warm: Forks, tmp_path: Path) -> None:
    folder = str(tmp_path / "index")
    dedup.Index.create(folder)
    writer = warm.fork("test_readers:write", folder, seconds)
    readers = [warm.fork("test_readers:read", folder, seconds, seed) for seed in range(_READERS)]

    assert [child.end() for child in (writer, *readers)] == [0] * (1 + _READERS)

    told = [json.loads(reader.lines[0]) for reader in readers]
    print(f"{writer.lines[0]} steps; readers: {told}")
    assert int(writer.lines[0]) > 10
    assert all(reader["commits"] > 3 and reader["answers"] > 20 for reader in told)
    assert dedup.Index.open(folder).check().damaged == ()
