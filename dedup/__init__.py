"""dedup finds every republication of a wire story across news outlets.

    index = dedup.Index.open_or_create("news")
    index.add("articles.jsonl.gz")
    index.query(text)

The names below are the public ones; each is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.api import clean, compare, sketch
    from dedup.errors import DedupError
    from dedup.index import Index
    from dedup.model import (
        Added,
        Article,
        Body,
        Checked,
        Comparison,
        Credit,
        Damage,
        Info,
        Kind,
        Match,
        Outlet,
        Params,
        Progress,
        Rejected,
        Relation,
        Similarity,
        Story,
        StoryDetail,
    )

_PLACES = {"Index": "dedup.index", "DedupError": "dedup.errors"}
_PLACES |= dict.fromkeys(("clean", "compare", "sketch"), "dedup.api")

__all__ = [
    "Added",
    "Article",
    "Body",
    "Checked",
    "Comparison",
    "Credit",
    "Damage",
    "DedupError",
    "Index",
    "Info",
    "Kind",
    "Match",
    "Outlet",
    "Params",
    "Progress",
    "Rejected",
    "Relation",
    "Similarity",
    "Story",
    "StoryDetail",
    "clean",
    "compare",
    "sketch",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES.get(name, "dedup.model")), name)


def __dir__() -> list[str]:
    return __all__
