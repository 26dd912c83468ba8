"""The transcript of the Transformer for IsTree: an Euler tour that ends as soon as the answer is known.

A tree can be walked around, one hand on the wall: whoever comes to a node u from its neighbour w leaves
by the neighbour that comes next to w in a cyclic order of u's neighbours. The walk crosses each edge
once in each direction and returns to where it began.

**The cyclic order** is that of the input, backwards: a node's neighbours are listed in the order in
which the edges name them, the one *before* w is next, and the last one follows on the first. (A causal
model can look back for an earlier record, never forward; hence backwards.)

**The tokens.** The first is the root: the last node of the last edge. The second is the root's last
neighbour. From then on each token is the next node of the walk, until the model writes the answer
instead of the node x that would follow u:

- YES or NO, if the step from u to x was walked before. The step from a node to its next is determined
  by the step before and the other way round, so the first step to repeat is the very first one, and the
  walk has come full circle. It was cut off by no cycle, so it went around a tree: the root's component.
  YES if that component has all m edges, that is, if the walk has 2m + 1 tokens. There are no
  isolated nodes, so then the graph is a tree; otherwise it is not connected.
- NO, if x was visited before and x to u was not walked: then u-x closes a cycle.

**Length.** Up to the answer, the edges walked form a tree on the k <= n nodes visited, each walked at
most once in each direction: at most 2(k - 1) + 1 tokens, and with the answer 2k <= 2n. A tree takes
exactly 2n.
"""

from typing import NamedTuple

from constructions.tasks._graph import Graph

YES = "YES"
NO = "NO"


class Tour(NamedTuple):
    """The walk, the node that would follow, whether the step to it was walked before, and the answer."""

    nodes: tuple[int, ...]
    following: int
    repeated: bool
    answer: str


def euler_tour(graph: Graph) -> list[str]:
    """The tokens that follow the prompt: nodes by number, and last the answer; at most 2n tokens.

    >>> euler_tour(Graph(((1, 2), (3, 2))))
    ['2', '3', '2', '1', '2', 'YES']
    >>> euler_tour(Graph(((1, 2), (2, 3), (1, 3))))
    ['3', '1', '2', 'NO']
    """
    tour = tour_of(graph)
    return [*map(str, tour.nodes), tour.answer]


def cyclic_orders(graph: Graph) -> dict[tuple[int, int], int]:
    """For each node v and its neighbour u, the neighbour of v that comes next: ``(v, u) -> next``."""
    neighbours = _neighbours(graph)
    return {(v, u): order[place - 1] for v, order in neighbours.items() for place, u in enumerate(order)}


def _neighbours(graph: Graph) -> dict[int, list[int]]:
    neighbours: dict[int, list[int]] = {node: [] for node in range(1, graph.number_of_nodes + 1)}
    for u, v in graph.edges:
        neighbours[u].append(v)
        neighbours[v].append(u)
    return neighbours


def tour_of(graph: Graph) -> Tour:
    """The tour, and how it ends."""
    after, root = cyclic_orders(graph), graph.edges[-1][1]
    current, tour, visited = root, [root], {root}
    walked: set[tuple[int, int]] = set()
    following = _neighbours(graph)[root][-1]
    while (current, following) not in walked:
        if following in visited and (following, current) not in walked:
            return Tour(tuple(tour), following, False, NO)
        walked.add((current, following))
        visited.add(following)
        tour.append(following)
        # The neighbour before `current` in the list of `following`, or the last one after the first.
        current, following = following, after[following, current]
    whole = len(tour) == 2 * len(graph.edges) + 1
    return Tour(tuple(tour), following, True, YES if whole else NO)
