"""The index as a user of the library meets it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

from dedup import answers, search
from dedup.errors import BadInput, IncompatibleIndex, NoIndex, NotFound, UsageError
from dedup.intake import OnProgress, batches, paths, telling
from dedup.linking import links
from dedup.lookup import find
from dedup.model import (
    Added,
    Article,
    Body,
    Checked,
    Compacted,
    Info,
    Kind,
    Match,
    Outlet,
    Params,
    Rejected,
    Story,
    StoryChange,
    StoryDetail,
    Template,
)
from dedup.snapshot import Snapshot
from dedup.stages import lsh
from dedup.store import FileDirectory, Store
from dedup.store.manifest import FORMAT
from dedup.telling import members
from dedup.templates import kept

Source = str | Path | Sequence[Any] | Iterable[Any]
# Of the records that were set aside Added carries the first ones; --rejects keeps all.
_REJECTS = 20


class Index:
    """An index folder at its last commit when it was opened or last written by this object.

    Index.open, Index.create or Index.open_or_create make one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __repr__(self) -> str:
        return f"Index({self._store.directory.path!r}, {self._store.manifest.articles} articles)"

    def __len__(self) -> int:
        return self._store.manifest.articles

    @classmethod
    def open(cls, path: str | Path) -> Index:
        """The index at path. Raises NoIndex, DamagedIndex, IncompatibleIndex."""
        return cls(Store.open(_folder(path)))

    @classmethod
    def create(cls, path: str | Path, params: Params | None = None) -> Index:
        """A new index at path. Raises IndexExists, IndexLocked, NoSpace."""
        return cls(Store.create(_folder(path), params))

    @classmethod
    def open_or_create(cls, path: str | Path, params: Params | None = None) -> Index:
        """The index at path, made where there is none yet.

        Raises IncompatibleIndex where one is there that was made with other parameters than those given.
        """
        try:
            index = cls.open(path)
        except NoIndex:
            return cls.create(path, params)
        if params is not None and params != index.params:
            remedy = "leave the parameters out, or index its articles again in a new folder"
            found, wanted = index.params.unlike(params), params.unlike(index.params)
            raise IncompatibleIndex(path=path, found=found, wanted=wanted, remedy=remedy)
        return index

    @classmethod
    def add_to(cls, path: str | Path, source: Source, **options: Any) -> Added:
        """Open the index at path and add to it; a new one is made when a first article was read.

        options: as for add. Raises what open, create and add raise.
        """
        try:
            index = cls.open(path)
        except NoIndex:
            return _add(lambda: cls.create(path), source, **options)
        return index.add(source, **options)

    @classmethod
    def imported(cls, output: str | Path, path: str | Path) -> Index:
        """A new index at path of what `dedup cluster --engine spark` wrote to output.

        Raises BadInput, IncompatibleIndex, IndexExists, IndexLocked, NoSpace.
        """
        from dedup.importing import adopt

        return cls(adopt(output, _folder(path).path))

    @property
    def params(self) -> Params:
        return self._store.params

    @property
    def path(self) -> str:
        return str(self._store.directory.path)

    def refresh(self) -> None:
        """Move on to the last commit."""
        self._move(self._store.refresh())

    def _move(self, store: Store) -> None:
        if store is not self._store:
            self._store = store
            self.__dict__.pop("snapshot", None)

    def add(
        self,
        source: Source,
        *,
        kind: Kind | str = Kind.auto,
        format: str | None = None,
        columns: Mapping[str, str] | None = None,
        rejects: str | Path | None = None,
        progress: OnProgress | None = None,
    ) -> Added:
        """Add articles; one whose id is known takes the old one's place, or changes nothing with the same text.

        source: a path or several (files, folders, "-"), dictionaries with the fields of JSONL, or an Arrow
        table, batch or reader. kind: what the texts are. format: of files, where name and content do not tell.
        columns: what the source calls a field, such as {"text": "content"}. rejects: a file that gets the records
        that were set aside, as JSONL. Raises BadInput where nothing is usable, IndexLocked, NoSpace; commits
        that were made before stay.
        """
        return _add(self, source, kind=kind, format=format, columns=columns, rejects=rejects, progress=progress)

    def remove(self, ids: Sequence[str] = (), *, before: datetime | None = None, outlets: Sequence[str] = ()) -> int:
        """Remove articles, and return how many there were; stories follow at once.

        ids: of the articles. Or before: all that were published before it (UTC where it has no zone), outlets: all
        of these; both: those of which both hold. Raises UsageError where none of the three is given, or ids with
        another; IndexLocked, NoSpace.
        """
        from dedup import ingest
        from dedup.selection import Selection

        ids, outlets = ([given] if isinstance(given, str) else given for given in (ids, outlets))
        store, removed = ingest.remove(self._store, Selection(ids, before, outlets))
        self._move(store)
        return removed

    def unknown(self, ids: Sequence[str]) -> list[str]:
        """Those of ids that no article has, in their order, each once."""
        from dedup import selection

        return selection.unknown(self._store, ids)

    def compact(self, progress: OnProgress | None = None) -> Compacted:
        """Write all live articles together and derive everything anew: what was removed gives its space back, and
        what outlets repeat on their pages is learnt: see templates.

        Raises IndexLocked, NoSpace, DamagedIndex; the index is as it was then.
        """
        from dedup import upkeep

        store, compacted = upkeep.compact(self._store, *telling(progress, "compact"))
        self._move(store)
        return compacted

    def templates(self) -> list[Template]:
        """The lines that outlets repeat on unrelated pages, as the last compacting learnt them, by outlet."""
        return kept.told(self._store)

    def changes(self, since: int, min_size: int = 2) -> list[StoryChange]:
        """Stories of min_size articles or more, now or then, that are others than at commit since.

        Raises UsageError for a commit that is yet to come, ForgottenCommit for one whose history is gone.
        """
        from dedup import turns

        return turns.changes(self.snapshot, since, min_size)

    def check(self, repair: bool = False, progress: OnProgress | None = None) -> Checked:
        """Read every file of the commit, and say which are not what was written, and which articles that costs.

        repair: drop the segments whose articles or sketches are damaged, and derive the rest anew. Raises IndexLocked
        and NoSpace then, and DamagedIndex where the manifest is damaged.
        """
        from dedup import upkeep

        on_stage, on_bytes = telling(progress, "check")
        store = self._store
        if repair:
            store, found = upkeep.repair(store, on_bytes, on_stage)
            self._move(store)
        else:
            found = upkeep.check(store, on_bytes)
        return Checked(
            path=self.path,
            commit=store.manifest.generation,
            files=sum(1 for _ in store.manifest.files()),
            bytes=store.manifest.bytes,
            damaged=found.damaged,
            lost=found.lost,
            unnamed=found.unnamed,
            repaired=repair and bool(found.damaged),
        )

    def query(self, text: str, limit: int = 10, kind: Kind | str = Kind.auto) -> list[Match]:
        """Articles that share copy with a text, best first, at most limit. kind: what text is before cleaning.

        Raises UsageError for an unknown kind.
        """
        from dedup.stages.clean import clean

        return self.query_body(clean(text, kind), limit)

    def query_body(self, body: Body, limit: int = 10) -> list[Match]:
        """As query, of what cleaning made of a text."""
        return self._matches(kept.own(self._store, body.text, body.outlet), limit)

    def query_id(self, id: str, limit: int = 10) -> list[Match]:
        """Articles that share copy with the one of that id, without itself. Raises NotFound."""
        return [match for match in self._matches(self.compared(id), limit + 1) if match.id != id][:limit]

    def _matches(self, body: str, limit: int) -> list[Match]:
        return answers.matches(self.snapshot, body, search.search(self._store, body, max(limit, 0)))

    def article(self, id: str) -> Article:
        """The article of that id. Raises NotFound."""
        return answers.articles(self.snapshot, np.array([self._row(id)]))[0]

    def compared(self, article: str | Article) -> str:
        """The body of an article, or of the one of that id, as it is compared: without its outlet's templates. Raises
        NotFound."""
        article = self.article(article) if isinstance(article, str) else article
        return kept.own(self._store, article.body, article.outlet)

    def stories(self, min_size: int = 2) -> list[Story]:
        """The stories of min_size articles or more, most republished first."""
        return answers.stories(self.snapshot, min_size)

    def story(self, id: str) -> StoryDetail:
        """A story, by its id or that of one of its articles. Raises NotFound."""
        return answers.story(self.snapshot, self.story_row(id))

    def story_row(self, id: str) -> int:
        """The row of an article of a story, by the story's id or that of one of its articles. Raises NotFound."""
        row = self.snapshot.row_of_story(id)
        return self._row(id, what="story") if row is None else row

    def _row(self, id: str, what: str = "article") -> int:
        # As dedup.prepare.digests, which would load the kernels.
        data = id.encode("utf-8", "replace")
        id_hash = np.array([[xxhash.xxh64_intdigest(data, seed) for seed in (0, 1)]], np.uint64)
        rows, _ = find(self._store, lsh.IDS, id_hash)
        if not len(rows):
            raise NotFound(what=what, id=id, path=self.path)
        return int(rows[0])

    def outlets(self, agency: str | None = None) -> list[Outlet]:
        """What each outlet ran, those with most agency copy first. agency: only its copy, in letters of either case."""
        from dedup import ledger

        return ledger.outlets(self.snapshot, agency)

    def export(self, what: str, keep: str | None = None) -> pa.RecordBatchReader:
        """All articles, stories or links as Arrow batches.

        keep: of the articles of a story only its origin, longest or earliest, with its text and the others' ids.
        Raises UsageError for anything else.
        """
        from dedup import keep as kept

        return kept.table(self.snapshot, what, keep)

    def info(self) -> Info:
        """What the index holds."""
        manifest, snapshot = self._store.manifest, self.snapshot
        sizes: dict[str, int] = {}
        for name, record in manifest.files():
            part = Path(name).stem.split("-")[0] if "segments" in name else name.split("/")[0].split("-")[0]
            sizes[part] = sizes.get(part, 0) + record.bytes
        return Info(
            path=self.path,
            format=FORMAT,
            commit=manifest.generation,
            params=manifest.params,
            segments=len(manifest.segments),
            articles=manifest.articles,
            removed=manifest.removed,
            links=links.bodies(self._store).num_rows,
            stories=self._stories,
            outlets=snapshot.outlets(),
            bytes=sizes,
        )

    @property
    def _stories(self) -> int:
        """How many stories of two or more there are."""
        told = members.current(self._store)
        return told.count if told else self.snapshot.groups.count

    @cached_property
    def snapshot(self) -> Snapshot:
        """The commit, looked up: what `answers`, `search` and `export` are asked with."""
        return Snapshot(self._store)


def _folder(path: str | Path) -> FileDirectory:
    if Path(path).is_file():
        raise BadInput(problem=f"{path} is a file, and an index is a folder: name another one with -i")
    return FileDirectory(path)


def _add(
    index: Index | Callable[[], Index],
    source: Source,
    *,
    kind: Kind | str = Kind.auto,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    rejects: str | Path | None = None,
    progress: OnProgress | None = None,
) -> Added:
    """Index.add; an index that is still to be made is made once a first batch can be indexed."""
    from dedup import ingest
    from dedup.stages.clean import reads_html
    from dedup.stages.read import Format, Options, RejectsFile

    start = time.monotonic()
    try:
        options = Options(Format(format) if format else None, Kind(kind), dict(columns or {}), reads_html)
    except ValueError as error:
        raise UsageError(problem=str(error)) from None
    few: list[Rejected] = []
    with RejectsFile(rejects, paths(source)) as aside:

        def reject(rejected: Rejected) -> None:
            if len(few) < _REJECTS:
                few.append(rejected)
            aside(rejected)

        on_stage, on_done = telling(progress, "read and index")
        given = batches(source, options, reject, on_done)
        if not isinstance(index, Index):
            first = list(islice(given, 1))
            index, given = index(), chain(first, given)
        store, counts = ingest.add(index._store, given, on_stage)
        rejected = aside.count
    index._move(store)
    return Added(
        commit=index._store.manifest.generation,
        read=counts.read + rejected,
        added=counts.added,
        replaced=counts.replaced,
        unchanged=counts.unchanged,
        verified=counts.verified,
        rejected=rejected,
        articles=len(index),
        stories=index._stories,
        seconds=time.monotonic() - start,
        rejects=tuple(few),
    )
