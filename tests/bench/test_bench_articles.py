"""The articles that `dedup bench` makes up."""

from __future__ import annotations

import unicodedata

import pytest

from dedup.bench import made
from dedup.bench.made import Script
from dedup.model import Params
from dedup.stages.plain import shingle


def texts(count: int, script: Script = Script.latin, seed: int = 1) -> list[str]:
    return [text for batch in made.blocks(count, script, seed) for text in batch["text"].to_pylist()]


def test_the_same_seed_gives_the_same_articles_however_many_are_asked_for() -> None:
    few, many = ([row for batch in made.blocks(count) for row in batch.to_pylist()] for count in (7, 900))
    assert (len(few), len(many)) == (7, 900)
    assert few == many[:7]
    assert len({row["id"] for row in many}) == 900
    assert texts(7, seed=2) != texts(7)


def test_articles_are_as_long_as_agency_copy() -> None:
    lengths = sorted(len(text.encode()) for text in texts(4 * made.BLOCK))
    assert 1_850 < sum(lengths) / len(lengths) < 2_350
    assert 80 < lengths[0] < 700
    assert 4_000 < lengths[-1] < 12_000


def test_a_third_of_the_articles_are_copies() -> None:
    met: set[int] = set()
    copies = 0
    for text in texts(made.BLOCK):
        found = set(shingle(text, Params()).hashes.tolist())
        copies += len(found & met) > len(found) / 3
        met |= found
    assert 0.2 < copies / made.BLOCK < 0.45


def test_devanagari_is_in_devanagari_and_normalised() -> None:
    for text in texts(50, Script.devanagari):
        letters = [c for c in text if unicodedata.category(c)[0] in "LM"]
        assert sum("\u0900" <= c <= "\u097f" for c in letters) > 0.95 * len(letters)
        assert unicodedata.is_normalized("NFKC", text)


@pytest.mark.parametrize("text", ["a b c\nd e f g\nh i j", "one paragraph only " * 9])
def test_a_cut_text_is_the_beginning_of_it(text: str) -> None:
    made_of_it = made.cut(text)
    assert text.startswith(made_of_it)
    assert len(text) / 3 <= len(made_of_it) < len(text)


def test_an_edited_text_keeps_most_words() -> None:
    text = texts(1)[0]
    before, after = text.split(" "), made.edited(text).split(" ")
    changed = sum(a != b for a, b in zip(before, after, strict=True))
    assert 0 < changed <= len(before) / 20
