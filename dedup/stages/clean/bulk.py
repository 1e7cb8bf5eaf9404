"""Clean a batch of articles in columns.

Most articles carry nothing to take off: their lines are found and joined by kernels. A linear
regular expression over the first and last lines picks the few that may carry a mark, and only
those, pages and HTML become Python strings.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kinds
from dedup.kernels import lines as kernel
from dedup.model import ARTICLES, CREDIT, Kind
from dedup.stages.clean import agencies, lines, mojibake, text
from dedup.stages.clean.one import Treated, told, treat

# Bytes of a first and of a last line that are searched for a mark.
HEAD_BYTES, TAIL_HEAD_BYTES, TAIL_BYTES = 200, 100, 300

_FORMS = "(?:" + "|".join(re.escape(form) for form in sorted(agencies.FORMS)) + ")"
_MONTHS = (
    "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
    "|जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सित|अक्|नव|दिस)"
)
# Wider than the patterns of marks.py, never narrower: what they miss is never looked at again.
_BYLINE = (
    r"^(?i:by|written|reported|posted|published|story|report|edited|compiled|updated?|last|first|originally|modified"
    r"|created|date|source|agency|via)\b"
    r"|^(?:स्रोत|सोर्स|एजेंसी|अपडेट|प्रकाशित|पब्लिश)"
    rf"|(?:^|[/|])\s*(?:[Tt]he\s)?{_FORMS}"
    r"|^[^\p{L}\p{N}]*$"
)
_DATELINE = (
    rf"[(\[（]\s*(?:[Tt]he\s)?{_FORMS}"
    r"|[)\]）]\s?(?:[-–—―:।|])"
    rf"|,\s?(?:{_MONTHS}|\d+(?:st|nd|rd|th)?\s{_MONTHS})"
    r"|^[A-Z][A-Z.'’-][A-Z.'’-][^:–—―]{0,60}(?:[:–—―]|--|\s-\s)"
    r"|^【|[电電]"
)
_ENDING = (
    r"(?i:contribut(?:ed|ing|ors?)\b|inputs?\b|agenc(?:y|ies) (?:feeds?|reports)"
    r"|(?:with|and|news|wire|an?) agenc(?:y|ies)\b"
    r"|with (?:news )?wires?\b|news wire|feeds?\b|syndicat|disclaimer|copyright|©|\(c\)|rights reserved"
    r"|reporting (?:by|from)|additional reporting|editing by|writing by|(?:reported|wrote) from\b|material from"
    r"|reported by|produced by|was compiled"
    r"|auto-(?:gen|pub)|not been (?:edited|reviewed|modified|created)"
    r"|(?:report|story|article) (?:includes|contains|used)"
    r"|L\.?P\.?$|(?:via|source|agency)\s?:)"
    r"|इनपुट|एजेंसी|डिस्क्लेमर|अस्वीकरण|सिंडिकेट|संपादित|स्रोत|सोर्स|प्राप्त"
    rf"|{_FORMS}\s*[)\]]?(?:[ .।]|(?:\s[a-zA-Z]{{1,5}}(?:/[a-z]{{1,5}}){{0,3}}/?){{1,4}})?$"
    rf"|{_FORMS}\s*[)\]](?:\s[\p{{Devanagari}}]{{2,12}}){{1,4}}\s*।?$"
    r"|^[^\p{L}\p{N}]*$"
)
BYLINE_CHARS = 200
# So few articles are cleaned one by one: Arrow compiles the patterns anew each time, in 4 ms.
_FEW = 3

_Flags = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]


def clean_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Clean raw articles.

    batch: schema RAW. Returns the same rows in the same order, schema ARTICLES; title, published,
    zone, outlet and url come from the page where the record has none. Each row depends on that
    row alone. Raises MissingExtra for HTML without the extra `html`.
    """
    texts, data, found = _found(batch.column("text"))
    kind = _kinds(batch.column("kind"), texts)
    odd = (kind != Kind.text) | found.dirty | (len(batch) <= _FEW)
    treated = _stripped(data, found, ~odd)
    body = _join(data, found, odd)
    if odd.any():
        rows = np.flatnonzero(odd)
        for row, source in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
            treated[row] = treat(source, kind[row])
        bodies = pa.array([treated[row].body for row in rows.tolist()], pa.large_string())
        body = pc.replace_with_mask(body, pa.array(odd), bodies)
    return _assemble(batch, body, treated)


def _found(texts: pa.Array) -> tuple[pa.Array, npt.NDArray[np.uint8], lines.Lines]:
    """Texts, repaired where they were misread; their bytes; where in these their lines are."""
    data, offsets = lines.buffers(texts)
    found = lines.find_lines(data, offsets)
    if found.misread.any():
        other = mojibake.repaired(texts, np.flatnonzero(found.misread))
        if other is not texts:
            data, offsets = lines.buffers(other)
            return other, data, lines.find_lines(data, offsets)
    return texts, data, found


def _kinds(given: pa.Array, texts: pa.Array) -> npt.NDArray[Any]:
    kind: npt.NDArray[Any] = given.to_numpy(zero_copy_only=False)
    auto = kind == Kind.auto
    if auto.any():
        kind = kind.copy()
        kind[auto] = kinds.detect(texts.filter(pa.array(auto))).to_numpy(zero_copy_only=False)
    return kind


def _stripped(data: npt.NDArray[np.uint8], found: lines.Lines, wanted: _Flags) -> dict[int, Treated]:
    """What marks tell that are taken off those articles, by row: their lines are cut where they lie."""
    bare, marked = _search(data, found, wanted)
    treated = {}
    first, start, end, view = found.first, found.start, found.end, data.data

    def read(line: int) -> str:
        # What is no UTF-8 must come back as the bytes that it was.
        return str(view[start.item(line) : end.item(line)], "utf-8", "surrogateescape")

    for row in marked.tolist():
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


def _search(data: npt.NDArray[np.uint8], found: lines.Lines, wanted: _Flags) -> tuple[npt.NDArray[np.uint8], _Places]:
    """Of each line what it is known to carry no mark of; articles among wanted with a line that may carry one."""
    first, after = found.first[:-1], found.first[1:]
    articles = np.flatnonzero(wanted)
    head, head_line = _window(articles, first[articles], after[articles], text.HEAD_LINES)
    tail, tail_line = _window(
        articles, np.maximum(first, after - text.TAIL_LINES)[articles], after[articles], text.TAIL_LINES
    )
    short = kernel.most(data, head_line, found.start, found.end, BYLINE_CHARS)
    marked = np.zeros(len(wanted), np.bool_)
    bare = np.zeros(len(found.start), np.uint8)
    bare[head_line] = text.BARE_HEAD
    bare[tail_line] |= text.BARE_TAIL
    for article, line, before, behind, pattern, known in (
        (head[short], head_line[short], HEAD_BYTES, 0, _BYLINE, text.BARE_HEAD),
        (head, head_line, HEAD_BYTES, 0, _DATELINE, text.BARE_HEAD),
        (tail, tail_line, TAIL_HEAD_BYTES, TAIL_BYTES, _ENDING, text.BARE_TAIL),
    ):
        if len(line) == 0:
            continue
        room = int(np.minimum(found.end[line] - found.start[line], before + behind).sum())
        out, offsets = np.empty(room + 1, np.uint8), np.empty(len(line) + 1, np.int64)
        kernel.clip(data, line, found.start, found.end, before, behind, out, offsets)
        matches = pc.match_substring_regex(_column(out, offsets), pattern).to_numpy(zero_copy_only=False)
        bare[line[matches]] &= ~np.uint8(known)
        marked[article[matches]] = True
    return bare, np.flatnonzero(marked)


def _window(
    articles: npt.NDArray[np.int64], first: npt.NDArray[np.int64], after: npt.NDArray[np.int64], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Article and line of up to count lines from first on, before after."""
    line = first[:, None] + np.arange(count)
    inside = line < after[:, None]
    return np.broadcast_to(articles[:, None], line.shape)[inside], line[inside]


def _join(data: npt.NDArray[np.uint8], found: lines.Lines, left_out: _Flags) -> pa.Array:
    """Bodies of all their lines; empty where left out."""
    end = np.where(np.repeat(left_out, np.diff(found.first)), found.start, found.end)
    room = int((end - found.start).sum()) + len(end)
    out, offsets = np.empty(room + 1, np.uint8), np.empty(len(left_out) + 1, np.int64)
    kernel.join(data, found.first, found.start, end, out, offsets)
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
