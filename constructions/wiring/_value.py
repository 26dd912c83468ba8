"""The values of a construction: named coordinates and integer combinations of them."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import add, invert, mul
from typing import Any, TypeAlias

from constructions.errors import ContractError
from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._refusal import refused, refusing, refusing_reflected, shown

_LATER = "asks about numbers that a model holds when it runs, not while it is wired"
_NO_QUOTIENT = "is no integer combination of coordinates"
_INSTEAD = "multiply the other side of a comparison instead, such as w.equal(u, 2 * v) for u / 2 = v"


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

    Arithmetic: ``u + v``, ``u - v``, ``3 * u``, ``u + 1``; for a flag f, ``~f`` is ``1 - f``. Every other operator is
    refused with what to write instead; so is ``u == v``, which Python would take for a question about two objects.
    """

    def __init__(
        self,
        domain: Domain,
        terms: Mapping[Coordinate, Polynomial],
        constant: Polynomial,
        label: str | None = None,
        made: tuple[Any, ...] = (),
    ) -> None:
        self.domain = domain
        self.terms = {coordinate: c for coordinate, c in terms.items() if c}
        self.constant = constant
        self._label = label
        self.made = made  # by which operation, of which operands; a call's result is in the record, a number is itself

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
        """This value with the name ``label``, under which messages show it."""
        return Value(self.domain, self.terms, self.constant, label, (Value.named, self, label))

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
                raise refused(
                    f"the coefficient {coefficient} of {coordinate.name} may have either sign; expected one sign "
                    "for all sizes, so that the range of the sum is known",
                    "raise the least size (least=), or write the sum as two parts",
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
            if other.domain is not self.domain:
                raise _of_another_wiring(f"`{self.label} + {other.label}`", other)
            terms = dict(self.terms)
            for coordinate, coefficient in other.terms.items():
                terms[coordinate] = terms.get(coordinate, Polynomial.constant(0)) + coefficient
            return Value(self.domain, terms, self.constant + other.constant, None, (add, self, other))
        return Value(self.domain, self.terms, self.constant + _number(other, self, "+"), None, (add, self, other))

    __radd__ = __add__

    def __mul__(self, factor: Polynomial | int) -> "Value":
        given: object = factor
        if isinstance(given, Value):
            raise refused(
                f"`{self.label} * {given.label}` multiplies two values, which linear maps cannot",
                f"write w.product({self.label}, {given.label}), whose first factor is never negative, or "
                f"w.square({self.label})",
            )
        number = _number(given, self, "*")
        terms = {x: c * number for x, c in self.terms.items()}
        return Value(self.domain, terms, self.constant * number, None, (mul, self, factor))

    __rmul__ = __mul__

    def __neg__(self) -> "Value":
        return self * -1

    def __sub__(self, other: "Value | Polynomial | int") -> "Value":
        return self + (-other if isinstance(other, Value) else -_number(other, self, "-"))

    def __rsub__(self, other: Polynomial | int) -> "Value":
        return -self + other

    def __invert__(self) -> "Value":
        require_flag(self, "~")
        label = self.label
        flag = (1 - self).named(label.removeprefix("not ") if label.startswith("not ") else f"not {label}")
        flag.made = (invert, self)
        return flag

    def __bool__(self) -> bool:
        raise refused(
            f"`and`, `or`, `not` or `if` with {self.label} {_LATER}",
            "write w.both(u, v), w.either(u, v), ~u, or w.cases(..)",
        )

    __hash__ = object.__hash__  # by identity; what is kept under a value is found again under the same object
    __eq__ = refusing("==", _LATER, "write w.equal({a}, {b}), which is 1 where they are equal")
    __ne__ = refusing("!=", _LATER, "write ~w.equal({a}, {b})")
    __ge__ = refusing(">=", _LATER, "write w.at_least({a}, {b})")
    __gt__ = refusing(">", _LATER, "write w.at_least({a}, {b} + 1)")
    __le__ = refusing("<=", _LATER, "write w.at_least({b}, {a})")
    __lt__ = refusing("<", _LATER, "write w.at_least({b}, {a} + 1)")
    __and__ = refusing("&", _LATER, "write w.both({a}, {b})")
    __or__ = refusing("|", _LATER, "write w.either({a}, {b})")
    __xor__ = refusing("^", _LATER, "write ~w.equal({a}, {b})")
    __pow__ = refusing("**", "multiplies values, which linear maps cannot", "write w.square({a})")
    __truediv__ = refusing("/", _NO_QUOTIENT, _INSTEAD)
    __floordiv__ = refusing("//", _NO_QUOTIENT, _INSTEAD)
    __mod__ = refusing("%", _NO_QUOTIENT, _INSTEAD)
    __rtruediv__ = refusing_reflected("/", _NO_QUOTIENT, _INSTEAD)
    __array_ufunc__ = None  # so that NumPy's numbers leave arithmetic to this class


Operand: TypeAlias = Value | Polynomial | int
"""What gadgets take for a value: an integer or a polynomial is the same number at every position."""


def _number(given: object, value: Value, sign: str) -> Polynomial:
    """What stands beside a value in a sum or product, if it is a number."""
    if isinstance(given, Polynomial):
        return given
    if isinstance(given, int):
        return Polynomial.constant(int(given))
    _refuse_head(given, f"`{value.label} {sign} ..`")
    return Polynomial.of(given, f"`{value.label} {sign} {shown(given)}`")  # type: ignore[arg-type]


def own(domain: Domain, given: Operand, by: str) -> Value:
    """What was given as a value of this wiring, known by its domain.

    Raises:
        ContractError: if it is a value of another wiring, a fraction, or no number at all; ``by`` says who asked.
    """
    if isinstance(given, Value):
        if given.domain is not domain:
            raise _of_another_wiring(by, given)
        return given
    _refuse_head(given, by)
    return Value(domain, {}, Polynomial.of(given, by))


def _of_another_wiring(by: str, value: Value) -> ContractError:
    return refused(
        f"{by} was given {value.label}, a value of another wiring", "make it again from the features of this wiring"
    )


def _refuse_head(given: object, by: str) -> None:
    """A head is no value; what it reads is."""
    if callable(getattr(type(given), "read", None)):
        raise refused(f"{by} was given {shown(given)} itself", "read a value with it, such as head[w.token]")


def require_flag(value: Value, by: str) -> None:
    """Raise ContractError unless the value is 0 or 1 for all sizes."""
    if not value.is_flag:
        raise refused(
            f"{by} needs a flag, 0 or 1, but {value.label} has range {value.range}",
            f"compare it, such as w.equal({value.label}, 1) or w.at_least({value.label}, 1)",
        )


def require_integer(value: Value, by: str) -> None:
    """Raise ContractError unless the value is always an integer."""
    if not value.range.integer:
        raise refused(
            f"{by} needs an integer, but {value.label} has range {value.range}",
            "multiply an average by what it was divided by, with w.product",
        )
