"""Which articles a removal takes: those with some ids, or all that are old enough, of some outlets, or both."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.errors import UsageError
from dedup.lookup import Rows, find, live_batches
from dedup.prepare import digests
from dedup.stages import lsh
from dedup.store import Store


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """Articles by ids; or those published before a moment (UTC where it has no zone), those of some outlets,
    or those of which both hold. An article whose time is not known was not published before any.

    Raises UsageError where nothing is named, or ids beside the others: the one could widen or narrow the other.
    """

    ids: Sequence[str] = ()
    before: datetime | None = None
    outlets: Sequence[str] = ()

    def __post_init__(self) -> None:
        described = self.before is not None or bool(self.outlets)
        if not self.ids and not described:
            raise UsageError(problem="nothing to remove: name ids, a date before which all goes, or outlets")
        if self.ids and described:
            raise UsageError(problem="ids do not go together with a date or outlets: remove them one after the other")

    def rows(self, store: Store) -> Rows:
        """The live rows of a commit that are meant, int64, sorted, each once."""
        if self.ids:
            return np.unique(_find(store, self.ids)[0])
        columns = ["published"] * (self.before is not None) + ["outlet"] * bool(self.outlets)
        found = [rows[self._meant(batch)] for batch, rows in live_batches(store, columns)]
        return np.concatenate([np.empty(0, np.int64), *found])

    def _meant(self, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        meant = np.ones(batch.num_rows, np.bool_)
        if self.before is not None:
            moment = self.before if self.before.tzinfo else self.before.replace(tzinfo=UTC)
            # In microseconds: what came within the second of before, but earlier, goes too.
            earlier = pc.less(batch["published"], pa.scalar(moment, pa.timestamp("us", "UTC")))
            meant &= earlier.fill_null(False).to_numpy(zero_copy_only=False)
        if self.outlets:
            named = pa.array([_utf8(outlet) for outlet in self.outlets], pa.string())
            meant &= pc.is_in(batch["outlet"], named).to_numpy(zero_copy_only=False)
        return meant


def unknown(store: Store, ids: Sequence[str]) -> list[str]:
    """Those of ids that no live article of a commit has, in their order, each once."""
    there = np.zeros(len(ids), np.bool_)
    there[_find(store, ids)[1]] = True
    return list(dict.fromkeys(named for named, known in zip(ids, there.tolist(), strict=True) if not known))


def _find(store: Store, ids: Sequence[str]) -> tuple[Rows, Rows]:
    """Rows that have one of ids, and which of these."""
    if not ids:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return find(store, lsh.IDS, digests(pa.array([_utf8(named) for named in ids], pa.large_string())))


def _utf8(text: str) -> str:
    """text as an index would hold it: without lone surrogates, which an argument that is not UTF-8 comes with."""
    return text.encode("utf-8", "replace").decode()
