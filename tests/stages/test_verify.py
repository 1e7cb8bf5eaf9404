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
        common = all_a.keys() & all_b.keys()
        assert figures.jaccard[k] == np.float32(ratio(len(common), len(all_a.keys() | all_b.keys())))
        assert figures.a_in_b[k] == np.float32(ratio(len(common), len(all_a)))
        assert figures.b_in_a[k] == np.float32(ratio(len(common), len(all_b)))
        assert figures.narrative_a_in_b[k] == np.float32(contained(all_a, all_b))
        assert figures.narrative_b_in_a[k] == np.float32(contained(all_b, all_a))
        assert figures.shared[k] == sum(all_a[h] and all_b[h] for h in common)


def contained(one: dict[int, bool], other: dict[int, bool]) -> float:
    """How much of the narrative of one is narrative of the other, what that one quotes left out of account."""
    told = [h for h, is_narrative in one.items() if is_narrative]
    quoted = sum(h in other and not other[h] for h in told)
    return ratio(sum(other.get(h, False) for h in told), max(len(told) - quoted, (len(told) + 1) // 2))


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


def test_a_rewritten_copy_that_keeps_the_quotations_is_one() -> None:
    speech, story = prose(5, 8).replace("\n", " "), prose(10, 12).split("\n")
    a = "\n".join([*story, f"He said: “{speech}”"])
    b = "\n".join([*story[:2], *prose(20, 8).split("\n"), f"He said: “{speech}”"])
    found = dedup.compare(a, b)
    assert found.same_copy, found.rule
    assert 0.2 <= found.containment < 0.34
    assert "rewritten" in found.rule


def test_what_one_of_two_copies_sets_in_quotation_marks_takes_nothing_from_the_other() -> None:
    speech, story = prose(30, 10).replace("\n", " "), prose(31, 6).split("\n")
    shared, own = story[0], "\n".join(story[1:])
    unmarked, marked = f"{shared}\n{speech}\n{own}", f"{shared}\n“{speech}”\n{prose(32, 3)}"
    assert dedup.compare(unmarked, marked).containment == dedup.compare(marked, unmarked).containment > 0.34


def test_a_letter_that_two_reports_print_makes_them_no_copies() -> None:
    letter = "\n".join(f"I say so. {line}" for line in prose(40, 12).split("\n"))
    a, b = (f"{prose(seed, 8)}\nThis is what the letter says:\n{letter}" for seed in (50, 60))
    found = dedup.compare(a, b)
    assert not found.same_copy, found.rule
    assert found.similarity.a_in_b > 0.34


def test_a_few_lines_between_long_quotations_decide_nothing() -> None:
    line = "Read the five signs that tell of it now in this year."
    a, b = (f"{line}\n“{prose(seed, 30).replace(chr(10), ' ')}”" for seed in (70, 80))
    found = dedup.compare(a, b)
    assert not found.same_copy, found.rule
    assert found.containment > 0.9
