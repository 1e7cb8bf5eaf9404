"""The golden indexes: what an earlier dedup of this format wrote opens, and says what it said then.

tests/data/build_golden.py makes them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from newswire import exported, leftovers
from typer.testing import CliRunner

import dedup
from dedup.cli.app import app
from dedup.demo import CORPUS

_DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """A copy of the golden index of the format that this dedup writes."""
    dedup.Index.create(tmp_path / "new")
    form = json.loads((tmp_path / "new" / "manifest.json").read_text(encoding="utf-8"))["format"]
    return Path(shutil.copytree(_DATA / f"golden-{form}", tmp_path / f"golden-{form}"))


def told(golden: Path) -> str:
    """What `dedup export articles` said when the index was made."""
    return (_DATA / f"{golden.name}.jsonl").read_text(encoding="utf-8")


def expected(golden: Path) -> list[dict[str, Any]]:
    return sorted(map(json.loads, told(golden).splitlines()), key=lambda row: row["id"])


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder: when it was changed, and what is in it."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *folder.rglob("*")]
    }


def test_a_golden_index_says_what_it_said_when_it_was_made(golden: Path) -> None:
    result = CliRunner().invoke(app, ["export", "articles", "-i", str(golden)])
    assert (result.exit_code, result.stdout) == (0, told(golden))
    checked = dedup.Index.open(golden).check()
    assert (checked.damaged, checked.files) == ((), sum(path.is_file() for path in golden.rglob("*")) - 2)


def test_a_golden_index_answers_queries(golden: Path) -> None:
    index = dedup.Index.open(golden)
    copies: dict[str, set[str]] = {}
    for row in expected(golden):
        copies.setdefault(row["story"], set()).add(row["id"])
    assert sum(len(story) > 1 for story in copies.values()) > 3
    assert {story.id: story.articles for story in index.stories()} == {
        story: len(ids) for story, ids in copies.items() if len(ids) > 1
    }
    for story, ids in copies.items():
        detail = index.story(story)
        assert {member.id for member in detail.members} == ids
        matches = index.query(index.article(detail.story.origin).body, limit=100)
        assert matches[0].story == story
        assert {match.id for match in matches} >= ids


def test_reading_a_golden_index_writes_nothing(golden: Path) -> None:
    before = state(golden)
    index = dedup.Index.open(golden)
    index.refresh()
    index.check()
    index.info()
    for what in ("articles", "stories", "links"):
        index.export(what).read_all()
    for story in index.stories():
        index.story(story.id)
        index.query_id(story.origin)
    assert state(golden) == before


def test_a_golden_index_goes_on(golden: Path, tmp_path: Path) -> None:
    """Articles that it has are known, others join its stories, and all is as in a new index of the same articles."""
    corpus = {row["id"]: row for row in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines())}
    index = dedup.Index.open(golden)
    known = [row["id"] for row in expected(golden)]
    added = index.add([corpus[name] for name in known])
    # One was put with another text.
    assert (added.added, added.replaced, added.unchanged) == (0, 1, len(known) - 1)
    index.add(CORPUS)
    assert len(index) == len(corpus)
    assert leftovers(golden) == 0

    fresh = dedup.Index.create(tmp_path / "fresh")
    fresh.add(CORPUS)
    assert exported(index) == exported(fresh)
    # Compacting learns templates, from the articles alone.
    for compacted in (index, fresh):
        assert compacted.compact().templates == 3
    assert exported(index) == exported(fresh)
    assert leftovers(golden) == 0
