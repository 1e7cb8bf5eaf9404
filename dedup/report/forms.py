"""Every answer as plain JSON values: the one form behind --json and JSONL."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from dedup.model import Body, Comparison

if TYPE_CHECKING:
    from dedup.evaluate import Evaluation, Explained

# json escapes those below a space; some terminals obey these too.
_ESCAPED = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def to_json(value: object) -> Any:
    """value as dict, list, str, int, float, bool or None.

    Dataclasses become objects, times ISO 8601 with their zone, enums their strings, a Body
    its fields with a list of paragraphs. A figure that JSON has no word for (NaN, infinity)
    becomes null. Raises TypeError for a type that is no answer.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        # Figures stem from float32 columns: more digits than this would be noise.
        return round(value, 6) if math.isfinite(value) else None
    return _compound(value)


def _compound(value: object) -> Any:
    if isinstance(value, Body):
        return _body(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _body(body: Body) -> dict[str, Any]:
    return {
        "title": body.title,
        "published": to_json(body.published),
        "byline": body.byline,
        "dateline": body.dateline,
        "credits": to_json(body.credits),
        "outlet": body.outlet,
        "url": body.url,
        "paragraphs": body.paragraphs,
        "text": body.text,
    }


def comparison(compared: Comparison) -> dict[str, Any]:
    """compared with the aligned paragraphs as differences, from A to B."""
    from dedup.report.differences import align

    return {**to_json(compared), "differences": to_json(align(compared.a.paragraphs, compared.b.paragraphs))}


def evaluation(result: Evaluation, explained: Iterable[Explained] | None = None) -> dict[str, Any]:
    """result; its mistakes only where they are explained, each with its two articles and their differences."""
    form: dict[str, Any] = {name: value for name, value in to_json(result).items() if name != "mistakes"}
    if explained is not None:
        form["mistakes"] = [
            {
                **to_json(one.mistake),
                "outlets": to_json(one.outlets),
                "titles": to_json(one.titles),
                "comparison": comparison(one.comparison) if one.comparison else None,
            }
            for one in explained
        ]
    return form


def dumps(value: object, indent: int | None = 2) -> str:
    """to_json(value) as text, in its own script; a lone surrogate is written as its escape."""
    text = json.dumps(to_json(value), ensure_ascii=False, indent=indent, allow_nan=False)
    return text.translate(_ESCAPED).encode("utf-8", "backslashreplace").decode("utf-8")
