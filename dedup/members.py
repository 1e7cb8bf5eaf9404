"""Stories as an index keeps them: one whole table, and later ones that amend it.

An amendment has all articles of the stories that it touches, removed ones too, so that what an earlier part says of
any of these rows counts no more.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.derive import MEMBERS
from dedup.lookup import Rows
from dedup.store import Store, Writer

# schema MEMBERS, and order: places in the part in order of row.
_KEPT = MEMBERS.append(pa.field("order", pa.uint32(), nullable=False))
# Amendments are joined while an earlier one is at most so many times as long: few parts, each row rarely rewritten.
_RATIO = 2
# Above so many rows, and this part of the whole table, amendments are laid into it.
_MANY, _MUCH = 1 << 12, 0.25


@dataclasses.dataclass(frozen=True, slots=True)
class Members:
    """The stories of a commit, parts laid over each other; of_commit: the one that they describe."""

    parts: tuple[pa.Table, ...]
    of_commit: int
    count: int

    def story_of(self, rows: Rows) -> Rows:
        """int64, n: the row that names the story of each row, its oldest member's; -1 for an article in none."""
        found = np.full(len(rows), -1, np.int64)
        left = np.arange(len(rows))
        for part in reversed(self.parts):
            if not part.num_rows or not len(left):
                continue
            known, order = part["row"].to_numpy(), part["order"].to_numpy()
            wanted = rows[left].astype(np.uint32)
            at = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(order) - 1)]
            same = known[at] == wanted
            named = part["story"].to_numpy()[at].astype(np.int64)
            found[left[same]] = np.where(part["version"].to_numpy()[at] > 0, named, -1)[same]
            left = left[~same]
        return found

    def table(self) -> pa.Table:
        """The members of all stories, schema MEMBERS."""
        return _told(laid(self.parts))


def of(store: Store) -> Members | None:
    """The stories that a commit keeps, which may be those of an earlier one; None where their files are gone."""
    record, parts = store.manifest.stories, store.stories()
    if record is None:  # none were ever told
        return Members((), -1 if store.segments else store.manifest.generation, 0)
    return None if parts is None else Members(tuple(parts), record.as_of, record.count)


def replace(writer: Writer, stories: pa.Table) -> None:
    """Keep stories, those of two articles or more (schema MEMBERS), in the place of all parts."""
    writer.set_stories(_ordered(stories), count(stories))


def amend(writer: Writer, before: Members, rows: Rows, stories: pa.Table) -> None:
    """Lay the stories among some rows, which are all that a commit changes, over those from before."""
    alone = np.setdiff1d(rows, stories["row"].to_numpy())
    part = pa.concat_tables([stories, _alone(alone)])
    told = before.story_of(rows)
    total = before.count - len(np.unique(told[told >= 0])) + count(stories)
    parts, keep = before.parts, len(before.parts)
    while keep > 1 and parts[keep - 1].num_rows <= _RATIO * part.num_rows:
        keep -= 1
        part = laid((parts[keep], part))
    amended = part.num_rows + sum(older.num_rows for older in parts[1:keep])
    if keep and amended > max(_MANY, _MUCH * parts[0].num_rows):
        part, keep = _told(laid((*parts[:keep], part))), 0
    writer.set_stories(_ordered(part if keep else _told(part)), total, keep)


def count(stories: pa.Table) -> int:
    """How many stories there are in a table of members."""
    story = stories["story"].to_numpy()
    return int(np.sum(story[1:] != story[:-1])) + 1 if len(story) else 0


def laid(parts: tuple[pa.Table, ...]) -> pa.Table:
    """Parts as one (schema MEMBERS), in which each row stands once, as the last part has it."""
    kept = [MEMBERS.empty_table()]
    for number, part in enumerate(parts):
        rows = part["row"].to_numpy()
        fresh = np.ones(len(rows), np.bool_)
        for later in parts[number + 1 :]:
            fresh &= ~np.isin(rows, later["row"].to_numpy())
        told = part.select(MEMBERS.names)
        kept.append(told if fresh.all() else told.filter(pa.array(fresh)))
    return pa.concat_tables(kept).combine_chunks()


def _told(table: pa.Table) -> pa.Table:
    together = table["version"].to_numpy() > 0
    return table if together.all() else table.filter(pa.array(together))


def _ordered(table: pa.Table) -> pa.Table:
    order = np.argsort(table["row"].to_numpy(), kind="stable").astype(np.uint32)
    return table.append_column(_KEPT.field("order"), pa.array(order))


def _alone(rows: npt.NDArray[np.integer]) -> pa.Table:
    """Articles that are in no story, as an amendment tells it."""
    itself, ones = rows.astype(np.uint32), np.ones(len(rows), np.float32)
    none = np.zeros(len(rows), np.uint32)
    columns = [itself, itself, itself, np.full(len(rows), -1, np.int8), ones, ones, ones, none, ones]
    return pa.table([pa.array(column) for column in columns], schema=MEMBERS)
