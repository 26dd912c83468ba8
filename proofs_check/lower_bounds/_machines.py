"""Least machines: for each count that is exact, a machine that has exactly so many states after the prefix.

A machine has ``initial()``, ``step(state, token)`` and ``output(state)``. It reads the tokens of the
printed form: the letters of the prefix, ``?``, the query; of istree the edges ``u-v`` of the prefix, ``?``,
further edges. What it keeps while it reads may depend on the position (it knows n): what is counted is
the states that it can be in after the prefix.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any, Protocol

from constructions.errors import InputError, RetrievalGapError
from constructions.tasks import NO, NONE, SEPARATOR, YES
from proofs_check.lower_bounds._counts import closed_form
from proofs_check.lower_bounds._prefixes import all_prefixes
from proofs_check.lower_bounds._rows import queries_of
from proofs_check.lower_bounds._scope import Scope

State = Hashable
Table = tuple[tuple[tuple[int, ...], int], ...]
"""What follows which query, sorted by query."""


class Machine(Protocol):
    """Anything that reads tokens one by one; states may be any objects."""

    def initial(self) -> Any:
        """The state before the first token."""

    def step(self, state: Any, token: str) -> Any:
        """The state after one more token."""

    def output(self, state: Any) -> str:
        """The token that is written in this state."""


def least_machine(scope: Scope) -> Machine:
    """A machine with the least number of states.

    Raises:
        InputError: where the least number is not known.

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> machine = least_machine(scope_of("associative-recall", 3, 3, "promise"))
    >>> state = machine.initial()
    >>> for token in "3 1 2 ? 1".split():
    ...     state = machine.step(state, token)
    >>> machine.output(state)
    '2'
    """
    known = closed_form(scope)
    if scope.convention == "promise" and (known is None or not known.exact):
        raise InputError(f"{scope}: the least number of states is not known, so no least machine is")
    if scope.task == "istree":
        if scope.convention == "promise":
            return _FewNodes(scope)
        return _Forests(scope) if scope.repeats == "ignored" else _Components(scope)
    if scope.task in ("index", "counting"):
        return Words(scope) if scope.task == "index" else _Counts(scope)
    return _Ranks(scope) if _one_query(scope) else _Followers(scope)


def _one_query(scope: Scope) -> bool:
    """Under promise: words of m + 1 different letters, of which exactly one query is asked."""
    return scope.convention == "promise" and scope.family == "distinct" and scope.n == scope.query_length + 1


class _Reader(ABC):
    """Reads a prefix, keeping a summary; then keeps the query beside it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def initial(self) -> State:
        return self.empty()

    def step(self, state: Any, token: str) -> State:
        if token == SEPARATOR:
            return (SEPARATOR, state)
        if state and state[0] == SEPARATOR:
            return (*state, int(token))
        return self.read(state, int(token))

    def output(self, state: Any) -> str:
        _, summary, *query = state
        return self.answer(summary, tuple(query))

    @abstractmethod
    def empty(self) -> State:
        """The summary of no letter."""

    @abstractmethod
    def read(self, summary: Any, letter: int) -> State:
        """The summary of one more letter."""

    @abstractmethod
    def answer(self, summary: Any, query: tuple[int, ...]) -> str:
        """The right answer."""


class Words(_Reader):
    """Index: nothing can be forgotten."""

    def empty(self) -> State:
        """No letter."""
        return ()

    def read(self, summary: Any, letter: int) -> State:
        """The word with one more letter."""
        return (*summary, letter)

    def answer(self, summary: Any, query: tuple[int, ...]) -> str:
        """The letter at the place that is asked for."""
        return str(summary[query[0] - 1])


class _Counts(_Reader):
    """Counting: how often each letter occurred; the order is forgotten."""

    def empty(self) -> State:
        return (0,) * self.scope.alphabet

    def read(self, summary: Any, letter: int) -> State:
        return (*summary[: letter - 1], summary[letter - 1] + 1, *summary[letter:])

    def answer(self, summary: Any, query: tuple[int, ...]) -> str:
        letter, threshold = query
        return str(int(summary[letter - 1] > threshold))


class _Followers(_Reader):
    """Associative recall and c-gram: what follows which query.

    While it reads it keeps the number of letters, the table, the last letters and the first ones; with
    the last letter of the prefix all but the table is forgotten, and under *promise* the table is
    extended to one that serves many prefixes.
    """

    def empty(self) -> State:
        return (0, (), ())

    def read(self, summary: Any, letter: int) -> State:
        count, table, letters = summary
        scope, m = self.scope, self.scope.query_length
        letters, count = (*letters, letter), count + 1
        pair = scope.family != "key-value" or count % 2 == 0
        if count > m and pair:
            known = dict(table)
            known[letters[-m - 1 : -1]] = letter
            table = tuple(sorted(known.items()))
        if count == (2 * scope.n if scope.family == "key-value" else scope.n):
            return table if scope.convention == "total" else self._extended(dict(table), letters)
        return (count, table, letters)

    def answer(self, summary: Any, query: tuple[int, ...]) -> str:
        return str(dict(summary).get(query, NONE))

    def _extended(self, table: dict[tuple[int, ...], int], word: tuple[int, ...]) -> Table:
        """A table that answers at least what this one does; as few different ones as the count says."""
        scope = self.scope
        n, k, m = scope.n, scope.alphabet, scope.query_length
        if scope.family == "key-value":
            fill = word[1] if n == 1 else (scope.keys or 0) + 1
            table = {(key,): table.get((key,), fill) for key in range(1, (scope.keys or 0) + 1)}
        elif n <= m:
            table = {}
        elif scope.family == "words":
            table = _connected(table, word[-2], k)
        elif scope.family == "de-bruijn":
            table = {**table, word[len(word) - m :]: word[m - 1]}
        else:  # recall of n different letters out of n or n + 1: close the circle
            circle = (*word, *(set(range(1, k + 1)) - set(word)))
            table = {(one,): following for one, following in zip(circle, (*circle[1:], circle[0]), strict=True)}
        return tuple(sorted(table.items()))


class _Ranks(Words):
    """Words of m + 1 different letters under promise: the rank of the last one among the k - m others."""

    def read(self, summary: Any, letter: int) -> State:
        word = (*summary, letter)
        return (self._others(word[:-1]).index(letter),) if len(word) == self.scope.n else word

    def answer(self, summary: Any, query: tuple[int, ...]) -> str:
        return str(self._others(query)[summary[0]])

    def _others(self, letters: tuple[int, ...]) -> list[int]:
        return [letter for letter in range(1, self.scope.alphabet + 1) if letter not in letters]


def _connected(table: dict[tuple[int, ...], int], root: int, k: int) -> dict[tuple[int, ...], int]:
    """A function on all k letters whose graph is connected.

    From every letter of the table the path leads to ``root``, the letter before the last one. So it is
    enough to send every other letter to it, the last one among them if it never occurred before.
    """
    return {(letter,): table.get((letter,), root) for letter in range(1, k + 1)}


class _Components:
    """IsTree: the components of a forest, each node with the least node of its own; () once there is a cycle."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def initial(self) -> State:
        return tuple(range(1, self.scope.n + 1))

    def step(self, state: Any, token: str) -> State:
        if token == SEPARATOR or state == ():
            return state  # type: ignore[no-any-return]
        u, v = (int(node) for node in token.split("-"))
        low, high = sorted((state[u - 1], state[v - 1]))
        return () if low == high else tuple(low if label == high else label for label in state)

    def output(self, state: Any) -> str:
        return YES if set(state) == {1} else NO


class _Forests(_Components):
    """IsTree with repeated edges ignored: the forest itself; () once there is a cycle."""

    def initial(self) -> State:
        return frozenset()

    def step(self, state: Any, token: str) -> State:
        if token == SEPARATOR or state == ():
            return state  # type: ignore[no-any-return]
        edge = tuple(sorted(int(node) for node in token.split("-")))
        if edge in state:
            return state  # type: ignore[no-any-return]
        return () if self._components(state | {edge}) == () else state | {edge}

    def output(self, state: Any) -> str:
        return super().output(() if state == () else self._components(state))

    def _components(self, edges: Iterable[tuple[int, int]]) -> Any:
        state = super().initial()
        for u, v in edges:
            state = super().step(state, f"{u}-{v}")
        return state


class _FewNodes:
    """IsTree on 2 or 3 nodes under promise: 1 or 2 edges make a tree, 3 do not.

    On 2 nodes the answer is always YES; on 3 nodes the parity of the number of edges decides.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def initial(self) -> State:
        return 0

    def step(self, state: int, token: str) -> int:
        return state if token == SEPARATOR or self.scope.n == 2 else 1 - state

    def output(self, state: Any) -> str:
        return NO if state else YES


_INITIAL = object()


def run_machine(machine: Machine, tokens: Iterable[str], state: Any = _INITIAL) -> Any:
    """The state after the tokens, from the initial state unless another is given."""
    state = machine.initial() if state is _INITIAL else state
    for token in tokens:
        state = machine.step(state, token)
    return state


def check_machine(scope: Scope, machine: Machine) -> int:
    """Run a machine with hashable states on all prefixes and all legal queries of a retrieval task.

    Returns:
        In how many states it is after the prefixes.

    Raises:
        RetrievalGapError: with the first wrong answer.
    """
    queries = queries_of(scope)
    asked = [(SEPARATOR, *map(str, query)) for query in queries]
    path, before, answered = [machine.initial()], tuple[int, ...](), dict[State, list[str | None]]()
    for prefix in all_prefixes(scope):
        # Neighbours share the states of their common beginning; prefixes with the same state share its answers.
        same = next((i for i, (a, b) in enumerate(zip(before, prefix, strict=False)) if a != b), len(before))
        del path[same + 1 :]
        for letter in prefix[same:]:
            path.append(machine.step(path[-1], str(letter)))
        state, before = path[-1], prefix
        known = answered.setdefault(state, [None] * len(asked))
        expected = scope.reference.answers(prefix, queries)
        if known == expected:
            continue
        for place, right in enumerate(expected):
            if known[place] == right or (scope.convention == "promise" and right == NONE):
                continue
            if known[place] is None:
                known[place] = machine.output(run_machine(machine, asked[place], state))
            if known[place] != right:
                text = " ".join((*map(str, prefix), *asked[place]))
                raise RetrievalGapError(f"{scope}: {known[place]} is written after {text}, expected {right}")
    return len(answered)
