"""Polynomials with integer coefficients, and when one is never negative.

Variables are sizes, integers from a stated least value on, and scales. A scale S stands for a power of
two with p <= S < 2 p, where p >= 1 is a polynomial in the sizes.

f >= 0 holds wherever it is asked if, with m + (least value) in the place of each size m, no coefficient
is negative: then f is a sum of products of numbers that are not negative. A scale S is first replaced by
p + s, or by 2 p - s, with a new variable s >= 0; either is allowed, since every S is of both forms. The
test may fail although f >= 0, but never the other way.
"""

from collections.abc import Mapping

from ._reading import Fields, integer, items
from ._verdict import Incomplete, Malformed, shown

MOST_COEFFICIENT = 10**100
MOST_TERMS = 500
MOST_DEGREE = 32
MOST_WORK = 50_000
"""So many products of two terms are formed for one certificate."""

Monomial = tuple[tuple[str, int], ...]
"""Variables in alphabetical order with their exponents, from 1; the empty tuple is 1."""

Polynomial = dict[Monomial, int]
"""Coefficients by monomial; zeros are left out."""


def constant(value: int) -> Polynomial:
    """The polynomial that is the same everywhere."""
    return {(): value} if value else {}


def variable(name: str) -> Polynomial:
    """The polynomial that is a variable."""
    return {((name, 1),): 1}


def add(f: Polynomial, g: Polynomial, factor: int = 1) -> Polynomial:
    """f + factor * g."""
    total = dict(f)
    for monomial, coefficient in g.items():
        _put(total, monomial, factor * coefficient)
    return total


def multiply(f: Polynomial, g: Polynomial) -> Polynomial:
    """f * g."""
    total: Polynomial = {}
    for left, a in f.items():
        for right, b in g.items():
            exponents = dict(left)
            for name, exponent in right:
                exponents[name] = exponents.get(name, 0) + exponent
            _put(total, tuple(sorted(exponents.items())), a * b)
    return total


def _put(total: Polynomial, monomial: Monomial, value: int) -> None:
    """Add one term in place."""
    value += total.pop(monomial, 0)
    if value:
        total[monomial] = value


def variables(f: Polynomial) -> set[str]:
    """The variables that occur."""
    return {name for monomial in f for name, _ in monomial}


class Domain:
    """The least value of each size, and the polynomial p of each scale."""

    def __init__(self, fields: Fields) -> None:
        sizes, scales = fields["variables"], fields["scales"]
        if not isinstance(sizes, dict) or not isinstance(scales, dict) or len(sizes) + len(scales) > 6:
            raise Malformed(f"{fields.where}: variables and scales are objects with at most 6 entries together")
        if not sizes:
            raise Malformed(f"{fields.place('variables')} names no size, so there is nothing to hold for all of")
        self._work = 0
        self.least: dict[str, int] = {}
        for name, value in sizes.items():
            here = f"{fields.place('variables')}.{_name(name)}"
            self.least[name] = Fields(value, here, ("from",)).integer("from", 0, 10**9)
        self.lower: dict[str, Polynomial] = {}
        for name, value in scales.items():
            here = f"{fields.place('scales')}.{_name(name)}"
            lower = read(Fields(value, here, ("lower",))["lower"], f"{here}.lower", self.least)
            if name in self.least or not self.proves(add(lower, constant(-1))):
                raise Malformed(f"{here}: the lower bound of a scale must be at least 1 for all sizes")
            self.lower[name] = lower

    @property
    def names(self) -> set[str]:
        """All variables."""
        return {*self.least, *self.lower}

    def proves(self, f: Polynomial) -> bool:
        """Whether the test shows that f is never negative."""
        candidates = [f]
        for name in sorted(variables(f) & set(self.lower)):
            p, slack = self.lower[name], variable(name)
            from_below, from_above = add(p, slack), add(add(p, p), slack, -1)
            candidates = [self._substitute(g, name, r) for g in candidates for r in (from_below, from_above)]
        return any(all(c >= 0 for c in self._from_zero(g).values()) for g in candidates)

    def _from_zero(self, f: Polynomial) -> Polynomial:
        for name, least in self.least.items():
            f = self._substitute(f, name, add(variable(name), constant(least)))
        return f

    def _substitute(self, f: Polynomial, name: str, replacement: Polynomial) -> Polynomial:
        """f with a polynomial in the place of a variable."""
        powers, total = [constant(1)], dict[Monomial, int]()
        for monomial, coefficient in f.items():
            exponent = dict(monomial).get(name, 0)
            while len(powers) <= exponent:
                powers.append(self._multiply(powers[-1], replacement))
            rest = tuple(pair for pair in monomial if pair[0] != name)
            for other, factor in self._multiply({rest: coefficient}, powers[exponent]).items():
                _put(total, other, factor)
        return total

    def _multiply(self, f: Polynomial, g: Polynomial) -> Polynomial:
        self._work += len(f) * len(g)
        if self._work > MOST_WORK:
            raise Incomplete(f"more than {MOST_WORK:,} products of terms are needed, more than this kernel forms")
        return multiply(f, g)

    def words(self) -> str:
        """The sizes in words."""
        return "all " + ", ".join(f"{name} >= {least}" for name, least in self.least.items())


def _name(name: str) -> str:
    if not (name.isascii() and name.isidentifier() and len(name) <= 3):
        raise Malformed(f"{shown(name)} is no name of a variable: at most 3 ASCII letters, digits and _")
    return name


def read(value: object, where: str, names: Mapping[str, object] | set[str]) -> Polynomial:
    """A polynomial from its terms [coefficient, {variable: exponent}].

    The terms come in descending degree, and at equal degree in the order of their monomials.
    """
    result: Polynomial = {}
    order: list[tuple[int, Monomial]] = []
    for place, term in enumerate(items(value, where, MOST_TERMS)):
        here = f"{where}[{place}]"
        parts = items(term, here, 2)
        if len(parts) != 2 or not isinstance(parts[1], dict):
            raise Malformed(f"{here} is {shown(term)}, expected [coefficient, {{variable: exponent}}]")
        coefficient = integer(parts[0], here, -MOST_COEFFICIENT, MOST_COEFFICIENT)
        exponents = {}
        for name, exponent in parts[1].items():
            if name not in names:
                raise Malformed(f"{here} has the variable {shown(name)}, which is not declared")
            exponents[name] = integer(exponent, here, 1, MOST_DEGREE)
        monomial = tuple(sorted(exponents.items()))
        order.append((-sum(exponents.values()), monomial))
        if not coefficient or (len(order) > 1 and order[-1] <= order[-2]):
            raise Malformed(f"{here}: terms are nonzero, in canonical order, each monomial once")
        result[monomial] = coefficient
    return result
