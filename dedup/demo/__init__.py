"""The demo: the bundled corpus indexed, asked and measured. README.md tells what the corpus holds."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path

from dedup.evaluate import Evaluation, assigned, evaluate
from dedup.index import Index
from dedup.labels import read_gold
from dedup.model import Added, Match, Progress, Story, StoryDetail

HERE = Path(__file__).parent
CORPUS, GOLD, PAGE = HERE / "corpus.jsonl", HERE / "gold.tsv", HERE / "page.txt"


@dataclasses.dataclass(frozen=True, slots=True)
class Demo:
    """All that the demo shows: detail of the story with the most versions, matches of PAGE."""

    added: Added
    stories: list[Story]
    detail: StoryDetail
    matches: list[Match]
    evaluation: Evaluation


def run(folder: Path | None = None, *, progress: Callable[[Progress], None] | None = None) -> Demo:
    """Index the corpus in folder, or in one that is gone afterwards, and ask it.

    Raises what Index.open_or_create and Index.add raise.
    """
    if folder is not None:
        return _run(folder, progress)
    with tempfile.TemporaryDirectory(prefix="dedup-demo-") as aside:
        return _run(Path(aside) / "index", progress)


def _run(folder: Path, progress: Callable[[Progress], None] | None) -> Demo:
    index = Index.open_or_create(folder)
    added = index.add(CORPUS, progress=progress)
    stories = index.stories()
    details = [index.story(story.id) for story in stories]
    gold, ambiguous = read_gold(GOLD)
    return Demo(
        added=added,
        stories=stories,
        detail=max(details, key=lambda detail: max(member.version for member in detail.members)),
        matches=index.query(PAGE.read_text(encoding="utf-8"), limit=3),
        evaluation=evaluate(assigned(index.export("articles")), gold, ambiguous),
    )


def next_steps(folder: Path | None) -> list[tuple[str, str]]:
    """Commands to try after the demo, and what each does."""
    kept = folder or Path("demo-index")
    make = [] if folder else [(f"dedup demo -i {kept}", "keep the index of the demo")]
    return [
        *make,
        (f"dedup stories -i {kept} --min-size 5", "the most republished"),
        (f"dedup outlets -i {kept}", "who ran whose copy, with credit or without"),
        (f"dedup report -i {kept} -o demo.html", "all of it as one HTML file"),
        (f"dedup export articles -i {kept} -o demo.csv", "every article with its story"),
        ("dedup index ARTICLES.jsonl", "your own articles"),
        ("dedup --help", "every command"),
    ]
