"""The retrieval tasks against a second implementation, on all small instances and on random ones."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.tasks import AssociativeRecall, CGram, Counting, Index, Retrieval, RetrievalTask
from constructions.tasks.strategies import instances

TASKS = [Index(), AssociativeRecall(), CGram(2), CGram(3), CGram(4), CGram(5), Counting()]
every_task = pytest.mark.parametrize("task", TASKS, ids=repr)
drawn_task = pytest.mark.parametrize("task", [Index(), AssociativeRecall(), CGram(3), CGram(5), Counting()], ids=repr)


def naive(task: RetrievalTask, sequence: tuple[int, ...], query: tuple[int, ...]) -> str:
    """The answer, word by word from the definitions, by trying all positions."""
    n = len(sequence)
    if isinstance(task, Index):
        return next(str(token) for place, token in enumerate(sequence, 1) if place == query[0])
    if isinstance(task, Counting):
        return str(int(sum(1 for token in sequence if token == query[0]) > query[1]))
    m = len(query)
    found = "NONE"
    for place in range(n):
        if place + m < n and all(sequence[place + shift] == query[shift] for shift in range(m)):
            found = str(sequence[place + m])
    return found


def all_queries(task: RetrievalTask, n: int, alphabet: int) -> Iterator[tuple[int, ...]]:
    letters = range(1, alphabet + 1)
    if isinstance(task, Index):
        return itertools.product(range(1, n + 1))
    if isinstance(task, Counting):
        return itertools.product(letters, range(n + 1))
    return itertools.product(letters, repeat=task.query_length)


def measure(instance: Retrieval) -> tuple[int, int, int]:
    return len(instance.sequence), sum(instance.sequence), sum(instance.query)


def wrong_answers(task: RetrievalTask, answer: Callable[[Retrieval], str], sizes: list[tuple[int, int]]) -> int:
    """On how many of all instances of these sizes ``answer`` differs from the definition."""
    return sum(
        answer(instance) != naive(task, instance.sequence, instance.query)
        for n, alphabet in sizes
        for instance in task.enumerate(n, alphabet)
    )


SIZES = [(1, 1), (1, 3), (2, 2), (3, 3), (4, 3), (6, 2)]


@every_task
def test_all_small_instances_have_the_right_answer(task: RetrievalTask) -> None:
    assert wrong_answers(task, task.answer, SIZES) == 0


@pytest.mark.parametrize("task", [AssociativeRecall(), CGram(3)], ids=repr)
def test_the_exhaustive_comparison_finds_a_planted_fault(task: RetrievalTask) -> None:
    m = task.query_length

    def earliest(instance: Retrieval) -> str:
        x, query = instance.sequence, instance.query
        return next((str(x[i + m]) for i in range(len(x) - m) if x[i : i + m] == query), "NONE")

    def with_the_end(instance: Retrieval) -> str:
        """Takes a latest occurrence without successor for a reason to answer NONE."""
        return "NONE" if instance.sequence[-m:] == instance.query else task.answer(instance)

    assert wrong_answers(task, earliest, SIZES) > 0
    assert wrong_answers(task, with_the_end, SIZES) > 0


def test_the_exhaustive_comparison_finds_a_threshold_off_by_one() -> None:
    def at_least(instance: Retrieval) -> str:
        token, threshold = instance.query
        return str(int(instance.sequence.count(token) >= threshold))

    assert wrong_answers(Counting(), at_least, SIZES) > 0


@every_task
@pytest.mark.parametrize(("n", "alphabet"), SIZES)
def test_enumeration_is_complete_and_counted(task: RetrievalTask, n: int, alphabet: int) -> None:
    expected = [
        Retrieval(sequence, query)
        for sequence in itertools.product(range(1, alphabet + 1), repeat=n)
        for query in all_queries(task, n, alphabet)
    ]
    assert list(task.enumerate(n, alphabet)) == expected
    assert task.count(n, alphabet) == len(expected)
    assert task.query_count(n, alphabet) == len(task.queries(n, alphabet))
    assert task.queries(n, alphabet).dtype == np.int64


@every_task
def test_without_an_alphabet_there_are_n_letters(task: RetrievalTask) -> None:
    assert list(task.enumerate(3)) == list(task.enumerate(3, 3))
    assert task.count(3) == task.count(3, 3)


def test_enumeration_runs_across_its_internal_batches() -> None:
    assert sum(1 for _ in Index().enumerate(1, 10_000)) == 10_000
    assert [i.sequence[0] for i in Index().enumerate(1, 10_000)] == list(range(1, 10_001))


@every_task
@pytest.mark.parametrize(("n", "alphabet"), SIZES)
def test_all_queries_at_once_are_answered_as_one_by_one(task: RetrievalTask, n: int, alphabet: int) -> None:
    queries = task.queries(n, alphabet)
    sequences = task.sequences(n, alphabet)
    table = task.answer_numbers(sequences, queries)
    assert table.shape == (alphabet**n, len(queries))
    assert table.dtype == np.int64
    for row, numbers in zip(sequences, table.tolist(), strict=True):
        one_by_one = [task.answer(Retrieval(tuple(row.tolist()), tuple(query))) for query in queries.tolist()]
        assert task.answers(row, queries) == one_by_one
        assert task.answers(tuple(row.tolist()), queries.tolist()) == one_by_one
        in_words = numbers if isinstance(task, Counting) else [number or "NONE" for number in numbers]
        assert list(map(str, in_words)) == one_by_one


@drawn_task
@settings(max_examples=60)
@given(data=st.data())
def test_random_instances_have_the_right_answer(task: RetrievalTask, data: st.DataObject) -> None:
    instance = data.draw(instances(task, 12))
    assert task.answer(instance) == naive(task, instance.sequence, instance.query)
    numbers = task.answer_numbers(np.array([instance.sequence]), np.array([instance.query]))
    answer = task.answer(instance)
    assert numbers.tolist() == [[0 if answer == "NONE" else int(answer)]]


def test_associative_recall_is_two_gram_retrieval() -> None:
    pairs = zip(AssociativeRecall().enumerate(4, 3), CGram(2).enumerate(4, 3), strict=True)
    assert all(a == b and AssociativeRecall().answer(a) == CGram(2).answer(b) for a, b in pairs)


@drawn_task
@settings(max_examples=60)
@given(data=st.data())
def test_what_is_drawn_can_be_read_back_and_has_its_size(task: RetrievalTask, data: st.DataObject) -> None:
    instance = data.draw(instances(task, 9))
    task.check(instance)
    assert task.parse(task.text(instance)) == instance
    assert task.prompt(instance) == ("<s>", *task.text(instance).split())
    assert task.size(instance) == max(len(instance.sequence), *instance.sequence, *instance.query) <= 9


@every_task
@pytest.mark.parametrize("n", [1, 2, 3, 5, 20])
def test_samples_are_legal_and_of_the_size_asked_for(task: RetrievalTask, n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(300):
        instance = task.sample(rng, n)
        task.check(instance)
        assert task.size(instance) <= n
        assert all(type(token) is int for token in instance.sequence + instance.query)


@every_task
def test_samples_depend_on_nothing_but_the_generator(task: RetrievalTask) -> None:
    first, second = ([task.sample(np.random.default_rng(7), 10) for _ in range(20)] for _ in range(2))
    assert first == second


def test_samples_cover_every_kind_of_recall() -> None:
    rng = np.random.default_rng(0)
    kinds: Counter[str] = Counter()
    for _ in range(2000):
        instance = AssociativeRecall().sample(rng, 12)
        x, q = instance.sequence, instance.query[0]
        kinds["hit"] += q in x[:-1]
        kinds["absent"] += q not in x
        kinds["only at the end"] += q == x[-1] and q not in x[:-1]
        kinds["at the end and before"] += q == x[-1] and q in x[:-1]
        kinds["repeated key, different values"] += len({x[i + 1] for i in range(len(x) - 1) if x[i] == q}) > 1
        kinds["full length"] += len(x) == 12
    assert min(kinds.values()) >= 100, kinds


@pytest.mark.parametrize("c", [2, 3, 4, 5])
def test_samples_cover_every_kind_of_gram(c: int) -> None:
    rng = np.random.default_rng(0)
    kinds: Counter[str] = Counter()
    task = CGram(c)
    for _ in range(2000):
        instance = task.sample(rng, 12)
        x, query = instance.sequence, instance.query
        places = [i for i in range(len(x)) if x[i : i + c - 1] == query]
        kinds["hit"] += task.answer(instance) != "NONE"
        kinds["absent"] += not places
        kinds["only at the end"] += places == [len(x) - c + 1]
        kinds["several"] += len(places) > 1
    assert min(kinds.values()) >= 100, kinds


def test_samples_cover_thresholds_about_the_count() -> None:
    rng = np.random.default_rng(0)
    distances: Counter[int] = Counter()
    for _ in range(2000):
        instance = Counting().sample(rng, 12)
        token, threshold = instance.query
        distances[threshold - instance.sequence.count(token)] += 1
    assert min(distances[-1], distances[0], distances[1]) >= 100, distances


@every_task
@pytest.mark.parametrize("n", [1, 2, 3, 5, 20])
def test_boundary_instances_are_legal_distinct_and_of_size_n(task: RetrievalTask, n: int) -> None:
    found = list(task.boundary(n))
    assert found
    assert len(set(found)) == len(found)
    for instance in found:
        task.check(instance)
        assert task.size(instance) == n


@every_task
def test_boundary_instances_reach_the_edges(task: RetrievalTask) -> None:
    found = list(task.boundary(9))
    sequences = {instance.sequence for instance in found}
    assert {(9,) * 9, tuple(range(1, 10)), tuple(range(9, 0, -1))} <= sequences
    if isinstance(task, Index):
        assert {instance.query[0] for instance in found} >= {1, 2, 8, 9}
    elif isinstance(task, Counting):
        gaps = {instance.query[1] - instance.sequence.count(instance.query[0]) for instance in found}
        assert gaps >= {-1, 0, 1}
        assert {instance.query[1] for instance in found} >= {0, 9}
    else:
        m = task.query_length
        ends = [i for i in found if i.sequence[-m:] == i.query]
        assert any(task.answer(i) == "NONE" for i in ends)
        assert any(task.answer(i) != "NONE" for i in ends)
        assert any(i.sequence[:m] == i.query and task.answer(i) != "NONE" for i in found)


@drawn_task
@settings(max_examples=60)
@given(data=st.data())
def test_smaller_instances_are_legal_and_strictly_smaller(task: RetrievalTask, data: st.DataObject) -> None:
    instance = data.draw(instances(task, 8))
    for candidate in task.smaller(instance):
        task.check(candidate)
        assert measure(candidate) < measure(instance)
        assert task.size(candidate) <= task.size(instance)


@every_task
def test_every_instance_but_the_smallest_can_shrink(task: RetrievalTask) -> None:
    stuck = [
        instance
        for n, alphabet in [(1, 1), (1, 2), (2, 2), (3, 2)]
        for instance in task.enumerate(n, alphabet)
        if next(task.smaller(instance), None) is None
    ]
    smallest = (1, 0) if isinstance(task, Counting) else (1,) * task.query_length
    assert set(stuck) == {Retrieval((1,), smallest)}


def test_a_planted_fault_shrinks_to_the_least_counterexample() -> None:
    task = AssociativeRecall()

    def fails(instance: Retrieval) -> bool:
        x, q = instance.sequence, instance.query[0]
        return (str(x[x.index(q) + 1]) if q in x[:-1] else "NONE") != task.answer(instance)

    rng = np.random.default_rng(3)
    found = [instance for instance in (task.sample(rng, 30) for _ in range(300)) if fails(instance)]
    assert len(found) > 20
    assert {task.shrink(instance, fails) for instance in found} <= {
        Retrieval((1, 1, 2), (1,)),
        Retrieval((1, 2, 1, 1), (1,)),
    }


def test_positions_and_thresholds_follow_when_elements_are_dropped() -> None:
    rng = np.random.default_rng(4)

    def asks_for_two(instance: Retrieval) -> bool:
        return Index().answer(instance) == "2"

    def at_the_threshold(instance: Retrieval) -> bool:
        return instance.sequence.count(instance.query[0]) == instance.query[1] >= 2

    for _ in range(50):
        sequence = tuple(int(token) for token in rng.integers(1, 3, 20))
        position = sequence.index(2) + 1 if 2 in sequence else 1
        if 2 in sequence:
            assert Index().shrink(Retrieval(sequence, (position,)), asks_for_two) == Retrieval((2,), (1,))
        count = sequence.count(1)
        if count >= 2:
            start = Retrieval(sequence, (1, count))
            assert Counting().shrink(start, at_the_threshold) == Retrieval((1, 1), (1, 2))


@pytest.mark.parametrize("c", [1, 6, 0])
def test_c_is_limited(c: int) -> None:
    with pytest.raises(InputError, match=f"c = {c}: .* from 2 to 5"):
        CGram(c)


@every_task
def test_sizes_below_one_are_refused(task: RetrievalTask) -> None:
    for call in (
        lambda: task.sample(np.random.default_rng(0), 0),
        lambda: list(task.boundary(0)),
        lambda: list(task.enumerate(0, 2)),
        lambda: task.count(0, 2),
        lambda: task.count(2, 0),
    ):
        with pytest.raises(InputError, match="expected an integer of at least 1"):
            call()
