"""Tell articles that are new from those that an index, or what waits to be committed, has already."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from dedup.lookup import Rows, find
from dedup.stages import lsh
from dedup.store import Store

Hashes = npt.NDArray[np.uint64]


@dataclasses.dataclass(slots=True)
class Counts:
    """Articles read, added, put in the place of an older text, and known already; pairs measured for them."""

    read: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    verified: int = 0


class Arrivals:
    """What came and may not be in the index yet. An article counts against the last one of its id, wherever that is."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._ids = self._texts = np.empty((0, 2), np.uint64)
        self._begun = 0
        self._order = np.empty(0, np.int64)

    def begin(self) -> None:
        """Begin a block: those that came before the last one began wait no more."""
        self._ids, self._texts = self._ids[self._begun :], self._texts[self._begun :]
        self._order = self._order[self._order >= self._begun] - self._begun
        self._begun = len(self._ids)

    def take(self, store: Store, id_hash: Hashes, text_hash: Hashes, next_row: int) -> tuple[Rows, Rows]:
        """Which articles of a batch are new, and which rows of the index they replace.

        store: a commit that has what waits no more. id_hash, text_hash: (n, 2), as `dedup.prepare.identify` gives
        them. next_row: the row of the first new one; those that wait have the rows before it.
        """
        replaced, texts = _on_disk(store, id_hash)
        keep = (replaced < 0) | np.any(texts != text_hash, axis=1)
        self._one_by_one(id_hash, text_hash, texts, next_row, keep, replaced)
        fresh = np.flatnonzero(keep)
        rows = next_row + np.cumsum(keep) - 1
        # Below -1 stands the place of an earlier one in this very batch.
        here = np.flatnonzero(replaced < -1)
        replaced[here] = rows[-2 - replaced[here]]
        replaced = replaced[fresh]
        self.counts.read += len(keep)
        self.counts.unchanged += len(keep) - len(fresh)
        self.counts.replaced += int((replaced >= 0).sum())
        self.counts.added += int((replaced < 0).sum())
        self._wait(id_hash[fresh], text_hash[fresh])
        return fresh, replaced[replaced >= 0]

    def _wait(self, id_hash: Hashes, text_hash: Hashes) -> None:
        """These wait now, too."""
        keys = id_hash[:, 0]
        order = np.argsort(keys, kind="stable")
        # Of those with one id the last one comes last. A merge: all of them are not sorted with each batch.
        at = np.searchsorted(self._ids[self._order, 0], keys[order], "right")
        self._order = np.insert(self._order, at, order + len(self._ids))
        self._ids = np.concatenate([self._ids, id_hash])
        self._texts = np.concatenate([self._texts, text_hash])

    def _one_by_one(
        self,
        id_hash: Hashes,
        text_hash: Hashes,
        on_disk: Hashes,
        next_row: int,
        keep: npt.NDArray[np.bool_],
        replaced: Rows,
    ) -> None:
        """Decide again for the articles whose id waits already, or comes twice in this batch."""
        keys, order = id_hash[:, 0], np.argsort(id_hash[:, 0], kind="stable")
        again = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
        place = self._waiting(id_hash)
        held = place >= 0
        held[order[again]] = held[order[again + 1]] = True
        latest: dict[bytes, tuple[bytes, int]] = {}
        for i in np.flatnonzero(held).tolist():
            named, text = id_hash[i].tobytes(), text_hash[i].tobytes()
            if named not in latest and place[i] >= 0:
                latest[named] = self._texts[place[i]].tobytes(), next_row - len(self._ids) + int(place[i])
            if named not in latest and replaced[i] >= 0:
                latest[named] = on_disk[i].tobytes(), int(replaced[i])
            before = latest.get(named)
            keep[i] = before is None or before[0] != text
            if keep[i]:
                replaced[i] = before[1] if before else -1
                latest[named] = text, -2 - i

    def _waiting(self, id_hash: Hashes) -> Rows:
        """int64, n: place of the last that waits with this id, -1 where none does."""
        sorted_ids = self._ids[self._order, 0]
        at = np.searchsorted(sorted_ids, id_hash[:, 0], "right") - 1
        place = np.full(len(id_hash), -1, np.int64)
        some = np.flatnonzero(at >= 0)
        place[some] = self._order[at[some]]
        same = np.all(self._ids[place[some]] == id_hash[some], axis=1)
        place[some[~same]] = -1
        return place


def _on_disk(store: Store, id_hash: Hashes) -> tuple[Rows, Hashes]:
    """The live row of each id, -1 where there is none, and the hash of its text."""
    rows, texts = np.full(len(id_hash), -1, np.int64), np.zeros((len(id_hash), 2), np.uint64)
    found, of = find(store, lsh.IDS, id_hash)
    rows[of] = found
    for segment, local, where in store.places(found):
        texts[of[where]] = segment.fixed("text_hash", local)
    return rows, texts
