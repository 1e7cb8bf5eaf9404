"""Lines of JSON as columns, against json."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.kernels import jsonl

NAMES = ["id", "title", "published", "text"]  # numbers are kept of all but the last
NAMES_BYTES = np.array([list(name.encode().ljust(jsonl.PADDING, b"\0")) for name in NAMES], np.uint8)
SIZES = np.array([len(name) for name in NAMES], np.int64)
NUMBERS = np.array([True, True, True, False])

Row = list[str | None]


def kernel(data: bytes, before: bytes = b"") -> list[Row] | None:
    """The rows, None where the kernel gives up."""
    padded = np.frombuffer(before + data + b'"' * jsonl.PADDING, np.uint8)
    lines = data.count(b"\n")
    out = np.full((len(NAMES) + 1, len(data) + jsonl.PADDING), 0xFF, np.uint8)
    offsets, valid = np.full((len(NAMES), lines + 1), -1, np.int64), np.ones((len(NAMES), lines), np.bool_)
    bounds = len(before), len(before) + len(data)
    if not jsonl.columns(padded, *bounds, NAMES_BYTES, SIZES, NUMBERS, out, offsets, valid):
        return None
    return [
        [
            bytes(out[k, offsets[k, row] : offsets[k, row + 1]]).decode() if valid[k, row] else None
            for k in range(len(NAMES))
        ]
        for row in range(lines)
    ]


def value(found: Any, name: str) -> str | None:
    if isinstance(found, str):
        return found
    assert found is None or type(found) is int  # at all else the kernel gives up
    return str(found) if found is not None and name != "text" else None


def plain(data: bytes) -> list[Row]:
    rows = [json.loads(line) for line in data.decode().removesuffix("\n").split("\n")]
    assert all(isinstance(row, dict) for row in rows)
    return [[value(row.get(name), name) for name in NAMES] for row in rows]


def readable(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


SPACES = st.text(" \t", max_size=2)
PLAIN_TEXT = st.text(max_size=20) | st.text('ab\\"/\b\n\u20ac\U0001f600é', max_size=90) | st.text("a", max_size=140)
KEPT = PLAIN_TEXT | st.none() | st.integers(0, 10**18 - 1)
OTHER = st.recursive(
    PLAIN_TEXT | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN_TEXT, inner, max_size=3),
    max_leaves=8,
)
# Names without anything that json escapes.
OTHER_NAMES = st.sampled_from(["", "Text", "texts", "tex", "a" * 63, "identity", "è"]) | st.text("abc xyz", max_size=20)
RECORDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, KEPT)).flatmap(
    lambda kept: st.dictionaries(OTHER_NAMES.filter(lambda name: name not in NAMES), OTHER, max_size=3).flatmap(
        lambda other: st.permutations([*kept.items(), *other.items()]).map(dict)
    )
)


@given(st.lists(RECORDS, min_size=1, max_size=6), st.booleans(), SPACES, SPACES, st.sampled_from(["\n", "\r\n"]))
def test_plain_objects_are_read_as_json_reads_them(
    records: list[dict[str, Any]], escaped: bool, comma: str, colon: str, end: str
) -> None:
    separators = comma + "," + colon, colon + ":" + comma
    # Python escapes no name that is not ASCII then, and the kernel gives up at an escaped one.
    escaped = escaped and not any("è" in record for record in records)
    some = [json.dumps(record, ensure_ascii=escaped, separators=separators) for record in records]
    data = "".join("{" + comma + line[1:-1] + colon + "}" + end for line in some).encode()
    assert kernel(data, b"x" * len(comma)) == plain(data)


TOKENS = st.sampled_from([
    *'{}[]:,"0123456789-+.eE \t\\/u', '"id"', '"text"', '"text": "', '{"text": "', '"}', "true", "false", "null", "nul",
    "NaN", "Infinity", "-0", "01", "1.5", "1e5", "\\n", "\\x", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\udc00",
    "\r", "\0", "\x1f", "\x7f", "é", "{}", "[]", '{"id": ', "\\u12", "9" * 19, "[" * 70, '{"a":' * 70, "}" * 70,
    '"id": 5', ", ", "x" * 64, "\n",
])  # fmt: skip


@given(st.lists(TOKENS, max_size=12).map("".join))
@example("[" * 100_000)
@example('"a": ' + "[" * 60 + "]" * 60)
@example('"a": ' + "[" * 61 + "]" * 61)
@example('"text": "a", "text": "b"')
@example('"id": 1.0')
@example('"id": true')
@example('"text": 7, "id": 0')
@example('"text": "\\ud83d\\u0041"')
@example('"text": "\\ud83dA"')
def test_whatever_is_read_is_read_as_json_reads_it(some: str) -> None:
    for line in (some, "{" + some + "}", '{"text": "' + some + '"}', '{"a": ' + some + "}", '{"id": ' + some + "}"):
        data = line.encode() + b"\n"
        found = kernel(data)
        if found is not None:
            assert found == plain(data)


@given(st.lists(RECORDS, min_size=1, max_size=3), st.data())
def test_a_byte_more_or_less_is_read_as_json_reads_it_or_not_at_all(
    records: list[dict[str, Any]], draw: st.DataObject
) -> None:
    data = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    at = draw.draw(st.integers(0, len(data) - 1))
    new = draw.draw(st.sampled_from([b"", b'"', b"\\", b"{", b"}", b",", b"\n", b"0", b"u", b"\x80", b"\t", b"-"]))
    data = data[:at] + new + data[at + draw.draw(st.integers(0, 1)) :]
    if readable(data) and data.endswith(b"\n"):
        found = kernel(data)
        if found is not None:
            assert found == plain(data)


def test_it_gives_up_rather_than_guess() -> None:
    odd = [
        '{"te\\u0078t": "a"}', '{"text": "a", "text": "a"}', '{"id": 1.5}', '{"id": -1}', '{"id": true}',
        '{"text": {}}', '{"text": "\\ud800"}', '{"text": "\t"}', '{"x": NaN}', '{"x": 01}', ' {"x": 1}', '{"x": 1} ',
        "", "[]", '{"x": 1}}', '{"text": "a"', '{"text": "a\\"}', '{"x": [1}', '{"x": {"a": 1]}', '{"x": [1,]}',
        '{"x": {"a" 1}}', '{"x": 1,}', '{"x": {1: 1}}', '{"x"}', '{"' + "x" * 64 + '": 1}', '{"x": tru}', '{"x": -}',
        '{"x": 1.}', '{"x": 1e}', '{x: 1}',
    ]  # fmt: skip
    for line in odd:
        for data in (f"{line}\n", f'{{"text": "a"}}\n{line}\n', f'{line}\n{{"text": "a"}}\n'):
            assert kernel(data.encode()) is None, line
