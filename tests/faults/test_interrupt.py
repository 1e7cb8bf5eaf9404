"""`dedup index` that is stopped half-way leaves a valid commit, and run again it skips what is in."""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forks import Child, Forks
from newswire import edition, exported, leftovers

import dedup
from dedup import ingest
from dedup.cli.app import INTERRUPTED, main
from dedup.errors import NoIndex
from dedup.stages.read import limits

_STOPS = {signal.SIGINT: INTERRUPTED, signal.SIGKILL: -signal.SIGKILL}


def index(tell: Callable[[str], None], source: str, folder: str, rows: int) -> None:
    """`dedup index` in a process that commits every so many articles."""
    # Commits come every 100,000 articles: a test with as many would tell no more.
    ingest.SEGMENT_ROWS = limits.ROWS = rows
    sys.argv = ["dedup", "index", source, "-i", folder, "--json"]
    main()


@pytest.mark.parametrize(
    ("articles", "rows", "stops"), [(1000, 40, 5), pytest.param(30_000, 100, 60, marks=pytest.mark.campaign)]
)
def test_a_stopped_run_leaves_a_commit_and_the_next_one_skips_what_is_in(
    articles: int, rows: int, stops: int, warm: Forks, tmp_path: Path
) -> None:
    source = tmp_path / "big.jsonl"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(edition(f"report-{i}", 1)) + "\n" for i in range(articles))
    chance = random.Random(articles)

    def start(folder: Path) -> Child:
        return warm.fork("test_interrupt:index", str(source), str(folder), rows, said=tmp_path / "said")

    def told() -> dict[str, Any]:
        answer: dict[str, Any] = json.loads((tmp_path / "said").read_text(encoding="utf-8"))
        return answer

    whole = tmp_path / "whole"
    assert start(whole).end() == 0
    expected = exported(dedup.Index.open(whole))
    assert told()["added"] == len(expected) == articles

    folder, before, commits = tmp_path / "stopped", 0, 0
    for stop in range(stops):
        number = list(_STOPS)[stop % 2]
        child = start(folder)
        reached = before + rows * chance.randint(1, 2)
        # What is being committed at the signal still comes to be.
        assert reached < articles - 2 * rows
        _wait(lambda reached=reached: _size(folder) >= reached)
        time.sleep(chance.uniform(0, 0.02))
        assert child.end(number) == _STOPS[number]

        held = dedup.Index.open(folder)
        assert held.check().damaged == ()
        assert before <= len(held) < articles
        assert {row["id"] for row in exported(held)} == {f"report-{i}" for i in range(len(held))}
        commits += len(held) > before
        before = len(held)
        if number == signal.SIGINT:
            assert (tmp_path / "said").read_text(encoding="utf-8") == ""
    assert commits > 1

    assert start(folder).end() == 0
    assert (told()["unchanged"], told()["added"]) == (before, articles - before)
    assert exported(dedup.Index.open(folder)) == expected
    assert leftovers(folder) == 0


def _size(folder: Path) -> int:
    try:
        return len(dedup.Index.open(folder))
    except NoIndex:
        return 0


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until, "the run made no commit"
        time.sleep(0.001)
