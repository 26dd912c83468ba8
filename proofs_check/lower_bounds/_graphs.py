"""IsTree by brute force: all sets of edges on N nodes, and which of them no query tells apart.

A set of edges is a number whose bit i says whether the i-th pair of nodes (in lexicographic order) is an
edge. The order and orientation of an edge list do not matter to any answer, so the sets stand for the
lists; one further state, *repeated*, stands for all lists in which an edge occurs twice.
"""

import itertools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from constructions.errors import ResourceError
from proofs_check.lower_bounds._scope import Repeats

MOST_NODES_REFINED = 7
MOST_NODES_COMPARED = 5

Labels = npt.NDArray[np.int64]


class EdgeSets(NamedTuple):
    """All sets of edges on N nodes, by number.

    Attributes:
        components: shape [sets, N], the least node (from 0) of the component that holds each node.
        forest: shape [sets], whether the set has no cycle.
        tree: shape [sets], whether it is a tree on all N nodes.
        covering: shape [sets], whether no node is isolated.
    """

    components: npt.NDArray[np.int8]
    forest: npt.NDArray[np.bool_]
    tree: npt.NDArray[np.bool_]
    covering: npt.NDArray[np.bool_]


def node_pairs(nodes: int) -> list[tuple[int, int]]:
    """The pairs of nodes, numbered from 1, in lexicographic order."""
    return list(itertools.combinations(range(1, nodes + 1), 2))


def edge_sets(nodes: int) -> EdgeSets:
    """Components, forests and trees of all sets of edges, by adding the edge with the highest bit."""
    _limit(nodes, MOST_NODES_REFINED)
    pairs = node_pairs(nodes)
    size = 1 << len(pairs)
    components = np.empty((size, nodes), dtype=np.int8)
    components[0] = np.arange(nodes)
    forest = np.ones(size, dtype=np.bool_)
    covered = np.zeros(size, dtype=np.int64)
    for bit, (u, v) in enumerate(pairs):
        before, after = slice(0, 1 << bit), slice(1 << bit, 2 << bit)
        labels = components[before]
        low = np.minimum(labels[:, u - 1], labels[:, v - 1])
        high = np.maximum(labels[:, u - 1], labels[:, v - 1])
        components[after] = np.where(labels == high[:, None], low[:, None], labels)
        forest[after] = forest[before] & (low != high)
        covered[after] = covered[before] | 1 << u - 1 | 1 << v - 1
    tree = forest & (components == 0).all(axis=1)
    return EdgeSets(components, forest, tree, covered == (1 << nodes) - 1)


class Quotient(NamedTuple):
    """The least automaton that reads edge lists on N nodes and knows whether they are a tree.

    Attributes:
        transitions: shape [classes, pairs of nodes], the class after an edge was read.
        accepting: shape [classes], whether the answer is YES.
        class_of: shape [sets], the class of each set of edges.
        start: the class of no edge at all.
    """

    transitions: Labels
    accepting: npt.NDArray[np.bool_]
    class_of: Labels
    start: int


def refine(nodes: int, repeats: Repeats = "no") -> Quotient:
    """Myhill and Nerode by Moore's partition refinement on all sets of edges (and *repeated*).

    Two states stay in one class as long as they agree on the answer now and, for each further edge, on
    the class after it. When no class is split any more the classes are those of equal answer rows.

    Raises:
        ResourceError: for more than ``MOST_NODES_REFINED`` nodes.

    >>> len(refine(4).transitions), len(refine(4, "ignored").transitions)
    (16, 39)
    """
    sets = edge_sets(nodes)
    size, edges = len(sets.tree), nodes * (nodes - 1) // 2
    dead = size
    numbers = np.arange(size, dtype=np.int64)
    accepting = np.append(sets.tree, False)
    if repeats == "ignored":
        accepting, dead = accepting[:-1], -1

    def after(bit: int) -> Labels:
        held = (numbers >> bit & 1).astype(np.bool_)
        target = np.where(held & (dead >= 0), dead, numbers | 1 << bit)
        return np.append(target, dead) if dead >= 0 else target

    classes, labels = _numbered(accepting.astype(np.int64), 2)
    while True:
        refined, count = labels, classes
        for bit in range(edges):
            # A pair of labels below 2^31 as one number: exact in 64 bits.
            count, refined = _numbered(refined * classes + labels[after(bit)], count * classes)
        if count == classes:
            break
        classes, labels = count, refined
    representative = np.zeros(classes, dtype=np.int64)
    representative[labels[::-1]] = np.arange(len(labels))[::-1]
    transitions = np.stack([labels[after(bit)][representative] for bit in range(edges)], axis=1)
    return Quotient(transitions, accepting[representative], labels[:size], int(labels[0]))


def total_rows(nodes: int) -> npt.NDArray[Any]:
    """Answers under *total* where a repeated edge means NO, shape [sets + 1, sets]: 1 NO, 2 YES.

    The last row is that of the prefixes in which an edge is repeated.

    Raises:
        ResourceError: for more than ``MOST_NODES_COMPARED`` nodes.
    """
    _limit(nodes, MOST_NODES_COMPARED)
    sets = edge_sets(nodes)
    numbers = np.arange(len(sets.tree))
    yes = ((numbers[:, None] & numbers) == 0) & sets.tree[numbers[:, None] | numbers]
    rows: npt.NDArray[Any] = np.append(1 + yes, np.ones((1, len(numbers)), dtype=np.int64), axis=0).astype(np.uint8)
    return rows


def promise_rows(nodes: int) -> npt.NDArray[Any]:
    """Partial answers under *promise*, shape [sets, sets]: 0 if the union is no legal input, 1 NO, 2 YES.

    A prefix and a query, two sets of edges, are legal if they are disjoint and leave no node isolated.

    Raises:
        ResourceError: for more than ``MOST_NODES_COMPARED`` nodes.
    """
    _limit(nodes, MOST_NODES_COMPARED)
    sets = edge_sets(nodes)
    numbers = np.arange(len(sets.tree))
    union = numbers[:, None] | numbers
    legal = ((numbers[:, None] & numbers) == 0) & sets.covering[union]
    rows: npt.NDArray[Any] = (legal * (1 + sets.tree[union])).astype(np.uint8)
    return rows


def _numbered(labels: Labels, bound: int) -> tuple[int, Labels]:
    """How many different labels there are, all in 0 .. bound - 1, and the labels numbered without gaps."""
    if bound <= 16 * len(labels):  # a table instead of sorting
        occurs = np.zeros(bound, dtype=np.int64)
        occurs[labels] = 1
        numbers = np.cumsum(occurs)
        return int(numbers[-1]), numbers[labels] - 1
    values, numbered = np.unique(labels, return_inverse=True)
    return len(values), numbered.astype(np.int64)


def _limit(nodes: int, most: int) -> None:
    if nodes > most:
        raise ResourceError(f"istree on {nodes} nodes: all sets of edges are tried for at most {most} nodes")
