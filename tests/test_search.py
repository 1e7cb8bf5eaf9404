"""Searching for what shares copy with a text: with kernels and without, and where very much does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from newsroom import STORY, article, made, paragraphs
from texts import prose

import dedup
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
