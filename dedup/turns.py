"""What became of stories between two commits: which appeared, grew, shrank, merged, split, or vanished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from dedup import answers
from dedup.errors import ForgottenCommit, UsageError
from dedup.model import StoryChange, Turn
from dedup.snapshot import Snapshot
from dedup.telling import journal

# Of a story how many articles went to, or came from, each of others.
_Shares = dict[int, dict[int, int]]


class Told(NamedTuple):
    """One story's change. now: it, or 0 where it vanished. before: the stories that it came from. size, added, left:
    articles now, that came, that went."""

    turn: Turn
    now: int
    before: tuple[int, ...]
    size: int
    added: int
    left: int

    @property
    def most(self) -> int:
        """Articles now or then, whichever was more."""
        return max(self.size, self.size - self.added + self.left)


def changes(snapshot: Snapshot, since: int, min_size: int) -> list[StoryChange]:
    """Stories of min_size articles or more, now or then, that are others than at commit since.

    Raises UsageError where that commit is yet to come, ForgottenCommit where the journal does not reach so far back.
    """
    last, oldest = snapshot.store.manifest.generation, journal.since(snapshot.store)
    if since > last:
        raise UsageError(problem=f"commit {since} is yet to come: the last one is {last}")
    if since == last:
        return []
    if oldest is None or since < oldest:
        known = last if oldest is None else oldest
        raise ForgottenCommit(since=since, oldest=known, path=snapshot.store.directory.path)
    _, then, now = journal.moves(snapshot.store, since)
    pairs, counts = np.unique(np.stack([then, now], axis=1), axis=0, return_counts=True)
    moved = {(a, b): n for (a, b), n in zip(pairs.tolist(), counts.tolist(), strict=True)}
    groups = snapshot.groups
    rows = groups.table["story"].to_numpy()[groups.starts[:-1]].astype(np.int64)
    place = {word: i for i, word in enumerate(snapshot.story_words(rows).tolist())}
    touched = {story for pair in moved for story in pair} & place.keys()
    sizes = {story: int(groups.starts[place[story] + 1] - groups.starts[place[story]]) for story in touched}
    told = [one for one in turns(moved, sizes) if one.most >= min_size]
    at = np.array([place[one.now] for one in told if one.now], np.int64)
    stories = answers.stories_at(snapshot, at)
    return [
        StoryChange(
            id=f"{one.now or one.before[0]:016x}",
            turn=one.turn,
            story=stories[f"{one.now:016x}"] if one.now else None,
            before=tuple(f"{story:016x}" for story in one.before),
            added=one.added,
            left=one.left,
        )
        for one in told
    ]


def turns(moved: Mapping[tuple[int, int], int], sizes: Mapping[int, int]) -> Iterator[Told]:
    """What became of stories, in order of the present ones, then of those that vanished.

    moved: how many articles were in one story then and are in another now; 0 is none. sizes: articles of the present
    stories that any of them touches.

    A present story goes on the one that gave it most articles, itself where others gave as many. It merged where it has
    most of what another left too, and split where that one goes on in several.
    """
    sources, heirs = _shares(moved, sizes)
    goes_on = {now: _most(of, now) for now, of in sources.items()}
    heir = {then: _most(to, then) for then, to in heirs.items()}
    was = {then: sum(to.values()) + moved.get((then, 0), 0) for then, to in heirs.items()}
    parts: dict[int, int] = {}
    for then in goes_on.values():
        parts[then] = parts.get(then, 0) + 1
    for now in sorted(sizes):
        if now not in sources:
            yield Told(Turn.appeared, now, (), sizes[now], sizes[now], 0)
            continue
        before = tuple(sorted(sources[now], key=lambda then: (-sources[now][then], then != goes_on[now], then)))
        kept = sources[now][goes_on[now]]
        added, left = sizes[now] - kept, was[goes_on[now]] - kept
        if sum(heir[then] == now for then in before) > 1:
            yield Told(Turn.merged, now, before, sizes[now], added, left)
        elif parts[goes_on[now]] > 1:
            yield Told(Turn.divided, now, before, sizes[now], added, left)
        elif added or left:
            yield Told(Turn.grew if added >= left else Turn.shrank, now, before, sizes[now], added, left)
        elif goes_on[now] != now:
            yield Told(Turn.renamed, now, before, sizes[now], 0, 0)
    for then in sorted({then for then, _ in moved if then} - heirs.keys()):
        yield Told(Turn.vanished, 0, (then,), 0, 0, moved[then, 0])


def _shares(moved: Mapping[tuple[int, int], int], sizes: Mapping[int, int]) -> tuple[_Shares, _Shares]:
    """Where the articles of each present story were, and where those of each former one are, but for none."""
    sources: _Shares = {}
    heirs: _Shares = {}
    came = dict.fromkeys(sizes, 0)
    for (then, now), n in moved.items():
        if now:
            came[now] += n
        if then and now:
            sources.setdefault(now, {})[then] = n
            heirs.setdefault(then, {})[now] = n
    for now, size in sizes.items():
        if size > came[now]:  # those that nothing is told of were in it then
            sources.setdefault(now, {})[now] = size - came[now]
            heirs.setdefault(now, {})[now] = size - came[now]
    return sources, heirs


def _most(shares: dict[int, int], itself: int) -> int:
    return min(shares, key=lambda story: (-shares[story], story != itself, story))
