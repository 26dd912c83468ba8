"""The tour that a model for IsTree wrote, found among its tokens."""

from collections.abc import Sequence

from constructions.tasks import Graph
from constructions.vocabulary import number_of
from constructions.worked_examples._data import Token, Walk

_RECORD, _TOUR, _DONE = ">", "T", "ok"


def walk_of(graph: Graph, tokens: Sequence[Token]) -> Walk:
    """The graph and the nodes of the tour in the order in which they were written.

    There are three ways in which the constructions write a tour: as nodes, one after the other; as ``x ok`` after
    ``T``; as records ``> u c``, where c is the node. A step that is no edge of the graph ends the walk.
    """
    written = [place for place, token in enumerate(tokens) if token.origin == "written"]
    texts = [token.text for token in tokens]
    steps = [(place, node) for place in written if (node := number_of(texts[place])) is not None]
    if any(texts[place] == _RECORD for place in written):
        steps = [(place, node) for place, node in steps if place >= 2 and texts[place - 2] == _RECORD]
    elif any(texts[place] == _TOUR for place in written):
        start = texts.index(_TOUR)
        steps = [(place, node) for place, node in steps if place > start and texts[place + 1 : place + 2] == [_DONE]]
    edges = {frozenset(edge) for edge in graph.edges}
    kept: list[tuple[int, int]] = []
    for place, node in steps:
        if kept and frozenset((kept[-1][1], node)) not in edges:
            break
        kept.append((place, node))
    return Walk(graph.edges, graph.labels, tuple(kept))
