"""Simulations of many machines: every token, and the tape that the transcript amounts to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from constructions.engine import Decoding
from constructions.machines import Machine, Transition, simulate
from constructions.theorems import Construction, RowReader, TapeReader, construction, parameters_of
from proofs_check.evidence._runs import Counterexample, Progress

_SYMBOLS = "_1234"


@dataclass(frozen=True)
class MachineRuns:
    """How many machines were run, for how many steps in all, and the first failure."""

    machines: int
    steps: int
    failure: Counterexample | None


def random_machine(rng: np.random.Generator, states: int, symbols: int) -> Machine:
    """A machine with a halting state, moves to both sides and stays, and some undefined entries."""
    table = {}
    for state in range(states):
        for symbol in range(symbols):
            if rng.random() < 0.93:
                target = states if rng.random() < 0.08 else int(rng.integers(0, states))
                table[state, symbol] = Transition(int(rng.integers(0, symbols)), int(rng.integers(-1, 2)), target)
    names = tuple("ABCDEF"[:states])
    return Machine("a random machine", (*names, "Z"), tuple(_SYMBOLS[:symbols]), 0, 0, frozenset({states}), table)


def random_runs(rng: np.random.Generator, count: int) -> Iterator[tuple[Machine, tuple[int, ...]]]:
    """Machines with 1 to 6 states and 2 to 5 symbols, each with an input of up to 6 cells."""
    for _ in range(count):
        machine = random_machine(rng, int(rng.integers(1, 7)), int(rng.integers(2, 6)))
        word = tuple(rng.integers(0, len(machine.symbols), int(rng.integers(0, 7))).tolist())
        yield machine, word


def machines_tried(
    name: str, seed: int, count: int = 150, steps: int = 40, progress: Progress | None = None
) -> MachineRuns:
    """Random machines through the construction of this name, compared with the reference step by step.

    Args:
        name: such as ``hybrid/turing``.
        seed: of the machines and their inputs.
        count: how many machines.
        steps: how far each is run.
        progress: see :data:`Progress`.
    """
    total = 0
    if "cells" in parameters_of(name):
        steps = steps // 3  # each step takes as many tokens as there are cells
    for place, (machine, word) in enumerate(random_runs(np.random.default_rng([seed, 41]), count), 1):
        done, failure = machine_run(name, machine, word, steps)
        total += done
        if failure is not None:
            return MachineRuns(place, total, failure)
        if progress:
            progress(f"{name}: machines", place, count)
    return MachineRuns(count, total, None)


def machine_run(name: str, machine: Machine, word: tuple[int, ...], steps: int) -> tuple[int, Counterexample | None]:
    """One machine on one word: how many steps were compared, and the counterexample that it is, if it is one.

    The transcript is compared token by token, and the state, position and tape that are read off it with those of
    the reference simulator. The number of tokens follows from the first.
    """
    cells = 2 * steps + len(word) + 2 if "cells" in parameters_of(name) else None
    subject = construction(name, machine=machine, cells=cells)
    model = subject.at(steps)
    prompt = subject.reads(word)
    reader: TapeReader | RowReader
    if subject.stride is not None:
        reader = TapeReader(machine, word, model.vocabulary, subject.stride)
        limit = subject.stride * steps + 1
    else:
        ids = np.array(model.vocabulary.encode(prompt), dtype=np.int64)
        reader = RowReader(machine, word, model.vocabulary, ids[1:-1])
        limit = (len(prompt) - 1) * steps + 1
    written: list[int] = []
    for chunk in Decoding(model, prompt, engine="fast", limit=limit).chunks():
        reader.feed(chunk)
        written += chunk.tolist()
    tokens = tuple(model.vocabulary.decode(written))
    reading, wanted = reader.result(), subject.expected(word, steps)[:limit]
    reference = simulate(machine, word, steps)
    same = (reading.steps, reading.state, reading.position, dict(reading.tape)) == (
        reference.steps,
        reference.state,
        reference.position,
        dict(reference.tape),
    )
    if tokens == wanted and same:
        return reference.steps, None
    return reference.steps, _counterexample(subject, steps, word, wanted, tokens)


def _counterexample(
    subject: Construction, steps: int, word: tuple[int, ...], wanted: tuple[str, ...], tokens: tuple[str, ...]
) -> Counterexample:
    return Counterexample(subject.label, steps, subject.task.text(word), wanted, tokens)
