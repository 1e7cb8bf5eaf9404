"""The benchmarks measure what they say."""

from __future__ import annotations

import itertools
import random

import edits
import numpy as np
import pyarrow as pa
import pytest
import quality
import recall
from hypothesis import given
from hypothesis import strategies as st

from dedup.labels import Labels, Pairs
from dedup.model import Params
from dedup.stages.shingle import shingle
from dedup.store.columns import Sets

WORDS = st.lists(st.sampled_from(["a", "b", "c", "“d", "e”", "f"]), max_size=24).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from([0.2, 0.4, 1.0]))
def test_brute_force_finds_every_close_pair_and_no_other(found: list[str], least: float) -> None:
    sets = shingle(pa.array(found, pa.large_string()), Params(shingle_words=2))
    narrative = []
    for d in range(len(found)):
        bits = np.unpackbits(sets.marks[sets.mark_ends[d] : sets.mark_ends[d + 1]], bitorder="little").astype(bool)
        hashes = sets.hashes[sets.ends[d] : sets.ends[d + 1]]
        narrative.append(set(hashes[bits[: len(hashes)]].tolist()))
    rows = np.arange(len(found)) * 3
    close = [
        (int(rows[i]) << 32 | int(rows[j]))
        for i, j in itertools.combinations(range(len(found)), 2)
        if len(narrative[i] & narrative[j]) >= 2
        and len(narrative[i] & narrative[j]) >= least * min(len(narrative[i]), len(narrative[j]))
    ]
    held = Sets(sets.hashes, sets.ends, sets.marks, sets.mark_ends)
    assert recall.brute_force(held, rows, least, 2).tolist() == sorted(close)


TEXT = 'One two three. Four five six! "Seven eight," he said. "Nine."\nLast — it’s ten... A. B.'


def test_shuffling_keeps_paragraphs_and_their_sentences() -> None:
    made = edits.edited("shuffle", "x", TEXT)
    assert made != TEXT
    for before, after in zip(TEXT.split("\n"), made.split("\n"), strict=True):
        assert sorted(before.split()) == sorted(after.split())


@pytest.mark.parametrize("id", "abcdef")
def test_typography_changes_no_word(id: str) -> None:
    from dedup.stages.clean.mojibake import repair
    from dedup.stages.plain import tokens

    assert tokens(repair(edits.edited("typography", id, TEXT))) == tokens(TEXT)


def test_cutting_keeps_the_first_words() -> None:
    made = edits.edited("cut", "x", TEXT)
    assert TEXT.startswith(made)
    assert 0.3 * len(TEXT) < len(made) <= 0.4 * len(TEXT)


@pytest.mark.parametrize("edit", edits.EDITS)
def test_an_edit_depends_on_the_article_alone(edit: str) -> None:
    random.seed(1)
    first = edits.edited(edit, "x", TEXT)
    random.seed(2)
    assert edits.edited(edit, "x", TEXT) == first


def test_peers_are_judged_by_the_pairs_of_labelled_stories() -> None:
    made = quality._pairs(Labels({"1": "s", "2": "s", "3": "", "4": ""}))
    assert made == Pairs(("1", "1", "1", "2", "2", "3"), ("2", "3", "4", "3", "4", "4"), (True, *[False] * 5))
    texts = {"1": "a b c d e f g h", "2": "a b c d e f g x", "3": "k l m n o p", "4": "q r s t u v"}
    best = {one.way: one for one in quality._peers(texts, made)}
    assert best["containment"].f1 == 1.0
    assert best["datasketch, best"].f1 == 1.0
