import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import run, write

from dedup.errors import BadInput, MissingField
from dedup.model import Rejected
from dedup.stages.read import Options, limits
from dedup.stages.read.csv import read as read_csv
from dedup.stages.read.streams import Stream


def parsed(path, data, **options):
    return run(write(path / "a.csv", data), **options)


def texts(rows):
    return [row["text"] for row in rows]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_header_tells_the_delimiter(tmp_path, mark):
    rows, _ = parsed(tmp_path, f"\ufeffid{mark}title{mark}text\n1{mark}Ferry{mark}A ferry.\n")
    assert [(row["id"], row["title"], row["text"]) for row in rows] == [("1", "Ferry", "A ferry.")]


def test_a_paragraph_may_break_inside_quotes(tmp_path):
    rows, rejected = parsed(tmp_path, 'id,text\r\n1,"One, ""two"".\r\nThree."\r\n\r\n2,Four.\r\n')
    assert texts(rows) == ['One, "two".\r\nThree.', "Four."]
    assert not rejected


def test_a_row_of_another_width_is_named_by_its_line(tmp_path):
    rows, rejected = parsed(tmp_path, 'id,text\n1,"One\nline"\n2\n\n3,a,b\n4,Four.\n')
    assert texts(rows) == ["One\nline", "Four."]
    assert [(record.line, record.reason) for record in rejected] == [
        (4, "1 columns where the header has 2"),
        (6, "3 columns where the header has 2"),
    ]


def test_a_row_without_text_is_named_by_its_line(tmp_path):
    rows, rejected = parsed(tmp_path, 'id,text\n1,"One\nline"\n2,\n\n3,Three.\n')
    assert [row["id"] for row in rows] == ["1", "3"]
    assert [(record.line, record.reason) for record in rejected] == [(4, "no text")]


def test_a_stray_quote_costs_nothing(tmp_path):
    rows, rejected = parsed(tmp_path, 'id,text\n1,A 5" pipe\n2,"Two, quoted"\n3,Three\n')
    assert texts(rows) == ['A 5" pipe', "Two, quoted", "Three"]
    assert not rejected


def test_a_quote_that_never_closes_costs_its_line(tmp_path):
    rows, rejected = parsed(tmp_path, 'id,text\n1,One\n2,"Two\n3,Three\n4,Four\n')
    assert texts(rows) == ["One", "Three", "Four"]
    assert [(record.line, record.reason, record.record) for record in rejected] == [
        (3, "a quote is not closed", '2,"Two\n')
    ]


def test_rows_that_are_not_utf8_are_read_as_windows_1252(tmp_path):
    assert texts(parsed(tmp_path, b"id,text\n1,caf\xe9\n2,\xe0\xa4\x95\n")[0]) == ["caf\u00e9", "\u0915"]


def test_the_fields_of_a_mapped_header_are_found(tmp_path):
    path = write(tmp_path / "a.csv", "n,story\n7,A ferry.\n")
    assert run(path, columns={"id": "n", "text": "story"})[0][0]["id"] == "7"
    with pytest.raises(BadInput, match="no column headline for title"):
        run(path, columns={"title": "headline", "text": "story"})
    with pytest.raises(MissingField, match="n, story"):
        run(path, columns={"text": "body"})


def all_rows(path, block):
    rows, rejected = [], []
    old, limits.BLOCK = limits.BLOCK, block
    try:
        with Stream(str(path)) as stream:
            for frame in read_csv(stream, Options(), rejected.append):
                columns = {field: column.to_pylist() for field, column in frame.columns.items()}
                rows += [(frame.line(at), columns["id"][at], columns["text"][at]) for at in range(frame.rows)]
    finally:
        limits.BLOCK = old
    return rows, rejected


cells = st.text("ab,;\"\n\r 'é", max_size=6)


@given(st.lists(st.tuples(cells, cells, st.sampled_from(["\n", "\r\n"]), st.booleans()), max_size=12))
def test_rows_equal_those_of_the_csv_module_whatever_the_blocks(tmp_path_factory, table):
    sink = io.StringIO()
    lines = []
    sink.write("id,text\n")
    for first, second, end, quote in table:
        lines.append(sink.getvalue().count("\n") + 1)
        quoting = csv.QUOTE_ALL if quote or "\r" in first + second else csv.QUOTE_MINIMAL
        csv.writer(sink, lineterminator=end, quoting=quoting).writerow((first, second))
    path = write(tmp_path_factory.getbasetemp() / "twin.csv", sink.getvalue())
    expected = [(line, first, second) for line, (first, second, _, _) in zip(lines, table, strict=True)]
    for block in (64, 1 << 20):
        assert all_rows(path, block) == (expected, [])


@given(st.text('ab,"\n\r', max_size=60))
def test_any_csv_is_rows_or_rejected_and_blocks_change_nothing(tmp_path_factory, body):
    path = write(tmp_path_factory.getbasetemp() / "any.csv", "id,text\n" + body)
    rows, rejected = all_rows(path, 1 << 20)
    assert all(isinstance(record, Rejected) for record in rejected)
    assert all_rows(path, 16) == (rows, rejected)
    assert bool(rows or rejected) == bool(body.strip("\r\n"))
