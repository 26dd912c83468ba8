"""The shipped machines against Python, the busy beavers against the literature, all small machines."""

from collections import Counter
from importlib.resources import files
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.machines import (
    CHAMPIONS,
    Machine,
    Outcome,
    champion,
    library,
    read_bbchallenge,
    read_yaml,
    representatives,
    shipped,
    simulate,
    steps,
    two_state_machines,
    write_bbchallenge,
    write_yaml,
)

WORDS = ["".join(word) for length in range(8) for word in product("01", repeat=length)]
NUMBERS = [word for word in WORDS if 0 < len(word) <= 5]


def run(name: str, word: str) -> tuple[str, str, Outcome]:
    """The state in which a machine halts, and what is on the tape then."""
    machine = shipped(name)
    outcome = simulate(machine, word)
    assert outcome.verdict == "HALTED"
    return machine.states[outcome.state], outcome.output(machine), outcome


def test_the_library_is_complete() -> None:
    names = library()
    assert names == (
        "binary-addition",
        "binary-counter",
        "binary-multiplication",
        "copying",
        "divisibility-by-3",
        "palindromes",
        "quantified-formulas",
    )
    for name in names:
        machine = shipped(name)
        assert machine.name == name.replace("-", " ")
        assert machine.input
        assert simulate(machine).verdict == "HALTED"
        assert read_yaml(write_yaml(machine)) == machine
        text = (files("constructions.machines") / "library" / f"{name}.yaml").read_text(encoding="utf-8")
        assert max(len(line) for line in text.splitlines()) <= 120
    with pytest.raises(InputError, match="no machine is called 'x'; there are binary-addition"):
        shipped("x")
    with pytest.raises(InputError, match="no machine is called"):
        shipped("../library/copying")


@pytest.mark.parametrize("name", library())
def test_every_state_of_a_shipped_machine_can_be_entered(name: str) -> None:
    machine = shipped(name)
    reached = {machine.start} | {transition.state for transition in machine.table.values()}
    assert reached == set(range(len(machine.states)))


def test_addition() -> None:
    for a, b in product(NUMBERS, NUMBERS):
        assert run("binary-addition", f"{a}+{b}")[1] == f"{int(a, 2) + int(b, 2):b}"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 2**40))
@example(2**40 - 1, 1)
def test_addition_of_large_numbers(a: int, b: int) -> None:
    assert run("binary-addition", f"{a:b}+{b:b}")[1] == f"{a + b:b}"


def test_multiplication() -> None:
    for a, b in product(NUMBERS, NUMBERS):
        assert run("binary-multiplication", f"{a}*{b}")[1] == f"{int(a, 2) * int(b, 2):b}"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**24), st.integers(0, 2**24))
@example(2**24 - 1, 2**24 - 1)
def test_multiplication_of_large_numbers(a: int, b: int) -> None:
    assert run("binary-multiplication", f"{a:b}*{b:b}")[1] == f"{a * b:b}"


def test_palindromes() -> None:
    for word in WORDS:
        assert run("palindromes", word)[0] == ("yes" if word == word[::-1] else "no")


def test_copying() -> None:
    for word in WORDS:
        assert run("copying", word)[1] == f"{word}={word}"


def test_divisibility() -> None:
    for word in WORDS:
        assert run("divisibility-by-3", word)[0] == ("yes" if int(word or "0", 2) % 3 == 0 else "no")


@pytest.mark.parametrize("digits", range(12))
def test_the_counter_stays_on_its_tape_and_takes_exponential_time(digits: int) -> None:
    state, tape, outcome = run("binary-counter", f"[{'0' * digits}]")
    assert (state, tape) == ("full", f"[{'0' * digits}]")
    assert outcome.steps == 4 * 2**digits - 1
    assert (outcome.least_position, outcome.greatest_position) == (0, digits + 1)


def test_the_counter_passes_all_numbers() -> None:
    machine = shipped("binary-counter")
    tape, seen = list("[0000]"), []
    for step in steps(machine):
        if machine.states[step.state] == "right" and machine.symbols[step.read] == "]":
            seen.append(int("".join(tape[1:-1]), 2))
        tape[step.position] = machine.symbols[step.write]
    assert seen == list(range(16))


@pytest.mark.parametrize("name", [name for name in CHAMPIONS if name != "bb5"])
def test_small_busy_beavers(name: str) -> None:
    known = champion(name)
    outcome = simulate(known.machine())
    assert (outcome.verdict, outcome.steps, outcome.nonblank) == ("HALTED", known.steps, known.nonblank)
    assert len(list(steps(known.machine()))) == known.steps


@pytest.mark.slow
def test_the_champion_with_five_states() -> None:
    known = champion("bb5")
    outcome = simulate(known.machine(), most=10**8)
    assert (outcome.verdict, outcome.steps, outcome.nonblank) == ("HALTED", 47_176_870, 4098)
    assert (known.steps, known.nonblank) == (outcome.steps, outcome.nonblank)
    assert (outcome.least_position, outcome.greatest_position) == (-12_243, 45)


def test_the_champion_begins_as_it_should() -> None:
    """The first 200,000 steps of the fast simulator are those of the clear one."""
    machine = champion("bb5").machine()
    tape: dict[int, int] = {}
    last = None
    for count, step in enumerate(steps(machine), 1):
        tape[step.position] = step.write
        last = step
        if count == 200_000:
            break
    assert last is not None
    outcome = simulate(machine, most=200_000)
    assert outcome.verdict == "RUNNING"
    assert (outcome.state, outcome.position) == (last.next_state, last.position + last.move)
    assert outcome.tape == {cell: 1 for cell, symbol in sorted(tape.items()) if symbol}


def test_an_unknown_champion() -> None:
    with pytest.raises(InputError, match="no champion is called 'bb6'; did you mean 'bb5'\\? There are bb2, bb3"):
        champion("bb6")


def signature(machine: Machine, most: int) -> tuple[object, ...]:
    """What a machine looks at within so many steps: the cells of its table, in order, with what they hold."""
    used: dict[tuple[int, int], object] = {}
    position, state, tape = 0, machine.start, {}  # type: ignore[var-annotated]
    for _ in range(most + 1):
        if state in machine.halting:
            break
        key = state, tape.get(position, 0)
        entry = machine.table.get(key)
        used.setdefault(key, entry)
        if entry is None:
            break
        tape[position] = entry.write
        position += entry.move
        state = entry.state
    return tuple(used.items())


@pytest.fixture(scope="module")
def small() -> list[Machine]:
    return list(two_state_machines())


def test_two_state_machines_are_all_different(small: list[Machine]) -> None:
    assert len(small) == 13**4
    assert len({machine.name for machine in small}) == 13**4
    assert len({tuple(sorted(machine.table.items(), key=lambda item: item[0])) for machine in small}) == 13**4
    assert sum(len(machine.table) == 4 for machine in small) == 12**4
    for machine in small[::97]:
        assert write_bbchallenge(machine) == machine.name
        assert simulate(read_bbchallenge(machine.name), most=30).tape == simulate(machine, most=30).tape


@pytest.mark.parametrize("most", [0, 1, 2, 5, 30])
def test_representatives_stand_for_all_machines(small: list[Machine], most: int) -> None:
    counted = Counter(signature(machine, most) for machine in small)
    few = representatives(most)
    assert {signature(machine, most): count for machine, count in few} == counted
    assert len(few) == len(counted)


def test_what_a_representative_does_all_do(small: list[Machine]) -> None:
    outcomes = {signature(machine, 12): simulate(machine, most=12) for machine, _ in representatives(12)}
    for machine in small:
        assert simulate(machine, most=12) == outcomes[signature(machine, 12)]


def test_representatives_of_a_negative_number_of_steps() -> None:
    with pytest.raises(InputError, match="-1 steps, expected at least 0"):
        representatives(-1)
    assert len(representatives(0)) == 13
    assert len(representatives(30)) == len(representatives(100)) == 445


def test_the_busy_beaver_with_two_states_is_among_all(small: list[Machine]) -> None:
    halted = [outcome for machine in small if (outcome := simulate(machine, most=100)).verdict == "HALTED"]
    assert max(outcome.steps for outcome in halted) == 6
    assert max(outcome.nonblank for outcome in halted) == 4
