"""What a benchmark found, and how it differs from an earlier one."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from dedup.errors import BadInput

FORMAT = 1  # of the JSON object
PARTS = ("shingle", "signature", "anchors")  # of the hot loop
_LARGEST = 1 << 20  # bytes of a file that could be a result


@dataclasses.dataclass(frozen=True, slots=True)
class Machine:
    """What it ran on. memory: bytes. The versions are those of the packages of these names."""

    processor: str
    cores: int
    memory: int
    system: str
    python: str
    numpy: str
    arrow: str
    numba: str
    dedup: str


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A part of the hot loop over all texts: shingle (tokens, hashes, sorted set), signature, anchors; or all of them.

    MB are 10^6 bytes of text; shingles are counted once a text.
    """

    seconds: float
    mb_per_second: float
    articles_per_second: float
    ns_per_shingle: float


@dataclasses.dataclass(frozen=True, slots=True)
class Loop:
    """The hot loop in one script on so many threads. bytes: of text, UTF-8."""

    script: str
    threads: int
    articles: int
    bytes: int
    shingles: int
    shingle: Part
    signature: Part
    anchors: Part
    all: Part


@dataclasses.dataclass(frozen=True, slots=True)
class Pipeline:
    """From a JSONL file to stories known, in a new index. bytes: of text.

    stages: seconds of each, by the name that `Index.add` tells its progress; their sum is seconds.
    """

    articles: int
    bytes: int
    stories: int
    seconds: float
    articles_per_second: float
    stages: dict[str, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Queries:
    """Queries in this process, of articles of the index that were cut or edited. found: how many found some copy."""

    count: int
    found: int
    p50_ms: float
    p99_ms: float


@dataclasses.dataclass(frozen=True, slots=True)
class Singles:
    """Articles that were added one by one, each a commit."""

    count: int
    median_ms: float


@dataclasses.dataclass(frozen=True, slots=True)
class Memory:
    """peak: bytes of this process that were resident at most until single articles were in, mapped files with them;
    more where it compiled kernels. index: bytes on disk before these."""

    peak: int
    index: int
    index_per_article: float


@dataclasses.dataclass(frozen=True, slots=True)
class Benchmark:
    """What this machine does. seconds: of all, what is not measured too."""

    format: int
    when: datetime
    machine: Machine
    articles: int
    seconds: float
    loops: tuple[Loop, ...]
    pipeline: Pipeline
    queries: Queries
    singles: Singles
    memory: Memory


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One figure then and now. ratio: now / before, None where that was nothing. gain: how many times better it is,
    by time where that is what is told."""

    name: str
    unit: str
    before: float
    now: float
    ratio: float | None
    gain: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """Two benchmarks. when, dedup: of the earlier one. differs: what else than dedup is another, in words."""

    when: datetime
    dedup: str
    differs: tuple[str, ...]
    changes: tuple[Change, ...]


def read(path: str | Path) -> Benchmark:
    """An earlier result, as `dedup bench --json` printed it. Raises BadInput."""
    remedy = "write one with `dedup bench --json > before.json`"
    try:
        with Path(path).open("rb") as file:
            given = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        raise BadInput(problem=f"{path} does not exist: {remedy}") from None
    except (IsADirectoryError, ValueError, RecursionError):
        raise BadInput(problem=f"{path} is no result of dedup bench: {remedy}") from None
    if isinstance(given, dict) and isinstance(given.get("format"), int) and given["format"] != FORMAT:
        raise BadInput(problem=f"{path} is a result of another dedup, format {given['format']}: {remedy}")
    try:
        found: Benchmark = _made(Benchmark, given)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise BadInput(problem=f"{path} is no result of dedup bench: {remedy}") from None
    return found


def compare(before: Benchmark, now: Benchmark) -> Compared:
    """The figures that both have, and on what else than the code they may depend."""
    there = {name: value for name, _, value, _ in _figures(before)}
    changes = [
        _change(name, unit, there[name], value, more) for name, unit, value, more in _figures(now) if name in there
    ]
    return Compared(before.when, before.machine.dedup, tuple(_differs(before, now)), tuple(changes))


def _change(name: str, unit: str, before: float, now: float, more: bool) -> Change:
    gain = (now, before) if more else (before, now)
    return Change(name, unit, before, now, now / before if before else None, gain[0] / gain[1] if gain[1] else None)


def _figures(result: Benchmark) -> Iterator[tuple[str, str, float, bool]]:
    """Name, unit, value, and whether more is better."""
    for loop in result.loops:
        named = f"{loop.script}, {loop.threads} thread{'s' if loop.threads > 1 else ''}"
        for part in PARTS:
            yield f"{named}: {part}", "ns a shingle", getattr(loop, part).ns_per_shingle, False
        yield f"{named}: all", "MB/s", loop.all.mb_per_second, True
    pipeline = result.pipeline
    yield "pipeline", "articles/s", pipeline.articles_per_second, True
    for stage, seconds in pipeline.stages.items():
        yield f"pipeline: {stage}", "µs an article", 1e6 * seconds / max(pipeline.articles, 1), False
    yield "query: median", "ms", result.queries.p50_ms, False
    yield "query: p99", "ms", result.queries.p99_ms, False
    yield "single article", "ms", result.singles.median_ms, False
    yield "memory, peak", "MB", result.memory.peak / 1e6, False
    yield "index on disk", "bytes an article", result.memory.index_per_article, False


def _differs(before: Benchmark, now: Benchmark) -> Iterator[str]:
    for field in dataclasses.fields(Machine):
        was, is_now = (_shown(field.name, getattr(result.machine, field.name)) for result in (before, now))
        if was != is_now and field.name != "dedup":
            yield f"{field.name} {was}, now {is_now}"
    if before.articles != now.articles:
        yield f"articles {before.articles:,}, now {now.articles:,}"


def _shown(name: str, value: object) -> str:
    # The kernel's part of the memory is another after each update.
    return f"{value / 1e9:.0f} GB" if name == "memory" and isinstance(value, int) else str(value)


def _made(kind: Any, value: Any) -> Any:
    """A value of some type of the fields above from its JSON form.

    Raises KeyError, TypeError, ValueError, OverflowError.
    """
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: _made(hints[field.name], value[field.name]) for field in dataclasses.fields(kind)})  # type: ignore[operator]
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is dict:
        return {str(key): _made(get_args(kind)[1], item) for key, item in dict(value).items()}
    if kind is datetime:
        return datetime.fromisoformat(value)
    numbers = kind in (int, float)
    wanted = (int, float) if kind is float else kind
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no {kind}")
    if numbers and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{value!r} is no figure")
    return kind(value)
