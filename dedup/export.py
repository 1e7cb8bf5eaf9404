"""Tables of an index: every article, story and link as Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kernels.compute import pc
from dedup.linking import links as linked
from dedup.lookup import Rows, live_batches
from dedup.model import CREDIT, LINKS, STORIES
from dedup.snapshot import Snapshot
from dedup.stages import verify

ARTICLES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("outlet", pa.string()),
        pa.field("url", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.string()),
        pa.field("story", pa.string(), nullable=False),
        pa.field("relation", pa.string()),
        pa.field("jaccard", pa.float32()),
        pa.field("containment", pa.float32()),
        pa.field("credits", pa.list_(CREDIT), nullable=False),
    ]
)
LINKED = pa.schema(
    [
        pa.field("a", pa.string(), nullable=False),
        pa.field("b", pa.string(), nullable=False),
        pa.field("relation", pa.string(), nullable=False),
        *(LINKS.field(name) for name in LINKS.names[2:]),
    ]
)
# What is told of a story is made from.
ABOUT = ["id", "outlet", "title", "published", "zone", "credits"]
_RELATIONS = pa.array([str(relation) for relation in verify.RELATIONS])
_ROWS = 1 << 16


def articles(snapshot: Snapshot) -> pa.RecordBatchReader:
    """Every live article (schema ARTICLES) in the order in which they came; published is ISO 8601."""

    def batches() -> Iterator[pa.RecordBatch]:
        columns = ["id", "outlet", "url", "title", "published", "zone", "credits"]
        for batch, rows in live_batches(snapshot.store, columns):
            yield article_rows(snapshot, batch, rows)

    return pa.RecordBatchReader.from_batches(ARTICLES, batches())


def stories(snapshot: Snapshot, min_size: int = 1) -> pa.RecordBatchReader:
    """Every story (schema STORIES) of min_size articles or more: most republished first, those of one last."""

    def batches() -> Iterator[pa.RecordBatch]:
        for table in story_tables(snapshot, min_size):
            yield from as_told(table).to_batches()

    return pa.RecordBatchReader.from_batches(STORIES, batches())


def as_told(table: pa.Table) -> pa.Table:
    """Stories as `story_tables` gives them, with schema STORIES."""
    columns = {name: iso(table[name], table[f"{name}_zone"]) for name in ("first", "last")}
    return pa.table([columns.get(name, table[name]) for name in STORIES.names], schema=STORIES)


def links(snapshot: Snapshot) -> pa.RecordBatchReader:
    """Every link between articles that are both live (schema LINKED), with the relation of a to b.

    Articles with the same body have one link to the first of them, and it has their other links.
    """

    def batches() -> Iterator[pa.RecordBatch]:
        table = linked.live(snapshot.store)
        for start in range(0, table.num_rows, _ROWS):
            yield _links(snapshot, table.slice(start, _ROWS))

    return pa.RecordBatchReader.from_batches(LINKED, batches())


def story_tables(snapshot: Snapshot, min_size: int) -> Iterator[pa.Table]:
    """STORIES with first and last as timestamps and columns first_zone, last_zone, row (of the oldest member)."""
    groups = snapshot.groups
    sizes = np.diff(groups.starts)
    wanted = np.flatnonzero(sizes >= max(min_size, 2))
    if len(wanted):
        yield stories_at(snapshot, wanted)
    if min_size > 1:
        return
    for batch, rows in live_batches(snapshot.store, ABOUT):
        alone = snapshot.place_of(rows) < 0
        if alone.any():
            yield _singles(snapshot, batch.filter(pa.array(alone)), rows[alone])


def story_table(snapshot: Snapshot, row: int) -> pa.Table:
    """As `story_tables`, the one story of the article at row."""
    place = int(snapshot.place_of(np.array([row]))[0])
    if place >= 0:
        return stories_at(snapshot, np.searchsorted(snapshot.groups.starts, [place], "right") - 1)
    batch = snapshot.store.article_rows([row], ABOUT).combine_chunks().to_batches()[0]
    return _singles(snapshot, batch, np.array([row]))


def iso(published: pa.ChunkedArray | pa.Array, zone: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Strings as `dedup.dates.isoformat` gives them."""
    published, zone = (c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in (published, zone))
    minutes = zone.cast(pa.int64()).fill_null(0)
    clock = pc.add(published.cast(pa.int64()), pc.multiply(minutes, 60)).cast(pa.timestamp("s"))
    # %S of a timestamp in whole seconds has no fraction.
    local = pc.strftime(clock, "%Y-%m-%dT%H:%M:%S")
    distinct = pc.unique(zone)
    suffixes = pa.array(["" if z is None else _offset(z) for z in distinct.to_pylist()], pa.string())
    return pc.binary_join_element_wise(local, suffixes.take(pc.index_in(zone, distinct)), "")


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def article_rows(snapshot: Snapshot, batch: pa.RecordBatch, rows: Rows) -> pa.RecordBatch:
    """batch, which has the articles at rows, as ARTICLES."""
    place = snapshot.place_of(rows)
    at = pa.array(place, mask=place < 0)
    members = snapshot.groups.table
    told = {name: members[name].take(at).combine_chunks() for name in ("relation", "jaccard", "containment")}
    return with_stories(batch, snapshot.story_ids(snapshot.stories_of(rows)), **told)


def with_stories(
    batch: pa.RecordBatch, story: pa.Array, relation: pa.Array, jaccard: pa.Array, containment: pa.Array
) -> pa.RecordBatch:
    """Articles as ARTICLES. story: ids. relation: as in derive.MEMBERS, or null; with it jaccard and containment."""
    known = pc.greater_equal(relation, 0)
    columns = {
        "published": iso(batch["published"], batch["zone"]),
        "story": story,
        "relation": _RELATIONS.take(pc.if_else(known, relation, None)),
        "jaccard": pc.if_else(known, jaccard, None),
        "containment": pc.if_else(known, containment, None),
    }
    made = [columns[name] if name in columns else batch[name] for name in ARTICLES.names]
    return pa.record_batch(made, schema=ARTICLES)


def _links(snapshot: Snapshot, table: pa.Table) -> pa.RecordBatch:
    a, b = (snapshot.store.article_rows(table[name].to_numpy(), ["id"])["id"].combine_chunks() for name in ("a", "b"))
    return named_links(a, b, table)


def named_links(a: pa.Array, b: pa.Array, table: pa.Table) -> pa.RecordBatch:
    """Links (schema LINKS) as LINKED. a, b: ids of their articles."""
    relation = _RELATIONS.take(pa.array(verify.relations(linked.figures_of(table))))
    rest = [table[name].combine_chunks() for name in LINKS.names[2:]]
    return pa.record_batch([a, b, relation, *rest], schema=LINKED)


def stories_at(snapshot: Snapshot, wanted: npt.NDArray[np.int64]) -> pa.Table:
    """As `story_tables`, the stories at some places (one or more) of groups.starts."""
    groups = snapshot.groups
    starts, ends = groups.starts[wanted], groups.starts[wanted + 1]
    members = np.concatenate([np.arange(a, b) for a, b in zip(starts, ends, strict=True)])
    table = groups.table.take(pa.array(members))
    about = snapshot.store.article_rows(table["row"].to_numpy(), ABOUT)
    return stories_of(table, ends - starts, about, snapshot.story_ids)


def stories_of(table: pa.Table, sizes: Rows, about: pa.Table, ids: Callable[[Rows], pa.Array]) -> pa.Table:
    """As `story_tables`, of members (schema derive.MEMBERS) of whole stories (one or more), sizes of each.

    about: columns ABOUT of the members. ids: of the stories that rows name.
    """
    story = np.repeat(np.arange(len(sizes)), sizes)
    firsts = np.cumsum(sizes) - sizes
    origin = np.flatnonzero(table["row"].to_numpy() == table["origin"].to_numpy())
    # Members are in order of time, those without one last.
    dated = pc.is_valid(about["published"]).to_numpy(zero_copy_only=False)
    lasts = firsts + np.maximum(np.add.reduceat(dated, firsts, dtype=np.int64) - 1, 0)
    outlets = about["outlet"].combine_chunks().dictionary_encode()
    known = outlets.is_valid().to_numpy(zero_copy_only=False)
    pairs = np.unique(story[known] * (len(outlets.dictionary) + 1) + outlets.indices.drop_null().to_numpy())
    agencies = _agencies(about["credits"].combine_chunks(), story, len(sizes))
    rows = table["story"].to_numpy().astype(np.int64)[firsts]
    made = pa.table(
        {
            "id": ids(rows),
            "title": about["title"].take(pa.array(origin)),
            "agencies": agencies,
            "articles": sizes,
            "outlets": np.bincount(pairs // (len(outlets.dictionary) + 1), minlength=len(sizes)),
            "first": about["published"].take(pa.array(firsts)),
            "first_zone": about["zone"].take(pa.array(firsts)),
            "last": about["published"].take(pa.array(lasts)),
            "last_zone": about["zone"].take(pa.array(lasts)),
            "origin": about["id"].take(pa.array(origin)),
            "confidence": table["confidence"].take(pa.array(firsts)),
            "row": rows,
        }
    )
    order = [("articles", "descending"), ("outlets", "descending"), ("first", "ascending"), ("id", "ascending")]
    return made.sort_by(order)


def _agencies(credits: pa.ListArray, story: Rows, stories: int) -> pa.Array:
    """Each story's agencies, named by most of its articles first."""
    article = pc.list_parent_indices(credits).to_numpy()
    names = credits.flatten().field("agency").dictionary_encode()
    if not len(names):
        return pa.array([[]] * stories, pa.list_(pa.string()))
    counted: dict[tuple[int, str], int] = {}
    dictionary = names.dictionary.to_pylist()
    for at, agency in np.unique(np.stack([article, names.indices.to_numpy()]), axis=1).T.tolist():
        key = (int(story[at]), dictionary[agency])
        counted[key] = counted.get(key, 0) + 1
    found: list[list[str]] = [[] for _ in range(stories)]
    for (of, agency), _ in sorted(counted.items(), key=lambda item: (-item[1], item[0][1])):
        found[of].append(agency)
    return pa.array(found, pa.list_(pa.string()))


def _singles(snapshot: Snapshot, batch: pa.RecordBatch, rows: Rows) -> pa.Table:
    n = batch.num_rows
    ones = np.ones(n, np.int64)
    return pa.table(
        {
            "id": snapshot.story_ids(rows),
            "title": batch["title"],
            "agencies": _agencies(batch["credits"], np.arange(n), n),
            "articles": ones,
            "outlets": pc.is_valid(batch["outlet"]).cast(pa.int64()),
            "first": batch["published"],
            "first_zone": batch["zone"],
            "last": batch["published"],
            "last_zone": batch["zone"],
            "origin": batch["id"],
            "confidence": ones.astype(np.float32),
            "row": rows,
        }
    )
