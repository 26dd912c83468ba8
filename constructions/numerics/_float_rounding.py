"""One float64 result rounded to p digits, ties to even, without a branch on the data; compiled into the loops.

*At most 25 digits* (:func:`fast`, :func:`full`). A float64 operation followed by a rounding to p digits is correct, and
the rounding adds and subtracts t = 1.5 * 2^(53-p) * 2^e, where e is the exponent of x: the sum lies between 2^(53-p+e)
and 2^(54-p+e), where float64 is spaced by 2^(e+1-p), exactly the spacing of p-digit numbers next to x, and since t is
an even multiple of it, ties go to even for x too. With e no smaller than the format's least exponent this is gradual
underflow as well.

*26 to 52 digits* (:func:`wide`). Here double rounding can go wrong, in one case only: the float64 result lies half way
between two p-digit numbers and is itself not exact. Then the sign of its error says which neighbour is nearer, and the
error of a sum, product or quotient is computed exactly. Read as an integer, the magnitude of a float64 number grows
with the number, one step a unit in the last place, across powers of two as well. So rounding to even in the last
k = 53 - p bits is integer arithmetic: add 2^(k-1) - 1 + c and clear the last k bits, where c matters half way alone
(anything else is at least one step from there). Without an error c is the last bit that is kept, with one it is 1 where
the error points away from 0 and 0 where it points to 0. Below a power of two p-digit numbers lie closer, but the error
is at most a quarter of their distance there for p <= 52, so the power of two remains nearest.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.numerics._jit_cache import COMPILES, compiled

FAST, FULL, WIDE, TRIED, NATIVE = range(5)

Numbers = tuple[float, float, float, float, float, int]
"""Of a format: scale of t, its least value, the smallest and the largest magnitude, what is beyond, 53 - p."""

_EXPONENT = np.int64(0x7FF0000000000000)
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)
_SIGN = np.int64(-0x8000000000000000)
_ONE = np.int64(1)
_HALF = 2.0**-53 / 1.5


def _fused(_typing: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """a b + c with one rounding: an instruction where there is one, the C library's function where there is none."""
    from numba import types

    number = types.float64

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return number(number, number, number), emit


def _fused_in_python(a: float, b: float, c: float) -> float:
    """a b + c rounded once, without a compiler."""
    if not np.isfinite(a * b + c):
        return a * b + c
    return float(Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c)))


if COMPILES:
    from numba.extending import intrinsic

    _fma: Any = intrinsic(_fused)
else:
    _fma = _fused_in_python


@compiled
def _power(x: float) -> float:
    """The power of two at or below |x|; 0 for 0."""
    return np.float64(np.int64(np.float64(x).view(np.int64) & _EXPONENT).view(np.float64))


@compiled
def fast(x: float, scale: float) -> float:
    """x rounded."""
    t = scale * _power(x)
    return (x + t) - t


@compiled
def half_way(x: float, r: float, scale: float) -> bool:
    """Whether x lies half way between two numbers of p digits; r is x rounded by :func:`fast`.

    Half their distance is 2^(e-p), and scale 2^e = 1.5 * 2^(53-p+e). For x = 0, which is common and
    not half way, both are 0.
    """
    rest = abs(x - r)
    return bool((rest == scale * _power(x) * _HALF) & (rest != 0.0))


@compiled
def full(x: float, f: Numbers) -> float:
    """x rounded, or what stands for it beyond the ends; what is not a number stays so."""
    t = max(f[0] * _power(x), f[1])
    r = (x + t) - t
    if abs(r) < f[2]:
        return 0.0
    if abs(r) <= f[3]:
        return r
    return f[4] if x > 0 else -f[4] if x < 0 else x


@compiled
def kept(x: float, f: Numbers) -> float:
    """x, or 0 where it is too small; for formats without ends of their own."""
    return 0.0 if abs(x) < f[2] else x


@compiled
def wide(high: float, low: float, f: Numbers) -> float:
    """high + low rounded, where low is the exact error of high, or has its sign; no ends of the exponents."""
    bits = np.float64(high).view(np.int64)
    size = bits & _MAGNITUDE
    even = (size >> f[5]) & _ONE
    away = _ONE - (((np.float64(low).view(np.int64) ^ bits) & _SIGN) >> 63 & _ONE)
    chosen = even if low == 0.0 else away
    last = (_ONE << f[5]) - _ONE  # the bits to be dropped
    rounded = (size + (last >> 1) + chosen) & ~last
    return kept(np.float64(np.int64(rounded | (bits & _SIGN)).view(np.float64)), f)


@compiled
def sum_error(a: float, b: float, s: float) -> float:
    """a + b - s exactly, for s = a + b in float64 (Knuth)."""
    c = s - a
    return (a - (s - c)) + (b - c)


@compiled
def product_error(a: float, b: float, p: float) -> float:
    """a b - p exactly, for p = a b in float64 of at least 2^-960 (smaller ones become 0 anyway)."""
    return float(_fma(a, b, -p))


@compiled
def quotient_error(a: float, b: float, q: float) -> float:
    """A number with the sign of a / b - q, for q = a / b in float64: the remainder a - q b is exact."""
    rest = float(_fma(-q, b, a))
    return rest if b > 0 else -rest


__all__ = [
    "FAST", "FULL", "NATIVE", "TRIED", "WIDE", "Numbers",
    "fast", "full", "half_way", "kept", "product_error", "quotient_error", "sum_error", "wide",
]  # fmt: skip
