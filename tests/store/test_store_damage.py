"""Bits that flip, files that are cut, zeroed, lost or swapped: found, or the answer is the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
import xxhash
from index_builders import PARAMS, add, commit, everything, large, links, sketches, stories

from dedup.errors import DamagedIndex
from dedup.store import FileDirectory, Keys, MemoryDirectory, Segment, Store


def small_index() -> dict[str, bytes]:
    """Every kind of file, in less than 64 KiB."""
    directory = MemoryDirectory()
    store = commit(Store.create(directory, PARAMS), [f"a{i}" for i in range(30)], seed=1)
    with store.writer() as writer:
        add(writer, ["b0", "b1"], seed=2)
        writer.add_segment([], sketches(0), {}, links([(0, 3), (1, 31)]))
        writer.delete([0, 5])
        writer.set_stories(stories(2), 1, keep=1)
        writer.set_crowds(stories(3))
        writer.set_changes(stories(1), since=0)
        writer.commit()
    assert sum(len(data) for data in directory.files.values()) <= 1 << 16
    return {name: bytes(data) for name, data in directory.files.items()}


@pytest.fixture(scope="module")
def small() -> dict[str, bytes]:
    return small_index()


def what_rests_on(name: str) -> Callable[[Store], object]:
    """Reads all that a file says."""
    kind = name.rpartition("/")[2].partition("-")[0].removesuffix(".arrow")
    reads: dict[str, Callable[[Segment], object]] = {
        "articles": lambda segment: [batch.to_pylist() for batch in segment.articles()],
        "sketches": lambda segment: segment.sketches,
        "bands": lambda segment: [segment.table(table) for table in segment.tables],
        "links": lambda segment: segment.links_by_b,
    }
    if kind in reads:
        return lambda store: [reads[kind](s) for s in store.segments if f"/{s.id}/" in name]
    if name.startswith("deletes"):
        return lambda store: store.deleted
    tables: dict[str, Callable[[Store], object]] = {
        "stories": Store.stories,
        "crowds": Store.crowds,
        "changes": Store.changes,
        "manifest.json": lambda store: store.manifest,
    }
    return tables[kind]


def expect_found(files: dict[str, bytes], name: str, at: int, bit: int) -> None:
    data = bytearray(files[name])
    data[at] ^= 1 << bit
    with pytest.raises(DamagedIndex) as found:
        what_rests_on(name)(Store.open(MemoryDirectory({**files, name: bytes(data)})))
    assert found.value.fields["file"] == name


def test_a_flipped_bit_is_found_before_an_answer_rests_on_it(small: dict[str, bytes]) -> None:
    """One in every 97th byte of each file, so that headers, padding and columns all get theirs."""
    for name, data in small.items():
        for at in {*range(0, len(data), 97), len(data) - 1}:
            expect_found(small, name, at, at % 8)


@pytest.mark.campaign
def test_every_flipped_bit_is_found(small: dict[str, bytes]) -> None:
    for name, data in small.items():
        for at in range(len(data)):
            for bit in range(8):
                expect_found(small, name, at, bit)


def test_flipped_bits_stop_nothing_that_does_not_rest_on_them(small: dict[str, bytes]) -> None:
    whole = everything(Store.open(MemoryDirectory(small)))
    for name, data in small.items():
        if name == "manifest.json":
            continue
        flipped = data[:50] + bytes([data[50] ^ 4]) + data[51:]
        store = Store.open(MemoryDirectory({**small, name: flipped}))
        for other in small:
            if other != name and not (other.startswith("stories") and name.startswith("stories")):  # one table
                what_rests_on(other)(store)
        with pytest.raises(DamagedIndex):
            everything(store)
    assert everything(Store.open(MemoryDirectory(small))) == whole


class Vandal:
    """Does one thing at a time to an index folder, and undoes it."""

    def __init__(self, path: Path, seed: int) -> None:
        self.random = Random(seed)
        self.files = sorted(file for file in path.rglob("*") if file.is_file() and file.name != "lock")
        self._digests = {file: digest(file) for file in self.files}
        # Large files and small ones both get their share.
        self._weights = [file.stat().st_size ** 0.5 for file in self.files]

    @contextlib.contextmanager
    def at_work(self) -> Iterator[tuple[str, bool]]:
        """Gives what was done, and whether any file is another for it."""
        doing = self.random.choice([self._flip, self._zero, self._cut, self._delete, self._swap])
        file = self.random.choices(self.files, self._weights)[0]
        with doing(file) as other:
            touched = [file, *([other] if other else [])]
            changed = any(not one.exists() or digest(one) != self._digests[one] for one in touched)
            yield f"{doing.__name__} {touched}", changed

    @contextlib.contextmanager
    def _flip(self, file: Path) -> Iterator[None]:
        with written_over(file, self.random.randrange(file.stat().st_size), 1, flip=1 << self.random.randrange(8)):
            yield

    @contextlib.contextmanager
    def _zero(self, file: Path) -> Iterator[None]:
        size = self.random.choice([512, 4096, 1 << 16])
        with written_over(file, self.random.randrange(file.stat().st_size) // size * size, size):
            yield

    @contextlib.contextmanager
    def _cut(self, file: Path) -> Iterator[None]:
        # A copy of it, since what is mapped must not be cut.
        left = file.read_bytes()[: self.random.randrange(file.stat().st_size)]
        with taken_away(file):
            file.write_bytes(left)
            yield

    @contextlib.contextmanager
    def _delete(self, file: Path) -> Iterator[None]:
        with taken_away(file):
            yield

    @contextlib.contextmanager
    def _swap(self, file: Path) -> Iterator[Path]:
        other = self.random.choice([one for one in self.files if one != file])
        exchange(file, other)
        try:
            yield other
        finally:
            exchange(file, other)


def digest(file: Path) -> bytes:
    return xxhash.xxh3_128_digest(file.read_bytes())


@contextlib.contextmanager
def written_over(file: Path, at: int, size: int, flip: int | None = None) -> Iterator[None]:
    with file.open("r+b", buffering=0) as opened:
        opened.seek(at)
        before = opened.read(size)
        opened.seek(at)
        opened.write(bytes(len(before)) if flip is None else bytes([before[0] ^ flip]))
        try:
            yield
        finally:
            opened.seek(at)
            opened.write(before)


@contextlib.contextmanager
def taken_away(file: Path) -> Iterator[None]:
    aside = file.with_suffix(".aside")
    file.rename(aside)
    try:
        yield
    finally:
        aside.rename(file)


def exchange(one: Path, other: Path) -> None:
    aside = one.with_suffix(".aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def answers(store: Store, seed: int) -> list[object]:
    """What questions give that each touch a little of the index; None where one is refused or has no answer."""
    random = Random(seed)
    segment = random.choice(store.segments)
    rows = [random.randrange(segment.rows) for _ in range(5)]
    keys = np.unique([random.randrange(2**32) for _ in range(3)]).astype(np.uint32)
    first, table = rows[0], random.randrange(3)

    def lookup() -> object:
        name = segment.tables[table]
        some = np.unique(segment.table(name)[0][first : first + 3])
        found = segment.lookup(Keys.of({name: some, segment.tables[0 if table else 1]: keys}))
        return [column.tolist() for column in found]

    def sets() -> object:
        found = segment.sets(rows)
        return [column.tolist() for column in (found.hashes, found.ends, found.marks, found.mark_ends)]

    def sets_in_place() -> object:
        found = segment.sets_in_place(rows)
        hashes = [found.hashes[found.ends[row] : found.ends[row + 1]].tolist() for row in rows]
        return hashes, [found.marks[found.mark_ends[row] : found.mark_ends[row + 1]].tolist() for row in rows]

    questions: list[Callable[[], object]] = [
        lookup,
        sets,
        sets_in_place,
        lambda: segment.fixed("body_digest", rows).tolist(),
        lambda: store.article_rows([segment.base + first]).to_pylist(),
        lambda: segment.links.slice(first, 2).to_pylist(),
        lambda: store.alive([segment.base + first, 1]).tolist(),
        lambda: [table.to_pylist() for table in store.stories() or []] or None,
        lambda: [table.to_pylist() for table in store.changes()] or None,
        lambda: (crowds := store.crowds()) and crowds.to_pylist(),
    ]
    found: list[object] = []
    for question in questions:
        try:
            found.append(question())
        except DamagedIndex:
            found.append(None)
    return found


def expect_all_noticed(path: Path, times: int, seed: int) -> None:
    """Whatever is done to the folder: the check finds it, and each answer is refused or the right one."""
    directory = FileDirectory(path)
    intact, vandal = Store.open(directory), Vandal(path, seed)
    refused = 0
    for time in range(times):
        expected = answers(intact, time)
        with vandal.at_work() as (work, changed):
            try:
                store = Store.open(directory)
            except DamagedIndex:
                assert "manifest.json" in work
                continue
            for found, right in zip(answers(store, time), expected, strict=True):
                assert found == right or (found is None and changed), work
                refused += found != right
            damage = store.check()
            assert bool(damage) == changed, work
            assert all(one.file in work for one in damage), work
    assert refused > times // 20


def index_of(path: Path, *sizes: int) -> None:
    directory = FileDirectory(path)
    Store.create(directory, PARAMS)
    for seed, size in enumerate(sizes):
        large(directory, size, seed)
    with commit(Store.open(directory), [f"a{i}" for i in range(30)], delete=[1, 5]).writer() as writer:
        writer.set_crowds(stories(3))
        writer.set_changes(stories(2), since=0)
        writer.commit()


def test_faults_are_found_or_make_no_difference(tmp_path: Path) -> None:
    index_of(tmp_path, 1_500)

    expect_all_noticed(tmp_path, 300, seed=1)


@pytest.mark.campaign
def test_faults_of_a_large_index_are_found_or_make_no_difference(tmp_path: Path) -> None:
    index_of(tmp_path, 20_000, 11_000)
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) > 50 * 10**6

    expect_all_noticed(tmp_path, 20_000, seed=2)


@pytest.mark.campaign
def test_salvaging_survives_any_fault(tmp_path: Path) -> None:
    index_of(tmp_path, 600)
    known = {*(f"L{i}" for i in range(600)), *(f"a{i}" for i in range(30))}
    vandal = Vandal(tmp_path, seed=3)
    for _ in range(5_000):
        with vandal.at_work() as (work, _), contextlib.suppress(DamagedIndex):
            for segment in Store.open(FileDirectory(tmp_path)).segments:
                ids, lost = segment.salvage_ids()
                assert set(ids) <= known, work
                assert len(ids) + lost == segment.rows, work
