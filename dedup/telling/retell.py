"""Tell the stories of a commit: what changed where that is little, all of them where it is much; and the journal."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.kernels.arrays import flat
from dedup.linking import crowds
from dedup.linking.change import Change
from dedup.lookup import Rows
from dedup.stages import lsh
from dedup.store import Store, Writer
from dedup.telling import amend, derive, journal, members


def retell(writer: Writer, change: Change, executor: Executor | None) -> None:
    """Stories and journal of a commit that a change makes, which the writer has staged."""
    corpus, kept = Corpus(writer.store), members.current(writer.store)
    amended = amend.amended(corpus, kept, change, executor) if kept and kept.parts else None
    if kept is None or amended is None:
        renew(writer, change.crowds, moves(writer.store), executor)
        return
    rows = flat(amended["row"]).astype(np.int64)
    if not derive.standing(amended).num_rows and np.all(kept.latest("group", rows) < 0):
        writer.keep_stories()  # what came is in none, and nothing else changed
        return
    members.amend(writer, kept, amended)
    before = journal.Moves(corpus, rows, kept.story_of(rows))
    journal.write(writer, before, journal.Moves(corpus, *_rows_and_stories(amended)))


def renew(
    writer: Writer, known: lsh.Crowds | None, before: journal.Moves | None, executor: Executor | None = None
) -> None:
    """All stories of what the writer holds, and what that adds to the journal.

    known: its crowds, where they are at hand. before: the stories of old; None where they are not known.
    """
    corpus = Corpus(writer.store)
    stories = derive.whole(corpus, crowds.load(corpus) if known is None else known, executor)
    members.replace(writer, stories)
    journal.write(writer, before, journal.Moves(corpus, *_rows_and_stories(stories)))


def moves(store: Store) -> journal.Moves | None:
    """The stories that a commit keeps, as the journal compares them; None where their files are gone."""
    kept = members.of(store)
    return None if kept is None else journal.Moves(Corpus(store), *_rows_and_stories(kept.table()))


def _rows_and_stories(table: pa.Table) -> tuple[Rows, Rows]:
    told = members.told(table)
    return flat(told["row"]).astype(np.int64), flat(told["story"]).astype(np.int64)
