"""What adding, replacing and removing articles do to an index."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import STORY, article, made, paragraphs, partition, stories_of
from texts import prose

import dedup
from dedup.errors import EmptyInput, IndexLocked, NotFound


def test_several_runs_add_to_one_index_and_give_what_one_run_gives(tmp_path: Path) -> None:
    once = made(tmp_path / "1", STORY)
    thrice = made(tmp_path / "2", STORY[:1], STORY[1:3], STORY[3:])
    assert stories_of(once) == stories_of(thrice)
    assert thrice.info().segments == 3


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    commit = index.info().commit
    added = index.add(STORY)
    assert (added.added, added.replaced, added.unchanged) == (0, 0, 5)
    assert index.info().commit == commit


def test_a_new_text_takes_the_place_of_the_old_one_and_stories_follow(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    added = index.add([article("full", prose(2, 20)), article("copy", prose(1, 20) + "\nOne line more of it.")])
    assert (added.added, added.replaced, added.unchanged) == (0, 2, 0)
    assert partition(index) == [["copy", "cut", "longer"], ["full", "other"]]
    assert len(index) == 5
    assert index.article("full").body == prose(2, 20)
    assert {m.id for m in index.query(paragraphs(2, 4, 5))} == {"full", "other"}


def test_copies_stay_together_when_the_first_of_them_is_replaced(tmp_path: Path) -> None:
    same = [article(f"s{i}", prose(1, 20)) for i in range(3)]
    index = made(tmp_path, [*same, article("cut", paragraphs(1, 0, 4))], [article("s0", prose(9))])
    assert partition(index) == [["cut", "s1", "s2"], ["s0"]]
    links = {(row["a"], row["b"]) for row in index.export("links").read_all().to_pylist()}
    assert links == {("s1", "s2"), ("cut", "s1")}


def test_what_is_removed_is_gone_and_stories_follow(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    assert index.remove(["full", "unknown", "full"]) == 1
    assert partition(index) == [["copy", "cut", "longer"], ["other"]]
    assert {m.id for m in index.query(prose(1, 20))} == {"copy", "cut", "longer"}
    with pytest.raises(NotFound):
        index.article("full")
    assert index.remove(["full"]) == 0
    assert index.add(STORY).added == 1
    assert partition(index) == [["copy", "cut", "full", "longer"], ["other"]]


def test_a_source_that_fails_half_way_keeps_what_it_gave(tmp_path: Path) -> None:
    index = dedup.Index.create(tmp_path / "index")

    def source() -> Iterable[pa.RecordBatch]:
        yield pa.RecordBatch.from_pylist(STORY)
        raise OSError("the cable was pulled")

    reader = pa.RecordBatchReader.from_batches(pa.Table.from_pylist(STORY).schema, source())
    with pytest.raises(OSError, match="cable"):
        index.add(reader)
    assert partition(dedup.Index.open(tmp_path / "index")) == [["copy", "cut", "full", "longer"], ["other"]]


versions = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 3)), min_size=1, max_size=12)


@settings(max_examples=25)
@given(versions, versions, st.data())
def test_the_last_text_of_an_id_counts_however_it_comes(
    first: list[tuple[str, int]], second: list[tuple[str, int]], data: st.DataObject
) -> None:
    import tempfile

    live: dict[str, int] = {}
    expected = {"added": 0, "replaced": 0, "unchanged": 0}
    for name, seed in first + second:
        kind = "added" if name not in live else "unchanged" if live[name] == seed else "replaced"
        expected[kind] += 1
        live[name] = seed
    counts = dict.fromkeys(expected, 0)
    with tempfile.TemporaryDirectory() as folder:
        index = dedup.Index.create(Path(folder) / "index")
        for half in (first, second):
            rows = pa.Table.from_pylist([article(name, prose(seed, 4)) for name, seed in half])
            cut = data.draw(st.integers(0, len(half)))
            added = index.add([*rows.slice(0, cut).to_batches(), *rows.slice(cut).to_batches()])
            for kind in counts:
                counts[kind] += getattr(added, kind)
        assert counts == expected
        assert {name: index.article(name).body for name in live} == {n: prose(s, 4) for n, s in live.items()}
        assert len(index) == len(live)


@settings(max_examples=8)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_stories_do_not_depend_on_order_or_batches(chance: random.Random, batches: int) -> None:
    import tempfile

    articles = [
        *(article(f"{s}-full-{i}", prose(s, 20)) for s in range(4) for i in range(2)),
        *(article(f"{s}-cut-{n}", paragraphs(s, 0, n)) for s in range(4) for n in (3, 5)),
        article("roundup", paragraphs(0, 0, 6) + "\n" + paragraphs(1, 0, 6)),
        article("partial", paragraphs(2, 2, 4) + "\n" + prose(70, 20)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        expected = stories_of(made(Path(folder) / "plain", articles))
        chance.shuffle(articles)
        cuts = sorted(chance.sample(range(1, len(articles)), batches))
        parts = [articles[a:b] for a, b in zip([0, *cuts], [*cuts, len(articles)], strict=True)]
        assert stories_of(made(Path(folder) / "shuffled", *parts)) == expected
    assert expected["roundup"] not in (expected["0-full-0"], expected["1-full-0"])
    assert expected["0-full-0"] != expected["1-full-0"]


def test_an_index_holds_what_is_told_in_any_form(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in STORY))
    table = pa.Table.from_pylist(STORY)
    sources: list[Any] = [
        tmp_path / "a.jsonl",
        [str(tmp_path / "a.jsonl")],
        table,
        table.to_batches(),
        STORY,
        iter(STORY),
    ]
    expected = stories_of(made(tmp_path / "plain", STORY))
    for i, source in enumerate(sources):
        index = dedup.Index.create(tmp_path / f"index-{i}")
        assert index.add(source).added == 5
        assert stories_of(index) == expected


def test_a_long_call_tells_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in STORY))
    seen: list[dedup.Progress] = []
    dedup.Index.create(tmp_path / "index").add(tmp_path / "a.jsonl", progress=seen.append)
    size = (tmp_path / "a.jsonl").stat().st_size
    assert dedup.Progress("read and index", size, size) in seen
    assert [progress.stage for progress in seen[-2:]] == ["link", "stories"]


def test_compiling_a_kernel_is_told() -> None:
    from numba import njit

    from dedup.kernels.compiling import telling

    told: list[bool] = []
    with telling(lambda: told.append(True)):
        kernel = njit(lambda x: x + 1)
        assert kernel(1) == 2
        assert len(told) == 1
        assert kernel(2) == 3
    assert len(told) == 1


def test_a_reader_keeps_its_commit_until_it_refreshes(tmp_path: Path) -> None:
    writer = made(tmp_path, STORY[:2])
    reader = dedup.Index.open(tmp_path / "index")
    writer.add(STORY[2:])
    assert len(reader) == 2
    assert {m.id for m in reader.query(prose(1, 20))} == {"full", "copy"}
    reader.refresh()
    assert stories_of(reader) == stories_of(writer)


def test_what_came_before_a_broken_source_is_kept_by_earlier_commits_only(tmp_path: Path) -> None:
    index = made(tmp_path, STORY[:2])
    with pytest.raises(EmptyInput):
        index.add([{"id": "x"}])
    assert len(dedup.Index.open(tmp_path / "index")) == 2


def test_a_second_writer_is_refused_while_one_adds(tmp_path: Path) -> None:
    index = made(tmp_path, STORY[:1])

    def source() -> Iterable[dict[str, Any]]:
        yield STORY[1]
        with pytest.raises(IndexLocked):
            dedup.Index.open(tmp_path / "index").add(STORY[2:])

    assert index.add(source()).added == 1
