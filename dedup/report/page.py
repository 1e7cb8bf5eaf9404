"""A page of the terminal: lines that wrap, and rows in columns that fit its width.

On a terminal a row is cut to fit; in a pipe it is as long as it must be, so that nothing that
a program might want is lost. Article text enters as Text, never as markup.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence
from typing import IO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP = 2  # spaces between columns
LEAST = 30  # characters; a narrower flexible column goes on a line of its own, below its row


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """head: its title. limit: cells at most on a terminal, 0 for as many as needed (ids)."""

    head: str
    style: str = ""
    right: bool = False
    limit: int = 0


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command line say what a closed pipe means: rich would exit with 1."""
        raise BrokenPipeError


class Page:
    """Prints on file, standard output by default, with colours only where they show."""

    def __init__(self, file: IO[str] | None = None) -> None:
        file = sys.stdout if file is None else file
        self.console = _Console(file=file, highlight=False, markup=False, emoji=False)
        self.narrow = self.console.is_terminal or self.console.color_system is not None or "COLUMNS" in os.environ
        self.width = self.console.width if self.narrow else 1 << 20

    def line(self, *parts: str | tuple[str, str] | Text, indent: int = 0, hang: int = 0) -> None:
        """Print parts, text or (text, style), wrapped; further lines stand hang deeper."""
        text = Text.assemble(*parts)
        if not self.narrow or cell_len(text.plain) + indent <= self.width:
            self._print(Text(" " * indent) + text)
            return
        first, *rest = text.wrap(self.console, max(20, self.width - indent - hang), tab_size=1)
        self._print(Text(" " * indent) + first)
        for part in rest:
            self._print(Text(" " * (indent + hang)) + part)

    def gap(self) -> None:
        """An empty line."""
        self._print(Text())

    def head(self, title: str) -> None:
        """A headline of ours with space above."""
        self.gap()
        self._print(Text(title, "bold underline"))

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], indent: int = 0) -> None:
        """Print rows under the heads of columns; the last column takes the room that is left.

        Where that is less than LEAST its cell stands below the row instead, if it is not empty, and so do cells before
        it that do not fit either.
        """
        widths = [max(cell_len(cell) for cell in cells) for cells in zip([c.head for c in columns], *rows, strict=True)]
        if self.narrow:
            widths = [min(w, c.limit or w) for w, c in zip(widths, columns, strict=True)]
        room = self.width - indent - sum(widths[:-1]) - GAP * (len(columns) - 1)
        shown = len(columns) - (widths[-1] > room and room < LEAST)
        while 1 < shown < len(columns) and indent + sum(widths[:shown]) + GAP * (shown - 1) > self.width:
            shown -= 1
        if shown < len(columns):
            room = self.width - indent - 2 * GAP - sum(width + GAP for width in widths[shown:-1])
        widths[-1] = min(widths[-1], room)
        heads = [(column.head, "dim") for column in columns]
        self._row(heads[:shown], columns, widths, indent)
        for row in rows:
            cells = [(cell, column.style) for cell, column in zip(row, columns, strict=True)]
            self._row(cells[:shown], columns, widths, indent)
            if any(row[shown:]):
                self._row(cells[shown:], columns[shown:], widths[shown:], indent + 2 * GAP)

    def _row(
        self, cells: Sequence[tuple[str, str]], columns: Sequence[Column], widths: Sequence[int], indent: int
    ) -> None:
        if not self.narrow:
            self._write(cells, columns, widths, indent)
            return
        line = Text(" " * indent)
        for k, ((cell, style), column, width) in enumerate(zip(cells, columns, widths, strict=False)):
            text = Text(cell, style)
            text.truncate(width, overflow="ellipsis")
            spare = Text(" " * (width - text.cell_len))
            line.append_text(spare + text if column.right else text + spare)
            if k < len(cells) - 1:
                line.append(" " * GAP)
        self._print(line)

    def _write(
        self, cells: Sequence[tuple[str, str]], columns: Sequence[Column], widths: Sequence[int], indent: int
    ) -> None:
        """A row without colour or cut: a listing of 100,000 rows is for another program, and takes a second."""
        parts = []
        for (cell, _), column, width in zip(cells, columns, widths, strict=False):
            spare = " " * (width - cell_len(cell))
            parts.append(spare + cell if column.right else cell + spare)
        line = (" " * indent + (" " * GAP).join(parts)).rstrip()
        self.console.file.write(line + "\n")

    def _print(self, line: Text) -> None:
        line.rstrip()
        self.console.print(line, soft_wrap=True)
