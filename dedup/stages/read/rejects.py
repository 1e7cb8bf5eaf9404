"""The file of what was set aside: one JSON object a line, made when the first comes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from dedup.errors import UnreadableInput
from dedup.model import Rejected


class RejectsFile:
    """Writes rejected records to path as JSONL (path, line, reason, record), and counts them.

    path: None counts only. The file is made at once, so that an old one is not mistaken for
    this run's. Call it with each Rejected; use it as a context manager. Raises
    UnreadableInput where the file cannot be made.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = path
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        if self.path is not None:
            try:
                self._file = Path(self.path).open("w", encoding="utf-8", newline="\n")
            except OSError as error:
                raise UnreadableInput(path=self.path, format="a rejects file", reason=error.strerror) from error
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
