"""Stories as an index keeps them: one whole table, and later ones that amend it.

An amendment has all articles of the stories that it touches, removed ones too, so that what an earlier part says of
any of these rows counts no more.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa

from dedup.kernels.arrays import distinct, flat, spans
from dedup.lookup import Rows
from dedup.store import Store, Writer
from dedup.telling.derive import MEMBERS, standing
from dedup.telling.parts import folded

# schema MEMBERS, and places in the part in order of row, and of group: int64, since NumPy would copy another type with
# each search.
_KEPT = MEMBERS.append(pa.field("order", pa.int64(), nullable=False)).append(
    pa.field("by_group", pa.int64(), nullable=False)
)
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
        return np.where(self.latest("version", rows) > 0, self.latest("story", rows), -1)

    def latest(self, name: str, rows: Rows) -> Rows:
        """int64, n: a column of MEMBERS at some rows, as the last part that has them tells; -1 where none has."""
        found = np.full(len(rows), -1, np.int64)
        left = np.arange(len(rows))
        for part in reversed(self.parts):
            if not part.num_rows or not len(left):
                continue
            known, order = flat(part["row"]), flat(part["order"])
            wanted = rows[left].astype(np.uint32)
            at = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(order) - 1)]
            same = known[at] == wanted
            found[left[same]] = flat(part[name])[at[same]]
            left = left[~same]
        return found

    def in_groups(self, groups: Rows) -> Rows:
        """Rows of all articles in some groups (distinct), removed ones too, rising."""
        found = [np.empty(0, np.int64)]
        wanted = groups.astype(np.uint32)
        for part in self.parts:
            column, order = flat(part["group"]), flat(part["by_group"])
            found.append(flat(part["row"])[order[spans(column, wanted, order)]].astype(np.int64))
        rows = distinct(np.concatenate(found))
        return rows[np.isin(self.latest("group", rows), groups)]

    def table(self) -> pa.Table:
        """The members of all stories, schema MEMBERS."""
        return told(laid(self.parts))


def of(store: Store) -> Members | None:
    """The stories that a commit keeps, which may be those of an earlier one; None where their files are gone."""
    record, parts = store.manifest.stories, store.stories()
    if record is None:  # none were ever told
        return Members((), -1 if store.segments else store.manifest.generation, 0)
    return None if parts is None else Members(tuple(parts), record.as_of, record.count)


def current(store: Store) -> Members | None:
    """The stories that a commit keeps, where they are its own."""
    kept = of(store)
    return kept if kept is not None and kept.of_commit == store.manifest.generation else None


def replace(writer: Writer, stories: pa.Table) -> None:
    """Keep stories (schema MEMBERS) in the place of all parts."""
    writer.set_stories(_ordered(stories), count(stories))


def amend(writer: Writer, before: Members, part: pa.Table) -> None:
    """Lay part (schema MEMBERS), all rows that a commit changes and what they are in now, over what was before."""
    story = before.story_of(flat(part["row"]).astype(np.int64))
    total = before.count - len(np.unique(story[story >= 0])) + count(part)
    parts = before.parts
    keep, part = folded(parts, part, 1, lambda older, newer: laid((older, newer)))
    amended = part.num_rows + sum(older.num_rows for older in parts[1:keep])
    if keep and amended > max(_MANY, _MUCH * parts[0].num_rows):
        part, keep = laid((*parts[:keep], part)), 0
    writer.set_stories(_ordered(part if keep else standing(part)), total, keep)


def count(stories: pa.Table) -> int:
    """How many stories there are in a table of members."""
    story = flat(stories["story"])[flat(stories["version"]) > 0]
    return int(np.sum(story[1:] != story[:-1])) + 1 if len(story) else 0


def laid(parts: tuple[pa.Table, ...]) -> pa.Table:
    """Parts as one (schema MEMBERS), in which each row stands once, as the last part has it."""
    kept = [MEMBERS.empty_table()]
    for number, part in enumerate(parts):
        rows = flat(part["row"])
        fresh = np.ones(len(rows), np.bool_)
        for later in parts[number + 1 :]:
            fresh &= ~np.isin(rows, flat(later["row"]))
        told = part.select(MEMBERS.names)
        kept.append(told if fresh.all() else told.filter(pa.array(fresh)))
    return pa.concat_tables(kept).combine_chunks()


def told(table: pa.Table) -> pa.Table:
    """What is in stories."""
    together = flat(table["version"]) > 0
    return table if together.all() else table.filter(pa.array(together))


def _ordered(table: pa.Table) -> pa.Table:
    orders = (np.argsort(flat(table[name]), kind="stable") for name in ("row", "group"))
    return pa.table([*table.columns, *(pa.array(order) for order in orders)], schema=_KEPT)
