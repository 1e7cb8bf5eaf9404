"""Figures of pairs against their definitions over plain sets."""

from __future__ import annotations

import numpy as np
import oracle
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import prose, texts

import dedup
from dedup.model import Params, Relation
from dedup.stages import plain, verify
from dedup.stages.shingle import shingle

P = Params()


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


@given(st.lists(texts, min_size=2, max_size=4))
def test_figures_are_those_of_the_sets(found: list[str]) -> None:
    found = [text.encode("utf-8", "replace").decode() for text in found]
    sets = shingle(pa.array(found, pa.large_string()), P)
    pairs = [(i, j) for i in range(len(found)) for j in range(len(found))]
    a, b = np.array(pairs, np.int64).T
    figures = verify.measure(a, sets, b, sets, P)
    for k, (i, j) in enumerate(pairs):
        all_a, all_b = (oracle.shingle_set(found[d]) for d in (i, j))
        told_a, told_b = ({h for h, is_narrative in s.items() if is_narrative} for s in (all_a, all_b))
        common, shared = len(all_a.keys() & all_b.keys()), len(told_a & told_b)
        assert figures.jaccard[k] == np.float32(ratio(common, len(all_a.keys() | all_b.keys())))
        assert figures.a_in_b[k] == np.float32(ratio(common, len(all_a)))
        assert figures.b_in_a[k] == np.float32(ratio(common, len(all_b)))
        assert figures.narrative_a_in_b[k] == np.float32(ratio(shared, len(told_a)))
        assert figures.narrative_b_in_a[k] == np.float32(ratio(shared, len(told_b)))
        assert figures.narrative[k] == np.float32(ratio(shared, len(told_a | told_b)))
        assert figures.shared[k] == shared


@given(texts, texts)
def test_figures_without_kernels_are_the_same(a: str, b: str) -> None:
    a, b = (text.encode("utf-8", "replace").decode() for text in (a, b))
    sets = shingle(pa.array([a, b], pa.large_string()), P)
    compiled = verify.measure(np.array([0]), sets, np.array([1]), sets, P).one(0, P)
    left, right = plain.shingle(a, P), plain.shingle(b, P)
    assert verify.between(left.hashes, left.narrative, right.hashes, right.narrative, P).one(0, P) == compiled


def test_a_row_outside_the_sets_is_refused() -> None:
    sets = shingle(pa.array(["one two three four five"], pa.large_string()), P)
    for row in (-1, 1):
        with pytest.raises(IndexError):
            verify.measure(np.array([0]), sets, np.array([row]), sets, P)


STORY = prose(1, 16)
PARAGRAPHS = STORY.split("\n")


@pytest.mark.parametrize(
    ("text", "relation", "same"),
    [
        (STORY, Relation.identical, True),
        (STORY.replace("\n", "\n\n").upper(), Relation.identical, True),
        ("\n".join(PARAGRAPHS[:3]), Relation.excerpt, True),
        (STORY + "\n" + prose(2, 30), Relation.extended, True),
        (STORY + "\n" + prose(2, 2), Relation.near, True),
        (PARAGRAPHS[0] + " " + PARAGRAPHS[1] + "\n" + prose(3, 30), Relation.partial, False),
        (prose(4, 16), None, False),
        ("", None, False),
    ],
)
def test_a_relation_is_that_of_the_text_to_the_story(text: str, relation: Relation | None, same: bool) -> None:
    found = dedup.compare(text, STORY)
    assert (found.relation, found.same_copy) == (relation, same), found.rule


def test_quotations_in_common_make_no_copy() -> None:
    speech = prose(5, 8).replace("\n", " ")
    a, b = (f"{prose(seed, 10)}\nHe said: “{speech}”\n{prose(seed + 1, 4)}" for seed in (10, 20))
    found = dedup.compare(a, b)
    assert not found.same_copy
    assert found.relation is None
    assert found.similarity.a_in_b > 0.35 > found.containment
