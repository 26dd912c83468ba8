"""Fixed-point operations with a rounding after every step, compiled by numba.

Numbers are integers, in units of 2^-fraction, of magnitude at most 2^61, so that a sum of two never wraps. A
product is formed in 128 bits, as four products of halves with 32 bits. What leaves the range sets the first entry
of ``beyond`` and is replaced by the nearer end.

Where all products are below 2^53 and no partial sum can leave the range, float64 does the same in vector instructions
(:func:`linear_small`, :func:`scores_small`): the product is an integer below 2^53, to divide it by 2^fraction changes
the exponent only, and adding and subtracting 1.5 * 2^52 rounds to the nearest integer, ties to even, because float64
numbers from 2^52 to 2^53 are the integers. Sums of integers below 2^51 are exact.
"""

import numpy as np

from constructions.numerics._jit_cache import Floats, Ints, compiled

Range = tuple[int, int, int]
"""Bits of the fraction, the least and the largest integer."""

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_ROUNDS = 1.5 * 2.0**52
_BLOCK = 256  # positions at a time, so that what is being added up stays in the nearest cache

SMALL_PRODUCT, SMALL_SUM = 2**53, 2**51
"""Bounds below which float64 does the same."""


@compiled
def _kept(x: int, f: Range, beyond: Ints) -> int:
    if x < f[1]:
        beyond[0] = 1
        return f[1]
    if x > f[2]:
        beyond[0] = 1
        return f[2]
    return x


@compiled
def _rounded_product(a: int, b: int, f: Range, beyond: Ints) -> int:
    """a b / 2^fraction to the nearest integer, ties to even."""
    x, y = np.uint64(abs(a)), np.uint64(abs(b))
    x0, x1, y0, y1 = x & _LOW, x >> _HALF, y & _LOW, y >> _HALF
    low = x0 * y0
    middle = x1 * y0 + (low >> _HALF)  # at most (2^32 - 1)^2 + 2^32 - 1: no carry is lost
    other = x0 * y1 + (middle & _LOW)
    high = x1 * y1 + (middle >> _HALF) + (other >> _HALF)
    low = (other << _HALF) | (low & _LOW)
    negative = (a < 0) != (b < 0)
    shift = np.uint64(f[0])
    whole = low if f[0] == 0 else (high << (np.uint64(64) - shift)) | (low >> shift)
    if high >> shift != np.uint64(0) or whole >> np.uint64(62) != np.uint64(0):  # 2^62 and more
        beyond[0] = 1
        return f[1] if negative else f[2]
    if f[0] != 0:
        rest, half = low & ((_ONE << shift) - _ONE), _ONE << (shift - _ONE)
        if rest > half or (rest == half and whole & _ONE == _ONE):
            whole = whole + _ONE
    size: int = np.int64(whole)  # type: ignore[assignment]  # to numba both are int64
    return _kept(-size if negative else size, f, beyond)


@compiled
def added(x: Ints, y: Ints, f: Range, beyond: Ints, out: Ints) -> None:
    """x + y, entry by entry."""
    for i in range(x.size):
        out[i] = _kept(x[i] + y[i], f, beyond)


@compiled
def gated(x: Ints, y: Ints, f: Range, beyond: Ints, out: Ints) -> None:
    """max(x, 0) y, entry by entry."""
    for i in range(x.size):
        out[i] = _rounded_product(x[i], y[i], f, beyond) if x[i] > 0 else 0


@compiled
def linear(starts: Ints, columns: Ints, weights: Ints, x: Ints, f: Range, beyond: Ints, out: Ints) -> None:
    """out[i, r] = sum of weights[k] * x[i, columns[k]] over k from starts[r] to starts[r + 1], left to right."""
    for i in range(x.shape[0]):
        for row in range(starts.size - 1):
            total = 0
            for k in range(starts[row], starts[row + 1]):
                total = _kept(total + _rounded_product(weights[k], x[i, columns[k]], f, beyond), f, beyond)
            out[i, row] = total


@compiled
def scores(query: Ints, key: Ints, pairs: Ints, bias: Ints, f: Range, seen: Ints, beyond: Ints, out: Ints) -> None:
    """out[b, i, j] = query . key + bias[j] for the first seen[i] keys of each query, left to right."""
    for b in range(pairs.shape[0]):
        asking, asked = query[pairs[b, 0]], key[pairs[b, 1]]
        for i in range(asking.shape[0]):
            for j in range(seen[i]):
                total = 0
                for c in range(asking.shape[1]):
                    total = _kept(total + _rounded_product(asking[i, c], asked[j, c], f, beyond), f, beyond)
                if bias.size:
                    total = _kept(total + bias[j], f, beyond)
                out[b, i, j] = total


@compiled
def _accumulate(weight: float, x: Floats, unit: float, total: Floats) -> None:
    for i in range(total.size):
        total[i] += (weight * x[i] * unit + _ROUNDS) - _ROUNDS


@compiled
def linear_small(starts: Ints, columns: Ints, weights: Floats, x: Ints, unit: float, out: Ints) -> None:
    """What :func:`linear` gives, computed in float64 where that is exact; ``unit`` is 2^-fraction."""
    turned, total = np.empty((x.shape[1], _BLOCK)), np.empty(_BLOCK)
    for begin in range(0, x.shape[0], _BLOCK):
        width = min(_BLOCK, x.shape[0] - begin)
        for i in range(width):
            for c in range(x.shape[1]):
                turned[c, i] = x[begin + i, c]
        for row in range(starts.size - 1):
            total[:width] = 0.0
            for k in range(starts[row], starts[row + 1]):
                _accumulate(weights[k], turned[columns[k], :width], unit, total[:width])
            for i in range(width):
                out[begin + i, row] = np.int64(total[i])


@compiled
def scores_small(query: Floats, key: Floats, pairs: Ints, bias: Floats, unit: float, seen: Ints, out: Ints) -> None:
    """What :func:`scores` gives, in float64 where that is exact; ``key`` has shape (arrays, features, keys)."""
    sums = np.empty(key.shape[2])
    for b in range(pairs.shape[0]):
        asking, asked = query[pairs[b, 0]], key[pairs[b, 1]]
        for i in range(asking.shape[0]):
            total = sums[: seen[i]]
            total[:] = 0.0
            for c in range(asking.shape[1]):
                if asking[i, c] != 0.0:
                    _accumulate(asking[i, c], asked[c, : seen[i]], unit, total)
            for j in range(seen[i]):
                out[b, i, j] = np.int64(total[j] + (bias[j] if bias.size else 0.0))


@compiled
def weighted(weights: Ints, value: Ints, pairs: Ints, f: Range, beyond: Ints, total: Ints) -> None:
    """total[b, i, v] + sum over j of weights[b, i, j] * value[., j, v], left to right."""
    for b in range(weights.shape[0]):
        read = value[pairs[b, 1]]
        for i in range(weights.shape[1]):
            for j in range(weights.shape[2]):
                if weights[b, i, j] != 0:
                    for v in range(read.shape[1]):
                        term = _rounded_product(weights[b, i, j], read[j, v], f, beyond)
                        total[b, i, v] = _kept(total[b, i, v] + term, f, beyond)


@compiled
def picked(picks: Ints, value: Ints, pairs: Ints, f: Range, beyond: Ints, total: Ints) -> None:
    """total[b, i, v] + sum of value[., j, v] over the j with picks[b, i, j] = 1, left to right."""
    for b in range(picks.shape[0]):
        read = value[pairs[b, 1]]
        for i in range(picks.shape[1]):
            for j in range(picks.shape[2]):
                if picks[b, i, j] != 0:
                    for v in range(read.shape[1]):
                        total[b, i, v] = _kept(total[b, i, v] + read[j, v], f, beyond)


@compiled
def sums(weights: Ints, f: Range, beyond: Ints, total: Ints) -> None:
    """total[b, i] + sum over j of weights[b, i, j], left to right."""
    for b in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            for j in range(weights.shape[2]):
                total[b, i] = _kept(total[b, i] + weights[b, i, j], f, beyond)
