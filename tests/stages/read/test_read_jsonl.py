import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import lines, run, write

from dedup.stages.read import Options, limits
from dedup.stages.read.jsonl import Parser


def parsed(path, data, **options):
    return run(write(path / "a.jsonl", data), **options)


def test_three_broken_lines_of_a_thousand_cost_three_records(tmp_path):
    good = [json.dumps({"id": str(number), "text": f"Story {number}."}) for number in range(1, 1001)]
    broken = {100: '{"id": "100", "text": "cut of', 500: "not json", 1000: "[1, 2]"}
    rows, rejected = parsed(tmp_path, "\n".join(broken.get(at, line) for at, line in enumerate(good, 1)))
    assert [row["id"] for row in rows] == [str(at) for at in range(1, 1001) if at not in broken]
    assert [(record.line, record.record) for record in rejected] == list(broken.items())
    assert rejected[2].reason == "not an object but a list"


def test_line_numbers_hold_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "BLOCK", 1000)
    records = [b"broken\n" if at % 97 == 0 else lines({"text": f"Story {at}."}) for at in range(1, 500)]
    rows, rejected = parsed(tmp_path, b"".join(records))
    assert [record.line for record in rejected] == list(range(97, 500, 97))
    assert [row["text"] for row in rows] == [f"Story {at}." for at in range(1, 500) if at % 97]


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'\xef\xbb\xbf{"text": "a."}\n', ["a."]),
        (b'{"text": "a."}\r\n{"text": "b."}\r\n', ["a.", "b."]),
        (b'{"text": "a."}\n\n  \n{"text": "b."}', ["a.", "b."]),
        (b'{"text": "a\\ud800b"}\n', ["a\ufffdb"]),
        (b'{"text": "a\\udc00\\ud83d\\ude00\\ud83d"}\n', ["a\ufffd\U0001f600\ufffd"]),
        (b'{"text": "caf\xe9"}\n', ["caf\u00e9"]),
        (b'{"text": "\xe0\xa4\x95 caf\xe9"}\n', ["\u0915 caf\ufffd"]),
        (b'{"text": "tab\there"}\n', ["tab\there"]),
        (b'{"text": "nul\\u0000"}\n', ["nul\0"]),
        (b'{"text": "a.", "text": "b."}\n', ["b."]),
        (b'{"text": "a.", "score": NaN, "n": 1' + b"0" * 5000 + b"}\n", ["a."]),
        (b'{"text": {"en": "a."}, "body": ["x"], "content": 5, "html": "b."}\n', ["b."]),
        (b'{"text": " ", "body": null, "content": "c.", "html": "d."}\n', ["c."]),
        (b'{"text": "a."}{"text": "b."}\n{"text": "c."}\n', ["c."]),
        (b'{"text":\n"a."}\n{"text": "b."}\n', ["b."]),
        (b'{"text": "a."}\x00\n{"text": "b."}\n', ["b."]),
    ],
)
def test_unusual_lines_are_read_right(tmp_path, data, texts):
    assert [row["text"] for row in parsed(tmp_path, data)[0]] == texts


def test_numbers_are_ids_and_times(tmp_path):
    rows, _ = parsed(tmp_path, lines(*({"id": at, "published": 1716853500 + at, "text": "a."} for at in range(3))))
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    assert [row["published"].second for row in rows] == [0, 1, 2]


def test_numbers_stay_ids_once_blocks_are_read_as_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "BLOCK", 1000)
    records = [
        {"id": at if at < 200 else f"n{at}", "published": at + 1.7e9 + at / 7, "text": "a."} for at in range(400)
    ]
    rows, rejected = parsed(tmp_path, lines(*records))
    assert not rejected
    assert [row["id"] for row in rows] == [str(record["id"]) for record in records]
    assert [row["published"].timestamp() for row in rows] == [math.floor(record["published"]) for record in records]


def test_a_line_above_its_limit_costs_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "BLOCK", 100)
    monkeypatch.setattr(limits, "LINE", 250)
    good = [{"text": "a."}, {"text": "b" * 200}, {"text": "c."}]
    data = lines(good[0], {"text": "x" * 1000}, good[1], {"text": "y" * 240}, good[2], {"text": "z" * 300})
    rows, rejected = parsed(tmp_path, data)
    assert [row["text"] for row in rows] == [record["text"] for record in good]
    assert [record.line for record in rejected] == [2, 4, 6]
    assert all("above the limit of 250 bytes" in record.reason for record in rejected)


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
)
records = st.dictionaries(
    st.sampled_from(["id", "url", "outlet", "title", "published", "text", "body", "content", "html", "other"]),
    values | st.just({}),
    max_size=5,
)
odd_text = st.text(st.characters(exclude_categories=()), max_size=8)
odd = st.dictionaries(st.sampled_from(["id", "title", "text", "other"]), odd_text, max_size=4)
plain = st.fixed_dictionaries(
    {"text": st.text(max_size=20)}, optional={"id": st.text(max_size=5), "other": values, "title": st.text(max_size=9)}
)
numbered = st.fixed_dictionaries({"text": st.text(max_size=20), "id": st.integers(-9, 2**63 - 1) | st.none()})
written = st.sampled_from([True, False])


def rows_in(frames):
    """(line, fields) of each record, whatever frames it came in."""
    rows = []
    for frame in frames:
        columns = {field: column.to_pylist() for field, column in frame.columns.items()}
        rows += [
            (frame.line(at), {field: values[at] for field, values in columns.items() if values[at] is not None})
            for at in range(frame.rows)
        ]
    return rows


def broken(data, cut):
    return data[: cut % (len(data) + 1)] if cut is not None else data


lists = (
    st.lists(plain, max_size=9)
    | st.lists(numbered, max_size=9)
    | st.lists(records, max_size=9)
    | st.lists(odd, max_size=9)
)


@given(lists, lists, written, st.none() | st.integers(0, 500))
def test_columns_and_json_agree_on_every_line(first, second, ascii_only, cut):
    text = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in first + second)
    data = broken(text.encode("utf-8", "surrogatepass"), cut)
    seen, slow_seen = [], []
    parser = Parser("a", Options(), seen.append)
    twin = Parser("a", Options(), slow_seen.append)
    head = data.find(b"\n", len(data) // 2) + 1
    fast = [*parser.frames(data[:head], 1), *parser.frames(data[head:], 1 + data[:head].count(b"\n"))]
    assert rows_in(fast) == rows_in([twin.slow(data, 1)])
    assert seen == slow_seen


@given(st.lists(plain, min_size=1, max_size=9), written)
def test_plain_records_never_need_the_slow_way(some, ascii_only):
    data = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in some).encode()
    frame = Parser("a", Options(), pytest.fail).fast(data, 1)
    assert frame is not None
    assert rows_in([frame]) == [(at, {k: v for k, v in r.items() if k != "other"}) for at, r in enumerate(some, 1)]


@given(st.binary(max_size=200) | st.text('{}[]":,\n\\u0e1 text', max_size=80).map(str.encode))
def test_any_bytes_are_rows_or_rejected(data):
    rejected = []
    rows = rows_in(Parser("a", Options(), rejected.append).frames(data, 1)) if data else []
    filled = [line for line in data.split(b"\n") if line.strip()]
    assert len(rows) + len(rejected) == len(filled)
