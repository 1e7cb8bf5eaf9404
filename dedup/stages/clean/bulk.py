"""Clean a batch of articles in columns.

Most articles carry nothing to take off: their lines are found and joined by kernels. A linear
regular expression over the first and last lines picks the few that may carry a mark, and only
those, pages and HTML become Python strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import kinds
from dedup.kernels import lines as kernel
from dedup.model import ARTICLES, Kind
from dedup.stages.clean import agencies, lines, mojibake, text
from dedup.stages.clean.one import Treated, finish, treat

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


def clean_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Clean raw articles.

    batch: schema RAW. Returns the same rows in the same order, schema ARTICLES; title, published,
    zone, outlet and url come from the page where the record has none. Each row depends on that
    row alone. Raises MissingExtra for HTML without the extra `html`.
    """
    texts = mojibake.repaired(batch.column("text"))
    kind = _kinds(batch.column("kind"), texts)
    data, offsets = lines.buffers(texts)
    found = lines.find_lines(data, offsets)
    odd = (kind != Kind.text) | found.dirty | (len(batch) <= _FEW)
    body = _join(data, found, odd)
    hit, bare_head, bare_tail = _search(data, found, ~odd)
    treated = []
    odd_rows, hit_rows = np.flatnonzero(odd), np.flatnonzero(hit)
    for row, source in zip(odd_rows.tolist(), texts.take(pa.array(odd_rows)).to_pylist(), strict=True):
        treated.append(treat(source, kind[row]))
    for row, joined in zip(hit_rows.tolist(), body.take(pa.array(hit_rows)).to_pylist(), strict=True):
        span = slice(*found.first[row : row + 2].tolist())
        treated.append(finish(joined.split("\n"), text.Marks(), bare_head[span].tolist(), bare_tail[span].tolist()))
    return _assemble(batch, treated, np.concatenate([odd_rows, hit_rows]), body)


def _kinds(given: pa.Array, texts: pa.Array) -> npt.NDArray[Any]:
    kind: npt.NDArray[Any] = given.to_numpy(zero_copy_only=False)
    auto = kind == Kind.auto
    if auto.any():
        kind = kind.copy()
        kind[auto] = kinds.detect(texts.filter(pa.array(auto))).to_numpy(zero_copy_only=False)
    return kind


def _search(data: npt.NDArray[np.uint8], found: lines.Lines, wanted: npt.NDArray[np.bool_]) -> tuple[_Flags, ...]:
    """Articles among wanted whose first or last lines carry a mark; lines that carry none, as first, as last ones."""
    first, after = found.first[:-1], found.first[1:]
    articles = np.flatnonzero(wanted)
    head, head_line = _window(articles, first[articles], after[articles], text.HEAD_LINES)
    tail, tail_line = _window(
        articles, np.maximum(first, after - text.TAIL_LINES)[articles], after[articles], text.TAIL_LINES
    )
    short = found.chars[head_line] <= BYLINE_CHARS
    hit = np.zeros(len(wanted), np.bool_)
    bare_head, bare_tail = np.zeros(len(found.start), np.bool_), np.zeros(len(found.start), np.bool_)
    bare_head[head_line] = bare_tail[tail_line] = True
    for article, line, before, behind, pattern, marked in (
        (head[short], head_line[short], HEAD_BYTES, 0, _BYLINE, text.opens),
        (head, head_line, HEAD_BYTES, 0, _DATELINE, text.dated),
        (tail, tail_line, TAIL_HEAD_BYTES, TAIL_BYTES, _ENDING, text.ends),
    ):
        if len(line) == 0:
            continue
        room = int(np.minimum(found.end[line] - found.start[line], before + behind).sum())
        out, offsets = np.empty(room + 1, np.uint8), np.empty(len(line) + 1, np.int64)
        kernel.clip(data, line, found.start, found.end, before, behind, out, offsets)
        matches = pc.match_substring_regex(_column(out, offsets), pattern).to_numpy(zero_copy_only=False)
        bare = bare_tail if marked is text.ends else bare_head
        bare[line[matches]] = False
        # Most are false: one line's patterns cost a tenth of stripping the whole article.
        for k in np.flatnonzero(matches).tolist():
            if not hit[article[k]]:
                whole = data[found.start[line[k]] : found.end[line[k]]].tobytes().decode("utf-8", "replace")
                hit[article[k]] = marked(whole)
    return hit, bare_head, bare_tail


def _window(
    articles: npt.NDArray[np.int64], first: npt.NDArray[np.int64], after: npt.NDArray[np.int64], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Article and line of up to count lines from first on, before after."""
    line = first[:, None] + np.arange(count)
    inside = line < after[:, None]
    return np.broadcast_to(articles[:, None], line.shape)[inside], line[inside]


def _join(data: npt.NDArray[np.uint8], found: lines.Lines, left_out: _Flags) -> pa.Array:
    """Bodies of all their lines; empty where left out."""
    keep = np.repeat(~left_out, np.diff(found.first))
    room = int((found.end - found.start)[keep].sum() + keep.sum())
    out, offsets = np.empty(room + 1, np.uint8), np.empty(len(left_out) + 1, np.int64)
    kernel.join(data, found.first, found.start, found.end, keep, out, offsets)
    return _column(out, offsets)


def _exchanged(texts: pa.Array, others: pa.Array, place: npt.NDArray[np.int64]) -> pa.Array:
    """texts, with that one of others in its place where place is not -1."""
    (data, ends), (other, other_ends) = lines.buffers(texts), lines.buffers(others)
    kept = place < 0
    room = int(np.diff(ends)[kept].sum() + np.diff(other_ends)[place[~kept]].sum())
    out, out_ends = np.empty(room + 1, np.uint8), np.empty(len(place) + 1, np.int64)
    kernel.exchange(data, ends, other, other_ends, place, out, out_ends)
    return _column(out, out_ends)


def _column(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> pa.Array:
    """large_string over the buffers, not copied."""
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _assemble(batch: pa.RecordBatch, treated: Sequence[Treated], rows: npt.NDArray[np.int64], body: pa.Array) -> Any:
    n = len(batch)
    where = np.full(n, len(treated), np.int64)
    where[rows] = np.arange(len(rows))
    at = pa.array(where)

    def scatter(values: Iterable[Any], type: pa.DataType, missing: Any = None) -> pa.Array:
        return pa.array([*values, missing], type).take(at)

    if treated:
        bodies = pa.array([t.body for t in treated], pa.large_string())
        body = _exchanged(body, bodies, np.where(where < len(treated), where, -1))
    credit_type = ARTICLES.field("credits").type
    pairs = ([{"agency": agency, "place": place} for agency, place in t.credits] for t in treated)
    columns = {
        "id": batch.column("id"),
        "byline": scatter((t.byline for t in treated), pa.string()),
        "dateline": scatter((t.dateline for t in treated), pa.string()),
        "credits": scatter(pairs, credit_type, []),
        "body": body,
    }
    for name in ("url", "outlet", "title"):
        told = scatter((getattr(t, name) for t in treated), pa.string())
        columns[name] = pc.coalesce(batch.column(name), told)
    given, said = batch.column("published"), scatter((t.published for t in treated), pa.timestamp("s", "UTC"))
    columns["published"] = pc.coalesce(given, said)
    zone = scatter((t.zone for t in treated), pa.int16())
    columns["zone"] = pc.if_else(pc.is_valid(given), batch.column("zone"), zone)
    return pa.RecordBatch.from_arrays([columns[name] for name in ARTICLES.names], schema=ARTICLES)
