"""Power loss, simulated: whatever of the unsynced operations reached the disk, what was acknowledged is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

import pytest
from index_builders import PARAMS, add, commit, everything, stories
from power_loss import states

from dedup.errors import DedupError
from dedup.store import MemoryDirectory, Store
from dedup.store.directory import Operation

Log = list[Operation]
Commits = list[tuple[int, list[object]]]  # length of the log when it was acknowledged, and all it answers


class History:
    """An index made; three commits, one with a replacement; a removal; a merge; and an index anew.

    Each supersedes files of the one before, which are collected then.
    """

    def __init__(self) -> None:
        self.directory = MemoryDirectory()
        self.commits: Commits = []
        self._acknowledged(Store.create(self.directory, PARAMS))
        for number, (ids, delete) in enumerate([(["a", "b"], []), (["c"], [0]), (["d"], [])]):
            self._acknowledged(commit(self.store, ids, delete, seed=number))
        with self.store.writer() as writer:
            writer.delete([1])
            writer.set_changes(stories(2), since=0)
            writer.commit()
            self._acknowledged(writer.store)
        with self.store.writer() as writer:
            writer.merge(writer.store.segments)
            writer.set_crowds(stories(1))
            writer.commit()
            self._acknowledged(writer.store)
        with self.store.writer() as writer:
            writer.restart()
            add(writer, ["e", "f"])
            writer.stage()
            writer.delete([0])
            writer.set_stories(stories(1), 1)
            writer.commit()
            self._acknowledged(writer.store)
        with self.store.writer():
            pass

    @property
    def log(self) -> Log:
        return self.directory.log

    def _acknowledged(self, store: Store) -> None:
        self.store = store
        # What follows the last fsync is clearing up: acknowledged is acknowledged.
        last_sync = max(i for i, operation in enumerate(self.log) if operation[0] == "fsync_dir")
        self.commits.append((last_sync + 1, everything(store)))


class Judge:
    """Reads what a disk holds; what was read once is not read again."""

    def __init__(self) -> None:
        self._known: dict[frozenset[tuple[str, bytes]], list[object] | None] = {}

    def answer(self, files: dict[str, bytes]) -> list[object] | None:
        """All that the index answers; None where it is refused."""
        try:
            store = Store.open(MemoryDirectory(files))
        except DedupError:
            return None
        # What no commit names is not read.
        named = {"manifest.json", *(name for name, _ in store.manifest.files())}
        key = frozenset((name, files[name]) for name in named & files.keys())
        if key not in self._known:
            try:
                self._known[key] = everything(store)
            except DedupError:
                self._known[key] = None
        return self._known[key]


def violated(
    log: Log, commits: Commits, cuts: Iterable[int], most: int, samples: int, judge: Judge, seed: int = 1
) -> Iterator[bool]:
    """For each state whether an acknowledged commit is lost, or another is there in part."""
    random = Random(seed)
    for cut in cuts:
        acknowledged = max((number for number, (at, _) in enumerate(commits) if at <= cut), default=-1)
        allowed = [answer for _, answer in commits[max(acknowledged, 0) : acknowledged + 2]]
        for files in states(log[:cut], random, most, samples):
            found = judge.answer(files)
            if found is None:
                yield acknowledged >= 0 or any(name.startswith("segments") for name in files)
            else:
                yield found not in allowed


def syncs(log: Log) -> list[int]:
    return [number for number, operation in enumerate(log) if operation[0] in {"fsync", "fsync_dir"}]


@pytest.fixture(scope="module")
def history() -> History:
    return History()


def test_power_may_go_at_any_moment(history: History) -> None:
    cuts = range(len(history.log) + 1)
    found = list(violated(history.log, history.commits, cuts, most=5, samples=40, judge=Judge()))

    assert len(found) > 5_000
    assert not any(found)


@pytest.mark.campaign
def test_power_may_go_at_any_moment_whatever_was_pending(history: History) -> None:
    tried = 0
    cuts, judge = range(len(history.log) + 1), Judge()
    for seed in range(8):
        for bad in violated(history.log, history.commits, cuts, 10, 200, judge, seed):
            tried += 1
            assert not bad

    assert tried > 100_000


def test_no_sync_can_be_left_out(history: History) -> None:
    log, commits, judge = history.log, history.commits, Judge()
    needless = []
    for number in syncs(log):
        without = log[:number] + log[number + 1 :]
        shifted = [(at - (at > number), answer) for at, answer in commits]
        # The first commit that is acknowledged after it, and what is cleared up then.
        after = next((at for at, _ in shifted if at >= number), len(without))
        cuts = range(max(after - 3, number), min(after + 8, len(without)) + 1)
        if not any(violated(without, shifted, cuts, 4, 12, judge)):
            needless.append(number)

    assert len(syncs(log)) > 60
    # That of a writer who begins makes a dead writer's commit certain; nobody died here. And before the
    # first rename of all there are no files whose entries it could lead to.
    assert [log[number] for number in needless] == [("fsync_dir", "")] * (1 + 7)
    renames = {number for number, operation in enumerate(log) if operation[0] == "rename"}
    beside_a_rename = [number for number in needless if renames & {number - 1, number + 1}]
    assert beside_a_rename == needless[:1]


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
    assert not any(violated(log, commits, cuts, 5, 20, Judge()))
    without = log[:renamed] + log[renamed + 1 :]
    assert any(violated(without, commits[:1], [len(without)], 5, 20, Judge()))
