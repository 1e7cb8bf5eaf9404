"""What a commit changes: which bodies come and go, the pairs that are measured for it, the links, the crowds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np

from dedup.corpus import Corpus
from dedup.linking import crowds, links, postings
from dedup.linking.bodies import turnover
from dedup.linking.candidates import candidates
from dedup.lookup import Rows
from dedup.prepare import Prepared
from dedup.stages import lsh, verify
from dedup.store import SegmentWriter, Sketches, Store, Writer


class Change:
    """Articles that come to a commit and rows that go.

    removed: int64, sorted, rows that go. turnover: see `bodies`. links: new ones, schema LINKS. crowds: those of the
    next commit; stirred: leaders in buckets that are other crowds than before. measured: pairs.
    """

    def __init__(
        self,
        store: Store,
        new: Prepared | None,
        base: int,
        removed: Sequence[Rows],
        before: lsh.Crowds | None,
        executor: Executor | None,
    ) -> None:
        """base: the row of the first article that comes. before: the crowds of store, where they are at hand."""
        self._new: Prepared | None = new
        self.removed = np.unique(np.concatenate([*removed, np.empty(0, np.int64)]))
        self._corpus = corpus = Corpus(store, new, base)
        self.turnover = turnover(corpus, self.removed)
        before = crowds.load(corpus) if before is None else before
        self._tables = postings.tables(corpus, new, self.turnover.first) if new else {}
        found = candidates(corpus, self._tables, self.turnover, before, self.removed)
        figures = corpus.measure(found.a, found.b, executor)
        kept = verify.worth_keeping(figures, corpus.params)
        self.links = links.table(found.a[kept], found.b[kept], verify.take(figures, np.flatnonzero(kept)))
        self.crowds, self.stirred = found.crowds, found.stirred
        self.measured = corpus.measured
        self._other_crowds = not found.crowds.same_as(before)

    def write(self, writer: Writer, segment: SegmentWriter | None) -> None:
        """Give the writer all of it but the stories. segment: of the articles that come."""
        if segment is None and self.links.num_rows:
            segment = writer.segment()  # what goes may bring links to light
        if segment is not None:
            segment.finish(_sketches(self._new, self._corpus), self._all_tables(), self.links)
        writer.delete(self.removed)
        if self._other_crowds:
            writer.set_crowds(crowds.table(self.crowds))
        self._new, self._tables = None, {}  # much memory, and on disk now
        del self._corpus

    def _all_tables(self) -> dict[str, lsh.Table]:
        if self._new is None:
            none = np.empty(0, np.uint32)
            names = [*lsh.table_names(self._corpus.params), lsh.IDS, lsh.BODIES]
            return dict.fromkeys(names, (none, none))
        rows = np.arange(self._corpus.base, self._corpus.size, dtype=np.uint32)
        return {
            **self._tables,
            lsh.IDS: lsh.ordered(self._new.id_hash[:, 0].astype(np.uint32), rows),
            lsh.BODIES: lsh.ordered(self._new.sets.digests[:, 0].astype(np.uint32), rows),
        }


def _sketches(new: Prepared | None, corpus: Corpus) -> Sketches:
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
