from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DamagedIndex, IncompatibleIndex
from dedup.model import Params
from dedup.store.encoding import decode, encode
from dedup.store.manifest import (
    ChangesRecord,
    DeletesRecord,
    FileRecord,
    Manifest,
    PartRecord,
    SegmentRecord,
    StoriesRecord,
    is_ours,
)

FILE = FileRecord(10, "0123456789abcdef" * 2)
FILES = dict.fromkeys(("articles", "sketches", "bands", "links"), FILE)
MANIFEST = Manifest(
    params=Params(seed=7, same_copy=0.25),
    created="2024-05-28T00:00:00Z",
    committed="2024-05-29T00:00:00Z",
    dedup="0.1.0",
    generation=3,
    next_row=30,
    next_id=5,
    segments=(SegmentRecord("00000001", 0, 10, FILES), SegmentRecord("00000003", 20, 10, {**FILES, "sums": FILE})),
    deletes=(DeletesRecord("00000004", 2, FILE),),
    stories=StoriesRecord(3, 4, (PartRecord(1, 9, FILE), PartRecord(3, 1, FILE))),
    crowds=PartRecord(2, 7, FILE),
    changes=ChangesRecord(1, (PartRecord(3, 2, FILE),)),
    templates=PartRecord(3, 5, FILE),
)


def sealed(fields: dict[str, Any]) -> bytes:
    """Fields under a checksum that holds, as a writer with other ideas would leave them."""
    fields = {name: value for name, value in fields.items() if name != "checksum"}
    body = json.dumps(fields, indent=2).removesuffix("\n}").encode()
    return body + f',\n  "checksum": "{xxhash.xxh3_128_hexdigest(body)}"\n}}\n'.encode()


def changed(path: str, value: Any) -> bytes:
    fields = json.loads(encode(MANIFEST))
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = fields
    for step in above:
        inner = inner[step]
    if value is REMOVED:
        del inner[last]
    else:
        inner[last] = value
    return sealed(fields)


REMOVED = object()


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert decode(encode(MANIFEST), "index") == MANIFEST
    assert decode(sealed(json.loads(encode(MANIFEST))), "index") == MANIFEST


def test_a_manifest_need_not_have_templates() -> None:
    without = dataclasses.replace(MANIFEST, templates=None)

    assert "templates" not in json.loads(encode(without))
    assert decode(encode(without), "index") == without


def test_a_whole_number_stands_for_a_float_parameter() -> None:
    whole = dataclasses.replace(MANIFEST, params=Params(same_copy=1))

    assert decode(encode(whole), "index") == whole


def test_every_flipped_bit_is_found() -> None:
    data = encode(MANIFEST)
    for at in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            with pytest.raises(DamagedIndex):
                decode(bytes(flipped), "index")


def test_every_cut_is_found_at_its_place() -> None:
    data = encode(MANIFEST)
    for size in range(len(data)):
        with pytest.raises(DamagedIndex) as found:
            decode(data[:size], "index")
        assert found.value.fields["file"] == "manifest.json"
        assert found.value.fields["offset"] <= size


@given(st.binary(max_size=200))
def test_bytes_that_are_no_manifest_are_damage(data: bytes) -> None:
    with pytest.raises(DamagedIndex):
        decode(data, "index")
    with pytest.raises(DamagedIndex):
        decode(data + b',\n  "checksum": "%s"\n}\n' % xxhash.xxh3_128_hexdigest(data).encode(), "index")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("generation", -1),
        ("generation", 1.0),
        ("generation", True),
        ("generation", 2**64),
        ("next_row", 29),
        ("next_row", 2**32 + 1),
        ("next_id", 4),
        ("created", None),
        ("committed", 5),
        ("dedup", REMOVED),
        ("surprise", 1),
        ("segments", {}),
        ("segments", None),
        ("segments.0", 5),
        ("segments.0.id", "../../etc"),
        ("segments.0.id", "00000003"),
        ("segments.0.id", 1),
        ("segments.0.base", -5),
        ("segments.0.rows", 21),
        ("segments.0.rows", "10"),
        ("segments.1.base", 5),
        ("segments.0.files", []),
        ("segments.0.files.bands", REMOVED),
        ("segments.0.files.links.bytes", -1),
        ("segments.0.files.links.xxh3_128", "0123"),
        ("segments.0.files.links.xxh3_128", "0123456789ABCDEF" * 2),
        ("deletes.0.rows", 21),
        ("deletes.0.id", "0000004"),
        ("deletes", "none"),
        ("stories", 3),
        ("stories.count", None),
        ("stories.as_of", 2),
        ("stories.as_of", 4),
        ("stories.parts", []),
        ("stories.parts.0", []),
        ("stories.parts.0.generation", 3),
        ("stories.parts.1.rows", -1),
        ("stories.parts.1.file", {}),
        ("stories.surprise", 1),
        ("crowds", 3),
        ("crowds.generation", 4),
        ("crowds.rows", REMOVED),
        ("changes", []),
        ("changes.since", 4),
        ("changes.parts", None),
        ("changes.parts.0.generation", 4),
        ("templates", None),
        ("templates.generation", 4),
        ("templates.rows", REMOVED),
        ("segments.0.files.surprise", {}),
        ("params", []),
        ("params.num_perm", "128"),
        ("params.num_perm", -1),
        ("params.same_copy", float("nan")),
        ("params.same_copy", float("inf")),
        ("params.rows", None),
    ],
)
def test_what_the_format_does_not_allow_is_damage(path: str, value: Any) -> None:
    with pytest.raises(DamagedIndex) as found:
        decode(changed(path, value), "index")
    assert found.value.fields["file"] == "manifest.json"


@pytest.mark.parametrize(
    ("path", "value"),
    [("format", 1), ("format", 3), ("params.text_version", 99), ("params.colour", 1), ("params.bands", REMOVED)],
)
def test_an_index_of_another_dedup_is_refused_with_what_to_do(path: str, value: Any) -> None:
    with pytest.raises(IncompatibleIndex) as found:
        decode(changed(path, value), "index")
    assert "index its articles again" in str(found.value)


def test_depth_and_digits_without_end_are_damage() -> None:
    for body in (b'{\n  "format": ' + b"[" * 100_000, b'{\n  "format": ' + b"9" * 100_000):
        data = body + b',\n  "checksum": "%s"\n}\n' % xxhash.xxh3_128_hexdigest(body).encode()
        with pytest.raises(DamagedIndex):
            decode(data, "index")


def test_only_names_that_a_writer_gives_are_its_own() -> None:
    assert all(is_ours(name) for name, _ in MANIFEST.files())
    assert is_ours("manifest.json.tmp")
    assert not any(map(is_ours, ("manifest.json", "lock", "a.arrow", "deletes/a.arrow", "segments/1/articles.arrow")))
