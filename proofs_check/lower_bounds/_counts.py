"""The least number of states of any machine: in closed form, and by brute force.

The arguments for the closed forms, for all sizes, stand in docs/lower-bounds.md.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from constructions.errors import ResourceError
from proofs_check.lower_bounds._conflicts import least_classes
from proofs_check.lower_bounds._scope import Scope

MOST_BITS = 1 << 25
"""Numbers of states with more bits than this are not computed."""

MOST_NODES_SUMMED = 2_000
"""Counts of graphs that need a recurrence over all smaller sizes are computed up to this."""


_LONG = 1_000
"""From so many factors on FLINT multiplies, whose time is hardly more than linear; loading it takes a while."""


@dataclass(frozen=True)
class Count:
    """A number of states.

    Attributes:
        states: no machine has fewer.
        exact: whether a machine with so many exists.
        formula: how ``states`` follows from n, k (letters), m (letters of a query) and K (keys), in the
            notation of sympy; ``forests(n)`` stands for the forests on n named nodes.
    """

    states: int
    exact: bool
    formula: str

    @property
    def bits(self) -> int:
        """ceil(log2 states), in integers."""
        return (self.states - 1).bit_length()


def closed_form(scope: Scope) -> Count | None:
    """The count by formula; None where no formula is known.

    Raises:
        ResourceError: if the number has more than ``MOST_BITS`` bits, or needs too long a recurrence.

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> closed_form(scope_of("associative-recall", 5))
    Count(states=120, exact=True, formula='factorial(n)')
    >>> closed_form(scope_of("istree", 1024)).bits  # log2 is 6585.05
    6586
    """
    n, k = scope.n, scope.alphabet
    longest = n * max(k + (scope.keys or 0), 2).bit_length()
    if longest > MOST_BITS:
        raise ResourceError(
            f"{scope}: a number of states of up to {longest:,} bits; at most {MOST_BITS:,} are computed"
        )
    return scope.formula()


def arrangements(k: int, n: int) -> int:
    """k!/(k - n)!; where n is most of k by factorials, for which numbers of equal length are multiplied."""
    if 2 * n <= k:
        return math.perm(k, n)
    if n < _LONG:
        return math.factorial(k) // math.factorial(k - n)
    import flint

    return int(flint.fmpz.fac_ui(k) // flint.fmpz.fac_ui(k - n))  # type: ignore[arg-type]  # as the C function has it


def power(k: int, n: int) -> int:
    """k^n."""
    if n < _LONG:
        return int(k**n)
    import flint

    return int(flint.fmpz(k) ** n)


def binomial(n: int, k: int) -> int:
    """n over k."""
    if min(k, n - k) < _LONG:
        return math.comb(n, k)
    import flint

    return int(flint.fmpz.bin_uiui(n, k))


def bell(n: int) -> int:
    """Partitions of n named points into blocks.

    >>> [bell(n) for n in range(8)]
    [1, 1, 2, 5, 15, 52, 203, 877]
    """
    if n < 100:  # FLINT takes as long to load as NumPy does
        return next(itertools.islice(bells(), n, None))
    import flint

    return int(flint.fmpz.bell_number(n))


def bells() -> Iterator[int]:
    """All Bell numbers in their order: those before the 2,000th in a tenth of the time that each alone would take.

    >>> list(itertools.islice(bells(), 8))
    [1, 1, 2, 5, 15, 52, 203, 877]
    """
    row = [1]  # of Bell's triangle: it begins with the last number of the row before
    while True:
        yield row[0]
        row = list(itertools.accumulate(row, initial=row[-1]))


@dataclass(frozen=True)
class Counted:
    """What brute force found: no machine has fewer than ``lower`` states, and one with ``upper`` exists."""

    lower: int
    upper: int
    how: str


def count(scope: Scope) -> Counted:
    """The least number of states by brute force, from the answers alone.

    Raises:
        ResourceError: if there are too many prefixes.

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> count(scope_of("counting", 4))
    Counted(lower=35, upper=35, how='different rows')
    """
    found = scope.listed_states()
    if found is not None:
        return found
    classes = least_classes(scope.table())
    return Counted(classes.lower, classes.upper, "a clique and a colouring of the conflict graph")
