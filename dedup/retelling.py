"""Tell the stories of a commit: what changed where that is little, all of them where it is much; and the journal."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import pyarrow as pa

from dedup import crowds, derive, journal, members
from dedup.corpus import Corpus
from dedup.linking import Change
from dedup.lookup import Rows
from dedup.store import Store, Writer


def retell(
    writer: Writer,
    change: Change,
    executor: Executor | None,
    anew: bool = False,
    before: journal.Moves | None = None,
) -> None:
    """Stories and journal of a commit that a change makes.

    anew: whether the writer began anew; before: the stories of old then, None where they are not known.
    """
    kept = members.of(change.corpus.store)
    current = kept is not None and kept.of_commit == writer.store.manifest.generation
    amended = None
    if kept is not None and current and kept.parts and not anew:
        amended = derive.amended(
            change.corpus, change.crowds, change.ask, change.links, change.removed, change.turnover, change.stirred
        )
    if kept is None or amended is None:
        stories = derive.whole(
            change.corpus, change.crowds, change.ask, executor, change.links, change.removed, change.turnover
        )
        members.replace(writer, stories)
        _journal(writer, change.corpus, before if anew else _told(change.corpus, kept), stories)
        return
    rows, stories = amended
    rows = np.union1d(rows, change.removed)
    older = rows[rows < change.corpus.base]
    members.amend(writer, kept, rows, stories)
    _journal(writer, change.corpus, journal.Moves(change.corpus, older, kept.story_of(older)), stories)


def renew(writer: Writer, anew: bool = False, before: journal.Moves | None = None) -> None:
    """Stories and journal of a commit that tells none, or those of an earlier one; nothing where it tells its own.

    anew, before: as in `retell`.
    """
    kept = members.of(writer.store)
    if not anew and kept is not None and kept.of_commit == writer.store.manifest.generation:
        return
    corpus = Corpus(writer.store)
    stories = derive.whole(corpus, crowds.load(corpus), lambda rows: writer.store.article_rows(rows, derive.ASKED))
    members.replace(writer, stories)
    _journal(writer, corpus, before if anew else _told(corpus, kept), stories)


def moves(store: Store) -> journal.Moves | None:
    """The stories that a commit keeps, as the journal compares them; None where it keeps none."""
    return _told(Corpus(store), members.of(store))


def _told(corpus: Corpus, kept: members.Members | None) -> journal.Moves | None:
    if kept is None:
        return None
    return journal.Moves(corpus, *_rows_and_stories(kept.table()))


def _journal(writer: Writer, corpus: Corpus, before: journal.Moves | None, stories: pa.Table) -> None:
    journal.write(writer, before, journal.Moves(corpus, *_rows_and_stories(stories)))


def _rows_and_stories(table: pa.Table) -> tuple[Rows, Rows]:
    return table["row"].to_numpy().astype(np.int64), table["story"].to_numpy().astype(np.int64)
