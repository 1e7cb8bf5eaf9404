"""Clean a batch of articles in columns.

Most articles carry nothing to take off: their lines are found and joined by kernels, which also
pick those that may carry a mark. Only such lines, texts with passages, pages and HTML become Python strings.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import kinds
from dedup.kernels import lines as kernel
from dedup.kernels.compute import pc
from dedup.model import ARTICLES, CREDIT, Kind
from dedup.stages.clean import lines, mojibake, passages, suspects, text
from dedup.stages.clean.one import Treated, told, treat

# So few articles are cleaned one by one: columns cost more than they save.
_FEW = 3

_Flags = npt.NDArray[np.bool_]


def clean_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Clean raw articles.

    batch: schema RAW. Returns the same rows in the same order, schema ARTICLES; title, published,
    zone, outlet and url come from the page where the record has none. Each row depends on that
    row alone. Raises MissingExtra for HTML without the extra `html`.
    """
    texts = batch.column("text")
    found = lines.find_lines(*lines.buffers(texts))
    doubtful = np.flatnonzero(found.misread | found.dirty)
    repaired = mojibake.repaired(texts, doubtful) if len(doubtful) else {}
    kind = _kinds(batch.column("kind"), texts, repaired)
    odd = (kind != Kind.text) | found.dirty | (len(batch) <= _FEW)
    odd[list(repaired)] = True
    odd[_holding_passages(texts, np.flatnonzero(found.passage & ~odd))] = True
    treated = _stripped(found, ~odd)
    body = _join(found, odd)
    if odd.any():
        rows = np.flatnonzero(odd)
        for row, source in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
            treated[row] = treat(repaired.get(row, source), kind[row])
        bodies = pa.array([treated[row].body for row in rows.tolist()], pa.large_string())
        body = pc.replace_with_mask(body, pa.array(odd), bodies)
    return _assemble(batch, body, treated)


def _holding_passages(texts: pa.Array, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Those rows that hold a passage, of some that may."""
    some = texts.take(pa.array(rows)).to_pylist()
    split = (text.replace("\r", "\n").split("\n") for text in some)
    return rows[[any(passages.without(line) != line for line in of) for of in split]]


def _kinds(given: pa.Array, texts: pa.Array, repaired: dict[int, str]) -> npt.NDArray[Any]:
    kind: npt.NDArray[Any] = given.to_numpy(zero_copy_only=False)
    auto = kind == Kind.auto
    if auto.any():
        kind = kind.copy()
        kind[auto] = kinds.detect(texts.filter(pa.array(auto))).to_numpy(zero_copy_only=False)
        for row, new in repaired.items():
            if auto[row]:
                kind[row] = kinds.of(new)
    return kind


def _stripped(found: lines.Lines, wanted: _Flags) -> dict[int, Treated]:
    """What marks tell that are taken off those articles, by row: their lines are cut where they lie."""
    bare, rows = suspects.suspects(found, wanted)
    treated = {}
    first, start, end, view = found.first, found.start, found.end, found.data.data

    def read(line: int) -> str:
        # What is no UTF-8 must come back as the bytes that it was.
        return str(view[start.item(line) : end.item(line)], "utf-8", "surrogateescape")

    for row in rows.tolist():
        span = slice(first.item(row), first.item(row + 1))
        rest = text.Lines(deque(range(span.start, span.stop)), deque(bare[span].tolist()), read)
        text.take_off(rest, seen := text.Marks())
        if not rest.cut:
            continue
        treated[row] = told(seen, "")
        for line, (before, left) in rest.cut.items():
            start[line] += len(before.encode("utf-8", "surrogateescape"))
            end[line] = start.item(line) + len(left.encode("utf-8", "surrogateescape"))
    return treated


def _join(found: lines.Lines, left_out: _Flags) -> pa.Array:
    """Bodies of all their lines; empty where left out."""
    end = np.where(np.repeat(left_out, np.diff(found.first)), found.start, found.end)
    room = int((end - found.start).sum()) + len(end)
    out, offsets = np.empty(room + 1, np.uint8), np.empty(len(left_out) + 1, np.int64)
    kernel.join(found.data, found.first, found.start, end, out, offsets)
    return _column(out, offsets)


def _column(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> pa.Array:
    """large_string over the buffers, not copied."""
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _assemble(batch: pa.RecordBatch, body: pa.Array, treated: dict[int, Treated]) -> pa.RecordBatch:
    """The batch with those bodies, and with what was told of some rows."""

    def told(name: str, type: pa.DataType) -> pa.Array:
        values = [None] * len(batch)
        for row, one in treated.items():
            values[row] = getattr(one, name)
        return pa.array(values, type)

    pairs = [pair for row in sorted(treated) for pair in treated[row].credits]
    counts = np.zeros(len(batch) + 1, np.int32)
    for row, one in treated.items():
        counts[row + 1] = len(one.credits)
    named = pa.StructArray.from_arrays(
        [pa.array([pair[k] for pair in pairs], field.type) for k, field in enumerate(CREDIT)], fields=list(CREDIT)
    )
    columns = {
        "id": batch.column("id"),
        "byline": told("byline", pa.string()),
        "dateline": told("dateline", pa.string()),
        "credits": pa.ListArray.from_arrays(pa.array(np.cumsum(counts, dtype=np.int32)), named),
        "body": body,
    }
    for name in ("url", "outlet", "title"):
        given = batch.column(name)
        columns[name] = pc.coalesce(given, told(name, given.type)) if given.null_count else given
    given = batch.column("published")
    columns["published"] = pc.coalesce(given, told("published", given.type))
    columns["zone"] = pc.if_else(pc.is_valid(given), batch.column("zone"), told("zone", pa.int16()))
    return pa.RecordBatch.from_arrays([columns[name] for name in ARTICLES.names], schema=ARTICLES)
