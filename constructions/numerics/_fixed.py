"""Fixed point: two's complement, every operation rounded to the nearest, ties to even.

The order of evaluation is that of :mod:`constructions.numerics._float`: sums from left to right, each product and
each partial sum rounded and kept in range. Hard attention divides the sum of what it picks by how many it picked,
rounded once. Softmax subtracts the largest score, takes e^(b d) correctly rounded to the format (0, where that is
nearest), adds the weights up, divides each by the sum, rounded, and adds the weighted values up.
"""

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from constructions.errors import InputError, PrecisionError
from constructions.numerics import _fixed_steps as steps
from constructions.numerics._arithmetic import Segment
from constructions.numerics._arrays import AnyArray, OnArrays, pairing, stacked, visible
from constructions.numerics._formats import inverse_temperature_of
from constructions.numerics._matrix import Matrix
from constructions.numerics._rounding import exponential, nearest_integer

Ints = NDArray[np.int64]

MOST_BITS = 62

_HIDDEN = -(2**63)


class Fixed(OnArrays):
    """Two's complement with ``integer_bits`` (the sign included) before the point and ``fraction_bits`` after it.

    Numbers are the multiples of 2**-fraction_bits from -2**(integer_bits - 1) to just below 2**(integer_bits - 1).

    Args:
        integer_bits: at least 1, the sign.
        fraction_bits: at least 0; both together at most 62.
        inverse_temperature: b of the softmax, a positive number; None is hard attention.
        saturate: what leaves the range becomes the nearer end of it; unless given, it raises PrecisionError.

    Raises:
        InputError: if these are out of range.

    >>> fixed = Fixed(4, 2)
    >>> fixed.values(fixed.lift(np.array([[5, -3]]), 8, (5, 3)))
    [[Fraction(1, 2), Fraction(-1, 2)]]
    """

    def __init__(
        self,
        integer_bits: int,
        fraction_bits: int,
        inverse_temperature: int | float | Fraction | str | None = None,
        *,
        saturate: bool = False,
    ) -> None:
        self.name = f"fixed:{integer_bits}.{fraction_bits}"
        if integer_bits < 1 or fraction_bits < 0 or integer_bits + fraction_bits > MOST_BITS:
            raise InputError(
                f"{self.name}: expected at least 1 bit before the point (the sign), at least 0 after it, and at most "
                f"{MOST_BITS} together, because products are formed in 128 bits"
            )
        self.integer_bits, self.fraction_bits, self.saturate = integer_bits, fraction_bits, saturate
        self.inverse_temperature = inverse_temperature_of(inverse_temperature)
        if inverse_temperature is not None:
            self.name += f"@{inverse_temperature}"
        end = 1 << (integer_bits + fraction_bits - 1)
        self._range: steps.Range = (fraction_bits, -end, end - 1)
        self._beyond = np.zeros(1, dtype=np.int64)

    def __repr__(self) -> str:
        return f"Fixed({self.name}{', saturate' if self.saturate else ''})"

    def values(self, x: Ints) -> list[list[Fraction]]:
        """The numbers of an array of shape (positions, features)."""
        return [[Fraction(int(v), 1 << self.fraction_bits) for v in row] for row in x]

    def number(self, value: Fraction | int) -> int:
        """The nearest multiple of the unit, in units, before the range is looked at."""
        scaled = Fraction(value) * (1 << self.fraction_bits)
        return nearest_integer(scaled.numerator, scaled.denominator)

    def _within(self, value: int, what: str) -> int:
        _, least, most = self._range
        if least <= value <= most:
            return value
        if not self.saturate:
            raise PrecisionError(
                f"{self.name}: {what} is {_shown(Fraction(value, 1 << self.fraction_bits))}, outside of "
                f"{-(1 << self.integer_bits >> 1)} to {_shown(Fraction(most, 1 << self.fraction_bits))}; "
                "take more bits before the point"
            )
        return least if value < least else most

    def _checked(self, x: Ints, what: str) -> Ints:
        """The array, if nothing left the range since the last check, or if that saturates."""
        left, self._beyond[0] = bool(self._beyond[0]), 0
        if left and not self.saturate:
            most = self._range[2]
            raise PrecisionError(
                f"{self.name}: {what} leaves the range from {-(1 << self.integer_bits >> 1)} to "
                f"{_shown(Fraction(most, 1 << self.fraction_bits))}; take more bits before the point"
            )
        return x

    def lift(self, values: AnyArray, denominator: int, bounds: Sequence[int]) -> Ints:
        """Integers over a denominator, each rounded once."""

        @functools.cache
        def number(value: int) -> int:
            return self._within(self.number(Fraction(value, denominator)), "a number of the model or its input")

        flat = [number(int(v)) for v in values.reshape(-1).tolist()]
        return np.array(flat, dtype=np.int64).reshape(values.shape)

    def linear(self, matrix: Matrix, x: Ints) -> Ints:
        """``matrix @ x``, entries that are not 0 from left to right, each product and each sum rounded."""
        starts, columns, exact = _sparse(matrix, self.fraction_bits)
        weights = np.array([self._within(w, "a parameter") for w in exact], dtype=np.int64)
        flat = np.ascontiguousarray(x).reshape(math.prod(x.shape[:-1]), matrix.shape[1])
        out = np.empty((len(flat), matrix.shape[0]), dtype=np.int64)
        if self._small(weights, flat, int(np.diff(starts).max(initial=0))):
            steps.linear_small(starts, columns, weights.astype(np.float64), flat, 2.0**-self.fraction_bits, out)
        else:
            steps.linear(starts, columns, weights, flat, self._range, self._beyond, out)
        return self._checked(out, "a sum in a linear map").reshape(*x.shape[:-1], matrix.shape[0])

    def _small(self, x: Ints, y: Ints, terms: int, more: int = 0) -> bool:
        """Whether float64 can add up so many products of these, and ``more``, without one sum leaving the range."""
        product = _magnitude(x) * _magnitude(y)
        largest = terms * ((product >> self.fraction_bits) + 1) + more
        return product < steps.SMALL_PRODUCT and largest < min(steps.SMALL_SUM, self._range[2])

    def add(self, x: Ints, y: Ints) -> Ints:
        """The elementwise sum; what leaves the range saturates or is refused."""
        return self._checked(self._by_element(steps.added, x, y), "a sum in the residual stream")

    def gated(self, gate: Ints, value: Ints) -> Ints:
        """``max(gate, 0) * value``, rounded."""
        return self._checked(self._by_element(steps.gated, gate, value), "a gated unit")

    def _by_element(self, step: Callable[..., None], x: Ints, y: Ints) -> Ints:
        x, y = np.broadcast_arrays(x, y)
        out = np.empty(x.shape, dtype=np.int64)
        left, right = np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1)
        step(left, right, self._range, self._beyond, out.reshape(-1))
        return out

    def scores(
        self, query: Ints, segments: Sequence[Segment[Ints]], slope: int, first: int
    ) -> tuple[Ints, tuple[int, ...]]:
        """The scores of all keys, (arrays, queries, keys), -2**63 for hidden ones; and the leading axes.

        The arguments are those of :meth:`attend`.
        """
        parts, lead = [], tuple[int, ...]()
        for segment in segments:
            lead, pairs = pairing(query, segment.key)
            out = np.full((len(pairs), query.shape[-2], segment.length), _HIDDEN, dtype=np.int64)
            seen = visible(segment, first, query.shape[-2])
            counts = np.full(query.shape[-2], segment.length) if seen is None else seen.sum(axis=-1)
            bias = np.empty(0, dtype=np.int64)
            if slope:
                places = range(segment.first, segment.first + max(int(counts.max(initial=0)), 0))
                what = "slope times position"
                bias = np.array([self._within(self.number(slope * j), what) for j in places], dtype=np.int64)
            asking, asked, counts = stacked(query), stacked(segment.key), counts.astype(np.int64)
            if self._small(asking, asked, query.shape[-1], _magnitude(bias)):
                turned = np.ascontiguousarray(np.swapaxes(asked, -1, -2)).astype(np.float64)
                quick = asking.astype(np.float64), turned, pairs, bias.astype(np.float64)
                steps.scores_small(*quick, 2.0**-self.fraction_bits, counts, out)
            else:
                steps.scores(asking, asked, pairs, bias, self._range, counts, self._beyond, out)
            parts.append(self._checked(out, "a score"))
        return np.concatenate(parts, axis=-1), lead

    def attend(self, query: Ints, segments: Sequence[Segment[Ints]], slope: int, first: int) -> Ints:
        """Hard attention or softmax over the rounded scores."""
        scores, lead = self.scores(query, segments, slope, first)
        best = scores.max(axis=-1, keepdims=True)
        hard = self.inverse_temperature is None
        weights = (scores == best).astype(np.int64) if hard else self.softmax(scores, best)
        total = np.zeros((*scores.shape[:2], segments[0].value.shape[-1]), dtype=np.int64)
        begin = 0
        for segment in segments:
            _, pairs = pairing(query, segment.value)
            here = np.ascontiguousarray(weights[..., begin : begin + segment.length])
            add_up = steps.picked if hard else steps.weighted
            add_up(here, stacked(segment.value), pairs, self._range, self._beyond, total)
            begin += segment.length
        self._checked(total, "a sum of values that attention picks")
        if hard:
            total = _divided(total, weights.sum(axis=-1, keepdims=True))
        return total.reshape(*lead, *total.shape[1:])

    def softmax(self, scores: Ints, best: Ints) -> Ints:
        """The weights of scores; ``best`` are the largest. Hidden keys have the score -2**63."""
        hidden = scores == _HIDDEN
        differences = np.where(hidden, 0, scores - best)
        _, least, _ = self._range
        self._beyond[0] |= int((differences < least).any())
        self._checked(differences, "a score minus the largest")
        weights = np.where(hidden, 0, self.exponentials(np.maximum(differences, least)))
        total = np.zeros(scores.shape[:2], dtype=np.int64)
        steps.sums(weights, self._range, self._beyond, total)
        self._checked(total, "the sum of the weights of attention")
        if self.fraction_bits <= 30:  # a weight is at most 1, so this stays below 2^61
            return _divided(weights << self.fraction_bits, np.broadcast_to(total[..., None], weights.shape))
        flat = zip(
            weights.ravel().tolist(), np.broadcast_to(total[..., None], weights.shape).ravel().tolist(), strict=True
        )
        shift = self.fraction_bits
        quotients = [nearest_integer(w << shift, t) if w else 0 for w, t in flat]
        return np.array(quotients, dtype=np.int64).reshape(weights.shape)

    def exponentials(self, differences: Ints) -> Ints:
        """e^(b d) for every entry d <= 0, correctly rounded."""
        different, places = np.unique(differences, return_inverse=True)
        powers = [self._within(self._exponential(int(d)), "the weight e^0 = 1 of attention") for d in different]
        return np.array(powers, dtype=np.int64)[places].reshape(differences.shape)

    def _exponential(self, difference: int) -> int:
        if not difference or self.inverse_temperature is None:
            return (1 << self.fraction_bits) if not difference else 0
        exponent = self.inverse_temperature * Fraction(difference, 1 << self.fraction_bits)
        # e^-x < 2^-x; so this is below half a unit
        return 0 if -exponent > self.fraction_bits + 1 else exponential(exponent, self.number)

    def argmax(self, logits: Ints) -> NDArray[np.int64]:
        """First index of the largest entry."""
        return np.asarray(np.argmax(logits, axis=-1), dtype=np.int64)


def _divided(x: Ints, y: Ints) -> Ints:
    """x / y to the nearest integer, ties to even; y > 0 and both are below 2^62."""
    below = x // y
    rest = x - below * y
    up = (rest > y - rest) | ((rest == y - rest) & (below % 2 == 1))
    result: Ints = below + up
    return result


def _shown(value: Fraction) -> str:
    return str(value) if value.denominator <= 2**10 else f"about {float(value):.6g}"


def _magnitude(x: Ints) -> int:
    return max(int(x.max(initial=0)), -int(x.min(initial=0)))


@functools.lru_cache(maxsize=4096)
def _sparse(matrix: Matrix, fraction_bits: int) -> tuple[Ints, Ints, tuple[int, ...]]:
    """Starts of rows, columns, and the rounded weights, in units, of the entries that are not 0."""
    starts, columns, weights = [0], list[int](), list[int]()
    for row in matrix.sparse_rows:
        for column, numerator in row:
            columns.append(column)
            weights.append(nearest_integer(numerator << fraction_bits, matrix.denominator))
        starts.append(len(columns))
    return np.array(starts, dtype=np.int64), np.array(columns, dtype=np.int64), tuple(weights)
