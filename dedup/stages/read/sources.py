"""What to read, and as what: files of folders in order, formats by name and by content."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from dedup.errors import MissingInput, UnknownFormat, UnreadableInput
from dedup.model import Rejected
from dedup.stages.read.frame import Format, OnReject
from dedup.stages.read.pages import is_binary
from dedup.stages.read.streams import STDIN, Stream

_PACKED = {".gz", ".gzip", ".zst", ".zstd"}
_FORMATS = {
    ".jsonl": Format.jsonl,
    ".ndjson": Format.jsonl,
    ".jl": Format.jsonl,
    ".csv": Format.csv,
    ".tsv": Format.csv,
    ".parquet": Format.parquet,
    ".pq": Format.parquet,
    ".txt": Format.text,
    ".text": Format.text,
    ".md": Format.text,
    ".html": Format.html,
    ".htm": Format.html,
    ".xhtml": Format.html,
}
# What stands beside articles in a saved page or a project, and is none.
_OTHERS = frozenset(
    f".{name}"
    for names in (
        "css js mjs map png jpg jpeg gif webp avif svg ico bmp tif tiff woff woff2 ttf otf eot mp3 mp4 m4a webm ogg",
        "wav mov avi pdf doc docx xls xlsx ppt pptx zip tar tgz 7z rar bz2 xz exe so dll py pyc sh log lock yml yaml",
        "toml ini cfg db sqlite arrow feather npy npz bak tmp part",
    )
    for name in names.split()
)
_TEXT_NAMES = (b'"text"', b'"body"', b'"content"', b'"html"')


def files(source: str, on_reject: OnReject) -> Iterator[str]:
    """The files of a source in the order of their paths: itself, or all in the folder that are not hidden.

    A folder that cannot be entered goes to on_reject. Raises MissingInput, UnreadableInput.
    """
    if source == STDIN:
        yield source
        return
    if not source:
        raise MissingInput(path="a source without a name")
    try:
        mode = Path(source).stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingInput(path=source) from error
    except (OSError, ValueError) as error:
        raise UnreadableInput(path=source, format="a file or folder", reason=str(error)) from error
    if not stat.S_ISDIR(mode):
        yield source
        return
    if not os.access(source, os.R_OK | os.X_OK):
        raise UnreadableInput(path=source, format="a folder", reason="permission denied")

    def refuse(error: OSError) -> None:
        on_reject(Rejected(str(error.filename), None, (error.strerror or "unreadable").lower(), ""))

    found = []
    for folder, folders, names in os.walk(source, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118
            # Of the two, only os.path's answers where permission is denied.
            if not name.startswith(".") and os.path.isfile(path):  # noqa: PTH113
                found.append(path)
    yield from sorted(found, key=lambda path: Path(path).parts)


def total_bytes(paths: Sequence[str]) -> int | None:
    """What the files take on disk; None with standard input."""
    if STDIN in paths:
        return None
    return sum(os.stat(path).st_size for path in paths if os.path.exists(path))  # noqa: PTH116, PTH110


def by_name(path: str) -> Format | None:
    """What the name says, with or without .gz or .zst behind."""
    return _FORMATS.get(_suffix(path))


def is_other(path: str) -> bool:
    """Whether a file in a folder is known, by its name, to be no article."""
    return _suffix(path) in _OTHERS


def _suffix(path: str) -> str:
    pure = PurePath(path.lower())
    return PurePath(pure.stem).suffix if pure.suffix in _PACKED else pure.suffix


def by_content(stream: Stream) -> Format:
    """What the first bytes say. Raises UnknownFormat, and UnreadableInput for JSON that is not JSONL."""
    head = stream.peek()
    if head.startswith(b"PAR1"):
        return Format.parquet
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return Format.jsonl
    if start.startswith(b"[") and any(name in start for name in _TEXT_NAMES):
        raise UnreadableInput(path=stream.path, format="JSONL", reason="it is one JSON list: write one object a line")
    if is_binary(head):
        raise UnknownFormat(path=stream.path)
    if start[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        return Format.html
    names = {
        name.strip(b'" \r') for name in start.split(b"\n", 1)[0].replace(b"\t", b",").replace(b";", b",").split(b",")
    }
    if len(names) > 1 and names & {b"text", b"body", b"content", b"html"}:
        return Format.csv
    return Format.text if start else Format.jsonl
