"""The manifest: one commit as a file that covers itself.

Whatever a reader believes about an index starts here, so every byte of the file is under
its checksum and every number is checked before use. FORMAT.md is the reference.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import xxhash

from dedup.errors import DamagedIndex, IncompatibleIndex, UsageError
from dedup.model import TEXT_VERSION, Params

FORMAT = 1
MANIFEST = "manifest.json"
ASIDE = "manifest.json.tmp"
PARTS = ("articles", "sketches", "bands", "links")
MAX_ROWS = 1 << 32  # rows are uint32

_MAX_BYTES = 64 << 20
_ENVELOPE = re.compile(rb'(?s:(.*)),\n  "checksum": "([0-9a-f]{32})"\n}\n')
_DIGEST = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[0-9]{8}")
_OURS = re.compile(r"manifest\.json\.tmp|stories-[0-9]+\.arrow|deletes/[0-9]{8}\.arrow|segments/[0-9]{8}/[a-z]+\.arrow")


@dataclasses.dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file must be. bytes: its size; xxh3_128: of all of it, 32 hexadecimal digits."""

    bytes: int
    xxh3_128: str


@dataclasses.dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment holds rows base ... base + rows - 1 of the index. files: by part."""

    id: str
    base: int
    rows: int
    files: dict[str, FileRecord]

    def file(self, part: str) -> str:
        return segment_file(self.id, part)


@dataclasses.dataclass(frozen=True, slots=True)
class DeletesRecord:
    """A file of rows removed or replaced."""

    id: str
    rows: int
    file: FileRecord

    @property
    def name(self) -> str:
        return deletes_file(self.id)


@dataclasses.dataclass(frozen=True, slots=True)
class StoriesRecord:
    """The stories derived at a generation."""

    generation: int
    file: FileRecord

    @property
    def name(self) -> str:
        return stories_file(self.generation)


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """One commit. next_row, next_id: the first never used; created, committed: UTC, ISO 8601."""

    params: Params
    created: str
    committed: str
    dedup: str = "unknown"
    generation: int = 0
    next_row: int = 0
    next_id: int = 1
    segments: tuple[SegmentRecord, ...] = ()
    deletes: tuple[DeletesRecord, ...] = ()
    stories: StoriesRecord | None = None

    @property
    def articles(self) -> int:
        """Live articles."""
        return sum(s.rows for s in self.segments) - sum(d.rows for d in self.deletes)

    def files(self) -> Iterator[tuple[str, FileRecord]]:
        """Every file of the commit but the manifest."""
        for segment in self.segments:
            for part, record in segment.files.items():
                yield segment.file(part), record
        for deletes in self.deletes:
            yield deletes.name, deletes.file
        if self.stories:
            yield self.stories.name, self.stories.file


def segment_file(id: str, part: str) -> str:
    return f"segments/{id}/{part}.arrow"


def deletes_file(id: str) -> str:
    return f"deletes/{id}.arrow"


def stories_file(generation: int) -> str:
    return f"stories-{generation}.arrow"


def is_ours(name: str) -> bool:
    """Whether a name is one that a writer of this format gives, so that a leftover may go.

    A user may well point at a folder with files of their own.
    """
    return bool(_OURS.fullmatch(name))


def encode(manifest: Manifest) -> bytes:
    """The manifest as bytes: JSON whose last member is the xxh3_128 of all bytes before its line."""
    fields = dataclasses.asdict(manifest)
    ordered = {"format": FORMAT, "dedup": fields.pop("dedup"), "generation": fields.pop("generation"), **fields}
    body = json.dumps(ordered, indent=2).removesuffix("\n}").encode()
    return body + b',\n  "checksum": "%s"\n}\n' % xxhash.xxh3_128_hexdigest(body).encode()


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


class _WrongError(Exception):
    """A member of the manifest is not what the format says."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def _manifest(fields: Any, path: str) -> Manifest:
    if _number(_members(fields, "format"), "format") != FORMAT:
        raise _incompatible(path, f"format {fields['format']}", f"format {FORMAT}")
    names = {"format", "checksum"} | {field.name for field in dataclasses.fields(Manifest)}
    if fields.keys() != names:
        raise _WrongError(min(fields.keys() ^ names))
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
    )
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
    return manifest


def _params(fields: Any, path: str) -> Params:
    types: dict[str, type] = {field.name: type(field.default) for field in dataclasses.fields(Params)}
    if not isinstance(fields, dict):
        raise _WrongError("params")
    if fields.get("text_version") != TEXT_VERSION:
        raise _incompatible(path, f"text version {fields.get('text_version')}", f"text version {TEXT_VERSION}")
    if fields.keys() != types.keys():
        odd = ", ".join(sorted(fields.keys() ^ types.keys()))
        raise _incompatible(path, f"other parameters ({odd})", "its own")
    for name, kind in types.items():
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
    return SegmentRecord(
        id=_id(fields),
        base=_number(fields, "base", MAX_ROWS - 1),
        rows=_number(fields, "rows", MAX_ROWS),
        files={part: _file(_members(files, *PARTS)[part]) for part in PARTS},
    )


def _deletes(fields: Any) -> DeletesRecord:
    _members(fields, "id", "rows", "file")
    return DeletesRecord(_id(fields), _number(fields, "rows", MAX_ROWS), _file(fields["file"]))


def _stories(fields: Any) -> StoriesRecord:
    _members(fields, "generation", "file")
    return StoriesRecord(_number(fields, "generation"), _file(fields["file"]))


def _file(fields: Any) -> FileRecord:
    _members(fields, "bytes", "xxh3_128")
    if not _DIGEST.fullmatch(_text(fields, "xxh3_128")):
        raise _WrongError("xxh3_128")
    return FileRecord(_number(fields, "bytes"), fields["xxh3_128"])


def _members(fields: Any, *names: str) -> dict[str, Any]:
    if not isinstance(fields, dict) or not set(names) <= fields.keys():
        raise _WrongError(names[0])
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
