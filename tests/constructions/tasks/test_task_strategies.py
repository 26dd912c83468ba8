"""The hypothesis strategies: only legal instances, all kinds of them, and simple minimal examples."""

import itertools
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.tasks import (
    AssociativeRecall,
    CGram,
    Counting,
    Graph,
    Index,
    IsTree,
    Retrieval,
    RetrievalTask,
    Task,
)
from constructions.tasks.strategies import _grown, instances

# Nothing is to be explained: tracing the lines that each example runs takes half of the time.
quiet = settings(database=None, max_examples=1000, derandomize=True, phases=[Phase.generate, Phase.shrink])


@given(st.data())
def test_instances_are_legal_and_small_enough(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from([Index(), AssociativeRecall(), CGram(3), CGram(5), Counting()]))
    n = data.draw(st.integers(1, 8))
    instance = data.draw(instances(task, n))
    task.check(instance)
    assert task.size(instance) <= n


@given(st.data())
def test_graphs_are_legal_and_small_enough(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 8))
    assert IsTree().size(data.draw(instances(IsTree(), n))) <= n


@pytest.mark.parametrize(
    ("task", "least"),
    [
        (Index(), Retrieval((1,), (1,))),
        (AssociativeRecall(), Retrieval((1,), (1,))),
        (CGram(4), Retrieval((1,), (1, 1, 1))),
        (Counting(), Retrieval((1,), (1, 0))),
        (IsTree(), Graph(((1, 2),))),
    ],
    ids=repr,
)
def test_the_least_example_is_the_simplest_instance(task: Task[Any], least: object) -> None:
    assert find(instances(task, 6), lambda instance: True, settings=quiet) == least


@pytest.mark.parametrize(
    ("task", "answer", "length"), [(AssociativeRecall(), "1", 2), (CGram(3), "1", 3), (CGram(5), "1", 5)], ids=repr
)
def test_hits_shrink_to_words_of_ones(task: RetrievalTask, answer: str, length: int) -> None:
    found = find(instances(task, 7), lambda instance: task.answer(instance) != "NONE", settings=quiet)
    assert found == Retrieval((1,) * length, (1,) * (length - 1))
    assert task.answer(found) == answer


def test_a_latest_occurrence_that_matters_is_found_and_shrunk() -> None:
    def earliest_differs(instance: Retrieval) -> bool:
        x, q = instance.sequence, instance.query[0]
        return q in x[:-1] and str(x[x.index(q) + 1]) != AssociativeRecall().answer(instance)

    found = find(instances(AssociativeRecall(), 7), earliest_differs, settings=quiet)
    assert found in (Retrieval((1, 1, 2), (1,)), Retrieval((2, 2, 1), (2,)))


def test_graphs_shrink_to_small_ones() -> None:
    no = find(instances(IsTree(), 6), lambda graph: IsTree().answer(graph) == "NO", settings=quiet)
    assert (no.number_of_nodes, len(no.edges)) in {(4, 2), (3, 3)}  # two edges apart, or a triangle

    def looks_like_a_tree(graph: Graph) -> bool:
        return len(graph.edges) == graph.number_of_nodes - 1 and IsTree().answer(graph) == "NO"

    found = find(instances(IsTree(), 8), looks_like_a_tree, settings=quiet)
    assert found.number_of_nodes <= 6
    least = IsTree().shrink(found, looks_like_a_tree)
    assert (least.number_of_nodes, len(least.edges)) == (5, 4)  # a triangle and an edge apart from it


def test_every_graph_of_three_edges_can_be_drawn() -> None:
    steps = list(itertools.product(range(5), range(5), range(6)))
    drawn = {_grown(pair, 4) for pair in itertools.product(steps, repeat=2)}
    wanted = {graph for n in (3, 4) for graph in IsTree().enumerate(n) if len(graph.edges) == 3}
    assert len(wanted) == 8 + 32
    assert wanted <= drawn


def test_what_has_no_instances_is_refused() -> None:
    with pytest.raises(InputError, match="max_n = 1: the least instance of istree has size 2"):
        instances(IsTree(), 1)
    with pytest.raises(InputError, match="max_n = 0"):
        instances(Index(), 0)
