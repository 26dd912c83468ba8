"""Index: nothing can be forgotten."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions.tasks import Index
from proofs_check.lower_bounds._counts import Count, power
from proofs_check.lower_bounds._machines import Reader
from proofs_check.lower_bounds._prefixes import Letters
from proofs_check.lower_bounds._rows import narrow
from proofs_check.lower_bounds._scope import Rows, Word, registered
from proofs_check.lower_bounds._tasks._sequences import Sequences


@registered(Index.name)
class IndexScope(Sequences):
    """The letter at a place; words of n letters."""

    families = ("words",)
    may_err = True

    def queries(self) -> list[Word]:
        """The places 1 .. n."""
        return [(place,) for place in range(1, self.n + 1)]

    def query_range(self, place: int) -> range:
        """The places."""
        return range(1, self.n + 1)

    def letters_asked(self, query: Word) -> int:
        """A place is no letter."""
        return 0

    def answer_rows(self, prefixes: Letters) -> Rows:
        """The words themselves."""
        return prefixes.astype(narrow(self))

    def random_query(self, prefix: Word, rng: np.random.Generator) -> Word:
        """Any place."""
        return (int(rng.integers(1, self.n + 1)),)

    def separating(self, one: Word, other: Word) -> Iterator[Word]:
        """The places at which the two differ."""
        return ((place,) for place, (a, b) in enumerate(zip(one, other, strict=True), 1) if a != b)

    def formula(self) -> Count:
        """A state for each word."""
        return Count(power(self.alphabet, self.n), True, "k**n")

    def described(self) -> str:
        """All words."""
        return "words"

    def machine(self) -> "Words":
        """It keeps the word."""
        return Words(self)


class Words(Reader):
    """Keeps the word."""

    def answer(self, summary: Any, query: Word) -> str:
        """The letter at the place that is asked for."""
        return str(summary[query[0] - 1])
