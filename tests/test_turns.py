"""What became of stories: told of all that are others, and of each what its articles did."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import article, paragraphs
from texts import prose

import dedup
from dedup.errors import UsageError
from dedup.model import Turn
from dedup.store import MemoryDirectory, Store
from dedup.turns import Told, turns

# The story of each article; 0: it is in none.
Assigned = dict[int, int]


def sizes_of(assigned: Assigned) -> Counter[int]:
    return Counter(story for story in assigned.values() if story)


def told(then: Assigned, now: Assigned) -> list[Told]:
    """As a commit tells it: of the articles whose story is another."""
    articles = then.keys() | now.keys()
    pairs = [(then.get(one, 0), now.get(one, 0)) for one in articles]
    moved = Counter((a, b) for a, b in pairs if a != b)
    touched = {story for pair in moved for story in pair} & sizes_of(now).keys()
    return list(turns(moved, {story: sizes_of(now)[story] for story in touched}))


def assigned(chance: random.Random) -> Assigned:
    most = chance.randint(1, 6)
    return {one: chance.randint(0, most) for one in range(chance.randint(0, 16)) if chance.random() < 0.9}


def members(of: Assigned, story: int) -> set[int]:
    return {one for one, other in of.items() if other == story}


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.booleans())
def test_turns_agree_with_the_articles_that_moved(chance: random.Random, alike: bool) -> None:
    then = assigned(chance)
    now = assigned(chance)
    if alike:
        now = {**then, **{one: story for one, story in now.items() if chance.random() < 0.3}}
    before, after = sizes_of(then), sizes_of(now)

    found = told(then, now)

    present = [one for one in found if one.now]
    assert [one.now for one in found] == sorted(one.now for one in present) + [0] * (len(found) - len(present))
    assert len({one.now for one in present}) == len(present)
    for one in present:
        mine = members(now, one.now)
        shares = Counter(then[article] for article in mine if then.get(article))
        assert set(one.before) == shares.keys()
        assert one.size == after[one.now]
        if one.turn is Turn.appeared:
            assert (one.before, one.added, one.left) == ((), one.size, 0)
            continue
        kept = shares[one.before[0]]
        assert [shares[story] for story in one.before] == sorted(shares.values(), reverse=True)
        assert (one.size, before[one.before[0]]) == (kept + one.added, kept + one.left)
        assert one.most == max(one.size, before[one.before[0]])
        assert one.turn in (Turn.grew, Turn.shrank, Turn.merged, Turn.divided, Turn.renamed)
        assert (one.turn is not Turn.renamed) or (one.before[0] != one.now and not one.added and not one.left)
        assert (one.turn is not Turn.grew) or (one.added and one.added >= one.left)
        assert (one.turn is not Turn.shrank) or one.left > one.added
    vanished = {one.before[0]: one for one in found if not one.now}
    heirless = {story for story in before if not any(now.get(one) for one in members(then, story))}
    assert vanished.keys() == heirless
    for story, one in vanished.items():
        assert (one.turn, one.size, one.added, one.left) == (Turn.vanished, 0, 0, before[story])

    # Of the rest nothing is to tell: their articles are those of the story then.
    for story in after.keys() - {one.now for one in present}:
        assert members(now, story) == members(then, story)
    # And no story of old is forgotten.
    named = {story for one in found for story in one.before}
    for story in before.keys() - named:
        assert members(now, story) == members(then, story)


@given(st.randoms(use_true_random=False))
def test_stories_that_stay_are_not_told(chance: random.Random) -> None:
    stays = assigned(chance)

    assert told(stays, stays) == []


@settings(max_examples=100)
@given(st.randoms(use_true_random=False))
def test_merged_stories_are_most_of_what_they_were_and_split_ones_go_on_in_several(chance: random.Random) -> None:
    then, now = assigned(chance), assigned(chance)

    for one in told(then, now):
        if one.turn is Turn.merged:
            assert len(one.before) > 1
        if one.turn is Turn.divided:
            heirs = {now[article] for article in members(then, one.before[0]) if now.get(article)}
            assert len(heirs) > 1


# In time, so that the first one names the story.
def dated(name: str, text: str, day: int = 1, **fields: str) -> dict[str, str]:
    return article(name, text, published=f"2026-05-{day:02d}", **fields)


class Desk:
    """An index in memory; tells what became of its stories by what their articles are called."""

    def __init__(self, *articles: dict[str, str]) -> None:
        self.index = dedup.Index(Store.create(MemoryDirectory()))
        self.names: dict[
            str, str
        ] = {}  # of the articles, by the id of the story that each names where it is the oldest
        self.put(*articles)

    @property
    def commit(self) -> int:
        return self.index.info().commit

    def put(self, *articles: dict[str, str]) -> None:
        self.index.add(list(articles))
        for one in articles:
            self.names[f"{xxhash.xxh64_intdigest(one['id'].encode(), 0):016x}"] = one["id"]

    def remove(self, *names: str) -> None:
        self.index.remove(list(names))

    def told(self, since: int, min_size: int = 2) -> list[tuple[str, str, list[str], int, int, int]]:
        """Turn, story, the stories that it came from, articles, of these new ones, articles that went."""
        return sorted(
            (
                str(one.turn),
                self.names[one.id],
                [self.names[story] for story in one.before],
                one.story.articles if one.story else 0,
                one.added,
                one.left,
            )
            for one in self.index.changes(since, min_size)
        )


def copies(*names: str, of: int = 1, first_day: int = 1) -> list[dict[str, str]]:
    return [dated(name, prose(of, 20), first_day + i) for i, name in enumerate(names)]


def test_a_story_appears_with_its_second_article() -> None:
    desk = Desk(*copies("a"))
    since = desk.commit

    desk.put(dated("b", prose(1, 20), 2), dated("other", prose(2, 20)))

    assert desk.told(since) == [("appeared", "a", [], 2, 2, 0)]
    assert desk.told(since, min_size=3) == []


def test_a_story_grows_by_what_comes_and_shrinks_by_what_goes() -> None:
    desk = Desk(*copies("a", "b"))
    first = desk.commit
    desk.put(dated("c", prose(1, 20), 3), dated("d", paragraphs(1, 0, 5), 4))
    second = desk.commit
    assert desk.told(first) == [("grew", "a", ["a"], 4, 2, 0)]

    desk.remove("b")

    assert desk.told(second) == [("shrank", "a", ["a"], 3, 0, 1)]
    assert desk.told(first) == [("grew", "a", ["a"], 3, 2, 1)]
    assert desk.told(0) == [("appeared", "a", [], 3, 3, 0)]
    assert desk.told(desk.commit) == []


def test_a_longer_article_that_has_both_merges_two_stories_and_its_removal_splits_them() -> None:
    early, late = paragraphs(1, 0, 6), paragraphs(1, 4, 10)
    desk = Desk(*(dated(name, text, day) for day, (name, text) in enumerate(
        [("a", early), ("a2", early), ("a3", early), ("b", late), ("b2", late)], start=1
    )))  # fmt: skip
    first = desk.commit

    desk.put(dated("all", prose(1, 20), 9))
    second = desk.commit
    assert desk.told(first) == [("merged", "a", ["a", "b"], 6, 3, 0)]

    desk.remove("all")
    assert desk.told(second) == [("split", "a", ["a"], 3, 0, 3), ("split", "b", ["a"], 2, 0, 4)]
    assert desk.told(first) == []


def test_articles_that_get_the_text_of_another_story_take_theirs_with_them() -> None:
    desk = Desk(*copies("a", "b"), *copies("x", "y", of=2, first_day=5))
    since = desk.commit

    desk.put(*copies("x", "y", of=1, first_day=5))

    assert desk.told(since) == [("merged", "a", ["a", "x"], 4, 2, 0)]
    assert desk.told(since, min_size=5) == []


@pytest.mark.parametrize("gone", [["b"], ["a"], ["a", "b"]])
def test_a_story_vanishes_when_less_than_two_are_left(gone: list[str]) -> None:
    desk = Desk(*copies("a", "b"))
    since = desk.commit

    desk.remove(*gone)

    assert desk.told(since) == [("vanished", "a", ["a"], 0, 0, 2)]


def test_a_story_whose_oldest_article_goes_has_another_id_and_tells_the_old_one() -> None:
    desk = Desk(*copies("a", "b", "c"))
    since = desk.commit

    desk.remove("a")

    assert desk.told(since) == [("shrank", "b", ["a"], 2, 0, 1)]


def test_a_story_that_an_older_article_joins_has_another_id_and_tells_the_old_one() -> None:
    desk = Desk(*copies("b", "c", first_day=2))
    since = desk.commit

    desk.put(dated("a", prose(1, 20), 1))

    assert desk.told(since) == [("grew", "a", ["b"], 3, 1, 0)]


def test_what_came_and_went_between_is_not_told() -> None:
    desk = Desk(*copies("a", "b"))
    since = desk.commit
    desk.put(*copies("x", "y", of=2), dated("c", prose(1, 20), 3))

    desk.remove("x", "y", "c")

    assert desk.told(since) == []


def test_a_commit_that_is_yet_to_come_is_refused() -> None:
    desk = Desk(*copies("a", "b"))

    with pytest.raises(UsageError, match="yet to come"):
        desk.index.changes(desk.commit + 1)
