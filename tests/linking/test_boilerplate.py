"""What many articles that are no copies have in common counts for nothing; what copies share counts all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from newsroom import article, partition
from texts import prose

import dedup
from dedup.corpus import Corpus
from dedup.linking import crowds
from dedup.linking.boilerplate import Boilerplate
from dedup.stages import lsh
from dedup.store import MemoryDirectory, Store

Records = list[dict[str, Any]]
# One paragraph of 100 words, on every page of an outlet.
_BOX = prose(999, 1, 100)


def own(number: int, words: int = 150) -> str:
    return prose(number, words // 15, 15)


def boxed(count: int) -> Records:
    """Different articles of 150 words with the box."""
    return [article(f"n{i}", f"{own(i)}\n{_BOX}") for i in range(count)]


def filed(*batches: Records) -> dedup.Index:
    index = dedup.Index(Store.create(MemoryDirectory()))
    for batch in batches:
        index.add(batch)
    return index


def stories(index: dedup.Index) -> list[list[str]]:
    return [names for names in partition(index) if len(names) > 1]


def links(index: dedup.Index) -> set[frozenset[str]]:
    return {frozenset((row["a"], row["b"])) for row in index.export("links").read_all().to_pylist()}


@pytest.mark.parametrize("batches", [1, 4])
def test_articles_that_share_a_paragraph_with_very_many_form_no_story(batches: int) -> None:
    index = filed(*(boxed(80)[part::batches] for part in range(batches)))

    assert (stories(index), links(index)) == ([], set())


def test_copies_among_articles_that_share_a_paragraph_are_found_and_their_containment_told() -> None:
    half = "\n".join(own(200).split("\n")[:3])
    pair = [
        article("full", f"{own(200)}\n{_BOX}", published="2026-05-01"),
        article("cut", f"{half}\n{_BOX}\n{own(201)}", published="2026-05-02"),
    ]
    index = filed(boxed(40), pair, boxed(80)[40:])

    assert (stories(index), links(index)) == ([["cut", "full"]], {frozenset(("cut", "full"))})
    told = {row["id"]: row for row in index.export("articles").read_all().to_pylist()}["cut"]
    # Of the 146 + 4 shingles that are the full one's own, three paragraphs of five hold 90 words.
    shared = 90 - 4
    assert told["containment"] == pytest.approx(shared / 150, abs=0.04)
    assert told["containment"] < (shared + 96) / 250  # as it would be with the box


def test_a_paragraph_that_few_articles_are_left_with_links_them_again() -> None:
    index = filed(boxed(80))
    assert links(index) == set()

    index.remove([f"n{i}" for i in range(20, 80)])

    assert {frozenset((f"n{i}", f"n{j}")) for i in range(20) for j in range(i)} == links(index)
    assert links(index) == links(filed(boxed(20)))
    assert partition(index) == partition(filed(boxed(20)))

    index.add(boxed(80)[20:])
    assert (stories(index), links(index)) == ([], set())


@pytest.mark.parametrize("words", [20, 50])
def test_footers_that_differ_by_a_number_form_no_story(words: int) -> None:
    pages = [article(f"p{i}", f"{prose(998, 1, words)}\nPage {i} of the archive.") for i in range(80)]

    assert stories(filed(pages)) == []
    assert stories(filed(boxed(80), pages[:40], pages[40:])) == []


def test_one_story_with_very_many_versions_is_no_boilerplate() -> None:
    lead = own(400, 300)
    versions = [article(f"v{i:02d}", f"{lead}\nEdition {i}: {prose(500 + i, 1, 20)}") for i in range(80)]

    assert stories(filed(versions)) == [[f"v{i:02d}" for i in range(80)]]


def test_many_copies_of_one_story_stay_one_beside_a_box() -> None:
    copies = [article(f"c{i:02d}", f"{own(400, 300)}\n{_BOX}") for i in range(70)]

    assert stories(filed(boxed(80), copies)) == [[f"c{i:02d}" for i in range(70)]]


def test_of_a_body_only_what_is_its_own_is_measured() -> None:
    index = filed([*boxed(80), article("alone", own(700))])
    store = Store.open(index._store.directory)
    corpus = Corpus(store)
    for all_of_it in (True, False):
        plate = Boilerplate(corpus, crowds.load(corpus), all_of_it)
        assert plate.touches(np.arange(80)).all()
        # Of 150 + 100 words 246 shingles; four lie across the two, and are each one's own.
        assert plate.lengths(np.array([0, 5, 80])).tolist() == [150, 150, 146]
        figures = plate.measure(np.array([0, 0, 80]), np.array([1, 0, 80]))
        assert figures.shared.tolist() == [0, 150, 146]
        assert figures.jaccard.tolist() == pytest.approx([96 / 396, 1, 1])
    assert Boilerplate(corpus, crowds.load(corpus), True).touches(np.array([80])).tolist() == [False]


def test_without_masked_crowds_bodies_are_measured_as_they_are() -> None:
    index = filed(boxed(10))
    corpus = Corpus(Store.open(index._store.directory))
    plate = Boilerplate(corpus, lsh.Crowds.none(), True)

    assert not plate.touches(np.arange(10)).any()
    assert plate.lengths(np.arange(10)).tolist() == [246] * 10
    assert plate.measure(np.array([0]), np.array([1])).shared.tolist() == [96]
