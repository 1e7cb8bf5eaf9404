"""The index through its public calls: stories, queries, exports."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from newsroom import STORY, article, made, paragraphs, partition, stories_of
from texts import prose

import dedup
from dedup.errors import DamagedIndex, MissingInput, NoIndex, NotFound, UsageError
from dedup.model import Relation


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


def test_bodies_that_differ_in_quotation_marks_are_two_bodies(tmp_path: Path) -> None:
    plain, edited = prose(1, 20), prose(1, 20).replace("ba", "bo", 3)
    quoted = "\n".join(f"“{paragraph}”" for paragraph in plain.split("\n"))
    articles = [article("a", plain), article("q", quoted), article("n", edited)]
    found = {
        tuple(map(tuple, partition(made(tmp_path / str(i), [articles[i], articles[i - 1], articles[i - 2]]))))
        for i in range(3)
    }
    assert found == {(("a", "n"), ("q",))}


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
    assert checked.files == 6
    assert [damage.file for damage in checked.damaged] == [str(file.relative_to(tmp_path / "index"))]
    with pytest.raises(DamagedIndex, match=r"bands\.arrow"):
        dedup.Index.open(tmp_path / "index").query(prose(1, 20))


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


def test_stories_are_derived_again_where_their_file_is_missing(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    (file,) = (tmp_path / "index").glob("stories-*.arrow")
    file.unlink()
    assert stories_of(dedup.Index.open(tmp_path / "index")) == stories_of(index)


def test_the_public_names_are_there() -> None:
    assert all(getattr(dedup, name) is not None for name in dedup.__all__)
    with pytest.raises(AttributeError):
        dedup.no_such_name  # noqa: B018


def test_an_index_is_not_opened_with_other_parameters_than_its_own(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    assert len(dedup.Index.open_or_create(tmp_path / "index", dedup.Params())) == 5
    with pytest.raises(dedup.DedupError, match="written with bands 32, this dedup wants bands 16: leave") as refused:
        dedup.Index.open_or_create(tmp_path / "index", dedup.Params(bands=16))
    assert refused.value.exit_code == 4


def test_a_query_in_a_new_process_loads_no_compiler(tmp_path: Path) -> None:
    made(tmp_path, STORY)
    asked = "import sys, dedup; index = dedup.Index.open(sys.argv[1]); index.query('some words'); index.stories()"
    code = f"{asked}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "index")], check=False).returncode == 0
