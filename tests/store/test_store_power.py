from __future__ import annotations

from random import Random

import pytest
from index_builders import PARAMS, commit, everything
from power_loss import states

from dedup.errors import DedupError
from dedup.store import MemoryDirectory, Store
from dedup.store.directory import Operation

Commits = list[tuple[int, list[object]]]  # length of the log when it was acknowledged, and all it answers


@pytest.fixture(scope="module")
def history() -> tuple[list[Operation], Commits]:
    """An index made, then three commits, one with removals; the last supersedes files of the one before."""
    directory = MemoryDirectory()
    store = Store.create(directory, PARAMS)
    commits = [(len(directory.log), everything(store))]
    for number, (ids, delete) in enumerate([(["a", "b"], []), (["c"], [0]), (["d"], [])]):
        store = commit(store, ids, delete, seed=number)
        # What follows the last fsync is clearing up: acknowledged is acknowledged.
        last_sync = max(i for i, operation in enumerate(directory.log) if operation[0] == "fsync_dir")
        commits.append((last_sync + 1, everything(store)))
    return directory.log, commits


def violations(log: list[Operation], commits: Commits, cuts: list[int], samples: int, seed: int = 1) -> tuple[int, int]:
    """States tried, and those where an acknowledged commit is lost or another is there in part."""
    random = Random(seed)
    tried = bad = 0
    for cut in cuts:
        acknowledged = max((number for number, (at, _) in enumerate(commits) if at <= cut), default=-1)
        allowed = [answer for _, answer in commits[max(acknowledged, 0) : acknowledged + 2]]
        for files in states(log[:cut], random, samples):
            tried += 1
            try:
                bad += everything(Store.open(MemoryDirectory(files))) not in allowed
            except DedupError:
                bad += acknowledged >= 0 or any(name.startswith("segments") for name in files)
    return tried, bad


def syncs(log: list[Operation]) -> list[int]:
    return [number for number, operation in enumerate(log) if operation[0] in {"fsync", "fsync_dir"}]


def test_power_may_go_at_any_moment(history: tuple[list[Operation], Commits]) -> None:
    log, commits = history
    renames = {number + 1 for number, operation in enumerate(log) if operation[0] == "rename"}
    cuts = sorted({*range(0, len(log) + 1, 11), *syncs(log), *renames, len(log)})

    tried, bad = violations(log, commits, cuts, samples=3)
    assert tried > 300
    assert bad == 0


def test_no_sync_of_a_commit_can_be_left_out(history: tuple[list[Operation], Commits]) -> None:
    log, commits = history
    first, last = commits[-3][0], commits[-2][0]  # the second commit, with all kinds of files
    needless = []
    for number in syncs(log):
        if not first <= number < last:
            continue
        without = [operation for i, operation in enumerate(log) if i != number]
        shifted = [(at - (at > number), answer) for at, answer in commits]
        cuts = [*range(last - 3, last + 1)]
        if not violations(without, shifted, cuts, samples=10)[1]:
            needless.append(log[number])

    # That of the writer who begins makes a dead writer's commit certain; nobody died here.
    assert needless == [("fsync_dir", "")]
    assert len([number for number in syncs(log) if first <= number < last]) == 13


class Died(BaseException):
    """The process is gone."""


def test_a_dead_writer_s_commit_is_made_certain_before_the_one_below_it_goes() -> None:
    def die_after_the_rename(operation: Operation) -> None:
        if alive and any(done[0] == "rename" for done in directory.log):
            raise Died

    alive: list[bool] = []
    directory = MemoryDirectory(before=die_after_the_rename)
    old = commit(Store.create(directory, PARAMS), ["a", "b"])
    made = len(directory.log)
    directory.log, earlier = [], directory.log
    alive.append(True)
    with pytest.raises(Died):
        commit(old, ["c"], delete=[0])
    alive.clear()
    with Store.open(directory).writer() as writer:
        new = writer.store
    log = [*earlier, *directory.log]
    commits = [(0, everything(old)), (len(log), everything(new))]
    renamed = made + [operation[0] for operation in directory.log].index("rename") + 1
    cuts = [*range(renamed, len(log) + 1)]

    assert log[renamed] == ("fsync_dir", "")
    assert log[-1] == ("unlink", "stories-1.arrow")
    assert violations(log, commits, cuts, samples=5)[1] == 0
    without = log[:renamed] + log[renamed + 1 :]
    assert violations(without, commits[:1], [len(without)], samples=5)[1] > 0
