"""The model refuses what does not fit; the two simulators agree."""

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import InputError, ResourceError
from constructions.machines import Machine, Outcome, Transition, _simulator, initial, simulate, steps

FLIP = Machine(
    "flip",
    ("go", "end"),
    ("_", "0", "1"),
    0,
    0,
    frozenset({1}),
    {(0, 1): Transition(2, 1, 0), (0, 2): Transition(1, 1, 0), (0, 0): Transition(0, -1, 1)},
    (1, 2),
)


@st.composite
def machines(draw: st.DrawFn, symbols: int = 4, states: int = 4, stay: bool = True) -> Machine:
    k = draw(st.integers(1, symbols))
    q = draw(st.integers(1, states))
    halting = draw(st.frozensets(st.integers(0, q - 1), max_size=2))
    transitions = st.builds(
        Transition, st.integers(0, k - 1), st.sampled_from((-1, 0, 1) if stay else (-1, 1)), st.integers(0, q - 1)
    )
    keys = [(state, symbol) for state in range(q) if state not in halting for symbol in range(k)]
    table = {key: value for key in keys if (value := draw(st.none() | transitions)) is not None}
    return Machine(
        "random",
        tuple(f"q{i}" for i in range(q)),
        tuple("_01abcdef"[:k]),
        draw(st.integers(0, k - 1)),
        draw(st.integers(0, q - 1)),
        halting,
        table,
        tuple(draw(st.lists(st.integers(0, k - 1), max_size=5))),
    )


def clear(machine: Machine, most: int) -> Outcome:
    """The outcome as the definition gives it."""
    begin = initial(machine)
    state, position, tape = begin.state, begin.position, dict(begin.tape)
    seen, count = [position], 0
    for step in steps(machine):
        if count == most:
            break
        assert (step.state, step.position) == (state, position)
        assert step.read == tape.get(position, machine.blank)
        tape[position] = step.write
        state, position, count = step.next_state, position + step.move, count + 1
        seen.append(position)
    if state in machine.halting:
        verdict = "HALTED"
    else:
        read = tape.get(position, machine.blank)
        verdict = "RUNNING" if (state, read) in machine.table else "UNDEFINED"
    tape = {cell: symbol for cell, symbol in tape.items() if symbol != machine.blank}
    return Outcome(verdict, count, state, position, tape, min(seen), max(seen))  # type: ignore[arg-type]


@settings(max_examples=400, deadline=None)
@given(machines(), st.integers(0, 40))
def test_the_fast_simulator_does_what_the_clear_one_does(machine: Machine, most: int) -> None:
    assert simulate(machine, most=most) == clear(machine, most)


@settings(max_examples=100, deadline=None)
@given(machines(), st.integers(0, 300), st.sampled_from((1, 2, 3, 7)))
def test_they_agree_wherever_the_array_grows(machine: Machine, most: int, margin: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_simulator, "_MARGIN", margin)
        assert simulate(machine, most=most) == clear(machine, most)


@pytest.mark.parametrize("count", [127, 128, 129, 300])
def test_many_symbols(count: int) -> None:
    symbols = tuple(chr(0x4E00 + i) for i in range(count))
    table = {(0, s): Transition((s + 1) % count, (-1, 1)[s % 2], 0) for s in range(count)}
    machine = Machine("many", ("a",), symbols, count - 1, 0, frozenset(), table, (count - 1, 0, count // 2))
    assert simulate(machine, most=5000) == clear(machine, 5000)


@pytest.mark.parametrize("move", [-1, 1])
def test_a_long_way_to_one_side(move: int) -> None:
    machine = Machine("away", ("a",), ("0", "1"), 0, 0, frozenset(), {(0, 0): Transition(1, move, 0)})
    outcome = simulate(machine, most=10_000)
    assert (outcome.verdict, outcome.position, outcome.nonblank) == ("RUNNING", move * 10_000, 10_000)
    assert (outcome.least_position, outcome.greatest_position) == (min(0, move * 10_000), max(0, move * 10_000))


def test_the_input_is_replaced_or_kept() -> None:
    assert simulate(FLIP).output(FLIP) == "10"
    assert simulate(FLIP, "0011").output(FLIP) == "1100"
    assert simulate(FLIP, [2]).output(FLIP) == "0"
    assert simulate(FLIP, ()).output(FLIP) == ""
    assert simulate(FLIP, "0_1").output(FLIP) == "1_1"  # it stops at the first blank
    assert simulate(FLIP, "0011").configuration.tape == {0: 2, 1: 2, 2: 1, 3: 1}


def test_no_step_at_all() -> None:
    assert simulate(FLIP, "01", most=0).verdict == "RUNNING"
    assert simulate(replace(FLIP, start=1)) == Outcome("HALTED", 0, 1, 0, {0: 1, 1: 2}, 0, 0)
    assert list(steps(replace(FLIP, start=1))) == []
    nothing = replace(FLIP, table={})
    assert simulate(nothing, "01").verdict == "UNDEFINED"


def test_the_tape_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_simulator, "MOST_CELLS", 20_000)
    machine = Machine("away", ("a",), ("0",), 0, 0, frozenset(), {(0, 0): Transition(0, 1, 0)})
    with pytest.raises(ResourceError, match=r"after \d+ steps the tape of machine 'away' needs more than 20000 cells"):
        simulate(machine, most=10**6)


def test_a_machine_is_a_value() -> None:
    assert replace(FLIP, table=dict(FLIP.table)) == FLIP
    assert hash(replace(FLIP)) == hash(FLIP)
    assert pickle.loads(pickle.dumps(FLIP)) == FLIP  # noqa: S301
    table = {(0, 0): Transition(0, 1, 0)}
    machine = replace(FLIP, table=table)
    table.clear()
    assert machine.table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a\nb"}, "expected a name of printable characters"),
        ({"states": ()}, "has 0 states, expected 1 to"),
        ({"symbols": ()}, "has 0 symbols"),
        ({"states": ("go", "go")}, "has the state 'go' twice"),
        ({"symbols": ("_", "0", "0")}, "has the symbol '0' twice"),
        ({"states": ("go", "")}, "state name ''"),
        ({"states": ("go", "a\nb")}, "printable"),
        ({"symbols": ("_", "0", "11")}, "symbol '11': expected one printable character"),
        ({"symbols": ("_", "0", "\t")}, "expected one printable character"),
        ({"blank": 3}, "blank of machine 'flip' is symbol 3, expected 0 to 2"),
        ({"start": -1}, "start of machine 'flip' is state -1, expected 0 to 1"),
        ({"halting": frozenset({2})}, "halting of machine 'flip' is state 2"),
        ({"halting": frozenset({0})}, "state 'go', symbol '0': the state is halting"),
        ({"input": (3,)}, "input of machine 'flip' is symbol 3"),
        ({"table": {(2, 0): Transition(0, 1, 0)}}, "an entry for state 2 and symbol 0, but 2 states and 3 symbols"),
        ({"table": {(0, 3): Transition(0, 1, 0)}}, "an entry for state 0 and symbol 3"),
        ({"table": {(0, 0): Transition(3, 1, 0)}}, "writes symbol 3"),
        ({"table": {(0, 0): Transition(0, 2, 0)}}, "moves by 2"),
        ({"table": {(0, 0): Transition(0, 1, 2)}}, "enters state 2"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(FLIP, **change)  # type: ignore[arg-type]


def test_bad_runs_are_refused() -> None:
    with pytest.raises(InputError, match="input cell 1 is 'x': machine 'flip' has the symbols '_' '0' '1'"):
        simulate(FLIP, "0x")
    with pytest.raises(InputError, match="input cell 0 is symbol 3"):
        simulate(FLIP, [3])
    with pytest.raises(InputError, match="the most steps are -1"):
        simulate(FLIP, most=-1)
