"""Keys of states, queries that separate, words and prefixes that are tried."""

import itertools
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from proofs_check.lower_bounds import Scope, scope_of
from proofs_check.lower_bounds._candidates import _de_bruijn_word, _exchanged
from proofs_check.lower_bounds._keys import NoKeyError, state_key
from proofs_check.lower_bounds._prefixes import all_prefixes
from tests.refutations import RIGHT


def test_keys() -> None:
    @dataclass
    class Held:
        value: Any

    class Plain:
        def __init__(self, value: Any) -> None:
            self.value = value

    different = [
        None, 0, 1, True, 1.0, "1", b"1", (), [], (1,), [1], ((1,),), {1: 2}, {2: 1}, {1}, frozenset({1}), 0.0, -0.0,
        float("nan"), np.zeros(2), np.zeros(3), np.zeros(2, dtype=np.float32), np.zeros((1, 2)), np.float64(0), Held(1),
        Held(2), Plain(1), Plain([1]), deque([1]), ["ab", "c"], ["a", "bc"], 1j, range(3),
    ]  # fmt: skip
    assert len({state_key(value) for value in different}) == len(different)
    assert state_key(Plain(np.ones(2))) == state_key(Plain(np.ones(2)))
    assert state_key({1: "a", 2: "b"}) == state_key({2: "b", 1: "a"})
    assert state_key(np.array([1, None], dtype=object)) == state_key(np.array([1, None], dtype=object))
    for nameless in (iter(()), lambda: 0, object(), np.random.default_rng(0)):
        with pytest.raises(NoKeyError):
            state_key([nameless])
    linked: list[Any] = [(), ()]
    for token in range(200):  # a state that holds the state before it
        linked = [(earlier, token) for earlier in linked]
    assert state_key(linked[0]) == state_key(linked[1])
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NoKeyError):
        state_key(endless)


@pytest.mark.parametrize("scope", [*RIGHT, scope_of("istree", 4), scope_of("istree", 4, None, "promise")], ids=str)
def test_separating_queries_separate(scope: Scope) -> None:
    candidates = scope.candidates(np.random.default_rng(0))
    chosen = list(dict.fromkeys(next(candidates) for _ in range(150)))[:25]
    found = 0
    for one in chosen:
        for other in chosen:
            query = next(scope.separating(one, other), None)
            if query is not None:
                answers = {scope.answer(one, query), scope.answer(other, query)}
                assert len(answers) == 2
                assert None not in answers
                found += 1
    assert found or scope.convention == "promise"


def test_separating_queries_are_found_whenever_there_are_any() -> None:
    for scope in RIGHT[:9]:
        prefixes = all_prefixes(scope)[:40]
        inputs = [query for prefix, query in scope.inputs() if prefix == prefixes[0]]
        for other in prefixes:
            apart = any(scope.answer(other, query) not in (None, scope.answer(prefixes[0], query)) for query in inputs)
            assert (next(scope.separating(prefixes[0], other), None) is not None) == apart


def test_random_de_bruijn_words() -> None:
    for k, m in [(1, 2), (2, 1), (2, 4), (3, 2), (5, 1)]:
        words = {_de_bruijn_word(k, m, np.random.default_rng(seed)) for seed in range(40)}
        for word in words:
            assert len(word) == k**m + m - 1
            assert len({word[i : i + m] for i in range(k**m)}) == k**m
            for other in itertools.islice(_exchanged(word, m), 20):
                assert other != word
                assert len({other[i : i + m] for i in range(k**m)}) == k**m
                assert len(other) == len(word)
        assert len(words) > 1 or k == 1


def test_all_prefixes_of_a_graph() -> None:
    scope = scope_of("istree", 3, None, "promise")
    prefixes = list(scope.prefixes())
    assert len(prefixes) == len(set(prefixes)) == 1 + 6 + 6 * 4 + 6 * 4 * 2
    assert scope.input_count == 1 + 6 * 2 + 24 * 3 + 48 * 4
