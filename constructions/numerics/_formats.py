"""Floating-point formats: how many digits, which exponents, and what happens beyond them."""

import functools
import math
from dataclasses import dataclass
from fractions import Fraction

from constructions.errors import InputError
from constructions.numerics._rounding import round_to_digits

MOST_DIGITS = 53
"""Digits of a float64, in which the numbers of every format here are held."""

SMALLEST = -960
"""In a format without a least exponent, results below 2**SMALLEST become 0."""


@dataclass(frozen=True)
class FloatFormat:
    """A binary floating-point format; rounding is to the nearest, ties to even.

    Args:
        name: for messages.
        precision: digits of the significand, the leading 1 included, from 2 to 53.
        least_exponent: of the smallest normal number; below it digits are lost one by one. None: no least
            (but results below 2**-960, where float64 nears its end, become 0).
        largest: the largest number; None: no largest (but beyond float64's own range an operation raises).
        beyond: what a result becomes that is still larger after rounding: an infinity or not a number.
    """

    name: str
    precision: int
    least_exponent: int | None = None
    largest: float | None = None
    beyond: float = math.inf

    def __post_init__(self) -> None:
        if not 2 <= self.precision <= MOST_DIGITS:
            raise InputError(
                f"{self.name}: a significand of {self.precision} bits; expected 2 to {MOST_DIGITS}, because numbers "
                "are held in float64"
            )

    @property
    def ranged(self) -> bool:
        """Whether the exponents are bounded."""
        return self.least_exponent is not None

    def exactly(self, value: Fraction | int) -> Fraction:
        """The value with the format's digits, before the largest number is looked at."""
        if self.least_exponent is None:
            rounded = round_to_digits(value, self.precision)
            return rounded if abs(rounded) >= Fraction(1, 1 << -SMALLEST) else Fraction(0)
        return round_to_digits(value, self.precision, self.least_exponent)

    def round(self, value: Fraction | int) -> float:
        """The nearest number of the format as a float64, which holds it exactly.

        >>> FLOAT16.round(Fraction(2049)), FLOAT16.round(70000), BFLOAT16.round(70000)
        (2048.0, inf, 70144.0)
        """
        rounded = self.exactly(value)
        if self.largest is not None and abs(rounded) > Fraction(self.largest):
            return math.copysign(self.beyond, rounded)
        try:
            return float(rounded)
        except OverflowError:
            return math.copysign(math.inf, rounded)


BFLOAT16 = FloatFormat("bfloat16", 8, -126, (2.0 - 2.0**-7) * 2.0**127)
FLOAT16 = FloatFormat("float16", 11, -14, 65504.0)
FLOAT32 = FloatFormat("float32", 24, -126, (2.0 - 2.0**-23) * 2.0**127)
FLOAT8_E5M2 = FloatFormat("float8_e5m2", 3, -14, 57344.0)
FLOAT8_E4M3 = FloatFormat("float8_e4m3", 4, -6, 240.0)
FLOAT8_E3M4 = FloatFormat("float8_e3m4", 5, -2, 15.5)
# No infinities in the following: what is too large is not a number.
FLOAT8_E4M3FN = FloatFormat("float8_e4m3fn", 4, -6, 448.0, math.nan)
FLOAT8_E4M3FNUZ = FloatFormat("float8_e4m3fnuz", 4, -7, 240.0, math.nan)
FLOAT8_E5M2FNUZ = FloatFormat("float8_e5m2fnuz", 3, -15, 57344.0, math.nan)
FLOAT8_E4M3B11FNUZ = FloatFormat("float8_e4m3b11fnuz", 4, -10, 30.0, math.nan)

FORMATS: dict[str, FloatFormat] = {
    made.name: made
    for made in (
        BFLOAT16,
        FLOAT16,
        FLOAT32,
        FLOAT8_E5M2,
        FLOAT8_E4M3,
        FLOAT8_E3M4,
        FLOAT8_E4M3FN,
        FLOAT8_E4M3FNUZ,
        FLOAT8_E5M2FNUZ,
        FLOAT8_E4M3B11FNUZ,
    )
}
"""The formats that have a name of their own."""


@functools.cache
def float_format(precision: int) -> FloatFormat:
    """The format with so many digits and unbounded exponents."""
    return FloatFormat(f"float:{precision}", precision)


def inverse_temperature_of(value: int | float | Fraction | str | None) -> Fraction | None:
    """An inverse temperature as the rational number that it is; None is infinite.

    Raises:
        InputError: unless it is a positive number.
    """
    if value is None:
        return None
    try:
        exact = Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise InputError(f"an inverse temperature of {value!r}; expected a positive number such as 6.93") from error
    if exact <= 0:
        raise InputError(f"an inverse temperature of {value}; expected a positive number, or None for infinity")
    return exact
