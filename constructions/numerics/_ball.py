"""Balls: every number with a proved bound on its error, by Arb (python-flint).

A result encloses what real arithmetic gives, whatever the order of evaluation. A comparison of two balls that
overlap is not decided: it raises. So tokens that come out are those of real arithmetic, proved.
"""

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Concatenate, ParamSpec, TypeVar

import flint
import numpy as np
from numpy.typing import NDArray

from constructions.errors import InputError, PrecisionError
from constructions.numerics._arithmetic import Segment
from constructions.numerics._arrays import AnyArray, OnArrays, visible
from constructions.numerics._formats import inverse_temperature_of
from constructions.numerics._matrix import Matrix

Balls = NDArray[Any]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_FEWEST_BITS, _MOST_BITS = 2, 1_000_000


def _in_its_precision(
    method: Callable[Concatenate["Ball", _P], _R],
) -> Callable[Concatenate["Ball", _P], _R]:
    """The method, with Arb's working precision set to that of the number system meanwhile."""

    @functools.wraps(method)
    def working(self: "Ball", /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with flint.ctx.workprec(self.bits):
            return method(self, *args, **kwargs)

    return working


class Ball(OnArrays):
    """Enclosures with midpoints of ``bits`` bits; activations are arrays of ``flint.arb``.

    Args:
        bits: working precision, 2 to 1,000,000.
        inverse_temperature: b of the softmax, a positive number, taken as the rational that it is; None is hard
            attention, which averages over the arg max: every comparison that it needs must be decided.

    Raises:
        InputError: if these are out of range.

    >>> ball = Ball(64)
    >>> third = ball.lift(np.array([[1]]), 3, (1,))
    >>> bool((ball.linear(Matrix.from_rows([[3]]), third)[0, 0]).contains(1))
    True
    """

    def __init__(self, bits: int, inverse_temperature: int | float | Fraction | str | None = None) -> None:
        self.name = f"ball:{bits}"
        if not _FEWEST_BITS <= bits <= _MOST_BITS:
            raise InputError(f"{self.name}: a working precision of {bits} bits; expected 2 to 1,000,000")
        self.bits = bits
        self.inverse_temperature = inverse_temperature_of(inverse_temperature)
        if inverse_temperature is not None:
            self.name += f"@{inverse_temperature}"

    def __repr__(self) -> str:
        return f"Ball({self.name})"

    @_in_its_precision
    def lift(self, values: AnyArray, denominator: int, bounds: Sequence[int]) -> Balls:
        """Integers over a denominator; the quotient is enclosed, integers of any size within their precision."""
        made = functools.cache(lambda v: flint.arb(flint.fmpq(v, denominator)))
        return _array([made(int(v)) for v in values.reshape(-1).tolist()], values.shape)

    @_in_its_precision
    def linear(self, matrix: Matrix, x: Balls) -> Balls:
        """``matrix @ x``."""
        flat = x.reshape(math.prod(x.shape[:-1]), matrix.shape[1])
        weights = _weights(matrix, self.bits)
        zero = flint.arb(0)
        rows = [[sum((w * v[c] for c, w in row), zero) for row in weights] for v in flat.tolist()]
        return _array([entry for row in rows for entry in row], (*x.shape[:-1], matrix.shape[0]))

    @_in_its_precision
    def add(self, x: Balls, y: Balls) -> Balls:
        """The elementwise sum, enclosed."""
        total: Balls = x + y
        return total

    @_in_its_precision
    def gated(self, gate: Balls, value: Balls) -> Balls:
        """``max(gate, 0) * value``; the maximum of a ball and 0 is enclosed, no comparison is needed."""
        zero = flint.arb(0)
        gate, value = np.broadcast_arrays(gate, value)
        pairs = zip(gate.reshape(-1).tolist(), value.reshape(-1).tolist(), strict=True)
        return _array([g.max(zero) * v for g, v in pairs], gate.shape)

    @_in_its_precision
    def attend(self, query: Balls, segments: Sequence[Segment[Balls]], slope: int, first: int) -> Balls:
        """The average over the arg max, decided, or the softmax, enclosed."""
        queries, read = query.shape[-2], segments[0].value.shape[-1]
        lead = np.broadcast_shapes(query.shape[:-2], *(s.key.shape[:-2] for s in segments))
        result = np.empty((*lead, queries, read), dtype=object)
        asking = np.broadcast_to(query, (*lead, *query.shape[-2:]))
        keys = [np.broadcast_to(s.key, (*lead, *s.key.shape[-2:])) for s in segments]
        values = [np.broadcast_to(s.value, (*lead, *s.value.shape[-2:])) for s in segments]
        masks = [visible(s, first, queries) for s in segments]
        for place in np.ndindex(*lead, queries):
            *batch, i = place
            there = tuple(batch)
            scores, candidates = [], []
            for segment, key, value, mask in zip(segments, keys, values, masks, strict=True):
                seen = segment.length if mask is None else int(mask[i].sum())
                for j in range(seen):
                    terms = zip(asking[place].tolist(), key[(*there, j)].tolist(), strict=True)
                    scores.append(sum((q * k for q, k in terms), flint.arb(slope * (segment.first + j))))
                    candidates.append(value[(*there, j)].tolist())
            result[place] = self._average(scores, candidates)
        return result

    def _average(self, scores: list[Any], values: list[list[Any]]) -> Balls:
        if self.inverse_temperature is None:
            best = self._largest(scores, "scores of attention")
            return _array(
                [sum(column, flint.arb(0)) / len(best) for column in zip(*(values[j] for j in best), strict=True)]
            )
        b = flint.arb(flint.fmpq(self.inverse_temperature.numerator, self.inverse_temperature.denominator))
        # Any common term may be subtracted; that of a largest midpoint keeps the powers small.
        reference = max(scores, key=lambda score: Fraction(*_rational(score.mid())))
        weights = [(b * (score - reference)).exp() for score in scores]
        total = sum(weights, flint.arb(0))
        return _array(
            [
                sum((w * v for w, v in zip(weights, column, strict=True)), flint.arb(0)) / total
                for column in zip(*values, strict=True)
            ]
        )

    def _largest(self, candidates: list[Any], what: str) -> list[int]:
        """The places of the largest: those that equal it exactly; every other must be less, decided.

        Which of two others is larger does not matter, so they may overlap.
        """
        top = 0
        for place in range(1, len(candidates)):
            if candidates[place].mid() > candidates[top].mid():
                top = place
        old, best = candidates[top], list[int]()
        for place, new in enumerate(candidates):
            if place != top and new < old:
                continue
            if place != top and not (new.is_exact() and old.is_exact() and new == old):
                raise PrecisionError(
                    f"{self.name}: two {what} overlap, {_shown(old)} and {_shown(new)}, so which is larger is not "
                    "decided; take more bits"
                )
            best.append(place)
        return best

    @_in_its_precision
    def argmax(self, logits: Balls) -> NDArray[np.int64]:
        """Index of the largest entry, decided; the first of those that are equal and exact."""
        flat = logits.reshape(-1, logits.shape[-1])
        places = [self._largest(row, "logits")[0] for row in flat.tolist()]
        return np.array(places, dtype=np.int64).reshape(logits.shape[:-1])

    @_in_its_precision
    def margin(self, logits: Balls) -> Balls:
        """How much larger the largest entry is than any other, enclosed, for every position."""
        flat = logits.reshape(-1, logits.shape[-1])
        margins = []
        for row in flat.tolist():
            best = self._largest(row, "logits")[0]
            others = [row[best] - other for j, other in enumerate(row) if j != best]
            margins.append(functools.reduce(lambda x, y: x.min(y), others))
        return _array(margins, logits.shape[:-1])


def _array(entries: Sequence[Any], shape: tuple[int, ...] | None = None) -> Balls:
    result = np.empty(len(entries), dtype=object)
    result[:] = entries
    return result if shape is None else result.reshape(shape)


def _rational(exact: Any) -> tuple[int, int]:
    mantissa, exponent = (int(part) for part in exact.man_exp())
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def _shown(ball: Any) -> str:
    text: str = ball.str(8)
    return text


@functools.lru_cache(maxsize=1024)
def _weights(matrix: Matrix, bits: int) -> tuple[tuple[tuple[int, Any], ...], ...]:
    """For each row, the columns and enclosed values of its nonzero entries."""
    with flint.ctx.workprec(bits):
        return tuple(
            tuple((c, flint.arb(flint.fmpq(w, matrix.denominator))) for c, w in row) for row in matrix.sparse_rows
        )
