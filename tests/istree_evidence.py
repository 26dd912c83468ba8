"""Graphs to put IsTree to the test, and batched runs of a model over them."""

import functools
from collections.abc import Iterable, Sequence
from itertools import combinations

import networkx
import numpy as np

from constructions.architectures import Model
from constructions.tasks import Graph, IsTree, graph_of
from constructions.tasks._graph_samples import TREES, Edges, boundary_graphs, cycle, random_tree
from tests import batched_runs

TASK = IsTree()

# Pairs of positions held at once while a batch is read.
_PAIRS_AT_ONCE = 2**20


def is_tree(graph: Graph) -> str:
    """The answer by networkx."""
    return "YES" if networkx.is_tree(networkx.Graph(graph.edges)) else "NO"


def shuffled(rng: np.random.Generator, edges: Iterable[tuple[int, int]]) -> Graph:
    """The graph with its edges in random order and orientation."""
    listed = list(edges)
    pairs = (listed[int(place)] for place in rng.permutation(len(listed)))
    return graph_of([(v, u) if rng.random() < 0.5 else (u, v) for u, v in pairs], labelled=False)


@functools.cache
def atlas() -> tuple[tuple[tuple[int, int], ...], ...]:
    """The edges of the 1,043 graphs of at most 7 nodes without isolated ones, up to isomorphism."""
    graphs = (g for g in networkx.graph_atlas_g() if g.number_of_edges() and not list(networkx.isolates(g)))
    return tuple(tuple(g.edges) for g in graphs)


def transcripts(model: Model, graphs: Sequence[Graph], most: int | None = None) -> list[tuple[str, ...]]:
    """What the model writes on each graph, by the plain evaluator; cut off at 2n + 1 tokens of the largest n."""
    limit = 2 * max(graph.number_of_nodes for graph in graphs) + 1 if most is None else most
    by_length: dict[int, list[int]] = {}
    for place, graph in enumerate(graphs):
        by_length.setdefault(len(graph.edges), []).append(place)
    written: list[tuple[str, ...]] = [()] * len(graphs)
    for edges, places in by_length.items():
        step = max(1, _PAIRS_AT_ONCE // (3 * edges + 2) ** 2)
        for start in range(0, len(places), step):
            chosen = places[start : start + step]
            prompts = [TASK.prompt(graphs[place]) for place in chosen]
            found = batched_runs.transcripts(model, prompts, limit, plain=True)
            for place, tokens in zip(chosen, found, strict=True):
                written[place] = tokens
    return written


def near_trees(rng: np.random.Generator, n: int) -> list[Graph]:
    """Trees and what is almost one, of n >= 6 nodes, each in a random order and orientation.

    Random trees and extreme ones; a tree with one edge moved; with one edge more; with one edge less, its ends
    kept; two components, of which one has a cycle and the other is a tree (n - 1 edges), both ways round.
    """
    trees: list[Edges] = [random_tree(rng, n), random_tree(rng, n), *(tree(n) for tree in TREES)]
    kinds = list(trees)
    for tree in (trees[0], trees[int(rng.integers(2, len(trees)))]):
        kinds += [_moved(rng, tree, n), [*tree, _missing(rng, tree, n)]]
    for part in (3, n // 2, n - 2):
        ring, rest = cycle(part) if part > 2 else [], random_tree(rng, n - part)
        kinds.append(ring + [(u + part, v + part) for u, v in rest])
    half = n // 2
    kinds.append(random_tree(rng, half) + [(u + half, v + half) for u, v in random_tree(rng, n - half)])
    kinds.append(cycle(n))
    return [shuffled(rng, edges) for edges in kinds]


def _missing(rng: np.random.Generator, edges: Edges, n: int) -> tuple[int, int]:
    present = {frozenset(edge) for edge in edges}
    while True:
        u, v = (int(node) for node in rng.choice(n, 2, replace=False))
        if frozenset((u, v)) not in present:
            return u, v


def _moved(rng: np.random.Generator, tree: Edges, n: int) -> Edges:
    """n - 1 edges: one edge of the tree taken away and another put in; no node is left without an edge."""
    while True:
        gone = int(rng.integers(0, len(tree)))
        kept = tree[:gone] + tree[gone + 1 :]
        moved = [*kept, _missing(rng, tree, n)]
        if len({node for edge in moved for node in edge}) == n:
            return moved


def dense(rng: np.random.Generator, n: int, edges: int) -> Graph:
    """A random graph on at most n nodes with so many edges."""
    pairs = list(combinations(range(n), 2))
    return shuffled(rng, (pairs[int(place)] for place in rng.choice(len(pairs), edges, replace=False)))


def boundary(n: int) -> list[Graph]:
    """Extreme trees and near-trees, in six orders and orientations each."""
    return list(boundary_graphs(n))
