"""Articles of invented outlets, and an index of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from texts import prose

import dedup


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
