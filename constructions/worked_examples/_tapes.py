"""The tape of a simulated machine, beside the tokens that tell of it."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from constructions.machines import Machine, Transition, initial, steps
from constructions.tasks import Task
from constructions.theorems._turing import Alphabet
from constructions.worked_examples._data import Table, Tape, TapeRow, Token

_MOST_ROWS, _MOST_CELLS, _MOST_COLUMNS = 100, 41, 12


def table_of(task: Task[Any]) -> Table | None:
    """The transitions of the machine; None if the task has none."""
    machine = task.machine
    if machine is None:
        return None
    symbols = range(min(len(machine.symbols), _MOST_COLUMNS))
    states = [state for state in range(len(machine.states)) if state not in machine.halting]
    rows = tuple(
        (machine.states[state], tuple(_entry(machine, machine.table.get((state, symbol))) for symbol in symbols))
        for state in states[:_MOST_ROWS]
    )
    whole = len(rows) == len(states) and len(symbols) == len(machine.symbols)
    return Table(tuple(machine.symbols[symbol] for symbol in symbols), rows, whole)


def _entry(machine: Machine, entry: Transition | None) -> str:
    if entry is None:
        return "-"
    return f"{machine.symbols[entry.write]} {'LNR'[entry.move + 1]} {machine.states[entry.state]}"


def tape_of(task: Task[Any], instance: Any, tokens: Sequence[Token]) -> Tape | None:
    """The configurations of the reference simulator, each from its step token on; None if the task has no machine.

    The k-th step token, in the prompt or written, stands for the k-th step, so a row appears when the transcript has
    come so far. Cells are those that the head visits in these steps, or nearest to its start if they are too many.
    """
    machine = task.machine
    if machine is None:
        return None
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
