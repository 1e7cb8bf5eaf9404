"""Tables of an index for a program: whole, or of every story one article with the ids of the others."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import export
from dedup.errors import UsageError
from dedup.kernels.arrays import runs
from dedup.lookup import Rows, live_batches
from dedup.snapshot import Snapshot


class Keep(StrEnum):
    """Which article of a story is kept."""

    origin = "origin"
    longest = "longest"
    earliest = "earliest"


# As an export of articles, with their text and the ids of those that it stands for, in order of time.
KEPT = pa.schema(
    [
        *export.ARTICLES,
        pa.field("others", pa.list_(pa.string()), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)
TABLES = {"articles": export.articles, "stories": export.stories, "links": export.links}
_COLUMNS = ["id", "outlet", "url", "title", "published", "zone", "credits", "body"]


def table(snapshot: Snapshot, what: str, keep: str | None = None) -> pa.RecordBatchReader:
    """One of TABLES, of articles only those to keep where keep is given. Raises UsageError for anything else."""
    if what not in TABLES:
        raise UsageError(problem=f"no table {what}: articles, stories or links")
    if keep is None:
        return TABLES[what](snapshot)
    if what != "articles":
        raise UsageError(problem=f"--keep is for articles, not for {what}")
    if keep not in set(Keep):
        raise UsageError(problem=f"cannot keep {keep}: {', '.join(Keep)}")
    return articles(snapshot, Keep(keep))


def articles(snapshot: Snapshot, keep: Keep) -> pa.RecordBatchReader:
    """One article a story and every article that is in none (schema KEPT), in the order in which they came.

    origin: the one that the story most likely started from; longest: of most tokens, the earlier of equals; earliest:
    of the first known time. text is the body: what the outlet added is off.
    """

    def batches() -> Iterator[pa.RecordBatch]:
        kept, starts, ends = _kept(snapshot, keep)
        members = snapshot.groups.table["row"].to_numpy().astype(np.int64)
        for batch, rows in live_batches(snapshot.store, _COLUMNS):
            in_story = snapshot.place_of(rows) >= 0
            at = np.searchsorted(kept, rows)
            stands = np.isin(rows, kept)
            wanted = stands | ~in_story
            sizes = np.zeros(len(rows), np.int64)
            begins = np.zeros(len(rows), np.int64)
            begins[stands], sizes[stands] = starts[at[stands]], (ends - starts)[at[stands]]
            chosen = batch.filter(pa.array(wanted))
            yield _with_others(snapshot, chosen, rows[wanted], members, begins[wanted], sizes[wanted])

    return pa.RecordBatchReader.from_batches(KEPT, batches())


def _kept(snapshot: Snapshot, keep: Keep) -> tuple[Rows, Rows, Rows]:
    """The row that is kept of each story, rising, and where the story begins and ends among the members."""
    groups = snapshot.groups
    starts, ends = groups.starts[:-1], groups.starts[1:]
    if not len(starts):
        return starts, starts, ends
    rows = groups.table["row"].to_numpy().astype(np.int64)
    if keep is Keep.earliest:
        # Members are in order of time, those without one last.
        kept = rows[starts]
    elif keep is Keep.origin:
        kept = groups.table["origin"].to_numpy().astype(np.int64)[starts]
    else:
        kept = rows[_longest(_lengths(snapshot, rows), starts)]
    order = np.argsort(kept)
    return kept[order], starts[order], ends[order]


def _lengths(snapshot: Snapshot, rows: Rows) -> npt.NDArray[np.int64]:
    """Tokens of the bodies at rows."""
    lengths = np.empty(len(rows), np.int64)
    for segment, local, where in snapshot.store.places(rows):
        lengths[where] = segment.fixed("length", local)
    return lengths


def _longest(lengths: npt.NDArray[np.int64], starts: Rows) -> Rows:
    """Of each run of lengths the place of its first largest."""
    story = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(lengths))))
    order = np.lexsort((np.arange(len(lengths)), -lengths, story))
    return order[starts]


def _with_others(
    snapshot: Snapshot, batch: pa.RecordBatch, rows: Rows, members: Rows, begins: Rows, sizes: Rows
) -> pa.RecordBatch:
    """batch (at rows) as KEPT; begins, sizes: the run of members that each stands for, itself among them."""
    places = runs(begins, sizes)[0]
    of = np.repeat(np.arange(len(rows)), sizes)
    other = members[places] != rows[of]
    others = members[places][other]
    counts = np.bincount(of[other], minlength=len(rows))
    offsets = np.append(0, np.cumsum(counts)).astype(np.int32)
    ids = (
        snapshot.store.article_rows(others, ["id"])["id"].combine_chunks() if len(others) else pa.array([], pa.string())
    )
    told = export.article_rows(snapshot, batch, rows)
    return pa.record_batch(
        [*told.columns, pa.ListArray.from_arrays(pa.array(offsets), ids), batch["body"]], schema=KEPT
    )
