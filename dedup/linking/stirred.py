"""Which bodies a change of crowds does change: most have the same boilerplate as before, and the same links."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.corpus import Corpus
from dedup.kernels.arrays import distinct
from dedup.linking import crowds as crowded
from dedup.linking import links as linked
from dedup.linking.boilerplate import Boilerplate
from dedup.linking.postings import CHUNK, Standing
from dedup.lookup import Rows
from dedup.stages import lsh
from dedup.store.columns import Sets


def changed(corpus: Corpus, before: lsh.Crowds, now: lsh.Crowds, stirred: Rows) -> Rows:
    """Those of some leaders (sorted) that are measured otherwise by the crowds of now than by those of before, and the
    ends of their links on disk that are candidates by only one of the two."""
    if not len(stirred):
        return stirred
    found = [np.empty(0, np.int64)]
    then, later = (Boilerplate(corpus, crowds, all_of_it=False) for crowds in (before, now))
    for first in range(0, len(stirred), CHUNK):
        bodies = Standing.of(corpus, stirred[first : first + CHUNK])
        found.append(bodies.leaders[_differ(then.cleared(bodies).sets, later.cleared(bodies).sets)])
    links = linked.around(corpus.store, stirred)
    a, b = linked.ends(links)
    once, again = crowded.canonical(corpus, a, b, before, now)
    found += [a[once != again], b[once != again]]
    return distinct(np.concatenate(found))


def _differ(a: Sets, b: Sets) -> npt.NDArray[np.bool_]:
    """bool, n: which of n sets have other marks in a than in b."""
    other = np.append(0, np.cumsum(a.marks != b.marks))
    return np.asarray(np.diff(other[a.mark_ends]) > 0)
