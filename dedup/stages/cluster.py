"""Cluster links into stories, guarded: no chain of parts makes a story.

Single linkage joins whatever a round-up quotes. So links are taken strongest first (Kruskal 1956),
two groups join only if their representatives belong together and their longest texts touch. The partition does not
depend on the order of articles or links.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dedup.kernels.arrays import distinct

Nodes = npt.NDArray[np.int64]
# How close two bodies are: not at all, enough for the longest of two groups, enough to represent one story.
APART, TOUCH, BELONG = 0, 1, 2
Closeness = npt.NDArray[np.int8]
# Of so many bodies of one component not all pairs were candidates, so most that are no link are close all the same.
_MANY = 64
Measure = Callable[[Nodes, Nodes], Closeness]


@dataclasses.dataclass(frozen=True, slots=True)
class Graph:
    """Bodies and the links between them.

    copies: int64, n: articles with this body. length: int64, n: its narrative shingles. priority: uint64, n:
    a hash of its tokens, distinct. a, b: int64, m, places of the linked bodies, a < b. strength: float32, m:
    Jaccard of the narratives. same_copy: bool, m: whether the link joins. closeness: int8, m: APART, TOUCH or
    BELONG.
    """

    copies: Nodes
    length: Nodes
    priority: npt.NDArray[np.uint64]
    a: Nodes
    b: Nodes
    strength: npt.NDArray[np.float32]
    same_copy: npt.NDArray[np.bool_]
    closeness: Closeness


def cluster(graph: Graph, measure: Measure) -> Nodes:
    """int64, n: for each body the place of the one that represents its group.

    measure: tells how close two bodies are that are no link.
    """
    from dedup.kernels import groups as kernel

    links = _strongest_first(graph)
    a, b = graph.a[links], graph.b[links]
    nodes = np.arange(len(graph.copies))
    root, component = nodes.copy(), components(len(nodes), a, b)
    hope = np.bincount(component, minlength=len(nodes))[component] > _MANY
    length, priority = graph.length, graph.priority
    parent, size, longest = nodes.copy(), graph.copies.copy(), nodes.copy()
    known, closeness = _keys(graph.a, graph.b), graph.closeness
    while True:
        if np.any(known[1:] < known[:-1]):
            order = np.argsort(known, kind="stable")  # runs in order, which it makes use of
            known, closeness = known[order], closeness[order]
        asked = np.empty(2 * len(a), np.uint64)
        # What is told by what is known stays told: most of it, so that each round goes on from there.
        done, _ = kernel.merge(
            a, b, known, closeness, TOUCH, BELONG, hope, True, length, priority, parent, size, longest, asked
        )  # fmt: skip
        a, b = a[done:], b[done:]
        merged = parent.copy()
        _, count = kernel.merge(
            a, b, known, closeness, TOUCH, BELONG, hope, False, length, priority, merged, size.copy(), longest.copy(),
            asked,
        )  # fmt: skip
        root[nodes] = nodes[merged]
        # How close two bodies are is known only where they were candidates.
        unknown = distinct(asked[:count])
        if not len(unknown):
            return root
        x, y = _ends(unknown)
        found = measure(nodes[x], nodes[y])
        known, closeness = np.append(known, unknown), np.append(closeness, found)
        # Where most of it was in vain there is no hope left.
        hope &= _most(component[x], found >= TOUCH, len(nodes))[component]
        # What hangs together with none of these stays as it is; the others are numbered anew, in their order.
        again = np.zeros(len(nodes), np.bool_)
        again[component[x]] = True
        again = again[component]
        if again.all():
            continue
        place = np.cumsum(again) - 1
        stirred, (one, other) = again[a], _ends(known)
        inside = again[one] & again[other]
        a, b = place[a[stirred]], place[b[stirred]]
        known, closeness = _keys(place[one[inside]], place[other[inside]]), closeness[inside]
        parent, longest, component = (place[column[again]] for column in (parent, longest, component))
        nodes, size, length = (column[again] for column in (nodes, size, length))
        hope, priority = hope[again], priority[again]


def _strongest_first(graph: Graph) -> Nodes:
    """The links that join, in order of strength, then of priority."""
    links = np.flatnonzero(graph.same_copy)
    rank = np.empty(len(graph.priority), np.int64)
    rank[np.argsort(graph.priority)] = np.arange(len(rank))
    a, b = rank[graph.a[links]], rank[graph.b[links]]
    links = links[np.argsort(_keys(np.minimum(a, b), np.maximum(a, b)))]
    # The bits of floats that are not negative are in the order of these. Values are sorted in a third of the time in
    # which places are.
    weak = ~graph.strength[links].view(np.uint32)
    order = np.sort(_keys(weak, np.arange(len(links)))).astype(np.uint32)
    return links[order]


def _most(of: Nodes, held: npt.NDArray[np.bool_], n: int) -> npt.NDArray[np.bool_]:
    """bool, n: of which of n more than half held, or nothing was asked."""
    asked, right = np.bincount(of, minlength=n), np.bincount(of[held], minlength=n)
    return np.asarray((2 * right > asked) | (asked == 0))


def _keys(a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    return a.astype(np.uint64) << np.uint64(32) | b.astype(np.uint64)


def _ends(keys: npt.NDArray[np.uint64]) -> tuple[Nodes, Nodes]:
    """Nodes a and b of `_keys`."""
    return (keys >> np.uint64(32)).astype(np.int64), (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def roundups(
    root: Nodes, length: Nodes, ends: Nodes, others: Nodes, other_length: Nodes, other_group: Nodes
) -> npt.NDArray[np.bool_]:
    """bool, n: which bodies hold the copy of two groups, and belong to the story of neither.

    Such a body is longer than what represents its group, and copies, of another group, shorter ones: what represents it
    and one more at least. A link to one of them alone may rest on a box that an outlet sets around both. root: int64,
    n, as `cluster` gives it. length: int64, n. ends: int64, m, bodies at one end of links that join two groups, each
    link in both directions. others, other_length, other_group: int64, m, numbers of the bodies at the other end, their
    lengths, and the numbers of what represents their groups.
    """
    above = np.flatnonzero((length[ends] > length[root[ends]]) & (length[ends] > other_length))
    order = above[np.lexsort((other_group[above], ends[above]))]
    found = np.zeros(len(root), np.bool_)
    if len(order):
        body, group = ends[order], other_group[order]
        starts = np.flatnonzero(np.append(True, (body[1:] != body[:-1]) | (group[1:] != group[:-1])))
        several = np.diff(np.append(starts, len(order))) > 1
        represented = np.logical_or.reduceat(others[order] == group, starts)
        found[body[starts[several & represented]]] = True
    return found


def components(n: int, a: Nodes, b: Nodes) -> Nodes:
    """int64, n: connected components of the graph with edges a[p], b[p], each by its least node."""
    from dedup.kernels import groups as kernel

    root = np.arange(n)
    kernel.components(a, b, root)
    return root
