"""IsTree: is a graph, given by its edges, connected and without a cycle?"""

from collections.abc import Iterator, Sequence
from math import comb, factorial
from typing import TYPE_CHECKING, Any

import numpy as np

from constructions.errors import InputError
from constructions.tasks._euler_tour import NO, YES, euler_tour
from constructions.tasks._graph import Edge, Graph, decimal_labels, graph_of
from constructions.tasks._graph_formats import inline_text, read_each, read_graphs
from constructions.tasks._graph_lines import FORMS, line
from constructions.tasks._graph_networkx import graph_from_networkx
from constructions.tasks._graph_rows import Wishes
from constructions.tasks._graph_samples import LEAST_BINARY, binary_graph, boundary_graphs, sample_graph
from constructions.tasks._task import START, Certified, Effort, Task

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

JOIN = "~"
"""The token between the two nodes of an edge."""

CLOSING = ">"
"""The token that ends the prompt of the Transformer; other families have their own."""


class IsTree(Task[Graph]):
    """YES if the graph is a tree, else NO. The size n of an instance is its number of nodes.

    >>> istree = IsTree()
    >>> [istree.answer(istree.parse(text)) for text in ("1-2 2-3 3-4", "1-2 2-3 3-1", "1-2 3-4")]
    ['YES', 'NO', 'NO']
    """

    name = "istree"
    statement = "Is the graph a tree: connected, without a cycle?"
    text_form = "1-2 2-3 3-4"
    least = 2
    nodes = True
    effort = Effort(
        4,
        0,
        sizes=(2, 3, 4, 6, 9, 14, 30),
        measured=(4, 8, 16, 32),
        mutated_sizes=(2, 3, 4, 6, 9),
        mutated_cases=500,
    )
    certified = Certified(
        ("edge-lists", "graphs"),
        asked=((2, None, "edge-lists"), (3, None, "edge-lists"), (4, None, "graphs")),
        kept=(4, None, "edge-lists"),
        kept_searching=(4, None, "graphs"),
        kept_softmax=(3, None, "graphs"),
        convention="promise",
        edges=True,
    )
    title = "Is this graph a tree?"
    forgotten = "1-2 2-3 3-4 4-5 5-6"
    tries = (
        "1-2 2-3 2-4 4-5",
        "1-2 2-3 3-4",
        "1-2 2-3 3-1 3-4",
        "1-2 2-3 4-5",
        "ann-bob bob-eve eve-dan",
    )
    reader = "graph"
    also_written = FORMS
    kinds = (("binary", LEAST_BINARY), ("mixed", 2))
    # Three tokens an edge and two more, and at most n (n - 1) / 2 edges; that 3/2 <= 2 keeps the coefficients whole.
    longest_prompt = (2, -2, 2)

    def parse(self, text: str) -> Graph:
        """Read one graph, in any of the formats of :func:`read_graphs`.

        Raises:
            InputError: naming line and edge; or if the text holds several graphs.
        """
        graphs = read_graphs(text)
        if len(graphs) != 1:
            raise InputError(f"the text holds {len(graphs)} graphs: expected one, such as `{self.text_form}`")
        return graphs[0]

    def taken(self, given: Any) -> Graph:
        """The instance itself, or that of a networkx graph; see :func:`graph_from_networkx`.

        >>> import networkx
        >>> IsTree().taken(networkx.path_graph(3)).labels
        ('0', '1', '2')
        """
        return graph_from_networkx(given) if hasattr(given, "is_multigraph") else given

    def read(self, text: str, form: str | None = None, wishes: Any = None) -> list[Graph | InputError]:
        """As many graphs as the text holds, in a format that is guessed or is ``form``; see :func:`read_each`."""
        return list(read_each(text, form, wishes or Wishes()))

    def labelled(self, instance: Graph, tokens: Sequence[str]) -> tuple[str, ...]:
        """Nodes by the labels that the user gave them."""
        return tuple(instance.labelled(tokens))

    def of_numbers(self, sequence: tuple[int, ...], query: tuple[int, ...]) -> Graph:
        """The ends of the edges, two by two. Instances number nodes as they appear; names of others are labels."""
        return graph_of(zip(sequence[::2], sequence[1::2], strict=True))

    def length(self, instance: Graph) -> int:
        """The number of nodes."""
        return instance.number_of_nodes

    def text(self, instance: Graph) -> str:
        """The edges inline, with the user's labels: ``1-2 2-3 3-4``."""
        return inline_text(instance)

    def prompt(self, instance: Graph, closing: str = CLOSING) -> tuple[str, ...]:
        """``<s> u1 ~ v1 ... um ~ vm`` and the closing token.

        >>> " ".join(IsTree().prompt(Graph(((1, 2), (3, 2)))))
        '<s> 1 ~ 2 3 ~ 2 >'
        """
        edges = (token for u, v in instance.edges for token in (str(u), JOIN, str(v)))
        return (START, *edges, closing)

    def answer(self, instance: Graph) -> str:
        """YES or NO, by joining the ends of the edges one after the other (union-find)."""
        n = instance.number_of_nodes
        if len(instance.edges) != n - 1:
            return NO
        leader = list(range(n + 1))

        def find(node: int) -> int:
            while leader[node] != node:
                leader[node] = leader[leader[node]]
                node = leader[node]
            return node

        for u, v in instance.edges:
            one, other = find(u), find(v)
            if one == other:
                return NO
            leader[one] = other
        # n - 1 edges, each of which joined two components, leave one.
        return YES

    def form(self, instance: Graph, rng: np.random.Generator, form: str, *, authors: bool = False) -> str:
        """The graph as a line of the paper's code, in one of its forms; see :mod:`constructions.tasks._graph_lines`.

        The nodes are called 0 .. n - 1 in an order drawn with ``rng``, so that names say nothing. With ``authors``
        the root, the order of neighbours and the text of edges are those of the authors.
        """
        names = rng.permutation(instance.number_of_nodes).tolist()
        return line(Graph(instance.edges, tuple(map(str, names))), form, authors=authors)

    def transcript(self, instance: Graph) -> list[str]:
        """What a Transformer writes after the prompt; see :func:`euler_tour`."""
        return euler_tour(instance)

    def sample(self, rng: np.random.Generator, n: int) -> Graph:
        """A random graph of at most ``n`` >= 2 nodes: half the time a tree, else nearly one, or dense."""
        _require_two_nodes(n)
        return sample_graph(rng, n)

    def draw(self, rng: np.random.Generator, n: int, kind: str) -> Graph:
        """A graph, drawn with ``rng``: for the kind ``mixed`` of at most ``n`` nodes, as :meth:`sample` draws them.

        For ``binary`` it has n >= 5 nodes and n - 1 edges: two stars, and an edge between two of their leaves.
        """
        return binary_graph(rng, n) if kind == "binary" else self.sample(rng, n)

    def boundary(self, n: int) -> Iterator[Graph]:
        """Extreme trees and near-trees of exactly ``n`` >= 2 nodes, in several orders and orientations."""
        _require_two_nodes(n)
        return boundary_graphs(n)

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Graph]:
        """Every instance of ``n`` >= 2 nodes: all graphs, in all orders and orientations of their edges.

        Two inputs that differ only in what the nodes are called are the same instance.
        """
        _require_nodes_as_letters(n, alphabet)
        return _extensions((), 0, n)

    def count(self, n: int, alphabet: int | None = None) -> int:
        """How many instances :meth:`enumerate` yields.

        By inclusion and exclusion over the isolated nodes there are
        E(m) = sum over k of (-1)^(n-k) C(n, k) C(C(k, 2), m) graphs on n named nodes with m edges and no
        isolated node. Each has m! 2^m orders and orientations; numbering by first appearance forgets
        the names, which makes n! of these the same: the sum over m of E(m) m! 2^m / n!.

        >>> [IsTree().count(n) for n in (2, 3, 4)]
        [1, 12, 3153]
        """
        _require_nodes_as_letters(n, alphabet)
        total = 0
        for m in range(1, comb(n, 2) + 1):
            graphs = sum((-1) ** (n - k) * comb(n, k) * comb(comb(k, 2), m) for k in range(n + 1))
            total += graphs * factorial(m) * 2**m
        return total // factorial(n)

    def strategy(self, max_n: int) -> "SearchStrategy[Graph]":
        """Graphs that grow from one edge; see :func:`constructions.tasks.strategies.graphs`."""
        from constructions.tasks.strategies import graphs

        return graphs(max_n)

    def smaller(self, instance: Graph) -> Iterator[Graph]:
        """Graphs with fewer edges; then the same with decimal labels; then with lexicographically smaller edges.

        Fewer edges: without a run of edges, long runs first; without a node; with an edge contracted.
        Smaller edges: with one edge turned round, or moved to the front, or two neighbours swapped.
        """
        seen = {instance}
        for candidate in _simpler(instance):
            if _measure(candidate) < _measure(instance) and candidate not in seen:
                seen.add(candidate)
                yield candidate


def _require_two_nodes(n: int) -> None:
    if n < 2:
        raise InputError(f"n = {n}: a graph without isolated nodes has at least 2 nodes")


def _require_nodes_as_letters(n: int, alphabet: int | None) -> None:
    _require_two_nodes(n)
    if alphabet not in (None, n):
        raise InputError(f"alphabet = {alphabet}: the letters of istree are its n = {n} nodes; leave it out")


def _extensions(edges: tuple[Edge, ...], used: int, n: int) -> Iterator[Graph]:
    """All instances of n nodes that begin with these edges, which name the nodes 1 .. used."""
    if used == n:
        yield Graph(edges)
    for u in range(1, min(used + 1, n) + 1):
        known = max(used, u)
        for v in range(1, min(known + 1, n) + 1):
            if u != v and (u, v) not in edges and (v, u) not in edges:
                yield from _extensions((*edges, (u, v)), max(known, v), n)


def _measure(graph: Graph) -> tuple[int, bool, tuple[Edge, ...]]:
    """What shrinking lowers; well-founded, as there are finitely many edge lists of each length."""
    return len(graph.edges), graph.labels != decimal_labels(graph.number_of_nodes), graph.edges


def _simpler(graph: Graph) -> Iterator[Graph]:
    edges = graph.edges
    m = len(edges)
    width = m // 2
    while width:
        for start in range(0, m, width):
            yield _renumbered(graph, edges[:start] + edges[start + width :])
        width //= 2
    for node in range(1, graph.number_of_nodes + 1):
        kept = tuple(edge for edge in edges if node not in edge)
        if kept:
            yield _renumbered(graph, kept)
    for gone, stays in edges:
        kept = _contracted(edges, gone, stays)
        if kept:
            yield _renumbered(graph, kept)
    yield Graph(edges)
    for place, (u, v) in enumerate(edges):
        yield _renumbered(graph, (*edges[:place], (v, u), *edges[place + 1 :]))
        yield _renumbered(graph, (edges[place], *edges[:place], *edges[place + 1 :]))
        swapped = (*edges[:place], *edges[place : place + 2][::-1], *edges[place + 2 :])
        yield _renumbered(graph, swapped)


def _renumbered(graph: Graph, edges: tuple[Edge, ...]) -> Graph:
    """The graph with these edges between nodes of ``graph``; keeps labels that the user chose."""
    if graph.labels == decimal_labels(graph.number_of_nodes):
        return graph_of(edges, labelled=False)
    return graph_of([(graph.labels[u - 1], graph.labels[v - 1]) for u, v in edges])


def _contracted(edges: tuple[Edge, ...], gone: int, stays: int) -> tuple[Edge, ...]:
    """The edges after two nodes became one; of edges that coincide the first is kept."""
    kept: dict[frozenset[int], Edge] = {}
    for edge in edges:
        u, v = (stays if node == gone else node for node in edge)
        if u != v:
            kept.setdefault(frozenset((u, v)), (u, v))
    return tuple(kept.values())
