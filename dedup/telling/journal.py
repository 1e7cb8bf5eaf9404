"""What became of stories: a journal that each commit adds to, and how it is told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.lookup import Rows
from dedup.store import Store, Writer
from dedup.telling.parts import folded

Ids = npt.NDArray[np.uint64]
# A row an article whose story is another after a commit than before. article: the low word of its id_hash. before,
# after: that of the story's oldest member, which is the story's id; 0 for an article that is in none.
CHANGES = pa.schema(
    [
        pa.field("commit", pa.uint64(), nullable=False),
        pa.field("article", pa.uint64(), nullable=False),
        pa.field("before", pa.uint64(), nullable=False),
        pa.field("after", pa.uint64(), nullable=False),
    ]
)
# Rows that are kept: above it the oldest part goes.
_MOST = 1 << 22


class Moves:
    """The story of each of some articles, before or after a commit, by ids: (n, 2) uint64, article and story."""

    def __init__(self, corpus: Corpus, rows: Rows, story: Rows) -> None:
        """story: as Members.story_of gives it."""
        told = np.flatnonzero(story >= 0)
        self.articles: Ids = corpus.column("id_hash", rows[told])[:, 0]
        self.stories: Ids = corpus.column("id_hash", story[told])[:, 0]


def write(writer: Writer, before: Moves | None, after: Moves) -> None:
    """Add to the journal what a commit changed. before: None where it is not known, and the journal begins again."""
    old, commit = writer.store.manifest.changes, writer.generation
    if before is None:
        writer.set_changes(CHANGES.empty_table(), since=commit)
        return
    part = _changed(commit, before, after)
    parts = writer.store.changes()
    if not part.num_rows and old and parts:
        return
    since = 0
    if old:
        since = old.since if parts or not old.parts else writer.store.manifest.generation
    keep, part = folded(parts, part, 0, lambda older, newer: pa.concat_tables([older, newer]))
    if keep and part.num_rows + sum(one.num_rows for one in parts[:keep]) > _MOST:
        since = int(parts[0]["commit"].to_numpy().max(initial=since))
        part, keep = pa.concat_tables([*parts[1:keep], part]), 0
    writer.set_changes(part, since, keep)


def since(store: Store) -> int | None:
    """The earliest commit from which on all changes are known; None where none are."""
    record = store.manifest.changes
    return None if record is None or (record.parts and not store.changes()) else record.since


def moves(store: Store, commit: int) -> tuple[Ids, Ids, Ids]:
    """Articles whose story is another than at a commit, and its ids then and now (0: in none)."""
    table = pa.concat_tables([CHANGES.empty_table(), *store.changes()])
    found, article, before, after = (table[name].to_numpy() for name in CHANGES.names)
    later = np.flatnonzero(found > commit)
    order = later[np.lexsort((found[later], article[later]))]
    article = article[order]
    first = np.flatnonzero(np.append(True, article[1:] != article[:-1])) if len(order) else np.empty(0, np.int64)
    last = np.append(first[1:], len(order)) - 1 if len(order) else first
    then, now = before[order[first]], after[order[last]]
    other = then != now
    return article[first][other], then[other], now[other]


def _changed(commit: int, before: Moves, after: Moves) -> pa.Table:
    articles, place = np.unique(np.concatenate([before.articles, after.articles]), return_inverse=True)
    then, now = np.zeros((2, len(articles)), np.uint64)
    then[place[: len(before.articles)]] = before.stories
    now[place[len(before.articles) :]] = after.stories
    other = then != now
    columns = [np.full(int(other.sum()), commit, np.uint64), articles[other], then[other], now[other]]
    return pa.table([pa.array(column) for column in columns], schema=CHANGES)
