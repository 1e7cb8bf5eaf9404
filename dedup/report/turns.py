"""What became of stories since a commit: rows for eyes, and a table for programs."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dedup.model import STORIES, StoryChange, Turn
from dedup.report.forms import to_json
from dedup.report.page import Column, Page
from dedup.report.text import plain

# The change, then the story as it is now; that part is null where the story vanished.
CHANGES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("turn", pa.string(), nullable=False),
        pa.field("before", pa.list_(pa.string()), nullable=False),
        pa.field("added", pa.int64(), nullable=False),
        pa.field("left", pa.int64(), nullable=False),
        *(field.with_nullable(True) for field in STORIES if field.name != "id"),
    ]
)
_ORDER = list(Turn)


def listing(page: Page, found: Sequence[StoryChange]) -> None:
    """A row a change: what happened, articles now, how many came and went, the story's id, those that it came
    from, headline."""
    if not found:
        page.line("No story changed.")
        return
    columns = [
        Column("turn", "yellow"),
        Column("articles", right=True),
        Column("added", right=True),
        Column("left", right=True),
        Column("story", "cyan"),
        Column("before", "cyan"),
        Column("headline", "bold"),
    ]
    page.rows(columns, [_row(change, page.narrow) for change in ordered(found)])


def table(found: Sequence[StoryChange]) -> pa.Table:
    """found as a table of schema CHANGES, in order; times are ISO 8601 with their zone."""
    rows = []
    for change in ordered(found):
        form = to_json(change)
        rows.append((form.pop("story") or {}) | form)
    return pa.Table.from_pylist(rows, CHANGES)


def ordered(found: Sequence[StoryChange]) -> list[StoryChange]:
    """found by turn, as the enumeration has them, the largest stories first; what vanished by what it lost."""
    return sorted(found, key=lambda change: (_ORDER.index(change.turn), -_size(change), change.id))


def _size(change: StoryChange) -> int:
    return change.story.articles if change.story else change.left


def _row(change: StoryChange, narrow: bool) -> tuple[str, ...]:
    story = change.story
    return (
        change.turn.value,
        f"{story.articles:,}" if story else "-",
        f"+{change.added:,}" if change.added else "-",
        f"-{change.left:,}" if change.left else "-",
        plain(change.id),
        _before(change, narrow),
        (plain(story.title) or "(no headline)") if story else "",
    )


def _before(change: StoryChange, narrow: bool) -> str:
    """The other stories that it came from; on a terminal the first of them, and how many more there are."""
    others = [plain(other) for other in change.before if other != change.id]
    if narrow and len(others) > 1:
        return f"{others[0]} +{len(others) - 1}"
    return ", ".join(others) or "-"
