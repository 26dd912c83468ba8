"""Shared by the readers of all formats: a machine is built from names, and faults name the line."""

from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from constructions.errors import InputError, shown
from constructions.machines._machine import LONGEST_NAME, MOST_STATES, MOST_SYMBOLS, Machine, Transition

MOST_ENTRIES = 2**18
"""The most entries of a table that is read from a file; wildcards are counted as what they stand for."""


def fault(line: int, message: str) -> NoReturn:
    """Refuses the input because of what stands on this line, counted from 1."""
    raise InputError(f"line {line}: {message}")


class _Rule(NamedTuple):
    write: str
    move: int
    state: str
    line: int


@dataclass
class Draft:
    """A machine that is being read; states and symbols get their indices in the order in which they are declared."""

    states: dict[str, int] = field(default_factory=dict)
    symbols: dict[str, int] = field(default_factory=dict)
    rules: dict[tuple[str, str], _Rule] = field(default_factory=dict)

    def symbol(self, text: str, line: int) -> str:
        """Declares a symbol, unless it is known."""
        if text not in self.symbols:
            if len(text) != 1 or not text.isprintable():
                fault(line, f"symbol {shown(text)}: expected one printable character")
            if len(self.symbols) == MOST_SYMBOLS:
                fault(line, f"symbol {shown(text)}: more than {MOST_SYMBOLS} symbols")
            self.symbols[text] = len(self.symbols)
        return text

    def state(self, text: str, line: int) -> str:
        """Declares a state, unless it is known."""
        if text not in self.states:
            if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
                fault(line, f"state name {shown(text)}: expected 1 to {LONGEST_NAME} printable characters")
            if len(self.states) == MOST_STATES:
                fault(line, f"state {shown(text)}: more than {MOST_STATES} states")
            self.states[text] = len(self.states)
        return text

    def add(self, state: str, symbol: str, rule: tuple[str, int, str], line: int) -> None:
        """Enters (write, move, next state) for a declared state and symbol; once more changes nothing."""
        earlier = self.rules.get((state, symbol))
        if earlier is not None and earlier[:3] == rule:
            return  # said twice, but the same
        if earlier is not None:
            fault(
                line,
                f"a second entry for state {shown(state)} and symbol {symbol!r}, the first is on line {earlier.line}; "
                "expected a deterministic machine",
            )
        if len(self.rules) == MOST_ENTRIES:
            fault(line, f"more than {MOST_ENTRIES} entries")
        self.rules[state, symbol] = _Rule(*rule, line)

    def machine(self, name: str, blank: str, start: str, halting: set[str], input: str = "") -> Machine:  # noqa: A002
        """The machine, once everything is declared.

        Raises:
            InputError: for a rule that enters a state which was never declared, or writes such a symbol.
        """
        table = {}
        for (state, symbol), rule in self.rules.items():
            if rule.state not in self.states:
                fault(rule.line, f"enters the state {shown(rule.state)}, which is not defined")
            if rule.write not in self.symbols:
                fault(rule.line, f"writes the symbol {shown(rule.write)}, which is not defined")
            key = self.states[state], self.symbols[symbol]
            table[key] = Transition(self.symbols[rule.write], rule.move, self.states[rule.state])
        return Machine(
            name,
            tuple(self.states),
            tuple(self.symbols),
            self.symbols[blank],
            self.states[start],
            frozenset(self.states[state] for state in halting),
            table,
            tuple(self.symbols[symbol] for symbol in input),
        )
