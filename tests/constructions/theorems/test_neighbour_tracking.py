"""Word problems of groups, and parity by linear recurrences with one transition."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from constructions.tasks import Effort
from constructions.theorems import automaton, construction, theorem
from constructions.theorems._neighbour_tracking import GENERATORS, IDENTITY, TASKS, least_for_parity, products
from proofs_check.evidence import Examiner, Plan


@pytest.mark.parametrize(("name", "order", "solvable"), [("s5", 120, False), ("a5", 60, False)])
def test_the_tables_are_those_of_the_groups(name: str, order: int, solvable: bool) -> None:
    """By permutation matrices: all products, whether a word gives the identity, and that the group is not solvable."""
    table, moves = products(GENERATORS[name]), GENERATORS[name]
    states = {state for state, _ in table}
    assert len(states) == order
    matrix = {letter: np.eye(5, dtype=int)[list(move)] for letter, move in moves.items()}
    task = next(task for task in TASKS if task.name == name)
    for length in range(1, 8):
        for word in itertools.product(moves, repeat=length):
            product = np.eye(5, dtype=int)
            for letter in word:
                product = product @ matrix[letter]
            right = "yes" if np.array_equal(product, np.eye(5)) else "no"
            assert task.answer(task.parse(" ".join(word))) == right
    permutations = [tuple(int(digit) for digit in state[1:]) for state in states]
    commutators = {
        tuple(p[q[_inverse(p)[_inverse(q)[k]]]] for k in range(5)) for p, q in itertools.product(permutations, repeat=2)
    }
    assert len(commutators) == 60  # those of S5 are A5, those of A5 all of it
    assert (len(commutators) == order) == (name == "a5")


def _inverse(permutation: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(permutation.index(k) for k in range(len(permutation)))


def test_a_wrong_entry_of_the_table_in_the_weights_is_refuted() -> None:
    table = products(GENERATORS["a5"])
    claim = next(
        c for c in theorem("tracking").claims if c.construction == "transformer/a5" and c.quantity == "transcript"
    )
    examiner = Examiner(Plan({"a5": Effort(5, 0, sizes=(3,), far=(), measured=(4,))}, cases=20))
    assert examiner.about(claim, construction("transformer/a5")).verdict == "VERIFIED"
    spoiled = table | {(table[IDENTITY, "r"], "c"): IDENTITY}
    wrong = automaton("a5", spoiled, IDENTITY, {IDENTITY}, TASKS[1])
    assert examiner.about(claim, wrong).verdict == "REFUTED"


def test_sums_of_subsets() -> None:
    """Of n numbers that are not 0 there are n + 1 or more, and n + 1 if they are equal: the heart of the bound."""
    for size in range(1, 5):
        found = set()
        for numbers in itertools.product((-2, -1, 1, 2, 3), repeat=size):
            sums = {sum(chosen) for k in range(size + 1) for chosen in itertools.combinations(numbers, k)}
            found.add(len(sums))
        assert min(found) == size + 1
        assert max(found) > size + 1 or size == 1


def test_fractions_and_more_coordinates_do_not_help() -> None:
    """Random recurrences of three rational coordinates: those that tell the parity have at least n + 1 states."""
    rng, told = np.random.default_rng(0), 0
    for _ in range(400):
        entries = [
            Fraction(int(a), int(b)) for a, b in zip(rng.integers(-2, 3, 15), rng.integers(1, 4, 15), strict=True)
        ]
        matrix, added = [entries[0:3], entries[3:6], entries[6:9]], (entries[9:12], entries[12:15])
        reached: set[tuple[tuple[Fraction, ...], int]] = {((Fraction(0),) * 3, 0)}
        for length in range(1, 5):
            reached = {
                (
                    tuple(
                        sum(m * x for m, x in zip(row, state, strict=True)) + u
                        for row, u in zip(matrix, add, strict=True)
                    ),
                    p ^ bit,
                )
                for state, p in reached
                for bit, add in enumerate(added)
            }
            if len({state for state, _ in reached}) == len(reached):
                told += 1
                assert len(reached) >= length + 1
    assert told > 100


def test_a_counter_attains_the_bound_and_other_moduli_are_no_rationals() -> None:
    """Modulo 2 one bit is enough: the bound is about numbers that cannot come back."""
    assert [least_for_parity(length) for length in (1, 2, 3)] == [2, 3, 4]
    state = 0
    for bit in (1, 0, 1, 1):
        state = (state + bit) % 2
    assert state == 1
