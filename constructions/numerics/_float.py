"""Floating point with a significand of p bits, every operation correctly rounded, ties to even.

What an operation gives is a definition, not an accident of a library:

* Sums run from left to right: the first product, then one term after the other, each product and each partial
  sum rounded. The order of a linear map is that of the columns, the order of attention that of the positions.
* Terms whose weight is 0 are skipped. For finite numbers that is the same as adding 0.
* A score is the sum over the features, to which the product of slope and position, rounded once, is added last.
* Hard attention (no inverse temperature): the scores that equal the largest are picked; the picked values are
  added up, and the sum is divided by their number (rounded to p bits, if it needs more).
* Softmax at inverse temperature b: the largest score is subtracted and the difference d rounded; the weight is
  e^(b d), one operation, correctly rounded for the exact rational b; the weights are added up, each is divided by
  the sum, and the weighted values are added up.

Why float64 serves for p <= 25: the product of two p-bit significands has 50 bits, so float64 holds it exactly. Sums and
quotients are rounded twice, to 53 bits and then to p, a double rounding that is innocuous because 53 >= 2 p + 2
(Figueroa 1995): a sum or quotient of p-bit numbers that is not a p-bit number or half way between two is too far from
both for 53 bits to get there. For p from 26 to 52 the rounding error is computed beside the result
(:mod:`constructions.numerics._float_rounding`), and p = 53 is float64 itself.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from constructions.errors import InputError, PrecisionError
from constructions.numerics import _float_search as search
from constructions.numerics import _float_steps as steps
from constructions.numerics._arithmetic import Segment
from constructions.numerics._arrays import AnyArray, OnArrays, pairing, stacked, visible
from constructions.numerics._float_rounding import Numbers
from constructions.numerics._formats import (
    MOST_DIGITS,
    SMALLEST,
    FloatFormat,
    float_format,
    inverse_temperature_of,
)
from constructions.numerics._matrix import Matrix
from constructions.numerics._rounding import exponential
from constructions.numerics._scan import Selection, scan_in_order

Floats = NDArray[np.float64]

_INNOCUOUS = 25
"""The most digits p with 53 >= 2 p + 2."""


_SCORES_AT_ONCE = 2**23
"""Queries are taken in parts so that no more scores than that are held at a time."""

_SEARCHED, _FEW = 2**17, 64
"""From so many scores, and so many queries, on it pays to put the keys into a tree."""


class Float(OnArrays):
    """Floating point with p bits, as the module's text defines it.

    Exponents have no ends, unless a format with a name says otherwise: what float64 cannot hold raises, and what
    is below 2**-960 (e^(b d) may be) becomes 0.

    Args:
        precision: bits of the significand, the leading 1 included, 2 to 53; or a format with ends of its own,
            such as :data:`constructions.numerics.BFLOAT16`, where what is too large becomes infinite as it says.
        inverse_temperature: b of the softmax, a positive number that is taken as the rational that it is (give
            "6.93" or a Fraction rather than a float, if you mean the decimal); None is hard attention.

    Raises:
        InputError: if the precision is out of range, or b is not positive.

    >>> from constructions.numerics import Matrix
    >>> three = Float(3)
    >>> three.linear(Matrix.from_rows([[1, 1, 1]]), three.lift(np.array([[8, 1, 1]]), 1, (8, 1, 1))).tolist()
    [[8.0]]
    """

    def __init__(
        self, precision: int | FloatFormat, inverse_temperature: int | float | Fraction | str | None = None
    ) -> None:
        self.format = precision if isinstance(precision, FloatFormat) else float_format(precision)
        self.inverse_temperature = inverse_temperature_of(inverse_temperature)
        self.name = self.format.name
        if inverse_temperature is not None:
            self.name += f"@{inverse_temperature}"
        digits = self.format.precision
        if self.format.ranged and digits > _INNOCUOUS:
            raise InputError(f"{self.name}: a format with ends of its exponents has at most {_INNOCUOUS} digits")
        narrow = digits <= _INNOCUOUS
        self._mode = steps.FULL if narrow else steps.WIDE if digits < MOST_DIGITS else steps.NATIVE
        scale = 1.5 * 2.0 ** (MOST_DIGITS - digits)
        least, largest = self.format.least_exponent, self.format.largest
        self._numbers: Numbers = (
            scale,
            0.0 if least is None else scale * 2.0**least,
            2.0**SMALLEST if least is None else 0.0,
            math.inf if largest is None else largest,
            self.format.beyond,
            MOST_DIGITS - digits,
        )

    def __repr__(self) -> str:
        return f"Float({self.name})"

    def lift(self, values: AnyArray, denominator: int, bounds: Sequence[int]) -> Floats:
        """Integers over a denominator, each rounded once."""
        bound = max(max(bounds, default=0), denominator)
        if denominator == 1 and bound <= 2**53:
            floats = values.astype(np.float64)
            # one rounding only: up to 2^53 integers are float64 numbers
            lifted = floats if self._mode == steps.NATIVE else self._each(steps.ROUND, floats, floats)
        else:
            # many entries are the same: tables repeat rows, positions repeat over the batch
            round_one = functools.cache(lambda v: self.format.round(Fraction(v, denominator)))
            flat = [round_one(int(v)) for v in values.reshape(-1).tolist()]
            lifted = np.array(flat, dtype=np.float64).reshape(values.shape)
        return self._checked(lifted, "a number of the model or its input")

    def linear(self, matrix: Matrix, x: Floats) -> Floats:
        """``matrix @ x``, entries that are not 0 from left to right, each product and each sum rounded."""
        starts, columns, weights, least = _sparse(matrix, self.format)
        self._checked(weights, "a parameter")
        flat = np.ascontiguousarray(x).reshape(math.prod(x.shape[:-1]), matrix.shape[1])
        out = np.empty((len(flat), matrix.shape[0]))
        steps.linear(starts, columns, weights, flat, self._mode_for(least, flat), self._numbers, out)
        return self._checked(out.reshape(*x.shape[:-1], matrix.shape[0]), "a sum in a linear map")

    def scan(
        self,
        transition: Matrix,
        inputs: Floats,
        length: int,
        state: Floats | None,
        selection: Selection[Floats] | None = None,
    ) -> Floats:
        """One position after the other, each product and each sum rounded."""
        if selection is not None:
            return scan_in_order(self, transition, inputs, length, state, selection)
        starts, columns, weights, _ = _sparse(transition, self.format)
        self._checked(weights, "a parameter")
        lead = inputs.shape[:-2] if state is None else np.broadcast_shapes(inputs.shape[:-2], state.shape[:-2])
        held = stacked(np.broadcast_to(inputs, (*lead, *inputs.shape[-2:]))).copy()
        begin = 0
        if state is None:  # the first state is the first input, which nothing is added to
            before, begin = held[:, 0], 1
        else:
            before = stacked(np.broadcast_to(state, (*lead, *state.shape[-2:])))[:, 0]
        steps.recurrence(starts, columns, weights, held[:, begin:], before, self._mode, self._numbers)
        return self._checked(held.reshape(*lead, *inputs.shape[-2:]), "a state of a recurrence")

    def add(self, x: Floats, y: Floats) -> Floats:
        """Sum, rounded."""
        return self._checked(self._each(steps.ADD, x, y), "a sum in the residual stream")

    def gated(self, gate: Floats, value: Floats) -> Floats:
        """``max(gate, 0) * value``, rounded."""
        return self._checked(self._each(steps.GATED, gate, value), "a gated unit")

    def scores(
        self, query: Floats, segments: Sequence[Segment[Floats]], slope: int, first: int
    ) -> tuple[Floats, tuple[int, ...]]:
        """The scores of all keys, (arrays, queries, keys), minus infinity for hidden ones; and the leading axes.

        The arguments are those of :meth:`attend`.
        """
        parts, lead = [], tuple[int, ...]()
        asking = stacked(query)
        for segment in segments:
            lead, pairs = pairing(query, segment.key)
            key = np.ascontiguousarray(np.swapaxes(stacked(segment.key), -1, -2))
            out = np.empty((len(pairs), query.shape[-2], segment.length))
            bias = np.empty(0)
            if slope:
                places = slope * np.arange(segment.first, segment.first + segment.length)
                bias = self.lift(places, 1, (int(np.abs(places).max(initial=0)),))
            mode = self._mode_for(steps.least_magnitude(asking.reshape(-1)), key)
            steps.scores(asking, key, pairs, bias, mode, self._numbers, out)
            self._checked(out, "a score")
            if np.isnan(out).any():
                raise PrecisionError(f"{self.name}: a score is not a number (infinity minus infinity)")
            seen = visible(segment, first, query.shape[-2])
            parts.append(out if seen is None else np.where(seen, out, -np.inf))
        return np.concatenate(parts, axis=-1), lead

    def attend(self, query: Floats, segments: Sequence[Segment[Floats]], slope: int, first: int) -> Floats:
        """Hard attention or softmax over the rounded scores."""
        found = self._searched(query, segments, slope, first)
        if found is not None:
            return found
        queries, keys = query.shape[-2], sum(segment.length for segment in segments)
        step = max(1, _SCORES_AT_ONCE // max(1, keys * math.prod(query.shape[:-2])))
        parts = [
            self._attended(query[..., start : start + step, :], segments, slope, first + start)
            for start in range(0, max(1, queries), step)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)

    def _searched(self, query: Floats, segments: Sequence[Segment[Floats]], slope: int, first: int) -> Floats | None:
        """Hard attention by a search among many keys; None where there is no reason for that to be quicker."""
        queries, terms = query.shape[-2], (query.shape[-1] + 1) * 2.0**-self.format.precision
        if self.inverse_temperature is not None or self.format.ranged or queries < _FEW or terms > 0.5:
            return None
        keys = sum(segment.length for segment in segments)
        joined = all(a.first + a.length == b.first for a, b in itertools.pairwise(segments))
        if queries * keys < _SEARCHED or not joined or first < segments[0].first:
            return None
        lead = np.broadcast_shapes(query.shape[:-2], *(segment.key.shape[:-2] for segment in segments))
        if math.prod(lead) > math.prod(query.shape[:-2]):  # keys that many share would be put into many trees
            return None
        asking, key, value = (self._joined(parts, lead) for parts in (
            [query], [segment.key for segment in segments], [segment.value for segment in segments]
        ))  # fmt: skip
        if slope:
            places = slope * np.arange(segments[0].first, segments[0].first + keys)
            bias = self.lift(places, 1, (int(np.abs(places).max()),))[None, :, None]
            asking = np.concatenate([asking, np.ones((*asking.shape[:2], 1))], axis=-1)
            key = np.concatenate([key, np.broadcast_to(bias, (*key.shape[:2], 1))], axis=-1)
        weights = np.abs(asking).max(axis=(0, 1))
        with np.errstate(over="ignore"):
            if not weights @ np.abs(key).max(axis=(0, 1)) < 2.0**900:  # a score could leave the range of float64
                return None
        total, counts = np.zeros((*asking.shape[:2], value.shape[-1])), np.empty((*asking.shape[:2], 1))
        how = search.Scoring(bool(slope), terms / (1 - terms), self._mode, self._numbers)
        search.attend(asking, key, value, weights, first - segments[0].first, how, total, counts)
        return self._mean(total, counts).reshape(*lead, queries, value.shape[-1])

    @staticmethod
    def _joined(parts: Sequence[Floats], lead: tuple[int, ...]) -> Floats:
        """Parts of a context as one array (arrays, positions, features)."""
        return stacked(np.concatenate([np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in parts], axis=-2))

    def _mean(self, total: Floats, counts: Floats) -> Floats:
        """What hard attention reads: sums of the picked values, divided by their numbers."""
        self._checked(total, "a sum of values that attention picks")
        divisor = self._each(steps.ROUND, counts, counts) if self._mode != steps.NATIVE else counts
        return self._each(steps.DIVIDE, total, np.broadcast_to(divisor, total.shape))

    def _attended(self, query: Floats, segments: Sequence[Segment[Floats]], slope: int, first: int) -> Floats:
        scores, lead = self.scores(query, segments, slope, first)
        best = scores.max(axis=-1, keepdims=True)
        if self.inverse_temperature is None:
            weights = (scores == best).astype(np.float64)
        else:
            weights = self.softmax(scores, best)
        read = segments[0].value.shape[-1]
        total = np.zeros((*scores.shape[:2], read))
        begin = 0
        for segment in segments:
            _, pairs = pairing(query, segment.value)
            here = np.ascontiguousarray(weights[..., begin : begin + segment.length])
            steps.weighted(here, stacked(segment.value), pairs, self._mode, self._numbers, total)
            begin += segment.length
        if self.inverse_temperature is None:
            total = self._mean(total, weights.sum(axis=-1, keepdims=True))
        else:
            self._checked(total, "a sum of values that attention picks")
        return total.reshape(*lead, *total.shape[1:])

    def softmax(self, scores: Floats, best: Floats) -> Floats:
        """The weights of scores; ``best`` are the largest. Hidden keys have the score minus infinity."""
        hidden = np.isneginf(scores)
        differences = self._each(steps.ADD, np.where(hidden, best, scores), np.broadcast_to(-best, scores.shape))
        self._checked(differences, "a score minus the largest")
        if np.isnan(differences).any():
            raise PrecisionError(f"{self.name}: the largest score is infinite; a softmax of it is not a number")
        weights = np.where(hidden, 0.0, self.exponentials(differences))
        total = np.zeros(scores.shape[:2])
        steps.sums(weights, self._mode, self._numbers, total)
        return self._each(steps.DIVIDE, weights, np.broadcast_to(total[..., None], weights.shape))

    def exponentials(self, differences: Floats) -> Floats:
        """e^(b d) for every entry d <= 0, correctly rounded; an infinite b gives 1 at 0, else 0."""
        different, places = np.unique(differences, return_inverse=True)
        powers = np.array([self._exponential(float(d)) for d in different])
        return powers[places].reshape(differences.shape)

    def _exponential(self, difference: float) -> float:
        if difference == 0 or self.inverse_temperature is None:
            return float(difference == 0)
        if np.isinf(difference):
            return 0.0
        exponent = self.inverse_temperature * Fraction(difference)
        # e^-1100 < 2^-1586 is 0 in every format here; the exact rounding would only take longer to say so
        return 0.0 if exponent < -1100 else exponential(exponent, self.format.round)

    def argmax(self, logits: Floats) -> NDArray[np.int64]:
        """First index of the largest entry."""
        if np.isnan(logits).any():
            raise PrecisionError(f"{self.name}: a logit is not a number (infinity minus infinity)")
        return np.asarray(np.argmax(logits, axis=-1), dtype=np.int64)

    def largest(self, matrix: Matrix, x: Floats) -> NDArray[np.int64]:
        """The rows of ``matrix @ x`` that are largest; searched for where there are many rows and positions."""
        flat = np.ascontiguousarray(x).reshape(math.prod(x.shape[:-1]), matrix.shape[1])
        found = self._best_rows(matrix, flat)
        if found is None:
            step = max(1, _SCORES_AT_ONCE // matrix.shape[0])
            parts = [flat[start : start + step] for start in range(0, max(1, len(flat)), step)]
            found = np.concatenate([self.argmax(self.linear(matrix, part)) for part in parts])
        return found.reshape(x.shape[:-1])

    def _best_rows(self, matrix: Matrix, x: Floats) -> NDArray[np.int64] | None:
        terms = matrix.shape[1] * 2.0**-self.format.precision
        if self.format.ranged or terms > 0.5 or len(x) < _FEW or len(x) * matrix.shape[0] < _SEARCHED:
            return None
        starts, columns, entries, _ = _sparse(matrix, self.format)
        table = np.zeros(matrix.shape)
        table[np.repeat(np.arange(len(starts) - 1), np.diff(starts)), columns] = entries
        read = table.any(axis=0)
        table, asking = np.ascontiguousarray(table[:, read]), np.ascontiguousarray(x[:, read])
        weights = np.abs(asking).max(axis=0)
        with np.errstate(over="ignore"):
            if not weights @ np.abs(table).max(axis=0) < 2.0**900:
                return None
        found = np.empty(len(x), dtype=np.int64)
        how = search.Scoring(False, terms / (1 - terms), self._mode, self._numbers)
        search.best(asking, table, weights, how, found)
        return found

    def _mode_for(self, least: float, x: Floats) -> int:
        """FAST or TRIED where no product, and so no sum of such, can come near the smallest number that is kept."""
        quick = {steps.FULL: steps.FAST, steps.WIDE: steps.TRIED}.get(self._mode, self._mode)
        if self.format.ranged or self.format.precision == MOST_DIGITS - 1:
            return self._mode
        smallest = least * steps.least_magnitude(x.reshape(-1))
        return quick if smallest >= 2.0 ** (SMALLEST + 60) else self._mode

    def _each(self, operation: int, x: Floats, y: Floats) -> Floats:
        """An operation on entries; an axis of length 1 is repeated (a state that many continuations share)."""
        if x.shape != y.shape:
            x, y = np.broadcast_arrays(x, y)
        out = np.empty(x.shape)
        left, right = np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1)
        steps.elementwise(operation, left, right, self._mode, self._numbers, out.reshape(-1))
        return out

    def _checked(self, x: Floats, what: str) -> Floats:
        """The array, unless something in it left the range of float64 and the format has no word for that."""
        if not self.format.ranged and not np.isfinite(x).all():
            raise PrecisionError(f"{self.name}: {what} is beyond the range of float64, in which {self.name} is held")
        return x


@functools.lru_cache(maxsize=4096)
def _sparse(matrix: Matrix, form: FloatFormat) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, float]:
    """Starts of rows, columns, rounded weights of the entries that are not 0; and the least magnitude."""
    round_one = functools.cache(lambda numerator: form.round(Fraction(numerator, matrix.denominator)))
    starts, columns, weights = [0], list[int](), list[float]()
    for row in matrix.sparse_rows:
        for column, numerator in row:
            weight = round_one(numerator)
            if weight:
                columns.append(column)
                weights.append(weight)
        starts.append(len(columns))
    kept = np.array(weights, dtype=np.float64)
    least = float(np.abs(kept).min(initial=np.inf))
    return np.array(starts, dtype=np.int64), np.array(columns, dtype=np.int64), kept, least
