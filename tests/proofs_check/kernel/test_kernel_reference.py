"""The kernel's reading of the tasks against that of constructions, and its two ways to answer."""

import itertools
import random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructions import tasks
from constructions.tasks import IsTree, Retrieval
from proofs_check.kernel import _reference
from proofs_check.kernel._columns import Columns
from proofs_check.kernel._reference import Question
from proofs_check.kernel._rows import Rows

SIZES = [(1, 1), (1, 3), (2, 2), (3, 2), (4, 3), (5, 2), (6, 2)]
RETRIEVAL = [("index", 2), ("associative-recall", 2), ("counting", 2), *(("c-gram", c) for c in (2, 3, 4, 5))]


@pytest.mark.parametrize(("name", "c"), RETRIEVAL)
@pytest.mark.parametrize(("n", "alphabet"), SIZES)
def test_answers_are_those_of_the_tasks(name: str, c: int, n: int, alphabet: int) -> None:
    task, question = tasks.retrieval_task(name, c), Question(name, n, alphabet, c)
    count = 0
    for instance in task.enumerate(n, alphabet):
        assert _reference.answer(question, instance.sequence, instance.query) == task.answer(instance)
        count += 1
    assert count == alphabet**n * _reference.query_count(question)


@given(st.data())
def test_answers_at_larger_sizes(data: st.DataObject) -> None:
    name, c = data.draw(st.sampled_from(RETRIEVAL))
    task = tasks.retrieval_task(name, c)
    sequence = tuple(data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=40)))
    n = len(sequence)
    query = {
        "index": st.tuples(st.integers(1, n)),
        "counting": st.tuples(st.integers(1, 6), st.integers(0, n)),
        "associative-recall": st.tuples(st.integers(1, 6)),
        "c-gram": st.lists(st.integers(1, 5), min_size=c - 1, max_size=c - 1).map(tuple),
    }[name]
    asked = data.draw(query)
    answer = _reference.answer(Question(name, n, 6, c), sequence, asked)
    assert answer == task.answer(Retrieval(sequence, asked))


@pytest.mark.parametrize(("name", "c"), RETRIEVAL)
@pytest.mark.parametrize(("n", "alphabet"), SIZES)
def test_rows_hold_the_same_answers(name: str, c: int, n: int, alphabet: int) -> None:
    question = Question(name, n, alphabet, c)
    asked, rows = _reference.queries(question), Rows(question)
    assert len(asked) == len(set(asked)) == _reference.query_count(question)
    for sequence in itertools.product(range(1, alphabet + 1), repeat=n):
        row, bits = rows.row(sequence), rows.digit_bits
        legal = rows.legal(sequence, row)
        assert max(row, legal) < 1 << bits * len(asked)
        none = "0" if name == "counting" else "NONE"
        for place, query in enumerate(asked):
            digit, mask = (number >> bits * place & ((1 << bits) - 1) for number in (row, legal))
            assert (str(digit) if digit else none) == _reference.answer(question, sequence, query)
            assert mask == ((1 << bits) - 1 if _reference.is_legal(question, sequence, query) else 0)


def _edge_lists(n: int, most: int) -> list[tuple[int, ...]]:
    """Lists of up to ``most`` directed edges, repeated ones included."""
    directed = list(itertools.permutations(range(1, n + 1), 2))
    return [
        tuple(node for edge in edges for node in edge)
        for length in range(most + 1)
        for edges in itertools.product(directed, repeat=length)
    ]


@pytest.mark.parametrize(("n", "most"), [(2, 3), (3, 3), (4, 2), (5, 1)])
def test_rows_of_istree_hold_the_same_answers(n: int, most: int) -> None:
    question = Question("istree", n, n)
    asked, rows = _reference.queries(question), Rows(question)
    assert len(asked) == _reference.query_count(question)
    assert len({frozenset(map(frozenset, _reference.edges_of(query))) for query in asked}) == len(asked)
    for prefix in _edge_lists(n, most):
        row = rows.row(prefix)
        legal = rows.legal(prefix, row)
        for bit, query in enumerate(asked):
            answer = _reference.answer(question, prefix, query)
            assert (answer == "YES") == bool(row >> bit & 1)
            assert bool(legal >> bit & 1) == _reference.is_legal(question, prefix, query)
            multigraph = nx.MultiGraph(_reference.edges_of(prefix + query))
            multigraph.add_nodes_from(range(1, n + 1))
            assert (answer == "YES") == nx.is_tree(multigraph)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_tours_and_answers_are_those_of_the_task(n: int) -> None:
    task, question, count = IsTree(), Question("istree", n, n), 0
    for instance in task.enumerate(n):
        edges = tuple(node for edge in instance.edges for node in edge)
        assert _reference.answer(question, edges, ()) == task.answer(instance)
        assert _reference.euler_tour(list(instance.edges)) == task.transcript(instance)
        assert _reference.is_legal(question, edges, ())
        count += 1
    assert count == task.count(n)


def test_tours_of_larger_graphs() -> None:
    rng = random.Random(5)  # noqa: S311
    for _ in range(300):
        n = rng.randint(2, 25)
        nodes = [node + 1 for tree in [nx.random_labeled_tree(n, seed=rng.randrange(10**9))] for node in tree]
        edges = [(u + 1, v + 1) for u, v in nx.random_labeled_tree(n, seed=rng.randrange(10**9)).edges]
        for _ in range(rng.randint(0, 2)):
            u, v = rng.sample(nodes, 2)
            if (u, v) not in edges and (v, u) not in edges:
                edges.append((u, v))
        if rng.random() < 0.3 and len(edges) > n:
            edges.pop(0)
        rng.shuffle(edges)
        edges = [edge if rng.random() < 0.5 else edge[::-1] for edge in edges]
        graph = tasks.graph_of(edges)
        assert _reference.euler_tour(list(graph.edges)) == IsTree().transcript(graph)


def test_a_repeated_edge_is_no_tree() -> None:
    assert _reference.answer(Question("istree", 2, 2), (1, 2), (2, 1)) == "NO"
    assert not _reference.is_legal(Question("istree", 2, 2), (1, 2), (2, 1))
    assert not _reference.is_legal(Question("istree", 3, 3), (1, 2), ())


@pytest.mark.parametrize("promise", [False, True])
def test_columns_hold_the_same_answers(promise: bool) -> None:
    """Equal where the answers are equal, and None just where the query is not legal."""
    nodes = range(1, 4)
    edges = [(), *itertools.permutations(nodes, 2), (1, 1)]
    graphs = [a + b for a, b in itertools.product(edges, repeat=2)]
    cases = [(Question(name, 4, 3, c), list(itertools.product(nodes, repeat=4))) for name, c in RETRIEVAL]
    for question, sequences in [*cases, (Question("istree", 3, 3), graphs)]:
        columns = Columns(question, promise, sequences)
        leaves_out = promise and question.task not in ("index", "counting")
        for query in _reference.queries(question):
            answers: dict[object, set[str]] = {}
            for sequence, found in zip(sequences, columns.column(query), strict=True):
                legal = not leaves_out or _reference.is_legal(question, sequence, query)
                assert (found is not None) == legal
                if legal:
                    answers.setdefault(found, set()).add(_reference.answer(question, sequence, query))
            assert all(len(same) == 1 for same in answers.values())
            assert len(set.union(set(), *answers.values())) == len(answers)
