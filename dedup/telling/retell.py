"""Tell the stories of a commit: what changed where that is little, all of them where it is much; and the journal."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.corpus import Corpus
from dedup.linking import crowds
from dedup.linking.change import Change
from dedup.lookup import Rows
from dedup.stages import lsh
from dedup.store import Store, Writer
from dedup.telling import amend, derive, journal, members


def retell(writer: Writer, change: Change, executor: Executor | None) -> None:
    """Stories and journal of a commit that a change makes, which the writer has staged."""
    corpus, kept = Corpus(writer.store), members.of(writer.store)
    amended = None
    if kept is not None and kept.parts and told(writer.store):
        amended = amend.amended(corpus, kept, change)
    if kept is None or amended is None:
        renew(writer, change.crowds, _told(corpus, kept), executor)
        return
    members.amend(writer, kept, amended)
    rows = amended["row"].to_numpy().astype(np.int64)
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


def told(store: Store) -> bool:
    """Whether a commit keeps stories that are its own, and not those of an earlier one."""
    kept = members.of(store)
    return kept is not None and kept.of_commit == store.manifest.generation


def moves(store: Store) -> journal.Moves | None:
    """The stories that a commit keeps, as the journal compares them; None where their files are gone."""
    return _told(Corpus(store), members.of(store))


def _told(corpus: Corpus, kept: members.Members | None) -> journal.Moves | None:
    return None if kept is None else journal.Moves(corpus, *_rows_and_stories(kept.table()))


def _rows_and_stories(table: pa.Table) -> tuple[Rows, Rows]:
    table = table.filter(pc.greater(table["version"], 0))
    return table["row"].to_numpy().astype(np.int64), table["story"].to_numpy().astype(np.int64)
