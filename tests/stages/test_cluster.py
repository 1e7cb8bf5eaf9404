"""Stories from links: strongest first, guarded, whatever the order."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.stages import cluster as stage
from dedup.stages.cluster import APART, BELONG, TOUCH, Graph, cluster, components, roundups

# (a, b, strength): links that join; weak ones only say that two belong together.
Link = tuple[int, int, float]


def graph(n: int, links: list[Link], weak: list[Link] = [], length: list[int] | None = None) -> Graph:  # noqa: B006
    every = [*links, *weak]
    a, b = (np.array([min(x[:2]) if side == 0 else max(x[:2]) for x in every], np.int64) for side in (0, 1))
    return Graph(
        copies=np.ones(n, np.int64),
        length=np.array(length or [100] * n, np.int64),
        priority=np.arange(n, dtype=np.uint64) * 7919 % 104729,
        a=a,
        b=b,
        strength=np.array([x[2] for x in every], np.float32),
        same_copy=np.array([True] * len(links) + [False] * len(weak), np.bool_),
        closeness=np.full(len(every), BELONG, np.int8),
    )


def strangers(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.full(len(a), APART, np.int8)


def groups(root: np.ndarray) -> list[list[int]]:
    return sorted(np.flatnonzero(root == r).tolist() for r in np.unique(root))


def test_links_that_all_agree_make_one_story() -> None:
    assert groups(cluster(graph(4, [(0, 1, 0.9), (1, 2, 0.8), (0, 2, 0.7)]), strangers)) == [[0, 1, 2], [3]]


def test_a_chain_does_not_join_what_does_not_belong_together() -> None:
    chain = [(i, i + 1, 0.9 - i / 100) for i in range(9)]
    assert max(map(len, groups(cluster(graph(10, chain), strangers)))) <= 3


def test_a_cut_and_a_rewritten_copy_meet_through_the_whole_one() -> None:
    links, weak = [(0, 1, 0.6), (0, 2, 0.5)], [(1, 2, 0.2)]
    assert groups(cluster(graph(3, links, weak, length=[300, 100, 200]), strangers)) == [[0, 1, 2]]


def test_representatives_that_were_no_candidates_are_measured() -> None:
    asked = []

    def friends(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        asked.extend(zip(a.tolist(), b.tolist(), strict=True))
        return np.full(len(a), BELONG, np.int8)

    links, length = [(0, 1, 0.9), (2, 3, 0.9), (1, 2, 0.8)], [9, 8, 8, 9]
    assert groups(cluster(graph(4, links, length=length), strangers)) == [[0, 1], [2, 3]]
    assert groups(cluster(graph(4, links, length=length), friends)) == [[0, 1, 2, 3]]
    assert len(asked) == len(set(asked)) > 0


def test_a_short_text_in_common_makes_no_story_of_long_ones() -> None:
    # Node 0 stands for a pair of short pages, and each of the long ones has it.
    links = [(0, 1, 0.9), (0, 2, 0.3), (0, 3, 0.2), (0, 4, 0.1)]
    length = [80, 70, 500, 600, 700]
    assert groups(cluster(graph(5, links, length=length), strangers)) == [[0, 1, 2], [3], [4]]


def test_the_longest_of_two_groups_need_only_touch() -> None:
    def touching(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.full(len(a), TOUCH, np.int8)

    links, length = [(0, 1, 0.9), (0, 2, 0.3), (0, 3, 0.2)], [80, 70, 500, 600]
    assert groups(cluster(graph(4, links, length=length), touching)) == [[0, 1, 2, 3]]
    assert groups(cluster(graph(4, [(0, 1, 0.9), (2, 3, 0.9), (1, 3, 0.5)]), touching)) == [[0, 1], [2, 3]]


def roundups_of(links: list[Link], length: list[int]) -> list[int]:
    made = graph(len(length), links, length=length)
    root = cluster(made, strangers)
    ends, others = np.append(made.a, made.b), np.append(made.b, made.a)
    apart = root[ends] != root[others]
    ends, others = ends[apart], others[apart]
    return np.flatnonzero(roundups(root, made.length, ends, others, made.length[others], root[others])).tolist()


STORIES = [(0, 1, 0.9), (2, 3, 0.9)]


def test_a_roundup_belongs_to_neither_of_its_stories() -> None:
    quoted = [(0, 4, 0.5), (1, 4, 0.5), (2, 4, 0.5), (3, 4, 0.5)]
    assert roundups_of(STORIES + quoted, [100] * 4 + [200]) == [4]
    assert roundups_of(STORIES + quoted, [100] * 4 + [90]) == []
    assert roundups_of(STORIES + quoted[:2], [100] * 4 + [200]) == []


@pytest.mark.parametrize("other", [2, 3, 5])
def test_a_copy_that_has_an_outlets_box_in_common_with_one_page_is_no_roundup(other: int) -> None:
    links = [*STORIES, (0, 4, 0.6), (1, 4, 0.6), (other, 4, 0.5)]
    assert roundups_of(links, [100] * 4 + [200, 50]) == []


def test_a_roundup_copies_what_represents_the_other_story() -> None:
    root, length = np.array([0, 0]), np.array([100, 200])

    def found(others: list[int], lengths: list[int], group: list[int]) -> list[bool]:
        ends = np.ones(len(others), np.int64)
        return roundups(root, length, ends, np.array(others), np.array(lengths), np.array(group)).tolist()

    assert found([7, 8], [150, 150], [7, 7]) == [False, True]
    assert found([8, 9], [150, 150], [7, 7]) == [False, False]
    assert found([7, 8], [150, 150], [7, 8]) == [False, False]
    assert found([7, 8], [250, 150], [7, 7]) == [False, False]


@example([(0, 1, 0.3), (1, 4, 0.3), (4, 9, 0.3)], random.Random(0))
@example([(0, 1, 0.3), (1, 4, 0.3), (4, 9, 0.3)], random.Random(1))
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from([0.3, 0.5, 0.9])), max_size=40),
    st.randoms(),
)
def test_stories_do_not_depend_on_the_order_of_links_or_articles(links: list[Link], chance: random.Random) -> None:
    links = list({(min(a, b), max(a, b)): (a, b, s) for a, b, s in links if a != b}.values())
    first = graph(12, links, length=[100 + i % 5 for i in range(12)])
    place = chance.sample(range(12), 12)
    shuffled = [(place[a], place[b], s) for a, b, s in chance.sample(links, len(links))]
    second = graph(12, shuffled)
    moved = np.empty(12, np.int64)
    moved[place] = np.arange(12)
    second = Graph(
        first.copies[moved], first.length[moved], first.priority[moved], second.a, second.b, second.strength,
        second.same_copy, second.closeness,
    )  # fmt: skip
    again = [sorted(moved[g].tolist()) for g in groups(cluster(second, strangers))]
    assert groups(cluster(first, strangers)) == sorted(again)


def plain(made: Graph, close: np.ndarray) -> list[list[int]]:
    """Groups by all links that join, strongest first, with how close all bodies are known."""
    group = {node: [node] for node in range(len(made.copies))}
    stands = {node: node for node in group}
    links = [(-made.strength[p], *sorted(made.priority[[made.a[p], made.b[p]]]), p) for p in range(len(made.a))]

    def weight(node: int) -> tuple[int, int]:
        return -int(made.length[node]), int(made.priority[node])

    for *_, p in sorted(links):
        x, y = (next(r for r, some in group.items() if end in some) for end in (made.a[p], made.b[p]))
        if x == y or not made.same_copy[p] or close[stands[x], stands[y]] < BELONG:
            continue
        if close[min(group[x], key=weight), min(group[y], key=weight)] < TOUCH:
            continue
        x, y = sorted((x, y), key=lambda r: (-sum(made.copies[group[r]]), *weight(stands[r])))
        group[x] += group.pop(y)
    return sorted(sorted(some) for some in group.values())


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from([0.3, 0.5, 0.9])), max_size=40),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 64]),
)
def test_stories_are_as_if_it_were_known_of_all_bodies_how_close_they_are(
    links: list[Link], seed: int, many: int
) -> None:
    links = list({(min(a, b), max(a, b)): (a, b, s) for a, b, s in links if a != b}.values())
    made = graph(12, links, length=[100 + i % 5 for i in range(12)])
    chance = np.random.default_rng(seed)
    close = np.triu(chance.choice([APART, TOUCH, BELONG], (12, 12), p=[0.1, 0.2, 0.7]), 1).astype(np.int8)
    close += close.T
    made = dataclasses.replace(made, copies=chance.integers(1, 4, 12), closeness=close[made.a, made.b])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "_MANY", many)
        assert groups(cluster(made, lambda a, b: close[a, b])) == plain(made, close)


def test_of_a_story_of_many_few_pairs_are_measured_that_were_no_candidates() -> None:
    chance = np.random.default_rng(1)
    links = {(int(min(p)), int(max(p))): float(chance.random()) for p in chance.integers(0, 1000, (9000, 2))}
    asked = 0

    def friends(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += len(a)
        return np.full(len(a), BELONG, np.int8)

    made = graph(1000, [(a, b, strength) for (a, b), strength in links.items() if a != b])
    assert len(groups(cluster(made, friends))) == 1
    assert asked < 2 * 1000


@given(st.integers(1, 30), st.data())
def test_components_are_those_of_the_graph(n: int, data: st.DataObject) -> None:
    edges = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40))
    label = list(range(n))
    for _ in range(n):
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    a, b = np.array(edges, np.int64).reshape(-1, 2).T
    assert components(n, a, b).tolist() == label
