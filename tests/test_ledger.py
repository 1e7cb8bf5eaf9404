"""What each outlet ran, and a corpus of which every story is there once."""

from __future__ import annotations

import csv
import io
import statistics
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import STORY, article, made
from texts import prose

import dedup
from dedup import dates
from dedup.errors import UsageError
from dedup.model import Outlet
from dedup.report import tables

CREDITS = ("", "(IANS)", "(PTI)")


def wired(
    id: str, seed: int, outlet: str | None, credit: str = "", minutes: int | None = 0, **fields: Any
) -> dict[str, Any]:
    """An article of the story of that seed, with a credit line at its end."""
    start = dates.parse("2026-05-01T06:00:00Z")
    assert start is not None
    published = None if minutes is None else (start[0] + timedelta(minutes=minutes)).isoformat()
    text = prose(seed, 20) + (f"\n{credit}" if credit else "")
    return {"id": id, "outlet": outlet, "text": text, "published": published, "title": f"Story {seed}"}


def row_of(rows: list[Outlet], outlet: str | None) -> Outlet:
    (found,) = [row for row in rows if row.outlet == outlet]
    return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> dedup.Index:
    articles = [
        wired("a1", 1, "wire.example", "(IANS)", 0),
        wired("a2", 1, "b.example", "(IANS)", 30),
        wired("a3", 1, "c.example", "", 90),
        wired("b1", 2, "b.example", "", 10),
        wired("b2", 2, "c.example", "", 20),
        wired("c1", 3, "c.example", "(PTI)", 0),
        wired("d1", 4, "b.example", "", None),
        wired("e1", 5, None, "", 5),
    ]
    return made(tmp_path_factory.mktemp("desk"), articles)


def test_copy_of_an_agency_is_told_with_its_credit_and_without(desk: dedup.Index) -> None:
    rows = desk.outlets()
    assert row_of(rows, "wire.example") == Outlet("wire.example", 1, 1, 1.0, 1, 0, None, None)
    b = row_of(rows, "b.example")
    assert (b.articles, b.stories, b.credited, b.uncredited, b.delay, b.kept) == (3, 2, 1, 0, 30.0, 1.0)
    assert b.agency_share == pytest.approx(1 / 3)
    c = row_of(rows, "c.example")
    # Its own story is no agency's; the story of one article with a credit is agency copy all the same.
    assert (c.articles, c.stories, c.credited, c.uncredited) == (3, 2, 1, 1)
    assert c.delay == statistics.median([90, 10])
    assert [row.outlet for row in rows] == ["c.example", "b.example", "wire.example", None]


def test_the_ledger_of_one_agency_knows_only_its_copy(desk: dedup.Index) -> None:
    rows = desk.outlets("ians")
    assert [row.outlet for row in rows] == ["b.example", "c.example", "wire.example"]
    c = row_of(rows, "c.example")
    assert (c.articles, c.stories, c.credited, c.uncredited, c.delay) == (3, 1, 0, 1, 90.0)
    assert [row.outlet for row in desk.outlets("PTI")] == ["c.example"]
    assert desk.outlets("Nobody") == []


def test_an_empty_index_has_no_outlet(tmp_path: Path) -> None:
    assert dedup.Index.create(tmp_path / "none").outlets() == []


def plainly(index: dedup.Index, agency: str | None) -> dict[str | None, tuple[Any, ...]]:
    """The ledger by its definition, article by article."""
    details = {s.id: index.story(s.id) for s in index.stories(min_size=1)}
    ran: dict[str | None, list[tuple[Any, ...]]] = {}
    for name, detail in details.items():
        origin = next(m for m in detail.members if m.id == detail.story.origin)
        named = {m.id: any(agency in (None, c.agency) for c in m.credits) for m in detail.members}
        for m in detail.members:
            uncredited = not named[m.id] and any(named.values()) and m is not origin
            ours = len(detail.members) > 1 and (agency is None or named[m.id] or uncredited)
            late = None
            if ours and m is not origin and m.published and origin.published:
                late = (m.published - origin.published).total_seconds() / 60
            kept = m.kept if ours and m is not origin else None
            ran.setdefault(m.outlet, []).append((name if ours else None, named[m.id], uncredited, late, kept))
    rows = {}
    for outlet, them in ran.items():
        delays, kepts = [x[3] for x in them if x[3] is not None], [x[4] for x in them if x[4] is not None]
        copy = sum(x[1] or x[2] for x in them)
        if agency is None or copy:
            rows[outlet] = (
                *(len(them), len({x[0] for x in them} - {None}), pytest.approx(copy / len(them))),
                *(sum(x[1] for x in them), sum(x[2] for x in them)),
                pytest.approx(statistics.median(delays)) if delays else None,
                pytest.approx(statistics.mean(kepts)) if kepts else None,
            )
    return rows


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from(["a.example", "b.example", None]),
            st.sampled_from(CREDITS),
            st.none() | st.integers(0, 5000),
        ),
        max_size=9,
    ),
    st.sampled_from([None, "IANS"]),
)
def test_the_ledger_is_what_its_definition_says(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str | None, str, int | None]], agency: str | None
) -> None:
    articles = [wired(f"x{k}", *fields) for k, fields in enumerate(drawn)]
    index = made(tmp_path_factory.mktemp("drawn"), articles) if articles else None
    if index is None:
        return
    rows = index.outlets(agency)
    found = {r.outlet: (r.articles, r.stories, r.agency_share, r.credited, r.uncredited, r.delay, r.kept) for r in rows}
    assert found == plainly(index, agency)


def test_a_ledger_in_csv_runs_no_formula(tmp_path: Path) -> None:
    tables.write(tables.outlets([Outlet("=1+1", 1, 0, 0.0, 0, 0, -3.0, None)]), "csv", tmp_path / "o.csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "o.csv").read_text()))
    assert (row["outlet"], row["delay"], row["kept"]) == ("'=1+1", "-3", "")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> dedup.Index:
    return made(tmp_path_factory.mktemp("kept"), STORY, [article("alone", prose(7, 20))])


@pytest.mark.parametrize(("keep", "kept"), [("origin", "full"), ("longest", "longer"), ("earliest", "full")])
def test_of_a_story_one_article_is_kept_and_names_the_others(index: dedup.Index, keep: str, kept: str) -> None:
    rows = {row["id"]: row for row in index.export("articles", keep=keep).read_all().to_pylist()}
    assert set(rows) == {kept, "other", "alone"}
    assert rows[kept]["others"] == [other for other in ("full", "copy", "cut", "longer") if other != kept]
    assert rows["alone"]["others"] == rows["other"]["others"] == []
    assert rows[kept]["text"] == index.article(kept).body
    whole = {row["id"]: row for row in index.export("articles").read_all().to_pylist()}
    assert {name: rows[kept][name] for name in whole[kept]} == whole[kept]


def test_the_earliest_is_not_always_the_origin(tmp_path: Path) -> None:
    brief = article("brief", "\n".join(prose(1, 20).split("\n")[:3]), published="2026-05-01T05:00:00Z")
    index = made(tmp_path, [*STORY, brief])
    for keep, kept in (("earliest", "brief"), ("origin", "full")):
        ids = index.export("articles", keep=keep).read_all()["id"].to_pylist()
        assert kept in ids
        assert len(ids) == 2


def test_every_article_is_kept_or_named_once(desk: dedup.Index) -> None:
    everyone = sorted(desk.export("articles").read_all()["id"].to_pylist())
    for keep in ("origin", "longest", "earliest"):
        rows = desk.export("articles", keep=keep).read_all().to_pylist()
        assert sorted([one for row in rows for one in (row["id"], *row["others"])]) == everyone


def test_what_was_removed_is_neither_kept_nor_named(tmp_path: Path) -> None:
    index = made(tmp_path, STORY)
    index.remove(["full", "copy"])
    rows = index.export("articles", keep="origin").read_all().to_pylist()
    assert sorted(one for row in rows for one in (row["id"], *row["others"])) == ["cut", "longer", "other"]


def test_an_index_without_stories_is_kept_whole(tmp_path: Path) -> None:
    index = made(tmp_path, [STORY[0], STORY[4]])
    assert index.export("articles", keep="longest").read_all()["id"].to_pylist() == ["full", "other"]


@pytest.mark.parametrize(
    ("what", "keep"), [("stories", "origin"), ("links", "longest"), ("articles", "best"), ("x", None)]
)
def test_other_tables_and_rules_are_refused(index: dedup.Index, what: str, keep: str | None) -> None:
    with pytest.raises(UsageError):
        index.export(what, keep=keep)
