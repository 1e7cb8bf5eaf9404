"""What a disk may hold after the power went, given the log of a MemoryDirectory.

An operation is certain once the fsync that covers it has returned: writes by that of their
file, entries (create, mkdir, rename, unlink) by that of their folder. Of the others any subset
may have reached the disk, in any order, and a write in part. A file whose folder is not there
is not there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import combinations
from pathlib import PurePosixPath
from random import Random

from dedup.store.directory import Operation


@dataclasses.dataclass
class Change:
    """One operation on the disk. where: the file (an inode's number) or folder whose sync makes it certain."""

    kind: str
    where: int | str
    name: str = ""
    inode: int = -1
    offset: int = 0
    data: bytes = b""
    certain: bool = False


def folder_of(name: str) -> str:
    above = str(PurePosixPath(name).parent)
    return "" if above == "." else above


def changes(log: list[Operation]) -> list[Change]:
    """The log as changes, those certain that a sync later in the log covers."""
    found: list[Change] = []
    names: dict[str, int] = {}
    sizes: list[int] = []
    for kind, name, *rest in log:
        if kind == "create":
            names[name] = len(sizes)
            sizes.append(0)
            found.append(Change("entry", folder_of(name), name, names[name]))
        elif kind == "write":
            inode = names[name]
            found.append(Change("write", inode, offset=sizes[inode], inode=inode, data=rest[0]))
            sizes[inode] += len(rest[0])
        elif kind == "mkdir":
            found.append(Change("mkdir", folder_of(name), name))
        elif kind == "rename":
            names[rest[0]] = names.pop(name)
            found.append(Change("rename", folder_of(name), f"{name}\n{rest[0]}", names[rest[0]]))
        elif kind == "unlink":
            names.pop(name, None)
            found.append(Change("unlink", folder_of(name), name))
        else:
            where = names[name] if kind == "fsync" else name
            for change in found:
                change.certain |= change.where == where
    return found


def disk(kept: list[Change]) -> dict[str, bytes]:
    """The files after these changes alone."""
    contents: dict[int, bytearray] = {}
    entries: dict[str, int] = {}
    folders = {""}
    for change in kept:
        if change.kind == "entry":
            entries[change.name] = change.inode
        elif change.kind == "write":
            content = contents.setdefault(change.inode, bytearray())
            content.extend(bytes(max(0, change.offset - len(content))))  # a lost write before it reads as zeros
            content[change.offset : change.offset + len(change.data)] = change.data
        elif change.kind == "mkdir":
            folders.add(change.name)
        elif change.kind == "rename":
            source, target = change.name.split("\n")
            entries.pop(source, None)
            entries[target] = change.inode
        else:
            entries.pop(change.name, None)

    def reached(name: str) -> bool:
        above = folder_of(name)
        return above in folders and (above == "" or reached(above))

    return {name: bytes(contents.get(inode, b"")) for name, inode in entries.items() if reached(name)}


def states(log: list[Operation], random: Random, most: int, samples: int) -> Iterator[dict[str, bytes]]:
    """Disks that the power may leave when it goes at the end of log.

    Every subset of what is not certain where that is at most this many operations; else the extremes, all but one and
    only one of the last few, and samples. A write may be torn in any of them.
    """
    all_of_them = changes(log)
    pending = [number for number, change in enumerate(all_of_them) if not change.certain]
    if len(pending) <= most:
        chosen = [set(some) for size in range(len(pending) + 1) for some in combinations(pending, size)]
    else:
        few = pending[-6:]
        chosen = [set(), set(pending), *(set(pending) - {one} for one in few), *({one} for one in few)]
        chosen += [{one for one in pending if random.random() < 0.5} for _ in range(samples)]
    for some in chosen:
        kept = []
        for number, change in enumerate(all_of_them):
            if change.certain:
                kept.append(change)
            elif number in some:
                torn = change.kind == "write" and random.random() < 0.2
                data = change.data[: random.randrange(len(change.data) + 1)] if torn else change.data
                kept.append(dataclasses.replace(change, data=data))
        yield disk(kept)
