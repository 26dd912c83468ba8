"""IsTree by a Transformer: every token is that of the reference tour, every answer that of networkx.

Beyond what ``verify 4.7`` runs: the atlas in shuffled orders, all small inputs on both engines, near-trees of
up to 300 nodes. At the end, faults are planted in the wiring and in the matrices; each must be found, and
for each it is on record whether a comparison of the answers alone would have found it.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from constructions.architectures import Attention, Head, Layer, Model
from constructions.engine import decode
from constructions.numerics import Matrix
from constructions.tasks import Graph, euler_tour
from constructions.tasks.strategies import instances
from constructions.theorems import _theorem_4_7, construction
from proofs_check.evidence import Subject
from tests.istree_evidence import TASK, atlas, boundary, dense, is_tree, near_trees, shuffled, transcripts

SUBJECT = construction("transformer/istree")


def check(graph: Graph, written: Sequence[str]) -> None:
    """The tokens are those of the reference tour, the answer that of networkx, and there are at most 2n."""
    assert list(written) == euler_tour(graph), TASK.text(graph)
    assert written[-1] == is_tree(graph), TASK.text(graph)
    n = graph.number_of_nodes
    assert len(written) == 2 * n if written[-1] == "YES" else len(written) <= 2 * n


def check_all(graphs: Sequence[Graph], n: int) -> None:
    """Check many graphs, on the plain evaluator in batches."""
    for graph, written in zip(graphs, transcripts(SUBJECT.at(n), graphs), strict=True):
        check(graph, written)


def fast(model: Model, graph: Graph) -> tuple[str, ...]:
    """What the fast engine writes; it runs to the end by itself, so this is no other engine's work."""
    prompt = TASK.prompt(graph)
    return decode(model, prompt, engine="fast", max_tokens=2 * graph.number_of_nodes + 1).tokens


def test_a_subset_of_the_atlas_in_two_orders() -> None:
    rng = np.random.default_rng(0)
    graphs = [shuffled(rng, edges) for edges in atlas()[::2] for _ in range(2)]
    assert len(graphs) == 1044
    check_all(graphs, 7)
    assert {is_tree(graph) for graph in graphs} == {"YES", "NO"}


@pytest.mark.slow
def test_the_atlas_in_twenty_orders() -> None:
    assert len(atlas()) == 1043
    rng = np.random.default_rng(1)
    for _ in range(20):
        check_all([shuffled(rng, edges) for edges in atlas()], 7)


def small_graphs(every: int) -> list[Graph]:
    return [*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::every]]


def check_both_engines(graphs: Sequence[Graph], n: int) -> None:
    model = SUBJECT.at(n)
    for graph, plain in zip(graphs, transcripts(model, graphs), strict=True):
        check(graph, plain)
        assert fast(model, graph) == plain


def test_small_graphs_in_all_orders_and_orientations_on_both_engines() -> None:
    check_all(small_graphs(1), 4)
    check_both_engines(small_graphs(10), 4)


@pytest.mark.slow
def test_every_small_graph_on_both_engines() -> None:
    check_both_engines(small_graphs(1), 4)


@given(instances(TASK, 9))
@settings(max_examples=60, deadline=None)
def test_any_graph_in_the_model_of_its_own_size(graph: Graph) -> None:
    model = SUBJECT.at(SUBJECT.size_for(graph))
    check(graph, decode(model, TASK.prompt(graph), engine="plain").tokens)


def larger_graphs(n: int, seed: int) -> list[Graph]:
    rng = np.random.default_rng(seed)
    few = [dense(rng, min(n, 30), edges) for edges in (40, 150, 400)]
    return [*near_trees(rng, n), *few]


@pytest.mark.parametrize("n", [30, 77, 300])
def test_near_trees_and_dense_graphs_with_the_fast_engine(n: int) -> None:
    model = SUBJECT.at(n)
    for graph in larger_graphs(n, n):
        check(graph, fast(model, graph))


def test_very_dense_graphs_with_the_fast_engine() -> None:
    rng = np.random.default_rng(8)
    graphs = [dense(rng, 60, 1700), dense(rng, 300, 20_000), dense(rng, 300, 300 * 299 // 2)]
    model = SUBJECT.at(300)
    for graph in graphs:
        check(graph, fast(model, graph))


def test_extreme_graphs_with_the_fast_engine() -> None:
    for n in (5, 64):
        model = SUBJECT.at(n)
        for graph in boundary(n):
            check(graph, fast(model, graph))


def test_near_trees_with_the_plain_evaluator() -> None:
    for n in (6, 12, 24):
        check_all(near_trees(np.random.default_rng(n), n), n)
    check_all(larger_graphs(30, 3), 30)


@pytest.mark.slow
@pytest.mark.parametrize("n", [77, 300])
def test_near_trees_and_dense_graphs_with_the_plain_evaluator(n: int) -> None:
    check_all(larger_graphs(n, n), n)


@pytest.mark.slow
def test_random_graphs_to_300_nodes() -> None:
    rng = np.random.default_rng(6)
    model = SUBJECT.at(300)
    for _ in range(500):
        graph = TASK.sample(rng, 300)
        check(graph, fast(model, graph))


# Faults.


def rewired(*changes: tuple[str, str]) -> Callable[[int], Model]:
    """The construction with words of its source changed; each must stand there exactly once."""
    source = inspect.getsource(_theorem_4_7)
    source = source[source.index("def istree") : source.index("THEOREM = ")]
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    names = dict(vars(_theorem_4_7))
    exec(source, names)  # noqa: S102
    return lambda n: names["istree"]().at(n)


def changed_heads(model: Model, change: Callable[[Head], Head]) -> Model:
    def of(layer: Layer) -> Layer:
        return Attention(tuple(map(change, layer.heads))) if isinstance(layer, Attention) else layer

    return replace(model, layers=tuple(map(of, model.layers)))


def silenced(name: str) -> Callable[[int], Model]:
    """The construction with the output matrix of one head set to zero."""

    def change(head: Head) -> Head:
        return replace(head, output=Matrix.from_entries(head.output.shape, {})) if head.name == name else head

    return lambda n: changed_heads(SUBJECT.at(n), change)


def undelayed(n: int) -> Model:
    """The pointer looks among records that come at once: each column of a delayed record swaps with its other."""
    model = SUBJECT.at(n)
    columns = list(range(len(model.coordinates)))
    for name in ("head", "head^2", "tail", "tail^2"):
        late, own = model.coordinates.index(f"late record.{name}"), model.coordinates.index(f"record.{name}")
        columns[late], columns[own] = own, late

    def change(head: Head) -> Head:
        if head.name != "pointer":
            return head
        key, value = (Matrix(matrix.numerators[:, columns]) for matrix in (head.key, head.value))
        return replace(head, key=key, value=value)

    return changed_heads(model, change)


NEXT = "(record[pointer.hit], record[pointer[late_tail]]), otherwise=fallback"

FAULTS: dict[str, Callable[[int], Model]] = {
    "undelayed keys": undelayed,
    "undelayed keys, the wiring": rewired(
        ("[(late_head, head)]", "[(head, head)]"),
        ("pointer[late_tail]", "pointer[tail]"),
        ("{pointer.late record.tail}", "{pointer.record.tail}"),
    ),
    "delayed keys where none are needed": rewired(
        ("[(head, w.token), (tail, token[1])]", "[(late_head, w.token), (late_tail, token[1])]")
    ),
    "pointer and wrap swapped": rewired((NEXT, NEXT.replace("(record[pointer.hit],", "(1 - record[pointer.hit],"))),
    "no wrap": rewired((", otherwise=fallback", "")),
    "no check of the way back": rewired((" - way_back.hit", "")),
    "way back asked of the way here": rewired(
        ("[(before, following), (here, here)]", "[(before, here), (here, following)]")
    ),
    "no check of the edge": rewired(
        ("2 * seen_edge.hit + ", ""), ("when=[seen_edge.hit, complete]", "when=[complete]")
    ),
    "no check of the node": rewired((" + seen_node.hit - way_back.hit", "")),
    "no test of completeness": rewired(("when=[seen_edge.hit, complete]", "when=seen_edge.hit")),
    "complete one token late": rewired(("5 * end[w.position] + 1, name", "5 * end[w.position] + 4, name")),
    "complete one token early": rewired(("5 * end[w.position] + 1, name", "5 * end[w.position] - 2, name")),
    "the walk begins at the other end": rewired(("(ends, token[1])", "(ends, token[3])")),
    **{f"{head.name} silenced": silenced(head.name) for head in SUBJECT.at(2).heads},
}

ANSWERS_SEE_NOTHING = {"the walk begins at the other end"}
"""Right answers, wrong tokens: the tour is another than the one that is claimed."""


@functools.cache
def evidence() -> tuple[Graph, ...]:
    """Small graphs of every kind, a part of what the tests above run."""
    rng = np.random.default_rng(9)
    few = [*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::25]]
    return (*few, *boundary(6), *(shuffled(rng, edges) for edges in atlas()[::10]), *near_trees(rng, 8))


def found(model_at: Callable[[int], Model], graphs: Sequence[Graph], n: int) -> tuple[int, int]:
    """On how many graphs the tokens are wrong, and on how many the answer is."""
    written = Subject(SUBJECT, model_at=model_at).transcripts(n, graphs)
    tokens = sum(list(w) != euler_tour(graph) for w, graph in zip(written, graphs, strict=True))
    answers = sum(w[-1] != is_tree(graph) for w, graph in zip(written, graphs, strict=True))
    return tokens, answers


def test_without_a_fault_nothing_is_found() -> None:
    assert found(rewired(), evidence(), 8) == (0, 0)
    assert found(SUBJECT.at, evidence(), 8) == (0, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    tokens, answers = found(FAULTS[fault], evidence(), 8)
    assert tokens >= answers
    assert tokens > 0
    assert (answers == 0) == (fault in ANSWERS_SEE_NOTHING)


def test_without_the_delay_nearly_all_tours_are_wrong_and_few_answers() -> None:
    """The self-match: 23 of 1,043 answers are wrong, since a model that always says NO is wrong on 24."""
    rng = np.random.default_rng(0)
    graphs = [shuffled(rng, edges) for edges in atlas()]
    trees = [graph for graph in graphs if is_tree(graph) == "YES"]
    assert len(trees) == 24
    tokens, answers = found(undelayed, graphs, 7)
    assert (tokens, answers) == (1038, 23)
    # The only tree that is still decided is the single edge, where each node has one neighbour.
    assert found(undelayed, trees, 7)[1] == 23
    assert found(undelayed, [TASK.parse("1-2")], 7) == (0, 0)


@pytest.mark.parametrize("fault", ["no check of the node", "way back silenced"])
def test_near_trees_alone_do_not_show_every_fault_in_the_answers(fault: str) -> None:
    rng = np.random.default_rng(4)
    graphs = [graph for _ in range(4) for graph in near_trees(rng, 10)]
    tokens, answers = found(FAULTS[fault], graphs, 10)
    assert tokens >= 10
    assert answers == 0
