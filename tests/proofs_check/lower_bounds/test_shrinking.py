"""A counterexample that is called minimal is: no smaller neighbour, listed here in another way, fails as well."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from proofs_check.lower_bounds import Budget, Scope, refute, scope_of
from proofs_check.lower_bounds._scope import Word
from proofs_check.lower_bounds._shrinking import Failure, Smaller, rank, shrunk
from tests.refutations import Base, confirmed

SCOPES = [
    scope_of("index", 9, 3), scope_of("counting", 9, 3), scope_of("associative-recall", 9),
    scope_of("associative-recall", 9, 12, "promise"), scope_of("associative-recall", 5, 3, keys=4),
    scope_of("c-gram", 9, 4), scope_of("c-gram", 18, 4, "promise", c=3), scope_of("istree", 5),
    scope_of("istree", 6, None, "promise"),
]  # fmt: skip


class Forgets(Base):
    """Keeps the last five tokens, of graphs two, and answers 1 or NO."""

    task = ""

    def step(self, state: Any, token: str) -> Any:
        return (*state, token)[-2 if self.task == "istree" else -5 :]

    def output(self, state: Any) -> Any:
        return "NO" if self.task == "istree" else "1"


class Odd(Base):
    """Right, as the reference is, but where the first letters are in decreasing order."""

    scope = SCOPES[0]

    def output(self, state: Any) -> Any:
        at = state.index("?")
        prefix, query = (tuple(int(x) for x in part) for part in (state[:at], state[at + 1 :]))
        return "no" if prefix[0] > prefix[1] else self.scope.answer(prefix, query)


def run(scope: Scope, model: Any, prefix: Word) -> Any:
    state = model.initial()
    for token in scope.text(prefix):
        state = model.step(state, token)
    return state


def fails(scope: Scope, model: Any, prefixes: tuple[Word, ...], query: Word | None) -> bool:
    if len(prefixes) == 2:
        return bool(run(scope, model, prefixes[0]) == run(scope, model, prefixes[1]))
    assert query is not None
    right = scope.answer(prefixes[0], query)
    state = run(scope, model, prefixes[0])
    for token in ["?", *scope.text(query)]:
        state = model.step(state, token)
    return right is not None and bool(model.output(state) != right)


def numbers(text: str) -> Word:
    return tuple(int(number) for number in text.replace("-", " ").split())


def one_step_earlier(word: Word) -> Iterator[Word]:
    """Earlier words of the same letters with two of them exchanged, or with one letter smaller."""
    for i, j in itertools.combinations(range(len(word)), 2):
        if word[j] < word[i]:
            changed = list(word)
            changed[i], changed[j] = changed[j], changed[i]
            yield tuple(changed)
    for place, letter in enumerate(word):
        yield from ((*word[:place], smaller, *word[place + 1 :]) for smaller in range(1, letter))


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_merged_pairs(scope: Scope) -> None:
    class Model(Forgets):
        task = scope.task

    found = confirmed(refute(Model, scope, budget=Budget(2_000_000, 60)), scope)
    assert found.minimal
    one, other = (numbers(text) for text in found.prefixes)
    assert fails(scope, Model(scope.n, scope.alphabet), (one, other), None)
    if scope.task == "istree":
        assert len(one) + len(other) <= 2 * (
            2 + 3
        )  # two edges that are kept, and one more in one of them that is forgotten
    elif scope.family == "words":
        assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
        assert one[-5:] == other[-5:]
    elif scope.family == "distinct":
        assert sum(a != b for a, b in zip(one, other, strict=True)) <= 2


def test_one_wrong_answer_is_the_least_of_its_neighbours() -> None:
    scope = scope_of("index", 12, 4)
    Odd.scope = scope
    found = confirmed(refute(Odd, scope, budget=Budget(60_000, 60)), scope)
    # Equal letters are in no decreasing order: 2 1 is the least that is.
    assert found.prefixes == (" ".join(["2", "1", *["1"] * 10]),)
    assert found.query == "1"
    assert found.minimal


@pytest.mark.parametrize("blind", [False, True])
def test_nothing_is_called_minimal_that_has_a_smaller_neighbour(blind: bool) -> None:
    """By brute force, over words of three letters; a search that is blind to words with 1 in second place is caught."""
    scope = scope_of("index", 5, 3)
    model = Odd(5, 3)
    Odd.scope = scope
    start = Failure(((3, 2, 3, 1, 2),), (4,), ())

    def still(smaller: Smaller) -> Failure | None:
        (prefix,), query = smaller
        seen = not blind or prefix[1] != 1
        return Failure((prefix,), query, ()) if seen and fails(scope, model, (prefix,), query) else None

    *_, least = [start, *shrunk(scope, start, still)]
    assert rank(least.prefixes, least.query) < rank(start.prefixes, start.query)
    smaller = [word for word in one_step_earlier(least.prefixes[0]) if fails(scope, model, (word,), least.query)]
    assert bool(smaller) == blind


def test_out_of_budget_it_is_not_called_minimal() -> None:
    class Model(Forgets):
        task = "c-gram"

    found = confirmed(refute(Model, scope_of("c-gram", 40, 40), budget=Budget(3_000, 60)), scope_of("c-gram", 40, 40))
    assert not found.minimal
