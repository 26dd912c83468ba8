"""The least number of states by a SAT solver: machines with so few states, or proofs that there are none.

Needs python-sat (the extra ``proof``). A machine with S states gives each prefix one of the states, and each
state one answer to each query; it is right if the state of every prefix answers its legal queries. The
formula says just that. A solution is decoded to a machine, which is checked as one and can be run; that there
is none comes with a proof, which the kernel checks after it made the formula itself.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.errors import InputError, ResourceError
from constructions.tasks import SEPARATOR
from proofs_check.certificates import no_machine
from proofs_check.kernel._drat import check_refutation
from proofs_check.kernel._no_machine import MOST_ROWS
from proofs_check.lower_bounds._conflicts import Classes, check_classes, conflicts_with, least_classes
from proofs_check.lower_bounds._fooling_sets import question_of
from proofs_check.lower_bounds._scope import Rows, Scope, Word

MOST_CLAUSES = 2_000_000
"""Formulas with more clauses are not made."""

MOST_STATES_UNPINNED = 5
"""Up to so many states a certificate pins no prefix: one argument less. Beyond, proofs would get long."""


@dataclass(frozen=True)
class Problem:
    """What a machine has to do: the different rows of answers, and a prefix for each.

    Attributes:
        scope: task, sizes, convention.
        prefixes: one with each row.
        rows: shape [prefixes, queries]; 0 where the query does not occur, else a code of the answer.
        row_of: the row of every prefix, for istree of every set of edges.
    """

    scope: Scope
    prefixes: list[Word]
    rows: Rows
    row_of: dict[Word, int]


def problem_of(scope: Scope) -> Problem:
    """The rows of a scope; *total* differs from *promise* only in that NONE is an answer like any other.

    Raises:
        InputError: for istree with repeated edges ignored.
        ResourceError: if there are too many prefixes.
    """
    words, rows = scope.problem()
    first: dict[bytes, int] = {}
    row_of = {}
    chosen: list[int] = []
    for place, (word, row) in enumerate(zip(words, rows, strict=True)):
        key = row.tobytes()
        if key not in first:
            first[key] = len(chosen)
            chosen.append(place)
        row_of[word] = first[key]
    return Problem(scope, [words[place] for place in chosen], rows[chosen], row_of)


@dataclass(frozen=True)
class DecodedMachine:
    """A machine that a solver found: a state for each prefix, an answer of each state to each query.

    While it reads it keeps the prefix, a tuple; after the last letter (for istree, after ``?``) all but the number
    of the state is forgotten; then the query is kept beside it, in a list.
    """

    problem: Problem
    classes: Classes

    def initial(self) -> Any:
        """The state before the first token: no token."""
        return ()

    def step(self, state: Any, token: str) -> Any:
        """One more token of the prefix, or of the query."""
        scope = self.problem.scope
        if token == SEPARATOR:
            return [self._state_after(state) if isinstance(state, tuple) else state]
        numbers = map(int, token.split("-"))
        if isinstance(state, list):
            return [*state, *numbers]
        longer = (*state, *numbers)
        return self._state_after(longer) if scope.ends(longer) else longer

    def _state_after(self, prefix: Word) -> int:
        return int(self.classes.colours[self.problem.row_of[self.problem.scope.representative(prefix)]])

    def output(self, state: Any) -> str:
        """The answer."""
        number, *query = state
        scope = self.problem.scope
        column = scope.column(tuple(query))
        return scope.token(0 if column is None else int(self.classes.merged[number, column]))


def machine_with(rows: Rows, states: int) -> Classes | None:
    """A machine with so many states that answers all rows (0: undefined), or None if there is none.

    Raises:
        InputError: if python-sat is not installed.
        ResourceError: if the formula is too large.
    """
    found = solve(rows, states, least_classes(rows).clique)
    return found if isinstance(found, Classes) else None


def solve(rows: Rows, states: int, clique: list[int]) -> Classes | list[list[int]]:
    """A machine with so many states, or the steps of a proof that there is none.

    Args:
        rows: shape [prefixes, queries], 0 where a query does not occur.
        states: at least 1.
        clique: rows that conflict pairwise; the first ``states`` of them are given their states beforehand.

    Raises:
        InputError: if python-sat is not installed.
        ResourceError: if the formula is too large.
    """
    try:
        from pysat.solvers import Cadical153
    except ImportError as error:
        raise InputError("python-sat is not installed; it comes with the extra 'proof' of this project") from error
    with Cadical153(with_proof=True) as solver:
        for clause in _clauses(rows, states, clique[:states]):
            solver.add_clause(clause)
        if not solver.solve():
            return [_step(line) for line in solver.get_proof()]
        true = {literal for literal in solver.get_model() if literal > 0}
    colours = np.array([next(s for s in range(states) if row * states + s + 1 in true) for row in range(len(rows))])
    merged = np.zeros((states, rows.shape[1]), dtype=rows.dtype)
    for row, colour in zip(rows, colours, strict=True):
        merged[colour] = np.maximum(merged[colour], row)
    found = Classes(clique, colours, merged)
    check_classes(rows, found)
    return found


def _step(line: str) -> list[int]:
    """A line of a DRAT proof as a certificate has it: ``d 1 -2 0`` is [0, 1, -2]."""
    words = line.split()
    literals = [int(word) for word in words if word != "d"][:-1]
    return [0, *literals] if words[0] == "d" else literals


def _clauses(rows: Rows, states: int, pinned: list[int]) -> list[list[int]]:
    """Variable row * states + s + 1: the prefixes with this row lead to state s."""
    conflicts = [np.flatnonzero(conflicts_with(rows[:row], rows[row])).tolist() for row in range(len(rows))]
    if states * sum(map(len, conflicts)) > MOST_CLAUSES:
        raise ResourceError(f"{len(rows):,} rows and {states:,} states: more than {MOST_CLAUSES:,} clauses")
    clauses = [[row * states + s + 1 for s in range(states)] for row in range(len(rows))]
    # Rows that conflict pairwise are in different states; which ones, is a matter of names.
    clauses += [[row * states + s + 1] for s, row in enumerate(pinned)]
    for row, others in enumerate(conflicts):
        for other in others:
            clauses += [[-(row * states + s + 1), -(other * states + s + 1)] for s in range(states)]
    return clauses


def least_machine_by_solver(scope: Scope) -> tuple[DecodedMachine, list[list[int]]]:
    """A machine with the least number of states, and a proof that no machine has one state fewer.

    The proof is empty if there is one state.

    Raises:
        InputError: if python-sat is not installed, or for istree with repeated edges ignored.
        ResourceError: if there are too many prefixes, or the formula is too large.
    """
    problem = problem_of(scope)
    if len(problem.rows) > MOST_ROWS:
        raise ResourceError(f"{scope}: {len(problem.rows):,} different rows; a solver is asked about {MOST_ROWS:,}")
    found = least_classes(problem.rows)
    while found.upper > 1:
        fewer = solve(problem.rows, found.upper - 1, found.clique)
        if not isinstance(fewer, Classes):
            return DecodedMachine(problem, found), fewer
        found = fewer
    return DecodedMachine(problem, found), []


def least_by_solver(scope: Scope) -> int:
    """The exact least number of states, by asking for ever fewer.

    Raises:
        InputError: if python-sat is not installed, or for istree with repeated edges ignored.
        ResourceError: if there are too many prefixes, or the formula is too large.
    """
    return least_machine_by_solver(scope)[0].classes.upper


def no_machine_certificate(scope: Scope) -> dict[str, Any]:
    """A certificate that no machine has one state fewer than the least number, with the solver's proof.

    Raises:
        InputError: if python-sat is not installed, or one state is enough.
        ResourceError: if there are too many prefixes, or the formula is too large.
    """
    machine, proof = least_machine_by_solver(scope)
    rows, too_few = machine.problem.rows, machine.classes.upper - 1
    if too_few == 0:
        raise InputError(f"{scope}: one state is enough, so there is no smaller number to refute")
    pinned = machine.classes.clique[:too_few]
    if too_few <= MOST_STATES_UNPINNED:
        pinned, again = [], solve(rows, too_few, [])
        assert isinstance(again, list)  # noqa: S101  (pinning is a matter of names)
        proof = again
    needed = check_refutation(_clauses(rows, too_few, pinned), proof).steps
    return no_machine(question_of(scope), machine.problem.prefixes, too_few, pinned, proof[:needed])
