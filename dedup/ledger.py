"""The ledger: what each outlet ran, how much of it was agency copy, with credit or without, and how late."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.kernels.arrays import distinct
from dedup.lookup import live_batches
from dedup.model import Outlet
from dedup.snapshot import Snapshot

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class _Articles:
    """A row an article. outlet: its code. seconds: of its time, where timed. credited: names an agency, the one asked
    for if any. story: number of its story, -1 in none; origin: is its story's; kept: as in MEMBERS."""

    outlet: Ints
    seconds: Ints
    timed: Mask
    credited: Mask
    story: Ints
    origin: Mask
    kept: Floats


def outlets(snapshot: Snapshot, agency: str | None = None) -> list[Outlet]:
    """A row an outlet, those with most agency copy first; articles without outlet are one, None, at the end.

    agency: only its copy, and only the outlets that ran some; the case of its letters does not matter.
    """
    names, found = _read(snapshot, agency)
    count = len(names)
    together = found.story >= 0
    stories = snapshot.groups.count
    wired = np.zeros(stories, np.bool_)  # stories with an article that names the agency
    wired[found.story[together & found.credited]] = True
    uncredited = np.zeros(len(together), np.bool_)
    uncredited[together] = wired[found.story[together]] & ~found.origin[together] & ~found.credited[together]
    ours = together if agency is None else together & (found.credited | uncredited)
    late, timed = _delays(found, stories)
    copies = ours & ~found.origin

    articles, named, missed = (
        np.bincount(found.outlet[mask], minlength=count)
        for mask in (np.ones(len(together), np.bool_), found.credited, uncredited)
    )
    pairs = distinct(found.outlet[ours] * (stories + 1) + found.story[ours])
    ran = np.bincount(pairs // (stories + 1), minlength=count)
    delay = _medians(found.outlet[copies & timed], late[copies & timed], count)
    times = np.bincount(found.outlet[copies], minlength=count)
    kept = np.bincount(found.outlet[copies], found.kept[copies], minlength=count) / np.maximum(times, 1)
    order = sorted(
        np.flatnonzero(named + missed if agency is not None else articles).tolist(),
        key=lambda at: (names[at] is None, -(named[at] + missed[at]), -ran[at], -articles[at], names[at] or ""),
    )
    return [
        Outlet(
            outlet=names[at],
            articles=int(articles[at]),
            stories=int(ran[at]),
            agency_share=float((named[at] + missed[at]) / articles[at]),
            credited=int(named[at]),
            uncredited=int(missed[at]),
            delay=None if np.isnan(delay[at]) else float(delay[at]),
            kept=float(kept[at]) if times[at] else None,
        )
        for at in order
    ]


def _read(snapshot: Snapshot, agency: str | None) -> tuple[list[str | None], _Articles]:
    """The names of outlets by their codes, and the live articles."""
    named, seconds, credited, rows = [], [], [], []
    for batch, at in live_batches(snapshot.store, ["outlet", "published", "credits"]):
        named.append(batch["outlet"])
        seconds.append(batch["published"].cast(pa.int64()))
        credited.append(_credited(batch["credits"], agency))
        rows.append(at)
    codes = pa.chunked_array(named, pa.string()).combine_chunks().dictionary_encode("encode")
    moments = pa.chunked_array(seconds, pa.int64())
    place = snapshot.place_of(np.concatenate([*rows, np.empty(0, np.int64)]))
    members, at = snapshot.groups.table, np.maximum(place, 0)
    together = place >= 0

    def column(name: str, none: float) -> npt.NDArray[np.float64]:
        values = members[name].to_numpy()
        return np.where(together, values[at], none) if len(values) else np.full(len(place), none)

    return codes.dictionary.to_pylist(), _Articles(
        outlet=codes.indices.to_numpy().astype(np.int64),
        seconds=moments.fill_null(0).to_numpy(),
        timed=moments.is_valid().to_numpy(),
        credited=np.concatenate([*credited, np.empty(0, np.bool_)]),
        story=np.where(together, np.searchsorted(snapshot.groups.starts, at, "right") - 1, -1),
        origin=together & (column("row", -1) == column("origin", -2)),
        kept=column("kept", 0.0),
    )


def _credited(credits: pa.ListArray, agency: str | None) -> Mask:
    """Which articles name an agency."""
    found = np.zeros(len(credits), np.bool_)
    parents = pc.list_parent_indices(credits).to_numpy()
    if agency is not None:
        names = pc.utf8_lower(credits.flatten().field("agency"))
        parents = parents[pc.equal(names, agency.lower()).to_numpy(zero_copy_only=False)]
    found[parents] = True
    return found


def _delays(found: _Articles, stories: int) -> tuple[Floats, Mask]:
    """Minutes of each article after its story's origin, and where these are known."""
    started = np.zeros(stories, np.int64)
    known = np.zeros(stories, np.bool_)
    story = found.story[found.origin]
    started[story], known[story] = found.seconds[found.origin], found.timed[found.origin]
    together = found.story >= 0
    timed = np.zeros(len(together), np.bool_)
    timed[together] = found.timed[together] & known[found.story[together]]
    late = np.zeros(len(together), np.float64)
    late[timed] = (found.seconds[timed] - started[found.story[timed]]) / 60
    return late, timed


def _medians(of: Ints, values: Floats, count: int) -> Floats:
    """The median of the values of each of count groups; NaN where one has none."""
    order = np.lexsort((values, of))
    sizes = np.bincount(of, minlength=count)
    starts = np.cumsum(sizes) - sizes
    medians = np.full(count, np.nan)
    some = np.flatnonzero(sizes)
    lower = values[order[starts[some] + (sizes[some] - 1) // 2]]
    medians[some] = (lower + values[order[starts[some] + sizes[some] // 2]]) / 2
    return medians
