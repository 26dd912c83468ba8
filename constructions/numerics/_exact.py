"""Exact rational arithmetic for models: every operation on :class:`Rationals`, nothing rounded."""

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from constructions.errors import ModelError
from constructions.numerics._arithmetic import Arithmetic, Segment
from constructions.numerics._matrix import Matrix
from constructions.numerics._rationals import (
    FLOAT64,
    FLOAT64_LIMIT,
    INT64_LIMIT,
    INTEGERS,
    AnyArray,
    Rationals,
    batched_product,
    cast,
    integer_product,
    linear_bounds,
    over_common_denominator,
    plus,
    product_bounds,
    rung,
    sum_bounds,
    times,
)
from constructions.numerics._scan import Selection, scan_by_doubling, scan_in_order


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
        numerators = cast(values, rung(self._at_least(max(bounds, default=0))))
        if denominator == 1:
            return Rationals(numerators, None, bounds)
        dtype = rung(self._at_least(denominator))
        denominators = np.full(values.shape[:-1], denominator, dtype=dtype)
        return Rationals(numerators, denominators, bounds, denominator)

    def linear(self, matrix: Matrix, x: Rationals) -> Rationals:
        """``matrix @ x``; every sum of products is bounded before it is formed."""
        result, touched = linear_bounds(matrix, x.bounds)
        if self._limit_exceeded(touched):
            x = x.measured()
            result, touched = linear_bounds(matrix, x.bounds)
        dtype = rung(self._at_least(touched))
        lead = x.numerators.shape[:-1]
        entries, weights = matrix.float64_steps if dtype == FLOAT64 else matrix.steps
        flat = cast(x.numerators.reshape(math.prod(lead), len(x.bounds))[:, entries], dtype)
        weights = cast(weights, dtype)
        if weights.ndim == 1:
            product: AnyArray = flat * weights
        else:
            product = integer_product(flat, weights) if dtype == INTEGERS else flat @ weights
        numerators = product.reshape(*lead, len(result))
        scaled = self._scaled_denominators(x, matrix.denominator)
        return Rationals(numerators, *scaled[:1], result, scaled[1])

    def _scaled_denominators(self, x: Rationals, factor: int) -> tuple[AnyArray | None, int]:
        if factor == 1:
            return x.denominators, x.denominator_bound
        bound = x.denominator_bound * factor
        dtype = rung(self._at_least(bound))
        if x.denominators is None:
            return np.full(x.numerators.shape[:-1], factor, dtype=dtype), bound
        return times(x.denominators, np.array(factor, dtype=dtype), self._at_least(bound)), bound

    def add(self, x: Rationals, y: Rationals) -> Rationals:
        """Sum over a common denominator (the product, unless they are known to be the same)."""
        same = x.denominators is y.denominators
        dx, dy = (1, 1) if same else (x.denominator_bound, y.denominator_bound)
        bounds, touched = sum_bounds(x.bounds, dy, y.bounds, dx)
        if self._limit_exceeded(max(touched, dx * dy)) and (mx := x.measured()).bounds != x.bounds:
            return self.add(mx, y.measured())
        limit = self._at_least(touched)
        left, right = x.numerators, y.numerators
        if not same and y.denominators is not None:
            left = times(left, y.denominators[..., None], limit)
        if not same and x.denominators is not None:
            right = times(right, x.denominators[..., None], limit)
        numerators = plus(left, right, limit)
        if same:
            return Rationals(numerators, x.denominators, bounds, x.denominator_bound)
        if x.denominators is None or y.denominators is None:
            denominators = y.denominators if x.denominators is None else x.denominators
            return Rationals(numerators, denominators, bounds, dx * dy)
        denominators = times(x.denominators, y.denominators, self._at_least(dx * dy))
        return Rationals(numerators, denominators, bounds, dx * dy)

    def gated(self, gate: Rationals, value: Rationals) -> Rationals:
        """``max(gate, 0) * value``; the denominators multiply."""
        bounds, touched = product_bounds(gate.bounds, value.bounds)
        denominator = gate.denominator_bound * value.denominator_bound
        if self._limit_exceeded(max(touched, denominator)) and ((measured := gate.measured()).bounds != gate.bounds):
            return self.gated(measured, value.measured())
        limit = self._at_least(touched)
        opened = np.maximum(cast(gate.numerators, rung(limit)), 0)
        numerators = times(opened, value.numerators, limit)
        if gate.denominators is None or value.denominators is None:
            denominators = value.denominators if gate.denominators is None else gate.denominators
        else:
            denominators = times(gate.denominators, value.denominators, self._at_least(denominator))
        return Rationals(numerators, denominators, bounds, denominator)

    def attend(self, query: Rationals, segments: Sequence[Segment[Rationals]], slope: int, first: int) -> Rationals:
        """Uniform average of the values over the exact arg max of the scores."""
        scores, _ = self.scores(query, segments, slope, first)
        values, common = over_common_denominator([segment.value for segment in segments])
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
            batched_product((hit.astype(np.int64) if dtype.kind == "O" else hit).astype(dtype), v.numerators, limit)
            for hit, v in zip(hits, values, strict=True)
        ]
        numerators = functools.reduce(np.add, sums)
        if most == 1 and common == 1:
            return Rationals(numerators, None, bounds)
        bound = self._at_least(most * common)
        denominators = times(counts, np.array(common, dtype=rung(bound)), bound)
        return Rationals(numerators, denominators, bounds, most * common)

    def scores(
        self, query: Rationals, segments: Sequence[Segment[Rationals]], slope: int, first: int
    ) -> tuple[list[AnyArray], int]:
        """Scores for each segment, (..., queries, keys), times the positive denominators of the row.

        The arguments are those of :meth:`attend`. The second result is the score that stands for keys after the query;
        every real one is larger.
        """
        keys, _ = over_common_denominator([segment.key for segment in segments])
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
            scores = batched_product(query.numerators, np.swapaxes(key.numerators, -1, -2), limit)
            there = segment.first + np.arange(segment.length)
            if slope:
                bias = there.astype(dtype) * np.array(slope, dtype=dtype)
                if query.denominators is None:
                    scores = scores + bias
                else:
                    scores = scores + cast(query.denominators, dtype)[..., None] * bias
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
        return Rationals(x.numerators[..., start:stop, :], denominators, x.bounds, x.denominator_bound)

    def rows(self, x: Rationals, index: NDArray[np.int64]) -> Rationals:
        """The entries ``index`` of the first axis."""
        denominators = None if x.denominators is None else x.denominators[index]
        return Rationals(x.numerators[index], denominators, x.bounds, x.denominator_bound)

    def shared(self, x: Rationals) -> Rationals:
        """A new axis of length 1 before positions and features."""
        denominators = None if x.denominators is None else x.denominators[..., None, :]
        return Rationals(x.numerators[..., None, :, :], denominators, x.bounds, x.denominator_bound)

    def concatenate(self, parts: Sequence[Rationals]) -> Rationals:
        """Join along positions; the bounds are the larger ones."""
        bounds = tuple(max(column) for column in zip(*(part.bounds for part in parts), strict=True))
        dtype = rung(self._at_least(max(bounds, default=0)))
        numerators = np.concatenate([cast(part.numerators, dtype) for part in parts], axis=-2)
        if all(part.denominators is None for part in parts):
            return Rationals(numerators, None, bounds)
        bound = max(part.denominator_bound for part in parts)
        dtype = rung(self._at_least(bound))
        denominators = [
            np.ones(part.numerators.shape[:-1], dtype=dtype)
            if part.denominators is None
            # one denominator may stand for many continuations of what they share
            else np.broadcast_to(cast(part.denominators, dtype), part.numerators.shape[:-1])
            for part in parts
        ]
        return Rationals(numerators, np.concatenate(denominators, axis=-1), bounds, bound)

    def scan(
        self,
        transition: Matrix,
        inputs: Rationals,
        length: int,
        state: Rationals | None,
        selection: Selection[Rationals] | None = None,
    ) -> Rationals:
        """The states of a linear recurrence; nothing is rounded, so the order is free."""
        if selection is None:
            return self._bounded(scan_by_doubling(self, transition, inputs, length, state))
        return self._bounded(scan_in_order(self, transition, inputs, length, state, selection))

    def held(self, state: Rationals) -> Rationals:
        """In lowest terms, with a bound that seldom changes."""
        return self._bounded(self.settle(state))

    @staticmethod
    def _bounded(states: Rationals) -> Rationals:
        """One power of two bounds all that was measured.

        The bound of a counter would grow with every step, and all others be derived anew from it.
        """
        states = states.measured()
        bounds = (1 << states.bound.bit_length(),) * len(states.bounds)
        return Rationals(states.numerators, states.denominators, bounds, states.denominator_bound)

    def settle(self, x: Rationals) -> Rationals:
        """Reduce each position by the greatest common divisor of its numerators and denominator."""
        if x.denominators is None:
            return x
        widest = rung(max(x.bound, x.denominator_bound, FLOAT64_LIMIT + 1))
        numerators, denominators = cast(x.numerators, widest), cast(x.denominators, widest)
        divisor = np.gcd(np.gcd.reduce(numerators, axis=-1), denominators)
        denominators = denominators // divisor
        numerators = numerators // divisor[..., None]
        reduced = Rationals(numerators, denominators, x.bounds, x.denominator_bound).measured()
        if reduced.denominator_bound == 1:
            reduced = replace(reduced, denominators=None)
        dtype = rung(self._at_least(reduced.bound))
        return replace(reduced, numerators=cast(reduced.numerators, dtype))
