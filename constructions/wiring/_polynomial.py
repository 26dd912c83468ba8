"""Polynomials with integer coefficients, and the one inequality between them that is ever needed.

All sizes, ranges, gaps and magnitudes of a construction are polynomials in the size n and in a few
*scales*. A scale S is a power of two that grows with n: the least one with p(n) <= S, so that
p(n) <= S < 2 p(n), for a polynomial p of its own.

An inequality f >= 0 is proved for all n >= n0 by writing n = n0 + m with m >= 0 and looking at the
coefficients: if none is negative, neither is f. A scale is replaced by p + s, or by 2p - s, with a
fresh s >= 0. This is sufficient, not necessary; an inequality that fails the test is refused even if
it is true. The test is this simple so that an independent checker can repeat it.
"""

import functools
import numbers
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, final

from constructions.wiring._refusal import refused, refusing, refusing_reflected, shown

Monomial: TypeAlias = tuple[tuple[str, int], ...]
"""Variables with their positive exponents, in alphabetical order; the empty tuple is 1."""

_NO_QUOTIENT = "is no polynomial with integer coefficients"
_INSTEAD = "multiply the other side by {b} instead, so that only integers occur"
_NO_ORDER = "has no answer: a polynomial stands for all sizes at once"
_BOUND = "ask Domain.proves for an inequality, or use w.domain.maximum({a}, {b}) as a bound of both"


@final
class Polynomial:
    """A polynomial with integer coefficients in named variables; immutable and hashable.

    Kept as a dictionary from monomials to coefficients other than 0, so that sums and comparisons need no order;
    :attr:`terms` sorts them once, when somebody reads or prints them.

    >>> n = Polynomial.variable("n")
    >>> print((n + 1) * (n - 1) - n**2 + 2 * n)
    2 n - 1
    >>> ((n + 1) ** 2)(n=3)
    16
    """

    __slots__ = ("_coefficients", "_hash", "_terms")

    def __init__(self, terms: Iterable[tuple[Monomial, int]] = ()) -> None:
        total: dict[Monomial, int] = {}
        for monomial, coefficient in terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        self._keep(total)

    def _keep(self, coefficients: dict[Monomial, int]) -> None:
        if 0 in coefficients.values():
            coefficients = {monomial: c for monomial, c in coefficients.items() if c}
        self._coefficients = coefficients
        self._terms: tuple[tuple[Monomial, int], ...] | None = None
        self._hash: int | None = None

    @classmethod
    def _of(cls, coefficients: dict[Monomial, int]) -> "Polynomial":
        """The polynomial of a dictionary of terms that nobody else keeps."""
        made = cls.__new__(cls)
        made._keep(coefficients)
        return made

    @property
    def terms(self) -> tuple[tuple[Monomial, int], ...]:
        """Monomials with their coefficients, those of high degree first."""
        if self._terms is None:
            order = sorted(self._coefficients.items(), key=lambda term: (-_degree(term[0]), term[0]))
            self._terms = tuple(order)
        return self._terms

    def __eq__(self, other: object) -> bool:
        return self._coefficients == other._coefficients if isinstance(other, Polynomial) else NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._coefficients.items()))
        return self._hash

    def __reduce__(self) -> tuple[type["Polynomial"], tuple[tuple[tuple[Monomial, int], ...]]]:
        return Polynomial, (self.terms,)

    def __repr__(self) -> str:
        return f"Polynomial({self.terms!r})"

    @classmethod
    def build(cls, terms: Mapping[Monomial, int]) -> "Polynomial":
        """The polynomial with these coefficients, one for each monomial."""
        return cls._of(dict(terms))

    @classmethod
    def constant(cls, value: int) -> "Polynomial":
        """The polynomial that is ``value`` everywhere."""
        return cls._of({(): value})

    @classmethod
    def variable(cls, name: str) -> "Polynomial":
        """The polynomial that is the variable ``name``."""
        return cls._of({((name, 1),): 1})

    @classmethod
    def of(cls, value: "Polynomial | int", by: str = "a polynomial") -> "Polynomial":
        """An integer as a constant polynomial; a polynomial as it is.

        Raises:
            ContractError: if it is neither; the message begins with ``by``, what asked for it.
        """
        if isinstance(value, Polynomial):
            return value
        given: object = value
        if isinstance(given, int | numbers.Integral):  # NumPy's integers too, which would overflow
            return cls.constant(operator.index(given))
        raise refused(
            f"{by} needs an integer or a polynomial in n with integer coefficients, but was given {shown(given)}",
            "multiply by the denominator, so that only integers occur"
            if isinstance(given, numbers.Number)
            else "give an integer such as 3 or a polynomial such as n + 1",
        )

    @property
    def variables(self) -> frozenset[str]:
        """The variables that occur."""
        return frozenset(name for monomial in self._coefficients for name, _ in monomial)

    @property
    def as_constant(self) -> int | None:
        """The value of a constant polynomial, None for any other."""
        if not self._coefficients:
            return 0
        return self._coefficients.get(()) if len(self._coefficients) == 1 else None

    @property
    def degree(self) -> int:
        """The largest total degree of a term (0 for constants)."""
        return max(map(_degree, self._coefficients), default=0)

    def __add__(self, other: "Polynomial | int") -> "Polynomial":
        operand = _operand(other)
        return NotImplemented if operand is None else _sum(self, operand, 1)

    __radd__ = __add__

    def __neg__(self) -> "Polynomial":
        return Polynomial._of({monomial: -c for monomial, c in self._coefficients.items()})

    def __sub__(self, other: "Polynomial | int") -> "Polynomial":
        operand = _operand(other)
        return NotImplemented if operand is None else _sum(self, operand, -1)

    def __rsub__(self, other: int) -> "Polynomial":
        return _sum(Polynomial.of(other), self, -1)

    def __mul__(self, other: "Polynomial | int") -> "Polynomial":
        if type(other) is int:  # most factors are: weights that are written down
            return Polynomial._of({monomial: c * other for monomial, c in self._coefficients.items()})
        operand = _operand(other)
        if operand is None:
            return NotImplemented
        product: dict[Monomial, int] = {}
        for m1, c1 in self._coefficients.items():
            for m2, c2 in operand._coefficients.items():
                monomial = _multiply(m1, m2)
                product[monomial] = product.get(monomial, 0) + c1 * c2
        return Polynomial._of(product)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> "Polynomial":
        given: object = exponent
        if not isinstance(given, int | numbers.Integral) or given < 0:
            raise refused(
                f"`({self}) ** {shown(given)}` is no polynomial: an exponent is an integer that is not negative",
                "multiply the other side by the denominator instead",
            )
        result = Polynomial.constant(1)
        for _ in range(operator.index(given)):
            result = result * self
        return result

    __rpow__ = refusing_reflected(
        "**", "is no polynomial", "give the bound that the proof needs as a further size (others=)"
    )
    __truediv__ = refusing("/", _NO_QUOTIENT, _INSTEAD)
    __floordiv__ = refusing("//", _NO_QUOTIENT, _INSTEAD)
    __mod__ = refusing("%", _NO_QUOTIENT, _INSTEAD)
    __rtruediv__ = refusing_reflected("/", _NO_QUOTIENT, _INSTEAD)
    __lt__ = refusing("<", _NO_ORDER, _BOUND)
    __le__ = refusing("<=", _NO_ORDER, _BOUND)
    __gt__ = refusing(">", _NO_ORDER, _BOUND)
    __ge__ = refusing(">=", _NO_ORDER, _BOUND)
    __array_ufunc__ = None  # so that NumPy's numbers leave arithmetic to this class

    def __bool__(self) -> bool:
        return bool(self._coefficients)

    def __call__(self, **values: int) -> int:
        """The value at a point; every variable that occurs must be given."""
        total = 0
        for monomial, coefficient in self._coefficients.items():
            term = coefficient
            for name, exponent in monomial:
                term *= values[name] ** exponent
            total += term
        return total

    def substitute(self, name: str, replacement: "Polynomial") -> "Polynomial":
        """This polynomial with a polynomial in the place of a variable."""
        if name not in self.variables:
            return self
        result = Polynomial.constant(0)
        for monomial, coefficient in self._coefficients.items():
            exponent = dict(monomial).get(name, 0)
            rest = tuple(pair for pair in monomial if pair[0] != name)
            result = result + replacement**exponent * Polynomial._of({rest: coefficient})
        return result

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        text = ""
        for monomial, coefficient in self.terms:
            factors = [name if e == 1 else f"{name}^{e}" for name, e in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            sign = "-" if coefficient < 0 else "+"
            text += (f" {sign} " if text else "-" if coefficient < 0 else "") + " ".join(factors)
        return text


def _operand(other: object) -> Polynomial | None:
    """The other side of an operator, None if it is of a kind that has to do the work itself."""
    if isinstance(other, Polynomial):
        return other
    if isinstance(other, int):
        return Polynomial.constant(int(other))
    return Polynomial.of(other, "arithmetic with n") if isinstance(other, numbers.Number) else None  # type: ignore[arg-type]


def _sum(left: Polynomial, right: Polynomial, sign: int) -> Polynomial:
    """left + sign * right."""
    total = dict(left._coefficients)
    for monomial, coefficient in right._coefficients.items():
        total[monomial] = total.get(monomial, 0) + sign * coefficient
    return Polynomial._of(total)


def _degree(monomial: Monomial) -> int:
    return sum(exponent for _, exponent in monomial)


def _multiply(left: Monomial, right: Monomial) -> Monomial:
    if not left or not right:
        return left or right
    exponents = dict(left)
    for name, exponent in right:
        exponents[name] = exponents.get(name, 0) + exponent
    return tuple(sorted(exponents.items()))


@dataclass(frozen=True)
class Domain:
    """The values of the variables for which something is claimed.

    ``minimum`` maps each size variable to the least value that it takes; ``scales`` maps each scale
    to its lower bound p, a polynomial in the size variables.
    """

    minimum: Mapping[str, int]
    scales: Mapping[str, Polynomial]

    def shifted(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial in variables that start at 0: n is replaced by n0 + n."""
        for name, least in self.minimum.items():
            polynomial = polynomial.substitute(name, Polynomial.variable(name) + least)
        return polynomial

    def proves(self, polynomial: Polynomial) -> bool:
        """Whether the test of this module shows that ``polynomial >= 0`` on the whole domain.

        >>> n = Polynomial.variable("n")
        >>> domain = Domain({"n": 1}, {"S": n + 1})
        >>> domain.proves(n * n - n), domain.proves(n - 2)
        (True, False)
        >>> S = Polynomial.variable("S")
        >>> domain.proves(S - n - 1), domain.proves(2 * n + 2 - S), domain.proves(S - n - 2)
        (True, True, False)

        Raises:
            ContractError: if a variable has neither a least value nor a lower bound.
        """
        value = polynomial.as_constant
        if value is not None:
            return value >= 0
        unknown = polynomial.variables - self.minimum.keys() - self.scales.keys()
        if unknown:
            known = ", ".join((*self.minimum, *self.scales))
            raise refused(
                f"nothing is known of {', '.join(sorted(unknown))} in {polynomial}; expected are the variables {known}",
                "declare a further size with its least value, such as others={'m': 1}",
            )
        return _proved(tuple(self.minimum.items()), tuple(self.scales.items()), polynomial)

    def without_scales(self, polynomial: Polynomial) -> list[Polynomial]:
        """The polynomial with each scale S as p + S and as 2p - S, in all combinations, S >= 0."""
        candidates = [polynomial]
        for name in sorted(polynomial.variables & set(self.scales)):
            lower, slack = self.scales[name], Polynomial.variable(name)
            candidates = [
                candidate.substitute(name, replacement)
                for candidate in candidates
                for replacement in (lower + slack, 2 * lower - slack)
            ]
        return candidates

    def maximum(self, *polynomials: Polynomial) -> Polynomial:
        """An upper bound of all of these: one of them where that can be proved, else coefficient by coefficient.

        In variables that start at 0 a polynomial with the larger coefficients is the larger one.
        """
        for candidate in polynomials:
            if all(self.proves(candidate - other) for other in polynomials if other is not candidate):
                return candidate
        largest: dict[Monomial, int] = {}
        for shifted in map(self.shifted, polynomials):
            for monomial, coefficient in shifted.terms:
                largest[monomial] = max(largest.get(monomial, 0), coefficient)
        bound = Polynomial.build(largest)
        for name, least in self.minimum.items():
            bound = bound.substitute(name, Polynomial.variable(name) - least)
        return bound

    def minimum_of(self, *polynomials: Polynomial) -> Polynomial:
        """A lower bound of all of these; see :meth:`maximum`."""
        return -self.maximum(*(-polynomial for polynomial in polynomials))

    def scale_values(self, **sizes: int) -> dict[str, int]:
        """The scales at these sizes: the least powers of two that reach the lower bounds."""
        return {name: 1 << max(0, lower(**sizes) - 1).bit_length() for name, lower in self.scales.items()}

    def upper(self, polynomial: Polynomial) -> Polynomial:
        """An upper bound without scales, for a polynomial: a scale with positive coefficient by 2p."""
        for name, lower in self.scales.items():
            if name in polynomial.variables:
                above = {m: abs(c) if name in dict(m) else c for m, c in polynomial.terms}
                polynomial = Polynomial.build(above).substitute(name, 2 * lower)
        return polynomial


def _no_negative(polynomial: Polynomial) -> bool:
    return all(coefficient >= 0 for _, coefficient in polynomial.terms)


@functools.lru_cache(maxsize=2**14)
def _proved(
    minimum: tuple[tuple[str, int], ...], scales: tuple[tuple[str, Polynomial], ...], polynomial: Polynomial
) -> bool:
    """See :meth:`Domain.proves`. Kept, since constructions that differ in a table ask the same about all the rest."""
    domain = Domain(dict(minimum), dict(scales))
    return any(_no_negative(domain.shifted(candidate)) for candidate in domain.without_scales(polynomial))
