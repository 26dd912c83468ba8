"""Graphs as IsTree reads them: a list of edges, in an order and an orientation that both matter."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from constructions.errors import InputError, shown

Edge = tuple[int, int]

_FORBIDDEN = frozenset(",-~()[]{}<>")


@dataclass(frozen=True)
class Graph:
    """A simple graph without isolated nodes, given by its edges in the order and orientation of the input.

    Attributes:
        edges: pairs (u, v) of node numbers 1 .. n. Numbers are given out in order of first appearance,
            reading u1, v1, u2, v2, ...; no edge joins a node to itself, and none occurs twice, in either
            orientation.
        labels: what the user calls node i, at index i - 1; the decimal numbers if left out.

    Raises:
        InputError: if any of this is violated.

    >>> Graph(((1, 2), (3, 2))).labels
    ('1', '2', '3')
    """

    edges: tuple[Edge, ...]
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = _checked_number_of_nodes(self.edges)
        if not self.labels:
            object.__setattr__(self, "labels", decimal_labels(n))
            return
        if len(self.labels) != n or len(set(self.labels)) != n:
            raise InputError(f"{len(self.labels)} labels for {n} nodes: expected one for each, all different")
        for label in self.labels:
            fault = label_fault(label)
            if fault is not None:
                raise InputError(fault)

    @property
    def number_of_nodes(self) -> int:
        """The number n of nodes, at least 2."""
        return len(self.labels)

    def labelled(self, tokens: Iterable[str]) -> list[str]:
        """The tokens with node numbers replaced by the user's labels; other tokens stay as they are.

        >>> Graph(((1, 2),), ("a", "b")).labelled(["2", "1", "2", "YES"])
        ['b', 'a', 'b', 'YES']
        """
        names = {str(number): label for number, label in enumerate(self.labels, 1)}
        return [names.get(token, token) for token in tokens]


def graph_of(pairs: Iterable[tuple[Hashable, Hashable]], labelled: bool = True) -> Graph:
    """The graph with these edges between named nodes, numbered in order of first appearance.

    The names become the labels, unless ``labelled`` is false. For a graph of networkx there is
    :func:`graph_from_networkx`.

    Raises:
        InputError: for an empty list, a self-loop, a repeated edge, or a name that is no legal label.

    >>> graph_of([("b", "a"), ("c", "a")])
    Graph(edges=((1, 2), (3, 2)), labels=('b', 'a', 'c'))
    """
    numbers: dict[Hashable, int] = {}
    edges = tuple((numbers.setdefault(u, len(numbers) + 1), numbers.setdefault(v, len(numbers) + 1)) for u, v in pairs)
    return Graph(edges, tuple(map(str, numbers)) if labelled else ())


def decimal_labels(n: int) -> tuple[str, ...]:
    """The labels 1 .. n that nodes have when the user gave none."""
    return tuple(map(str, range(1, n + 1)))


def label_fault(label: str) -> str | None:
    """What is wrong with a label, or None if it is legal."""
    if label.isalnum() and label.isascii():  # as most are, and none of the others needs to be looked for
        return None
    if not label:
        return "a label is empty: expected at least one character"
    if not label.isprintable() or any(c.isspace() or c in _FORBIDDEN for c in label):
        return f"label {shown(label)}: expected printable characters other than space, comma, '-', '~' and brackets"
    return None


def _checked_number_of_nodes(edges: Sequence[Edge]) -> int:
    if not edges:
        raise InputError("a graph without edges: expected at least one, as nodes are known by their edges")
    n = 0
    seen: set[Edge] = set()
    for place, (u, v) in enumerate(edges, 1):
        if u == v:
            raise InputError(f"edge {place} joins node {u} to itself: expected a simple graph")
        for node in (u, v):
            if 1 <= node <= n:
                continue
            if node != n + 1:
                raise InputError(
                    f"edge {place} names node {node}, expected 1 to {n + 1}: "
                    "nodes are numbered in order of first appearance"
                )
            n = node
        edge = (u, v) if u < v else (v, u)
        if edge in seen:
            raise InputError(f"edge {place} joins nodes {u} and {v} again: expected each edge once")
        seen.add(edge)
    return n
