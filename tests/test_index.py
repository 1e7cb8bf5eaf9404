"""The index through its public calls: adding, replacing, stories, queries, exports."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import prose

import dedup
from dedup.errors import DamagedIndex, EmptyInput, IndexLocked, MissingInput, NoIndex, NotFound, UsageError
from dedup.model import Relation


def article(id: str, text: str, outlet: str = "a.example", **fields: Any) -> dict[str, Any]:
    return {"id": id, "text": text, "outlet": outlet, **fields}


def paragraphs(seed: int, first: int, last: int) -> str:
    return "\n".join(prose(seed, 20).split("\n")[first:last])


STORY = [
    article("full", prose(1, 20), "wire.example", published="2026-05-01T06:00:00Z", title="Origin"),
    article("copy", prose(1, 20), "b.example", published="2026-05-01T12:30:00+05:30", title="Copied"),
    article("cut", paragraphs(1, 0, 3), "c.example", published="2026-05-01T09:00:00Z"),
    article("longer", prose(1, 20) + "\n" + prose(90, 6), "d.example"),
    article("other", prose(2, 20), "e.example", published="2026-05-02"),
]


def made(folder: Path, *batches: Iterable[dict[str, Any]]) -> dedup.Index:
    index = dedup.Index.open_or_create(folder / "index")
    for batch in batches:
        index.add(list(batch))
    return index


def stories_of(index: dedup.Index) -> dict[str, str]:
    return {row["id"]: row["story"] for row in index.export("articles").read_all().to_pylist()}


def partition(index: dedup.Index) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for name, story in stories_of(index).items():
        groups.setdefault(story, []).append(name)
    return sorted(sorted(group) for group in groups.values())


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> dedup.Index:
    return made(tmp_path_factory.mktemp("index"), STORY)


def test_copies_of_every_length_are_one_story_and_the_rest_is_another(index: dedup.Index) -> None:
    assert partition(index) == [["copy", "cut", "full", "longer"], ["other"]]
    (story,) = index.stories()
    assert (story.articles, story.outlets, story.origin, story.title) == (4, 4, "full", "Origin")
    assert [s.articles for s in index.stories(min_size=1)] == [4, 1]


def test_a_story_is_in_order_of_time_and_says_what_each_kept(index: dedup.Index) -> None:
    detail = index.story("cut")
    assert detail == index.story(detail.story.id)
    # 12:30 in India is 07:00 UTC.
    assert [m.id for m in detail.members] == ["full", "copy", "cut", "longer"]
    assert detail.story.last is not None
    assert detail.story.last.isoformat() == "2026-05-01T09:00:00+00:00"
    by_id = {m.id: m for m in detail.members}
    assert {name: m.relation for name, m in by_id.items()} == {
        "full": None,
        "copy": Relation.identical,
        "cut": Relation.excerpt,
        "longer": Relation.near,
    }
    assert by_id["cut"].kept == pytest.approx(0.3, abs=0.02)
    assert by_id["full"].version == by_id["copy"].version != by_id["cut"].version


def test_the_story_of_a_single_article_has_one_member(index: dedup.Index) -> None:
    detail = index.story("other")
    assert [m.id for m in detail.members] == ["other"]
    assert (detail.story.articles, detail.story.origin) == (1, "other")
    assert detail.members[0].relation is None


def test_a_paragraph_from_the_middle_finds_its_article(index: dedup.Index) -> None:
    for seed, wanted in ((1, {"full", "copy", "longer"}), (2, {"other"})):
        for first in range(3, 9):
            found = index.query(paragraphs(seed, first, first + 1))
            assert {m.id for m in found} == wanted
            assert all(m.found == 1 and m.relation is Relation.excerpt for m in found)


def test_a_quoted_sentence_finds_its_article(tmp_path: Path) -> None:
    speech = " ".join(prose(7, 2).split("\n"))
    index = made(tmp_path, [article("a", f"{prose(1)}\nShe said: “{speech}”\n{prose(3)}"), article("b", prose(4))])
    (match,) = index.query(speech)
    assert (match.id, match.found, match.same_copy) == ("a", 1.0, False)
    assert speech.rstrip(".") in match.passage


def test_a_query_that_shares_nothing_finds_nothing(index: dedup.Index) -> None:
    for text in (prose(50), "", "...", "two words"):
        assert index.query(text) == []


def test_an_article_finds_its_copies_but_not_itself(index: dedup.Index) -> None:
    assert index.query_id("full")[0].id == "copy"
    assert "full" not in {m.id for m in index.query_id("full")}
    assert len(index.query_id("full", limit=2)) == 2


def test_export_gives_every_article_with_its_place(index: dedup.Index) -> None:
    rows = {row["id"]: row for row in index.export("articles").read_all().to_pylist()}
    assert list(rows["full"]) == [
        *("id", "outlet", "url", "title", "published", "story", "relation", "jaccard", "containment", "credits")
    ]
    assert rows["copy"]["published"] == "2026-05-01T12:30:00+05:30"
    assert rows["longer"]["published"] is None
    assert rows["other"]["relation"] is None
    assert rows["cut"]["relation"] == "excerpt"
    assert rows["cut"]["containment"] == 1
    stories = index.export("stories").read_all().to_pylist()
    assert [s["articles"] for s in stories] == [4, 1]
    assert {s["id"] for s in stories} == {row["story"] for row in rows.values()}
    links = {(row["a"], row["b"]): row["relation"] for row in index.export("links").read_all().to_pylist()}
    assert links["full", "copy"] == "identical"
    assert links["full", "cut"] == "extended"
    assert not any("other" in pair for pair in links)


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
    assert links == {("s1", "s2"), ("s1", "cut")}


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


def test_bodies_that_differ_in_quotation_marks_are_two_bodies(tmp_path: Path) -> None:
    plain, edited = prose(1, 20), prose(1, 20).replace("ba", "bo", 3)
    quoted = "\n".join(f"“{paragraph}”" for paragraph in plain.split("\n"))
    articles = [article("a", plain), article("q", quoted), article("n", edited)]
    found = {
        tuple(map(tuple, partition(made(tmp_path / str(i), [articles[i], articles[i - 1], articles[i - 2]]))))
        for i in range(3)
    }
    assert found == {(("a", "n"), ("q",))}


def test_a_source_that_fails_half_way_keeps_what_it_gave(tmp_path: Path) -> None:
    index = dedup.Index.create(tmp_path / "index")

    def source() -> Iterable[pa.RecordBatch]:
        yield pa.RecordBatch.from_pylist(STORY)
        raise OSError("the cable was pulled")

    reader = pa.RecordBatchReader.from_batches(pa.Table.from_pylist(STORY).schema, source())
    with pytest.raises(OSError, match="cable"):
        index.add(reader)
    assert partition(dedup.Index.open(tmp_path / "index")) == [["copy", "cut", "full", "longer"], ["other"]]


@pytest.mark.parametrize(
    "values",
    [{"num_perm": 64}, {"num_perm": 0}, {"seed": -1}, {"anchor_scale": 0}, {"shingle_words": 0}, {"same_copy": 0}],
)
def test_parameters_that_do_not_fit_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"it may be"):
        dedup.Params(**values)


def test_thousands_of_equal_articles_are_one_story_at_once(tmp_path: Path) -> None:
    index = made(
        tmp_path,
        [article(f"e{i}", prose(1)) for i in range(4000)] + [article(f"s{i}", "So short") for i in range(4000)],
    )
    start = time.monotonic()
    assert len(index.story("e7").members) == 4000
    assert len(index.stories()) == 1
    assert time.monotonic() - start < 10


def test_an_index_may_be_empty(tmp_path: Path) -> None:
    index = made(tmp_path, [article("x", prose(1))])
    assert index.remove("x") == 1
    for held in (index, dedup.Index.create(tmp_path / "new")):
        assert (len(held), held.stories(), held.query(prose(1)), held.info().articles) == (0, [], [], 0)
        assert [held.export(what).read_all().num_rows for what in ("articles", "stories", "links")] == [0, 0, 0]
        assert held.check().damaged == ()


def test_check_names_the_damaged_files(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    (file,) = (tmp_path / "index").glob("segments/*/bands.arrow")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    checked = dedup.Index.open(tmp_path / "index").check()
    assert checked.files == 5
    assert [damage.file for damage in checked.damaged] == [str(file.relative_to(tmp_path / "index"))]
    with pytest.raises(DamagedIndex, match=r"bands\.arrow"):
        dedup.Index.open(tmp_path / "index").query(prose(1, 20))


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


def test_empty_bodies_and_captions_make_no_story(tmp_path: Path) -> None:
    index = made(tmp_path, [article(f"c{i}", "Photo gallery") for i in range(5)] + [article("n", "...")])
    assert len(index.stories(min_size=2)) == 0
    assert len(partition(index)) == 6


def test_a_story_of_many_light_edits_is_one_story(tmp_path: Path) -> None:
    words = prose(1, 30).split(" ")
    copies = [
        article(f"v{i:03d}", " ".join(w if (j + i) % 97 else "edit" for j, w in enumerate(words))) for i in range(97)
    ]
    index = made(tmp_path, [*copies, *(article(f"o{i}", prose(100 + i)) for i in range(50))])
    (story,) = index.stories()
    assert story.articles == 97


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


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(NoIndex, match="dedup index"):
        dedup.Index.open(tmp_path / "nowhere")
    index = made(tmp_path, STORY)
    with pytest.raises(NotFound, match="no-such-id"):
        index.article("no-such-id")
    with pytest.raises(NotFound, match="0123456789abcdef"):
        index.story("0123456789abcdef")
    with pytest.raises(MissingInput):
        index.add(tmp_path / "missing.jsonl")
    with pytest.raises(UsageError):
        index.export("everything")
    with pytest.raises(UsageError):
        index.add(STORY, format="docx")


def test_a_second_writer_is_refused_while_one_adds(tmp_path: Path) -> None:
    index = made(tmp_path, STORY[:1])

    def source() -> Iterable[dict[str, Any]]:
        yield STORY[1]
        with pytest.raises(IndexLocked):
            dedup.Index.open(tmp_path / "index").add(STORY[2:])

    assert index.add(source()).added == 1


def test_stories_are_derived_again_where_their_file_is_missing(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    (file,) = (tmp_path / "index").glob("stories-*.arrow")
    file.unlink()
    assert stories_of(dedup.Index.open(tmp_path / "index")) == stories_of(index)


def test_the_public_names_are_there() -> None:
    assert all(getattr(dedup, name) is not None for name in dedup.__all__)
    with pytest.raises(AttributeError):
        dedup.no_such_name  # noqa: B018
