"""Quantified Boolean formulas: how they are written for the machine that decides them, and what is true of them.

Deciding them is complete for polynomial space, so a machine on linear space that does it is a hard case of one.
The evaluator here follows the definition and knows nothing of machines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from constructions.errors import InputError

QUANTIFIERS = "ae"
"""For all, there is."""

SIGNS = "+-*."
"""How a variable occurs in a clause: itself, its negation, both, neither."""


@dataclass(frozen=True)
class Formula:
    """Quantified variables, outermost first, and a conjunction of clauses.

    Args:
        quantifiers: a letter of ``QUANTIFIERS`` for each variable.
        clauses: each a sign of ``SIGNS`` for each variable, so any set of literals; without one it is false.

    Raises:
        InputError: for another letter or sign, or a clause of another length.

    >>> both_ways = Formula("ae", ("++", "--"))
    >>> both_ways.text, both_ways.holds(), Formula("ea", ("++", "--")).holds()
    ('ae:++|--|', True, False)
    """

    quantifiers: str
    clauses: tuple[str, ...]

    def __post_init__(self) -> None:
        for letter in self.quantifiers:
            if letter not in QUANTIFIERS:
                raise InputError(f"quantifier {letter!r}, expected a (for all) or e (there is)")
        for clause in self.clauses:
            if len(clause) != len(self.quantifiers) or not set(clause) <= set(SIGNS):
                raise InputError(
                    f"clause {clause!r}: expected {len(self.quantifiers)} signs of `{SIGNS}`, one for each variable"
                )

    @property
    def text(self) -> str:
        """The input of the machine ``quantified-formulas``."""
        return f"{self.quantifiers}:{''.join(f'{clause}|' for clause in self.clauses)}"

    def holds(self, values: tuple[bool, ...] = ()) -> bool:
        """Whether it is true, given the values of the first variables."""
        if len(values) < len(self.quantifiers):
            decide = all if self.quantifiers[len(values)] == "a" else any
            return decide(self.holds((*values, value)) for value in (False, True))
        return all(
            any(sign in _MAKE_TRUE[value] for sign, value in zip(clause, values, strict=True))
            for clause in self.clauses
        )


_MAKE_TRUE: Mapping[bool, str] = {True: "+*", False: "-*"}


def formulas(variables: int, clauses: int) -> Iterator[Formula]:
    """All formulas with so many variables and clauses, 2^v 4^(v c) of them.

    >>> [sum(1 for _ in formulas(v, c)) for v, c in ((1, 1), (2, 1), (2, 2))]
    [8, 64, 1024]
    """
    rows = ["".join(row) for row in product(SIGNS, repeat=variables)]
    for quantifiers in product(QUANTIFIERS, repeat=variables):
        for chosen in product(rows, repeat=clauses):
            yield Formula("".join(quantifiers), chosen)


def sample_formula(rng: np.random.Generator, variables: int, clauses: int) -> Formula:
    """A formula with so many ``variables`` and ``clauses``, each letter and sign uniform, drawn from ``rng``."""
    letters = "".join(rng.choice(list(QUANTIFIERS), variables).tolist())
    return Formula(letters, tuple("".join(rng.choice(list(SIGNS), variables).tolist()) for _ in range(clauses)))
