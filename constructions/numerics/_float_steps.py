"""Floating-point operations with a rounding after every step, compiled by numba.

All numbers are float64. Rounding x to p digits adds and subtracts t = 1.5 * 2^(53-p) * 2^e, where e is the exponent
of x: the sum lies between 2^(53-p+e) and 2^(54-p+e), where float64 is spaced by 2^(e+1-p), exactly the spacing of
p-digit numbers next to x, and since t is an even multiple of it, ties go to even for x too. With e no smaller than
the format's least exponent this is gradual underflow as well. The loops have four *modes*:

* FAST: that and nothing else; allowed where no result can be so small that a rule for small ones applies.
* FULL: the same, and what lies beyond the ends of the exponents is replaced.
* WIDE: for 26 to 52 digits, where float64 followed by rounding is not correct. The rounding error of the float64
  operation is computed exactly (sums by Knuth, products by Dekker). It matters only if the float64 result lies
  half way between two p-digit numbers, and then its sign says which of them is nearer.
* NATIVE: 53 digits, which is what float64 does.
"""

import numpy as np

from constructions.numerics._compiling import Floats, Ints, compiled

FAST, FULL, WIDE, NATIVE = range(4)
ADD, MULTIPLY, DIVIDE, GATED, ROUND = range(5)

_EXPONENT = np.int64(0x7FF0000000000000)
_SPLIT = 2.0**27 + 1.0
Numbers = tuple[float, float, float, float, float, float]
"""Of a format: scale of t, its least value, the smallest and the largest magnitude, what is beyond, the half."""

_BLOCK = 256  # positions at a time, so that what is being added up stays in the nearest cache


@compiled
def _power(x: float) -> float:
    """The power of two at or below |x|; 0 for 0."""
    return np.float64(np.int64(np.float64(x).view(np.int64) & _EXPONENT).view(np.float64))


@compiled
def _fast(x: float, scale: float) -> float:
    t = scale * _power(x)
    return (x + t) - t


@compiled
def _ends(r: float, x: float, small: float, largest: float, beyond: float) -> float:
    """r, the rounded x, or what stands for it beyond the ends; what is not a number stays so."""
    if abs(r) < small:
        return 0.0
    if abs(r) <= largest:
        return r
    return beyond if x > 0 else -beyond if x < 0 else x


@compiled
def _full(x: float, f: Numbers) -> float:
    t = max(f[0] * _power(x), f[1])
    return _ends((x + t) - t, x, f[2], f[3], f[4])


@compiled
def _wide(high: float, low: float, f: Numbers) -> float:
    """high + low rounded, where low is the exact error of high, or has its sign."""
    t = f[0] * _power(high)
    size = abs(high)
    r = (size + t) - t
    rest = size - r
    if abs(rest) * f[5] == t and low != 0.0:  # half way: the neighbours are r and the one beyond high
        up = (low > 0) == (high > 0)
        r = size + abs(rest) if up else size - abs(rest)
    return _ends(r if high > 0 else -r, high, f[2], f[3], f[4])


@compiled
def _sum_error(a: float, b: float, s: float) -> float:
    c = s - a
    return (a - (s - c)) + (b - c)


@compiled
def _product_error(a: float, b: float, p: float) -> float:
    c = _SPLIT * a
    a1 = c - (c - a)
    a2 = a - a1
    c = _SPLIT * b
    b1 = c - (c - b)
    b2 = b - b1
    return ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@compiled
def _finish(x: float, low: float, mode: int, f: Numbers) -> float:
    if mode == WIDE:
        return _wide(x, low, f)
    if mode == NATIVE:
        return _ends(x, x, f[2], f[3], f[4])
    return _full(x, f)


@compiled
def _plus(a: float, b: float, mode: int, f: Numbers) -> float:
    s = a + b
    return _finish(s, _sum_error(a, b, s) if mode == WIDE else 0.0, mode, f)


@compiled
def _times(a: float, b: float, mode: int, f: Numbers) -> float:
    p = a * b
    return _finish(p, _product_error(a, b, p) if mode == WIDE else 0.0, mode, f)


@compiled
def _over(a: float, b: float, mode: int, f: Numbers) -> float:
    q = a / b
    low = 0.0
    if mode == WIDE:  # the remainder a - q b is exact
        p = q * b
        low = ((a - p) - _product_error(q, b, p)) / b
    return _finish(q, low, mode, f)


@compiled
def elementwise(operation: int, a: Floats, b: Floats, mode: int, f: Numbers, out: Floats) -> None:
    """One operation on flat arrays, the entries of each rounded; ROUND rounds a float64 to at most 52 digits."""
    if operation == ADD and mode == FULL:
        for i in range(a.size):
            out[i] = _full(a[i] + b[i], f)
    elif operation == MULTIPLY and mode == FULL:
        for i in range(a.size):
            out[i] = _full(a[i] * b[i], f)
    elif operation == GATED and mode == FULL:
        for i in range(a.size):  # the sign of a gate cannot be foretold: choosing is quicker than branching
            r = _full(a[i] * b[i], f)
            out[i] = 0.0 if a[i] <= 0 else r
    elif operation == ADD:
        for i in range(a.size):
            out[i] = _plus(a[i], b[i], mode, f)
    elif operation == MULTIPLY:
        for i in range(a.size):
            out[i] = _times(a[i], b[i], mode, f)
    elif operation == GATED:
        for i in range(a.size):
            out[i] = _times(a[i], b[i], mode, f) if a[i] > 0 else (0.0 if a[i] <= 0 else a[i])
    elif operation == DIVIDE:
        for i in range(a.size):
            out[i] = _over(a[i], b[i], mode, f)
    else:
        for i in range(a.size):
            out[i] = _finish(a[i], 0.0, mode, f)


@compiled
def _accumulate(weight: float, x: Floats, total: Floats, mode: int, f: Numbers) -> None:
    """total + weight * x, both steps rounded."""
    if mode == FAST:
        scale = f[0]
        for i in range(total.size):
            total[i] = _fast(total[i] + _fast(weight * x[i], scale), scale)
    elif mode == FULL:
        for i in range(total.size):
            total[i] = _full(total[i] + _full(weight * x[i], f), f)
    elif mode == WIDE:
        for i in range(total.size):
            product = weight * x[i]
            term = _wide(product, _product_error(weight, x[i], product), f)
            s = total[i] + term
            total[i] = _wide(s, _sum_error(total[i], term, s), f)
    else:
        for i in range(total.size):
            product = weight * x[i]
            term = _ends(product, product, f[2], f[3], f[4])
            s = total[i] + term
            total[i] = _ends(s, s, f[2], f[3], f[4])


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
            for k in range(starts[row], starts[row + 1]):
                _accumulate(weights[k], turned[columns[k], :width], total[:width], mode, f)
            for i in range(width):
                out[begin + i, row] = total[i]


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
            for feature in range(asking.shape[1]):
                weight = asking[i, feature]
                if weight != 0.0:
                    _accumulate(weight, asked[feature], total, mode, f)
            if bias.size:
                for j in range(total.size):
                    total[j] = _plus(total[j], bias[j], FULL if mode == FAST else mode, f)


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
                        term = _times(weight, read[j, v], mode, f)
                        total[b, i, v] = _plus(total[b, i, v], term, mode, f)


@compiled
def sums(weights: Floats, mode: int, f: Numbers, total: Floats) -> None:
    """total[b, i] + sum over j of weights[b, i, j], left to right."""
    for b in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            for j in range(weights.shape[2]):
                if weights[b, i, j] != 0.0:
                    total[b, i] = _plus(total[b, i], weights[b, i, j], mode, f)


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
    "ADD", "DIVIDE", "FAST", "FULL", "GATED", "MULTIPLY", "NATIVE", "ROUND", "WIDE",
    "elementwise", "least_magnitude", "linear", "scores", "sums", "weighted",
]  # fmt: skip
