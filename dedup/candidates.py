"""Candidates among the articles of an index: which bodies enter its tables, and which buckets are boilerplate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.lookup import Rows
from dedup.stages import lsh

# A large bucket is a story's if of eight pairs in it two hold half of each other: a bucket of eight stories
# as large as one another has one such pair on average, and each of them has buckets of its own.
_ALIKE, _LEAST_ALIKE = 0.5, 2


def tables(
    corpus: Corpus, base: int, signatures: npt.NDArray[np.uint32], anchors: tuple[npt.NDArray[np.uint32], Rows]
) -> dict[str, lsh.Table]:
    """The tables of the bodies that rows from base on bring: one that is known is in an older table already.

    signatures: of those rows. anchors: their keys and rows.
    """
    rows = np.arange(base, corpus.size)
    new = (corpus.leaders[base:] == rows) & corpus.tells[base:] & (corpus.narrative[base:] > 0)
    keys, of = anchors
    wanted = new[of - base]
    named = keys[wanted], of[wanted].astype(np.uint32)
    return dict(lsh.tables(signatures[new], rows[new].astype(np.uint32), named, corpus.params))


def pairs(
    corpus: Corpus, base: int, new: Mapping[str, lsh.Table], older: Sequence[Mapping[str, lsh.Table]]
) -> tuple[Rows, Rows]:
    """Rows a[p] < b[p] that may share copy, of which b[p] is base or later; see `dedup.stages.lsh.candidates`."""

    def is_boilerplate(crowds: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        # Representatives are in order of priority, which is as good as chance: neighbours are a sample of pairs.
        a, b = crowds.reshape(-1, 2).astype(np.int64).T
        keys, place = np.unique(a * corpus.size + b, return_inverse=True)
        figures = corpus.measure(keys // corpus.size, keys % corpus.size)
        alike = np.maximum(figures.narrative_a_in_b, figures.narrative_b_in_a) >= _ALIKE
        return np.asarray(alike[place].reshape(len(crowds), -1).sum(axis=1) < _LEAST_ALIKE)

    found = lsh.candidates(new, older, corpus.priority, base, is_boilerplate).astype(np.int64)
    return found[:, 0], found[:, 1]
