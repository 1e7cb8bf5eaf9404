"""Blocks by our kernels: which bytes they look at, and that those before and behind them change nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from reading import lines, run, write
from test_read_jsonl import lists, rows_in, written

from dedup.stages.read import Options
from dedup.stages.read.jsonl import Parser
from dedup.stages.read.plain import Plain


@pytest.mark.parametrize("text", ["a.", "é" * 40, "a\n" * 200])
def test_a_block_is_read_wherever_it_lies(text: str) -> None:
    block = lines({"text": text}, {"id": "2", "text": text})
    for data in (block, block[:-1], memoryview(block), memoryview(b"x" + block + b'"' * 64)[1:-64]):
        rows, columns = Plain(Options().names).read(data) or pytest.fail("gave up")
        assert (rows, columns["text"].to_pylist(), columns["id"].to_pylist()) == (2, [text] * 2, [None, "2"])
        columns["text"].validate(full=True)


def test_fields_are_read_by_the_names_that_the_source_has_for_them() -> None:
    block = lines({"text": "no", "corps é": "a.", "titre": "b."})
    read = Plain(Options(columns={"text": "corps é", "title": "titre", "outlet": "titre"}).names).read
    assert read(block) is None  # json has escaped the name
    _, columns = read(block.decode("unicode-escape").encode()) or pytest.fail("gave up")
    assert {field: column.to_pylist() for field, column in columns.items()} == {
        "outlet": ["b."], "title": ["b."], "text": ["a."]
    }  # fmt: skip


@pytest.mark.parametrize("name", ["t" * 64, "t" * 200, ""])
def test_any_name_may_be_asked_for(tmp_path: Any, name: str) -> None:
    rows, rejected = run(write(tmp_path / "a.jsonl", lines({name: "a.", "text": "no"})), columns={"text": name})
    assert [row["text"] for row in rows] == ["a."]
    assert not rejected


def test_a_column_that_is_a_name_and_an_article_keeps_its_numbers_for_the_name() -> None:
    frame = Parser("a", Options(columns={"id": "text"}), pytest.fail).fast(lines({"text": 7}), 1)
    assert frame is None or rows_in([frame]) == [(1, {"id": "7"})]


@given(lists, written)
def test_arrow_and_json_agree_where_our_kernels_give_up(records: list[dict[str, Any]], ascii_only: bool) -> None:
    data = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in records)
    seen: list[Any] = []
    slow_seen: list[Any] = []
    parser, twin = Parser("a", Options(), seen.append), Parser("a", Options(), slow_seen.append)
    parser._plain.read = lambda _: None  # type: ignore[method-assign]
    block = data.encode("utf-8", "surrogatepass")
    frames = [*parser.frames(block, 1), *parser.frames(block, 1 + len(records))] if records else []
    assert rows_in(frames) == rows_in([twin.slow(block + block, 1)])
    assert seen == slow_seen
