"""Correct rounding of exact numbers, in Python integers: what the faster code is compared with.

Ties go to even everywhere: of the two neighbours at equal distance the one whose last digit is 0.
"""

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

Rounded = TypeVar("Rounded", float, int)


def nearest_integer(numerator: int, denominator: int = 1) -> int:
    """The integer nearest to ``numerator / denominator``, ties to even; the denominator is positive.

    >>> [nearest_integer(k, 2) for k in (-5, -3, -1, 1, 3, 5)]
    [-2, -2, 0, 0, 2, 2]
    """
    below, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return below + (twice > denominator or (twice == denominator and below % 2 == 1))


def exponent_of(value: Fraction) -> int:
    """The e with 2^e <= |value| < 2^(e+1); value is not 0.

    >>> exponent_of(Fraction(3, 8)), exponent_of(Fraction(-4))
    (-2, 2)
    """
    above, below = abs(value.numerator), value.denominator
    guess = above.bit_length() - below.bit_length()  # right, or one too much
    smaller = above < below << guess if guess >= 0 else above << -guess < below
    return guess - smaller


def round_to_digits(value: Fraction | int, precision: int, least_exponent: int | None = None) -> Fraction:
    """``value`` with ``precision`` binary digits, ties to even.

    Args:
        value: any rational number.
        precision: how many digits, counted from the first that is not 0.
        least_exponent: the exponent of the smallest normal number: digits below
            2^(least_exponent - precision + 1) are dropped even where fewer remain (gradual underflow); None if
            there is no least.

    >>> round_to_digits(Fraction(11), 3), round_to_digits(Fraction(13), 3), round_to_digits(Fraction(1, 3), 2)
    (Fraction(12, 1), Fraction(12, 1), Fraction(3, 8))
    >>> round_to_digits(Fraction(5, 8), 3, least_exponent=0)
    Fraction(1, 2)
    """
    value = Fraction(value)
    if not value:
        return value
    exponent = exponent_of(value)
    if least_exponent is not None:
        exponent = max(exponent, least_exponent)
    last = exponent - precision + 1
    unit = Fraction(1 << last) if last >= 0 else Fraction(1, 1 << -last)
    scaled = value / unit
    return nearest_integer(scaled.numerator, scaled.denominator) * unit


@functools.lru_cache(maxsize=1 << 16)
def exponential(exponent: Fraction, rounding: Callable[[Fraction], Rounded]) -> Rounded:
    """e to the power of a rational number, correctly rounded.

    An enclosure in balls is made narrower until both of its ends round to the same number. That comes to an
    end: e^x is irrational for every rational x but 0, so it never lies on the border between two numbers.

    Args:
        exponent: any rational number.
        rounding: a monotone map of rational numbers to numbers of a format.
    """
    import flint

    if not exponent:
        return rounding(Fraction(1))
    bits = 64
    while True:
        with flint.ctx.workprec(bits):
            power = flint.arb(flint.fmpq(exponent.numerator, exponent.denominator)).exp()
            low, high = rounding(_exactly(power.lower())), rounding(_exactly(power.upper()))
        if low == high:
            return low
        bits *= 2


def _exactly(end: object) -> Fraction:
    """The rational value of a ball of radius 0."""
    mantissa, exponent = (int(part) for part in end.man_exp())  # type: ignore[attr-defined]
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)
