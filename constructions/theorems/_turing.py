"""What the simulations of Turing machines share: tokens, prompts, and the transcripts that they must write.

A machine has states q and symbols a. Its tokens are ``[a]``, a cell that holds a, and ``q[a]``, a step: the
state is q and a was read. Numbers are positions on the tape.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from constructions.machines import Machine, Transition, initial, read_bbchallenge, steps
from constructions.tasks import SEPARATOR, START, Simulation
from constructions.theorems._statements import Construction, Variants
from constructions.wiring import Polynomial, Wiring

HALT, UNDEFINED, SPACE = "HALT", "UNDEFINED", "SPACE"
"""How a simulation ends: in a halting state, at an entry that the table lacks, beyond the cells that there are."""

ENDINGS = (HALT, UNDEFINED, SPACE)

s = Polynomial.variable("s")
"""The greatest distance from cell 0 that the head may reach."""


@dataclass(frozen=True)
class Alphabet:
    """The tokens of one machine."""

    machine: Machine

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """How the symbols are written in tokens, which hold no space."""
        names = self.machine.symbols
        return tuple(_spaceless(name, names, place) for place, name in enumerate(names))

    @cached_property
    def states(self) -> tuple[str, ...]:
        """How the states are written."""
        names = self.machine.states
        return tuple(_spaceless(name, names, place) for place, name in enumerate(names))

    @cached_property
    def cells(self) -> dict[int, str]:
        """The token of a cell that holds a symbol, by symbol."""
        return {symbol: f"[{name}]" for symbol, name in enumerate(self.symbols)}

    @cached_property
    def pairs(self) -> dict[tuple[int, int], str]:
        """The token of a step, by (state, symbol); halting states make no steps."""
        return {
            (state, symbol): f"{name}[{self.symbols[symbol]}]"
            for state, name in enumerate(self.states)
            if state not in self.machine.halting
            for symbol in range(len(self.symbols))
        }

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens."""
        return (*self.cells.values(), *self.pairs.values())

    def of_pairs(self, value: Callable[[Transition], int]) -> dict[str, int]:
        """A number for each step, from its transition; 0 where the table has no entry."""
        table = self.machine.table
        return {token: value(table[pair]) if pair in table else 0 for pair, token in self.pairs.items()}

    @property
    def leaves(self) -> dict[str, int]:
        """What a step or a cell leaves in its cell, counted from the blank."""
        stands = {token: self.index_of(symbol) for symbol, token in self.cells.items()}
        return self.of_pairs(lambda transition: self.index_of(transition.write)) | stands

    @property
    def places(self) -> dict[str, tuple[int, int]]:
        """State and symbol, counted from the blank, of each step."""
        return {token: (state, self.index_of(symbol)) for (state, symbol), token in self.pairs.items()}

    @property
    def halting(self) -> list[str]:
        """The steps that enter a halting state."""
        halts = self.of_pairs(lambda transition: int(transition.state in self.machine.halting))
        return [token for token, flag in halts.items() if flag]

    @property
    def undefined(self) -> list[str]:
        """The steps that the table does not have."""
        return [token for pair, token in self.pairs.items() if pair not in self.machine.table]

    def index_of(self, symbol: int) -> int:
        """Symbols counted from the blank, which is 0: what a cell holds that nobody wrote to."""
        blank = self.machine.blank
        return 0 if symbol == blank else symbol + 1 if symbol < blank else symbol


EXAMPLES = (
    replace(read_bbchallenge("1RB1LB_1LA0LC_1RZ1LD_1RD0RA"), name="busy beaver, 4 states"),
    replace(read_bbchallenge("1RB2LB1RZ_2LA2RB1LB"), name="busy beaver, 2 states and 3 symbols"),
    Machine(
        "increment",
        ("right", "carry", "done"),
        ("_", "0", "1"),
        0,
        0,
        frozenset({2}),
        {
            (0, 0): Transition(0, -1, 1),
            (0, 1): Transition(1, 1, 0),
            (0, 2): Transition(2, 1, 0),
            (1, 0): Transition(2, 0, 2),
            (1, 1): Transition(2, 0, 2),
            (1, 2): Transition(1, -1, 1),
        },
        input=(2, 1, 2, 2),
    ),
    Machine(
        "find the end",
        ("go",),
        ("_", "a", "b"),
        0,
        0,
        frozenset(),
        {(0, 1): Transition(2, 1, 0), (0, 2): Transition(1, 1, 0)},
        input=(1, 2, 2),
    ),
)
"""Machines that verify runs: two busy beavers, one that adds 1 to a binary number, one that stops undefined."""

MACHINES: Variants = tuple({"machine": machine} for machine in EXAMPLES)


NOT_COMPARED = (
    "by Coq: that the weights built for other machines than the busy beaver with 4 states (in 4.1 on 12 cells) are the "
    "values of the function that its theorem is about; it compares them machine by machine"
)
"""What remains of the theorems in Coq about every machine: that each export is what they are about."""


def say_of_endings(w: Wiring) -> None:
    """Why a simulation ends, for readers."""
    w.say(HALT, "The step {here} enters a halting state.")
    w.say(UNDEFINED, "The table has no entry for {here}.")
    w.say(SPACE, "The next cell lies beyond those that there are.")


def _spaceless(name: str, names: tuple[str, ...], place: int) -> str:
    written = "".join("␣" if sign.isspace() else sign for sign in name)
    return written if written == name or written not in names else f"{written}#{place}"


def walking(
    w: Wiring, alphabet: Alphabet, longest: Polynomial, tokens: Callable[..., Iterator[str]], stride: int
) -> Construction:
    """What walks over the cells -s .. s.

    Args:
        w: wired.
        alphabet: of the machine.
        longest: the most tokens that it writes.
        tokens: the chain of thought, which may be endless, from the alphabet, a word and s.
        stride: how many tokens a step has.
    """

    def prompt(word: tuple[int, ...]) -> tuple[str, ...]:
        listed = ((str(position), alphabet.cells[symbol]) for position, symbol in enumerate(word))
        return (START, *itertools.chain.from_iterable(listed), SEPARATOR)

    return Construction(
        w.name,
        Simulation(alphabet.machine),
        w.finish(),
        longest=longest,
        transcript=lambda word, size: cut_off(tokens(alphabet, word, size), longest(n=size) + 1),
        prompt=prompt,
        longest_prompt=2 * s + 4,
        parameter=alphabet.machine.name,
        stride=stride,
    )


def walk(alphabet: Alphabet, word: tuple[int, ...], cells: int) -> Iterator[tuple[int, str]]:
    """The steps of the machine as (position, token), and last (position, how it ended).

    ``cells`` is the greatest distance from cell 0 that there is; a move beyond it ends in SPACE.
    """
    machine = alphabet.machine
    tape, position, state = dict(initial(machine, word).tape), 0, machine.start
    for step in steps(machine, word):
        token = alphabet.pairs[step.state, step.read]
        yield step.position, token
        tape[step.position], position, state = step.write, step.position + step.move, step.next_state
        if state in machine.halting:
            yield position, HALT
            return
        if abs(position) > cells:
            yield position, SPACE
            return
    yield position, alphabet.pairs[state, tape.get(position, machine.blank)]
    yield position, UNDEFINED


def cut_off(tokens: Iterator[str], longest: int) -> tuple[str, ...]:
    """The first tokens of a walk that may be endless, at most ``longest``."""
    return tuple(itertools.islice(tokens, longest))
