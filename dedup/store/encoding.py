"""The manifest as bytes: a commit in a file that covers itself.

Whatever a reader believes about an index starts here, so every byte of the file is under
its checksum and every number is checked before use. FORMAT.md is the reference.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import xxhash

from dedup.errors import DamagedIndex, IncompatibleIndex, UsageError
from dedup.model import TEXT_VERSION, Params
from dedup.store.manifest import (
    FORMAT,
    MANIFEST,
    MAX_ROWS,
    PARTS,
    SUMS,
    ChangesRecord,
    DeletesRecord,
    FileRecord,
    Manifest,
    PartRecord,
    SegmentRecord,
    StoriesRecord,
)

_MAX_BYTES = 64 << 20
_ENVELOPE = re.compile(rb'(?s:(.*)),\n  "checksum": "([0-9a-f]{32})"\n}\n')
_DIGEST = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[0-9]{8}")


def encode(manifest: Manifest) -> bytes:
    """The manifest as bytes: JSON whose last member is the xxh3_128 of all bytes before its line."""
    members: dict[str, Any] = {
        "format": FORMAT,
        "dedup": manifest.dedup,
        "generation": manifest.generation,
        "params": {name: getattr(manifest.params, name) for name in _PARAMS},
        "created": manifest.created,
        "committed": manifest.committed,
        "next_row": manifest.next_row,
        "next_id": manifest.next_id,
        "segments": [_segment_members(segment) for segment in manifest.segments],
        "deletes": [{"id": d.id, "rows": d.rows, "file": _file_members(d.file)} for d in manifest.deletes],
        "stories": _stories_members(manifest.stories),
        "crowds": _part_members(manifest.crowds) if manifest.crowds else None,
        "changes": _changes_members(manifest.changes),
    }
    if manifest.templates:
        members["templates"] = _part_members(manifest.templates)
    # A line an element: json's own indentation is Python, and ten times slower than this.
    lines = [f'  "{name}": {_lines(value)}' for name, value in members.items()]
    body = ("{\n" + ",\n".join(lines)).encode()
    return body + b',\n  "checksum": "%s"\n}\n' % xxhash.xxh3_128_hexdigest(body).encode()


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n    " + ",\n    ".join(map(json.dumps, value)) + "\n  ]"
    return json.dumps(value)


def _file_members(file: FileRecord) -> dict[str, Any]:
    return {"bytes": file.bytes, "xxh3_128": file.xxh3_128}


def _segment_members(segment: SegmentRecord) -> dict[str, Any]:
    files = {part: _file_members(file) for part, file in segment.files.items()}
    return {"id": segment.id, "base": segment.base, "rows": segment.rows, "files": files}


def _part_members(part: PartRecord) -> dict[str, Any]:
    return {"generation": part.generation, "rows": part.rows, "file": _file_members(part.file)}


def _stories_members(stories: StoriesRecord | None) -> dict[str, Any] | None:
    if stories is None:
        return None
    return {"as_of": stories.as_of, "count": stories.count, "parts": [_part_members(part) for part in stories.parts]}


def _changes_members(changes: ChangesRecord | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    return {"since": changes.since, "parts": [_part_members(part) for part in changes.parts]}


def decode(data: bytes, path: str) -> Manifest:
    """The manifest in data; path: of the index, for messages.

    Raises DamagedIndex where a byte is not what was written or a number cannot be,
    IncompatibleIndex where the format, the text version or the parameters' names are others.
    """
    envelope = _ENVELOPE.fullmatch(data) if len(data) <= _MAX_BYTES else None
    if not envelope:
        raise DamagedIndex(file=MANIFEST, offset=len(data) if data[-2:] != b"}\n" else 0)
    if xxhash.xxh3_128_hexdigest(envelope[1]) != envelope[2].decode():
        raise DamagedIndex(file=MANIFEST, offset=0)
    try:
        fields = json.loads(data)
    except json.JSONDecodeError as error:
        raise DamagedIndex(file=MANIFEST, offset=error.pos) from error
    except (ValueError, RecursionError) as error:
        raise DamagedIndex(file=MANIFEST, offset=0) from error
    try:
        return _manifest(fields, path)
    except _WrongError as error:
        raise DamagedIndex(file=MANIFEST, offset=max(data.find(b'"%s"' % error.field.encode()), 0)) from error


_PARAMS: dict[str, type] = {field.name: type(field.default) for field in dataclasses.fields(Params)}
_OPTIONAL = frozenset({"templates"})
_MEMBERS = frozenset({"format", "checksum"} | {field.name for field in dataclasses.fields(Manifest)})


class _WrongError(Exception):
    """A member of the manifest is not what the format says."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def _manifest(fields: Any, path: str) -> Manifest:
    if not isinstance(fields, dict) or "format" not in fields:
        raise _WrongError("format")
    if _number(fields, "format") != FORMAT:
        raise _incompatible(path, f"format {fields['format']}", f"format {FORMAT}")
    if fields.keys() | _OPTIONAL != _MEMBERS:
        raise _WrongError(min((fields.keys() | _OPTIONAL) ^ _MEMBERS))
    manifest = Manifest(
        params=_params(fields["params"], path),
        created=_text(fields, "created"),
        committed=_text(fields, "committed"),
        dedup=_text(fields, "dedup"),
        generation=_number(fields, "generation"),
        next_row=_number(fields, "next_row", MAX_ROWS),
        next_id=_number(fields, "next_id", 10**8),
        segments=tuple(_segment(one) for one in _list(fields, "segments")),
        deletes=tuple(_deletes(one) for one in _list(fields, "deletes")),
        stories=None if fields["stories"] is None else _stories(fields["stories"]),
        crowds=None if fields["crowds"] is None else _part(fields["crowds"], "crowds"),
        changes=None if fields["changes"] is None else _changes(fields["changes"]),
        templates=_part(fields["templates"], "templates") if "templates" in fields else None,
    )
    _expect_consistent(manifest)
    return manifest


def _expect_consistent(manifest: Manifest) -> None:
    first_free = 0
    for segment in manifest.segments:
        if segment.base < first_free:
            raise _WrongError("base")
        first_free = segment.base + segment.rows
    if first_free > manifest.next_row:
        raise _WrongError("next_row")
    for ids in ([s.id for s in manifest.segments], [d.id for d in manifest.deletes]):
        if len(set(ids)) != len(ids) or any(int(one) >= manifest.next_id for one in ids):
            raise _WrongError("next_id")
    if manifest.articles < 0:
        raise _WrongError("deletes")
    for kind, parts in manifest.derived().items():
        written = [part.generation for part in parts]
        if written and (written != sorted(set(written)) or written[-1] > manifest.generation):
            raise _WrongError(kind)
    if manifest.stories and not manifest.stories.parts[-1].generation <= manifest.stories.as_of <= manifest.generation:
        raise _WrongError("as_of")
    if manifest.changes and manifest.changes.since > manifest.generation:
        raise _WrongError("since")


def _params(fields: Any, path: str) -> Params:
    if not isinstance(fields, dict):
        raise _WrongError("params")
    if fields.get("text_version") != TEXT_VERSION:
        raise _incompatible(path, f"text version {fields.get('text_version')}", f"text version {TEXT_VERSION}")
    if fields.keys() != _PARAMS.keys():
        odd = ", ".join(sorted(fields.keys() ^ _PARAMS.keys()))
        raise _incompatible(path, f"other parameters ({odd})", "its own")
    for name, kind in _PARAMS.items():
        value: Any = fields[name]
        if kind is float and type(value) is int:
            fields[name] = value = float(value)
        if not isinstance(value, int | float) or type(value) is not kind or not 0 <= value < 1 << 64:
            raise _WrongError(name)
    try:
        return Params(**fields)
    except UsageError:
        raise _WrongError("params") from None


def _segment(fields: Any) -> SegmentRecord:
    files = _members(fields, "id", "base", "rows", "files")["files"]
    parts = (*PARTS, SUMS) if isinstance(files, dict) and SUMS in files else PARTS
    _members(files, *parts)
    return SegmentRecord(
        id=_id(fields),
        base=_number(fields, "base", MAX_ROWS),
        rows=_number(fields, "rows", MAX_ROWS),
        files={part: _file(files[part]) for part in parts},
    )


def _deletes(fields: Any) -> DeletesRecord:
    _members(fields, "id", "rows", "file")
    return DeletesRecord(_id(fields), _number(fields, "rows", MAX_ROWS), _file(fields["file"]))


def _part(fields: Any, kind: str) -> PartRecord:
    if not isinstance(fields, dict):
        raise _WrongError(kind)
    _members(fields, "generation", "rows", "file")
    return PartRecord(_number(fields, "generation"), _number(fields, "rows"), _file(fields["file"]))


def _stories(fields: Any) -> StoriesRecord:
    _members(fields, "as_of", "count", "parts")
    parts = tuple(_part(one, "stories") for one in _list(fields, "parts"))
    if not parts:
        raise _WrongError("parts")
    return StoriesRecord(_number(fields, "as_of"), _number(fields, "count"), parts)


def _changes(fields: Any) -> ChangesRecord:
    _members(fields, "since", "parts")
    return ChangesRecord(_number(fields, "since"), tuple(_part(one, "changes") for one in _list(fields, "parts")))


def _file(fields: Any) -> FileRecord:
    _members(fields, "bytes", "xxh3_128")
    if not _DIGEST.fullmatch(_text(fields, "xxh3_128")):
        raise _WrongError("xxh3_128")
    return FileRecord(_number(fields, "bytes"), fields["xxh3_128"])


def _members(fields: Any, *names: str) -> dict[str, Any]:
    """fields, a dict of just these names."""
    if not isinstance(fields, dict) or len(fields) != len(names):
        raise _WrongError(names[0])
    for name in names:
        if name not in fields:
            raise _WrongError(name)
    return fields


def _number(fields: dict[str, Any], name: str, most: int = 2**63 - 1) -> int:
    value = fields[name]
    if type(value) is not int or not 0 <= value <= most:
        raise _WrongError(name)
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise _WrongError(name)
    return value


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields[name]
    if not isinstance(value, list):
        raise _WrongError(name)
    return value


def _id(fields: dict[str, Any]) -> str:
    if not _ID.fullmatch(_text(fields, "id")):
        raise _WrongError("id")
    return str(fields["id"])


def _incompatible(path: str, found: str, wanted: str) -> IncompatibleIndex:
    return IncompatibleIndex(path=path, found=found, wanted=wanted, remedy="index its articles again in a new folder")
