import gzip
import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import PACK, lines, rows_of, run, write, zstd

from dedup.errors import BadInput, EmptyInput, MissingField, MissingInput, UnknownFormat, UnreadableInput, UsageError
from dedup.model import Kind
from dedup.stages.read import Format, Options, RejectsFile, read

RECORD = {
    "id": "a1",
    "url": "https://www.Harbour-Post.example:8080/news/1?x=2",
    "title": "Ferry returns",
    "published": "2024-05-28T05:15:00+05:30",
    "text": "The ferry came back to the harbour on Tuesday.",
}


def as_csv(record):
    return (",".join(record) + "\n" + ",".join(record.values()) + "\n").encode()


def as_parquet(record):
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([record]), sink)
    return sink.getvalue()


def as_jsonl(record):
    return lines(record)


FORMATS = {"jsonl": as_jsonl, "csv": as_csv, "parquet": as_parquet}


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_row_packed_or_not(tmp_path, name, pack):
    path = write(tmp_path / f"wire.{name}{pack}", PACK[pack](FORMATS[name](RECORD)))
    (row,), rejected = run(path)
    assert not rejected
    assert row == {
        **RECORD,
        "outlet": "harbour-post.example",
        "published": row["published"],
        "zone": 330,
        "kind": "text",
    }
    assert row["published"].isoformat() == "2024-05-27T23:45:00+00:00"


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("name", FORMATS)
def test_the_content_tells_the_format_where_the_name_does_not(tmp_path, name, pack):
    path = write(tmp_path / "wire.dat", PACK[pack](FORMATS[name](RECORD)))
    assert [row["id"] for row in run(path)[0]] == ["a1"]


def test_format_overrides_the_name(tmp_path):
    path = write(tmp_path / "wire.txt", lines(RECORD))
    assert run(path, format=Format.jsonl)[0][0]["id"] == "a1"
    assert run(path)[0][0]["text"] == lines(RECORD).decode()


@pytest.mark.parametrize("pack", PACK)
def test_standard_input_is_jsonl_packed_or_not(monkeypatch, pack):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PACK[pack](lines(RECORD)))))
    assert run("-")[0][0]["id"] == "a1"


def test_standard_input_takes_parquet_when_told(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(as_parquet(RECORD))))
    assert run("-", format=Format.parquet)[0][0]["id"] == "a1"


def test_map_renames_a_field_and_no_other_text_is_looked_at(tmp_path):
    path = write(tmp_path / "a.jsonl", lines({"content_original": "One.", "content": "Two."}, {"content": "Three."}))
    (row,), (lost,) = run(path, columns={"text": "content_original"})
    assert row["text"] == "One."
    assert (lost.line, lost.reason) == (2, "no text")


def test_map_to_an_unknown_field_is_a_usage_error():
    with pytest.raises(UsageError, match="headline"):
        Options(columns={"headline": "title"})


def test_a_folder_is_read_in_the_order_of_its_paths(tmp_path):
    write(tmp_path / "b" / "two.txt", "Second story.")
    write(tmp_path / "a" / "deep" / "one.html", "<html><body><p>First story.</p></body></html>")
    write(tmp_path / "c.jsonl.gz", gzip.compress(lines({"text": "Third story."})))
    write(tmp_path / "b" / "notes", "Fourth story, in a file without extension.")
    write(tmp_path / "b" / "style.css", "p { color: red }")
    write(tmp_path / "b" / "core", b"\x7fELF\x00\x01")
    write(tmp_path / ".hidden" / "no.txt", "Never read.")
    write(tmp_path / ".no.txt", "Never read.")
    reading = read([tmp_path], on_reject=pytest.fail)
    texts = [row["text"] for row in rows_of(reading)]
    assert texts == [
        "<html><body><p>First story.</p></body></html>",
        "Fourth story, in a file without extension.",
        "Second story.",
        "Third story.",
    ]
    assert (reading.files, reading.skipped, reading.rows) == (4, 2, 4)


def test_progress_ends_at_the_size_of_all_files(tmp_path):
    told = []
    for name in ("a.jsonl", "b.jsonl.gz"):
        write(tmp_path / name, PACK[name[7:]](lines(RECORD)))
    list(read([tmp_path], on_reject=pytest.fail, on_progress=lambda done, total: told.append((done, total))))
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert told[-1] == (size, size)
    assert told == sorted(told)


def test_a_missing_path_is_told_before_anything_is_read(tmp_path):
    write(tmp_path / "a.jsonl", lines(RECORD))
    with pytest.raises(MissingInput, match="nowhere"):
        read([tmp_path / "a.jsonl", tmp_path / "nowhere"], on_reject=pytest.fail)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.html", "a"])
@pytest.mark.parametrize("data", ["", " \n\n"])
def test_an_empty_file_is_an_empty_input(tmp_path, name, data):
    with pytest.raises(EmptyInput):
        run(write(tmp_path / name, data))


def test_an_empty_folder_is_an_empty_input(tmp_path):
    with pytest.raises(EmptyInput):
        run(tmp_path)


def test_nothing_but_rejected_records_says_why(tmp_path):
    path = write(tmp_path / "a.jsonl", b"{\n{\n")
    with pytest.raises(UnreadableInput, match=r"line 1.*broken JSON"):
        run(path)


def test_a_file_of_zeros_is_of_no_known_format(tmp_path):
    with pytest.raises(UnknownFormat):
        run(write(tmp_path / "a", bytes(100)))


def test_a_json_list_is_named_as_such(tmp_path):
    with pytest.raises(UnreadableInput, match="one object a line"):
        run(write(tmp_path / "a.json", json.dumps([RECORD])))


def test_one_bad_file_costs_itself_only(tmp_path):
    write(tmp_path / "a.csv", "id,headline\n1,Ferry\n")
    write(tmp_path / "b.parquet", b"PAR1 and then nothing")
    write(tmp_path / "c.txt", b"\x00\x01\x02binary")
    write(tmp_path / "d.jsonl", lines(RECORD))
    rows, rejected = run(tmp_path)
    assert [row["id"] for row in rows] == ["a1"]
    assert [record.path[-9:] for record in rejected] == [
        str(tmp_path / name)[-9:] for name in ("a.csv", "b.parquet", "c.txt")
    ]


def test_a_csv_without_a_text_column_names_its_columns(tmp_path):
    with pytest.raises(MissingField, match="id, headline") as caught:
        run(write(tmp_path / "a.csv", "id,headline\n1,Ferry\n"))
    assert caught.value.exit_code == 3


def test_a_binary_file_named_txt_is_refused(tmp_path):
    with pytest.raises(BadInput, match="binary"):
        run(write(tmp_path / "a.txt", b"\x89PNG\r\n\x00\x00\x01" * 50))


def cut(data, share):
    return data[: int(len(data) * share)]


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_what_precedes_a_cut_is_kept_and_the_cut_is_named(tmp_path, name, pack):
    texts = [
        f"Story {number} of {number * 7919 % 10007} and {number * 104729 % 99991} boats." for number in range(60000)
    ]
    data = lines(*({"text": text} for text in texts)) if name == "jsonl" else ("text,n\n" + ",1\n".join(texts)).encode()
    path = write(tmp_path / f"wire.{name}", cut(pack(data), 0.7))
    rows, rejected = run(path)
    assert [row["text"] for row in rows] == texts[: len(rows)]
    assert len(rows) > 0.5 * len(texts)
    assert rejected[-1].reason.startswith("truncated ")
    assert len(rejected) <= 2


def test_what_precedes_a_damaged_byte_is_kept(tmp_path):
    texts = [
        f"Story {number} of {number * 7919 % 10007} and {number * 104729 % 99991} boats." for number in range(60000)
    ]
    data = bytearray(gzip.compress(lines(*({"text": text} for text in texts))))
    data[len(data) // 2 : len(data) // 2 + 20] = bytes(20)
    rows, rejected = run(write(tmp_path / "wire.jsonl.gz", bytes(data)))
    read_right = [row["text"] for row, text in zip(rows, texts, strict=False) if row["text"] == text]
    assert len(read_right) > 0.4 * len(texts)
    assert "gzip" in rejected[-1].reason


def test_a_gzip_of_several_members_is_read_whole(tmp_path):
    data = gzip.compress(lines({"text": "One."})) + gzip.compress(lines({"text": "Two."})) + bytes(512)
    assert [row["text"] for row in run(write(tmp_path / "a.jsonl.gz", data))[0]] == ["One.", "Two."]


def test_kind_is_what_the_caller_says(tmp_path):
    path = write(tmp_path / "a.txt", "<html><body>Ferry</body></html>")
    assert run(path)[0][0]["kind"] == "html"
    assert run(path, kind=Kind.page)[0][0]["kind"] == "page"


def test_rejects_file_holds_what_was_set_aside(tmp_path):
    path = write(tmp_path / "a.jsonl", lines({"text": "One."}) + b'{"text": broken\n' + lines({"id": "x"}))
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        list(read([path], on_reject=rejects))
    written = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert rejects.count == 2
    assert [(reject["path"], reject["line"]) for reject in written] == [(str(path), 2), (str(path), 3)]
    assert written[0]["record"] == '{"text": broken'
    assert written[1]["reason"] == "no text"
