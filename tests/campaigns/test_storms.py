"""Storms: very many articles that share something. Work stays bounded, no false story forms, no copy is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import storms
from storm_articles import KINDS, Storm


@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_of_ten_thousand_is_bounded_and_hides_no_copy(kind: str, tmp_path: Path) -> None:
    storm = Storm(kind, 10_000, planted=1_000)
    (articles,) = storm.batches()
    measured = storms.measure(storm, [articles], tmp_path / "index")
    failing = [name for name, holds in measured.checks(storm.count).items() if not holds]
    assert not failing, measured


@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_that_comes_in_batches_is_as_bounded(kind: str, tmp_path: Path) -> None:
    storm = Storm(kind, 2_500 if kind == "story" else 5_000, planted=200)
    (articles,) = storm.batches()
    size = articles.num_rows // 8
    batches = [articles.slice(start, size) for start in range(0, articles.num_rows, size)]
    measured = storms.measure(storm, batches, tmp_path / "index")
    checks = measured.checks(storm.count)
    # Who represents a crowd when another batch came meets all of it again: twice as many pairs in all, not more.
    checks.pop(f"{storms.MOST_VERIFIED} verifications an article at most")
    assert all(checks.values()), measured
    assert measured.verified <= 2 * storms.MOST_VERIFIED


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_of_a_hundred_thousand_takes_time_and_memory_in_proportion(kind: str) -> None:
    measured, checks = storms.compared(kind, 50_000, planted=1_000)
    print(*measured, sep="\n")
    failing = [name for name, holds in checks.items() if not holds]
    assert not failing, measured
