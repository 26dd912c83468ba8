"""Counting: the order of letters can be forgotten, how often each occurs cannot."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions.tasks import Counting
from proofs_check.lower_bounds._counts import Count, binomial
from proofs_check.lower_bounds._machines import Reader, State
from proofs_check.lower_bounds._prefixes import Letters
from proofs_check.lower_bounds._rows import narrow
from proofs_check.lower_bounds._scope import Rows, Word, registered
from proofs_check.lower_bounds._tasks._sequences import Sequences


@registered(Counting.name)
class CountingScope(Sequences):
    """Whether a letter occurs more than t times; words of n letters."""

    families = ("words",)

    def queries(self) -> list[Word]:
        """The pairs of a letter and a threshold."""
        return list(itertools.product(range(1, self.alphabet + 1), range(self.n + 1)))

    def query_range(self, place: int) -> range:
        """Letters, then thresholds."""
        return range(self.n + 1) if place == 1 else super().query_range(place)

    def letters_asked(self, query: Word) -> int:
        """The threshold is no letter."""
        return 1

    def answer_rows(self, prefixes: Letters) -> Rows:
        """1 stands for the token 0, and 2 for the token 1."""
        counts = np.zeros((len(prefixes), self.alphabet), dtype=np.int64)
        everyone = np.arange(len(prefixes))
        for column in prefixes.T:
            counts[everyone, column - 1] += 1
        exceeds = counts[:, :, None] > np.arange(self.n + 1)
        return (exceeds.reshape(len(prefixes), -1) + 1).astype(narrow(self))

    def answer_token(self, code: int) -> str:
        """0 or 1."""
        return str(code - 1)

    def is_answer(self, token: str) -> bool:
        """0 or 1."""
        return token in ("0", "1")

    def random_query(self, prefix: Word, rng: np.random.Generator) -> Word:
        """Most often a letter that occurs, and always a threshold near its count."""
        letter = (
            prefix[int(rng.integers(0, len(prefix)))] if rng.random() < 0.8 else int(rng.integers(1, self.alphabet + 1))
        )
        near = prefix.count(letter) + int(rng.integers(-1, 2))
        return letter, min(max(near, 0), self.n)

    def separating(self, one: Word, other: Word) -> Iterator[Word]:
        """Letters with different counts, and the smaller of these."""
        for letter in sorted({*one, *other}):
            if one.count(letter) != other.count(letter):
                yield letter, min(one.count(letter), other.count(letter))

    def formula(self) -> Count:
        """A state for each multiset of n letters."""
        return Count(binomial(self.n + self.alphabet - 1, self.alphabet - 1), True, "binomial(n + k - 1, k - 1)")

    def described(self) -> str:
        """A word for each multiset."""
        return "multisets"

    def machine(self) -> "_Counts":
        """It keeps the counts."""
        return _Counts(self)


class _Counts(Reader):
    """How often each letter occurred."""

    def empty(self) -> State:
        return (0,) * self.scope.alphabet

    def read(self, summary: Any, letter: int) -> State:
        return (*summary[: letter - 1], summary[letter - 1] + 1, *summary[letter:])

    def answer(self, summary: Any, query: Word) -> str:
        letter, threshold = query
        return str(int(summary[letter - 1] > threshold))
