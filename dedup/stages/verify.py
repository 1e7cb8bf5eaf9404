"""Verify candidates: exact similarity of two articles' shingle sets.

The sketch only proposes. Whatever LSH returns is measured here on the sets themselves, so a
link never rests on an estimate.
"""

from __future__ import annotations

import dataclasses
from concurrent.futures import Executor
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dedup.kernels.threads import each
from dedup.model import Params, Relation, Similarity

_CHUNK = 4096
# Of either article when both hold at least so much of the other: versions of one text, not a part of it.
_NEAR = 0.5
# A copy that was rewritten sentence by sentence keeps its quotations and a part of the narrative: so much of the
# narrative and so much of everything. Independent reports of one speech have up to 0.17 of the narrative in common.
_REWRITTEN, _EVERYTHING = 0.2, 0.4
# So much of everything is in common at least, lest the few lines between two long quotations decide.
_SOMETHING = 0.1
# Two short notes share a phrase of nine words by chance; a copy of one shares more.
_LEAST_SHARED = 5
# Representatives belong together at this part of the threshold of a copy: a cut copy and a rewritten one of
# one story have less in common with each other than either has with the whole. F1 on two labelled sets:
# 0.84 to 0.89 at 1.0, 0.89 to 0.93 at 0.7, and without a guard stories of 98 articles. The longest texts of two groups
# are further apart: from 0.17 in the same sets, where pages that share a box have less than 0.1.
_BELONG, _TOUCH = 0.7, 0.4

Rows = npt.NDArray[np.int64]
RELATIONS = tuple(Relation)
_DTYPES: dict[str, Any] = {"shared": np.uint32, "same_copy": np.bool_}

Shares = npt.NDArray[np.float32]


class Sets(Protocol):
    """Shingle sets as `dedup.stages.shingle.ShingleSets` describes them."""

    @property
    def hashes(self) -> npt.NDArray[np.uint32]: ...
    @property
    def ends(self) -> npt.NDArray[np.int64]: ...
    @property
    def marks(self) -> npt.NDArray[np.uint8]: ...
    @property
    def mark_ends(self) -> npt.NDArray[np.int64]: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Similarities:
    """Figures of n pairs (A, B), a column each.

    jaccard, a_in_b, b_in_a, narrative_a_in_b, narrative_b_in_a: float32 in [0, 1]; an empty set is
    contained in nothing. What is quoted in one article is no narrative of the other either. shared: uint32,
    shingles that are narrative in both. same_copy: bool. narrative: float32, Jaccard of the
    narrative sets.
    """

    jaccard: Shares
    a_in_b: Shares
    b_in_a: Shares
    narrative_a_in_b: Shares
    narrative_b_in_a: Shares
    narrative: Shares
    shared: npt.NDArray[np.uint32]
    same_copy: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.jaccard)

    def one(self, i: int, params: Params) -> Similarity:
        """The figures of pair i; its relation is None where it has too little in common to keep."""
        return Similarity(
            jaccard=float(self.jaccard[i]),
            a_in_b=float(self.a_in_b[i]),
            b_in_a=float(self.b_in_a[i]),
            narrative_a_in_b=float(self.narrative_a_in_b[i]),
            narrative_b_in_a=float(self.narrative_b_in_a[i]),
            shared=int(self.shared[i]),
            relation=RELATIONS[relations(self)[i]] if self._tells(i, params) else None,
            same_copy=bool(self.same_copy[i]),
        )

    def _tells(self, i: int, params: Params) -> bool:
        return bool(self.same_copy[i] or self.jaccard[i] == 1 or is_passage(self, params)[i])


def narrative_sizes(sets: Sets) -> npt.NDArray[np.uint32]:
    """uint32, n: narrative shingles of each set."""
    from dedup.kernels import sets as kernel

    counts = np.empty(len(sets.ends) - 1, np.uint32)
    kernel.marked(sets.ends, sets.marks, sets.mark_ends, counts)
    return counts


def measure(
    a: Rows,
    sets_a: Sets,
    b: Rows,
    sets_b: Sets,
    params: Params,
    executor: Executor | None = None,
    narrative: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None,
) -> Similarities:
    """Jaccard and containments of set a[p] of sets_a and set b[p] of sets_b, for every p.

    a, b: int64, n. narrative: the sets' narrative shingles, n each, where they are known. Raises IndexError
    where a row is not in its sets.
    """
    from dedup.kernels import sets as kernel

    for rows, sets in ((a, sets_a), (b, sets_b)):
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(sets.ends) - 1:
            raise IndexError("a row outside its shingle sets")
    plain_a, plain_b = narrative or (narrative_sizes(sets_a)[a], narrative_sizes(sets_b)[b])

    def part(first: int) -> Similarities:
        span = slice(first, first + _CHUNK)
        of_a, of_b = a[span], b[span]
        counts = np.empty((len(of_a), 4), np.uint32)
        kernel.overlaps(
            of_a, sets_a.hashes, sets_a.ends, sets_a.marks, sets_a.mark_ends,
            of_b, sets_b.hashes, sets_b.ends, sets_b.marks, sets_b.mark_ends,
            counts,
        )  # fmt: skip
        size_a, size_b = sets_a.ends[of_a + 1] - sets_a.ends[of_a], sets_b.ends[of_b + 1] - sets_b.ends[of_b]
        return judge(counts, size_a, size_b, plain_a[span], plain_b[span], params)

    return together(each(part, range(0, len(a), _CHUNK), executor))


def judge(
    counts: npt.NDArray[np.uint32],
    size_a: npt.NDArray[np.int64],
    size_b: npt.NDArray[np.int64],
    narrative_a: npt.NDArray[Any],
    narrative_b: npt.NDArray[Any],
    params: Params,
) -> Similarities:
    """The figures that follow from what two sets hold, and have in common.

    counts: (n, 4), shingles in common: all; narrative in both; in A, and quoted in B; in B, and quoted in A. size_*: of
    the sets, narrative_*: narrative ones.
    """
    common, both, of_a, of_b = counts.astype(np.int64).T
    a_in_b = _share(both, _told(narrative_a.astype(np.int64), of_a))
    b_in_a = _share(both, _told(narrative_b.astype(np.int64), of_b))
    shared = both.astype(np.uint32)
    all_a, all_b = _share(common, size_a), _share(common, size_b)
    most, everything = np.maximum(a_in_b, b_in_a), np.maximum(all_a, all_b)
    rewritten = (most >= np.float32(_REWRITTEN)) & (everything >= np.float32(_EVERYTHING))
    told = (shared >= _LEAST_SHARED) & (everything >= np.float32(_SOMETHING))
    return Similarities(
        jaccard=_share(common, size_a + size_b - common),
        a_in_b=all_a,
        b_in_a=all_b,
        narrative_a_in_b=a_in_b,
        narrative_b_in_a=b_in_a,
        narrative=jaccard_of(a_in_b, b_in_a),
        shared=shared,
        same_copy=((most >= np.float32(params.same_copy)) | rewritten) & told,
    )


def _told(own: npt.NDArray[np.int64], quoted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The narrative of an article in view of another, which quotes some of it."""
    # At least half of it stays in the account, lest a phrase in common decide on a page that is quoted at length.
    told: npt.NDArray[np.int64] = np.maximum(own - quoted, (own + 1) // 2)
    return told


def jaccard_of(a_in_b: Shares, b_in_a: Shares) -> Shares:
    """float32, n: Jaccard of two sets of which each holds so much of the other."""
    known = (a_in_b > 0) & (b_in_a > 0)
    # From s / |A| and s / |B| follows s / (|A| + |B| - s).
    found = 1 / (1 / np.where(known, a_in_b, 1) + 1 / np.where(known, b_in_a, 1) - 1)
    return np.where(known, found, 0).astype(np.float32)


def of_itself(narrative: npt.NDArray[np.uint32], params: Params) -> Similarities:
    """The figures of sets, none of them empty, with themselves. narrative: the narrative shingles of each."""
    counts = np.zeros((len(narrative), 4), np.uint32)
    counts[:, 0], counts[:, 1] = 1, narrative
    size = np.ones(len(narrative), np.int64)
    return judge(counts, size, size, narrative, narrative, params)


def relations(figures: Similarities) -> npt.NDArray[np.int8]:
    """int8, n: places in RELATIONS. A pair that is not the same copy is partial, or identical all the same."""
    inside, around = figures.a_in_b, figures.b_in_a
    near = np.minimum(inside, around) >= _NEAR
    part = np.where(inside >= around, RELATIONS.index(Relation.excerpt), RELATIONS.index(Relation.extended))
    codes = np.where(near, RELATIONS.index(Relation.near), part)
    codes = np.where(figures.same_copy, codes, RELATIONS.index(Relation.partial))
    return np.where(figures.jaccard == 1, RELATIONS.index(Relation.identical), codes).astype(np.int8)


def between(
    a: npt.NDArray[np.uint32],
    narrative_a: npt.NDArray[np.bool_],
    b: npt.NDArray[np.uint32],
    narrative_b: npt.NDArray[np.bool_],
    params: Params,
) -> Similarities:
    """The figures of one pair of sets (sorted, distinct) with their narrative marks, without kernels."""
    _, in_a, in_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    in_both, of_a, of_b = common_of(narrative_a[in_a], narrative_b[in_b])
    counts = np.array([[len(in_a), in_both, of_a, of_b]], np.uint32)
    size_a, size_b, own_a, own_b = (np.array([n]) for n in (len(a), len(b), narrative_a.sum(), narrative_b.sum()))
    return judge(counts, size_a, size_b, own_a, own_b, params)


def common_of(in_a: npt.NDArray[np.bool_], in_b: npt.NDArray[np.bool_]) -> tuple[int, int, int]:
    """Of shingles in common, by whether they are narrative in A and in B: in both, in A alone, in B alone."""
    return int(np.sum(in_a & in_b)), int(np.sum(in_a & ~in_b)), int(np.sum(in_b & ~in_a))


def by_narrative(figures: Similarities, where: npt.NDArray[np.bool_], params: Params) -> Similarities:
    """figures, in which the narrative alone tells copies where asked (bool, n)."""
    most = np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a)
    return dataclasses.replace(figures, same_copy=figures.same_copy & ~(where & (most < np.float32(params.same_copy))))


def belong(figures: Similarities, params: Params) -> npt.NDArray[np.bool_]:
    """bool, n: close enough to represent one story, see `dedup.stages.cluster`."""
    return _from(figures, _BELONG * params.same_copy) | figures.same_copy


def touch(figures: Similarities, params: Params) -> npt.NDArray[np.bool_]:
    """bool, n: close enough to be the longest of two groups that make one story, see `dedup.stages.cluster`."""
    return _from(figures, _TOUCH * params.same_copy) | figures.same_copy


def _from(figures: Similarities, least: float) -> npt.NDArray[np.bool_]:
    most = np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a)
    return np.asarray((most >= np.float32(least)) & (figures.shared >= _LEAST_SHARED))


def worth_keeping(figures: Similarities, params: Params) -> npt.NDArray[np.bool_]:
    """bool, n: what a link is kept for: it joins, or may have to, or tells of a passage of partial_words."""
    return belong(figures, params) | is_passage(figures, params)


def is_passage(figures: Similarities, params: Params) -> npt.NDArray[np.bool_]:
    """bool, n: partial_words narrative words at least in common."""
    return np.asarray(figures.shared >= max(1, params.partial_words - params.shingle_words + 1))


def rule(figures: Similarity, params: Params) -> str:
    """Why two articles are the same copy, or are not, in a sentence."""
    share = f"{100 * figures.containment:.0f} % of the shorter one's narrative stands in the other"
    least = f"{100 * params.same_copy:.0f} %"
    if not figures.shared:
        return "not the same copy: no narrative in common"
    if figures.shared < _LEAST_SHARED:
        return f"not the same copy: {share}, but that is only {figures.shared} of {_LEAST_SHARED} shingles at least"
    everything = f"{100 * max(figures.a_in_b, figures.b_in_a):.0f} % of all it says"
    if not figures.same_copy and figures.containment >= np.float32(params.same_copy):
        return f"not the same copy: {share}, but that is little, with {everything}"
    if not figures.same_copy:
        return f"not the same copy: {share}, less than {least}"
    if figures.containment < np.float32(params.same_copy):
        return f"the same copy, rewritten: {share}, and {everything}, quotations too"
    return f"the same copy: {share}, at least {least}"


def _share(part: npt.NDArray[np.int64], whole: npt.NDArray[Any]) -> Shares:
    share: Shares = (part / np.maximum(whole, 1)).astype(np.float32)
    return share


def take(figures: Similarities, places: npt.NDArray[np.int64]) -> Similarities:
    """The figures at some places, in their order."""
    return Similarities(**{f.name: getattr(figures, f.name)[places] for f in dataclasses.fields(Similarities)})


def together(parts: list[Similarities]) -> Similarities:
    """All pairs of the parts, in order."""
    if len(parts) == 1:
        return parts[0]
    columns = {}
    for field in dataclasses.fields(Similarities):
        whole = [getattr(part, field.name) for part in parts] or [np.empty(0, _DTYPES.get(field.name, np.float32))]
        columns[field.name] = np.concatenate(whole)
    return Similarities(**columns)


def gather(parts: list[Similarities], where: list[npt.NDArray[np.int64]], n: int) -> Similarities:
    """n pairs from parts, pair i of parts[k] at place where[k][i]; the places cover 0 to n - 1."""
    figures, places = together(parts), np.concatenate([np.empty(0, np.int64), *where])
    if np.all(places[1:] > places[:-1]):
        return figures
    back = np.empty(n, np.int64)
    back[places] = np.arange(n)
    return take(figures, back)
