"""Exact rational arithmetic on arrays, at the speed of float64 where that is provably the same.

An activation is an array of integers (the numerators) with one positive denominator per position.
Each array carries, per feature, a bound on the magnitude of its numerators, a Python integer; every
operation first derives the bound of all that it will compute, partial sums included, and chooses
the cheapest of three *rungs* on which nothing can be lost:

==========  =====================  =====================================================
rung        if the bound is        why it is exact
==========  =====================  =====================================================
float64     at most 2**53          integers up to 2**53 are floats, and so is every partial
                                   sum, in whatever order BLAS (with or without fused
                                   multiply-add) forms it: nothing is ever rounded
int64       below 2**63            two's complement does not wrap
integers    anything               Python integers; products by python-flint
==========  =====================  =====================================================

A bound that is derived may be far above what occurs. So before a rung is left, the magnitudes are
measured (an exact maximum over the array) and the bound is derived again from those.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.errors import ModelError
from constructions.numerics._arithmetic import Arithmetic, Segment
from constructions.numerics._matrix import Matrix
from constructions.numerics._scan import scan_by_doubling

FLOAT64_LIMIT = 2**53
INT64_LIMIT = 2**63 - 1

_FLOAT64 = np.dtype(np.float64)
_INT64 = np.dtype(np.int64)
_INTEGERS = np.dtype(object)

# Above this many rows (tables with a row per token) bounds are derived per column instead of per row.
_MANY_ROWS = 256

AnyArray = NDArray[Any]


def rung(bound: int) -> np.dtype[np.generic]:
    """The cheapest dtype in which integers up to ``bound``, and sums that stay below it, are exact.

    >>> rung(2**53), rung(2**53 + 1), rung(2**63)
    (dtype('float64'), dtype('int64'), dtype('O'))
    """
    if bound <= FLOAT64_LIMIT:
        return _FLOAT64
    return _INT64 if bound <= INT64_LIMIT else _INTEGERS


def _cast(array: AnyArray, dtype: np.dtype[np.generic]) -> AnyArray:
    """The same integers in another dtype; the caller has established that they fit."""
    if array.dtype == dtype:
        return array
    if array.dtype == _FLOAT64:  # integers of magnitude at most 2**53
        array = array.astype(np.int64)
    return array.astype(dtype, copy=False)


@dataclass(frozen=True, eq=False)
class Rationals:
    """Numerators of shape (..., features) over denominators of shape (...), None meaning all ones.

    ``bounds[f]`` bounds the magnitude of the numerators of feature f, ``denominator_bound`` the
    denominators.
    """

    numerators: AnyArray
    denominators: AnyArray | None
    bounds: tuple[int, ...]
    denominator_bound: int = 1

    @property
    def bound(self) -> int:
        """The largest of the bounds of the features."""
        return max(self.bounds, default=0)

    def measured(self) -> "Rationals":
        """The same values with bounds that are attained."""
        features = self.numerators.shape[-1]
        flat = self.numerators.reshape(math.prod(self.numerators.shape[:-1]), features)
        # max of the maximum and minus the minimum, in Python integers: -(-2**63) must not wrap
        highs, lows = flat.max(axis=0, initial=0).tolist(), flat.min(axis=0, initial=0).tolist()
        bounds = tuple(max(int(high), -int(low)) for high, low in zip(highs, lows, strict=True))
        largest = 1 if self.denominators is None else int(self.denominators.max(initial=1))
        return replace(self, bounds=bounds, denominator_bound=largest)


@functools.lru_cache(maxsize=8192)
def _linear_bounds(matrix: Matrix, bounds: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Bounds of ``matrix @ x``, and of everything that is touched when it is computed."""
    rows, _ = matrix.shape
    if rows > _MANY_ROWS:
        columns = [max(int(c.max()), -int(c.min())) for c in matrix.numerators.T]
        result = (sum(c * b for c, b in zip(columns, bounds, strict=True)),) * rows
        largest = max(columns, default=0)
    else:
        result = tuple(sum(abs(w) * bounds[c] for c, w in row) for row in matrix.sparse_rows)
        largest = matrix.largest
    return result, max(*result, largest, *bounds, 0)


def _integer_product(a: AnyArray, b: AnyArray) -> AnyArray:
    """``a @ b`` for two-dimensional arrays of Python integers, through python-flint."""
    import flint

    rows, inner = a.shape
    columns = b.shape[1]
    result = np.zeros((rows, columns), dtype=object)
    if rows and inner and columns:
        product = flint.fmpz_mat(a.tolist()) * flint.fmpz_mat(b.tolist())
        flat = np.array([int(entry) for entry in product.entries()], dtype=object)
        result[:] = flat.reshape(rows, columns)
    return result


def _product(a: AnyArray, b: AnyArray, bound: int) -> AnyArray:
    """Batched ``a @ b`` of integers; ``bound`` covers operands, products and every partial sum.

    Leading axes broadcast. Where only ``b`` is shared along the last leading axis, the rows of ``a``
    are joined first, so that queries with a common prefix cost one product.
    """
    dtype = rung(bound)
    a, b = _cast(a, dtype), _cast(b, dtype)
    if a.ndim > 2 and b.ndim == a.ndim and b.shape[-3] == 1 != a.shape[-3]:
        joined = a.reshape(*a.shape[:-3], a.shape[-3] * a.shape[-2], a.shape[-1])
        return _product(joined, b[..., 0, :, :], bound).reshape(*a.shape[:-1], b.shape[-1])
    if dtype != _INTEGERS:
        product: AnyArray = np.matmul(a, b)
        return product
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = np.broadcast_to(a, lead + a.shape[-2:]), np.broadcast_to(b, lead + b.shape[-2:])
    result = np.empty((*lead, a.shape[-2], b.shape[-1]), dtype=object)
    for place in np.ndindex(*lead):
        result[place] = _integer_product(a[place], b[place])
    return result


def _times(x: AnyArray, y: AnyArray, bound: int) -> AnyArray:
    dtype = rung(bound)
    return _cast(x, dtype) * _cast(y, dtype)


def _plus(x: AnyArray, y: AnyArray, bound: int) -> AnyArray:
    dtype = rung(bound)
    return _cast(x, dtype) + _cast(y, dtype)


class Exact(Arithmetic[Rationals]):
    """Rational arithmetic without rounding; softmax at infinite inverse temperature.

    Attention is uniform over the exact arg max of the scores.

    Args:
        first_rung: start the ladder at ``"float64"`` (the default), ``"int64"`` or ``"integers"``;
            the values are the same on each, which is what the tests use it for.
    """

    name = "exact"

    def __init__(self, first_rung: str = "float64") -> None:
        floors = {"float64": 0, "int64": FLOAT64_LIMIT + 1, "integers": INT64_LIMIT + 1}
        if first_rung not in floors:
            raise ModelError(f"unknown rung {first_rung!r}; expected one of {', '.join(floors)}")
        self._floor = floors[first_rung]

    def _at_least(self, bound: int) -> int:
        return max(bound, self._floor)

    def _limit_exceeded(self, bound: int) -> bool:
        return bound > FLOAT64_LIMIT

    def lift(self, values: AnyArray, denominator: int, bounds: Sequence[int]) -> Rationals:
        """Integers over one common denominator; see :meth:`Arithmetic.lift`."""
        bounds = tuple(bounds)
        numerators = _cast(values, rung(self._at_least(max(bounds, default=0))))
        if denominator == 1:
            return Rationals(numerators, None, bounds)
        dtype = rung(self._at_least(denominator))
        denominators = np.full(values.shape[:-1], denominator, dtype=dtype)
        return Rationals(numerators, denominators, bounds, denominator)

    def linear(self, matrix: Matrix, x: Rationals) -> Rationals:
        """``matrix @ x``; every sum of products is bounded before it is formed."""
        result, touched = _linear_bounds(matrix, x.bounds)
        if self._limit_exceeded(touched):
            x = x.measured()
            result, touched = _linear_bounds(matrix, x.bounds)
        dtype = rung(self._at_least(touched))
        lead = x.numerators.shape[:-1]
        flat = _cast(x.numerators, dtype).reshape(math.prod(lead), matrix.shape[1])
        if dtype == _FLOAT64:
            product: AnyArray = flat @ matrix.as_float64
        elif dtype == _INT64:
            product = flat @ _cast(matrix.numerators, _INT64).T
        else:
            product = _integer_product(flat, _cast(matrix.numerators, _INTEGERS).T)
        numerators = product.reshape(*lead, matrix.shape[0])
        scaled = self._scaled_denominators(x, matrix.denominator)
        return Rationals(numerators, *scaled[:1], result, scaled[1])

    def _scaled_denominators(self, x: Rationals, factor: int) -> tuple[AnyArray | None, int]:
        if factor == 1:
            return x.denominators, x.denominator_bound
        bound = x.denominator_bound * factor
        dtype = rung(self._at_least(bound))
        if x.denominators is None:
            return np.full(x.numerators.shape[:-1], factor, dtype=dtype), bound
        return _times(x.denominators, np.array(factor, dtype=dtype), self._at_least(bound)), bound

    def add(self, x: Rationals, y: Rationals) -> Rationals:
        """Sum over a common denominator (the product, unless they are known to be the same)."""
        same = x.denominators is y.denominators
        dx, dy = (1, 1) if same else (x.denominator_bound, y.denominator_bound)
        bounds = tuple(a * dy + b * dx for a, b in zip(x.bounds, y.bounds, strict=True))
        touched = max(*bounds, dx, dy)  # a numerator may be 0 and the denominator beyond every float
        if self._limit_exceeded(max(touched, dx * dy)) and (mx := x.measured()).bounds != x.bounds:
            return self.add(mx, y.measured())
        limit = self._at_least(touched)
        left, right = x.numerators, y.numerators
        if not same and y.denominators is not None:
            left = _times(left, y.denominators[..., None], limit)
        if not same and x.denominators is not None:
            right = _times(right, x.denominators[..., None], limit)
        numerators = _plus(left, right, limit)
        if same:
            return Rationals(numerators, x.denominators, bounds, x.denominator_bound)
        if x.denominators is None or y.denominators is None:
            denominators = y.denominators if x.denominators is None else x.denominators
            return Rationals(numerators, denominators, bounds, dx * dy)
        denominators = _times(x.denominators, y.denominators, self._at_least(dx * dy))
        return Rationals(numerators, denominators, bounds, dx * dy)

    def gated(self, gate: Rationals, value: Rationals) -> Rationals:
        """``max(gate, 0) * value``; the denominators multiply."""
        bounds = tuple(g * v for g, v in zip(gate.bounds, value.bounds, strict=True))
        touched = max(*bounds, gate.bound, value.bound) if bounds else 0
        denominator = gate.denominator_bound * value.denominator_bound
        if self._limit_exceeded(max(touched, denominator)) and ((measured := gate.measured()).bounds != gate.bounds):
            return self.gated(measured, value.measured())
        limit = self._at_least(touched)
        opened = np.maximum(_cast(gate.numerators, rung(limit)), 0)
        numerators = _times(opened, value.numerators, limit)
        if gate.denominators is None or value.denominators is None:
            denominators = value.denominators if gate.denominators is None else gate.denominators
        else:
            denominators = _times(gate.denominators, value.denominators, self._at_least(denominator))
        return Rationals(numerators, denominators, bounds, denominator)

    def attend(self, query: Rationals, segments: Sequence[Segment[Rationals]], slope: int, first: int) -> Rationals:
        """Uniform average of the values over the exact arg max of the scores."""
        scores, _ = self.scores(query, segments, slope, first)
        values, common = _over_common_denominator([segment.value for segment in segments])
        best = functools.reduce(np.maximum, [s.max(axis=-1, keepdims=True) for s in scores if s.shape[-1]])
        hits = [s == best for s in scores]
        counts = functools.reduce(np.add, [hit.sum(axis=-1) for hit in hits])
        most = int(counts.max(initial=1))
        # A sum of at most ``most`` values: every partial sum is within that many times their bound.
        if self._limit_exceeded(most * max(v.bound for v in values)):
            values = [v.measured() for v in values]
        bounds = tuple(most * max(column) for column in zip(*(v.bounds for v in values), strict=True))
        limit = self._at_least(max(bounds, default=0))
        dtype = rung(limit)
        sums = [
            _product(hit.astype(np.int64).astype(dtype), v.numerators, limit)
            for hit, v in zip(hits, values, strict=True)
        ]
        numerators = functools.reduce(np.add, sums)
        if most == 1 and common == 1:
            return Rationals(numerators, None, bounds)
        bound = self._at_least(most * common)
        denominators = _times(counts, np.array(common, dtype=rung(bound)), bound)
        return Rationals(numerators, denominators, bounds, most * common)

    def scores(
        self, query: Rationals, segments: Sequence[Segment[Rationals]], slope: int, first: int
    ) -> tuple[list[AnyArray], int]:
        """Scores for each segment, (..., queries, keys), times the positive denominators of the row.

        The second result is the score that stands for keys after the query; every real one is larger.
        """
        keys, _ = _over_common_denominator([segment.key for segment in segments])
        slope *= keys[0].denominator_bound
        last = max(first, *(s.first + s.length for s in segments))

        def bound_of(q: Rationals, ks: Sequence[Rationals]) -> int:
            products = max(sum(a * b for a, b in zip(q.bounds, k.bounds, strict=True)) for k in ks)
            # one more than any score, for the hidden positions; and the operands themselves
            largest = max(q.bound, *(k.bound for k in ks), q.denominator_bound)
            return max(products + abs(slope) * last * q.denominator_bound + 1, largest)

        bound = bound_of(query, keys)
        if self._limit_exceeded(bound):
            query, keys = query.measured(), [k.measured() for k in keys]
            bound = bound_of(query, keys)
        limit = self._at_least(bound)
        dtype = rung(limit)
        rows = query.numerators.shape[-2]
        own = first + np.arange(rows)
        result = []
        for key, segment in zip(keys, segments, strict=True):
            scores = _product(query.numerators, np.swapaxes(key.numerators, -1, -2), limit)
            there = segment.first + np.arange(segment.length)
            if slope:
                bias = there.astype(dtype) * np.array(slope, dtype=dtype)
                if query.denominators is None:
                    scores = scores + bias
                else:
                    scores = scores + _cast(query.denominators, dtype)[..., None] * bias
            if segment.length and rows and there[-1] > first:
                hidden = np.array(-bound, dtype=dtype)
                scores = np.where(there[None, :] <= own[:, None], scores, hidden)
            result.append(scores)
        return result, -bound

    def argmax(self, logits: Rationals) -> NDArray[np.int64]:
        """First index of the largest numerator: a row has one positive denominator."""
        return np.asarray(np.argmax(logits.numerators, axis=-1), dtype=np.int64)

    def take(self, x: Rationals, start: int, stop: int) -> Rationals:
        """Positions ``start`` to ``stop`` (excluded)."""
        denominators = None if x.denominators is None else x.denominators[..., start:stop]
        return replace(x, numerators=x.numerators[..., start:stop, :], denominators=denominators)

    def rows(self, x: Rationals, index: NDArray[np.int64]) -> Rationals:
        """The entries ``index`` of the first axis."""
        denominators = None if x.denominators is None else x.denominators[index]
        return replace(x, numerators=x.numerators[index], denominators=denominators)

    def shared(self, x: Rationals) -> Rationals:
        """A new axis of length 1 before positions and features."""
        denominators = None if x.denominators is None else x.denominators[..., None, :]
        return replace(x, numerators=x.numerators[..., None, :, :], denominators=denominators)

    def concatenate(self, parts: Sequence[Rationals]) -> Rationals:
        """Join along positions; the bounds are the larger ones."""
        bounds = tuple(max(column) for column in zip(*(part.bounds for part in parts), strict=True))
        dtype = rung(self._at_least(max(bounds, default=0)))
        numerators = np.concatenate([_cast(part.numerators, dtype) for part in parts], axis=-2)
        if all(part.denominators is None for part in parts):
            return Rationals(numerators, None, bounds)
        bound = max(part.denominator_bound for part in parts)
        dtype = rung(self._at_least(bound))
        denominators = [
            np.ones(part.numerators.shape[:-1], dtype=dtype)
            if part.denominators is None
            else _cast(part.denominators, dtype)
            for part in parts
        ]
        return Rationals(numerators, np.concatenate(denominators, axis=-1), bounds, bound)

    def scan(self, transition: Matrix, inputs: Rationals, length: int, state: Rationals | None) -> Rationals:
        """The states of a linear recurrence; nothing is rounded, so the order is free.

        The bound of a counter would grow with every step and all others be derived anew from it. So the states
        are measured, and one power of two bounds them all, which seldom changes.
        """
        states = scan_by_doubling(self, transition, inputs, length, state).measured()
        return replace(states, bounds=(1 << states.bound.bit_length(),) * len(states.bounds))

    def settle(self, x: Rationals) -> Rationals:
        """Reduce each position by the greatest common divisor of its numerators and denominator."""
        if x.denominators is None:
            return x
        widest = rung(max(x.bound, x.denominator_bound, FLOAT64_LIMIT + 1))
        numerators, denominators = _cast(x.numerators, widest), _cast(x.denominators, widest)
        divisor = np.gcd(np.gcd.reduce(numerators, axis=-1), denominators)
        denominators = denominators // divisor
        numerators = numerators // divisor[..., None]
        reduced = Rationals(numerators, denominators, x.bounds, x.denominator_bound).measured()
        if reduced.denominator_bound == 1:
            reduced = replace(reduced, denominators=None)
        dtype = rung(self._at_least(reduced.bound))
        return replace(reduced, numerators=_cast(reduced.numerators, dtype))


def _over_common_denominator(parts: Sequence[Rationals]) -> tuple[list[Rationals], int]:
    """Arrays of integers over one denominator that serves all positions of all parts.

    The denominator is returned beside them and stands in ``denominator_bound`` of each.
    """
    if all(part.denominators is None for part in parts):
        return list(parts), 1
    common = 1
    for part in parts:
        if part.denominators is not None:
            common = math.lcm(common, *(int(d) for d in np.unique(_cast(part.denominators, _INTEGERS))))
    scaled = []
    for part in parts:
        measured = part.measured()
        numerators, bounds = measured.numerators, tuple(b * common for b in measured.bounds)
        limit = max(*bounds, common, 0)
        if measured.denominators is None:
            factors: AnyArray = np.array(common, dtype=rung(limit))
        else:
            factors = (common // _cast(measured.denominators, _INTEGERS)).astype(rung(limit))[..., None]
        scaled.append(Rationals(_times(numerators, factors, limit), None, bounds, common).measured())
    return [replace(part, denominator_bound=common) for part in scaled], common
