"""Index with errors: ball filling and Fano in exact rationals, codes that meet the bound."""

import itertools
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from constructions.errors import InputError, ResourceError
from proofs_check.cli import main
from proofs_check.lower_bounds import (
    HAMMING,
    Budget,
    NearestCodeword,
    error_of,
    found_machine,
    least_error,
    least_states_by_balls,
    least_states_by_fano,
    refute,
    run_machine,
    scope_of,
)
from proofs_check.lower_bounds._randomised import UNLIKELY, distance, linear_code, unlikely

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


@pytest.mark.parametrize(
    ("n", "k", "most"),
    [(4, 2, 1), (5, 2, 1), (6, 2, 1), (7, 2, "19/18"), (3, 3, "6/5"), (4, 3, "20/19"), (4, 4, "19/18")],
)
def test_machines_found_by_search_are_near_the_bound(n: int, k: int, most: int | str) -> None:
    """For 2, 4, 8, ... states: nowhere more than 6/5 of ball filling, over two letters mostly equal to it."""
    states = 2
    while states < k**n:
        machine = found_machine(n, k, states)
        reached = {run_machine(machine, map(str, word)) for word in itertools.product(range(1, k + 1), repeat=n)}
        assert len(reached) <= states
        assert least_error(n, k, states) <= error_of(machine, n, k) <= least_error(n, k, states) * Fraction(most)
        states *= 2


def test_the_search_finds_a_perfect_code() -> None:
    assert error_of(found_machine(7, 2, 16), 7, 2) == Fraction(1, 8)
    assert [found_machine(5, 2, 4, seed=3).code == found_machine(5, 2, 4, seed=3).code] == [True]
    with pytest.raises(InputError, match="from 1 to 8"):
        found_machine(3, 2, 9)
    with pytest.raises(ResourceError, match=r"at most 2,048"):
        found_machine(12, 2, 4)


class Sometimes:
    """Right on index but where the last letter and the place say so."""

    def __init__(self, n: int, alphabet: int) -> None:
        self.n = n

    def initial(self) -> Any:
        return ()

    def step(self, state: Any, token: str) -> Any:
        return (*state, token)

    def output(self, state: Any) -> str:
        answer = str(state[int(state[-1]) - 1])
        return "3" if state[self.n - 1] == "1" and state[-1] == "1" else answer


def test_a_claimed_error_is_counted_where_all_inputs_fit() -> None:
    scope = scope_of("index", 6, 2)  # wrong on half of the words at one place of six: 1/12
    for claimed, verdict in ((Fraction(1, 12), "VERIFIED"), (Fraction(1, 13), "REFUTED"), (Fraction(0), "REFUTED")):
        found = refute(Sometimes, scope, error=claimed)
        assert found.verdict == verdict
    assert (
        "all 384 inputs were run, 32 are wrong: 1/12 <= 1/12" in refute(Sometimes, scope, error=Fraction(1, 12)).reason
    )
    found = refute(lambda n, k: NearestCodeword(7, 2, HAMMING), scope_of("index", 7, 2), error=Fraction(1, 8))
    assert found.verdict == "VERIFIED"
    found = refute(lambda n, k: NearestCodeword(7, 2, HAMMING), scope_of("index", 7, 2), error=Fraction(1, 9))
    assert (found.verdict, found.answers[0].wrong) == ("REFUTED", True)


def test_a_claimed_error_is_refuted_by_draws_beyond() -> None:
    scope = scope_of("index", 40, 2)
    budget = Budget(300_000, 30)

    class HalfTheWord(Sometimes):
        def output(self, state: Any) -> str:
            return state[int(state[-1]) - 1] if int(state[-1]) <= 20 else "1"

    found = refute(HalfTheWord, scope, error=Fraction(1, 10), budget=budget)  # its error is 1/4
    assert found.verdict == "REFUTED"
    assert "the chance of so many would be below 10^-12" in found.reason
    (replay,) = found.answers
    assert replay.wrong
    assert replay.input == f"{found.prefixes[0]} ? {found.query}"
    for claimed in (Fraction(1, 4), Fraction(1, 2), Fraction(1)):
        found = refute(HalfTheWord, scope, error=claimed, budget=budget)
        assert (found.verdict, "of all are claimed" in found.reason) == ("INCOMPLETE", True)
    with pytest.raises(InputError, match="task index"):
        refute(HalfTheWord, scope_of("counting", 3), error=Fraction(1, 2))


def test_chernoff_is_above_the_exact_tail() -> None:
    for drawn, wrong, error in ((64, 40, Fraction(1, 8)), (100, 60, Fraction(1, 5)), (200, 90, Fraction(1, 7))):
        tail = sum(math.comb(drawn, i) * error**i * (1 - error) ** (drawn - i) for i in range(wrong, drawn + 1))
        assert unlikely(drawn, wrong, error)
        assert tail * UNLIKELY < 1
    assert not unlikely(64, 20, Fraction(1, 8))
    assert unlikely(16, 16, Fraction(1, 10))
    assert not unlikely(16, 16, Fraction(1))


def test_the_command_takes_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[3] / "docs" / "examples" / "small_states.py"
    for name, options, code, words in (
        ("hashed_state", "--n 24 --error 1/10", 1, "needs at least 15 bits"),
        ("whole_word", "--n 6 --error 1/10", 0, "0 are wrong: 0 <= 1/10"),
        ("whole_word", "--n 30 --error 1/10 --budget 20000", 3, "INCOMPLETE"),
        ("whole_word", "--n 6 --error 3/2", 2, "expected a fraction from 0 to 1"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["refute", f"{example}:{name}", "--task", "index", "--alphabet", "2", *options.split()])
        assert ended.value.code == code
        captured = capsys.readouterr()
        assert words in captured.out + captured.err
