"""The calls that need no index: clean one page, compare two, sketch many texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import BadInput
from dedup.model import Body, Comparison, Kind, Params
from dedup.stages import plain, verify
from dedup.stages.clean import clean as _clean


def clean(text: str, kind: Kind | str = Kind.auto) -> Body:
    """The body, credits and dateline of one page, and what else it says of itself.

    kind: what text is; auto tells. Raises MissingExtra for HTML without the extra `html`.
    """
    return _clean(text, kind)


def compare(a: str, b: str, kind: Kind | str = Kind.auto, params: Params | None = None) -> Comparison:
    """Two texts or pages side by side, exactly. kind: what both are before cleaning."""
    params = params or Params()
    bodies = clean(a, kind), clean(b, kind)
    left, right = (plain.shingle(body.text, params) for body in bodies)
    figures = verify.between(left.hashes, left.narrative, right.hashes, right.narrative, params).one(0, params)
    return Comparison(
        jaccard=figures.jaccard,
        containment=figures.containment,
        relation=figures.relation,
        same_copy=figures.same_copy,
        rule=verify.rule(figures, params),
        similarity=figures,
        a=bodies[0],
        b=bodies[1],
    )


def sketch(texts: Sequence[str] | pa.Array, params: Params | None = None) -> npt.NDArray[np.uint32]:
    """(n, num_perm) uint32 signatures of texts as they are, nothing cleaned.

    Equal to those of `datasketch.MinHash(num_perm, seed, scheme="affine32")` over the texts' shingles.
    texts: strings, or an Arrow array of them. A lone surrogate counts as a question mark. Raises BadInput
    where the bytes of an Arrow string are not UTF-8.
    """
    from concurrent.futures import ThreadPoolExecutor

    from dedup.stages.shingle import shingle
    from dedup.stages.sketch import sketch as signatures

    params = params or Params()
    with ThreadPoolExecutor() as executor:
        sets = shingle(_column(texts), params, executor)
        return signatures(sets.hashes, sets.ends, params, executor)


def _column(texts: Any) -> pa.Array:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if not isinstance(texts, pa.Array):
        texts = pa.array([text.encode("utf-8", "replace") for text in texts], pa.large_binary())
    column = texts.cast(pa.large_string()).fill_null("")
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise BadInput(problem=f"the texts are no strings: {error}") from None
    return column
