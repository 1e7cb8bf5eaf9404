"""What outlets repeat on their pages is learnt by compacting, shown, and left out of what is compared."""

from __future__ import annotations

import json
import random
from itertools import combinations
from typing import Any

import pytest
from newsroom import article, partition
from texts import prose
from typer.testing import CliRunner

import dedup
from dedup.cli.app import app
from dedup.errors import DamagedIndex
from dedup.evaluate import Mistake, explain
from dedup.store import MemoryDirectory, Store
from dedup.templates import learn

Records = list[dict[str, Any]]
BOX = prose(900, 8)  # as long as the stories around it
LINES = BOX.split("\n")


def fresh(*batches: Records, compact: bool = True) -> dedup.Index:
    index = dedup.Index(Store.create(MemoryDirectory()))
    for batch in batches:
        index.add(batch)
    if compact:
        index.compact()
    return index


def pages(count: int, outlet: str = "a.example", box: str = BOX, first: int = 0) -> Records:
    """Unrelated stories over a box."""
    numbers = range(first, first + count)
    return [article(f"{outlet}-{i}", f"{prose(i, 8)}\n{box}", outlet) for i in numbers]


def learnt(*batches: Records) -> list[str]:
    """The lines that are learnt."""
    return [one.line for one in fresh(*batches).templates()]


def answers(index: dedup.Index) -> tuple[Any, ...]:
    articles, links = (
        sorted(json.dumps(row, sort_keys=True, default=str) for row in index.export(what).read_all().to_pylist())
        for what in ("articles", "links")
    )
    return articles, links, index.templates()


def compared(index: dedup.Index) -> list[tuple[int, int]]:
    """Tokens and narrative shingles of each article."""
    store = Store.open(index._store.directory)
    return sorted(
        pair
        for segment in store.segments
        for pair in zip(segment.fixed("length").tolist(), segment.fixed("narrative_length").tolist(), strict=True)
    )


def test_a_box_under_five_unrelated_stories_of_an_outlet_is_learnt() -> None:
    index = fresh(pages(5))

    assert sorted(one.line for one in index.templates()) == sorted(LINES)
    assert {(one.outlet, one.pages, one.sampled, one.stories) for one in index.templates()} == {("a", 5, 5, 5)}
    assert learnt(pages(4)) == []
    assert fresh(pages(5), compact=False).templates() == []


def test_pages_are_told_by_their_number_and_held_against_each_other_up_to_eight() -> None:
    index = fresh(
        pages(5, "b.example", LINES[1]), pages(12, box="\n".join(LINES[:2])), pages(6, box=LINES[2], first=20)
    )

    told = [(one.outlet, one.pages, one.sampled, one.stories, one.line) for one in index.templates()]
    assert sorted(told[:2]) == sorted(("a", 12, 8, 8, line) for line in LINES[:2])
    assert told[2:] == [("a", 6, 6, 6, LINES[2]), ("b", 5, 5, 5, LINES[1])]


STORY = prose(800, 16)
_PARAGRAPHS = STORY.split("\n")
_RUNS = {
    "as it was": [STORY] * 9,
    "with another picture's caption each time": [f"{prose(i, 1)}\n{STORY}" for i in range(9)],
    "with a new lead each time": ["\n".join([prose(i, 4), *_PARAGRAPHS[2:]]) for i in range(9)],
    "with another paragraph left out each time": ["\n".join(_PARAGRAPHS[:i] + _PARAGRAPHS[i + 1 :]) for i in range(8)],
    "longer each time": [f"{prose(801, 2 * i)}\n{STORY}" if i else STORY for i in range(9)],
    "cut further each time": ["\n".join(_PARAGRAPHS[: 8 - i]) for i in range(7)],
    "with teasers around it": [f"{STORY}\n{prose(i, 3, 6)}" for i in range(9)],
}


@pytest.mark.parametrize("runs", _RUNS.values(), ids=_RUNS)
def test_a_story_that_an_outlet_ran_nine_times_is_no_template(runs: list[str]) -> None:
    ran = [article(f"run{i}", text) for i, text in enumerate(runs)]

    assert learnt(ran) == []
    # Nor where a paragraph of it stands in three other stories, or the outlet has boxes too.
    quoted = [article(f"quoted{i}", f"{prose(700 + i, 16)}\n{_PARAGRAPHS[5]}") for i in range(3)]
    assert learnt(ran, quoted) == []
    assert sorted(learnt(ran, pages(5))) == sorted(LINES)


def test_a_box_of_a_few_stories_that_ran_often_is_learnt_where_five_of_them_have_it() -> None:
    def editions(stories: int) -> Records:
        return [
            article(f"{i}-{j}", f"{prose(i, 8)}\n{prose(100 + 9 * i + j, 1)}\n{LINES[0]}")
            for i in range(stories)
            for j in range(3)
        ]

    assert learnt(editions(2)) == []
    assert learnt(editions(12)) == [LINES[0]]


def test_an_outlet_may_spell_its_name_in_many_ways() -> None:
    names = ["Harbour Post", "HARBOUR POST", "The Harbour Post", "Harbour Post Online", "Harbour Post (News)"]
    mixed = [{**one, "outlet": name} for one, name in zip(pages(5), names, strict=True)]

    assert sorted(learnt(mixed)) == sorted(LINES)


def test_what_stands_at_many_outlets_is_no_template_of_theirs() -> None:
    assert learnt([{**one, "outlet": f"outlet{i}.example"} for i, one in enumerate(pages(12))]) == []
    assert learnt([{name: one[name] for name in ("id", "text")} for one in pages(12)]) == []


def test_numbers_case_and_spaces_may_vary() -> None:
    lines = [f"Poll of the week: {40 + i}.{i} percent would vote in May {i}" for i in range(1, 5)]
    lines.append("POLL of the week: 100.0 percent  would vote in\tMay 2027")
    (line,) = learnt([article(f"n{i}", f"{line}\n{prose(i, 8)}") for i, line in enumerate(lines)])

    assert line in lines


def test_boxes_join_no_stories_and_hide_no_copies() -> None:
    """Unrelated pages of one box are apart, and an excerpt under it finds its story."""
    short = [article(f"cut{i}", f"{prose(i, 3)}\n{BOX}") for i in range(20, 26)]
    whole = [article(f"whole{i}", prose(i, 16), "b.example") for i in range(20, 26)]
    index = fresh(pages(6), short, whole, compact=False)
    wrong = partition(index)

    index.compact()

    assert any(len(story) > 2 for story in wrong)
    assert [story for story in partition(index) if len(story) > 1] == [[f"cut{i}", f"whole{i}"] for i in range(20, 26)]
    assert {match.id for match in index.query_id("cut20")} == {"whole20"}
    assert {match.id for match in index.query_id("whole20")} == {"cut20"}


def test_the_body_that_is_kept_is_whole() -> None:
    records = pages(5)
    index = fresh(records)

    assert index.article("a.example-3").body == records[3]["text"]
    assert index.compared("a.example-3") == prose(3, 8)
    assert fresh(records, compact=False).compared("a.example-3") == records[3]["text"]
    assert compared(index) == compared(fresh([{**one, "text": prose(i, 8)} for i, one in enumerate(records)]))


def test_an_article_of_templates_alone_tells_no_story() -> None:
    box = [article("box", BOX), article("box again", BOX, "a.example"), article("other", BOX, "b.example")]
    index = fresh(pages(6), box)

    assert all(len(story) == 1 for story in partition(index))
    assert index.query_id("box") == []


def test_articles_that_come_later_are_compared_by_the_set_of_the_commit() -> None:
    index = fresh(pages(6))

    index.add(pages(4, first=6))
    index.add(pages(1, "www.a.com", first=10))

    assert {one.pages for one in index.templates()} == {6}
    assert compared(index) == compared(fresh(pages(10), pages(1, "www.a.com", first=10)))
    assert all(len(story) == 1 for story in partition(index))
    index.compact()
    assert {one.pages for one in index.templates()} == {11}


def test_what_is_learnt_is_a_function_of_the_live_articles() -> None:
    """Not of their order, batches, what was learnt before, or articles that are gone."""
    records = [
        *pages(9),
        *pages(5, "b.example", LINES[0]),
        *(article(f"run{i}", text, "c.example") for i, text in enumerate(_RUNS["with a new lead each time"])),
        *(article(f"copy{i}", prose(i, 5), "d.example") for i in range(4)),
    ]
    expected = answers(fresh(records))
    chance = random.Random(1)
    for step in (1, 7, 50):
        index = fresh()
        mixed = chance.sample(records, len(records))
        for first in range(0, len(mixed), step):
            index.add(mixed[first : first + step])
            if chance.random() < 3 * step / len(mixed):
                index.add(pages(9, "b.example", LINES[3], first=40))
                index.compact()
        index.remove([one["id"] for one in pages(9, "b.example", first=40)])
        index.add([{**records[0], "text": "Another text."}])
        index.add(records[:1])
        index.compact()
        assert answers(index) == expected
    assert {one.outlet for one in expected[2]} == {"a", "b"}


def test_compacting_again_derives_the_same_bytes() -> None:
    index = fresh(pages(9))
    before = {file.rpartition("/")[2]: record for file, record in index._store.manifest.files() if "segments" in file}

    index.compact()

    after = {file.rpartition("/")[2]: record for file, record in index._store.manifest.files() if "segments" in file}
    assert {name: record.bytes for name, record in before.items()} == {name: r.bytes for name, r in after.items()}
    assert answers(index) == answers(fresh(pages(9)))


def test_what_is_removed_is_unlearnt_by_compacting() -> None:
    index = fresh(pages(6))
    index.remove(["a.example-0", "a.example-1"])
    assert len(index.templates()) == len(LINES)

    done = index.compact()

    assert (done.templates, index.templates()) == (0, [])
    assert compared(index) == compared(fresh(pages(6)[2:], compact=False))
    assert answers(index) == answers(fresh(pages(6)[2:], compact=False))
    assert not any(name.startswith("templates") for name in index._store.directory.list())


def test_much_is_learnt_in_parts_as_it_is_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [one for i in range(12) for one in pages(6, f"outlet{i}.example", LINES[i % 4], first=20 * i)]
    whole = fresh(records).templates()
    # Parts of outlets, some candidates at a time, and slots that different lines share.
    monkeypatch.setattr(learn, "_LINES", 10)
    monkeypatch.setattr(learn, "_JUDGED", 2)
    monkeypatch.setattr(learn, "_CHUNK", 3)
    monkeypatch.setattr(learn, "_SLOTS", range(4, 5))

    assert fresh(records).templates() == whole
    assert len(whole) == 12


def damaged(index: dedup.Index, gone: bool = False) -> dedup.Index:
    directory = MemoryDirectory({name: bytes(data) for name, data in index._store.directory.files.items()})
    (name,) = (name for name in directory.files if name.startswith("templates-"))
    if gone:
        directory.unlink(name)
    else:
        data = bytearray(directory.files[name])
        data[len(data) // 2] ^= 0x10
        directory = MemoryDirectory({**{name: bytes(d) for name, d in directory.files.items()}, name: bytes(data)})
    return dedup.Index(Store.open(directory))


def test_templates_that_are_damaged_are_named_and_learnt_again_by_a_repair() -> None:
    other = [article("other", BOX, "b.example")]
    index = damaged(fresh(pages(6), other))
    for use in (index.templates, index.compact, lambda: index.add(pages(1, first=9)), lambda: index.query_id("other")):
        with pytest.raises(DamagedIndex, match="templates-"):
            use()
    # Neither rests on them.
    assert [match.id for match in index.query(BOX)] == ["other"]
    assert len(index.stories()) == 0

    done = index.check(repair=True)

    assert ([one.file.partition("-")[0] for one in done.damaged], done.lost) == (["templates"], ())
    assert answers(index) == answers(fresh(pages(6), other))
    assert compared(index) == compared(fresh(pages(6), other))


def test_an_index_whose_templates_were_taken_away_goes_on_and_learns_them_by_compacting() -> None:
    index = damaged(fresh(pages(6)), gone=True)
    assert index.templates() == []
    index.add(pages(1, first=9))
    assert [one.file.partition("-")[0] for one in index.check().damaged] == ["templates"]

    index.compact()

    assert answers(index) == answers(fresh(pages(6), pages(1, first=9)))
    assert compared(index) == compared(fresh(pages(6), pages(1, first=9)))


def test_a_repair_learns_from_what_is_left() -> None:
    index = fresh(pages(6))
    index.add(pages(5, "b.example", LINES[0]))
    directory = index._store.directory
    files = {name: bytes(data) for name, data in directory.files.items()}
    broken = next(name for name in sorted(files, reverse=True) if name.endswith("articles.arrow"))
    files[broken] = files[broken][:-1] + b"!"
    index = dedup.Index(Store.open(MemoryDirectory(files)))

    done = index.check(repair=True)

    assert len(done.lost) + done.unnamed == 5
    assert answers(index) == answers(fresh(pages(6)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("index") / "news")
    dedup.Index.create(path).add([*pages(6), *pages(5, "The Bee Online", "Write to us: [1] or [2]", first=20)])
    dedup.Index.open(path).add([article("other", BOX, "b.example")])
    return path


def run(*arguments: str) -> str:
    result = CliRunner(env={"COLUMNS": "60"}).invoke(app, [*arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_commands_learn_and_list_templates(folder: str) -> None:
    assert run("templates", "-i", folder) == "No template: `dedup compact` learns them.\n"
    assert json.loads(run("templates", "--json", "-i", folder)) == {"templates": []}

    assert json.loads(run("compact", "--json", "-i", folder))["templates"] == 5
    assert "5 templates" in run("compact", "-i", folder)

    told = json.loads(run("templates", "--json", "-i", folder))["templates"]
    assert told[-1] == {"outlet": "bee", "line": "Write to us: [1] or [2]", "pages": 5, "sampled": 5, "stories": 5}
    assert len(told) == 5
    shown = run("templates", "-i", folder).splitlines()
    assert shown[0].split() == ["outlet", "pages", "stories", "line"]
    assert shown[-1].split() == ["bee", "5", "5", "of", "5", "Write", "to", "us:", "[1]", "or", "[2]"]
    assert all(len(line) <= 60 for line in shown)


def test_two_articles_are_compared_by_what_is_their_own(folder: str) -> None:
    run("compact", "-i", folder)
    index = dedup.Index.open(folder)
    for a, b in combinations([f"a.example-{i}" for i in range(3)], 2):
        told = json.loads(run("compare", a, b, "--json", "-i", folder))
        assert (told["same_copy"], told["containment"]) == (False, 0)
        assert dedup.compare(index.article(a).body, index.article(b).body).containment > 0.3


def test_a_page_is_searched_for_by_what_is_its_own(folder: str) -> None:
    pytest.importorskip("trafilatura")
    run("compact", "-i", folder)
    index = dedup.Index.open(folder)
    text = "".join(f"<p>{line}</p>" for line in f"{prose(50, 8)}\n{BOX}".split("\n"))
    address = '<link rel="canonical" href="https://www.a.example/story">'
    page = f"<html><head><title>T</title>{address}</head><body><article>{text}</article></body></html>"

    assert dedup.clean(page).outlet == "a.example"
    assert index.query(page) == []
    assert [match.id for match in index.query(page.replace(address, ""))] == ["other"]


def test_what_is_told_of_a_wrong_pair_is_what_was_compared() -> None:
    wrong = Mistake("a.example-1", "a.example-2", joined=True)

    for compact in (True, False):
        (told,) = explain(fresh(pages(5), compact=compact), [wrong])
        assert told.comparison
        assert (told.comparison.containment > 0.3) is not compact


def test_the_web_page_compares_articles_by_what_is_their_own() -> None:
    view = pytest.importorskip("dedup.serve.view", reason="the extra serve is not installed")

    for compact in (True, False):
        compared, left, right = view.View(fresh(pages(5), compact=compact)).compare("a.example-1", "a.example-2")
        assert (left.id, right.id) == ("a.example-1", "a.example-2")
        assert (compared.containment > 0.3) is not compact
