"""What sets have in common, and what counts for nothing in them, against plain sets."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels import sets

# A set's elements, each with its narrative mark.
Marked = dict[int, bool]
# Some elements have the same bit of a filter, and many the same slot of a table.
elements = st.sampled_from([*range(20), *(1 << 20 | low for low in range(11))])
marked = st.dictionaries(elements, st.booleans(), max_size=20)


def laid_out(found: list[Marked]) -> tuple[npt.NDArray[np.uint32], ...]:
    """hashes, ends, marks, mark_ends, as in `dedup.stages.shingle.ShingleSets`."""
    bits = [np.array([one[key] for key in sorted(one)], np.bool_) for one in found]
    parts = [np.packbits(one, bitorder="little") for one in bits]
    return (
        np.array([key for one in found for key in sorted(one)], np.uint32),
        np.append(0, np.cumsum([len(one) for one in found])).astype(np.int64),
        np.concatenate([*parts, np.empty(0, np.uint8)]).astype(np.uint8),
        np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64),
    )


def marks_of(found: list[Marked], marks: npt.NDArray[np.uint8], mark_ends: npt.NDArray[np.int64]) -> list[Marked]:
    """The sets as they stand in marks."""
    read = []
    for d, one in enumerate(found):
        bits = np.unpackbits(marks[mark_ends[d] : mark_ends[d + 1]], bitorder="little")
        read.append({key: bool(bits[i]) for i, key in enumerate(sorted(one))})
        assert not bits[len(one) :].any()
    return read


@given(st.lists(marked, min_size=1, max_size=4), st.lists(marked, min_size=1, max_size=4), st.data())
def test_overlaps_are_those_of_the_sets_and_of_what_is_marked_in_both_or_in_one(
    left: list[Marked], right: list[Marked], data: st.DataObject
) -> None:
    some = data.draw(st.lists(st.tuples(st.integers(0, len(left) - 1), st.integers(0, len(right) - 1))))
    a, b = np.array(some, np.int64).reshape(-1, 2).T.copy()
    counts = np.empty((len(some), 4), np.uint32)

    sets.overlaps(a, *laid_out(left), b, *laid_out(right), counts)

    for found, (x, y) in zip(counts.tolist(), some, strict=True):
        both = [(left[x][key], right[y][key]) for key in left[x].keys() & right[y].keys()]
        assert found == [len(both), both.count((True, True)), both.count((True, False)), both.count((False, True))]


@given(st.lists(marked, max_size=5))
def test_marked_elements_are_counted(found: list[Marked]) -> None:
    _, ends, marks, mark_ends = laid_out(found)
    counts = np.empty(len(found), np.uint32)

    sets.marked(ends, marks, mark_ends, counts)

    assert counts.tolist() == [sum(one.values()) for one in found]


@given(st.lists(marked, max_size=5), st.lists(st.sets(st.integers(0, 30)), max_size=4), st.data())
def test_marks_of_elements_that_a_list_holds_are_cleared_and_those_that_stay_counted(
    found: list[Marked], lists: list[set[int]], data: st.DataObject
) -> None:
    some_lists = st.lists(st.sampled_from(range(len(lists))), unique=True) if lists else st.just([])
    held = [data.draw(some_lists) for _ in found]
    hashes, ends, marks, mark_ends = laid_out(found)
    counts = np.empty(len(found), np.uint32)

    sets.clear(
        hashes, ends, marks, mark_ends,
        np.append(0, np.cumsum([len(some) for some in held])).astype(np.int64),
        np.array([one for some in held for one in some], np.int64),
        np.array([key for one in lists for key in sorted(one)], np.uint32),
        np.append(0, np.cumsum([len(one) for one in lists])).astype(np.int64),
        counts,
    )  # fmt: skip

    wanted = [
        {key: mark and not any(key in lists[number] for number in some) for key, mark in one.items()}
        for one, some in zip(found, held, strict=True)
    ]
    assert marks_of(found, marks, mark_ends) == wanted
    assert counts.tolist() == [sum(one.values()) for one in wanted]


@given(st.lists(st.lists(st.integers(0, 6), max_size=30).map(sorted), max_size=4), st.integers(1, 6), st.integers(0, 9))
def test_values_that_a_group_has_often_enough_are_told_once(groups: list[list[int]], least: int, room: int) -> None:
    hashes = np.array([value for group in groups for value in group], np.uint32)
    starts = np.append(0, np.cumsum([len(group) for group in groups])).astype(np.int64)
    ends = np.empty(len(groups) + 1, np.int64)

    common = np.full(room, 99, np.uint32)
    count = sets.frequent(hashes, starts, least, common, ends)

    wanted = [sorted(value for value, n in Counter(group).items() if n >= least) for group in groups]
    flat = [value for group in wanted for value in group]
    assert count == len(flat)
    assert common.tolist() == (flat + [99] * room)[:room]
    assert np.diff(ends).tolist() == [len(group) for group in wanted]
