"""With python-sat, the least number of states where clique and colouring leave a gap."""

import builtins
from typing import Any

import pytest

from constructions.errors import InputError
from proofs_check.lower_bounds import Scope, closed_form, count, scope_of
from proofs_check.lower_bounds._counts import table_of
from proofs_check.lower_bounds._solver import least_by_solver, machine_with

WHERE_THE_FORMULA_IS_A_LOWER_BOUND = [
    (scope_of("istree", 4, None, "promise"), 1, 4),
    (scope_of("associative-recall", 3, 5, "promise"), 12, 12),
    (scope_of("c-gram", 4, None, "promise"), 2, 3),
    (scope_of("c-gram", 5, None, "promise"), 6, 6),
    (scope_of("associative-recall", 2, 2, "promise", keys=3), 4, 4),
]


@pytest.mark.parametrize(("scope", "formula", "least"), WHERE_THE_FORMULA_IS_A_LOWER_BOUND, ids=str)
def test_gaps_are_closed(scope: Scope, formula: int, least: int) -> None:
    pytest.importorskip("pysat")
    known = closed_form(scope)
    assert known is not None
    assert (known.states, known.exact) == (formula, False)
    assert least_by_solver(scope) == least


@pytest.mark.parametrize(
    "scope",
    [
        scope_of("istree", 3, None, "promise"),
        scope_of("associative-recall", 4, None, "promise"),
        scope_of("associative-recall", 3, 4, "promise"),
        scope_of("associative-recall", 5, 3, "promise"),
        scope_of("c-gram", 10, 2, "promise", c=4, family="de-bruijn"),
        scope_of("index", 3, 2, "promise"),
        scope_of("counting", 3, None, "promise"),
    ],
    ids=str,
)
def test_no_machine_has_one_state_fewer_than_the_formula(scope: Scope) -> None:
    pytest.importorskip("pysat")
    known = closed_form(scope)
    assert known is not None
    assert known.exact
    rows = table_of(scope)
    found = machine_with(rows, known.states)
    assert found is not None
    assert found.upper == known.states
    assert machine_with(rows, known.states - 1) is None
    assert least_by_solver(scope) == known.states


def test_the_solver_is_within_clique_and_colouring() -> None:
    pytest.importorskip("pysat")
    for scope in (scope_of("c-gram", 4, 3, "promise"), scope_of("associative-recall", 4, 3, "promise")):
        counted = count(scope)
        assert counted.lower <= least_by_solver(scope) <= counted.upper


def test_total_needs_no_solver() -> None:
    with pytest.raises(InputError, match="no solver is needed"):
        least_by_solver(scope_of("index", 3, 2))


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("pysat"):
            raise ImportError(name)
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match="extra 'proof'"):
        machine_with(table_of(scope_of("istree", 3, None, "promise")), 2)
