"""Every look-up of the Transformer for IsTree picks the position that a data structure of our own names.

The reference is built from the graph alone: where the edges stand in the prompt, the list of each node's
neighbours with the places of its records, and dictionaries of what the walk has seen. What a head picks is
read from its queries and keys, as the evaluator hands them out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, Head, Layer, Model
from constructions.numerics import Exact, Matrix, Rationals
from constructions.tasks import Graph, euler_tour
from constructions.theorems import construction
from tests.istree_evidence import TASK, atlas, boundary, dense, near_trees, shuffled

SUBJECT = construction("transformer/istree")

OFFSETS = {f"{d} back": d for d in range(1, 5)}
LOOK_UPS = ("end of edges", "pointer", "wrap", "record", "seen edge", "way back", "seen node")
HEADS = (*OFFSETS, *LOOK_UPS)

Picks = dict[str, list[int | None]]
"""For each head the position picked from each position; None where nobody reads what is picked."""


def expected_picks(graph: Graph) -> Picks:
    """What every head must pick from every position of the prompt and the tour; 0 is a miss.

    Edge e, counted from 0, has its nodes at 3 e + 1 and 3 e + 3. Its records (v, u) and (u, v) stand at
    3 e + 3 and 3 e + 4, and delayed by one at 3 e + 4 and 3 e + 5. Offsets are checked everywhere, the pointer
    wherever a record stands, all others at ``>`` and on the tour, where the model writes.
    """
    closing = 3 * len(graph.edges) + 1
    tour = [int(token) for token in euler_tour(graph)[:-1]]
    length = closing + 1 + len(tour)
    picks: Picks = {name: [None] * length for name in HEADS}
    for name, d in OFFSETS.items():
        picks[name] = [max(i - d, 0) for i in range(length)]
    neighbours: dict[int, list[int]] = {}
    records: dict[int, list[int]] = {}
    for e, (u, v) in enumerate(graph.edges):
        for node, other, place in ((v, u, 3 * e + 3), (u, v, 3 * e + 4)):
            earlier = records.setdefault(node, [])
            picks["pointer"][place] = earlier[-1] + 1 if earlier else 0
            earlier.append(place)
            neighbours.setdefault(node, []).append(other)
    picks["end of edges"][closing] = closing
    for name in ("record", "seen edge", "way back", "seen node"):
        picks[name][closing] = 0

    walked: dict[tuple[int, int], int] = {}
    visited: dict[int, int] = {}
    for t, node in enumerate(tour):
        here = closing + 1 + t
        mine = neighbours[node]
        visited[node] = here
        picks["end of edges"][here] = closing
        picks["wrap"][here] = records[node][-1]
        if t == 0:
            picks["record"][here] = 0
            following = mine[-1]
        else:
            came_from = tour[t - 1]
            walked[came_from, node] = here
            which = mine.index(came_from)
            picks["record"][here] = records[node][which]
            following = mine[which - 1]
        if t + 1 < len(tour):
            assert following == tour[t + 1], "the two references disagree"
        picks["seen edge"][here] = walked.get((node, following), 0)
        picks["way back"][here] = walked.get((following, node), 0)
        picks["seen node"][here] = visited.get(following, 0)
    return picks


class Observed:
    """The positions that each head picks, gathered while the evaluator runs."""

    def __init__(self, model: Model) -> None:
        self.arithmetic = Exact()
        self.evaluator = Evaluator(model, self.arithmetic)
        self.slopes = {head.name: head.slope for head in model.heads}
        self.picks: dict[str, list[NDArray[np.int64]]] = {name: [] for name in self.slopes}
        self._first = 0
        self._query: Rationals | None = None

    def run(self, ids: NDArray[np.int64], cache: Cache[Rationals] | None = None) -> Cache[Rationals]:
        """Read these ids (batch, positions); the extended cache."""
        self._first = cache.length if cache else 0
        _, cache = self.evaluator.run(ids, cache, observe=self._see)
        return cache

    def _see(self, layer: str, what: str, array: object) -> None:
        name, _, part = what.rpartition(".")
        if part == "query":
            assert isinstance(array, Rationals)
            self._query = array
        elif part == "segments":
            assert self._query is not None
            assert isinstance(array, tuple)
            parts, _ = self.arithmetic.scores(self._query, array, self.slopes[name], self._first)
            scores = np.concatenate(parts, axis=-1)
            best = scores == scores.max(axis=-1, keepdims=True)
            assert (best.sum(axis=-1) == 1).all(), f"{name} picks several positions"
            self.picks[name].append(best.argmax(axis=-1))

    def at(self, name: str) -> NDArray[np.int64]:
        """Picks of a head: (batch, positions)."""
        return np.concatenate(self.picks[name], axis=-1)


def tokens_of(graph: Graph) -> list[str]:
    """The prompt and the reference tour without the answer: all that is read."""
    return [*TASK.prompt(graph), *euler_tour(graph)[:-1]]


def wrong_picks(model: Model, graphs: Sequence[Graph]) -> tuple[dict[str, int], int]:
    """Per head on how many graphs a pick is not the expected one; and how many picks were compared."""
    by_length: dict[int, list[Graph]] = {}
    for graph in graphs:
        by_length.setdefault(len(tokens_of(graph)), []).append(graph)
    wrong, compared = dict.fromkeys(HEADS, 0), 0
    for length, group in by_length.items():
        step = max(1, 2**20 // length**2)
        for start in range(0, len(group), step):
            chosen = group[start : start + step]
            observed = Observed(model)
            observed.run(np.array([model.vocabulary.encode(tokens_of(graph)) for graph in chosen]))
            assert set(observed.picks) == set(HEADS)
            for row, graph in enumerate(chosen):
                for name, places in expected_picks(graph).items():
                    seen = observed.at(name)[row]
                    pairs = [(p, int(s)) for p, s in zip(places, seen, strict=True) if p is not None]
                    compared += len(pairs)
                    wrong[name] += any(p != s for p, s in pairs)
    return wrong, compared


def assert_all_right(graphs: Iterable[Graph], n: int) -> None:
    listed = list(graphs)
    wrong, compared = wrong_picks(SUBJECT.at(n), listed)
    assert not any(wrong.values()), wrong
    assert compared > 20 * len(listed)


def test_the_look_ups_are_heads_by_these_names() -> None:
    assert {head.name for head in SUBJECT.at(2).heads} == set(HEADS)


def test_picks_on_all_orders_and_orientations_of_small_graphs() -> None:
    # every instance up to 3 nodes and every fifth of the 3,153 with 4, which the slow test takes all
    assert_all_right([*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::5]], 4)


def test_picks_on_a_subset_of_the_atlas() -> None:
    rng = np.random.default_rng(1)
    assert_all_right([shuffled(rng, edges) for edges in atlas()[::3]], 7)


def test_picks_on_random_graphs_and_near_trees() -> None:
    rng = np.random.default_rng(2)
    assert_all_right([TASK.sample(rng, 14) for _ in range(150)], 14)
    assert_all_right([graph for n in (6, 9, 24) for graph in near_trees(rng, n)], 24)
    assert_all_right(boundary(6), 6)
    assert_all_right([dense(rng, 12, 40), dense(rng, 24, 200)], 24)


def test_picks_do_not_depend_on_the_size_of_the_model() -> None:
    rng = np.random.default_rng(3)
    graphs = [TASK.sample(rng, 7) for _ in range(40)]
    for n in (7, 8, 100, 20_000):
        assert_all_right(graphs, n)


def test_picks_while_decoding_step_by_step_with_the_cache() -> None:
    rng = np.random.default_rng(4)
    for graph in [*near_trees(rng, 8), *(TASK.sample(rng, 10) for _ in range(20))]:
        model = SUBJECT.at(graph.number_of_nodes)
        observed = Observed(model)
        ids = model.vocabulary.encode(tokens_of(graph))
        prompt = len(TASK.prompt(graph))
        cache = observed.run(np.array([ids[:prompt]]))
        for identifier in ids[prompt:]:
            cache = observed.run(np.array([[identifier]]), cache)
        for name, places in expected_picks(graph).items():
            seen = observed.at(name)[0].tolist()
            assert [s for p, s in zip(places, seen, strict=True) if p is not None] == [
                p for p in places if p is not None
            ], name


@pytest.mark.slow
def test_picks_on_all_small_graphs_and_the_whole_atlas() -> None:
    assert_all_right(TASK.enumerate(4), 4)
    rng = np.random.default_rng(5)
    for _ in range(3):
        assert_all_right([shuffled(rng, edges) for edges in atlas()], 7)
    assert_all_right([graph for n in (60, 120) for graph in near_trees(rng, n)], 120)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_matches_itself_is_named(name: str) -> None:
    """The planted fault: one head has no query but prefers late positions, so that it picks its own."""

    def blind(head: Head) -> Head:
        return replace(head, query=Matrix.from_entries(head.query.shape, {}), slope=1) if head.name == name else head

    def planted(layer: Layer) -> Layer:
        return Attention(tuple(map(blind, layer.heads))) if isinstance(layer, Attention) else layer

    model = SUBJECT.at(6)
    wrong, _ = wrong_picks(replace(model, layers=tuple(map(planted, model.layers))), boundary(6))
    assert wrong[name] == len(boundary(6))
