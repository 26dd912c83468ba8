"""Integers over denominators, as arrays, at the speed of float64 where that is provably the same.

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

from constructions.numerics._matrix import Matrix

FLOAT64_LIMIT = 2**53
INT64_LIMIT = 2**63 - 1

FLOAT64 = np.dtype(np.float64)
INT64 = np.dtype(np.int64)
INTEGERS = np.dtype(object)

# Above this many rows (tables with a row per token) bounds are derived per column instead of per row.
_MANY_ROWS = 256

AnyArray = NDArray[Any]


def rung(bound: int) -> np.dtype[np.generic]:
    """The cheapest dtype in which integers up to ``bound``, and sums that stay below it, are exact.

    >>> rung(2**53), rung(2**53 + 1), rung(2**63)
    (dtype('float64'), dtype('int64'), dtype('O'))
    """
    if bound <= FLOAT64_LIMIT:
        return FLOAT64
    return INT64 if bound <= INT64_LIMIT else INTEGERS


def cast(array: AnyArray, dtype: np.dtype[np.generic]) -> AnyArray:
    """Converts integers to another dtype; the caller has established that they fit."""
    if array.dtype == dtype:
        return array
    if array.dtype == FLOAT64:  # integers of magnitude at most 2**53
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
        """These values with measured bounds: each is the largest magnitude that occurs."""
        features = self.numerators.shape[-1]
        flat = self.numerators.reshape(math.prod(self.numerators.shape[:-1]), features)
        # max of the maximum and minus the minimum, in Python integers: -(-2**63) must not wrap
        highs, lows = flat.max(axis=0, initial=0).tolist(), flat.min(axis=0, initial=0).tolist()
        bounds = tuple(max(int(high), -int(low)) for high, low in zip(highs, lows, strict=True))
        largest = 1 if self.denominators is None else int(self.denominators.max(initial=1))
        return Rationals(self.numerators, self.denominators, bounds, largest)

    def largest_part(self) -> int:
        """The largest numerator or denominator of an entry in lowest terms."""
        if self.denominators is None:
            return self.measured().bound
        dtype = INTEGERS if self.numerators.dtype == INTEGERS else INT64
        whole, below = cast(self.numerators, dtype), cast(self.denominators, dtype)[..., None]
        divisor = np.gcd(whole, below)
        return max(int(np.abs(whole // divisor).max(initial=0)), int((below // divisor).max(initial=1)))


@functools.lru_cache(maxsize=8192)
def linear_bounds(matrix: Matrix, bounds: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
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


@functools.lru_cache(maxsize=8192)
def sum_bounds(x: tuple[int, ...], by: int, y: tuple[int, ...], over: int) -> tuple[tuple[int, ...], int]:
    """Bounds of ``by * x + over * y``, and of everything that is touched when it is computed."""
    result = tuple(a * by + b * over for a, b in zip(x, y, strict=True))
    return result, max(*result, by, over)  # an entry may be 0 and its factor beyond every float


@functools.lru_cache(maxsize=8192)
def product_bounds(x: tuple[int, ...], y: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Bounds of ``x * y``, entry by entry, and of everything that is touched when it is computed."""
    result = tuple(a * b for a, b in zip(x, y, strict=True))
    return result, max((0, *result, *x, *y))


def integer_product(a: AnyArray, b: AnyArray) -> AnyArray:
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


def batched_product(a: AnyArray, b: AnyArray, bound: int) -> AnyArray:
    """Batched ``a @ b`` of integers; ``bound`` covers operands, products and every partial sum.

    Leading axes broadcast. Where only ``b`` is shared along the last leading axis, the rows of ``a``
    are joined first, so that queries with a common prefix cost one product.
    """
    dtype = rung(bound)
    a, b = cast(a, dtype), cast(b, dtype)
    if a.ndim > 2 and b.ndim == a.ndim and b.shape[-3] == 1 != a.shape[-3]:
        joined = a.reshape(*a.shape[:-3], a.shape[-3] * a.shape[-2], a.shape[-1])
        return batched_product(joined, b[..., 0, :, :], bound).reshape(*a.shape[:-1], b.shape[-1])
    if dtype != INTEGERS:
        product: AnyArray = np.matmul(a, b)
        return product
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = np.broadcast_to(a, lead + a.shape[-2:]), np.broadcast_to(b, lead + b.shape[-2:])
    result = np.empty((*lead, a.shape[-2], b.shape[-1]), dtype=object)
    for place in np.ndindex(*lead):
        result[place] = integer_product(a[place], b[place])
    return result


def times(x: AnyArray, y: AnyArray, bound: int) -> AnyArray:
    dtype = rung(bound)
    return cast(x, dtype) * cast(y, dtype)


def plus(x: AnyArray, y: AnyArray, bound: int) -> AnyArray:
    dtype = rung(bound)
    return cast(x, dtype) + cast(y, dtype)


def over_common_denominator(parts: Sequence[Rationals]) -> tuple[list[Rationals], int]:
    """Arrays of integers over one denominator that serves all positions of all parts.

    The denominator is returned beside them and stands in ``denominator_bound`` of each.
    """
    if all(part.denominators is None for part in parts):
        return list(parts), 1
    common = 1
    for part in parts:
        if part.denominators is not None:
            common = math.lcm(common, *(int(d) for d in np.unique(cast(part.denominators, INTEGERS))))
    scaled = []
    for part in parts:
        measured = part.measured()
        numerators, bounds = measured.numerators, tuple(b * common for b in measured.bounds)
        limit = max(*bounds, common, 0)
        if measured.denominators is None:
            factors: AnyArray = np.array(common, dtype=rung(limit))
        else:
            factors = (common // cast(measured.denominators, INTEGERS)).astype(rung(limit))[..., None]
        scaled.append(Rationals(times(numerators, factors, limit), None, bounds, common).measured())
    return [replace(part, denominator_bound=common) for part in scaled], common
