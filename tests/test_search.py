"""Searching for what shares copy with a text: with kernels and without, and where very much does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsroom import STORY, article, made, paragraphs
from texts import prose

import dedup
from dedup import answers
from dedup import search as searching
from dedup.search import Hits, search
from dedup.stages import verify


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> dedup.Index:
    some = [article(f"other {i}", prose(i, 8)) for i in range(200, 300)]
    said = [article("said", prose(3, 4) + f"\n\u201c{prose(1, 2)}\u201d")]
    return made(tmp_path_factory.mktemp("search"), STORY, some, said)


def same(one: Hits, other: Hits) -> bool:
    columns = verify.Similarities.__dataclass_fields__
    return np.array_equal(one.rows, other.rows) and all(
        np.array_equal(getattr(one.figures, name), getattr(other.figures, name)) for name in columns
    )


@pytest.mark.parametrize(
    "text",
    [prose(1, 20), paragraphs(1, 2, 5), prose(1, 1), f"He said \u201c{prose(1, 2)}\u201d", "one two", "", prose(7)],
)
def test_kernels_find_what_is_found_without(index: dedup.Index, text: str) -> None:
    store = index.snapshot.store
    plain, compiled = search(store, text, 10, compiled=False), search(store, text, 10, compiled=True)
    assert same(plain, compiled)


def test_what_shares_most_is_found_among_more_candidates_than_are_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_MOST", 20)
    monkeypatch.setattr(searching, "_SCAN", 0)
    # Each goes on in its own way, so that no two are one body; the last holds all of what is asked for.
    many = [article(f"{i}", paragraphs(1, 0, 3) + "\n" + prose(i + 10, 8)) for i in range(60)]
    index = made(tmp_path, many[:30], many[30:], [article("whole", paragraphs(1, 0, 6))])
    store = index.snapshot.store
    for compiled in (False, True):
        hits = search(store, paragraphs(1, 0, 6), 30, compiled=compiled)
        assert len(hits) == 20
        assert index.query(paragraphs(1, 0, 6))[0].id == "whole"
        assert hits.rows[0] == 60


@pytest.mark.parametrize("compiled", [False, True])
def test_the_best_are_found_whatever_the_limit(tmp_path: Path, compiled: bool) -> None:
    # Some as good as each other, some with copies, and some whose articles are gone.
    cut = [article(f"cut {i}", paragraphs(1, 0, 3 + i % 5) + "\n" + prose(i + 10, 2)) for i in range(30)]
    copies = [article(f"copy {i}", paragraphs(1, 0, 4), f"{i}.example") for i in range(9)]
    index = made(tmp_path, cut[:15] + copies[:5], cut[15:], copies[5:])
    index.remove([f"cut {i}" for i in range(0, 30, 4)])
    store = index.snapshot.store
    everything = search(store, paragraphs(1, 0, 6), 1000, compiled=compiled)
    assert len(everything) == 9 + 22
    for limit in (0, 1, 2, 5, 11, 30):
        found = search(store, paragraphs(1, 0, 6), limit, compiled=compiled)
        best = Hits(everything.rows[:limit], verify.take(everything.figures, np.arange(min(limit, 31))))
        assert same(found, best)


WORDS = st.lists(st.sampled_from(["the", "Quay,", "held", "ß", "\u201cno\u201d", "42"]), max_size=24)


@given(WORDS, WORDS, st.sampled_from([" ", "\n", " \u3000"]))
def test_the_passage_is_the_first_longest_run_of_words_whose_shingles_are_known(
    body: list[str], text: list[str], between: str
) -> None:
    known = answers._shingles(answers._words(" ".join(text)))
    run, words = len(next(iter(known), ())), answers._words(" ".join(body))
    runs = [
        (first, end)
        for first in range(len(words))
        for end in range(first + max(run, 1), len(words) + 1)
        if run and all(tuple(words[i : i + run]) in known for i in range(first, end - run + 1))
    ]
    first, end = max(runs, key=lambda span: (span[1] - span[0], -span[0]), default=(0, 0))
    assert answers._passage(between.join(body), known) == between.join(body[first:end])
