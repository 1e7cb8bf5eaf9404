"""Answers to show, with what matters to a test said and the rest made up."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from typing import Any

from dedup.evaluate import Explained, Mistake
from dedup.model import (
    Added,
    Article,
    Body,
    Checked,
    Comparison,
    Credit,
    Damage,
    Match,
    Relation,
    Similarity,
    Story,
    StoryChange,
    StoryDetail,
    Turn,
)
from dedup.tune import Point, Tuning

IST = timezone(timedelta(hours=5, minutes=30))
DAWN = datetime(2024, 5, 28, 5, 15, tzinfo=IST)
BODY = (
    "The river authority opened two gates of the Marvani dam on Tuesday.\n"
    "Some 1,200 families were moved to schools in four districts.\n"
    "Power was back in most of the towns by noon.\n"
    "Officials expect the water to fall by the end of the week."
)


def article(id: str, **fields: Any) -> Article:
    made: dict[str, Any] = {
        "outlet": f"{id}.example",
        "url": None,
        "title": "Dam gates opened",
        "published": DAWN,
        "byline": None,
        "dateline": None,
        "credits": (Credit("IANS", "byline"),),
        "body": BODY,
        "story": "s1",
        "relation": Relation.near,
        "jaccard": 0.9,
        "containment": 1.0,
        "kept": 0.9,
        "version": 1,
    }
    return Article(id, **(made | fields))


def story(id: str = "s1", **fields: Any) -> Story:
    made: dict[str, Any] = {
        "title": "Dam gates opened",
        "agencies": ("IANS",),
        "articles": 3,
        "outlets": 3,
        "first": DAWN,
        "last": DAWN + timedelta(hours=3, minutes=5),
        "origin": "first",
        "confidence": 0.8,
    }
    return Story(id, **(made | fields))


def detail(*others: Article, **fields: Any) -> StoryDetail:
    origin = article("first", relation=None, jaccard=None, containment=None, kept=None)
    members = (origin, *others)
    return StoryDetail(story(articles=len(members), outlets=len(members), **fields), members, ())


def match(**fields: Any) -> Match:
    made: dict[str, Any] = {
        "id": "m-1",
        "outlet": "m.example",
        "url": None,
        "title": "Dam gates opened",
        "published": DAWN,
        "story": "s1",
        "relation": Relation.excerpt,
        "same_copy": True,
        "jaccard": 0.4123,
        "containment": 0.98,
        "found": 0.5,
        "passage": "two gates of the Marvani dam",
    }
    return Match(**(made | fields))


def comparison(a: str, b: str, **fields: Any) -> Comparison:
    similarity = Similarity(0.4, 0.5, 0.9, 0.5, 0.9, 61, Relation.extended, True)
    made: dict[str, Any] = {
        "jaccard": 0.4,
        "containment": 0.9,
        "relation": Relation.extended,
        "same_copy": True,
        "rule": "90 % of the shorter narrative, 50 % suffice",
    }
    return Comparison(**(made | fields), similarity=similarity, a=Body(a), b=Body(b))


def added(**fields: Any) -> Added:
    made = {field.name: 0 for field in dataclasses.fields(Added)}
    return Added(**(made | {"seconds": 0.5, "rejects": ()} | fields))


def checked(*damaged: Damage, **fields: Any) -> Checked:
    return Checked("news", 7, 12, 34_000_000, damaged, **fields)


def change(turn: str, id: str = "s1", articles: int = 3, **fields: Any) -> StoryChange:
    """articles: of the story as it is now, 0 where it vanished."""
    now = story(id, articles=articles, **fields.pop("story", {})) if articles else None
    return StoryChange(id, Turn(turn), now, **({"before": (id,), "added": 0, "left": 0} | fields))


def explained(title: str = "Rain", known: bool = True, same_copy: bool = True) -> Explained:
    """A mistake: joined where both articles are known, else apart."""
    compared = (
        dataclasses.replace(comparison(BODY, f"{BODY} Rain is expected."), same_copy=same_copy) if known else None
    )
    titles, outlets = ((title, None), ("x.example", None)) if known else ((None, None), (None, None))
    return Explained(Mistake("a", "b", joined=known), outlets, titles, compared)


def tuning() -> Tuning:
    """Thresholds: those from 0.41 to 0.60 are perfect, lower ones half precise, higher ones find nothing."""
    points = [(0.5, 1.0) if i <= 40 else (1.0, 1.0) if i <= 60 else (1.0, 0.0) for i in range(1, 101)]
    made = tuple(
        Point(i / 100, precision, recall, 2 * precision * recall / (precision + recall))
        for i, (precision, recall) in enumerate(points, 1)
    )
    return Tuning(made, made[49], (0.41, 0.6), made[34], 10, 5, 1)
