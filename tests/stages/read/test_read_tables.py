from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import rows_of, run

from dedup.errors import EmptyInput, MissingField, UnreadableInput
from dedup.stages.read import read_records, read_table

WHEN = datetime(2024, 5, 27, 23, 45, tzinfo=UTC)


def test_columns_of_every_useful_type_are_taken(tmp_path):
    table = pa.table(
        {
            "id": pa.array([7, 8], pa.int32()),
            "outlet": pa.array(["Harbour Post", None]).dictionary_encode(),
            "title": pa.array([b"Ferry", b"caf\xe9"]),
            "published": pa.array([WHEN, None], pa.timestamp("us", "Asia/Kolkata")),
            "text": pa.array(["A ferry.", "Two ferries."], pa.string_view()),
            "other": pa.array([[1], []]),
        }
    )
    found = rows_of(read_table(table, on_reject=pytest.fail))
    assert [(row["id"], row["outlet"], row["title"], row["zone"]) for row in found] == [
        ("7", "Harbour Post", "Ferry", 330),
        ("8", None, "caf\u00e9", None),
    ]
    assert found[0]["published"] == WHEN
    pq.write_table(
        table.drop(["text"]).append_column("text", pa.array(["A ferry.", "Two ferries."])), tmp_path / "a.parquet"
    )
    assert run(tmp_path / "a.parquet")[0] == found
    assert rows_of(read_table(table.to_batches()[0], on_reject=pytest.fail)) == found
    assert (
        rows_of(read_table(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), on_reject=pytest.fail))
        == found
    )


def test_a_parquet_row_without_text_is_named_by_its_number(tmp_path):
    pq.write_table(pa.table({"text": ["a.", None, "c."]}), tmp_path / "a.parquet")
    rows, rejected = run(tmp_path / "a.parquet")
    assert [row["text"] for row in rows] == ["a.", "c."]
    assert [(record.line, record.reason) for record in rejected] == [(2, "no text")]


def test_a_parquet_cut_short_is_unreadable(tmp_path):
    pq.write_table(pa.table({"text": ["a."] * 1000}), tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-20])
    with pytest.raises(UnreadableInput, match="Parquet"):
        run(tmp_path / "a.parquet")


def test_a_table_without_text_names_its_columns():
    with pytest.raises(MissingField, match="headline"):
        read_table(pa.table({"headline": ["Ferry"]}), on_reject=pytest.fail)


def test_records_are_mappings_with_python_values():
    zone = timezone(timedelta(minutes=330))
    records = [
        {"id": 7, "published": WHEN.astimezone(zone), "text": "A ferry."},
        {"id": "8", "published": date(2024, 5, 28), "body": "Two \ud800ferries."},
        "no record",
        {"id": "9"},
    ]
    rejected = []
    rows = rows_of(read_records(records, on_reject=rejected.append))
    assert [(row["id"], row["zone"], row["text"]) for row in rows] == [
        ("7", 330, "A ferry."),
        ("8", None, "Two \ufffdferries."),
    ]
    assert rows[0]["published"] == WHEN
    assert [(record.line, record.reason) for record in rejected] == [(3, "not a mapping but str"), (4, "no text")]


def test_no_record_is_an_empty_input():
    with pytest.raises(EmptyInput):
        list(read_records([], on_reject=pytest.fail))


def test_batches_are_bounded_and_keep_the_order():
    batches = list(read_records(({"id": at, "text": "x" * 2000} for at in range(20_000)), on_reject=pytest.fail))
    assert max(batch.num_rows for batch in batches) <= 8192
    assert max(batch.nbytes for batch in batches) < 8 << 20
    ids = pa.Table.from_batches(batches).column("id").to_pylist()
    assert ids == [str(at) for at in range(20_000)]
