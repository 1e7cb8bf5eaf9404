"""An index of what Spark computed: its articles, sketches, links, crowds, templates and stories, in one commit.

Two passes over OUTPUT/index. The first numbers the rows, and finds who leads each body; in memory are some 32 bytes an
article, and 60 a link. The second writes a segment for each partition, or for each part of a large one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.corpus import LEAST_TOKENS, Corpus
from dedup.errors import BadInput, IncompatibleIndex, UnreadableInput
from dedup.ingest import SEGMENT_BYTES, SEGMENT_ROWS
from dedup.kernels.arrays import among, places
from dedup.linking import crowds, postings
from dedup.linking.change import all_tables, sketches_of
from dedup.lookup import Rows
from dedup.model import TEXT_VERSION, Params
from dedup.prepare import Prepared, join
from dedup.spark import columns
from dedup.spark.stories import TOLD
from dedup.stages import lsh
from dedup.stages.shingle import ShingleSets
from dedup.stages.sketch import anchors
from dedup.store import FileDirectory, Store, Writer
from dedup.store.merge import tiers
from dedup.telling import journal, members, retell
from dedup.telling.derive import MEMBERS
from dedup.templates.kept import TEMPLATES

_BATCH = 1 << 12
I64 = npt.NDArray[np.int64]


def adopt(output: str | Path, path: str | Path) -> Store:
    """A new index at path of what `dedup cluster --engine spark` wrote to output; returns its commit.

    Raises BadInput where output has no index/, UnreadableInput where that is not what was written, IncompatibleIndex
    where its texts were cleaned by another version, IndexExists, IndexLocked, NoSpace.
    """
    folder = Path(output) / "index"
    if not folder.is_dir():
        raise BadInput(problem=f"{output} has no folder index/: only --engine spark writes one; else `dedup index` it")
    try:
        return _Adopting(folder).into(FileDirectory(path))
    except (pa.ArrowException, KeyError, OverflowError) as error:
        raise UnreadableInput(path=folder, format="what --engine spark wrote", reason=str(error)[:200]) from error


class _Adopting:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        told = json.loads(self._table("params", ["params"])["params"][0].as_py())
        names = {field.name for field in dataclasses.fields(Params)}
        if told.get("text_version") != TEXT_VERSION or set(told) != names:
            remedy = "cluster the articles again with this one"
            found, wanted = f"text version {told.get('text_version')}", f"text version {TEXT_VERSION}"
            raise IncompatibleIndex(path=folder, found=found, wanted=wanted, remedy=remedy)
        self._params = Params(**told)
        replaced = columns.numbers(self._table("replaced", ["row"])["row"])
        self._sources = self._files("articles")
        if (folder / "again").is_dir():
            # Sketched again without templates: these take the place of what was there before.
            self._sources += self._files("again")
            again = self._table("again", ["row"])["row"]
            replaced = np.append(replaced, columns.numbers(again))
        self._replaced = np.sort(replaced.astype(np.int64))

    def into(self, directory: FileDirectory) -> Store:
        store = Store.create(directory, self._params)
        before = retell.moves(store)
        self._number()
        with store.writer() as writer:
            if (self._folder / "templates").is_dir() and len(found := self._templates()):
                writer.set_templates(found)
            self._write(writer)
            writer.set_crowds(crowds.table(self._crowds()))
            writer.stage()
            told = self._members()
            members.replace(writer, told)
            kept = members.told(told)
            rows, story = (columns.numbers(kept[name]).astype(np.int64) for name in ("row", "story"))
            journal.write(writer, before, journal.Moves(Corpus(writer.store), rows, story))
            writer.commit()
            while due := tiers(writer.store.segments):
                writer.merge(due)
                writer.commit()
            return writer.store

    def _number(self) -> None:
        """Number the rows in order of the files."""
        rows, bodies, tells = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.bool_)]
        for batch in self._batches(["row", "body", "length", "reason"]):
            rows.append(columns.numbers(batch["row"]))
            bodies.append(columns.numbers(batch["body"]))
            tells.append(columns.numbers(batch["length"]) >= LEAST_TOKENS)
        came, body, tell = np.concatenate(rows), np.concatenate(bodies), np.concatenate(tells)
        self._order = np.argsort(came)
        self._came = came[self._order]
        some = np.flatnonzero(tell)
        self._bodies, first = np.unique(body[some], return_index=True)
        self._leaders = some[first]
        self._is_leader = np.zeros(len(came), np.bool_)
        self._is_leader[self._leaders] = True
        self._links = self._linked()

    def _row(self, came: I64) -> Rows:
        """Rows of the index, of Spark's."""
        return self._order[self._known(came, self._came)]

    def _leader(self, body: I64) -> Rows:
        return self._leaders[self._known(body, self._bodies)]

    def _known(self, values: I64, known: I64) -> Rows:
        at = places(values, known)
        if len(at) and at.min() < 0:
            raise UnreadableInput(path=self._folder, format="what --engine spark wrote", reason="parts of two runs")
        return at

    def _linked(self) -> pa.Table:
        """Links of leaders, in order of the later one."""
        table = self._table("links", ["a", "b", "found", *columns.FIGURES])
        table = table.filter(table["found"])
        a, b = (self._leader(columns.numbers(table[name])) for name in ("a", "b"))
        turned = pa.array(a > b)
        links = columns.links_of(columns.turned(table, turned), np.minimum(a, b), np.maximum(a, b))
        return links.take(pa.array(np.lexsort((np.minimum(a, b), np.maximum(a, b)))))

    def _write(self, writer: Writer) -> None:
        later = columns.numbers(self._links["b"])
        for parts, articles in self._blocks():
            segment = writer.segment()
            for batch in articles:
                segment.write_articles(batch)
            new = join(parts)
            corpus = Corpus(writer.store, new, segment.base)
            first = np.flatnonzero(self._is_leader[segment.base : corpus.size]) + segment.base
            span = slice(*np.searchsorted(later, [segment.base, corpus.size]))
            links = self._links.slice(span.start, span.stop - span.start)
            links = links.sort_by([("a", "ascending"), ("b", "ascending")])
            tables = postings.tables(corpus, new, first)
            segment.finish(sketches_of(new, corpus), all_tables(tables, new, corpus), links.combine_chunks())

    def _blocks(self) -> Iterator[tuple[list[Prepared], list[pa.RecordBatch]]]:
        for file in self._sources:
            parts: list[Prepared] = []
            articles: list[pa.RecordBatch] = []
            rows = size = 0
            for batch in self._read(file, None):
                if not batch.num_rows:
                    continue
                parts.append(self._prepared(batch))
                articles.append(columns.articles_of(pa.Table.from_batches([batch])))
                rows, size = rows + batch.num_rows, size + batch.nbytes
                if rows >= SEGMENT_ROWS or size >= SEGMENT_BYTES:
                    yield parts, articles
                    parts, articles, rows, size = [], [], 0, 0
            if rows:
                yield parts, articles

    def _prepared(self, batch: pa.RecordBatch) -> Prepared:
        id_hash, text_hash, digests = (
            columns.rows_of(batch[name], np.uint64, 2) for name in ("id_hash", "text_hash", "digest")
        )
        sets = columns.sets_of(batch["shingles"], batch["narrative"])
        tokens = columns.numbers(batch["length"]).astype(np.int32)
        return Prepared(
            id_hash=id_hash,
            text_hash=text_hash,
            sets=ShingleSets(sets.hashes, sets.ends, sets.marks, sets.mark_ends, tokens, digests),
            narrative_lengths=columns.numbers(batch["narrative_length"]).astype(np.uint32),
            signatures=columns.rows_of(batch["signature"], np.uint32, self._params.num_perm),
            anchors=anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, self._params),
        )

    def _crowds(self) -> lsh.Crowds:
        table = self._table("crowds", ["key", "masked", "representatives"])
        keys = columns.numbers(table["key"]).astype(np.uint64)
        bodies = columns.rows_of(table["representatives"], np.int64, lsh.REPRESENTATIVES)
        rows = self._leader(bodies.reshape(-1)).reshape(bodies.shape).astype(np.uint32)
        order = np.argsort(keys)
        masked = table["masked"].combine_chunks().to_numpy(zero_copy_only=False)
        return lsh.Crowds(keys[order], masked[order], rows[order])

    def _templates(self) -> pa.Table:
        """In the order in which one machine learns them."""
        table = self._table("templates", TEMPLATES.names)
        words = {name: pa.array(columns.unsigned(columns.numbers(table[name]))) for name in ("key", "seed")}
        made = [words[f.name] if f.name in words else table[f.name].cast(f.type) for f in TEMPLATES]
        order = [("outlet", "ascending"), ("pages", "descending"), ("key", "ascending")]
        return pa.table(made, schema=TEMPLATES).sort_by(order).combine_chunks()

    def _members(self) -> pa.Table:
        names = [name for name in TOLD.names[: TOLD.get_field_index("apart") + 1] if name != "story"]
        table = self._table("members", names)
        table = table.filter(table["row"].is_valid())
        at = {name: self._row(columns.numbers(table[name])) for name in ("row", "oldest", "origin_row")}
        together = columns.numbers(table["version"]) > 0
        order = np.lexsort((columns.numbers(table["place"]), at["oldest"], ~together))
        given: dict[str, Any] = {
            **{name: table[name] for name in ("relation", "jaccard", "containment", "kept", "version", "apart")},
            "row": at["row"],
            "story": at["oldest"],
            "origin": at["origin_row"],
            "confidence": table["sure"],
            "group": self._leader(columns.numbers(table["group"])),
        }
        made = [c if isinstance(c, pa.ChunkedArray) else pa.array(c) for c in (given[f.name] for f in MEMBERS)]
        cast = [column.cast(field.type) for column, field in zip(made, MEMBERS, strict=True)]
        return pa.table(cast, schema=MEMBERS).take(pa.array(order)).combine_chunks()

    def _files(self, name: str) -> list[Path]:
        return sorted(file for file in (self._folder / name).glob("*.parquet") if file.name[0] not in "._")

    def _batches(self, wanted: list[str]) -> Iterator[pa.RecordBatch]:
        for file in self._sources:
            yield from self._read(file, wanted)

    def _read(self, file: Path, wanted: list[str] | None) -> Iterator[pa.RecordBatch]:
        """The articles of a file that count."""
        for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=wanted):
            usable = batch["reason"].is_null().to_numpy(zero_copy_only=False)
            if file.parent.name == "articles":
                usable &= ~among(columns.numbers(batch["row"]), self._replaced)
            yield batch if usable.all() else batch.filter(pa.array(usable))

    def _table(self, name: str, wanted: list[str]) -> pa.Table:
        parts = [pq.read_table(file, columns=wanted) for file in self._files(name)]
        if not parts:
            raise UnreadableInput(path=self._folder / name, format="what --engine spark wrote", reason="it has no file")
        return pa.concat_tables(parts).combine_chunks()
