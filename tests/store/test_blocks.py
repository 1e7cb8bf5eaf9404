"""Large files are checked block by block, where they are touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from index_builders import PARAMS, commit, large
from numpy.testing import assert_array_equal

from dedup.errors import DamagedIndex
from dedup.store import FileDirectory, Keys, MemoryDirectory, Segment, Store
from dedup.store import segment as segments

N = 1_500
BLOCK = 1 << 16
FOLDER = "segments/00000001"


@pytest.fixture(scope="module")
def intact() -> dict[str, bytes]:
    directory = MemoryDirectory()
    Store.create(directory, PARAMS)
    large(directory, N)
    return {name: bytes(data) for name, data in directory.files.items()}


def flipped(files: dict[str, bytes], name: str, at: int) -> Store:
    data = bytearray(files[name])
    data[at] ^= 1 << at % 8
    return Store.open(MemoryDirectory({**files, name: bytes(data)}))


def verified(store: Store) -> int:
    return sum(part.verified for part in store.parts())


def test_only_large_segments_have_sums_of_blocks(intact: dict[str, bytes]) -> None:
    directory = MemoryDirectory(intact)
    commit(Store.open(directory), ["small"])
    first, second = Store.open(directory).segments

    assert set(first.parts) == {"articles", "sketches", "bands", "links", "sums"}
    assert set(second.parts) == {"articles", "sketches", "bands", "links"}
    assert sum(part.record.bytes for part in first.parts.values()) > 2**20


def test_a_large_index_is_not_read_whole_to_answer(tmp_path: Path, intact: dict[str, bytes]) -> None:
    for name, data in intact.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    store = Store.open(FileDirectory(tmp_path))
    (segment,) = store.segments
    assert verified(store) == 0
    segment.lookup(Keys.of({"band-00": np.array([5], np.uint32)}))
    segment.sets([N // 2])
    segment.fixed("body_digest", [7])
    segment.article_rows([3], ["id"])

    read = verified(store)
    assert read <= 12 * BLOCK + segment.parts["sums"].record.bytes
    segment.lookup(Keys.of({"band-00": np.array([5], np.uint32)}))
    segment.sets([N // 2])
    assert verified(store) == read, "each block is checked once"


def test_damage_elsewhere_is_no_hindrance_and_has_its_place(intact: dict[str, bytes]) -> None:
    name = f"{FOLDER}/sketches.arrow"
    middle = len(intact[name]) // 2
    segment = flipped(intact, name, middle).segments[0]
    whole = Store.open(MemoryDirectory(intact)).segments[0]

    assert_array_equal(segment.fixed("id_hash"), whole.fixed("id_hash"))
    assert_array_equal(segment.sets([0, N - 1]).hashes, whole.sets([0, N - 1]).hashes)
    with pytest.raises(DamagedIndex) as found:
        segment.sketches  # noqa: B018
    assert found.value.fields == {"file": name, "offset": middle // BLOCK * BLOCK}


@pytest.mark.parametrize("many", [1, N + 1])
def test_rows_come_in_the_order_asked_for_be_they_many_or_few(
    intact: dict[str, bytes], many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "_MANY", many)
    (segment,) = Store.open(MemoryDirectory(intact)).segments
    whole = pa.Table.from_batches(segment.articles())
    chance = np.random.default_rng(1)
    for rows in (chance.integers(0, N, 900), chance.permutation(N), np.array([N - 1]), np.array([7, 7, 3])):
        assert segment.article_rows(rows).equals(whole.take(pa.array(rows)))
        assert segment.article_rows(rows, ["body", "id"]).equals(whole.select(["body", "id"]).take(pa.array(rows)))


def test_where_many_rows_are_read_damage_hinders_those_that_rest_on_it(
    intact: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "_MANY", 1)
    name = f"{FOLDER}/articles.arrow"
    middle = len(intact[name]) // 2
    segment = flipped(intact, name, middle).segments[0]
    far = np.append(np.arange(N // 4), np.arange(3 * N // 4, N))

    assert segment.article_rows(far, ["id"])["id"].to_pylist() == [f"L{row}" for row in far]
    with pytest.raises(DamagedIndex) as found:
        segment.article_rows(np.arange(N), ["id"])
    assert found.value.fields == {"file": name, "offset": middle // BLOCK * BLOCK}


READS: dict[str, Callable[[Segment], object]] = {
    "articles": lambda segment: [batch.to_pylist() for batch in segment.articles()],
    "sketches": lambda segment: segment.sketches,
    "bands": lambda segment: [segment.table(name) for name in segment.tables],
    "links": lambda segment: segment.links,
    "sums": lambda segment: segment.fixed("length"),
}


@pytest.mark.parametrize("part", READS)
def test_the_first_damaged_block_is_named(intact: dict[str, bytes], part: str) -> None:
    name = f"{FOLDER}/{part}.arrow"
    random = Random(part)
    size = len(intact[name])
    for at in [0, size - 1, *(random.randrange(size) for _ in range(12))]:
        store = flipped(intact, name, at)
        with pytest.raises(DamagedIndex) as found:
            READS[part](store.segments[0])
        assert found.value.fields == {"file": name, "offset": 0 if part == "sums" else at // BLOCK * BLOCK}
        (damage,) = store.check()
        assert (damage.file, damage.offset) == (name, found.value.fields["offset"])
        assert not store.segments[0].intact(part)


def test_a_lookup_in_damaged_tables_is_right_or_refused(intact: dict[str, bytes]) -> None:
    name = f"{FOLDER}/bands.arrow"
    whole = Store.open(MemoryDirectory(intact)).segments[0]
    random = Random(3)
    refused = 0
    for _ in range(150):
        table = random.choice(whole.tables)
        asked = [random.choice(whole.table(table)[0]), random.randrange(2**32)]
        wanted = Keys.of({table: np.unique(asked).astype(np.uint32)})
        try:
            found = flipped(intact, name, random.randrange(len(intact[name]))).segments[0].lookup(wanted)
        except DamagedIndex:
            refused += 1
            continue
        for got, expected in zip(found, whole.lookup(wanted), strict=True):
            assert_array_equal(got, expected)
    assert 0 < refused < 150


def test_ids_are_salvaged_block_by_block(intact: dict[str, bytes]) -> None:
    """Even where no hash can be read."""
    name = f"{FOLDER}/articles.arrow"
    broken = {**intact, f"{FOLDER}/sketches.arrow": b""}
    middle = flipped(broken, name, len(intact[name]) // 2)
    ids, lost = middle.segments[0].salvage_ids()

    assert 0 < lost <= 512
    assert len(ids) == N - lost
    assert {f"L{i}" for i in range(N)} >= set(ids)
    ids, lost = flipped(intact, name, len(intact[name]) // 2).segments[0].salvage_ids()
    assert lost <= 128


def test_what_was_let_go_is_read_again(tmp_path: Path, intact: dict[str, bytes]) -> None:
    for name, data in intact.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    store = Store.open(FileDirectory(tmp_path))
    (segment,) = store.segments
    before = segment.sketches.shingles.tolist(), segment.links.to_pylist()
    for file in tmp_path.rglob("*.arrow"):
        file.unlink()
    mapped = resident()
    store.release()

    assert resident() < mapped - 2**20
    assert (segment.sketches.shingles.tolist(), segment.links.to_pylist()) == before


def resident() -> int:
    """Bytes of files that this process has in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssFile"))
