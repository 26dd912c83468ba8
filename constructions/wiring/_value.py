"""Values that a construction speaks about: named coordinates and integer combinations of them."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from constructions.errors import ContractError
from constructions.wiring._polynomial import Domain, Polynomial


@dataclass(frozen=True)
class Range:
    """Fractions between ``low`` and ``high`` for all sizes, with denominators up to ``denominator``."""

    low: Polynomial
    high: Polynomial
    denominator: Polynomial = field(default_factory=lambda: Polynomial.constant(1))

    @property
    def integer(self) -> bool:
        """Whether only integers occur."""
        return self.denominator.as_constant == 1

    def __str__(self) -> str:
        return f"[{self.low}, {self.high}]" + ("" if self.integer else f" with denominators up to {self.denominator}")


FLAG = Range(Polynomial.constant(0), Polynomial.constant(1))
"""The range of a flag: 0 or 1."""


@dataclass(eq=False)
class Coordinate:
    """A coordinate of the residual stream.

    ``start`` is its value at the first position, which depends on the first token alone, or None
    where that is not known. ``square`` gives its square where that can be had beside it, in the same
    layer; None where gated units must compute it.
    """

    name: str
    range: Range
    start: Polynomial | None
    square: "Callable[[], Value] | None" = field(default=None, repr=False)


class Value:
    """An integer combination of coordinates plus a constant; layers begin with linear maps, so it is free.

    Arithmetic: ``u + v``, ``u - v``, ``3 * u``, ``u + 1``; for a flag f, ``~f`` is ``1 - f``.
    """

    def __init__(
        self,
        domain: Domain,
        terms: Mapping[Coordinate, Polynomial],
        constant: Polynomial,
        label: str | None = None,
    ) -> None:
        self.domain = domain
        self.terms = {coordinate: c for coordinate, c in terms.items() if c}
        self.constant = constant
        self._label = label

    @property
    def label(self) -> str:
        """How messages and coordinates call it."""
        if self._label:
            return self._label
        pairs = [(c, coordinate.name) for coordinate, c in self.terms.items()]
        if self.constant or not pairs:
            pairs.append((self.constant, ""))
        text = ""
        for coefficient, name in pairs:
            negative = all(c < 0 for _, c in coefficient.terms)
            size = -coefficient if negative and coefficient else coefficient
            shown = f"({size})" if len(size.terms) > 1 and name else str(size)
            factor = name if shown == "1" and name else f"{shown} {name}".strip()
            sign = "-" if negative and coefficient else "+"
            text += f" {sign} {factor}" if text else ("-" if sign == "-" else "") + factor
        return text

    def named(self, label: str) -> "Value":
        """The same value under a name of its own."""
        return Value(self.domain, self.terms, self.constant, label)

    @functools.cached_property
    def range(self) -> Range:
        """The range that follows from those of the coordinates."""
        low = high = self.constant
        denominator = Polynomial.constant(1)
        for coordinate, coefficient in self.terms.items():
            ends = [coefficient * coordinate.range.low, coefficient * coordinate.range.high]
            if self.domain.proves(coefficient):
                low, high = low + ends[0], high + ends[1]
            elif self.domain.proves(-coefficient):
                low, high = low + ends[1], high + ends[0]
            else:
                raise ContractError(
                    f"the coefficient {coefficient} of {coordinate.name} may have either sign; expected one sign "
                    "for all sizes, so that the range of the sum is known"
                )
            denominator = denominator * coordinate.range.denominator
        return Range(low, high, denominator)

    @property
    def start(self) -> Polynomial | None:
        """The value at the first position, None where it is not known."""
        total = self.constant
        for coordinate, coefficient in self.terms.items():
            if coordinate.start is None:
                return None
            total = total + coefficient * coordinate.start
        return total

    @property
    def only(self) -> Coordinate | None:
        """The coordinate that this value is, if it is just that."""
        if len(self.terms) == 1 and not self.constant:
            ((coordinate, coefficient),) = self.terms.items()
            if coefficient.as_constant == 1:
                return coordinate
        return None

    @property
    def is_flag(self) -> bool:
        """Whether it is an integer from 0 to 1."""
        extent = self.range
        return extent.integer and self.domain.proves(extent.low) and self.domain.proves(1 - extent.high)

    @property
    def magnitude(self) -> Polynomial:
        """An upper bound of the absolute value."""
        return self.domain.maximum(self.range.high, -self.range.low)

    def __add__(self, other: "Value | Polynomial | int") -> "Value":
        if isinstance(other, Value):
            terms = dict(self.terms)
            for coordinate, coefficient in other.terms.items():
                terms[coordinate] = terms.get(coordinate, Polynomial.constant(0)) + coefficient
            return Value(self.domain, terms, self.constant + other.constant)
        return Value(self.domain, self.terms, self.constant + other)

    __radd__ = __add__

    def __mul__(self, factor: Polynomial | int) -> "Value":
        return Value(self.domain, {x: c * factor for x, c in self.terms.items()}, self.constant * factor)

    __rmul__ = __mul__

    def __neg__(self) -> "Value":
        return self * -1

    def __sub__(self, other: "Value | Polynomial | int") -> "Value":
        return self + (-other)

    def __rsub__(self, other: Polynomial | int) -> "Value":
        return -self + other

    def __invert__(self) -> "Value":
        require_flag(self, "~")
        label = self.label
        return (1 - self).named(label.removeprefix("not ") if label.startswith("not ") else f"not {label}")


def require_flag(value: Value, by: str) -> None:
    """Raise ContractError unless the value is 0 or 1 for all sizes."""
    if not value.is_flag:
        raise ContractError(f"{by} needs a flag, 0 or 1, but {value.label} has range {value.range}")


def require_integer(value: Value, by: str) -> None:
    """Raise ContractError unless the value is always an integer."""
    if not value.range.integer:
        raise ContractError(f"{by} needs an integer, but {value.label} has range {value.range}")
