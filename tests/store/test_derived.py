"""What is derived from the articles, and commits that begin anew."""

from __future__ import annotations

import pyarrow as pa
import pytest
from index_builders import PARAMS, add, articles, bands, commit, everything, links, live_ids, sketches, stories

from dedup.store import MemoryDirectory, Store


@pytest.fixture
def store() -> Store:
    return Store.create(MemoryDirectory(), PARAMS)


def told(tables: list[pa.Table] | None) -> list[int]:
    """How many rows each part has."""
    return [table.num_rows for table in tables or []]


def test_parts_of_stories_are_kept_as_many_as_wanted(store: Store) -> None:
    for rows, keep in [(5, 0), (1, 1), (2, 2), (3, 1), (4, 0)]:
        with store.writer() as writer:
            writer.set_stories(stories(rows), 10 * rows, keep)
            writer.commit()
            store = writer.store
        found = Store.open(store.directory)
        assert told(found.stories()) == told(store.stories())
        record = found.manifest.stories
        assert (record.as_of, record.count) == (found.manifest.generation, 10 * rows)
        if rows == 2:
            assert told(store.stories()) == [5, 1, 2]
        if rows == 3:
            assert told(store.stories()) == [5, 3]

    assert told(store.stories()) == [4]
    assert store.directory.list() == ["manifest.json", "stories-5.arrow"]


def test_a_part_is_read_once_also_by_later_commits(store: Store) -> None:
    first = commit(store, ["a"])
    read = first.stories()[0]
    second = commit(first, ["b"])
    with second.writer() as writer:
        writer.set_stories(stories(1), 1, keep=1)
        writer.commit()

    assert first.stories()[0] is read
    assert second.stories()[0] is not read
    assert second.refresh().stories()[0] is second.stories()[0]


def test_more_parts_than_there_are_cannot_stay(store: Store) -> None:
    with store.writer() as writer:
        for keep in (1, -1):
            with pytest.raises(ValueError, match="parts"):
                writer.set_stories(stories(1), 1, keep)
            with pytest.raises(ValueError, match="parts"):
                writer.set_changes(stories(1), 0, keep)


def test_stories_stay_but_are_stale_after_a_commit_without_them(store: Store) -> None:
    store = commit(store, ["a", "b"])
    with store.writer() as writer:
        add(writer, ["c"])
        writer.commit()
        added = writer.store
        writer.set_stories(stories(3), 1)
        writer.commit()
        writer.delete([0])
        writer.commit()
        removed = writer.store

    assert (added.manifest.stories.as_of, added.manifest.generation) == (1, 2)
    assert told(added.stories()) == [2]
    assert (removed.manifest.stories.as_of, removed.manifest.generation) == (3, 4)


def test_stories_stay_current_where_no_row_changes(store: Store) -> None:
    store = commit(store, ["a", "b"])
    with store.writer() as writer:
        writer.set_crowds(stories(7))
        writer.commit()
        store = writer.store
        assert (store.manifest.stories.as_of, store.manifest.generation) == (2, 2)
        add(writer, ["c"])
        writer.commit()
        writer.set_crowds(stories(8))
        writer.commit()
        store = writer.store

    assert (store.manifest.stories.as_of, store.manifest.generation) == (2, 4)


def test_crowds_and_changes_stay_until_others_come(store: Store) -> None:
    with store.writer() as writer:
        writer.set_crowds(stories(2))
        writer.set_changes(stories(3), since=0)
        writer.commit()
        add(writer, ["a"])
        writer.commit()
        writer.set_changes(stories(4), since=1, keep=1)
        writer.commit()
        kept = writer.store
        writer.set_crowds(stories(5))
        writer.set_changes(stories(6), since=2)
        writer.commit()

    assert (kept.crowds().num_rows, told(kept.changes()), kept.manifest.changes.since) == (2, [3, 4], 1)
    last = Store.open(store.directory)
    assert (last.crowds().num_rows, told(last.changes()), last.manifest.changes.since) == (5, [6], 2)
    assert "crowds-1.arrow" not in store.directory.list()


def test_tables_without_rows_replace_those_with_some(store: Store) -> None:
    for rows in (2, 0):
        with store.writer() as writer:
            writer.set_stories(stories(rows), 0)
            writer.set_crowds(stories(rows))
            writer.set_changes(stories(rows), since=0)
            writer.commit()
            store = writer.store

    assert (told(store.stories()), store.crowds().num_rows, told(store.changes())) == ([0], 0, [0])


def test_what_was_taken_away_is_not_there(store: Store) -> None:
    with store.writer() as writer:
        writer.set_stories(stories(1), 1)
        writer.set_crowds(stories(1))
        writer.set_changes(stories(1), since=0)
        writer.set_templates(stories(1))
        writer.commit()
    for kind in ("stories", "crowds", "changes", "templates"):
        store.directory.unlink(f"{kind}-1.arrow")

    store = Store.open(store.directory)
    assert (store.stories(), store.crowds(), store.changes(), store.templates()) == (None, None, [], None)


def test_a_segment_may_bring_links_alone(store: Store) -> None:
    store = commit(store, ["a", "b", "c"])
    with store.writer() as writer:
        writer.add_segment([], sketches(0), bands(3, 0), links([(0, 2)]))
        add(writer, ["d"])
        writer.commit()
    store = Store.open(store.directory)

    assert [(segment.base, segment.rows) for segment in store.segments] == [(0, 3), (3, 0), (3, 1)]
    assert store.segments[1].links.equals(links([(0, 2)]))
    assert len(store.segments[1].sketches) == 0
    assert live_ids(store) == list("abcd")
    assert store.article_rows([3, 2], ["id"])["id"].to_pylist() == ["d", "c"]


@pytest.mark.parametrize("pairs", [[(1, 0)], [(1, 1)], [(0, 2), (0, 1)], [(1, 2), (0, 1)], [(0, 3)]])
def test_links_out_of_order_or_of_no_rows_are_refused(store: Store, pairs: list[tuple[int, int]]) -> None:
    with store.writer() as writer, pytest.raises(ValueError, match="links"):
        writer.add_segment([articles("abc")], sketches(3), bands(0, 3), links(pairs))


def test_what_is_staged_can_be_read_and_is_published_at_once(store: Store) -> None:
    store = commit(store, ["a", "b"])
    before = everything(store)
    with store.writer() as writer:
        writer.restart()
        assert (writer.next_row, writer.store.segments, writer.store.stories()) == (0, (), None)
        add(writer, ["c", "d", "e"])
        writer.stage()
        assert live_ids(writer.store) == ["c", "d", "e"]
        writer.delete([1])
        add(writer, ["f"])
        writer.stage()
        assert live_ids(writer.store) == ["c", "e", "f"]
        assert everything(Store.open(store.directory)) == before
        writer.set_stories(stories(3), 1)
        writer.commit()
        assert live_ids(writer.store) == ["c", "e", "f"]

    after = Store.open(store.directory)
    assert live_ids(after) == ["c", "e", "f"]
    assert (after.manifest.generation, after.manifest.next_row, told(after.stories())) == (2, 4, [3])
    assert set(store.directory.list()) == {"manifest.json", *(name for name, _ in after.manifest.files())}
    assert everything(store) == before


def test_beginning_anew_keeps_what_became_of_stories(store: Store) -> None:
    with store.writer() as writer:
        add(writer, ["a"])
        writer.set_changes(stories(2), since=0)
        writer.set_crowds(stories(2))
        writer.commit()
        writer.restart()
        add(writer, ["b"])
        writer.commit()
    store = Store.open(store.directory)

    assert told(store.changes()) == [2]
    assert store.crowds() is None
    assert live_ids(store) == ["b"]


def test_templates_stay_until_others_come_or_the_index_begins_anew(store: Store) -> None:
    with store.writer() as writer:
        writer.set_templates(stories(2))
        writer.commit()
        add(writer, ["a"])
        writer.commit()
        kept = writer.store
        writer.set_templates(stories(3))
        writer.commit()
        others = writer.store
        writer.restart()
        add(writer, ["b"])
        writer.commit()

    assert [one.templates().num_rows for one in (kept, others)] == [2, 3]
    last = Store.open(store.directory)
    assert (last.templates(), last.manifest.templates) == (None, None)
    assert not any(name.startswith("templates") for name in store.directory.list())


def test_an_index_may_become_empty(store: Store) -> None:
    store = commit(store, ["a"])
    with store.writer() as writer:
        writer.restart()
        writer.commit()

    assert Store.open(store.directory).segments == ()
    assert store.directory.list() == ["manifest.json"]


@pytest.mark.parametrize("anew", [True, False])
def test_what_was_staged_goes_with_a_writer_that_did_not_commit(store: Store, anew: bool) -> None:
    store = commit(store, ["a", "b"])
    files = store.directory.list()
    with store.writer() as writer:
        if anew:
            writer.restart()
        add(writer, ["c", "d"])
        writer.delete([0])
        writer.stage()
        add(writer, ["e"])

    assert store.directory.list() == files
    assert live_ids(Store.open(store.directory)) == ["a", "b"]


def test_staging_without_beginning_anew_does_no_harm(store: Store) -> None:
    store = commit(store, ["a", "b"])
    with store.writer() as writer:
        writer.stage()
        assert writer.commit().generation == 1
        add(writer, ["c"])
        writer.delete([0])
        writer.stage()
        writer.stage()
        add(writer, ["d"])
        writer.delete([0, 2])
        writer.commit()
        assert everything(writer.store) == everything(Store.open(store.directory))

    assert live_ids(Store.open(store.directory)) == ["b", "d"]
    assert Store.open(store.directory).manifest.stories.as_of == 1


def test_what_was_written_before_beginning_anew_goes(store: Store) -> None:
    store = commit(commit(store, ["x"]), ["y"])
    with store.writer() as writer:
        add(writer, ["a"])
        writer.delete([0])
        writer.stage()
        writer.merge(writer.store.segments)
        add(writer, ["b"])
        writer.restart()
        add(writer, ["c"])
        writer.commit()

        assert live_ids(writer.store) == ["c"]
        named = {"manifest.json", *(name for name, _ in writer.store.manifest.files())}
        assert set(store.directory.list()) == named
