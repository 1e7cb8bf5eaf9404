"""Check records and fill what can be derived: columns of strings in, RAW batches out."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from dedup import dates, kinds
from dedup.kernels import strings
from dedup.model import RAW, Kind, Rejected
from dedup.stages.read import limits
from dedup.stages.read.frame import TEXTS, Frame, OnReject, Options, is_blank, parts, shorten

_SPACE = " \t\r\n\x0b\x0c\u00a0\u200b\ufeff"
_EDGES = strings.edges(_SPACE)
# The host of a URL, with or without its scheme, without user, www., port and the root's dot.
_HOST = (
    r"^(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/?#@]*@)?(?:www\.)?(?P<host>[^\s/:?#.]+(?:\.[^\s/:?#.]+)+)\.?(?:[:/?#].*)?$"
)
NO_TEXT = "no text"
_NO_HTML = "HTML, for which a package is not installed: pip install 'wire-dedup[html]'"
_LIMITS = {"id": limits.ID, "url": limits.URL, "outlet": limits.OUTLET, "text": limits.TEXT}


def complete(frame: Frame, options: Options, on_reject: OnReject) -> pa.RecordBatch:
    """The frame's records that can be used, as a RAW batch in their order; the others go to on_reject.

    A record without text, or with a text, id, url or outlet above its limit, is rejected; a
    longer title is cut. An id is derived from the url, else from the text (XXH3-128, hex); an
    outlet from the host of the url; the kind, where options leave it open, from the text.
    """
    columns = {field: _trim(frame.columns.get(field), frame.rows) for field in ("id", "url", "outlet", "title")}
    columns["published"] = frame.columns.get("published", pa.nulls(frame.rows, pa.large_string()))
    columns["text"], is_html = _first_text(frame)
    columns["kind"] = _kinds(columns["text"], is_html, options.kind)
    reasons = _faults(columns)
    html = np.flatnonzero(pc.equal(columns["kind"], Kind.html.value).to_numpy(zero_copy_only=False))
    if len(html) and not options.html():
        reasons = dict.fromkeys(html.tolist(), _NO_HTML) | reasons
    if reasons:
        for row, reason in sorted(reasons.items()):
            on_reject(Rejected(frame.path(row), frame.line(row), reason, _record(frame, row)))
        usable = np.ones(frame.rows, bool)
        usable[list(reasons)] = False
        columns = {field: column.filter(pa.array(usable)) for field, column in columns.items()}
    published, zone = dates.parse_column(columns["published"])
    arrays = {
        "id": _ids(columns),
        "url": columns["url"],
        "outlet": _outlets(columns),
        "title": _cut(columns["title"]),
        "published": published,
        "zone": zone,
        "kind": columns["kind"],
        "text": columns["text"],
    }
    return pa.record_batch([arrays[field.name].cast(field.type) for field in RAW], schema=RAW)


def _trim(column: pa.Array | None, rows: int) -> pa.Array:
    if column is None:
        return pa.nulls(rows, pa.large_string())
    if not strings.may_change(*parts(column), _EDGES):
        return column
    trimmed = pc.utf8_trim(column, _SPACE)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.large_string()), trimmed)


def _cut(titles: pa.Array) -> pa.Array:
    longest = pc.max(pc.binary_length(titles)).as_py()
    return titles if (longest or 0) <= limits.TITLE else pc.utf8_slice_codeunits(titles, 0, limits.TITLE)


def _first_text(frame: Frame) -> tuple[pa.Array, NDArray[np.bool_]]:
    """The first of the text fields that is not blank, null where all are; and whether it was the html field."""
    text = pa.nulls(frame.rows, pa.large_string())
    is_html = np.zeros(frame.rows, bool)
    for field in TEXTS:
        column = frame.columns.get(field)
        if column is None or not text.null_count:
            continue
        blank = is_blank(column)
        if field == "html":
            is_html = pc.and_(text.is_null(), pc.invert(blank)).to_numpy(zero_copy_only=False)
        if pc.any(blank).as_py():
            column = pc.if_else(blank, pa.scalar(None, pa.large_string()), column)
        text = column if text.null_count == len(text) else pc.coalesce(text, column)
    return text, is_html


def _faults(columns: dict[str, pa.Array]) -> dict[int, str]:
    reasons: dict[int, str] = {}
    for field, limit in _LIMITS.items():
        lengths = pc.fill_null(pc.binary_length(columns[field]), 0).to_numpy()
        for row in np.flatnonzero(lengths > limit).tolist():
            reasons[row] = f"{field} of {lengths[row]:,} bytes is above the limit of {limit:,}"
    if columns["text"].null_count:
        for row in np.flatnonzero(columns["text"].is_null().to_numpy(zero_copy_only=False)).tolist():
            reasons[row] = NO_TEXT
    return reasons


def _record(frame: Frame, row: int) -> str:
    values = {field: column[row].as_py() for field, column in frame.columns.items()}
    shown = {field: shorten(value) for field, value in values.items() if value is not None}
    return shorten(json.dumps(shown, ensure_ascii=False))


def _ids(columns: dict[str, pa.Array]) -> pa.Array:
    ids = columns["id"]
    if not ids.null_count:
        return ids
    missing = ids.is_null()
    sources = pc.coalesce(columns["url"].filter(missing), columns["text"].filter(missing))
    derived = [xxhash.xxh3_128_hexdigest(source.as_buffer()) for source in sources]
    return pc.replace_with_mask(ids, missing, pa.array(derived, pa.large_string()))


def _outlets(columns: dict[str, pa.Array]) -> pa.Array:
    outlets, urls = columns["outlet"], columns["url"]
    if not outlets.null_count or urls.null_count == len(urls):
        return outlets
    hosts = pc.extract_regex(pc.utf8_lower(urls), _HOST).field("host")
    return pc.coalesce(outlets, pc.if_else(pc.equal(hosts, ""), pa.scalar(None, hosts.type), hosts))


def _kinds(texts: pa.Array, is_html: NDArray[np.bool_], kind: Kind) -> pa.Array:
    if kind is not Kind.auto:
        return pa.repeat(pa.scalar(kind.value), len(texts))
    told = kinds.detect(texts)
    return pc.if_else(pa.array(is_html), Kind.html.value, told) if is_html.any() else told
