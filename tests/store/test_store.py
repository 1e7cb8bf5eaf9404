from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_builders import (
    NUM_PERM,
    PARAMS,
    add,
    articles,
    bands,
    commit,
    everything,
    links,
    live_ids,
    sketches,
    stories,
)
from numpy.testing import assert_array_equal

from dedup.errors import IndexExists, IndexLocked, NoIndex
from dedup.model import ARTICLES, LINKS
from dedup.store import Directory, FileDirectory, MemoryDirectory, Sketches, Store


@pytest.fixture(params=["file", "memory"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Directory:
    return FileDirectory(tmp_path / "made" / "index") if request.param == "file" else MemoryDirectory()


@pytest.fixture
def store(directory: Directory) -> Store:
    return Store.create(directory, PARAMS)


def test_a_new_index_is_empty_and_keeps_its_parameters(store: Store) -> None:
    opened = Store.open(store.directory)

    assert opened.params == PARAMS
    assert opened.segments == ()
    assert opened.stories() is None
    assert opened.manifest.articles == 0
    assert opened.article_rows([]).schema == ARTICLES


def test_what_was_committed_is_read_again(store: Store) -> None:
    written = sketches(5, seed=7)
    tables = bands(0, 5)
    with store.writer() as writer:
        writer.add_segment([articles("abcde")], written, tables, links([(0, 1), (2, 4)]))
        writer.set_stories(stories(3), 3)
        writer.commit()

    (segment,) = Store.open(store.directory).segments
    assert pa.Table.from_batches(segment.articles()).to_pylist() == articles("abcde").to_pylist()
    for name in Sketches.__dataclass_fields__:
        assert_array_equal(getattr(segment.sketches, name), getattr(written, name))
    assert segment.tables == ["id", "band-00", "anchor"]
    for name, (keys, rows) in tables.items():
        assert_array_equal(segment.table(name)[0], keys)
        assert_array_equal(segment.table(name)[1], rows)
    assert segment.links.equals(links([(0, 1), (2, 4)]))
    assert Store.open(store.directory).stories()[0].equals(stories(3))


def test_views_of_a_segment_are_read_only(store: Store) -> None:
    (segment,) = commit(store, ["a"]).segments

    with pytest.raises(ValueError, match="read-only"):
        segment.sketches.signatures[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        segment.table("id")[0][0] = 1


def test_runs_add_segments_with_rows_that_only_grow(store: Store) -> None:
    store = commit(store, ["a", "b", "c"])
    store = commit(store, ["d"])

    assert [(segment.base, segment.rows) for segment in store.segments] == [(0, 3), (3, 1)]
    assert store.manifest.next_row == 4
    assert store.manifest.generation == 2
    assert live_ids(store) == ["a", "b", "c", "d"]


def test_a_replaced_row_is_gone_and_its_new_one_is_there(store: Store) -> None:
    store = commit(store, ["a", "b", "c"])
    store = commit(store, ["b"], delete=[1])

    assert live_ids(store) == ["a", "c", "b"]
    assert store.manifest.articles == 3
    assert_array_equal(store.deleted, np.array([1], np.uint32))


def test_many_removals_stay_few_files(store: Store) -> None:
    store = commit(store, [f"a{i}" for i in range(40)])
    for row in range(30):
        with store.writer() as writer:
            writer.delete([row, row // 2])
            writer.commit()

    store = Store.open(store.directory)
    assert_array_equal(store.deleted, np.arange(30))
    assert len(store.manifest.deletes) <= 8
    assert store.manifest.articles == 10
    assert sum(name.startswith("deletes/") for name in store.directory.list()) == len(store.manifest.deletes)


def test_rows_of_no_segment_cannot_be_removed_or_read(store: Store) -> None:
    store = commit(store, ["a"])

    with store.writer() as writer, pytest.raises(IndexError):
        writer.delete([1])
    with pytest.raises(IndexError):
        store.article_rows([1])
    with pytest.raises(IndexError):
        store.segments[0].article_rows([-1])


def test_nothing_to_commit_is_no_commit(store: Store) -> None:
    store = commit(store, ["a"], delete=[0])
    files = store.directory.list()
    with store.writer() as writer:
        writer.delete([0])
        writer.add_segment([], sketches(0), bands(1, 0), links())
        assert writer.commit() == store.manifest

    assert store.directory.list() == files


def test_a_writer_left_without_commit_leaves_nothing(store: Store) -> None:
    store = commit(store, ["a"])
    files = store.directory.list()
    with pytest.raises(KeyboardInterrupt), store.writer() as writer:
        add(writer, ["b"])
        writer.segment().write_articles(articles(["c"]))
        raise KeyboardInterrupt

    assert store.directory.list() == files
    assert live_ids(Store.open(store.directory)) == ["a"]


def test_one_writer_may_commit_often(store: Store) -> None:
    with store.writer() as writer:
        for ids in ("ab", "c", "def"):
            add(writer, list(ids))
            writer.commit()
            assert writer.store.manifest == Store.open(store.directory).manifest

    assert live_ids(Store.open(store.directory)) == list("abcdef")


@pytest.mark.parametrize("sizes", [[300], [1, 127, 128], [50] * 7, [0, 129, 0, 3]])
def test_articles_come_in_batches_of_any_size(store: Store, sizes: list[int]) -> None:
    n = sum(sizes)
    ids = [f"id-{i}" for i in range(n)]
    with store.writer() as writer:
        segment = writer.segment()
        at = 0
        for size in sizes:
            segment.write_articles(articles(ids[at : at + size]))
            at += size
        segment.finish(sketches(n), bands(0, n), links())
        writer.commit()

    (read,) = Store.open(store.directory).segments
    assert pa.Table.from_batches(read.articles()).equals(pa.Table.from_batches([articles(ids)]))


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_rows_come_in_the_order_asked_for(data: st.DataObject) -> None:
    store = Store.create(MemoryDirectory(), PARAMS)
    store = commit(store, [f"{i}" for i in range(300)])
    store = commit(store, [f"{i}" for i in range(300, 310)])
    rows = data.draw(st.lists(st.integers(0, 309), max_size=12))

    assert store.article_rows(rows, ["id"])["id"].to_pylist() == [str(row) for row in rows]


def test_only_the_columns_asked_for_are_read(store: Store) -> None:
    store = commit(store, ["a", "b"])

    assert store.article_rows([1, 0], ["outlet", "id"]).to_pylist() == [
        {"outlet": "harbour.example", "id": "b"},
        {"outlet": "harbour.example", "id": "a"},
    ]
    assert next(store.segments[0].articles(["id"])).schema.names == ["id"]
    assert store.article_rows([], ["id"]).schema.names == ["id"]
    with pytest.raises(KeyError):
        store.article_rows([0], ["no such column"])


def test_a_reader_keeps_its_commit_while_a_writer_goes_on(store: Store) -> None:
    reader = commit(store, ["a", "b"])
    before = everything(Store.open(store.directory))
    reader = Store.open(store.directory)
    commit(commit(store, ["c"], delete=[0]), ["d"], delete=[1, 2])
    for name in reader.directory.list():  # even when every file is gone
        reader.directory.unlink(name)

    assert everything(reader) == before


def test_a_commit_between_manifest_and_files_is_followed() -> None:
    class Busy(MemoryDirectory):
        """Commits once more just before a reader gets to the stories of the commit that it read."""

        busy = False

        def read(self, name: str) -> pa.Buffer:
            if self.busy and name.startswith("stories"):
                self.busy = False
                commit(Store.open(self), ["b"])
            return super().read(name)

    directory = Busy()
    commit(Store.create(directory, PARAMS), ["a"])
    directory.busy = True
    store = Store.open(directory)

    assert live_ids(store) == ["a", "b"]
    assert store.stories() is not None


def test_refresh_moves_on_and_keeps_what_both_commits_share(store: Store) -> None:
    reader = commit(store, ["a"])
    commit(reader, ["b"])

    moved = reader.refresh()
    assert moved.segments[0] is reader.segments[0]
    assert live_ids(moved) == ["a", "b"]
    assert live_ids(reader) == ["a"]
    assert moved.refresh() is moved


def test_a_writer_starts_from_the_last_commit_not_from_its_readers(store: Store) -> None:
    commit(store, ["a"])
    with store.writer() as writer:
        assert writer.next_row == 1
        assert live_ids(writer.store) == ["a"]


def test_a_second_writer_is_refused(store: Store) -> None:
    with store.writer(), pytest.raises(IndexLocked), Store.open(store.directory).writer():
        pass
    with store.writer():
        pass


def test_an_index_is_not_made_over_another(store: Store) -> None:
    with pytest.raises(IndexExists):
        Store.create(store.directory)


@pytest.mark.parametrize("path", ["nothing", "empty", "file"])
def test_where_there_is_no_index_it_says_so(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(NoIndex):
        Store.open(FileDirectory(tmp_path / path))


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deletes").mkdir()
    for name in ("notes.txt", "stories.arrow", "deletes/mine.arrow"):
        (tmp_path / name).write_text("mine")
    store = commit(Store.create(FileDirectory(tmp_path), PARAMS), ["a"], delete=[0])
    commit(store, ["b"])

    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "stories.arrow").read_text() == "mine"
    assert (tmp_path / "deletes/mine.arrow").read_text() == "mine"


def test_any_arrow_tool_can_open_the_files(tmp_path: Path) -> None:
    commit(Store.create(FileDirectory(tmp_path), PARAMS), ["a", "b"])
    found = {path.stem: pa.ipc.open_file(path).read_all() for path in tmp_path.rglob("*.arrow")}

    assert found["articles"]["id"].to_pylist() == ["a", "b"]
    assert found["sketches"].num_rows == 2
    assert found["links"].schema.equals(LINKS)


def wrong_shapes() -> dict[str, tuple[Sketches, dict[str, tuple[np.ndarray, np.ndarray]], pa.Table]]:
    good, tables, none = sketches(2), bands(0, 2), links()
    replaced = {name: getattr(good, name) for name in Sketches.__dataclass_fields__}
    return {
        "an article too few": (sketches(1), bands(0, 1), none),
        "another num_perm": (sketches(2, num_perm=NUM_PERM + 1), tables, none),
        "another type": (Sketches(**{**replaced, "lengths": good.lengths.astype(np.int64)}), tables, none),
        "offsets short": (Sketches(**{**replaced, "shingles": np.append(good.shingles, np.uint32(1))}), tables, none),
        "no bit a shingle": (
            Sketches(**{**replaced, "narrative_offsets": np.zeros(3, np.int64), "narrative": np.empty(0, np.uint8)}),
            tables,
            none,
        ),
        "keys unsorted": (good, {"id": (np.array([2, 1], np.uint32), np.array([0, 1], np.uint32))}, none),
        "rows unsorted": (good, {"id": (np.array([1, 1], np.uint32), np.array([1, 0], np.uint32))}, none),
        "another schema": (good, tables, pa.table({"a": [1]})),
    }


@pytest.mark.parametrize("case", wrong_shapes())
def test_columns_that_do_not_agree_are_refused_and_leave_nothing(case: str) -> None:
    store = Store.create(MemoryDirectory(), PARAMS)
    with store.writer() as writer:
        with pytest.raises(ValueError):
            writer.add_segment([articles("ab")], *wrong_shapes()[case])
        with pytest.raises(RuntimeError):
            writer.commit()

    assert store.directory.list() == ["manifest.json"]
