"""Small commits to write and what must be read again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import xxhash

from dedup.model import ARTICLES, LINKS, Params
from dedup.store import Directory, Sketches, Store, Writer

NUM_PERM = 8
PARAMS = Params(num_perm=NUM_PERM, bands=4, rows=2)


def articles(ids: Iterable[str], body: str = "A ferry left the harbour at noon.") -> pa.RecordBatch:
    rows = [
        {
            "id": one,
            "outlet": "harbour.example",
            "credits": [{"agency": "KLN", "place": "byline"}],
            "body": f"{body} {one}",
        }
        for one in ids
    ]
    return pa.RecordBatch.from_pylist(rows, ARTICLES)


def sketches(n: int, seed: int = 1, num_perm: int = NUM_PERM, most: int = 20) -> Sketches:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, most, n)
    shingle_offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    narrative_offsets = np.concatenate([[0], np.cumsum((sizes + 7) >> 3)]).astype(np.int64)
    narrative = rng.integers(0, 256, narrative_offsets[-1]).astype(np.uint8)
    digests = [rng.integers(0, 2**64, (n, 2), dtype=np.uint64) for _ in range(3)]
    return Sketches(
        *digests,
        lengths=rng.integers(0, 900, n).astype(np.uint32),
        narrative_lengths=narrative_sizes(narrative, narrative_offsets),
        signatures=rng.integers(0, 2**32, (n, num_perm), dtype=np.uint32),
        shingles=rng.integers(0, 2**32, shingle_offsets[-1], dtype=np.uint32),
        shingle_offsets=shingle_offsets,
        narrative=narrative,
        narrative_offsets=narrative_offsets,
    )


def id_hashes(ids: Sequence[str]) -> np.ndarray:
    """(n, 2) uint64, as the format has them."""
    hashes = [[xxhash.xxh64_intdigest(one.encode(), seed) for seed in (0, 1)] for one in ids]
    return np.array(hashes, np.uint64).reshape(len(ids), 2)


def narrative_sizes(narrative: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """The bits set in each article's bitmap, by definition."""
    sizes = [int(np.unpackbits(narrative[a:b]).sum()) for a, b in pairwise(offsets)]
    return np.array(sizes, np.uint32)


def bands(base: int, n: int, seed: int = 1) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    keys = np.sort(np.random.default_rng(seed).integers(0, 2**32, n, dtype=np.uint32))
    rows = np.arange(base, base + n, dtype=np.uint32)
    return {"id": (keys, rows), "band-00": (keys[::2], rows[::2]), "anchor": (keys[:0], rows[:0])}


def links(pairs: Iterable[tuple[int, int]] = ()) -> pa.Table:
    figures = {field.name: 1 for field in LINKS}
    return pa.Table.from_pylist([{**figures, "a": a, "b": b, "same_copy": True} for a, b in pairs], LINKS)


def stories(n: int) -> pa.Table:
    return pa.table({"story": np.arange(n, dtype=np.uint32), "origin": [f"origin {i}" for i in range(n)]})


def add(writer: Writer, ids: list[str], seed: int = 1) -> None:
    base, n = writer.next_row, len(ids)
    known = dataclasses.replace(sketches(n, seed), id_hash=id_hashes(ids))
    writer.add_segment([articles(ids)], known, bands(base, n, seed), links([(base - 1, base)] if base else []))


def commit(store: Store, ids: list[str], delete: Iterable[int] = (), seed: int = 1) -> Store:
    """One more commit: a segment of ids, rows removed, stories of its size."""
    with store.writer() as writer:
        add(writer, ids, seed)
        writer.delete(list(delete))
        writer.set_stories(stories(len(ids)), len(ids))
        writer.commit()
        return writer.store


def large(directory: Directory, n: int, seed: int = 1, most: int = 500) -> Store:
    """One more commit: a segment of n articles with bodies and shingle sets that are long and hard to compress, and
    ids L0, L1 ... Some 2 kB an article at the default of at most 500 shingles."""
    rng = np.random.default_rng(seed)
    with Store.open(directory).writer() as writer:
        base = writer.next_row
        ids = [f"L{base + i}" for i in range(n)]
        segment = writer.segment()
        for at in range(0, n, 500):
            rows = articles(ids[at : at + 500]).to_pylist()
            for row in rows:
                row["body"] += rng.bytes(200).hex()
            segment.write_articles(pa.RecordBatch.from_pylist(rows, ARTICLES))
        tables = {}
        for number in range(32):
            keys, rows = rng.integers(0, 2**32, n, dtype=np.uint32), np.arange(base, base + n, dtype=np.uint32)
            order = np.lexsort((rows, keys))
            tables[f"band-{number:02d}"] = keys[order], rows[order]
        known = dataclasses.replace(sketches(n, seed, most=most), id_hash=id_hashes(ids))
        segment.finish(known, tables, links(pairwise(range(base, base + n))))
        writer.set_stories(stories(n), 1)
        writer.set_crowds(stories(3))
        writer.set_changes(stories(2), since=0)
        writer.set_templates(stories(2))
        writer.commit()
        return writer.store


def live_ids(store: Store) -> list[str]:
    found: list[str] = []
    for segment in store.segments:
        ids = np.array([one for batch in segment.articles(["id"]) for one in batch["id"].to_pylist()], object)
        found += list(ids[store.live(segment)])
    return found


def everything(store: Store) -> list[object]:
    """All that a commit answers, as plain values, so that two readings can be compared."""
    found: list[object] = [store.manifest, store.deleted.tolist()]
    for segment in store.segments:
        found.append(pa.Table.from_batches(segment.articles(), ARTICLES).to_pylist())
        found += [getattr(segment.sketches, name).tolist() for name in Sketches.__dataclass_fields__]
        found.append({name: [column.tolist() for column in segment.table(name)] for name in segment.tables})
        found.append(segment.links.to_pylist())
    for tables in (store.stories() or [], store.changes(), [store.crowds()], [store.templates()]):
        found.append([table and table.to_pylist() for table in tables])
    return found
