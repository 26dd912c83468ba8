"""Sums of products in int64, each checked for overflow, and products in 128 bits.

Beside an integer sum of products its magnitudes are summed in float64. If those stay below LIMIT, the true
sum of magnitudes is below 2**63 (a relative error of 2**-52 per operation, over far fewer than 2**20
operations, cannot bridge from 9.0e18 to 9.22e18), so nothing has wrapped. Otherwise the loops stop.
"""

from typing import NamedTuple

import numpy as np

from constructions.numerics._jit_cache import Floats, Ints, compiled, inlined

LIMIT = 9.0e18


class Rows(NamedTuple):
    """Sparse rows: from ``start[row]`` up to ``start[row + 1]`` stand the columns and weights of a row."""

    start: Ints
    column: Ints
    weight: Ints


@inlined
def dot(rows: Rows, row: int, x: Ints) -> tuple[int, float]:
    """A sparse row times a vector, and the sum of the magnitudes."""
    start, column, weight = rows
    total, size = 0, 0.0
    for place in range(start[row], start[row + 1]):
        product = weight[place] * x[column[place]]
        total += product
        size += abs(float(weight[place]) * float(x[column[place]]))
    return total, size


@inlined
def scatter(rows: Rows, row: int, amount: int, target: Ints, sizes: Floats) -> None:
    """Add ``amount`` times a sparse column to a vector, and its magnitude to ``sizes``."""
    start, column, weight = rows
    for place in range(start[row], start[row + 1]):
        target[column[place]] += weight[place] * amount
        sizes[column[place]] += abs(float(weight[place]) * float(amount))


@inlined
def score_of(query: Ints, keys: Ints, record: int, features: int) -> tuple[int, float]:
    """Query times the key of a record, and the sum of the magnitudes."""
    total, size = 0, 0.0
    for f in range(features):
        total += query[f] * keys[record, f]
        size += abs(float(query[f]) * float(keys[record, f]))
    return total, size


@compiled
def divisor(a: int, b: int) -> int:
    """The greatest common divisor of two numbers that are not negative."""
    while b != 0:
        a, b = b, a % b
    return a


@compiled
def _wide(a: int, b: int) -> tuple[np.int64, np.uint64]:
    """The product of two int64 in 128 bits: the upper half, signed, and the lower half, without a sign."""
    half, mask = np.uint64(32), np.uint64(0xFFFFFFFF)
    ua, ub = np.uint64(a), np.uint64(b)
    a0, a1, b0, b1 = ua & mask, ua >> half, ub & mask, ub >> half
    low_cross, high_cross = a0 * b1, a1 * b0
    carried = ((a0 * b0) >> half) + (low_cross & mask) + (high_cross & mask)
    high = a1 * b1 + (low_cross >> half) + (high_cross >> half) + (carried >> half)
    # Two's complement: a negative a stands for a + 2**64, which adds b to the upper half; the same for b.
    if a < 0:
        high -= ub
    if b < 0:
        high -= ua
    return np.int64(high), ua * ub


@compiled
def product_exceeds(a: int, b: int, c: int, d: int) -> bool:
    """Whether a b > c d, for any int64.

    >>> product_exceeds(2**62, 2**62, 2**62 + 1, 2**62 - 1), product_exceeds(-(2**63), 3, 2, -(2**62))
    (True, False)
    """
    high, low = _wide(a, b)
    other_high, other_low = _wide(c, d)
    return bool(high > other_high or (high == other_high and low > other_low))
