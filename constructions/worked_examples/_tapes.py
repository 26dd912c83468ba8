"""The tape of a simulated machine, beside the tokens that tell of it."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from constructions.machines import initial, steps
from constructions.tasks import Simulation, Task
from constructions.theorems._turing import Alphabet
from constructions.worked_examples._data import Tape, TapeRow, Token

_MOST_ROWS, _MOST_CELLS = 100, 41


def tape_of(task: Task[Any], instance: Any, tokens: Sequence[Token]) -> Tape | None:
    """The configurations of the reference simulator, each from its step token on; None if the task has no machine.

    The k-th step token, in the prompt or written, stands for the k-th step, so a row appears when the transcript has
    come so far. Cells are those that the head visits in these steps, or nearest to its start if they are too many.
    """
    if not isinstance(task, Simulation):
        return None
    machine = task.machine
    pairs = set(Alphabet(machine).pairs.values())
    places = [place for place, token in enumerate(tokens) if token.origin != "found" and token.text in pairs]
    taken = list(islice(steps(machine, instance), min(len(places), _MOST_ROWS)))
    if not taken:
        return None
    visited = [step.position for step in taken] + list(range(len(instance)))
    first = max(min(visited), -(_MOST_CELLS // 2))
    last = min(max(visited), first + _MOST_CELLS - 1)
    tape, rows = dict(initial(machine, instance).tape), []
    for number, (place, step) in enumerate(zip(places, taken, strict=False)):
        symbols = tuple(machine.symbols[tape.get(cell, machine.blank)] for cell in range(first, last + 1))
        rows.append(TapeRow(place, number, machine.states[step.state], step.position - first, symbols))
        tape[step.position] = step.write
    return Tape(first, tuple(rows), len(places) - len(taken))
