"""All machines with two states and two symbols, and a few representatives of them all.

A cell of the table is one of 13: undefined, or a symbol to write, a direction, and one of the states A, B and Z,
which halts. Four cells make 13^4 = 28,561 machines. What a machine does within some steps depends only on the
cells that it looks at, and most look at few.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from constructions.errors import InputError
from constructions.machines._machine import Machine, Transition

_KEYS = ((0, 0), (0, 1), (1, 0), (1, 1))
_Cell = Transition | None
_CELLS: tuple[_Cell, ...] = (
    None,
    *(Transition(write, move, state) for write in (0, 1) for move in (-1, 1) for state in (0, 1, 2)),
)
_HALT = 2


class Representative(NamedTuple):
    """A machine, and the number of machines that look at the same cells and find the same in them."""

    machine: Machine
    stands_for: int


def two_state_machines() -> Iterator[Machine]:
    """All 28,561 tables, undefined entries included; the name of a machine is its bbchallenge text.

    >>> machines = list(two_state_machines())
    >>> len(machines), machines[0].name, machines[-1].name
    (28561, '------_------', '1RZ1RZ_1RZ1RZ')
    """
    for cells in product(_CELLS, repeat=4):
        yield _machine(dict(zip(_KEYS, cells, strict=True)))


def representatives(steps: int) -> list[Representative]:
    """Machines that stand for all two-state ones, on the empty tape, for a number of steps.

    Two machines belong together if they do the same for so many steps and agree in all cells that they look at,
    the one after the last step included: so they also agree in whether they could go on. In a representative the
    other cells are undefined.

    Args:
        steps: at least 0.

    Raises:
        InputError: for fewer.

    >>> few = representatives(30)
    >>> sum(representative.stands_for for representative in few)
    28561
    """
    if steps < 0:
        raise InputError(f"{steps} steps, expected at least 0")
    found: list[Representative] = []
    stack: list[dict[tuple[int, int], _Cell]] = [{}]
    while stack:
        table = stack.pop()
        wanted = _first_unknown(table, steps)
        if wanted is None:
            found.append(Representative(_machine(table), len(_CELLS) ** (len(_KEYS) - len(table))))
        else:
            stack += [{**table, wanted: cell} for cell in reversed(_CELLS)]
    return found


def _first_unknown(table: dict[tuple[int, int], _Cell], steps: int) -> tuple[int, int] | None:
    """The first cell that a run looks at and that is not known, or None if the run needs no more."""
    state, position = 0, 0
    tape: dict[int, int] = {}
    for _ in range(steps + 1):
        if state == _HALT:
            return None
        key = state, tape.get(position, 0)
        if key not in table:
            return key
        cell = table[key]
        if cell is None:
            return None
        tape[position] = cell.write
        position += cell.move
        state = cell.state
    return None


def _machine(table: dict[tuple[int, int], _Cell]) -> Machine:
    known = {key: cell for key in _KEYS if (cell := table.get(key)) is not None}
    texts = [_text(known.get(key)) for key in _KEYS]
    name = f"{texts[0]}{texts[1]}_{texts[2]}{texts[3]}"
    return Machine(name, ("A", "B", "Z"), ("0", "1"), 0, 0, frozenset({_HALT}), known)


def _text(cell: _Cell) -> str:
    return "---" if cell is None else f"{cell.write}{'L?R'[cell.move + 1]}{'ABZ'[cell.state]}"
