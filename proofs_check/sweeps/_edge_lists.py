"""Edge lists of graphs by rank, and the Euler tour of each, thousands at a time.

The order is that of the certificates: nodes are numbered as they appear, edges in every order and direction,
lexicographically, a list before its continuations. How many lists continue a list depends only on how many nodes
and edges it has, so a rank is split off edge by edge; from there a compiled loop goes on from list to list.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from constructions.numerics._jit_cache import Ints, compiled

MOST_NODES = 8
"""Beyond, there are more than 10**40 lists."""


@functools.cache
def continuations(nodes: int, used: int, edges: int) -> int:
    """How many complete lists on ``nodes`` nodes begin with a list of ``edges`` edges between the nodes 1 .. used.

    The list itself counts if it is complete. The next edge joins two nodes that have appeared and are not joined, in
    one of two directions; or one of them and the next new node, likewise; or the next two new nodes, which appear in
    the order of their numbers.

    >>> [continuations(nodes, 0, 0) for nodes in (2, 3, 4, 5)]
    [1, 12, 3153, 51050748]
    """
    total = int(used == nodes)
    if edges < math.comb(used, 2):
        total += 2 * (math.comb(used, 2) - edges) * continuations(nodes, used, edges + 1)
    if 0 < used < nodes:
        total += 2 * used * continuations(nodes, used + 1, edges + 1)
    if used + 2 <= nodes:
        total += continuations(nodes, used + 2, edges + 1)
    return total


def edge_lists(nodes: int, first: int, count: int) -> tuple[Ints, Ints]:
    """The lists of ranks ``first`` .. first + count - 1: endpoints, two an edge, and the number of edges.

    Rows are filled up with 0. There must be so many lists.

    >>> lists, lengths = edge_lists(3, 1, 2)
    >>> lists.tolist(), lengths.tolist()
    ([[1, 2, 1, 3, 2, 3], [1, 2, 1, 3, 3, 2]], [3, 3])
    """
    lists = np.zeros((count, nodes * (nodes - 1)), dtype=np.int64)
    lengths = np.zeros(count, dtype=np.int64)
    start = np.array(_at(nodes, first), dtype=np.int64)
    _list(nodes, start, lists, lengths)
    return lists, lengths


def _at(nodes: int, rank: int) -> list[int]:
    """The endpoints of the list with this rank."""
    chosen: list[int] = []
    used = 0
    while True:
        if used == nodes:
            if rank == 0:
                return chosen
            rank -= 1
        present = set(zip(chosen[::2], chosen[1::2], strict=True))
        for u, v in _following(nodes, used):
            if (u, v) not in present and (v, u) not in present:
                below = continuations(nodes, max(used, u, v), len(present) + 1)
                if rank < below:
                    chosen += (u, v)
                    used = max(used, u, v)
                    break
                rank -= below
        else:
            raise IndexError("there are not so many edge lists")


def _following(nodes: int, used: int) -> list[tuple[int, int]]:
    """Edges that may come next where the nodes 1 .. used have appeared."""
    return [
        (u, v) for u in range(1, min(used + 1, nodes) + 1) for v in range(1, min(max(used, u) + 1, nodes) + 1) if u != v
    ]


@compiled
def _list(nodes: int, start: Ints, lists: Ints, lengths: Ints) -> None:
    """Fill the rows, from the complete list ``start`` on."""
    ends = np.zeros(lists.shape[1] + 2, np.int64)
    used = np.zeros(lists.shape[1] // 2 + 2, np.int64)
    joined = np.zeros((nodes + 1, nodes + 1), np.bool_)
    edges = len(start) // 2
    for e in range(edges):
        u, v = start[2 * e], start[2 * e + 1]
        ends[2 * e], ends[2 * e + 1] = u, v
        used[e + 1] = max(used[e], u, v)
        joined[u, v] = joined[v, u] = True
    row = 0
    while row < len(lists):
        if used[edges] == nodes:
            for place in range(2 * edges):
                lists[row, place] = ends[place]
            lengths[row] = edges
            row += 1
        # The first edge that may follow this list; else the next one after its last edge, or after the one before.
        u, v = 1, 0
        while True:
            found = False
            while True:
                v += 1
                if v > min(max(used[edges], u) + 1, nodes):
                    u, v = u + 1, 1
                if u > min(used[edges] + 1, nodes):
                    break
                if u != v and not joined[u, v] and v <= min(max(used[edges], u) + 1, nodes):
                    found = True
                    break
            if found:
                ends[2 * edges], ends[2 * edges + 1] = u, v
                used[edges + 1] = max(used[edges], u, v)
                joined[u, v] = joined[v, u] = True
                edges += 1
                break
            if edges == 0:
                return
            edges -= 1
            u, v = ends[2 * edges], ends[2 * edges + 1]
            joined[u, v] = joined[v, u] = False


def euler_tours(lists: Ints, lengths: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """The tour of each list as nodes, its number of nodes, and whether the graph is a tree.

    The same as :func:`constructions.tasks.euler_tour`, written for a compiler.

    >>> tours, counts, trees = euler_tours(*edge_lists(3, 0, 2))
    >>> tours[0, : counts[0]].tolist(), trees.tolist()
    ([3, 1, 2, 1, 3], [True, False])
    """
    nodes = int(lists.max(initial=1))
    tours = np.zeros((len(lists), 2 * nodes), dtype=np.int64)
    counts, trees = np.zeros(len(lists), dtype=np.int64), np.zeros(len(lists), dtype=np.bool_)
    _tour(nodes, lists, lengths, tours, counts, trees)
    return tours, counts, trees


@compiled
def _tour(nodes: int, lists: Ints, lengths: Ints, tours: Ints, counts: Ints, trees: NDArray[np.bool_]) -> None:
    around, degree = np.zeros((nodes + 1, nodes), np.int64), np.zeros(nodes + 1, np.int64)
    walked, visited = np.zeros((nodes + 1, nodes + 1), np.bool_), np.zeros(nodes + 1, np.bool_)
    for row in range(len(lists)):
        degree[:] = 0
        walked[:] = False
        visited[:] = False
        for e in range(lengths[row]):
            u, v = lists[row, 2 * e], lists[row, 2 * e + 1]
            around[u, degree[u]] = v
            around[v, degree[v]] = u
            degree[u] += 1
            degree[v] += 1
        here = lists[row, 2 * lengths[row] - 1]
        following = around[here, degree[here] - 1]
        tours[row, 0], visited[here], count = here, True, 1
        while True:
            if walked[here, following]:
                trees[row] = count == 2 * lengths[row] + 1
                break
            if visited[following] and not walked[following, here]:
                break
            walked[here, following] = visited[following] = True
            tours[row, count] = following
            count += 1
            place = 0
            while around[following, place] != here:
                place += 1
            here, following = following, around[following, (place + degree[following] - 1) % degree[following]]
        # A walk that has come full circle on one component of several is no tree, even if it has all nodes it can.
        counts[row] = count
