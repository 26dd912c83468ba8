"""Theorems 5.4, 5.7 and 4.1: machines run by weights, every step decoded and compared with the reference.

Compared are state, position, the symbol read and written, and the whole tape, at every step. At the end faults are
planted in weights and in the wiring.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.engine import Engine, decode
from constructions.errors import ContractError
from constructions.machines import (
    CHAMPIONS,
    Machine,
    Transition,
    champion,
    library,
    representatives,
    shipped,
    simulate,
    two_state_machines,
)
from constructions.theorems import EXAMPLES, construction
from constructions.theorems import _theorem_4_1 as theorem_4_1
from constructions.theorems import _theorem_5_4 as theorem_5_4
from constructions.theorems import _theorem_5_7 as theorem_5_7
from tests.machine_evidence import NAMES, wrong
from tests.planted_faults import Models, cell_keeps, rewired, searches_for

SMALL_CHAMPIONS = [name for name in CHAMPIONS if name != "bb5"]


def all_right(name: str, machines: Iterator[Machine] | list[Machine], most: int, space: int | None = None) -> int:
    count = 0
    for machine in machines:
        assert (fault := wrong(name, machine, most=most, space=space)) is None, (machine.name, fault)
        count += 1
    return count


@cache
def few() -> list[Machine]:
    return [found.machine for found in representatives(30)]


@pytest.mark.parametrize("name", NAMES)
def test_some_two_state_machines(name: str) -> None:
    assert all_right(name, few()[NAMES.index(name) :: 25], 30) >= 17


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_one_machine_for_each_way_of_using_the_table(name: str) -> None:
    """They stand for all 28,561: what a machine does depends on the entries that it looks at."""
    assert all_right(name, few(), 30) == 445
    assert sum(found.stands_for for found in representatives(30)) == 28_561


@pytest.mark.slow
@pytest.mark.parametrize("part", range(13))
def test_all_two_state_machines_in_the_hybrid(part: int) -> None:
    machines = list(two_state_machines())
    assert len(machines) == 13**4
    assert all_right("hybrid/turing", machines[part::13], 30) == 13**3


@pytest.mark.parametrize("cells", [1, 2, 3, 11])
def test_machines_that_leave_few_cells(cells: int) -> None:
    for name in NAMES:
        all_right(name, few()[7::60], 30, space=cells)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("known", SMALL_CHAMPIONS)
def test_busy_beavers_to_their_halt(name: str, known: str) -> None:
    machine, most = champion(known).machine(), champion(known).steps
    outcome = simulate(machine)
    cells = 2 * max(-outcome.least_position, outcome.greatest_position) + 1
    space = cells if name == "rnn/turing" else cells // 2
    assert wrong(name, machine, most=most, space=space) is None
    assert wrong(name, machine, most=most - 1, space=space) is None  # one step fewer than it takes


LIBRARY = [
    ("binary-addition", "11+1"),
    ("binary-addition", "101+11"),
    ("binary-counter", "[000]"),
    ("binary-multiplication", "11*10"),
    ("copying", "011"),
    ("divisibility-by-3", "110110"),
    ("divisibility-by-3", "1011"),
    ("palindromes", "01010"),
    ("palindromes", "0110111"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("machine_name", "text"), LIBRARY)
def test_machines_that_do_real_work(name: str, machine_name: str, text: str) -> None:
    run_to_halt(name, shipped(machine_name), text)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("machine_name", library())
def test_the_library_on_its_own_inputs(name: str, machine_name: str) -> None:
    machine = shipped(machine_name)
    run_to_halt(name, machine, machine.text(machine.input))


def run_to_halt(name: str, machine: Machine, text: str) -> None:
    word = machine.encode(text)
    outcome = simulate(machine, word)
    assert outcome.verdict == "HALTED"
    reach = max(-outcome.least_position, outcome.greatest_position, len(word))
    space = 2 * reach + 2 + len(word) if name == "rnn/turing" else reach
    assert wrong(name, machine, word, outcome.steps, space) is None


def random_run(rng: np.random.Generator) -> tuple[Machine, tuple[int, ...]]:
    """Up to 6 states and 5 symbols, any blank and start, moves to both sides and none, some entries missing."""
    states, symbols = int(rng.integers(1, 7)), int(rng.integers(2, 6))
    table = {
        (q, a): Transition(
            int(rng.integers(0, symbols)),
            int(rng.choice([-1, -1, 0, 1, 1])),
            states if rng.random() < 0.07 else int(rng.integers(0, states)),
        )
        for q in range(states)
        for a in range(symbols)
        if rng.random() < 0.95
    }
    names = (*"ABCDEF"[:states], "Z")
    blank, start = int(rng.integers(0, symbols)), int(rng.integers(0, states))
    machine = Machine("random", names, tuple("01234"[:symbols]), blank, start, frozenset({states}), table)
    return machine, tuple(rng.integers(0, symbols, int(rng.integers(0, 7))).tolist())


def random_runs_are_right(name: str, seed: int, count: int) -> tuple[int, int]:
    """Runs them; how many went to negative cells, and how many halted."""
    rng = np.random.default_rng([seed, NAMES.index(name)])
    negative = halted = 0
    most = 14 if name == "rnn/turing" else 40  # it writes all of its cells at every step
    for _ in range(count):
        machine, word = random_run(rng)
        assert (fault := wrong(name, machine, word, most)) is None, (machine, word, fault)
        outcome = simulate(machine, word, most)
        negative += outcome.least_position < 0
        halted += outcome.verdict == "HALTED"
    return negative, halted


@pytest.mark.parametrize("name", NAMES)
def test_random_machines_with_inputs(name: str) -> None:
    negative, halted = random_runs_are_right(name, 1, 20)
    assert negative > 4
    assert halted > 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_random_machines_with_inputs(name: str) -> None:
    negative, halted = random_runs_are_right(name, 2, 1000)
    assert negative > 200
    assert halted > 100


@given(st.integers(0, 2**32), st.sampled_from(NAMES), st.integers(1, 12), st.integers(1, 9))
@settings(max_examples=15, deadline=None)
def test_any_machine_on_the_plain_evaluator(seed: int, name: str, most: int, space: int) -> None:
    machine, word = random_run(np.random.default_rng(seed))
    space = max(space, len(word))
    assert wrong(name, machine, word, most, space, engine="plain") is None


# Faults. Each is planted for the machines below; some of their runs must be found wrong.

CELLS, STEPS = 11, 40

SUBJECTS = (
    *(replace(machine, input=()) for machine in EXAMPLES),
    replace(EXAMPLES[2], name="a blank that is not first", blank=1, input=(2, 2, 0)),
    EXAMPLES[2],
    EXAMPLES[3],
    Machine(
        "stay and go",
        ("A", "B"),
        ("0", "1"),
        0,
        0,
        frozenset(),
        {(0, 0): Transition(1, 0, 1), (1, 1): Transition(1, 1, 0), (0, 1): Transition(0, 1, 0)},
    ),
)


def in_5_7(*changes: tuple[str, str], function: str = "hybrid") -> Callable[[Machine], Models]:
    return lambda machine: rewired(theorem_5_7, function, *changes, arguments=(machine,))


def in_5_4(*changes: tuple[str, str]) -> Callable[[Machine], Models]:
    return lambda machine: rewired(theorem_5_4, "turing", *changes, arguments=(machine,))


def in_4_1(*changes: tuple[str, str]) -> Callable[[Machine], Models]:
    return lambda machine: rewired(theorem_4_1, "turing", *changes, arguments=(machine, CELLS))


FAULTS: dict[tuple[str, str], Callable[[Machine], Models]] = {
    ("hybrid/turing", "the state of the token itself"): in_5_7(
        ('back(w.listed("leads to", leads_to))', 'w.listed("leads to", leads_to)')
    ),
    ("hybrid/turing", "the symbol that was read is left"): in_5_7(
        ("alphabet.leaves", "{**alphabet.leaves, **alphabet.of_pairs(lambda t: 0)}")
    ),
    ("hybrid/turing", "a halt is not written"): in_5_7(("if alphabet.halting:", "if False:")),
    ("hybrid/turing", "an undefined entry is not noticed"): in_5_7(("if alphabet.undefined:", "if False:")),
    ("hybrid/turing", "no step to the left"): in_5_7(
        ("lambda transition: transition.move)", "lambda t: max(t.move, 0))")
    ),
    ("hybrid/turing", "records of cells are not excluded"): in_5_7(
        ("excluding=1 - w.is_token(*alphabet.tokens)", "excluding=1 - w.is_token(*alphabet.cells.values())")
    ),
    ("hybrid/turing", "the window forgets"): lambda machine: cell_keeps(
        construction("hybrid/turing", machine=machine), "1 back.token", {}
    ),
    ("transformer/turing", "two positions back"): in_5_7(
        ('w.offset("one back", 1)', 'w.offset("one back", 2)'), function="transformer"
    ),
    ("transformer/turing", "symbols are not counted from the blank"): in_5_7(
        ("alphabet.places", "{token: pair for pair, token in alphabet.pairs.items()}"), function="transformer"
    ),
    ("retrieval/turing", "the first record of a cell, not the latest"): lambda machine: searches_for(
        construction("retrieval/turing", machine=machine), {"\\A.*": "\\A.*?"}
    ),
    ("retrieval/turing", "the state of a wrong place"): in_5_4(("w.back(7, state)", "w.back(6, state)")),
    ("retrieval/turing", "the move of a wrong place"): in_5_4(("w.back(2, move)", "w.back(1, move)")),
    ("retrieval/turing", "a search after the halt"): in_5_4(
        ("if alphabet.halting:", "if False:"),
    ),
    ("rnn/turing", "no move to the right"): in_4_1(("head = goes(left, 1) + ", "head = ")),
    ("rnn/turing", "no stay"): in_4_1(("+ goes(same, 0) +", "+")),
    ("rnn/turing", "the state is lost on the way to the left"): in_4_1((" + enters(right, -1)", "")),
    ("rnn/turing", "the window is one too long"): in_4_1(
        ("left, same, right = cells + 1, cells, cells - 1", "left, same, right = cells + 2, cells + 1, cells")
    ),
    ("rnn/turing", "the wall to the left is not seen"): in_4_1(
        ("w.either(over_right, over_left,", "w.either(over_right, over_right,")
    ),
    ("rnn/turing", "the wall to the right is not seen"): in_4_1(
        ("w.either(over_right, over_left,", "w.either(over_left, over_left,")
    ),
}


def found(name: str, fault: Callable[[Machine], Models] | None, space: int) -> int:
    """On how many of the machines, with their inputs, the decoded steps are wrong."""
    count = 0
    for machine in SUBJECTS:
        models = None if fault is None else fault(machine)
        most = space if models is not None and name != "rnn/turing" else STEPS
        change = None if models is None else lambda _, n=most, models=models: models(n)
        count += wrong(name, machine, machine.input, most, space, change=change) is not None
    return count


@pytest.mark.parametrize("name", NAMES)
def test_without_a_fault_nothing_is_found(name: str) -> None:
    for space in (4, 5, CELLS):
        assert found(name, None, space) == 0


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_planted_fault_is_found(name: str, fault: str) -> None:
    spaces = (CELLS,) if name == "rnn/turing" else (3, STEPS)  # models of size n have n cells to each side
    assert sum(found(name, FAULTS[name, fault], space) for space in spaces) > 0


def test_a_bound_on_the_cells_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(ContractError, match=r"'leaves the cells' cannot be proved exact for all n >= 1, s >= 1"):
        in_5_7(("w.beyond(target, -s, s,", "w.beyond(target, 1 - s, s,"))(EXAMPLES[0])


def test_any_token_may_follow_a_position_in_the_record() -> None:
    """The latest place of a position is always a record: the search for it stands before the record that it makes."""
    assert (
        found(
            "retrieval/turing",
            lambda m: searches_for(construction("retrieval/turing", machine=m), {"([..])": "(.)"}),
            12,
        )
        == 0
    )


@pytest.mark.parametrize("name", NAMES[:3])
@pytest.mark.parametrize("engine", ["plain", "fast"])
def test_a_model_writes_no_answer_beyond_the_steps_that_it_is_made_for(name: str, engine: Engine) -> None:
    """The recency of the look-up holds for a context of so many steps; without an end there it would say SPACE."""
    known = champion("bb4")
    subject = construction(name, machine=known.machine())
    for most, answer in ((4, None), (20, None), (known.steps, "HALT"), (known.steps + 1, "HALT")):
        model = subject.blueprint.at(most, s=10)
        written = decode(model, subject.reads(()), engine=engine)
        assert written.answer == answer
        assert written.tokens == subject.transcript((), known.steps)[: len(written.tokens)]  # type: ignore[misc]
        beyond = decode(replace(model, context=None), subject.reads(()), engine=engine, max_tokens=1000)
        assert name == "retrieval/turing" or most > 20 or beyond.tokens != subject.expected((), known.steps)
