"""Index what appears in a folder, as it appears: one batch of files that are quiet, one call of index.add.

The system tells which files change; since it may forget some (a queue that overflows, a disk of another machine), the
folder is also listed now and then. What is in the index already changes nothing, so that a restart just begins anew.
"""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from dedup.errors import BadInput, IndexLocked, MissingExtra, MissingInput, UnreadableInput
from dedup.index import Index
from dedup.model import Added, Kind
from dedup.stages.read import sources

QUIET = 2.0  # seconds without a change after which a file is taken to be whole
# Seconds between two lists of the folder at least, and how much longer they may be apart than one takes.
_LIST, _RARELY = 60.0, 20
# Seconds until a locked index is tried again.
_LOCKED = 2.0

_Look = tuple[int, int]  # a file's bytes and when it was changed, in nanoseconds


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Files that were read together. added: what came of them; None where nothing in them is usable. reason: why."""

    files: int
    added: Added | None
    reason: str | None = None


class Pending:
    """Files that changed and are not read yet. Times are seconds of one clock."""

    def __init__(self, quiet: float) -> None:
        self.quiet = quiet
        self._waiting: dict[str, tuple[_Look, float]] = {}
        self._read: dict[str, _Look] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, path: str, look: _Look | None, since: float) -> None:
        """path looks like this, since then at least; None where it is gone."""
        if look is None:
            self._waiting.pop(path, None)
            self._read.pop(path, None)
        elif self._read.get(path) != look and self._waiting.get(path, (None,))[0] != look:
            self._waiting[path] = (look, since)

    def ready(self, now: float, look: Callable[[str], _Look | None]) -> list[str]:
        """Those that look as they did for as long as quiet, in order of their paths."""
        for path in list(self._waiting):
            self.note(path, look(path), now)
        return sorted(path for path, (_, since) in self._waiting.items() if now - since >= self.quiet)

    def done(self, paths: Iterable[str]) -> None:
        """These were read, as they looked when they were ready."""
        for path in paths:
            if path in self._waiting:
                self._read[path] = self._waiting.pop(path)[0]


def watch(
    folder: str | Path,
    index: str | Path,
    *,
    kind: Kind | str = Kind.auto,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    quiet: float = QUIET,
    stop: threading.Event | None = None,
) -> Iterator[Batch]:
    """Add what is in folder and what comes, until stop is set: the batch at work is then still committed.

    index: its folder, made where there is none. Raises MissingInput, MissingExtra, and what Index.add raises, but for
    files of which nothing is usable, and an index that another process writes, which is waited for.
    """
    folder, stop = Path(folder), stop or threading.Event()
    if not folder.is_dir():
        raise MissingInput(path=folder)
    try:
        import watchfiles
    except ModuleNotFoundError:
        raise MissingExtra(feature="dedup watch", extra="watch") from None
    opened = Index.open_or_create(index)
    ours = Path(index).resolve()
    pending, listed, next_list = Pending(quiet), 0.0, 0.0

    # The system is asked before the first list, so that nothing falls between the two.
    events = watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=200,
        rust_timeout=max(50, min(1000, int(500 * quiet))),
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    for changes in events:
        now = time.monotonic()
        for path in {path for _, path in changes}:
            if Path(path).is_dir():
                # What was put into a new folder before the system watched it is told by no event.
                _list(path, folder, ours, pending)
            elif _counts(folder, ours, Path(path)):
                pending.note(path, _look(path), now)
        if now >= next_list:
            _list(str(folder.absolute()), folder, ours, pending)
            listed = time.monotonic() - now
            next_list = now + max(_LIST, _RARELY * listed)
        ready = pending.ready(time.monotonic(), _look)
        if not ready:
            continue
        try:
            added = opened.add(ready, kind=kind, format=format, columns=columns)
            pending.done(ready)
            yield Batch(len(ready), added)
        except IndexLocked:
            stop.wait(_LOCKED)
        except BadInput as error:
            pending.done(ready)
            yield Batch(len(ready), None, str(error))


def _list(where: str, folder: Path, ours: Path, pending: Pending) -> None:
    """Note all files below where, which is folder or in it."""
    now, wall = time.monotonic(), time.time()
    try:
        paths = list(sources.files(where, lambda _: None))
    except (MissingInput, UnreadableInput):
        return  # it may come back
    for path in paths:
        if _counts(folder, ours, Path(path)) and (look := _look(path)):
            # What has not been touched for long need not be waited for.
            pending.note(path, look, now - max(0.0, wall - look[1] / 1e9))


def _counts(folder: Path, ours: Path, path: Path) -> bool:
    """Whether a file may hold articles: not hidden, not of the index, not by its name something else."""
    try:
        inside = path.absolute().relative_to(folder.absolute())
    except ValueError:
        return False
    if any(part.startswith(".") for part in inside.parts) or sources.is_other(str(path)):
        return False
    return not path.absolute().is_relative_to(ours) and not path.resolve().is_relative_to(ours)


def _look(path: str) -> _Look | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if os.path.isfile(path) else None  # noqa: PTH113
