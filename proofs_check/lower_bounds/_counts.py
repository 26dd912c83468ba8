"""The least number of states of any machine: in closed form, and by brute force.

The arguments for the closed forms, for all sizes, stand in docs/lower-bounds.md.
"""

import math
from dataclasses import dataclass

from constructions.errors import ResourceError
from proofs_check.lower_bounds._conflicts import least_classes
from proofs_check.lower_bounds._graphs import promise_rows, refine
from proofs_check.lower_bounds._rows import Rows, distinct_row_set, row_matrix
from proofs_check.lower_bounds._scope import Scope

MOST_BITS = 1 << 25
"""Numbers of states with more bits than this are not computed."""

MOST_NODES = 50_000
"""Bell numbers are computed up to this; the time grows like the square, and this takes some seconds."""

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
    if scope.task == "index":
        return Count(_power(k, n), True, "k**n")
    if scope.task == "counting":
        return Count(_binomial(n + k - 1, k - 1), True, "binomial(n + k - 1, k - 1)")
    if scope.task == "istree":
        return _graphs(scope)
    families = {"distinct": _distinct, "words": _words, "key-value": _key_value, "de-bruijn": _de_bruijn}
    return families[scope.family](scope)


def _distinct(scope: Scope) -> Count:
    """Associative recall and c-gram on words of n different letters."""
    n, k, m = scope.n, scope.alphabet, scope.query_length
    if n <= m:
        return Count(1, True, "1")
    if scope.convention == "total":
        return Count(_arrangements(k, n), True, "factorial(n)" if k == n else "factorial(k)/factorial(k - n)")
    attained = n == m + 1 or (m == 1 and k <= n + 1)
    formula = "factorial(n - m)" if k == n else "factorial(k - m)/factorial(k - n)"
    return Count(_arrangements(k - m, n - m), attained, formula)


def _arrangements(k: int, n: int) -> int:
    """k!/(k - n)!; where n is most of k by factorials, for which numbers of equal length are multiplied."""
    if 2 * n <= k:
        return math.perm(k, n)
    if n < _LONG:
        return math.factorial(k) // math.factorial(k - n)
    import flint

    return int(flint.fmpz.fac_ui(k) // flint.fmpz.fac_ui(k - n))  # type: ignore[arg-type]  # as the C function has it


def _power(k: int, n: int) -> int:
    if n < _LONG:
        return int(k**n)
    import flint

    return int(flint.fmpz(k) ** n)


def _binomial(n: int, k: int) -> int:
    if min(k, n - k) < _LONG:
        return math.comb(n, k)
    import flint

    return int(flint.fmpz.bin_uiui(n, k))


def _words(scope: Scope) -> Count | None:
    """Associative recall and c-gram on all words: known where the words are long enough, or too short."""
    n, k, m = scope.n, scope.alphabet, scope.query_length
    if n <= m:
        return Count(1, True, "1")
    if m > 1 or n < 2 * k - 1:
        return None
    if k > MOST_NODES_SUMMED:
        raise ResourceError(f"{scope}: the sum over {k} letters is computed up to {MOST_NODES_SUMMED:,}")
    cyclic = "Sum(factorial({0})/factorial({0} - j)*{0}**({0} - j - 1), (j, 1, {0}))"
    if scope.convention == "promise":
        return Count(_one_cycle(k), True, cyclic.format("k"))
    states = sum(math.comb(k, a) * ((k - a) * a ** (a - 1) + _one_cycle(a)) for a in range(1, k + 1))
    return Count(states, True, f"Sum(binomial(k, a)*((k - a)*a**(a - 1) + {cyclic.format('a')}), (a, 1, k))")


def _one_cycle(a: int) -> int:
    """Functions from a named points to themselves whose graph is connected: 1, 3, 17, 142, 1569, ..."""
    return sum(math.perm(a, j) * int(a ** (a - j)) for j in range(1, a + 1)) // a


def _key_value(scope: Scope) -> Count:
    n, k, keys = scope.n, scope.alphabet, scope.keys or 0
    if scope.convention == "total":
        states = sum(math.comb(keys, j) * k**j for j in range(1, min(n, keys) + 1))
        return Count(states, True, "Sum(binomial(K, j)*k**j, (j, 1, Min(n, K)))")
    return Count(k ** min(n, keys), n >= keys or n == 1 or k == 1, "k**Min(n, K)")


def _de_bruijn(scope: Scope) -> Count:
    k, m = scope.alphabet, scope.query_length
    states = math.factorial(k) ** (k ** (m - 1))
    if scope.convention == "total":
        return Count(states, True, "factorial(k)**(k**(m - 1))")
    return Count(states // k**m, True, "factorial(k)**(k**(m - 1))/k**m")


def _graphs(scope: Scope) -> Count:
    n = scope.n
    if scope.convention == "total" and scope.repeats == "no":
        if n > MOST_NODES:
            raise ResourceError(f"{scope}: Bell numbers are computed for at most {MOST_NODES:,} nodes, not {n:,}")
        return Count(bell(n) + 1, True, "bell(n) + 1")
    if n > MOST_NODES_SUMMED:
        raise ResourceError(f"{scope}: the recurrence is computed for at most {MOST_NODES_SUMMED:,} nodes")
    if scope.convention == "total":
        # On two nodes no edge can close a cycle, so there is no state for "too many edges".
        return Count(2, True, "2") if n == 2 else Count(labelled_forests(n) + 1, True, "forests(n) + 1")
    if n < 4:
        return Count(n - 1, True, "n - 1")
    formula = "Sum((-1)**(n - 1 - j)*binomial(n - 1, j)*bell(j), (j, 0, n - 1))"
    return Count(partitions_without_singletons(n - 1), False, formula)


def bell(n: int) -> int:
    """Partitions of n named points into blocks.

    >>> [bell(n) for n in range(8)]
    [1, 1, 2, 5, 15, 52, 203, 877]
    """
    import flint  # takes as long to load as NumPy does

    return int(flint.fmpz.bell_number(n))


def partitions_without_singletons(n: int) -> int:
    """Partitions of n named points into blocks of at least two.

    A partition of n points without singletons, or one of n + 1 points without singletons, is the same as
    a partition of n points: join the singletons and the new point to one block. So they add up to bell(n).

    >>> [partitions_without_singletons(n) for n in range(1, 8)]
    [0, 1, 1, 4, 11, 41, 162]
    """
    count = 1
    for size in range(n):
        count = bell(size) - count
    return count


def labelled_forests(n: int) -> int:
    """Forests on n named nodes: the tree that holds the last node has j nodes, and j^(j - 2) forms (Cayley).

    >>> [labelled_forests(n) for n in range(6)]
    [1, 1, 2, 7, 38, 291]
    """
    trees = [0, 1] + [j ** (j - 2) for j in range(2, n + 1)]
    counts = [1]
    for size in range(1, n + 1):
        counts.append(sum(math.comb(size - 1, j - 1) * trees[j] * counts[size - j] for j in range(1, size + 1)))
    return counts[n]


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
    if scope.task == "istree":
        if scope.convention == "total":
            states = len(refine(scope.n, scope.repeats or "no").transitions)
            return Counted(states, states, "partition refinement")
    elif scope.convention == "total" or not queries_can_fail(scope):
        found = distinct_row_set(scope)
        return Counted(len(found), len(found), "different rows")
    classes = least_classes(table_of(scope))
    return Counted(classes.lower, classes.upper, "a clique and a colouring of the conflict graph")


def table_of(scope: Scope) -> Rows:
    """The different rows of answers, 0 for undefined; of istree under *promise* only.

    Raises:
        ResourceError: if there are too many prefixes.
    """
    if scope.task == "istree":
        rows = promise_rows(scope.n)
        return rows[sorted({row.tobytes(): place for place, row in enumerate(rows)}.values())]
    return row_matrix(scope, distinct_row_set(scope))


def queries_can_fail(scope: Scope) -> bool:
    """Whether some query is undefined after some prefix; if not, the two conventions are the same."""
    return scope.task not in ("index", "counting")
