"""What reading a whole index finds, and what can still be named of what is lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest
from index_builders import PARAMS, commit

from dedup.model import Damage
from dedup.store import FileDirectory, MemoryDirectory, Store

OLDER, NEWER = [f"older {i}" for i in range(300)], ["newer 0", "newer 1"]
ARTICLES = "segments/00000001/articles.arrow"
SKETCHES = "segments/00000001/sketches.arrow"


@pytest.fixture(scope="module")
def intact() -> dict[str, bytes]:
    directory = MemoryDirectory()
    commit(commit(Store.create(directory, PARAMS), OLDER), NEWER, delete=[0, 1])
    return {name: bytes(data) for name, data in directory.files.items()}


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_whole_index_has_no_damage_and_tells_how_far_it_is(intact: dict[str, bytes]) -> None:
    seen: list[tuple[int, int]] = []
    store = Store.open(MemoryDirectory(intact))

    assert store.check(lambda done, total: seen.append((done, total))) == []
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    size = sum(len(data) for name, data in intact.items() if name != "manifest.json")
    assert seen[-1] == (size, size)
    assert all(segment.intact() for segment in store.segments)


def test_each_damaged_file_is_named_also_where_it_was_read_before(tmp_path: Path, intact: dict[str, bytes]) -> None:
    for name, data in intact.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    store = Store.open(FileDirectory(tmp_path))
    assert store.check() == []
    for name, data in intact.items():
        with (tmp_path / name).open("r+b") as file:
            file.write(flipped(data, 100))

    assert {damage.file for damage in store.check()} == set(intact)


def test_what_is_missing_cut_or_a_folder_is_damage(tmp_path: Path, intact: dict[str, bytes]) -> None:
    for name, data in intact.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    segment = tmp_path / "segments/00000001"
    (segment / "links.arrow").unlink()
    (segment / "bands.arrow").write_bytes(intact[f"segments/{segment.name}/bands.arrow"][:100])
    (segment / "articles.arrow").unlink()
    (segment / "articles.arrow").mkdir()
    store = Store.open(FileDirectory(tmp_path))

    assert store.check() == [
        Damage(ARTICLES, 0),
        Damage("segments/00000001/bands.arrow", 100),
        Damage("segments/00000001/links.arrow", 0),
    ]
    assert store.segments[0].intact("sketches")
    assert not store.segments[0].intact("sketches", "links")
    assert not store.segments[0].intact()
    assert store.segments[1].intact()
    shutil.rmtree(tmp_path / "segments")
    assert len(Store.open(FileDirectory(tmp_path)).check()) == 8


def test_a_manifest_that_went_bad_or_away_since_is_damage(intact: dict[str, bytes]) -> None:
    directory = MemoryDirectory(intact)
    store = Store.open(directory)
    directory.files["manifest.json"][50] ^= 1
    assert [damage.file for damage in store.check()] == ["manifest.json"]
    directory.unlink("manifest.json")
    assert store.check() == [Damage("manifest.json", 0)]


def test_all_ids_of_a_whole_file_are_told(intact: dict[str, bytes]) -> None:
    store = Store.open(MemoryDirectory({**intact, SKETCHES: b""}))

    assert store.segments[0].salvage_ids() == (OLDER, 0)
    assert store.segments[0].salvage_ids(store.live(store.segments[0])) == (OLDER[2:], 0)


def test_ids_in_a_damaged_file_are_told_where_they_are_known_to_be_right(intact: dict[str, bytes]) -> None:
    """Of three batches of 128, 128 and 44 rows, those without damage."""
    data = intact[ARTICLES]
    random = Random(1)
    told = []
    for at in [*(random.randrange(len(data)) for _ in range(300)), *range(len(data) - 400, len(data))]:
        store = Store.open(MemoryDirectory({**intact, ARTICLES: flipped(data, at)}))
        ids, lost = store.segments[0].salvage_ids()
        assert set(ids) <= set(OLDER)
        assert len(set(ids)) == len(ids) == 300 - lost
        told.append(len(ids))

    assert np.mean(told) > 150
    assert 300 in told


def test_what_cannot_be_told_is_counted(intact: dict[str, bytes]) -> None:
    missing = {name: data for name, data in intact.items() if name != ARTICLES}
    store = Store.open(MemoryDirectory(missing))
    assert store.segments[0].salvage_ids() == ([], 300)
    assert store.segments[0].salvage_ids(store.live(store.segments[0])) == ([], 298)
    both = {**intact, ARTICLES: flipped(intact[ARTICLES], 5000), SKETCHES: flipped(intact[SKETCHES], 5000)}
    assert Store.open(MemoryDirectory(both)).segments[0].salvage_ids() == ([], 300)
    half = {**intact, ARTICLES: intact[ARTICLES][: len(intact[ARTICLES]) // 2]}
    ids, lost = Store.open(MemoryDirectory(half)).segments[0].salvage_ids()
    assert (ids, lost) == (OLDER[:128], 172)
