"""Least machines: for each count that is exact, a machine that has exactly so many states after the prefix.

A machine has ``initial()``, ``step(state, token)`` and ``output(state)``. It reads the tokens of the
printed form: the letters of the prefix, ``?``, the query; of istree the edges ``u-v`` of the prefix, ``?``,
further edges. What it keeps while it reads may depend on the position (it knows n): what is counted is
the states that it can be in after the prefix.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from constructions.errors import InputError, RetrievalGapError
from constructions.tasks import NONE, SEPARATOR
from proofs_check.lower_bounds._counts import closed_form
from proofs_check.lower_bounds._scope import Scope

if TYPE_CHECKING:
    from proofs_check.lower_bounds._tasks._listed import Listed
    from proofs_check.lower_bounds._tasks._sequences import Sequences

State = Hashable


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
    return scope.machine()


class Reader(ABC):
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


_INITIAL = object()


def run_machine(machine: Machine, tokens: Iterable[str], state: Any = _INITIAL) -> Any:
    """The state after the tokens, from the initial state unless another is given."""
    state = machine.initial() if state is _INITIAL else state
    for token in tokens:
        state = machine.step(state, token)
    return state


def check_machine(scope: "Sequences | Listed", machine: Machine) -> int:
    """Run a machine with hashable states on all prefixes and all legal queries of a task about words.

    Returns:
        In how many states it is after the prefixes.

    Raises:
        RetrievalGapError: with the first wrong answer.
    """
    asked = [(SEPARATOR, *map(str, query)) for query in scope.queries()]
    path, before, answered = [machine.initial()], tuple[int, ...](), dict[State, list[str | None]]()
    for prefix in scope.prefixes():
        # Neighbours share the states of their common beginning; prefixes with the same state share its answers.
        same = next((i for i, (a, b) in enumerate(zip(before, prefix, strict=False)) if a != b), len(before))
        del path[same + 1 :]
        for letter in prefix[same:]:
            path.append(machine.step(path[-1], str(letter)))
        state, before = path[-1], prefix
        known = answered.setdefault(state, [None] * len(asked))
        expected = scope.answers(prefix)
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
