"""Stories as an index keeps them, against a dictionary from article to story."""

from __future__ import annotations

import math
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsroom import STORY, article, stories_of
from texts import prose

import dedup
from dedup.store import MemoryDirectory, Store
from dedup.telling import members
from dedup.telling.derive import MEMBERS, alone_in

_ROWS = 60
# The story of each article that is in one, by the row of its oldest member.
Stories = dict[int, int]


def table(stories: Stories, generation: int) -> pa.Table:
    """As `derive.stories` gives them. generation: told as the version, so that each part's rows are its own."""
    rows = sorted(stories, key=lambda row: (stories[row], row != stories[row], row))
    told = [
        {
            **dict.fromkeys(MEMBERS.names, 0),
            "row": row,
            "story": stories[row],
            "version": generation,
            "group": stories[row],
            "apart": False,
        }
        for row in rows
    ]
    return pa.Table.from_pylist(told, schema=MEMBERS)


def part(rows: list[int], stories: Stories, generation: int) -> pa.Table:
    """What an amendment of some rows tells: those in stories, and those in none."""
    rest = np.array([row for row in rows if row not in stories], np.int64)
    return pa.concat_tables([table(stories, generation), alone_in(rest, rest, np.zeros(len(rest), np.bool_))])


def grouped(rows: list[int], chance: random.Random) -> Stories:
    """Some of the rows in stories of two or more."""
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(chance.randrange(1 + len(rows) // 2), []).append(row)
    return {row: min(group) for group in groups.values() if len(group) > 1 for row in group}


def change(stories: Stories, chance: random.Random) -> tuple[list[int], Stories]:
    """Some rows and all that is in a story with them, and what becomes of these."""
    some = set(chance.sample(range(_ROWS), chance.choice([1, 2, 5, 20])))
    touched = {stories[row] for row in some if row in stories}
    some |= {row for row, story in stories.items() if story in touched}
    return sorted(some), grouped([row for row in sorted(some) if chance.random() < 0.8], chance)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("many", [8, 1 << 12])
@given(chance=st.randoms(use_true_random=False))
def test_amendments_tell_what_a_dictionary_tells_in_few_parts(
    monkeypatch: pytest.MonkeyPatch, many: int, chance: random.Random
) -> None:
    monkeypatch.setattr(members, "_MANY", many)
    stories = grouped(list(range(0, _ROWS, 2)), chance)
    with Store.create(MemoryDirectory()).writer() as writer:
        members.replace(writer, table(stories, 1))
        writer.commit()
        for generation in range(2, 12):
            rows, among = change(stories, chance)
            members.amend(writer, members.of(writer.store), part(rows, among, generation))
            writer.commit()
            stories = {**{row: story for row, story in stories.items() if row not in rows}, **among}

            kept = members.of(Store.open(writer.store.directory))
            assert kept.of_commit == generation
            assert kept.story_of(np.arange(_ROWS)).tolist() == [stories.get(row, -1) for row in range(_ROWS)]
            told = kept.table().to_pylist()
            assert {row["row"]: row["story"] for row in told} == stories
            assert len(told) == len(stories)
            assert {row["version"] for row in told if row["row"] in among} <= {generation}
            assert kept.count == members.count(kept.table()) == len(set(stories.values()))
            assert len(kept.parts) <= 2 + math.log2(_ROWS)
            if many == 8:
                assert sum(part.num_rows for part in kept.parts[1:]) <= max(many, kept.parts[0].num_rows / 4)


def test_a_story_stands_together_in_the_table_whatever_part_it_is_from() -> None:
    with Store.create(MemoryDirectory()).writer() as writer:
        members.replace(writer, table({0: 0, 1: 0, 2: 2, 3: 2, 4: 2, 5: 5, 6: 5, 7: 5}, 1))
        members_before = writer.commit() and members.of(writer.store)
        members.amend(writer, members_before, part([2, 3, 4, 9], {4: 3, 3: 3, 9: 3}, 2))
        writer.commit()
        kept = members.of(writer.store)

    assert len(kept.parts) == 2
    assert kept.table()["row"].to_pylist() == [0, 1, 5, 6, 7, 3, 4, 9]
    assert kept.story_of(np.array([2, 9, 0, 59])).tolist() == [-1, 3, 0, -1]
    assert kept.count == 3


def test_an_index_that_never_told_stories_has_none_and_one_that_lost_them_does_not_know() -> None:
    store = Store.create(MemoryDirectory())
    assert members.of(store).count == 0
    assert members.of(store).story_of(np.array([0, 5])).tolist() == [-1, -1]

    index = dedup.Index(store)
    index.add(STORY)
    lose_stories(index)
    assert members.of(Store.open(store.directory)) is None


def lose_stories(index: dedup.Index) -> None:
    directory = index._store.directory
    for name in directory.list():
        if name.startswith("stories-"):
            directory.unlink(name)


@pytest.mark.parametrize("commits", [1, 3])
def test_stories_whose_file_was_taken_away_are_told_again(commits: int) -> None:
    index = dedup.Index(Store.create(MemoryDirectory()))
    for part in range(commits):
        index.add(STORY[part::commits])
    before = stories_of(index), index.stories()
    lose_stories(index)

    again = dedup.Index(Store.open(index._store.directory))
    assert (stories_of(again), again.stories()) == before
    assert again.info().stories == 1

    again.add([article("new", prose(2, 20))])
    kept = members.of(Store.open(index._store.directory))
    assert (kept.count, kept.of_commit) == (2, again.info().commit)
