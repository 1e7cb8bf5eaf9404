"""A wire of invented articles that grows, changes and shrinks, and a plain dictionary that says what must be there.

An article is known by its id and the number of its edition, which its title and its text carry: so whoever
reads an index can tell from any answer which change it knows of.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsroom import article, paragraphs

import dedup

Editions = dict[str, int]
# What is done to an index by one call: {"put": {id: edition}}, {"remove": [id, ...]} or {"compact": True}.
Change = dict[str, Any]
_DAYS = [f"2026-05-{day:02d}T{hour:02d}:00:00Z" for day in range(1, 29) for hour in (6, 12, 18)]


def edition(id: str, number: int) -> dict[str, Any]:
    """The article of that id in that edition: three to eight paragraphs of one of the stories on the wire."""
    chance = random.Random(f"{id} {number}")
    story = chance.randrange(max(4, int(id.rpartition("-")[2]) // 3))
    first = chance.randrange(3)
    text = paragraphs(story, first, first + chance.choice([3, 5, 7, 8]))
    return article(
        id,
        f"{text}\nThis is edition {number} of the report {id.replace('-', ' ')}.",
        f"{chance.choice('abcdef')}.example",
        title=f"edition {number}",
        published=chance.choice(_DAYS),
    )


def changes(chance: random.Random, editions: Editions) -> Iterator[Change]:
    """Changes without end to an index that holds these editions: small batches, some removals, rarely a compaction."""
    editions = dict(editions)
    number = max(editions.values(), default=0)
    while True:
        what = chance.random()
        if what < 0.02:
            change: Change = {"compact": True}
        elif what < 0.15 and len(editions) > 10:
            change = {"remove": chance.sample(sorted(editions), chance.randint(1, 5))}
        else:
            number += 1
            known = chance.sample(sorted(editions), min(len(editions), chance.choice([0, 0, 1, 3])))
            newest = max((int(name.rpartition("-")[2]) for name in editions), default=0) + 1 + number % 3
            fresh = [f"report-{newest + i}" for i in range(chance.randint(1, 5 - len(known)))]
            change = {"put": dict.fromkeys([*known, *fresh], number)}
        editions = changed(editions, change)
        yield change


def changed(editions: Editions, change: Change) -> Editions:
    """What an index holds after a change."""
    gone = set(change.get("remove", ()))
    return {name: number for name, number in editions.items() if name not in gone} | change.get("put", {})


def apply(index: dedup.Index, change: Change) -> None:
    """Make a change, by one call."""
    if "put" in change:
        index.add([edition(name, number) for name, number in change["put"].items()])
    elif "remove" in change:
        index.remove(change["remove"])
    else:
        index.compact()


def exported(index: dedup.Index) -> list[dict[str, Any]]:
    """Every article as exported, in order of id."""
    rows: list[dict[str, Any]] = index.export("articles").read_all().to_pylist()
    return sorted(rows, key=lambda row: row["id"])


def held(index: dedup.Index) -> Editions:
    """What an index holds, by its own account."""
    return {row["id"]: int(row["title"].removeprefix("edition ")) for row in exported(index)}


def leftovers(folder: Path) -> int:
    """Files in an index folder beyond those that its commit names, the manifest and the lock."""
    named = (folder / "manifest.json").read_text(encoding="utf-8").count('"xxh3_128"')
    return sum(path.is_file() for path in folder.rglob("*")) - named - 2


def work(tell: Any, folder: str, given: list[Change]) -> None:
    """Make changes one after the other, and tell of each once its call has returned."""
    index = dedup.Index.open(folder)
    for change in given:
        apply(index, change)
        tell("done")
