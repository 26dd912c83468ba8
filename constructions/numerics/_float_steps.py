"""Floating-point operations with a rounding after every step, compiled by numba.

All numbers are float64. How one result is rounded stands in :mod:`constructions.numerics._float_rounding`; here are
the loops. None of them branches on the data, so that they become vector instructions. They have five *modes*:

* FAST: at most 25 digits, where no result can be so small that a rule for small ones applies.
* FULL: at most 25 digits; what lies beyond the ends of the exponents is replaced.
* WIDE: 26 to 52 digits, where float64 followed by rounding is not correct: the error of the float64 operation counts.
* TRIED: 26 to 51 digits, as FAST; correct but for float64 results half way between two numbers of so many digits.
  They are watched for, and where one is met the sum is computed once more as WIDE does.
* NATIVE: 53 digits, which is what float64 does.
"""

import numpy as np

from constructions.numerics._float_rounding import (
    FAST,
    FULL,
    NATIVE,
    TRIED,
    WIDE,
    Numbers,
    fast,
    full,
    half_way,
    kept,
    product_error,
    quotient_error,
    sum_error,
    wide,
)
from constructions.numerics._jit_cache import Floats, Ints, compiled

ADD, MULTIPLY, DIVIDE, GATED, ROUND = range(5)

_BLOCK = 256  # positions at a time, so that what is being added up stays in the nearest cache


@compiled
def _finish(x: float, low: float, mode: int, f: Numbers) -> float:
    if mode in (WIDE, TRIED):
        return wide(x, low, f)
    if mode == NATIVE:
        return kept(x, f)
    return full(x, f)


@compiled
def plus(a: float, b: float, mode: int, f: Numbers) -> float:
    """a + b, rounded; not for FAST."""
    s = a + b
    return _finish(s, sum_error(a, b, s) if mode in (WIDE, TRIED) else 0.0, mode, f)


@compiled
def times(a: float, b: float, mode: int, f: Numbers) -> float:
    """a b, rounded; not for FAST."""
    p = a * b
    return _finish(p, product_error(a, b, p) if mode in (WIDE, TRIED) else 0.0, mode, f)


@compiled
def elementwise(operation: int, a: Floats, b: Floats, mode: int, f: Numbers, out: Floats) -> None:
    """One operation on flat arrays, the entries of each rounded; ROUND rounds a float64 to at most 52 digits."""
    if mode == WIDE:
        _elementwise_wide(operation, a, b, f, out)
    elif mode == NATIVE:
        _elementwise_native(operation, a, b, f, out)
    elif operation == ADD:
        for i in range(a.size):
            out[i] = full(a[i] + b[i], f)
    elif operation == MULTIPLY:
        for i in range(a.size):
            out[i] = full(a[i] * b[i], f)
    elif operation == GATED:
        for i in range(a.size):  # the sign of a gate cannot be foretold: choosing is quicker than branching
            r = full(a[i] * b[i], f)
            out[i] = 0.0 if a[i] <= 0 else r
    elif operation == DIVIDE:
        for i in range(a.size):
            out[i] = full(a[i] / b[i], f)
    else:
        for i in range(a.size):
            out[i] = full(a[i], f)


@compiled
def _elementwise_wide(operation: int, a: Floats, b: Floats, f: Numbers, out: Floats) -> None:
    if operation == ADD:
        for i in range(a.size):
            s = a[i] + b[i]
            out[i] = wide(s, sum_error(a[i], b[i], s), f)
    elif operation == MULTIPLY:
        for i in range(a.size):
            p = a[i] * b[i]
            out[i] = wide(p, product_error(a[i], b[i], p), f)
    elif operation == GATED:
        for i in range(a.size):
            p = a[i] * b[i]
            r = wide(p, product_error(a[i], b[i], p), f)
            out[i] = 0.0 if a[i] <= 0 else r
    elif operation == DIVIDE:
        for i in range(a.size):
            q = a[i] / b[i]
            out[i] = wide(q, quotient_error(a[i], b[i], q), f)
    else:
        for i in range(a.size):
            out[i] = wide(a[i], 0.0, f)


@compiled
def _elementwise_native(operation: int, a: Floats, b: Floats, f: Numbers, out: Floats) -> None:
    if operation == ADD:
        for i in range(a.size):
            out[i] = kept(a[i] + b[i], f)
    elif operation == MULTIPLY:
        for i in range(a.size):
            out[i] = kept(a[i] * b[i], f)
    elif operation == GATED:
        for i in range(a.size):
            r = kept(a[i] * b[i], f)
            out[i] = 0.0 if a[i] <= 0 else r
    elif operation == DIVIDE:
        for i in range(a.size):
            out[i] = kept(a[i] / b[i], f)
    else:
        for i in range(a.size):
            out[i] = kept(a[i], f)


@compiled
def _accumulate(weight: float, x: Floats, total: Floats, mode: int, f: Numbers) -> None:
    """total + weight * x, both steps rounded."""
    if mode == FAST:
        scale = f[0]
        for i in range(total.size):
            total[i] = fast(total[i] + fast(weight * x[i], scale), scale)
    elif mode == FULL:
        for i in range(total.size):
            total[i] = full(total[i] + full(weight * x[i], f), f)
    elif mode in (WIDE, TRIED):
        for i in range(total.size):
            product = weight * x[i]
            term = wide(product, product_error(weight, x[i], product), f)
            s = total[i] + term
            total[i] = wide(s, sum_error(total[i], term, s), f)
    else:
        for i in range(total.size):
            total[i] = kept(total[i] + kept(weight * x[i], f), f)


@compiled
def _tried(weight: float, x: Floats, total: Floats, f: Numbers) -> bool:
    """Adds weight * x to the sums in the mode FAST; whether a result stood half way between two p-digit numbers."""
    scale, halves = f[0], 0
    for i in range(total.size):
        product = weight * x[i]
        term = fast(product, scale)
        s = total[i] + term
        total[i] = fast(s, scale)
        halves += half_way(product, term, scale) | half_way(s, total[i], scale)
    return halves > 0


@compiled
def linear(starts: Ints, columns: Ints, weights: Floats, x: Floats, mode: int, f: Numbers, out: Floats) -> None:
    """out[i, r] = sum of weights[k] * x[i, columns[k]] over k from starts[r] to starts[r + 1], left to right."""
    positions, features = x.shape
    turned = np.empty((features, _BLOCK))
    total = np.empty(_BLOCK)
    for begin in range(0, positions, _BLOCK):
        width = min(_BLOCK, positions - begin)
        for i in range(width):
            for c in range(features):
                turned[c, i] = x[begin + i, c]
        for row in range(starts.size - 1):
            total[:width] = 0.0
            halves = False
            for k in range(starts[row], starts[row + 1] if mode == TRIED else starts[row]):
                halves = halves or _tried(weights[k], turned[columns[k], :width], total[:width], f)
            if mode != TRIED or halves:
                total[:width] = 0.0
                for k in range(starts[row], starts[row + 1]):
                    _accumulate(weights[k], turned[columns[k], :width], total[:width], mode, f)
            for i in range(width):
                out[begin + i, row] = total[i]


@compiled
def recurrence(starts: Ints, columns: Ints, weights: Floats, x: Floats, state: Floats, mode: int, f: Numbers) -> None:
    """Replace x[b, t] by A s + x[b, t], where s is the one before it, ``state[b]`` before the first; not for FAST.

    The rows of A stand in ``starts``, ``columns`` and ``weights`` as for :func:`linear`.
    """
    for b in range(x.shape[0]):
        before = state[b]
        for t in range(x.shape[1]):
            for row in range(starts.size - 1):
                total = 0.0
                for k in range(starts[row], starts[row + 1]):
                    total = plus(total, times(weights[k], before[columns[k]], mode, f), mode, f)
                x[b, t, row] = plus(total, x[b, t, row], mode, f)
            before = x[b, t]


@compiled
def scores(query: Floats, key: Floats, pairs: Ints, bias: Floats, mode: int, f: Numbers, out: Floats) -> None:
    """out[b, i, j] = query . key + bias[j], left to right, for the arrays that pairs[b] names.

    ``query`` has shape (arrays, queries, features), ``key`` (arrays, features, keys).
    """
    for b in range(pairs.shape[0]):
        asking, asked = query[pairs[b, 0]], key[pairs[b, 1]]
        for i in range(asking.shape[0]):
            total = out[b, i]
            total[:] = 0.0
            halves = False
            for feature in range(asking.shape[1] if mode == TRIED else 0):
                if asking[i, feature] != 0.0:
                    halves = halves or _tried(asking[i, feature], asked[feature], total, f)
            if mode != TRIED or halves:
                total[:] = 0.0
                for feature in range(asking.shape[1]):
                    if asking[i, feature] != 0.0:
                        _accumulate(asking[i, feature], asked[feature], total, mode, f)
            if bias.size:
                for j in range(total.size):
                    total[j] = plus(total[j], bias[j], FULL if mode == FAST else mode, f)


@compiled
def weighted(weights: Floats, value: Floats, pairs: Ints, mode: int, f: Numbers, total: Floats) -> None:
    """total[b, i, v] + sum over j of weights[b, i, j] * value[., j, v], left to right."""
    for b in range(weights.shape[0]):
        read = value[pairs[b, 1]]
        for i in range(weights.shape[1]):
            for j in range(weights.shape[2]):
                weight = weights[b, i, j]
                if weight != 0.0:
                    for v in range(read.shape[1]):
                        term = times(weight, read[j, v], mode, f)
                        total[b, i, v] = plus(total[b, i, v], term, mode, f)


@compiled
def sums(weights: Floats, mode: int, f: Numbers, total: Floats) -> None:
    """total[b, i] + sum over j of weights[b, i, j], left to right."""
    for b in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            for j in range(weights.shape[2]):
                if weights[b, i, j] != 0.0:
                    total[b, i] = plus(total[b, i], weights[b, i, j], mode, f)


@compiled
def least_magnitude(x: Floats) -> float:
    """The smallest magnitude of an entry that is not 0; infinity if all are."""
    least = np.inf
    for i in range(x.size):
        size = abs(x[i])
        if size != 0.0:
            least = min(least, size)
    return least


__all__ = [
    "ADD", "DIVIDE", "FAST", "FULL", "GATED", "MULTIPLY", "NATIVE", "ROUND", "TRIED", "WIDE",
    "elementwise", "least_magnitude", "linear", "plus", "recurrence", "scores", "sums", "times", "weighted",
]  # fmt: skip
