"""The file of what was set aside: one JSON object a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from dedup.errors import BadInput, UsageError
from dedup.model import Rejected


class RejectsFile:
    """Writes rejected records to path as JSONL (path, line, reason, record), and counts them.

    path: None counts only. The file is made at once, so that an old one is not mistaken for
    this run's. sources: what is read; path may be none of them. Call it with each Rejected; use
    it as a context manager. Raises UsageError where path is a source or lies in one, BadInput
    where the file cannot be made.
    """

    def __init__(self, path: str | Path | None = None, sources: Iterable[str | Path] = ()) -> None:
        for source in sources if path is not None else ():
            if _holds(Path(source), Path(path or "")):
                raise UsageError(problem=f"--rejects {path} would be written into what is read, {source}: name another")
        self.path = path
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        if self.path is not None:
            try:
                self._file = Path(self.path).open("w", encoding="utf-8", newline="\n")
            except OSError as error:
                raise BadInput(problem=f"cannot write {self.path}: {error.strerror}") from error
        return self

    def __call__(self, rejected: Rejected) -> None:
        self.count += 1
        self.reasons[rejected.reason] += 1
        if self._file is not None:
            fields = {name: getattr(rejected, name) for name in ("path", "line", "reason", "record")}
            self._file.write(json.dumps(fields) + "\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _holds(source: Path, path: Path) -> bool:
    """Whether path is the file source, by whatever name, or would lie in the folder source."""
    try:
        if source.is_dir():
            return path.resolve().is_relative_to(source.resolve())
        return source.is_file() and path.exists() and source.samefile(path)
    except (OSError, ValueError):  # whoever reads the source says why
        return False
