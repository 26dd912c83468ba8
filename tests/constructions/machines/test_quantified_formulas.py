"""Quantified formulas: the machine against the evaluator, the evaluator against expansion, faults in the machine."""

import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from constructions.errors import InputError
from constructions.machines import Formula, Machine, formulas, sample_formula, shipped, simulate

DECIDER = shipped("quantified-formulas")


def decided(formula: Formula, machine: Machine = DECIDER) -> bool:
    """What the machine says; it stays within a cell of its input and leaves the input as it was."""
    outcome = simulate(machine, formula.text, 10**5)
    assert outcome.verdict == "HALTED", formula
    assert outcome.output(machine) == formula.text
    assert outcome.least_position >= -1
    assert outcome.greatest_position <= len(formula.text)
    return {"yes": True, "no": False}[machine.states[outcome.state]]


def expanded(quantifiers: str, clauses: Iterable[str]) -> bool:
    """Another way: the last variable is expanded, clauses as sets of literals that shrink."""
    sets = [frozenset((i, sign) for i, signs in enumerate(clause) for sign in signs) for clause in clauses]
    # A clause without a sign for `.`; `*` is both.
    sets = [
        frozenset(itertools.chain.from_iterable({"*": [(i, "+"), (i, "-")], ".": []}.get(s, [(i, s)]) for i, s in one))
        for one in sets
    ]

    def value(first: int, left: list[frozenset[tuple[int, str]]]) -> bool:
        if first == len(quantifiers):
            return not left  # what is left was never satisfied
        halves = []
        for sign, other in (("+", "-"), ("-", "+")):
            kept = [one - {(first, other)} for one in left if (first, sign) not in one]
            halves.append(value(first + 1, kept))
        return halves[0] and halves[1] if quantifiers[first] == "a" else halves[0] or halves[1]

    return value(0, sets)


def test_the_evaluator_agrees_with_expansion() -> None:
    both = set()
    for variables, clauses in itertools.product(range(3), range(3)):
        for formula in formulas(variables, clauses):
            assert formula.holds() == expanded(formula.quantifiers, formula.clauses), formula
    rng = np.random.default_rng(5)
    for _ in range(300):
        formula = sample_formula(rng, int(rng.integers(3, 7)), int(rng.integers(1, 6)))
        assert formula.holds() == expanded(formula.quantifiers, formula.clauses), formula
        both.add(formula.holds())
    assert both == {True, False}


def count_right(chosen: Iterable[Formula]) -> int:
    count = 0
    for formula in chosen:
        assert decided(formula) == formula.holds(), formula
        count += 1
    return count


def test_every_small_formula_is_decided() -> None:
    sizes = [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
    assert [count_right(formulas(*size)) for size in sizes] == [1, 1, 8, 32, 64, 1024, 512]
    assert count_right(itertools.islice(formulas(3, 2), 0, None, 32)) == 1024


@pytest.mark.slow
def test_every_formula_with_three_variables_and_two_clauses() -> None:
    assert count_right(formulas(3, 2)) == 32_768


def test_larger_formulas() -> None:
    rng = np.random.default_rng(6)
    chosen = [sample_formula(rng, int(rng.integers(4, 6)), int(rng.integers(3, 7))) for _ in range(60)]
    assert count_right(chosen) == 60


def few() -> list[Formula]:
    chosen = [
        *formulas(1, 1),
        *itertools.islice(formulas(1, 2), 0, None, 3),
        *itertools.islice(formulas(2, 2), 0, None, 31),
    ]
    return [
        *chosen,
        Formula("", ()),
        Formula("ae", (".*", "++", "--")),
        Formula("eaa", ("+-+", "-.-", "***")),
        Formula("ae", ("+*", "-+")),
    ]


def test_no_entry_of_the_table_can_be_missed() -> None:
    for pair in DECIDER.table:
        machine = replace(DECIDER, table={key: entry for key, entry in DECIDER.table.items() if key != pair})
        assert any(simulate(machine, formula.text, 10**4).verdict == "UNDEFINED" for formula in few()), pair


def is_found(machine: Machine) -> bool:
    for formula in few():
        try:
            if decided(formula, machine) != formula.holds():
                return True
        except AssertionError:
            return True
    return False


def test_faults_in_the_table_are_found() -> None:
    """Another symbol written or another state entered, in every entry of the table."""
    assert not is_found(DECIDER)
    states, symbols = len(DECIDER.states), len(DECIDER.symbols)
    missed = []
    for pair, entry in DECIDER.table.items():
        for other in (
            replace(entry, write=(entry.write + 1) % symbols),
            replace(entry, state=(entry.state + 1) % states),
            replace(entry, move=-entry.move),
        ):
            if not is_found(replace(DECIDER, table={**DECIDER.table, pair: other})):
                missed.append((DECIDER.states[pair[0]], DECIDER.symbols[pair[1]], DECIDER.states[other.state]))
    # A clause with a `*` still to come is true in any case.
    assert missed == [("zero skips", "*", "zero meets"), ("one skips", "*", "one meets")]


@pytest.mark.parametrize(
    ("quantifiers", "clauses", "message"),
    [
        ("ax", (), "quantifier 'x', expected a"),
        ("ae", ("+",), r"clause '\+': expected 2 signs"),
        ("a", ("x",), "clause 'x': expected 1 signs"),
    ],
)
def test_what_is_no_formula_is_refused(quantifiers: str, clauses: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Formula(quantifiers, clauses)
