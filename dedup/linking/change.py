"""What a commit changes: which bodies come and go, the pairs that are measured for it, the links, the crowds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import pyarrow as pa

from dedup.corpus import Corpus
from dedup.linking import crowds, links, postings
from dedup.linking.bodies import Turnover, turnover
from dedup.linking.candidates import candidates
from dedup.lookup import Rows
from dedup.prepare import Prepared
from dedup.stages import lsh, verify
from dedup.store import SegmentWriter, Sketches, Writer


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """Articles that come to a commit and rows that go.

    removed: int64, sorted, rows that go. turnover: see `bodies`. links: new ones, schema LINKS. before, crowds: those
    of the last commit and of the next; stirred: leaders that these may change, see `dedup.stages.lsh.Met`. measured:
    pairs.
    """

    removed: Rows
    turnover: Turnover
    links: pa.Table
    before: lsh.Crowds
    crowds: lsh.Crowds
    stirred: Rows
    measured: int


def link(
    writer: Writer,
    segment: SegmentWriter | None,
    new: Prepared | None,
    gone: Sequence[Rows],
    known: lsh.Crowds | None,
    executor: Executor | None,
) -> Change:
    """Give the writer the next commit, all but its stories.

    segment, new: of the articles that come, if any do. gone: rows that go, of the index or of those that come. known:
    the crowds of the writer's store, where they are at hand.
    """
    removed = np.unique(np.concatenate([*gone, np.empty(0, np.int64)]))
    corpus = Corpus(writer.store, new, segment.base if segment else writer.next_row)
    changed = turnover(corpus, removed)
    before = crowds.load(corpus) if known is None else known
    tables = postings.tables(corpus, new, changed.first) if new else {}
    found = candidates(corpus, tables, changed, before, removed)
    figures = corpus.measure(found.a, found.b, executor)
    kept = np.flatnonzero(verify.worth_keeping(figures, corpus.params))
    made = links.table(found.a[kept], found.b[kept], verify.take(figures, kept))
    if segment is None and made.num_rows:
        segment = writer.segment()  # what goes may bring links to light
    if segment is not None:
        segment.finish(sketches_of(new, corpus), all_tables(tables, new, corpus), made)
    writer.delete(removed)
    if not found.crowds.same_as(before):
        writer.set_crowds(crowds.table(found.crowds))
    return Change(removed, changed, made, before, found.crowds, found.stirred, corpus.measured)


def all_tables(tables: postings.Tables, new: Prepared | None, corpus: Corpus) -> postings.Tables:
    """The tables, with those of ids and of all bodies."""
    if new is None:
        none = np.empty(0, np.uint32)
        return dict.fromkeys([*lsh.table_names(corpus.params), lsh.IDS, lsh.BODIES], (none, none))
    rows = np.arange(corpus.base, corpus.size, dtype=np.uint32)
    return {
        **tables,
        lsh.IDS: lsh.ordered(new.id_hash[:, 0].astype(np.uint32), rows),
        lsh.BODIES: lsh.ordered(new.sets.digests[:, 0].astype(np.uint32), rows),
    }


def sketches_of(new: Prepared | None, corpus: Corpus) -> Sketches:
    if new is None:
        none, bounds = np.empty((0, 2), np.uint64), np.zeros(1, np.int64)
        hashes = np.empty(0, np.uint32)
        signatures = np.empty((0, corpus.params.num_perm), np.uint32)
        return Sketches(none, none, none, hashes, hashes, signatures, hashes, bounds, np.empty(0, np.uint8), bounds)
    return Sketches(
        id_hash=new.id_hash,
        text_hash=new.text_hash,
        body_digest=new.sets.digests,
        lengths=new.sets.tokens.view(np.uint32),
        narrative_lengths=new.narrative_lengths,
        signatures=new.signatures,
        shingles=new.sets.hashes,
        shingle_offsets=new.sets.ends,
        narrative=new.sets.marks,
        narrative_offsets=new.sets.mark_ends,
    )
