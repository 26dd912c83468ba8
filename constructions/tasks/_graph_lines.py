"""IsTree as lines of text in the form of the paper's code: ``rnn/data.py`` of https://github.com/dangxingyu/rnn-icrag.

=================== ========================================== =========================================
form                line                                       written after the edges
=================== ========================================== =========================================
``paper``           ``[BOS]u-v,u-v[EOS]u,v,u[EOS][TRUE]``      a depth-first walk around the root
``paper-retrieval`` ``[BOS]u-v,u-v[EOS]u,...[EOS][TRUE]``      the same walk with its searches
``paper-direct``    ``[BOS]u-v,u-v[EOS][TRUE]``                the label alone: no chain of thought
=================== ========================================== =========================================

==================== ================================== ===================================================
what is free         here                               there
==================== ================================== ===================================================
text of an edge      its ends in the order of the input the larger name first
root                 the last node of the last edge     the node called 0
next neighbour       backwards through the list         in the order of the list
walk of ``paper``    that of ``transformer/istree``     the neighbours from the first on, without the father
label ``[TRUE]``     the graph is a tree                the graph is connected
==================== ================================== ===================================================

*There* is what :func:`line` writes on request, apart from the label, which means here that the graph is a tree: a label
of a graph with a cycle must not say otherwise. Both readings agree on graphs with n - 1 edges.
"""

from collections.abc import Iterator
from itertools import chain

from constructions.tasks._euler_tour import YES, euler_tour
from constructions.tasks._graph import Graph, graph_of
from constructions.tasks._graph_formats import paper_text

FORMS = ("paper", "paper-retrieval", "paper-direct")
"""The forms that :func:`line` writes."""

FAILED = "[FAILED]"
"""What a search returns that finds nothing."""

_START, _END, _FATHER, _EDGE = "[STARTSEARCH]", "[ENDSEARCH]", "~", "-"


def line(graph: Graph, form: str, *, authors: bool = False) -> str:
    """The line of a graph whose labels are the names of its nodes; for ``authors`` these are decimal numbers, one is 0.

    Args:
        graph: the graph, n nodes; the text has at most about 50 n names and signs after its edges.
        form: one of ``FORMS``.
        authors: whether edges, root and order are those of the paper's code; see the tables above.

    >>> star = Graph(((1, 2), (3, 2)), ("2", "0", "1"))
    >>> print(line(star, "paper"), line(star, "paper", authors=True), line(star, "paper-direct"))
    [BOS]2-0,1-0[EOS]0,1,0,2,0[EOS][TRUE] [BOS]2-0,1-0[EOS]0,2,0,1,0[EOS][TRUE] [BOS]2-0,1-0[EOS][TRUE]
    """
    *tour, answer = graph.labelled(euler_tour(graph))
    named = [(graph.labels[u - 1], graph.labels[v - 1]) for u, v in graph.edges]
    if authors:
        named = [(u, v) if int(u) > int(v) else (v, u) for u, v in named]
    neighbours = _neighbours(named if authors else named[::-1])
    visits = _visits(neighbours, "0" if authors else named[-1][1])
    if form == "paper-direct":
        tour = []
    elif form == "paper-retrieval":
        tour = list(chain.from_iterable(visits))
    elif authors:
        tour = [visit[0] for visit in visits]
    walk = f"{','.join(tour)}[EOS]" if tour else ""
    return f"{paper_text(graph_of(named))}{walk}[{'TRUE' if answer == YES else 'FALSE'}]"


def _neighbours(edges: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The neighbours of each node in the order in which the edges name them."""
    found: dict[str, list[str]] = {}
    for u, v in edges:
        found.setdefault(u, []).append(v)
        found.setdefault(v, []).append(u)
    return found


def _visits(neighbours: dict[str, list[str]], root: str) -> Iterator[list[str]]:
    """A depth-first walk: for each visit of a node u the node, what is searched, and what each search returns.

    The father of u is whatever a record ``u ~ father`` says, and FAILED for the root, which has none. The next
    neighbour of u is searched after the child that the walk comes back from, or from the first one on; if that is the
    father, the one after it is searched. The father of a node y that was found is searched, too: FAILED makes y new,
    and a record is written for it; otherwise y closes a cycle and the walk ends. (For the root the search fails
    although the root is known, so a cycle that the root closes is told by the root's name alone.)
    """
    father, stack, back = {root: FAILED}, [root], list[str]()
    remaining = {node: iter(those) for node, those in neighbours.items()}
    while stack:
        u = stack[-1]
        found = next(remaining[u], FAILED)
        visit = [u, *_search(u, _FATHER), father[u], *_search(u, _EDGE, *back), found]
        if found == father[u] != FAILED:
            found = next(remaining[u], FAILED)
            visit += [*_search(u, _EDGE, father[u]), found]
        if found == FAILED:
            yield visit
            back = [stack.pop()]
        elif found in father:
            yield [*visit, *_search(found, _FATHER), father[found]]
            return
        else:
            yield [*visit, *_search(found, _FATHER), FAILED, found, _FATHER, u]
            father[found], back = u, []
            stack.append(found)


def _search(*pattern: str) -> tuple[str, ...]:
    return (_START, *pattern, _END)
