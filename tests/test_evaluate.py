"""Figures of an evaluation, against their definitions written out pair by pair."""

from __future__ import annotations

import itertools
import math
import time
from pathlib import Path

import pytest
import texts
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.errors import BadInput, MissingInput, UnreadableInput
from dedup.evaluate import MOST_ERRORS, Mistake, assigned, evaluate, explain
from dedup.labels import Labels, Pairs, read_gold

partitions = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), min_size=1, max_size=16)


def named(groups: list[str]) -> dict[str, str]:
    return {f"n{i}": group for i, group in enumerate(groups)}


def test_pairs_are_counted_as_joined_or_apart() -> None:
    gold = Pairs(("1", "1", "2", "3"), ("2", "3", "3", "4"), (True, True, False, False))
    result = evaluate({"1": "A", "2": "A", "3": "A", "4": "B"}, gold)
    counts = (result.true_positives, result.false_positives, result.false_negatives, result.true_negatives)
    assert counts == (2, 1, 0, 1)
    assert (result.precision, result.recall, result.f1) == (2 / 3, 1.0, 0.8)
    assert result.mistakes == (Mistake("2", "3", joined=True),)
    assert (result.ari, result.bcubed) == (None, None)


def test_articles_that_the_index_lacks_are_named_and_stand_apart() -> None:
    result = evaluate({"1": "A"}, Pairs(("1", "8"), ("9", "9"), (True, False)))
    assert result.missing == ("8", "9")
    assert (result.false_negatives, result.true_negatives) == (1, 1)
    assert evaluate({"1": "A"}, Labels({"1": "s", "9": "s"})).missing == ("9",)


def test_an_article_without_a_label_is_a_story_of_its_own() -> None:
    result = evaluate({"1": "A", "2": "A"}, Labels({"1": "", "2": ""}))
    assert (result.false_positives, result.true_positives) == (1, 0)


def test_joining_nothing_where_nothing_belongs_together_is_perfect() -> None:
    result = evaluate({"1": "A", "2": "B"}, Labels({"1": "s", "2": "t"}))
    assert (result.precision, result.recall, result.f1, result.ari) == (1, 1, 1, 1)


@given(partitions)
def test_equals_the_definitions_pair_by_pair(rows: list[tuple[str, str]]) -> None:
    found, gold = named([x for x, _ in rows]), named([y for _, y in rows])
    result = evaluate(found, Labels(gold))
    said = [(found[a] == found[b], gold[a] == gold[b]) for a, b in itertools.combinations(gold, 2)]
    counts = [said.count(x) for x in ((True, True), (True, False), (False, True), (False, False))]
    assert [
        result.true_positives,
        result.false_positives,
        result.false_negatives,
        result.true_negatives,
    ] == counts
    wrong = {(a, b) for a, b in itertools.combinations(gold, 2) if (found[a] == found[b]) != (gold[a] == gold[b])}
    assert {tuple(sorted((m.a, m.b), key=lambda x: int(x[1:]))) for m in result.mistakes} == wrong
    assert all(m.joined == (found[m.a] == found[m.b]) for m in result.mistakes)


@given(partitions)
def test_pairs_and_stories_agree_where_all_pairs_are_labelled(rows: list[tuple[str, str]]) -> None:
    found, gold = named([x for x, _ in rows]), named([y for _, y in rows])
    pairs = list(itertools.combinations(gold, 2))
    listed = Pairs(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), tuple(gold[a] == gold[b] for a, b in pairs))
    one, other = evaluate(found, listed), evaluate(found, Labels(gold))
    assert (one.precision, one.recall, one.f1) == (other.precision, other.recall, other.f1)


@given(partitions)
def test_bcubed_equals_its_definition_article_by_article(rows: list[tuple[str, str]]) -> None:
    found, gold = named([x for x, _ in rows]), named([y for _, y in rows])
    precision = recall = 0.0
    for a in gold:
        ours = {b for b in gold if found[b] == found[a]}
        theirs = {b for b in gold if gold[b] == gold[a]}
        precision += len(ours & theirs) / len(ours) / len(gold)
        recall += len(ours & theirs) / len(theirs) / len(gold)
    bcubed = evaluate(found, Labels(gold)).bcubed
    assert bcubed is not None
    assert math.isclose(bcubed.precision, precision)
    assert math.isclose(bcubed.recall, recall)
    assert math.isclose(bcubed.f1, 2 * precision * recall / (precision + recall))


@given(partitions)
def test_ari_equals_hubert_and_arabie(rows: list[tuple[str, str]]) -> None:
    found, gold = [x for x, _ in rows], [y for _, y in rows]

    def pairs(items: list[object]) -> int:
        return sum(math.comb(items.count(x), 2) for x in set(items))

    index, ours, theirs = pairs(list(rows)), pairs(list(found)), pairs(list(gold))
    expected = ours * theirs / max(1, math.comb(len(rows), 2))
    most = (ours + theirs) / 2
    plain = 1.0 if most == expected else (index - expected) / (most - expected)
    result = evaluate(named(found), Labels(named(gold))).ari
    assert result is not None
    assert math.isclose(result, plain, abs_tol=1e-12)


def test_two_huge_stories_are_evaluated_without_their_pairs() -> None:
    found = {str(i): "one" for i in range(100_000)}
    started = time.perf_counter()
    result = evaluate(found, Labels({n: "odd" if int(n) % 2 else "even" for n in found}))
    assert time.perf_counter() - started < 5
    assert result.false_positives == 50_000**2
    assert len(result.mistakes) == MOST_ERRORS


@given(partitions)
def test_intervals_hold_the_figures_and_are_the_same_each_time(rows: list[tuple[str, str]]) -> None:
    found, gold = named([x for x, _ in rows]), Labels(named([y for _, y in rows]))
    result = evaluate(found, gold)
    assert result.bcubed is not None
    figures = {"precision": result.precision, "recall": result.recall, "f1": result.f1, "ari": result.ari}
    figures |= {f"bcubed_{name}": getattr(result.bcubed, name) for name in ("precision", "recall", "f1")}
    assert set(result.intervals) == set(figures)
    for name, (low, high) in result.intervals.items():
        assert -1 <= low <= high <= 1
        if figures[name] == 1:
            assert (low, high) == (1, 1), name
    assert evaluate(found, gold).intervals == result.intervals


def test_intervals_are_those_of_a_bootstrap_over_pairs_that_share_no_article() -> None:
    ids = [str(i) for i in range(400)]
    a, b = tuple(ids[::2]), tuple(ids[1::2])
    same = tuple(i % 2 == 0 for i in range(200))
    # Of 100 pairs of the same copy 80 are joined, of 100 others 10.
    joined = {i for i in range(200) if (i % 2 == 0 and i < 160) or (i % 2 and i < 20)}
    found = {one: f"s{k // 2}" if k // 2 in joined else one for k, one in enumerate(ids)}
    result = evaluate(found, Pairs(a, b, same))
    low, high = result.intervals["recall"]
    spread = 1.96 * math.sqrt(0.8 * 0.2 / 100)
    assert result.recall == 0.8
    assert math.isclose(low, 0.8 - spread, abs_tol=0.02)
    assert math.isclose(high, 0.8 + spread, abs_tol=0.02)


def test_pairs_that_share_an_article_are_drawn_together() -> None:
    chained = Pairs(tuple("abcdefgh"), tuple("bcdefghi"), (True,) * 8)
    assert evaluate({}, chained).intervals["recall"] == (0.0, 0.0)
    one = evaluate(dict.fromkeys("abcd", "s"), chained)
    assert one.recall == 3 / 8
    assert one.intervals["recall"] == (3 / 8, 3 / 8)


def test_a_mistake_is_explained_by_its_texts(tmp_path: Path) -> None:
    index = dedup.Index.create(tmp_path / "index")
    text = texts.prose(1)
    index.add([{"id": "1", "text": text, "title": "One", "outlet": "x.example"}, {"id": "2", "text": text}])
    result = evaluate(assigned(index.export("articles")), Pairs(("1", "1"), ("2", "9"), (False, True)))
    wrong, gone = explain(index, result.mistakes)
    assert wrong.comparison is not None
    assert (wrong.mistake.joined, wrong.comparison.same_copy) == (True, True)
    assert (wrong.titles, wrong.outlets) == (("One", None), ("x.example", None))
    assert (gone.mistake.joined, gone.comparison) == (False, None)


def write(folder: Path, text: str) -> Path:
    path = folder / "gold.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_of_two_readers_count_where_they_agree(tmp_path: Path) -> None:
    path = write(tmp_path, "a\tb\tlabel_1\tlabel_2\n1\t2\tS\tS\n1\t3\tS\tP\n2\t3\tP\tQ\n")
    gold, ambiguous = read_gold(path)
    assert gold == Pairs(("1", "2"), ("2", "3"), (True, False))
    assert ambiguous == 1


def test_labels_may_be_csv_with_further_columns_and_a_mark_of_byte_order(tmp_path: Path) -> None:
    path = write(tmp_path, '\ufeffnote,id,story\r\nx,1,"a, b"\r\n\r\ny,2,\r\n')
    assert read_gold(path) == (Labels({"1": "a, b", "2": ""}), 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs columns"),
        ("x\ty\n1\t2\n", "found: x, y"),
        ("id\tstory\n", "no label"),
        ("a\tb\tlabel\n", "no label"),
        ("a\tb\tlabel\n1\t2\n", "row 2"),
        ("id\tstory\n1\ts\n1\tt\n", "two stories"),
    ],
)
def test_labels_that_cannot_be_used_are_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_gold(write(tmp_path, text))


def test_labels_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "gold.tsv"
    path.write_bytes(b"\x80\xff\x00")
    with pytest.raises(UnreadableInput):
        read_gold(path)
    with pytest.raises(MissingInput):
        read_gold(tmp_path / "none.tsv")
