"""Raw articles made ready for an index: cleaned, shingled, sketched, hashed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels import hashing
from dedup.model import Params
from dedup.stages import verify
from dedup.stages.clean.bulk import clean_batch
from dedup.stages.lsh import Table
from dedup.stages.shingle import ShingleSets, concatenate, shingle
from dedup.stages.sketch import anchors, sketch
from dedup.templates import lines


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """What n articles are compared by. id_hash, text_hash: (n, 2) uint64. narrative_lengths: (n,) uint32, narrative
    shingles. signatures: (n, num_perm) uint32. anchors: keys, and the place of their article among the n."""

    id_hash: npt.NDArray[np.uint64]
    text_hash: npt.NDArray[np.uint64]
    sets: ShingleSets
    narrative_lengths: npt.NDArray[np.uint32]
    signatures: npt.NDArray[np.uint32]
    anchors: Table


def identify(batch: pa.RecordBatch) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """id_hash and text_hash of raw articles, (n, 2) uint64 each."""
    return digests(batch.column("id")), digests(batch.column("text"))


def prepare(
    batch: pa.RecordBatch,
    id_hash: npt.NDArray[np.uint64],
    text_hash: npt.NDArray[np.uint64],
    params: Params,
    executor: Executor | None = None,
    templates: lines.Known = lines.NONE,
) -> tuple[pa.RecordBatch, Prepared]:
    """Raw articles (schema RAW) as an index keeps them: schema ARTICLES, and what they are compared by.

    templates: lines that are left out of that.
    """
    articles = clean_batch(batch)
    return articles, sketched(articles, id_hash, text_hash, params, executor, templates)


def sketched(
    articles: pa.RecordBatch,
    id_hash: npt.NDArray[np.uint64],
    text_hash: npt.NDArray[np.uint64],
    params: Params,
    executor: Executor | None = None,
    templates: lines.Known = lines.NONE,
) -> Prepared:
    """What articles (schema ARTICLES) are compared by."""
    sets = shingle(lines.compared(articles, templates), params, executor)
    return Prepared(
        id_hash,
        text_hash,
        sets,
        verify.narrative_sizes(sets),
        sketch(sets.hashes, sets.ends, params, executor),
        anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params),
    )


def join(parts: Sequence[Prepared]) -> Prepared:
    """All articles of the parts (one or more), in order."""
    starts = np.cumsum([0, *(len(part.sets) for part in parts)])
    places = [part.anchors[1] + start for part, start in zip(parts, starts, strict=False)]
    return Prepared(
        id_hash=np.concatenate([part.id_hash for part in parts]),
        text_hash=np.concatenate([part.text_hash for part in parts]),
        sets=concatenate([part.sets for part in parts]),
        narrative_lengths=np.concatenate([part.narrative_lengths for part in parts]),
        signatures=np.concatenate([part.signatures for part in parts]),
        anchors=(np.concatenate([part.anchors[0] for part in parts]), np.concatenate(places).astype(np.uint32)),
    )


def digests(strings: Any) -> npt.NDArray[np.uint64]:
    """(n, 2) uint64: XXH64 of each string's UTF-8 with seeds 0 and 1."""
    large = strings.cast(pa.large_string())
    offsets = np.frombuffer(large.buffers()[1], np.int64)[large.offset : large.offset + len(large) + 1]
    data = np.frombuffer(large.buffers()[2] or b"", np.uint8)
    out = np.empty((len(large), 2), np.uint64)
    hashing.digests(data, offsets, out)
    return out
