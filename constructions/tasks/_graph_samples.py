"""Graphs to test IsTree on: trees of many shapes, and what is almost a tree.

Node names here are any integers; graphs are numbered when they are made.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from constructions.errors import InputError
from constructions.tasks._graph import Edge, Graph, graph_of

Edges = list[Edge]


def path(n: int) -> Edges:
    """0 - 1 - ... - n-1."""
    return [(node - 1, node) for node in range(1, n)]


def star(n: int) -> Edges:
    """All nodes joined to 0."""
    return [(0, node) for node in range(1, n)]


def caterpillar(n: int) -> Edges:
    """A path of the first half of the nodes, with one leaf at each of its nodes as long as there are any."""
    spine = (n + 1) // 2
    return path(spine) + [(node - spine, node) for node in range(spine, n)]


def binary(n: int) -> Edges:
    """A complete binary tree in heap order."""
    return [((node - 1) // 2, node) for node in range(1, n)]


def cycle(n: int) -> Edges:
    """A cycle of n >= 3 nodes."""
    return [*path(n), (n - 1, 0)]


TREES: tuple[Callable[[int], Edges], ...] = (path, star, caterpillar, binary)


def random_tree(rng: np.random.Generator, n: int) -> Edges:
    """A tree on 0 .. n-1, each of the n^(n-2) equally likely, from its Prüfer sequence.

    Decoding in O(n): ``leaf`` is the smallest leaf that is left; a node that becomes a leaf and is
    smaller than all that the pointer has passed is taken at once.
    """
    code = [int(node) for node in rng.integers(0, n, max(0, n - 2))]
    degree = [1] * n
    for node in code:
        degree[node] += 1
    edges = []
    pointer = leaf = degree.index(1)
    for node in code:
        edges.append((leaf, node))
        degree[node] -= 1
        if degree[node] == 1 and node < pointer:
            leaf = node
        else:
            pointer = leaf = degree.index(1, pointer + 1)
    return [*edges, (leaf, n - 1)]


def _shifted(edges: Edges, by: int) -> Edges:
    return [(u + by, v + by) for u, v in edges]


def _tree(rng: np.random.Generator, n: int) -> Edges:
    if rng.random() < 0.6:
        return random_tree(rng, n)
    return TREES[int(rng.integers(0, len(TREES)))](n)


def _with_extra_edge(rng: np.random.Generator, edges: Edges, n: int) -> Edges:
    """A tree on 0 .. n-1, n >= 3, and one edge more."""
    present = {frozenset(edge) for edge in edges}
    while True:
        u, v = (int(node) for node in rng.choice(n, 2, replace=False))
        if frozenset((u, v)) not in present:
            return [*edges, (u, v)]


def _two_trees(rng: np.random.Generator, n: int) -> Edges:
    """n - 2 edges, two components; n >= 4."""
    first = int(rng.integers(2, n - 1))
    return _tree(rng, first) + _shifted(_tree(rng, n - first), first)


def _moved_edge(rng: np.random.Generator, n: int) -> Edges:
    """n - 1 edges and no tree: one component has a cycle, the other is a tree; n >= 5."""
    first = int(rng.integers(3, n - 1))
    return _with_extra_edge(rng, _tree(rng, first), first) + _shifted(_tree(rng, n - first), first)


def _dense(rng: np.random.Generator, n: int) -> Edges:
    """Each pair among at most 24 nodes is an edge with a probability drawn once; at least one edge."""
    pairs = list(combinations(range(min(n, 24)), 2))
    kept = rng.random(len(pairs)) < rng.random()
    return [pair for pair, keep in zip(pairs, kept, strict=True) if keep] or pairs[:1]


def sample_graph(rng: np.random.Generator, n: int) -> Graph:
    """A graph of 2 .. n nodes, half the time a tree; edges in random order and orientation."""
    nodes = n if rng.random() < 0.5 else int(rng.integers(2, n + 1))
    kind = rng.random()
    if kind < 0.5 or nodes < 3:
        edges = _tree(rng, nodes)
    elif kind < 0.62:
        edges = _with_extra_edge(rng, _tree(rng, nodes), nodes)
    elif kind < 0.67:
        edges = cycle(nodes)
    elif kind < 0.82 and nodes >= 5:
        edges = _moved_edge(rng, nodes)
    elif kind < 0.92 and nodes >= 4:
        edges = _two_trees(rng, nodes)
    else:
        edges = _dense(rng, nodes)
    return _written(rng, edges, shuffled=rng.random() < 0.85)


LEAST_BINARY = 5
"""On fewer nodes every graph with n - 1 edges and no isolated node is a tree."""


def binary_graph(rng: np.random.Generator, n: int) -> Graph:
    """Two stars and an edge between two of their leaves; exactly n nodes and n - 1 edges, half the time a tree.

    It is a tree if the two leaves hang from different centres; otherwise it consists of a triangle, perhaps with
    leaves, and a star. The number of edges says nothing, and the degrees of all nodes do not decide. The paper's code
    (https://github.com/dangxingyu/rnn-icrag) draws such graphs as ``binary``, some of them with an isolated node.

    Raises:
        InputError: if n < 5.
    """
    if n < LEAST_BINARY:
        raise InputError(f"n = {n}: a graph with n - 1 edges that is no tree has at least {LEAST_BINARY} nodes")
    tree = rng.random() < 0.5
    while True:
        centres = rng.integers(0, 2, n - 2).tolist()
        # The edge joins the first two leaves: which leaves they are says nothing, as names are given out later.
        if (centres[0] != centres[1]) == tree and len(set(centres)) == 2:
            break
    edges = [*((centre, leaf) for leaf, centre in enumerate(centres, 2)), (2, 3)]
    return _written(rng, edges, shuffled=True)


def _written(rng: np.random.Generator, edges: Edges, shuffled: bool) -> Graph:
    """The edges in random orientation, and in random order if ``shuffled``."""
    order = rng.permutation(len(edges)) if shuffled else np.arange(len(edges))
    flips = rng.random(len(edges)) < 0.5
    ordered = (edges[int(index)] for index in order)
    turned = ((v, u) if flip else (u, v) for (u, v), flip in zip(ordered, flips, strict=True))
    return graph_of(turned, labelled=False)


def boundary_graphs(n: int) -> Iterator[Graph]:
    """Graphs of n >= 2 nodes of every kind that exists, each in several orders and orientations, once."""
    seen: set[Graph] = set()
    for edges in _kinds(n):
        back = [(v, u) for u, v in edges]
        zigzag = [(v, u) if place % 2 else (u, v) for place, (u, v) in enumerate(edges)]
        for order in (edges, back, edges[::-1], back[::-1], zigzag, edges[::2] + edges[1::2]):
            graph = graph_of(order, labelled=False)
            if graph not in seen:
                seen.add(graph)
                yield graph


def _kinds(n: int) -> Iterator[Edges]:
    for tree in TREES:
        yield tree(n)
    if n >= 3:
        yield cycle(n)
        yield [*path(n), (n - 3, n - 1)]  # a triangle at the end, closed by the last edge
        yield [(0, 2), *path(n)]  # ... or at the beginning, by the first
        yield [*star(n), (n - 2, n - 1)]
    if n >= 4:
        half = n // 2
        yield path(half) + _shifted(path(n - half), half)
        yield path(2) + _shifted(star(n - 2), 2)
        yield [(side, node) for node in range(2, n) for side in (0, 1)]  # complete bipartite
        if n % 2 == 0:
            yield [(node, node + 1) for node in range(0, n, 2)]
    if n >= 5:
        # n - 1 edges and no tree: counting edges does not tell; the last edge, where the walk begins, is
        # once in the component that is a tree and once in the other.
        yield cycle(n - 2) + _shifted(path(2), n - 2)
        yield path(2) + _shifted(cycle(n - 2), 2)
        yield cycle(3) + _shifted(path(n - 3), 3)
        yield path(n - 3) + _shifted(cycle(3), n - 3)
    if n <= 8:
        yield list(combinations(range(n), 2))
