"""Families of inputs and prefixes: complete, counted, and drawn in a way that cannot drift."""

import itertools
import math
from collections import Counter

import pytest

from constructions import tasks
from constructions.tasks import IsTree
from proofs_check.kernel._families import prefixes
from proofs_check.kernel._inputs import Inputs
from proofs_check.kernel._reference import Question, edges_of
from proofs_check.kernel._verdict import Incomplete, Malformed

RETRIEVAL = [("index", 2), ("associative-recall", 2), ("counting", 2), ("c-gram", 3)]


@pytest.mark.parametrize(("name", "c"), RETRIEVAL)
@pytest.mark.parametrize(("n", "alphabet"), [(1, 1), (2, 3), (3, 2), (4, 3)])
def test_words_are_all_instances_in_the_order_of_the_task(name: str, c: int, n: int, alphabet: int) -> None:
    inputs = Inputs(Question(name, n, alphabet, c), "words")
    listed = list(inputs.all())
    assert listed == [(i.sequence, i.query) for i in tasks.retrieval_task(name, c).enumerate(n, alphabet)]
    assert len(listed) == inputs.count == inputs.candidates
    assert listed == sorted(listed)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_permutations_are_all_permutations(n: int) -> None:
    inputs = Inputs(Question("associative-recall", n, n), "permutations")
    expected = [(p, (q,)) for p in itertools.permutations(range(1, n + 1)) for q in range(1, n + 1)]
    assert list(inputs.all()) == expected
    assert inputs.count == len(expected)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_edge_lists_are_the_instances_of_the_task(n: int) -> None:
    inputs = Inputs(Question("istree", n, n), "edge-lists")
    listed = [tuple(edges_of(sequence)) for sequence, _ in inputs.all()]
    assert listed == [instance.edges for instance in IsTree().enumerate(n)]
    assert inputs.count == len(listed)


@pytest.mark.parametrize(("n", "count"), [(2, 1), (3, 4), (4, 41), (5, 768)])
def test_graphs_are_counted(n: int, count: int) -> None:  # OEIS A006129
    inputs = Inputs(Question("istree", n, n), "graphs")
    listed = [sequence for sequence, _ in inputs.all()]
    assert len(set(listed)) == len(listed) == inputs.count == count


@pytest.mark.parametrize(
    ("question", "family"),
    [
        (Question("associative-recall", 3, 3), "words"),
        (Question("counting", 3, 3), "permutations"),
        (Question("istree", 3, 3), "edge-lists"),
        (Question("istree", 4, 4), "graphs"),
    ],
)
def test_drawing_as_many_as_there_are_gives_each_once(question: Question, family: str) -> None:
    inputs = Inputs(question, family)
    assert sorted(inputs.drawn(inputs.count, 3)) == sorted(inputs.all())


def test_each_input_is_equally_likely() -> None:
    inputs = Inputs(Question("istree", 3, 3), "edge-lists")
    first = Counter(next(inputs.drawn(1, seed)) for seed in range(3000))
    assert len(first) == inputs.count == 12
    assert all(250 - 80 < hits < 250 + 80 for hits in first.values())  # more than five standard deviations


def test_the_draw_is_the_documented_one() -> None:
    """Spelled out once more: these values may never change, or old certificates would."""
    import hashlib

    inputs = Inputs(Question("index", 4, 3), "words")
    expected: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    draw = 0
    while len(expected) < 5:
        number = int.from_bytes(hashlib.sha256(f"retrieval-gap sample 7 {draw} 0".encode()).digest(), "big") % 324
        found = list(inputs.all())[number]
        expected += [] if found in expected else [found]
        draw += 1
    assert list(inputs.drawn(5, 7)) == expected
    assert expected[:2] == [((3, 1, 2, 1), (3,)), ((2, 3, 2, 3), (3,))]


def test_large_families_are_drawn_without_being_listed() -> None:
    inputs = Inputs(Question("associative-recall", 500, 500), "words")
    drawn = list(inputs.drawn(3, 0))
    assert len(set(drawn)) == 3
    assert inputs.count == 500**501
    assert max(max(sequence) for sequence, _ in drawn) > 450


@pytest.mark.parametrize(("task", "family"), [("index", "graphs"), ("istree", "words"), ("counting", "edge-lists")])
def test_families_that_do_not_fit_are_malformed(task: str, family: str) -> None:
    with pytest.raises(Malformed, match="does not fit"):
        Inputs(Question(task, 3, 3), family)


def test_permutations_need_as_many_letters() -> None:
    with pytest.raises(Malformed, match="need the alphabet 3"):
        Inputs(Question("index", 3, 2), "permutations")


def test_too_many_nodes_are_incomplete() -> None:
    with pytest.raises(Incomplete):
        Inputs(Question("istree", 41, 41), "graphs")
    with pytest.raises(Incomplete):
        prefixes(Question("istree", 11, 11), "partitions", "total")


@pytest.mark.parametrize(
    ("question", "family", "convention", "count"),
    [
        (Question("index", 3, 4), "words", "total", 64),
        (Question("associative-recall", 5, 5), "permutations", "total", 120),
        (Question("associative-recall", 5, 5), "rotations", "promise", 24),
        (Question("counting", 4, 3), "multisets", "total", 15),
        *((Question("istree", n, n), "partitions", "total", s) for n, s in enumerate([3, 6, 16, 53, 204, 878], 2)),
        *((Question("istree", n, n), "partitions", "promise", s) for n, s in enumerate([1, 4, 11, 41, 162], 4)),
    ],
)
def test_families_of_prefixes_have_the_published_sizes(
    question: Question, family: str, convention: str, count: int
) -> None:
    stated, listing = prefixes(question, family, convention)
    listed = list(listing())
    assert len(set(listed)) == len(listed) == stated == count


def test_multisets_are_what_counting_can_tell_apart() -> None:
    _, listing = prefixes(Question("counting", 3, 3), "multisets", "total")
    assert set(listing()) == {tuple(sorted(word)) for word in itertools.product((1, 2, 3), repeat=3)}
    assert len(list(listing())) == math.comb(5, 3)
