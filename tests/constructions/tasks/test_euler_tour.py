"""The reference transcript of IsTree against a position-by-position simulation and against networkx.

The simulation knows nothing of adjacency lists: each position of the context computes what attention can
give it, from records of earlier positions only, and the model writes what the last position says.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import networkx
import numpy as np
import pytest
from hypothesis import given

from constructions.tasks import Graph, IsTree, euler_tour, graph_of
from constructions.tasks.strategies import instances

Transcribe = Callable[[Graph], list[str]]


@dataclass
class Simulation:
    """Writes a transcript token by token. The switches plant faults."""

    delayed: bool = True
    recent: bool = True
    counts_tokens: bool = True
    checks_return: bool = True

    def __call__(self, graph: Graph) -> list[str]:
        self.context = list(IsTree().prompt(graph))
        prompt_length = len(self.context)
        while self.context[-1] not in ("YES", "NO"):
            assert len(self.context) - prompt_length <= 2 * graph.number_of_nodes
            self.context.append(self.next_token())
        return self.context[prompt_length:]

    def record(self, position: int) -> tuple[str, str] | None:
        """(head, tail) of the record that a position carries: one of v at v, one of u just after it."""
        x = self.context
        if position >= 2 and x[position - 1] == "~":
            return x[position], x[position - 2]
        if position >= 3 and x[position - 2] == "~":
            return x[position - 3], x[position - 1]
        return None

    def latest(self, positions: Iterable[int], fits: Callable[[int], bool]) -> int | None:
        found = [position for position in positions if fits(position)]
        return (found[-1] if self.recent else found[0]) if found else None

    def pointer(self, position: int) -> str | None:
        """The tail of the latest record before this one with the same head."""
        own = self.record(position)
        assert own is not None

        def same_head(other: int) -> bool:
            record = self.record(other)
            return record is not None and record[0] == own[0]

        # Keys are delayed: position j offers the record of j - 1, and j runs up to this position.
        delay = 1 if self.delayed else 0
        found = self.latest((j - delay for j in range(1, position + 1)), same_head)
        return None if found is None else self.record(found)[1]  # type: ignore[index]

    def next_token(self) -> str:
        x = self.context
        here = len(x) - 1
        closing = x.index(">")
        if here == closing:
            return x[here - 1]
        current, previous = x[here], x[here - 1]
        at = self.latest(range(here + 1), lambda j: self.record(j) == (current, previous))
        following = None if at is None else self.pointer(at)
        if following is None:
            wrap = self.latest(range(here + 1), lambda j: (self.record(j) or ("",))[0] == current)
            following = self.record(wrap)[1]  # type: ignore[index, arg-type]
        tour = x[closing + 1 :]
        walked = set(itertools.pairwise(tour))
        m = (closing - 1) // 3
        if (current, following) in walked:
            whole = len(tour) == 2 * m + 1 or not self.counts_tokens
            return "YES" if whole else "NO"
        if following in tour and (self.checks_return and (following, current) not in walked):
            return "NO"
        return following


def random_orders(graph: networkx.Graph, rng: np.random.Generator, count: int) -> Iterator[Graph]:
    edges = list(graph.edges)
    for _ in range(count):
        shuffled = [edges[int(place)] for place in rng.permutation(len(edges))]
        yield graph_of([(v, u) if rng.random() < 0.5 else (u, v) for u, v in shuffled], labelled=False)


@cache
def atlas(orders: int) -> list[Graph]:
    """The graphs with at most 7 nodes, none of them isolated, each in some random orders."""
    rng = np.random.default_rng(0)
    graphs = [g for g in networkx.graph_atlas_g() if g.number_of_edges() and not list(networkx.isolates(g))]
    return [graph for g in graphs for graph in random_orders(g, rng, orders)]


@cache
def small_graphs() -> list[Graph]:
    """All orders and orientations of all graphs with at most 4 nodes."""
    return [graph for n in (2, 3, 4) for graph in IsTree().enumerate(n)]


def is_tree(graph: Graph) -> bool:
    return bool(networkx.is_tree(networkx.Graph(graph.edges)))


def fault(graph: Graph, tour: list[str]) -> str | None:
    """What is wrong with a transcript as such, whatever the protocol."""
    n = graph.number_of_nodes
    if tour[-1] != ("YES" if is_tree(graph) else "NO"):
        return "answer"
    if len(tour) > 2 * n or (is_tree(graph) and len(tour) != 2 * n):
        return "length"
    nodes = [int(token) for token in tour[:-1]]
    if nodes[0] != graph.edges[-1][1]:
        return "root"
    edges = {*graph.edges, *((v, u) for u, v in graph.edges)}
    return None if set(itertools.pairwise(nodes)) <= edges else "a step along no edge"


def faults(transcribe: Transcribe, graphs: list[Graph]) -> int:
    return sum(fault(graph, transcribe(graph)) is not None for graph in graphs)


def differences(transcribe: Transcribe, graphs: list[Graph]) -> int:
    return sum(transcribe(graph) != euler_tour(graph) for graph in graphs)


def test_the_atlas_has_1043_graphs_without_isolated_nodes() -> None:
    assert len(atlas(1)) == 1043


def test_transcripts_are_tours_with_the_right_answer_and_length() -> None:
    assert faults(euler_tour, small_graphs()) == 0
    assert faults(euler_tour, atlas(4)) == 0


def test_the_simulation_writes_the_same_transcripts() -> None:
    assert differences(Simulation(), small_graphs()) == 0
    assert differences(Simulation(), atlas(3)) == 0


@pytest.mark.slow
def test_the_simulation_writes_the_same_transcripts_on_twenty_orders_of_each_graph() -> None:
    assert differences(Simulation(), atlas(20)) == 0
    assert faults(euler_tour, atlas(20)) == 0


@given(instances(IsTree(), 12))
def test_random_graphs(graph: Graph) -> None:
    tour = euler_tour(graph)
    assert fault(graph, tour) is None
    assert tour == Simulation()(graph)
    assert tour[-1] == IsTree().answer(graph)


def test_large_graphs() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        graph = IsTree().sample(rng, 300)
        assert fault(graph, euler_tour(graph)) is None


def test_a_path_of_many_nodes_needs_no_recursion() -> None:
    n = 50_000
    graph = Graph(tuple((node, node + 1) for node in range(1, n)))
    tour = euler_tour(graph)
    assert len(tour) == 2 * n
    assert tour[:2] == ["50000", "49999"]
    assert tour[-2:] == ["50000", "YES"]


@pytest.mark.parametrize(
    "planted",
    [Simulation(delayed=False), Simulation(recent=False), Simulation(counts_tokens=False)],
    ids=["undelayed keys", "earliest instead of latest", "no count of tokens"],
)
def test_faults_in_the_protocol_change_transcripts(planted: Simulation) -> None:
    def careful(graph: Graph) -> list[str]:
        try:
            return planted(graph)
        except AssertionError:  # walks on for ever
            return ["..."]

    assert differences(careful, small_graphs()) > 0


def test_undelayed_keys_are_caught_by_transcripts_far_more_often_than_by_answers() -> None:
    def undelayed(graph: Graph) -> list[str]:
        try:
            return Simulation(delayed=False)(graph)
        except AssertionError:
            return ["..."]

    graphs = atlas(1)
    wrong_answers = sum(undelayed(graph)[-1] != euler_tour(graph)[-1] for graph in graphs)
    assert 0 < 4 * wrong_answers < differences(undelayed, graphs)


def test_planted_faults_in_transcripts_are_found() -> None:
    def never_counts(graph: Graph) -> list[str]:
        tour = euler_tour(graph)
        return [*tour[:-1], "YES"] if tour[0] == tour[-2] else tour

    def stops_early(graph: Graph) -> list[str]:
        tour = euler_tour(graph)
        return [*tour[:-2], tour[-1]]

    def from_the_other_end(graph: Graph) -> list[str]:
        return euler_tour(Graph(graph.edges, graph.labels))[::-1]

    def jumps(graph: Graph) -> list[str]:
        tour = euler_tour(graph)
        return [tour[0], *tour[2:]] if tour[-1] == "NO" else tour

    for planted in (never_counts, stops_early, from_the_other_end, jumps):
        assert faults(planted, small_graphs()) > 0
