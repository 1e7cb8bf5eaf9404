"""Thresholds over labels, against each pair judged by itself at each of them."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import pytest
import texts

import dedup
from dedup.errors import BadInput
from dedup.labels import Labels, Pairs
from dedup.model import Params
from dedup.tune import tune

# One story kept to different parts, and two others.
SENTENCES = texts.prose(1, sentences=20).split("\n")
BODIES = {f"cut-{n}": "\n".join(SENTENCES[:n] + texts.prose(100 + n).split("\n")[: 10 - n]) for n in range(1, 11)}
BODIES |= {"other-1": texts.prose(2), "other-2": texts.prose(3)}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tune") / "index"
    dedup.Index.create(folder).add([{"id": named, "text": text} for named, text in BODIES.items()])
    return folder


def labelled() -> Pairs:
    """Those that keep most of the story are the same copy."""
    pairs = list(itertools.combinations(BODIES, 2))
    kept = {one: int(one.split("-")[1]) if one.startswith("cut") else 0 for one in BODIES}
    same = tuple(kept[a] >= 5 and kept[b] >= 5 for a, b in pairs)
    return Pairs(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), same)


def test_every_point_is_what_comparing_each_pair_at_its_threshold_gives(path: Path) -> None:
    gold, found = labelled(), tune(path, labelled())
    assert [point.threshold for point in found.points] == [i / 100 for i in range(1, 101)]
    for point in found.points[9::15]:
        params = dataclasses.replace(Params(), same_copy=point.threshold)
        joined = [
            dedup.compare(BODIES[a], BODIES[b], "text", params).same_copy for a, b in zip(gold.a, gold.b, strict=True)
        ]
        right = sum(x and y for x, y in zip(joined, gold.same, strict=True))
        assert point.recall == right / sum(gold.same)
        assert point.precision == (right / sum(joined) if sum(joined) else 1.0)


def test_the_plateau_is_all_that_is_nearly_as_good_around_the_best(path: Path) -> None:
    found = tune(path, labelled())
    low, high = (round(100 * end) for end in found.plateau)
    most = max(point.f1 for point in found.points)
    assert all(point.f1 >= most - found.tolerance for point in found.points[low - 1 : high])
    assert any(point.f1 == most for point in found.points[low - 1 : high])
    assert low == 1 or found.points[low - 2].f1 < most - found.tolerance
    assert high == 100 or found.points[high].f1 < most - found.tolerance
    assert low <= round(100 * found.best.threshold) <= high


def test_the_current_threshold_is_that_of_the_index(path: Path) -> None:
    assert tune(path, labelled()).current.threshold == Params().same_copy


def test_labelled_stories_are_judged_within_them_and_where_the_index_links(path: Path) -> None:
    labels = Labels({one: "one" if one.startswith("cut") and int(one[4:]) >= 5 else "" for one in BODIES})
    found = tune(path, labels)
    assert found.same == 15
    assert found.pairs > 15  # cut-4 is linked to those of the story
    assert found.points[0].precision < 1


def test_pairs_that_the_index_lacks_are_left_out_and_counted(path: Path) -> None:
    found = tune(path, Pairs(("cut-9", "cut-9"), ("cut-10", "none"), (True, True)))
    assert (found.pairs, found.missing) == (1, 1)
    with pytest.raises(BadInput, match="no two articles"):
        tune(path, Pairs(("none",), ("cut-9",), (True,)))
