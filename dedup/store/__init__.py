"""The index folder: files and Arrow tables, committed whole or not at all. FORMAT.md is its reference."""

from dedup.store.bands import Keys, Search
from dedup.store.columns import Sets, Sketches
from dedup.store.directory import Directory, FileDirectory, MemoryDirectory
from dedup.store.manifest import Manifest
from dedup.store.merge import tiers
from dedup.store.segment import Segment
from dedup.store.segment_writer import SegmentWriter
from dedup.store.store import Store
from dedup.store.writer import Writer

__all__ = [
    "Directory",
    "FileDirectory",
    "Keys",
    "Manifest",
    "MemoryDirectory",
    "Search",
    "Segment",
    "SegmentWriter",
    "Sets",
    "Sketches",
    "Store",
    "Writer",
    "tiers",
]
