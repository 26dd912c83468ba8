"""Index with errors: ball filling and Fano in exact rationals, codes that meet the bound."""

import itertools
import math
from fractions import Fraction

import pytest

from constructions.errors import InputError
from proofs_check.lower_bounds import (
    HAMMING,
    NearestCodeword,
    error_of,
    least_error,
    least_states_by_balls,
    least_states_by_fano,
    run_machine,
)
from proofs_check.lower_bounds._randomised import distance, linear_code

REPETITION = [(1,) * 5, (2,) * 5]
TETRACODE = linear_code(((1, 1, 1, 0), (0, 1, 2, 1)), 3)


def test_the_hamming_code_has_error_one_eighth_and_nothing_beats_it() -> None:
    machine = NearestCodeword(7, 2, HAMMING)
    words = itertools.product((1, 2), repeat=7)
    assert len({run_machine(machine, map(str, word)) for word in words}) == len(HAMMING) == 16
    assert min(distance(a, b) for a, b in itertools.combinations(HAMMING, 2)) == 3
    assert error_of(machine, 7, 2) == least_error(7, 2, 16) == Fraction(1, 8)
    assert least_error(7, 2, 15) > Fraction(1, 8)


@pytest.mark.parametrize(("code", "k", "states"), [(HAMMING, 2, 16), (REPETITION, 2, 2), (TETRACODE, 3, 9)])
def test_perfect_codes_meet_ball_filling(code: list[tuple[int, ...]], k: int, states: int) -> None:
    n = len(code[0])
    assert len(code) == states
    assert error_of(NearestCodeword(n, k, code), n, k) == least_error(n, k, states)


def test_imperfect_codes_do_not() -> None:
    parity = linear_code(((1, 1, 1, 1),), 2)
    assert error_of(NearestCodeword(4, 2, parity), 4, 2) == least_error(
        4, 2, 8
    )  # half the words, distance 1 from the rest
    spoiled = [*HAMMING[:-1], (*HAMMING[0][:-1], 3 - HAMMING[0][-1])]
    assert error_of(NearestCodeword(7, 2, spoiled), 7, 2) > least_error(7, 2, 16)


def test_ball_filling_is_attained_by_no_worse_machine_in_small_cases() -> None:
    """All codes of two words of length 3: the best error is at least the bound, and somewhere equal."""
    words = list(itertools.product((1, 2), repeat=3))
    errors = {error_of(NearestCodeword(3, 2, code), 3, 2) for code in itertools.combinations(words, 2)}
    assert min(errors) == least_error(3, 2, 2) == Fraction(1, 4)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_balls_are_at_least_as_sharp_as_fano(n: int, k: int) -> None:
    for error in (Fraction(0), Fraction(1, 50), Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1)):
        balls, fano = least_states_by_balls(n, k, error), least_states_by_fano(n, k, error)
        assert fano <= balls
        assert least_error(n, k, balls) <= error
        assert balls == 1 or least_error(n, k, balls - 1) > error
        if error == 0:
            assert balls == fano == k**n


def test_fano_is_the_formula_with_logarithms() -> None:
    for n, k, error in [(20, 2, Fraction(1, 10)), (8, 5, Fraction(1, 3)), (30, 3, Fraction(1, 7))]:
        e = float(error)
        entropy = -e * math.log2(e) - (1 - e) * math.log2(1 - e)
        bits = n * (math.log2(k) - entropy - e * math.log2(k - 1))
        states = least_states_by_fano(n, k, error)
        assert math.log2(states) >= bits - 1e-9
        assert math.log2(states - 1) < bits + 1e-9


def test_errors_fall_with_states_and_end_where_guessing_does() -> None:
    errors = [least_error(6, 2, states) for states in range(1, 65)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == Fraction(1, 2)
    assert errors[-1] == 0 < errors[-2]
    assert least_error(4, 3, 1) == Fraction(2, 3)


def test_bad_arguments_are_refused() -> None:
    for call in (
        lambda: least_error(0, 2, 1),
        lambda: least_error(3, 2, 0),
        lambda: least_states_by_balls(3, 2, Fraction(3, 2)),
        lambda: least_states_by_fano(3, 0, Fraction(1, 2)),
    ):
        with pytest.raises(InputError, match="expected"):
            call()
