"""Equality, disjointness, nearest neighbour: small grids completely; and how many states brackets need."""

import itertools
from collections import deque
from fractions import Fraction

import numpy as np
import pytest

from constructions.errors import InputError
from constructions.tasks import NearestNeighbour
from constructions.theorems import construction
from constructions.theorems._neighbour_separations import (
    DISJOINTNESS,
    EQUALITY,
    TwoWords,
    bounded_dyck,
    dyck_states,
)


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_all_pairs_of_words(length: int) -> None:
    """Words as sets of places: they are equal, or have no place in common."""
    for first, second in itertools.product(itertools.product("ab", repeat=length), repeat=2):
        text = " ".join([*first, "#", *second])
        one, other = ({place for place, letter in enumerate(word) if letter == "b"} for word in (first, second))
        for task, right in ((EQUALITY, one == other), (DISJOINTNESS, not one & other)):
            answer = construction(f"transformer/{task.name}").run(text).answer
            assert answer == task.answer(task.parse(text)) == ("yes" if right else "no")


@pytest.mark.parametrize("text", ["a # b b", "a b", "# #", "a # b #", "a a # b"])
def test_words_of_different_lengths_are_not_asked(text: str) -> None:
    with pytest.raises(InputError, match="no instance of equality"):
        EQUALITY.parse(text)


@pytest.mark.parametrize("task", [EQUALITY, DISJOINTNESS])
def test_both_answers_are_frequent(task: TwoWords) -> None:
    rng = np.random.default_rng(0)
    answers = [task.answer(task.sample(rng, 21)) for _ in range(300)]
    assert 45 < answers.count("no") < 255


def nearest(points: list[tuple[int, int]], query: tuple[int, int]) -> int:
    """The place of the last point to which no other is nearer: the query is beyond the bisector of the two."""

    def nearer(one: tuple[int, int], other: tuple[int, int]) -> bool:
        middle = [Fraction(a + b, 2) for a, b in zip(one, other, strict=True)]
        normal = [a - b for a, b in zip(one, other, strict=True)]
        return sum(d * (q - m) for d, q, m in zip(normal, query, middle, strict=True)) > 0

    return max(p for p, point in enumerate(points) if not any(nearer(other, point) for other in points))


def test_the_nearest_of_two_points_on_a_small_grid() -> None:
    subject, task = construction("transformer/nearest-neighbour"), NearestNeighbour()
    plane = [(x, y) for x in (1, 2, 3) for y in (1, 2, 3)]
    for one, other, query in itertools.product(plane, plane, [(1, 1), (2, 1), (2, 2), (3, 2)]):
        text = f"{one[0]} {one[1]} a {other[0]} {other[1]} b ? {query[0]} {query[1]}"
        right = "ab"[nearest([one, other], query)]
        assert task.answer(task.parse(text)) == right
        assert subject.run(text).answer == right


def test_many_points_by_bisectors() -> None:
    subject, rng = construction("transformer/nearest-neighbour"), np.random.default_rng(4)
    for _ in range(60):
        instance = NearestNeighbour().sample(rng, 12)
        points = [point for point, _ in instance.points]
        right = instance.points[nearest(points, instance.query)][1]
        assert subject.task.answer(instance) == right == subject.run(instance).answer


def test_points_are_listed_each_once() -> None:
    task = NearestNeighbour()
    for size in (1, 2):
        found = list(task.enumerate(size))
        assert len(found) == len(set(found)) == task.count(size)
        assert {task.size(one) for one in found} == {size}
        assert all(task.parse(task.text(one)) == one for one in found)
    assert task.count(1) == 2
    with pytest.raises(InputError, match="leave it out"):
        next(task.enumerate(2, 3))
    assert task.few(2, 300)
    assert not task.few(3, 10_000)
    found_smaller = task.shrink(task.parse(task.text_form), lambda one: task.answer(one) == "b")
    assert task.text(found_smaller) == "1 1 b ? 1 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 1 a", "0 behind"),
        ("? 1 1", "given are 0 words"),
        ("1 1 ? 1 1", "given are 2 words"),
        ("1 1 c ? 1 1", "'c' is no label"),
        ("0 1 a ? 1 1", "'0' is no coordinate"),
        ("1 x a ? 1 1", "'x' is no coordinate"),
        ("1 1 a ? 1", "1 behind"),
    ],
)
def test_what_is_no_point_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        NearestNeighbour().parse(text)
    assert words in str(caught.value)


def test_an_rnn_of_eight_bits_knows_brackets_that_are_two_deep() -> None:
    subject = construction("rnn/bounded-dyck")
    assert subject.possible_states.as_constant == 2**8
    for length in (1, 2, 3, 4):
        for word in itertools.product("()[]", repeat=length):
            left = "".join(word)
            for _ in range(length):
                left = left.replace("()", "").replace("[]", "")
            deep = max(sum(1 if letter in "([" else -1 for letter in word[:end]) for end in range(1, length + 1))
            assert subject.run(" ".join(word)).answer == ("yes" if not left and deep <= 2 else "no")
    rng = np.random.default_rng(0)
    answers = [subject.task.answer(subject.task.sample(rng, 20)) for _ in range(200)]
    assert 60 < answers.count("yes") < 160


def test_an_automaton_for_bounded_brackets_has_eight_states() -> None:
    """Its states are what is open, and failure; at each length as many can be reached as the formula says."""
    empty = ""
    delta: dict[tuple[str, str], str] = {}
    queue = deque([empty])
    while queue:
        state = queue.popleft()
        for letter in "()[]":
            opening = letter in "(["
            closes = state[-1:] + letter in ("()", "[]")
            after = state + letter if opening and len(state) < 2 else state[:-1] if closes else "failed"
            if state == "failed":
                after = "failed"
            if (state, letter) not in delta and after not in {s for s, _ in delta} | {*queue, state}:
                queue.append(after)
            delta[state, letter] = after
    assert len({state for state, _ in delta}) == 8
    for length in range(1, 7):
        reached = set()
        for word in itertools.product("()[]", repeat=length):
            state = empty
            for letter in word:
                state = delta[state, letter]
            reached.add(state)
            assert bounded_dyck(word) == ("yes" if state == empty else "no")
        assert len(reached) == dyck_states(length)
