"""Reads the machine's state, steps and tape off what a simulation writes, chunk by chunk.

Nothing here runs the machine: steps are counted and cells are filled in as the transcript says, so that a wrong
transcript gives a wrong tape. The only use of the table is to read what a step token stands for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.machines import Machine
from constructions.theorems._theorem_4_1 import origin
from constructions.theorems._turing import ENDINGS, HALT, UNDEFINED, Alphabet
from constructions.vocabulary import Vocabulary

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Reading:
    """What a transcript says: how it ended (None if it was cut off), steps, state, position, nonblank cells."""

    ending: str | None
    steps: int
    state: int
    position: int
    tape: Mapping[int, int]


class TapeReader:
    """Reads a transcript of positions and steps.

    Args:
        machine: the machine that is simulated.
        word: its input.
        vocabulary: of the model.
        stride: tokens a step; the last two of them are the position and the step.
    """

    def __init__(self, machine: Machine, word: tuple[int, ...], vocabulary: Vocabulary, stride: int) -> None:
        alphabet = Alphabet(machine)
        self.steps = self.tokens = 0
        self._machine, self._vocabulary, self._stride = machine, vocabulary, stride
        self._pair_of = {vocabulary.id_of(token): pair for pair, token in alphabet.pairs.items()}
        self._left = np.full(len(vocabulary.specials), machine.blank, dtype=np.int16)
        for identifier, pair in self._pair_of.items():
            self._left[identifier] = machine.table[pair].write if pair in machine.table else pair[1]
        self._low = vocabulary.low
        # Only the cells around those that were visited: the model may be for many more than a run comes to.
        self._cells, self._leftmost = np.array([*word, machine.blank], dtype=np.int16), 0
        self._waiting = np.zeros(0, dtype=np.int64)
        self._last: tuple[int, int] | None = None

    def feed(self, ids: Ids) -> Ids:
        """Read on; the rows (position, step id) of the steps that are complete by now."""
        self.tokens += len(ids)
        ids = np.concatenate([self._waiting, ids])
        whole = len(ids) // self._stride * self._stride
        rows = ids[:whole].reshape(-1, self._stride)[:, -2:]
        self._waiting = ids[whole:]
        if not len(rows):
            return rows
        first = self._vocabulary.first_number_id
        places = rows[:, 0] - first + self._low
        self._reach(int(places.min()), int(places.max()))
        # Where a cell occurs more than once, NumPy's assignment leaves the last value.
        self._cells[places - self._leftmost] = self._left[rows[:, 1]]
        self._last = (int(places[-1]), int(rows[-1, 1]))
        self.steps += len(rows)
        return np.stack([places, rows[:, 1]], axis=1)

    def _reach(self, least: int, most: int) -> None:
        """Make room for the cells at ``least`` to ``most``: at least as many again, so that it is seldom made."""
        size = len(self._cells)
        missing = (self._leftmost - least, most - (self._leftmost + size - 1))
        if max(missing) > 0:
            before, after = (max(count, size) if count > 0 else 0 for count in missing)
            self._cells = np.pad(self._cells, (before, after), constant_values=self._machine.blank)
            self._leftmost -= before

    def result(self) -> Reading:
        """The reading of what was fed so far."""
        machine = self._machine
        ending = self._vocabulary.token_of(int(self._waiting[0])) if len(self._waiting) == 1 else None
        steps, state, position = self.steps, machine.start, 0
        if self._last is not None:
            position, pair = self._last[0], self._pair_of[self._last[1]]
            state = pair[0]
            if ending == UNDEFINED:
                steps -= 1  # the last pair is where the table has no entry
            elif pair in machine.table:
                state, position = machine.table[pair].state, position + machine.table[pair].move
        places = np.flatnonzero(self._cells != machine.blank)
        tape = {int(place) + self._leftmost: int(self._cells[place]) for place in places}
        return Reading(ending if ending in ENDINGS else None, steps, state, position, tape)

    def lines(self, rows: Ids, before: int) -> Iterator[dict[str, Any]]:
        """The steps of some rows, as data; ``before`` steps came before them."""
        machine = self._machine
        for count, (position, identifier) in enumerate(rows.tolist(), before + 1):
            state, symbol = self._pair_of[identifier]
            transition = machine.table.get((state, symbol))
            line: dict[str, Any] = {
                "step": count,
                "state": machine.states[state],
                "position": position,
                "read": machine.symbols[symbol],
            }
            if transition is not None:
                line |= {
                    "write": machine.symbols[transition.write],
                    "move": transition.move,
                    "next_state": machine.states[transition.state],
                }
            yield line


class RowReader:
    """Reads a transcript of configurations of S cells, each followed by a wall.

    Args:
        machine: the machine that is simulated.
        word: its input.
        vocabulary: of the model.
        first: the ids of the first configuration, which the prompt holds.
    """

    def __init__(self, machine: Machine, word: tuple[int, ...], vocabulary: Vocabulary, first: Ids) -> None:
        alphabet, cells = Alphabet(machine), len(first)
        self._machine, self._vocabulary, self._cells = machine, vocabulary, cells
        self._zero = min(origin(word, cells), cells - 1)
        self._symbol = {vocabulary.id_of(token): symbol for symbol, token in alphabet.cells.items()}
        self._pair_of = {vocabulary.id_of(token): pair for pair, token in alphabet.pairs.items()}
        self._row = first
        self._waiting = np.zeros(0, dtype=np.int64)
        self.steps = self.tokens = 0

    def feed(self, ids: Ids) -> Ids:
        """Read on; the configurations that are complete by now, shape [rows, S]."""
        self.tokens += len(ids)
        ids = np.concatenate([self._waiting, ids])
        whole = len(ids) // (self._cells + 1) * (self._cells + 1)
        rows = ids[:whole].reshape(-1, self._cells + 1)
        self._waiting = ids[whole:]
        if len(rows) and self._vocabulary.token_of(int(rows[-1, -1])) != "#":  # an ending at the place of the wall
            self._waiting, rows = np.concatenate([rows[-1], self._waiting]), rows[:-1]
        if len(rows):
            self._row = rows[-1, :-1]
            self.steps += len(rows)
        return rows[:, :-1]

    def lines(self, rows: Ids, before: int) -> Iterator[dict[str, Any]]:
        """The configurations of some rows, as data; ``before`` steps came before them."""
        for count, row in enumerate(rows.tolist(), before + 1):
            yield {"step": count, "configuration": self._vocabulary.decode(row)}

    def result(self) -> Reading:
        """The reading of what was fed so far."""
        machine = self._machine
        last = self._vocabulary.token_of(int(self._waiting[-1])) if len(self._waiting) else ""
        ending = last if last in (HALT, UNDEFINED, "OVER") else None
        tape: dict[int, int] = {}
        state, position, pair = machine.start, 0, None
        for cell, identifier in enumerate(self._row.tolist()):
            if identifier in self._pair_of:
                pair, position = self._pair_of[identifier], cell - self._zero
                state, tape[position] = pair
            else:
                tape[cell - self._zero] = self._symbol[identifier]
        steps = self.steps
        if pair is not None and pair in machine.table and ending in (HALT, "OVER"):
            transition = machine.table[pair]
            tape[position] = transition.write
            state, position, steps = transition.state, position + transition.move, steps + 1
        left = {place: symbol for place, symbol in tape.items() if symbol != machine.blank}
        return Reading(ending, steps, state, position, left)
