"""Two simulators of a machine: one that is plain, and one that is fast.

:func:`steps` is the definition. :func:`simulate` must agree with it, and is tested to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from constructions.errors import InputError, ResourceError
from constructions.machines._machine import Machine, symbols_of

Verdict = Literal["HALTED", "UNDEFINED", "RUNNING"]
"""In a halting state; nowhere to go on; could go on."""

MOST_CELLS = 2**28
"""The most cells of tape that :func:`simulate` allocates."""

_MARGIN = 64


class Step(NamedTuple):
    """One step: what stood under the head, what was done, and the state that was entered."""

    state: int
    position: int
    read: int
    write: int
    move: int
    next_state: int


@dataclass(frozen=True)
class Configuration:
    """A moment of a run: the state, the cell under the head, and all cells that are not blank."""

    state: int
    position: int
    tape: Mapping[int, int]


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        verdict: ``HALTED`` in a halting state, ``UNDEFINED`` where the table has no entry, ``RUNNING`` if the
            machine could go on but the steps that were allowed are done.
        steps: how many steps were done.
        state: the last state.
        position: the cell under the head.
        tape: the symbols of all cells that are not blank, in order.
        least_position: the leftmost cell that the head was over.
        greatest_position: the rightmost.
    """

    verdict: Verdict
    steps: int
    state: int
    position: int
    tape: Mapping[int, int]
    least_position: int
    greatest_position: int

    @property
    def nonblank(self) -> int:
        """How many cells are not blank."""
        return len(self.tape)

    @property
    def configuration(self) -> Configuration:
        """The last moment of the run."""
        return Configuration(self.state, self.position, self.tape)

    def output(self, machine: Machine) -> str:
        """The tape from the first to the last cell that is not blank, blanks between included."""
        if not self.tape:
            return ""
        cells = range(min(self.tape), max(self.tape) + 1)
        return machine.text(self.tape.get(cell, machine.blank) for cell in cells)


def initial(machine: Machine, input: Sequence[int] | str | None = None) -> Configuration:  # noqa: A002
    """The moment before the first step."""
    symbols = symbols_of(machine, input)
    return Configuration(machine.start, 0, {i: s for i, s in enumerate(symbols) if s != machine.blank})


def steps(machine: Machine, input: Sequence[int] | str | None = None) -> Iterator[Step]:  # noqa: A002
    """The steps of a run, one after the other; endless if the machine does not stop.

    >>> from constructions.machines import Transition
    >>> machine = Machine("one step", ("A", "Z"), ("0", "1"), 0, 0, frozenset({1}), {(0, 0): Transition(1, 1, 1)})
    >>> list(steps(machine))
    [Step(state=0, position=0, read=0, write=1, move=1, next_state=1)]
    """
    begin = initial(machine, input)
    state, position, tape = begin.state, begin.position, dict(begin.tape)
    while state not in machine.halting:
        read = tape.get(position, machine.blank)
        transition = machine.table.get((state, read))
        if transition is None:
            return
        yield Step(state, position, read, transition.write, transition.move, transition.state)
        tape[position] = transition.write
        position += transition.move
        state = transition.state


def simulate(
    machine: Machine,
    input: Sequence[int] | str | None = None,  # noqa: A002
    most: int = 10**6,
) -> Outcome:
    """Runs a machine for at most ``most`` steps.

    Args:
        machine: what to run.
        input: symbols or a text for the cells 0, 1, ...; the machine's own input if None.
        most: the most steps, at least 0.

    Raises:
        InputError: if ``most`` is negative or the input has a foreign symbol.
        ResourceError: if the tape would need more than ``MOST_CELLS`` cells.

    >>> from constructions.machines import Transition
    >>> machine = Machine("two right", ("A", "Z"), ("0", "1"), 0, 0, frozenset({1}),
    ...     {(0, 1): Transition(0, 1, 0), (0, 0): Transition(1, -1, 1)})
    >>> outcome = simulate(machine, "11")
    >>> outcome.verdict, outcome.steps, outcome.tape, outcome.position
    ('HALTED', 3, {2: 1}, 1)
    """
    if most < 0:
        raise InputError(f"the most steps are {most}, expected at least 0")
    run = _Run(machine, symbols_of(machine, input))
    run.advance(most)
    return run.outcome()


class _Run:
    """A run on an array that grows.

    The inner loop does nothing but steps: it is entered for so many steps that the head cannot leave the
    array, and it is left by the KeyError of a missing entry. A cell that the head has not left yet carries
    its symbol plus the number of symbols, which every row treats as the symbol: so the reach of the head can
    be read off the tape, at no cost per step.
    """

    def __init__(self, machine: Machine, symbols: Sequence[int]) -> None:
        self.machine = machine
        self.count = len(machine.symbols)
        self.rows = _rows(machine)
        self.row = self.rows[machine.start]
        self.cells: bytearray | list[int] = self._untouched([*symbols])
        self.position = self.origin = 0
        self.done = 0

    def advance(self, most: int) -> None:
        """Goes on until the run ends or ``most`` steps are done."""
        while self.done < most:
            if self.position < _MARGIN:
                self._grow(left=True)
            elif len(self.cells) - self.position <= _MARGIN:
                self._grow(left=False)
            elif not self._rush(min(most - self.done, self.position, len(self.cells) - 1 - self.position)):
                return

    def _rush(self, count: int) -> bool:
        """Does ``count`` steps, or as many as there are; says whether all were done."""
        cells, position, row = self.cells, self.position, self.row
        taken = 0
        complete = True
        try:
            for taken in range(count):  # noqa: B007 - read where the loop was left
                write, move, row = row[cells[position]]
                cells[position] = write
                position += move
        except KeyError:
            complete = False
        self.position, self.row = position, row
        self.done += count if complete else taken
        return complete

    def _grow(self, left: bool) -> None:
        """Doubles the array on one side."""
        more = max(4 * _MARGIN, len(self.cells))
        if len(self.cells) + more > MOST_CELLS:
            raise ResourceError(
                f"after {self.done} steps the tape of machine {self.machine.name!r} needs more than {MOST_CELLS} cells"
            )
        blanks = self._untouched([self.machine.blank]) * more
        if left:
            self.cells = blanks + self.cells  # type: ignore[operator]  # both are of the same kind
            self.origin += more
            self.position += more
        else:
            self.cells += blanks  # type: ignore[operator]

    def _untouched(self, symbols: list[int]) -> bytearray | list[int]:
        codes = [symbol + self.count for symbol in symbols]
        return bytearray(codes) if 2 * self.count <= 256 else codes

    def outcome(self) -> Outcome:
        """Where the run is now."""
        machine, count, origin = self.machine, self.count, self.origin
        state = self.row[_STATE][0]
        here = self.cells[self.position] if self.position < len(self.cells) else machine.blank
        verdict: Verdict = "RUNNING"
        if state in machine.halting:
            verdict = "HALTED"
        elif here not in self.row:
            verdict = "UNDEFINED"
        places = range(len(self.cells))
        least = next((i for i in places if self.cells[i] < count), self.position)
        greatest = next((i for i in reversed(places) if self.cells[i] < count), self.position)
        blanks = (machine.blank, machine.blank + count)
        tape = {i - origin: code % count for i, code in enumerate(self.cells) if code not in blanks}
        return Outcome(
            verdict,
            self.done,
            state,
            self.position - origin,
            tape,
            min(least, self.position) - origin,
            max(greatest, self.position) - origin,
        )


_STATE = -1

_Row = dict[int, tuple[int, int, "_Row"]]
"""By code of a symbol: what to write, how to move, the next state's row; at ``_STATE`` the state itself."""


def _rows(machine: Machine) -> list[_Row]:
    rows: list[_Row] = [{} for _ in machine.states]
    for state, row in enumerate(rows):
        row[_STATE] = (state, 0, row)
    for (state, symbol), transition in machine.table.items():
        entry = (transition.write, transition.move, rows[transition.state])
        rows[state][symbol] = rows[state][symbol + len(machine.symbols)] = entry
    return rows
