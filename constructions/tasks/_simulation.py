"""Simulation: what does a Turing machine do on an input?"""

import itertools
from collections.abc import Iterator

import numpy as np

from constructions.errors import InputError, ResourceError
from constructions.machines import Machine, simulate
from constructions.tasks._task import Effort, Task

Word = tuple[int, ...]
"""An input: the symbols, by index, of the cells from 0 on."""

_MOST_STEPS = 10**7
_LONGEST_WORD = 3


class Simulation(Task[Word]):
    """HALT or UNDEFINED: how a machine ends on a word. The size of a word is its length, and at least 1.

    Args:
        machine: which machine.
        longest: the longest word that is drawn, where a tape has an end.
    """

    name = "turing"
    statement = "How does a Turing machine end on an input, and by which steps?"
    text_form = "1011"
    longest_prompt = (0, 1)
    effort = Effort(4, 0, sizes=(1, 2, 3, 5, 8, 13, 21), mutated=24, mutated_sizes=(3, 8, 20, 40), mutated_cases=80)
    title = "How does this machine end?"
    reader = "machine"

    def __init__(self, machine: Machine, longest: int | None = None) -> None:
        self.machine: Machine = machine
        self._longest = longest

    def __repr__(self) -> str:
        return f"Simulation({self.machine.name!r})"

    def parse(self, text: str) -> Word:
        """Read a word, one character for each symbol.

        Raises:
            InputError: for a character that is no symbol of the machine.
        """
        return self.machine.encode(text)

    def text(self, instance: Word) -> str:
        """The symbols of the word, one character each."""
        return self.machine.text(instance)

    def prompt(self, instance: Word) -> tuple[str, ...]:
        """The symbols; the constructions have prompts of their own."""
        return tuple(self.machine.symbols[symbol] for symbol in instance)

    def answer(self, instance: Word) -> str:
        """HALT or UNDEFINED.

        Raises:
            ResourceError: if the machine runs for more than 10 million steps.
        """
        outcome = simulate(self.machine, instance, _MOST_STEPS)
        if outcome.verdict == "RUNNING":
            raise ResourceError(
                f"{self.machine.name} runs for more than {_MOST_STEPS:,} steps, the most that the reference runs"
            )
        return "HALT" if outcome.verdict == "HALTED" else "UNDEFINED"

    def sample(self, rng: np.random.Generator, n: int) -> Word:
        """A random word of length at most n."""
        length = int(rng.integers(0, self._at_most(n) + 1))
        return tuple(rng.integers(0, len(self.machine.symbols), length).tolist())

    def boundary(self, n: int) -> Iterator[Word]:
        """The machine's own input if it fits, the empty word, and words of one symbol."""
        n = self._at_most(n)
        if len(self.machine.input) <= n:
            yield self.machine.input
        yield ()
        for symbol in range(len(self.machine.symbols)):
            yield (symbol,) * n

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Word]:
        """All words of length n over the machine's symbols."""
        self._require_own_letters(alphabet)
        return itertools.product(range(len(self.machine.symbols)), repeat=n)

    def count(self, n: int, alphabet: int | None = None) -> int:
        """k^n for k symbols."""
        self._require_own_letters(alphabet)
        return int(len(self.machine.symbols) ** n)

    def lengths(self, n: int) -> range:
        """Words of at most 3 symbols: every length goes with every size, which counts steps."""
        return range(min(n, _LONGEST_WORD) + 1)

    def smaller(self, instance: Word) -> Iterator[Word]:
        """Words without one of their symbols, then with one replaced by an earlier one."""
        for place in range(len(instance)):
            yield (*instance[:place], *instance[place + 1 :])
        for place, symbol in enumerate(instance):
            for other in range(symbol):
                yield (*instance[:place], other, *instance[place + 1 :])

    def _at_most(self, n: int) -> int:
        return n if self._longest is None else min(n, self._longest)

    def _require_own_letters(self, alphabet: int | None) -> None:
        if alphabet not in (None, len(self.machine.symbols)):
            raise InputError(f"alphabet = {alphabet}: a machine has its own {len(self.machine.symbols)} symbols")
