"""Where the nodes of a graph and the steps of a tour are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructions.worked_examples._data import Walk

if TYPE_CHECKING:
    import networkx as nx

RADIUS = 15
_APART, _DEEP, _MARGIN = 48, 58, 34
_BEND = 7
_LONGEST_LABEL = 5

Point = tuple[int, int]


@dataclass(frozen=True)
class Node:
    """A node: its centre, the label, and as much of the label as fits."""

    x: int
    y: int
    label: str
    short: str


@dataclass(frozen=True)
class Step:
    """One step of the tour, from one node to another beside their edge.

    ``at`` is the position of its token; ``label`` where its number stands.
    """

    at: int
    number: int
    start: Point
    bend: Point
    end: Point
    label: Point


@dataclass(frozen=True)
class Drawing:
    """Everything in integer units; y grows downwards. ``visits`` are (position, node) of every token of the tour."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[tuple[Point, Point], ...]
    steps: tuple[Step, ...]
    visits: tuple[tuple[int, Node], ...]


def drawing_of(walk: Walk) -> Drawing:
    """A layout of the graph: forests in levels below where the tour begins, others by springs."""
    import networkx as nx  # takes a while to load, and texts need no drawing

    graph = nx.Graph(walk.edges)
    places = _levels(graph, walk.steps[0][1] if walk.steps else 1) if nx.is_forest(graph) else _springs(graph)
    left, top = min(x for x, _ in places.values()), min(y for _, y in places.values())
    at = {node: (x - left + _MARGIN, y - top + _MARGIN) for node, (x, y) in places.items()}
    nodes = tuple(_node(at[place], label) for place, label in enumerate(walk.labels, 1))
    pairs = zip(walk.steps, walk.steps[1:], strict=False)
    steps = tuple(
        _step(place, number, at[u], at[v], graph.degree(u) < graph.degree(v))
        for number, ((_, u), (place, v)) in enumerate(pairs, 1)
    )
    return Drawing(
        max(x for x, _ in at.values()) + _MARGIN,
        max(y for _, y in at.values()) + _MARGIN,
        nodes,
        tuple((at[u], at[v]) for u, v in walk.edges),
        steps,
        tuple((place, nodes[node - 1]) for place, node in walk.steps),
    )


def _node(place: Point, label: str) -> Node:
    short = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
    return Node(*place, label, short)


def _levels(graph: "nx.Graph", root: int) -> dict[int, Point]:
    """Each node above the middle of its subtrees, components side by side; the longer side lies across."""
    import networkx as nx

    places: dict[int, tuple[float, int]] = {}
    column = 0
    for start in (root, *sorted(graph)):
        if start in places:
            continue
        depth = nx.single_source_shortest_path_length(graph, start)
        for node in nx.dfs_postorder_nodes(graph, start, sort_neighbors=sorted):
            below = [places[other][0] for other in graph[node] if depth[other] > depth[node]]
            column += not below
            places[node] = ((min(below) + max(below)) / 2 if below else column - 1, depth[node])
    deepest = max(level for _, level in places.values())
    if deepest > column + 1:
        return {node: (level * _DEEP, round(x * _APART)) for node, (x, level) in places.items()}
    return {node: (round(x * _APART), level * _DEEP) for node, (x, level) in places.items()}


def _springs(graph: "nx.Graph") -> dict[int, Point]:
    """Adjacent nodes attract each other, all repel; begun from a circle, so that nothing is random."""
    import networkx as nx

    side = 26 * len(graph) ** 0.5 + 30
    start = nx.circular_layout(graph)
    found: Mapping[int, Sequence[float]] = nx.spring_layout(graph, pos=start, iterations=200, seed=0)
    return {node: (round(float(x) * side), round(float(y) * side)) for node, (x, y) in found.items()}


def _step(at: int, number: int, start: Point, end: Point, early: bool) -> Step:
    """A curve on the right-hand side of its edge, so that the two directions lie apart.

    The number stands near the end with fewer edges, where there is more room.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(1.0, (dx * dx + dy * dy) ** 0.5)
    ux, uy = dx / length, dy / length

    def moved(point: Point, along: float, aside: float) -> Point:
        return round(point[0] + along * ux - aside * uy), round(point[1] + along * uy + aside * ux)

    middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
    curve = (moved(start, RADIUS, _BEND * 0.6), moved(middle, 0, 2 * _BEND), moved(end, -RADIUS - 3, _BEND * 0.6))
    label = moved(start if early else end, (1 if early else -1) * (0.35 * length + 2), _BEND * 1.6)
    return Step(at, number, *curve, label)
