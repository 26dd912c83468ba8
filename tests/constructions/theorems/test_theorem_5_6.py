"""Theorem 5.6: a linear RNN with one attention layer solves the four tasks at once, and IsTree in 9n - 4 tokens.

At the end faults are planted in wiring and matrices, and all three families are compared with each other.
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Attention, family
from constructions.engine import decode
from constructions.tasks import Graph, RetrievalTask
from constructions.tasks.strategies import instances
from constructions.theorems import THEOREMS, construction, variants
from constructions.theorems import _theorem_5_6 as module
from proofs_check.evidence import Subject, exhaustive, exhaustive_permutations, sampled, shape
from tests.istree_evidence import TASK, atlas, boundary, dense, is_tree, near_trees, shuffled
from tests.planted_faults import Models, cell_keeps, cell_reads, rewired, silenced
from tests.small_inputs import small_inputs

THEOREM = THEOREMS["5.6"]
ISTREE = construction("hybrid/istree")
VARIANTS = [variant for name in THEOREM.constructions for variant in variants(name)]
BY_LABEL = {variant.label: variant for variant in VARIANTS}
RETRIEVAL = [label for label, variant in BY_LABEL.items() if variant is not ISTREE]


@pytest.mark.parametrize("label", BY_LABEL)
def test_one_attention_layer_no_positions_and_one_shape(label: str) -> None:
    variant = BY_LABEL[label]
    least = variant.blueprint.least
    first = shape(variant.at(least))
    for n in range(least, 41):
        model = variant.at(n)
        assert family(model) == "hybrid"
        assert [isinstance(layer, Attention) for layer in model.layers].count(True) == 1
        assert model.embedding.position.largest == 0
        assert model.search is None
        assert shape(model) == first


@pytest.mark.parametrize("label", RETRIEVAL)
def test_small_and_random_inputs(label: str) -> None:
    subject = Subject(BY_LABEL[label])
    small = exhaustive(subject, 5, 3)
    assert small.tally.failure is None
    assert small.tally.inputs == small_inputs(BY_LABEL[label].task, 5)
    run = sampled(subject, (1, 2, 3, 7, 20, 60), 300, seed=56)
    assert run.tally.failure is None
    assert {length for pair in run.tally.lengths.values() for length in pair} == {1}


def test_all_orders_of_distinct_tokens() -> None:
    assert exhaustive_permutations(Subject(BY_LABEL["hybrid/associative-recall"]), 5).tally.failure is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "largest", "alphabet"),
    [
        ("hybrid/index", 8, 4),
        ("hybrid/associative-recall", 8, 4),
        ("hybrid/c-gram, c = 3", 8, 3),
        ("hybrid/counting", 7, 4),
    ],
)
def test_all_inputs(label: str, largest: int, alphabet: int) -> None:
    assert exhaustive(Subject(BY_LABEL[label]), largest, alphabet).tally.failure is None


@pytest.mark.slow
def test_all_orders_of_eight_distinct_tokens() -> None:
    assert exhaustive_permutations(Subject(BY_LABEL["hybrid/associative-recall"]), 8).tally.failure is None


# IsTree.


def check(graph: Graph, written: Sequence[str], n: int) -> None:
    """The reference's tokens, networkx's answer; 9n - 4 tokens on a tree of n nodes, and never more."""
    assert tuple(written) == ISTREE.expected(graph, n), TASK.text(graph)
    assert written[-1] == is_tree(graph), TASK.text(graph)
    nodes, edges = graph.number_of_nodes, len(graph.edges)
    if written[-1] == "YES":
        assert len(written) == 9 * nodes - 4
    elif edges >= n:
        assert tuple(written) == ("NO",)
    else:
        assert len(written) <= min(5 * edges + 4 * nodes + 1, 9 * n - 4)


def check_all(graphs: Sequence[Graph], n: int) -> None:
    for graph, written in zip(graphs, Subject(ISTREE).transcripts(n, graphs), strict=True):
        check(graph, written, n)


def test_a_subset_of_the_atlas() -> None:
    rng = np.random.default_rng(0)
    graphs = [shuffled(rng, edges) for edges in atlas()[::3]]
    check_all(graphs, 7)
    # In a larger model the cut-off is later: the tour itself must show that these are no trees.
    check_all(graphs, 40)


@pytest.mark.slow
@pytest.mark.parametrize("n", [7, 30])
def test_the_atlas_in_twenty_orders(n: int) -> None:
    rng = np.random.default_rng([1, n])
    for _ in range(20):
        check_all([shuffled(rng, edges) for edges in atlas()], n)


def test_small_graphs_in_all_orders_and_orientations() -> None:
    graphs = [*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::10]]
    check_all(graphs, 4)
    check_all(graphs, 7)  # no cut-off


@pytest.mark.slow
def test_every_small_graph() -> None:
    for n in (4, 7):
        check_all(list(TASK.enumerate(4)), n)


@given(instances(TASK, 8), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_any_graph_on_both_engines(graph: Graph, more: int) -> None:
    n = ISTREE.size_for(graph) + more
    for engine in ("plain", "fast"):
        check(graph, decode(ISTREE.at(n), ISTREE.reads(graph), engine=engine).tokens, n)


@pytest.mark.parametrize("n", [6, 30, 150])
def test_near_trees_extreme_and_dense_graphs(n: int) -> None:
    rng = np.random.default_rng(n)
    graphs = [
        *near_trees(rng, n),
        *boundary(min(n, 12)),
        *(dense(rng, min(n, 30), e) for e in (n - 1, n // 2 + 10) if n > 6),
    ]
    for graph in graphs:
        check(graph, decode(ISTREE.at(n), ISTREE.reads(graph), engine="fast").tokens, n)


def test_the_cut_off_is_at_n_edges() -> None:
    """A cycle of n nodes has n edges: NO at once in the model of size n, after a tour in the next."""
    for n in (3, 5, 9):
        graph = TASK.parse(" ".join(f"{i}-{i % n + 1}" for i in range(1, n + 1)))
        assert decode(ISTREE.at(n), ISTREE.reads(graph)).tokens == ("NO",)
        later = decode(ISTREE.at(n + 1), ISTREE.reads(graph)).tokens
        check(graph, later, n + 1)
        assert len(later) > 5 * n


# Faults.

RECALL, COUNTING, INDEX, C_GRAM = (
    BY_LABEL[label]
    for label in ("hybrid/associative-recall", "hybrid/counting", "hybrid/index", "hybrid/c-gram, c = 3")
)

RETRIEVAL_FAULTS: dict[str, Callable[[], tuple[str, Models]]] = {
    "index, one position too far": lambda: (
        INDEX.label,
        rewired(module, "index", ('position", w.token)', 'position", w.token + 1)')),
    ),
    "index, the counter starts late": lambda: (INDEX.label, cell_reads(INDEX, "#tokens", {"token": 1})),
    "index, the head silenced": lambda: (INDEX.label, silenced(INDEX, "asked position")),
    "recall, a window position shifted": lambda: (
        RECALL.label,
        rewired(module, "associative_recall", ("w.back(1, w.token)", "w.back(2, w.token)")),
    ),
    "recall, no delay": lambda: (RECALL.label, cell_keeps(RECALL, "1 back.token", {})),
    "recall, the separator is a record": lambda: (
        RECALL.label,
        rewired(module, "associative_recall", ("excluding=w.is_token(SEPARATOR), ", "")),
    ),
    "recall, the head silenced": lambda: (RECALL.label, silenced(RECALL, "found")),
    "3-gram, a key left out": lambda: (
        C_GRAM.label,
        rewired(module, "c_gram", ("range(1, c)]", "range(1, c - 1)]"), arguments=(3,)),
    ),
    "counting, at least instead of more than": lambda: (
        COUNTING.label,
        rewired(module, "counting", ("2 * threshold + 3", "2 * threshold + 1")),
    ),
    "counting, the query counts itself": lambda: (
        COUNTING.label,
        rewired(module, "counting", (", excluding=in_query", "")),
    ),
}


@pytest.mark.parametrize("fault", RETRIEVAL_FAULTS)
def test_a_planted_fault_in_a_retrieval_model_is_found(fault: str) -> None:
    label, models = RETRIEVAL_FAULTS[fault]()
    run = exhaustive(Subject(BY_LABEL[label], model_at=models), 4, 3)
    assert run.tally.failure is not None


def istree(*changes: tuple[str, str]) -> Models:
    return rewired(module, "istree", *changes)


FAULTS: dict[str, Callable[[], Models]] = {
    **{
        f"{head} silenced": functools.partial(silenced, ISTREE, head)
        for head in ("node record", "pair record", "way back")
    },
    "records of nodes one token early": lambda: istree(
        (
            "first, second = is_token(3, _RECORD), is_token(4, _RECORD)",
            "first, second = is_token(2, _RECORD), is_token(4, _RECORD)",
        )
    ),
    "records of edges one token early": lambda: istree(
        ("edge = w.both(w.is_number, is_token(1, JOIN)", "edge = w.both(w.is_token(JOIN), is_token(1, None)")
    ),
    "pairs turned round": lambda: istree(
        ("[3 * at_node, reverse_from, reverse_to]", "[3 * at_node, reverse_to, reverse_from]")
    ),
    "the counter of edges counts groups": lambda: istree(("w.count(w.is_token(JOIN))", "w.count(w.is_token(_TOUR))")),
    "the counter of steps counts groups": lambda: istree(("w.count(w.is_token(_DONE))", "w.count(w.is_token(_TOUR))")),
    "complete one step late": lambda: istree(("2 * edges + 1, name", "2 * edges + 2, name")),
    "no cut-off": lambda: istree(("w.at_least(edges, w.constant(n)", "w.at_least(edges, w.constant(2 * n**2)")),
    "the cut-off one edge early": lambda: istree(
        ("w.at_least(edges, w.constant(n)", "w.at_least(edges, w.constant(n - 1)")
    ),
    "one group too few": lambda: istree(("w.at_least(edges - groups, 1", "w.at_least(edges - groups, 2")),
    "NONE is followed": lambda: istree(("w.both(ahead.hit, 1 - ahead[nothing]", "w.both(ahead.hit, w.one")),
    "no check of the node": lambda: istree(
        ('w.either(ahead.hit, w.both(found.hit, ~back.hit, name="closes a cycle"),', "w.either(ahead.hit, w.zero,")
    ),
    "no check of the way back": lambda: istree(("w.both(found.hit, ~back.hit, name", "w.both(found.hit, w.one, name")),
    "no test of completeness": lambda: istree(("w.both(ahead.hit, complete, name", "w.both(ahead.hit, w.one, name")),
    "the root is the other end": lambda: istree(('"v _ _ T", "v ok"', '"v _ _ _ T", "v ok"')),
    "a rule dropped": lambda: istree(('    program.rule("| u", "{v}", says="And it ends at this one.")\n', "")),
    "a window position shifted": lambda: cell_keeps(ISTREE, "3 back.code", {"3 back.code": 0, "1 back.code": 1}),
    "a window cut short": lambda: cell_keeps(ISTREE, "4 back.code", {}),
    "edges are counted twice": lambda: cell_reads(ISTREE, "#is ~", {"is ~": 2}),
}


@functools.cache
def evidence() -> tuple[tuple[Graph, int], ...]:
    rng = np.random.default_rng(9)
    few = [*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::100]]
    sized = [(graph, graph.number_of_nodes) for graph in [*few, *boundary(6)[::4]]]
    return (*sized, *((graph, 8) for graph in few[::2]), *((graph, 9) for graph in near_trees(rng, 8)))


def found(models: Models) -> tuple[int, int]:
    """On how many graphs the tokens are wrong, and on how many the answer is."""
    subject, tokens, answers = Subject(ISTREE, model_at=models), 0, 0
    for n in sorted({n for _, n in evidence()}):
        graphs = [graph for graph, size in evidence() if size == n]
        for graph, written in zip(graphs, subject.transcripts(n, graphs), strict=True):
            tokens += written != ISTREE.expected(graph, n)
            answers += written[-1] != is_tree(graph)
    return tokens, answers


ANSWERS_SEE_NOTHING = {"the root is the other end"}
"""Right answers, wrong tokens."""


def test_without_a_fault_nothing_is_found() -> None:
    assert found(istree()) == (0, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_in_istree_is_found(fault: str) -> None:
    tokens, answers = found(FAULTS[fault]())
    assert tokens > 0
    assert (answers == 0) == (fault in ANSWERS_SEE_NOTHING), (tokens, answers)


# All families.

TASKS = ["index", "associative-recall", "c-gram", "counting", "istree"]


@pytest.mark.parametrize("task", TASKS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_all_families_give_the_same_answer(task: str, data: st.DataObject) -> None:
    c = data.draw(st.integers(2, 5)) if task == "c-gram" else 3
    subjects = [
        construction(f"{name}/{task}", c=c if task == "c-gram" else None)
        for name in ("transformer", "retrieval", "hybrid")
    ]
    assert isinstance(subjects[0].task, RetrievalTask) or task == "istree"
    instance = data.draw(instances(subjects[0].task, 7))
    n = max(subject.size_for(instance) for subject in subjects)
    answers = {decode(subject.at(n), subject.reads(instance), engine="fast").answer for subject in subjects}
    assert answers == {subjects[0].task.answer(instance)}
