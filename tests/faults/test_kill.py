"""A process that is killed at any moment loses nothing that it acknowledged, and leaves no half of a change."""

from __future__ import annotations

import random
import signal
import statistics
import time
from collections import Counter, deque
from itertools import islice
from pathlib import Path

import pytest
from forks import Child, Forks
from newswire import Editions, apply, changed, changes, edition, exported, held, leftovers

import dedup

_REOPENED_IN = 1.0  # seconds


@pytest.mark.parametrize("trials", [100, pytest.param(2000, marks=pytest.mark.campaign)])
def test_kill_9_at_any_moment_loses_nothing_acknowledged_and_leaves_no_half(
    trials: int, warm: Forks, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    dedup.Index.create(folder)
    chance = random.Random(trials)
    editions: Editions = {}
    moments: Counter[str] = Counter()
    paces = deque([0.03], maxlen=31)
    slowest = 0.0
    for _ in range(trials):
        given = list(islice(changes(chance, editions), 6))
        acknowledged = _killed(warm.fork("newswire:work", str(folder), given), chance, paces)
        for change in given[:acknowledged]:
            editions = changed(editions, change)
        after = changed(editions, given[acknowledged]) if acknowledged < len(given) else editions
        anyone = min(editions.keys() & after.keys(), default=None)

        started = time.monotonic()
        index = dedup.Index.open(folder)
        size = len(index)
        if anyone:
            index.story(anyone)
        slowest = max(slowest, time.monotonic() - started)

        found = held(index)
        assert size == len(found)
        assert found in (editions, after)
        moments[_moment(folder, committed=found == after != editions)] += 1
        editions = found

    print(f"{dict(moments)}; {size} articles, {index.info().segments} segments; slowest reopening {slowest:.3f} s")
    assert slowest < _REOPENED_IN
    assert trials - moments["between commits"] > trials / 10
    assert index.check().damaged == ()
    _goes_on(folder, editions)


def _killed(child: Child, chance: random.Random, paces: deque[float]) -> int:
    """Kill a process some changes on and somewhere in the next one; returns the number that it acknowledged."""
    started = time.monotonic()
    wanted = chance.choice([0, 0, 1])
    child.hear(started + 60, wanted)
    if wanted:
        paces.append((time.monotonic() - started) / wanted)
    time.sleep(chance.uniform(0, 1.2 * statistics.median(paces)))
    child.end(signal.SIGKILL)
    return len(child.lines)


def _moment(folder: Path, committed: bool) -> str:
    """What a process was at when it died, from what it left."""
    if committed:
        return "acknowledging"
    if (folder / "manifest.json.tmp").exists():
        return "writing the manifest"
    return "writing files" if leftovers(folder) else "between commits"


def _goes_on(folder: Path, editions: Editions) -> None:
    """The next change clears up, and stories are those of an index that nobody ever killed."""
    apply(dedup.Index.open(folder), {"put": {"last-1": 1}})
    assert leftovers(folder) == 0
    fresh = dedup.Index.create(folder.with_name("fresh"))
    fresh.add([edition(name, number) for name, number in [*editions.items(), ("last-1", 1)]])
    grown = dedup.Index.open(folder)
    if grown.templates():
        # They are those that the last compaction learnt, of what was there then.
        fresh.compact()
        grown.compact()
    assert exported(fresh) == exported(grown)
