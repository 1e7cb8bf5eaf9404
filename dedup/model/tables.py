"""Schemas of the Arrow tables that travel between the stages, and to a user."""

from __future__ import annotations

import pyarrow as pa

# credits: which agency, and where the page says so
# (byline, dateline, signoff, disclaimer, contribution, copyright).
CREDIT = pa.struct([pa.field("agency", pa.string(), nullable=False), pa.field("place", pa.string(), nullable=False)])

# read -> clean. published is UTC; zone is the offset that the source gave, in minutes, null
# where it gave none. kind is one of Kind; path and line tell where the record came from.
RAW = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.timestamp("s", "UTC")),
        pa.field("zone", pa.int16()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)

# clean -> shingle, store. body: paragraphs joined by one newline.
ARTICLES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.timestamp("s", "UTC")),
        pa.field("zone", pa.int16()),
        pa.field("byline", pa.string()),
        pa.field("dateline", pa.string()),
        pa.field("credits", pa.list_(CREDIT), nullable=False),
        pa.field("body", pa.large_string(), nullable=False),
    ]
)


# verify -> cluster, store. a < b: rows of the index. Containments are of shingle sets:
# a_in_b = |A and B| / |A|; narrative_* count narrative shingles only, without those that the
# other article quotes; shared: shingles that are narrative in both; relation: of A to B.
LINKS = pa.schema(
    [
        pa.field("a", pa.uint32(), nullable=False),
        pa.field("b", pa.uint32(), nullable=False),
        pa.field("jaccard", pa.float32(), nullable=False),
        pa.field("a_in_b", pa.float32(), nullable=False),
        pa.field("b_in_a", pa.float32(), nullable=False),
        pa.field("narrative_a_in_b", pa.float32(), nullable=False),
        pa.field("narrative_b_in_a", pa.float32(), nullable=False),
        pa.field("shared", pa.uint32(), nullable=False),
        pa.field("same_copy", pa.bool_(), nullable=False),
    ]
)


# Stories as they are told: a row each, times ISO 8601 with their zone. Fields as in Story.
STORIES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("agencies", pa.list_(pa.string()), nullable=False),
        pa.field("articles", pa.int64(), nullable=False),
        pa.field("outlets", pa.int64(), nullable=False),
        pa.field("first", pa.string()),
        pa.field("last", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("confidence", pa.float32(), nullable=False),
    ]
)

# The ledger of outlets. Fields as in Outlet.
LEDGER = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("articles", pa.int64(), nullable=False),
        pa.field("stories", pa.int64(), nullable=False),
        pa.field("agency_share", pa.float64(), nullable=False),
        pa.field("credited", pa.int64(), nullable=False),
        pa.field("uncredited", pa.int64(), nullable=False),
        pa.field("delay", pa.float64()),
        pa.field("kept", pa.float64()),
    ]
)
