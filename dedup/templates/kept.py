"""Templates as an index keeps them."""

from __future__ import annotations

import pyarrow as pa

from dedup.kernels.arrays import flat
from dedup.model import Template
from dedup.store import Store
from dedup.templates.lines import NONE, Known, left

# key: hash of the outlet and the line. seed: of the outlet. pages: different bodies that have the line. sampled: how
# many of them were held against each other; stories: how many of those tell stories of their own.
TEMPLATES = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("seed", pa.uint64(), nullable=False),
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("line", pa.string(), nullable=False),
        pa.field("pages", pa.uint32(), nullable=False),
        pa.field("sampled", pa.uint8(), nullable=False),
        pa.field("stories", pa.uint8(), nullable=False),
    ]
)


def known(store: Store) -> Known:
    """The templates that a commit uses; none where their file was taken away. Raises DamagedIndex."""
    kept = store.templates()
    return NONE if kept is None else of(kept)


def of(table: pa.Table) -> Known:
    """The lines of a table (schema TEMPLATES)."""
    return Known(flat(table["key"]), flat(table["seed"]))


def own(store: Store, body: str, outlet: str | None) -> str:
    """A body as a commit compares it, without its outlet's templates. Raises DamagedIndex."""
    return left(body, outlet, known(store)) if outlet else body


def told(store: Store) -> list[Template]:
    """The templates that a commit uses, by outlet, those on most pages first. Raises DamagedIndex."""
    table = store.templates()
    columns = ["outlet", "line", "pages", "sampled", "stories"]
    return [] if table is None else [Template(**row) for row in table.select(columns).to_pylist()]
