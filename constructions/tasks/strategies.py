"""Hypothesis strategies for the instances of every task; needs the package hypothesis.

Drawn from few decisions that each shrink to something simple: short sequences, small tokens, first
positions, trees that are paths.
"""

from collections.abc import Iterable
from typing import TypeVar

from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.tasks._graph import Graph, graph_of
from constructions.tasks._ranking import require_positive
from constructions.tasks._task import Task

Instance = TypeVar("Instance")


def instances(task: Task[Instance], max_n: int) -> st.SearchStrategy[Instance]:
    """Instances of ``task`` of size at most ``max_n`` (for IsTree at least 2); every one can be drawn.

    Raises:
        InputError: if ``max_n`` is too small.
    """
    require_positive("max_n", max_n)
    if max_n < task.least:
        raise InputError(f"max_n = {max_n}: the least instance of {task.name} has size {task.least}")
    return task.strategy(max_n)


_Step = tuple[int, int, int]


def graphs(max_n: int) -> st.SearchStrategy[Graph]:
    """Graphs that grow from one edge, step by step; each step can be left out."""
    node = st.integers(1, max_n)
    most = max_n * (max_n - 1) // 2
    place = st.integers(0, 2 * most)
    attach: st.SearchStrategy[_Step] = st.tuples(node, st.just(0), place)
    apart: st.SearchStrategy[_Step] = st.tuples(st.just(0), st.just(0), place)
    close: st.SearchStrategy[_Step] = st.tuples(node, node, place)
    trees = st.lists(attach, max_size=max_n - 2)
    others = st.lists(st.one_of(attach, apart, close), max_size=most)
    return st.one_of(trees, others).map(lambda steps: _grown(steps, max_n))


def _grown(steps: Iterable[_Step], max_n: int) -> Graph:
    """Each step (u, v, place) adds an edge, with 0 for a new node.

    The edge is turned if ``place`` is odd, and goes place // 2 before the end of the list. What the limit
    of max_n nodes or the rule of simple graphs forbids is passed over.
    """
    n, edges = 2, [(1, 2)]
    for a, b, place in steps:
        u = min(a, n) or n + 1
        v = min(b, n) or max(n, u) + 1
        if u != v and v <= max_n and (u, v) not in edges and (v, u) not in edges:
            edges.insert(max(0, len(edges) - place // 2), (v, u) if place % 2 else (u, v))
            n = max(n, v)
    return graph_of(edges, labelled=False)
