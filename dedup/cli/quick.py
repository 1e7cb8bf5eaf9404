"""Values of the command line that are plainly right, without pydantic: typer loads that, 0.1 s, to look at any."""

from __future__ import annotations

import os
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from typer.core import TyperCommand


class Verb(TyperCommand):
    """A command whose parameters ask typer only about values that may be wrong."""

    def get_params(self, ctx: Any) -> list[Any]:
        return hastened(super().get_params(ctx))


def hastened(parameters: list[Any]) -> list[Any]:
    """The same parameters, which ask typer only about values that may be wrong."""
    for parameter in parameters:
        # Another typer has no such method, and no pydantic.
        given = getattr(parameter, "get_runtime_param", None)
        if given and "get_runtime_param" not in vars(parameter):
            vars(parameter)["get_runtime_param"] = partial(_Quick, given)
    return parameters


class _Quick:
    """Typer's conversion of a parameter's values, loaded when it is needed."""

    def __init__(self, given: Any) -> None:
        self._given = given

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        kind, info = param.type_descriptor.annotation, param.type_descriptor.parameter_info
        if kind == list[str] and several and not isinstance(value, str):
            values = [quick(one, str, info) for one in value]
            found: Any = None if None in values else values
        else:
            found = None if several else quick(value, kind, info)
        return self._given().coerce(value, param=param, ctx=ctx) if found is None else found


def quick(value: Any, kind: Any, info: Any) -> Any:
    """value as kind, where there can be no doubt of it, else None. info: what typer knows of the parameter."""
    if isinstance(value, str) and not _is_text(value):
        return None
    if kind is str:
        return value if isinstance(value, str) else None
    if kind is Path:
        return Path(value) if isinstance(value, str | Path) and _is_readable(value) else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((one for one in kind if value is one or (isinstance(value, str) and value == one.value)), None)
    if kind is int and isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if type(value) is kind and kind in (int, float):
        inside = (info.min is None or info.min <= value) and (info.max is None or value <= info.max)
        return value if inside else None
    return None


def _is_text(value: str) -> bool:
    """Whether all of it came as UTF-8."""
    return not any("\ud800" <= glyph <= "\udfff" for glyph in value)


def _is_readable(path: str | Path) -> bool:
    return not os.path.exists(path) or os.access(path, os.R_OK)  # noqa: PTH110
