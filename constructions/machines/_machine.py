"""The model: a deterministic machine with one two-way infinite tape, as plain data.

Cells are numbered by the integers; the head begins at cell 0, the input stands in the cells 0, 1, ... and
all other cells hold the blank. States and symbols are indices; their names are for people and files.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from constructions.errors import InputError

MOST_STATES = 2**16
"""The most states of a machine."""

MOST_SYMBOLS = 2**12
"""The most symbols of a machine."""

LONGEST_NAME = 200
"""The most characters in the name of a state."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What a machine does in one step: write a symbol, move the head by -1, 0 or 1, enter a state."""

    write: int
    move: int
    state: int


@dataclass(frozen=True)
class Machine:
    """A Turing machine.

    A pair (state, symbol) without an entry in ``table`` is *undefined*: the machine stops there without a
    step. Entering a halting state is the last step, and counts.

    Args:
        name: for people.
        states: names, each once.
        symbols: one printable character each, each once.
        blank: index of the symbol in all cells that nobody wrote to.
        start: index of the first state.
        halting: indices of the states that end the run; they have no entries.
        table: what to do, by (state, symbol).
        input: the symbols that :func:`simulate` begins with if it is given none.

    Raises:
        InputError: if an index, a name or an entry does not fit.

    >>> flip = Machine("flip", ("a", "end"), ("_", "0", "1"), 0, 0, frozenset({1}),
    ...     {(0, 1): Transition(2, 1, 0), (0, 2): Transition(1, 1, 0), (0, 0): Transition(0, 0, 1)})
    >>> flip.encode("0110"), flip.text([1, 2])
    ((1, 2, 2, 1), '01')
    """

    name: str
    states: tuple[str, ...]
    symbols: tuple[str, ...]
    blank: int
    start: int
    halting: frozenset[int]
    table: Mapping[tuple[int, int], Transition] = field(hash=False)
    input: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        # A copy of its own: what the caller does to the mapping later must not change the machine.
        object.__setattr__(self, "table", dict(self.table))
        object.__setattr__(self, "halting", frozenset(self.halting))
        self._check_names()
        self._check_index("blank", self.blank, "symbol", len(self.symbols))
        self._check_index("start", self.start, "state", len(self.states))
        for state in self.halting:
            self._check_index("halting", state, "state", len(self.states))
        for symbol in self.input:
            self._check_index("input", symbol, "symbol", len(self.symbols))
        for (state, symbol), transition in self.table.items():
            self._check_entry(state, symbol, transition)

    def encode(self, text: Iterable[str]) -> tuple[int, ...]:
        """The indices of the symbols of a text, one a character.

        Raises:
            InputError: for a character that is no symbol of the machine, with its place.
        """
        indices = {symbol: index for index, symbol in enumerate(self.symbols)}
        encoded = []
        for place, character in enumerate(text):
            if character not in indices:
                raise InputError(
                    f"input cell {place} is {character!r}: {_called(self.name)} has the symbols {_listed(self.symbols)}"
                )
            encoded.append(indices[character])
        return tuple(encoded)

    def text(self, symbols: Iterable[int]) -> str:
        """The characters of a sequence of symbols."""
        return "".join(self.symbols[symbol] for symbol in symbols)

    def _check_names(self) -> None:
        for kind, names, most in (("state", self.states, MOST_STATES), ("symbol", self.symbols, MOST_SYMBOLS)):
            if not 1 <= len(names) <= most:
                raise InputError(f"{_called(self.name)} has {len(names)} {kind}s, expected 1 to {most}")
            seen: set[str] = set()
            for name in names:
                if name in seen:
                    raise InputError(f"{_called(self.name)} has the {kind} {_cut(name)} twice, expected each name once")
                seen.add(name)
        if not self.name.isprintable():
            raise InputError(f"{_called(self.name)}: expected a name of printable characters")
        for name in self.states:
            if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
                raise InputError(f"state name {_cut(name)}: expected 1 to {LONGEST_NAME} printable characters")
        for name in self.symbols:
            if len(name) != 1 or not name.isprintable():
                raise InputError(f"symbol {_cut(name)}: expected one printable character")

    def _check_index(self, what: str, index: int, kind: str, count: int) -> None:
        if not 0 <= index < count:
            raise InputError(f"{what} of {_called(self.name)} is {kind} {index}, expected 0 to {count - 1}")

    def _check_entry(self, state: int, symbol: int, transition: Transition) -> None:
        if not 0 <= state < len(self.states) or not 0 <= symbol < len(self.symbols):
            raise InputError(
                f"{_called(self.name)} has an entry for state {state} and symbol {symbol}, but "
                f"{len(self.states)} states and {len(self.symbols)} symbols, counted from 0"
            )
        where = f"the entry for state {_cut(self.states[state])}, symbol {self.symbols[symbol]!r}"
        if state in self.halting:
            raise InputError(f"{where}: the state is halting, expected no entry")
        if not 0 <= transition.write < len(self.symbols):
            raise InputError(f"{where} writes symbol {transition.write}, expected 0 to {len(self.symbols) - 1}")
        if transition.move not in (-1, 0, 1):
            raise InputError(f"{where} moves by {transition.move}, expected -1, 0 or 1")
        if not 0 <= transition.state < len(self.states):
            raise InputError(f"{where} enters state {transition.state}, expected 0 to {len(self.states) - 1}")


def symbols_of(machine: Machine, given: Sequence[int] | str | None) -> tuple[int, ...]:
    """The input of a run: ``given`` as text or as indices, or the machine's own if None.

    Raises:
        InputError: for what is no symbol of the machine.
    """
    if given is None:
        return machine.input
    if isinstance(given, str):
        return machine.encode(given)
    for place, symbol in enumerate(given):
        if not 0 <= symbol < len(machine.symbols):
            raise InputError(f"input cell {place} is symbol {symbol}, expected 0 to {len(machine.symbols) - 1}")
    return tuple(given)


def _called(name: str) -> str:
    return f"machine {_cut(name)}"


def _cut(name: str) -> str:
    return repr(name) if len(name) <= 60 else f"{name[:60]!r}..."


def _listed(symbols: Sequence[str]) -> str:
    shown = " ".join(repr(symbol) for symbol in symbols[:20])
    return shown if len(symbols) <= 20 else f"{shown} ..."
