"""Theorem 4.1: exponentially many steps in linearly many bits; quantified formulas decided by an RNN.

That machines are simulated step by step is tested beside the other three simulations.
"""

import itertools
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest

from constructions.architectures import family
from constructions.engine import Decoding, decode
from constructions.machines import Formula, formulas, sample_formula, shipped, simulate
from constructions.theorems import EXAMPLES, THEOREMS, Construction, LogBound, RowReader, construction
from constructions.wiring import Polynomial
from proofs_check.evidence._state import possible_states
from tests.machine_evidence import wrong

COUNTER, DECIDER = shipped("binary-counter"), shipped("quantified-formulas")


def counted(cells: int) -> int:
    """How many steps the counter makes on so many cells, all of them through the weights, to its halt."""
    text = f"[{'0' * (cells - 2)}]"
    subject, word = construction("rnn/turing", machine=COUNTER, cells=cells), COUNTER.encode(text)
    model = subject.at(2**cells)
    prompt = subject.reads(word)
    reader = RowReader(COUNTER, word, model.vocabulary, np.array(model.vocabulary.encode(prompt))[1:-1])
    run = Decoding(model, prompt, engine="fast", limit=(cells + 1) * 2**cells)
    for ids in run.chunks():
        reader.feed(ids)
    reading, truth = reader.result(), simulate(COUNTER, word)
    assert run.ended
    assert (reading.ending, reading.steps, dict(reading.tape)) == ("HALT", truth.steps, dict(truth.tape))
    return reading.steps


def state_bits(cells: int) -> int:
    """Bits for all states that the ranges of the counter's recurrence allow."""
    states = possible_states(construction("rnn/turing", machine=COUNTER, cells=cells)).as_constant
    assert states is not None
    return (states - 1).bit_length()


def test_the_counter_runs_for_exponentially_many_steps() -> None:
    assert [counted(cells) for cells in range(3, 9)] == [2**cells - 1 for cells in range(3, 9)]


def test_every_configuration_of_the_counter_is_right() -> None:
    assert wrong("rnn/turing", COUNTER, COUNTER.encode("[0000]"), 63, 6) is None


@pytest.mark.slow
def test_the_counter_on_more_cells() -> None:
    assert [counted(cells) for cells in range(9, 15)] == [2**cells - 1 for cells in range(9, 15)]


def test_the_state_grows_by_the_same_number_of_cells_with_each_cell_of_the_tape() -> None:
    """Each feature of a token is kept for S and a few positions: O(S) integers of constant range."""
    for machine in (*EXAMPLES, COUNTER):
        kept = []
        for cells in range(3, 12):
            state = construction("rnn/turing", machine=machine, cells=cells).blueprint.state
            assert {extent.low.as_constant for extent in state.values()} <= {0}
            ranges = {name.partition(".")[2]: extent.high.as_constant for name, extent in state.items()}
            assert all(
                high is not None and high <= len(machine.states) + len(machine.symbols) for high in ranges.values()
            )
            kept.append(Counter(name.partition(".")[2] for name in state))
        assert all(
            later == {name: count + 1 for name, count in before.items()} for before, later in itertools.pairwise(kept)
        )


def test_the_bits_of_the_counter_are_linear_in_its_cells() -> None:
    bits = [state_bits(cells) for cells in range(3, 20)]
    assert len(set(np.diff(bits).tolist())) <= 2  # rounded up to whole bits
    assert bits[-1] <= 8 * 19


def test_what_is_claimed_and_what_is_not() -> None:
    theorem = THEOREMS["4.1"]
    assert theorem.not_checked == (
        "by the kernel, which has no reference for Turing machines: a fault of the simulator and the wiring together",
        "by Coq: that the weights built for other machines than the busy beaver with 4 states (in 4.1 on 12 cells) are the "
        "values of the function that its theorem is about; it compares them machine by machine",
        "that no RNN of polynomial size does it without chain of thought, if PSPACE is not in P/poly",
    )
    assert theorem.statement.startswith("If PSPACE is not in P/poly, ")
    (claim,) = (claim for claim in theorem.claims if claim.quantity == "state bits")
    assert isinstance(claim.bound, LogBound)
    for machine in EXAMPLES:
        subject = construction("rnn/turing", machine=machine)
        assert family(subject.at(4)) == "linear RNN"
        assert subject.blueprint.domain.proves(claim.bound.numbers - possible_states(subject))
        assert not subject.blueprint.domain.proves(Polynomial.constant(2) - possible_states(subject))


# Quantified formulas.


def decided(chosen: Iterable[Formula]) -> Counter[bool]:
    """The RNN on formulas, its transcript compared with the reference and its verdict with the evaluator."""
    verdicts: Counter[bool] = Counter()
    for formula in chosen:
        word = DECIDER.encode(formula.text)
        cells = len(word) + 2
        if cells not in SUBJECTS:
            SUBJECTS[cells] = construction("rnn/turing", machine=DECIDER, cells=cells)
        subject, most = SUBJECTS[cells], 1000
        model = subject.at(most)
        written = decode(model, subject.reads(word), engine="fast").tokens
        assert written == subject.expected(word, most), formula
        assert written[-1] == "HALT"
        reader = RowReader(
            DECIDER, word, model.vocabulary, np.array(model.vocabulary.encode(subject.reads(word)))[1:-1]
        )
        reader.feed(np.array(model.vocabulary.encode(written)))
        assert (DECIDER.states[reader.result().state] == "yes") == formula.holds(), formula
        verdicts[formula.holds()] += 1
    return verdicts


SUBJECTS: dict[int, Construction] = {}


def three_variables(count: int, seed: int) -> list[Formula]:
    rng = np.random.default_rng(seed)
    return [sample_formula(rng, 3, int(rng.integers(1, 3))) for _ in range(count)]


def test_some_formulas_through_the_weights() -> None:
    chosen = [*formulas(0, 1), *formulas(1, 1), *list(formulas(1, 2))[::6], *list(formulas(2, 2))[::90]]
    verdicts = decided([*chosen, *three_variables(6, 1)])
    assert verdicts[True] > 5
    assert verdicts[False] > 5


@pytest.mark.slow
def test_all_formulas_with_two_variables_and_a_sample_with_three() -> None:
    sizes = [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2)]
    assert decided(formula for size in sizes for formula in formulas(*size)).total() == 1130
    verdicts = decided(three_variables(300, 2))
    assert verdicts[True] > 30
    assert verdicts[False] > 30
