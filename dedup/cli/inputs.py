"""One text from where the user says it is: a file, standard input, or an article of the index."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import dedup
from dedup.errors import BadInput, MissingInput, NoIndex, NotFound, TooLarge, UnreadableInput, UsageError

MOST = 4 << 20  # as read.limits.TEXT


def text(path: str) -> str:
    """The text of one file, or of standard input for "-". Raises BadInput."""
    name = "standard input" if path == "-" else path
    data = _bytes(path)
    if len(data) > MOST:
        raise TooLarge(path=name, what="a text", size=f"more than {MOST:,}", limit=f"{MOST:,}")
    if not data.strip():
        raise BadInput(problem=f"{name} is empty")
    try:
        # The readers of whole corpora take 0.2 s to load: only for what is not plainly UTF-8.
        said: str | None = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        said = None
    if said is None or "\0" in said:
        from dedup.stages.read.pages import to_text

        said = to_text(data)
    if said is None:
        raise UnreadableInput(path=name, format="text", reason="it is a binary file")
    return said


def _bytes(path: str) -> bytes:
    try:
        if path == "-":
            return sys.stdin.buffer.read(MOST + 1)
        with Path(path).open("rb") as file:
            return file.read(MOST + 1)
    except FileNotFoundError:
        raise MissingInput(path=path) from None
    except OSError as error:
        raise UnreadableInput(path=path, format="text", reason=(error.strerror or "error").lower()) from None


def piped(path: str | None, usage: str) -> str:
    """path, or "-" where standard input is no terminal. Raises UsageError, naming usage."""
    if path is None and sys.stdin.isatty():
        raise UsageError(problem=f"nothing to read: {usage}")
    return path or "-"


def ids(named: list[str]) -> list[str]:
    """named, where "-" stands for the lines of standard input. Raises BadInput where these are none."""
    if "-" not in named:
        return named
    read = sys.stdin.buffer.read().decode("utf-8-sig", "replace").split("\n")
    lines = [line.removesuffix("\r") for line in read if line.strip()]
    if not lines:
        raise BadInput(problem="standard input names no id")
    return list(chain.from_iterable(lines if one == "-" else [one] for one in named))


def given(text: str) -> str:
    """The value of --text. Raises BadInput where it says nothing."""
    if not text.strip():
        raise BadInput(problem="--text is empty")
    return text


def text_or_article(name: str, index: Path) -> str:
    """The text of a file, or the body of the article with that id as it is compared. Raises BadInput."""
    if name == "-" or Path(name).exists():
        return text(name)
    try:
        body: str = dedup.Index.open(index).compared(name)
    except (NoIndex, NotFound):
        raise BadInput(problem=f"{name} is neither a file nor the id of an article in {index}") from None
    return body
