"""Up to which size an exported model is exact, from the contracts.

The decoding step (see ``_step``) adds and multiplies integers. A type of numbers computes it without rounding, in
whatever order sums are formed, as long as the sum of the *magnitudes* of all terms stays within the integers that
the type holds one by one: 2^24, 2^53 and 2^63 - 1. The contracts give every coordinate a range, polynomials in n;
from these follows a bound for every matrix product, score, sum and logit of the step, again a polynomial in n and
the scales. All are written with coefficients that are not negative, in variables that count from the least size, so
that they grow with n; so if the bounds fit at one size, they fit at all smaller ones.

Attention by softmax leaks. At inverse temperature b = 1024 and a gap of at least 1, each key that is not picked
weighs at most exp(-1024), for which implementations return 0 or something below ``LEAKS`` of the type. The second
bound says how far this can grow: as long as it stays below ``STAYS_BELOW``, adding it to an integer other than 0
changes nothing, and what should be 0 is far below 1, so that every token is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import NamedTuple

from constructions.errors import ContractError
from constructions.interchange._types import LARGEST_INTEGER, AttentionKind, NumberType, attention_kind
from constructions.theorems import Construction
from constructions.wiring import Blueprint, Polynomial

INVERSE_TEMPERATURE = 1024
"""Of the softmax. A power of two, so that multiplying by it is exact."""

LEAKS = {"float32": 126, "float64": 1000}
"""exp(-1024) is returned as at most 2 to the minus this."""

STAYS_BELOW = {"float32": 40, "float64": 70}
"""What leaks must stay below 2 to the minus this; 1024 times as much is still below half a last place of 1."""

_ZERO, _ONE = Polynomial.constant(0), Polynomial.constant(1)

_FAR = 10**12
"""No larger size is looked for."""


class Bound(NamedTuple):
    """Of an integer's magnitude, and of the leak (in units of one leaked weight) where it should be 0."""

    size: Polynomial
    leak: Polynomial = _ZERO

    def plus(self, other: "Bound") -> "Bound":
        """Of a sum."""
        return Bound(self.size + other.size, self.leak + other.leak)

    def times(self, other: "Bound") -> "Bound":
        """Of a product: (a + e)(b + f) - a b is at most a f + b e + e, since leaks are below 1."""
        leak = self.size * other.leak + other.size * self.leak + self.leak
        return Bound(self.size * other.size, leak)


@dataclass(frozen=True)
class StepBounds:
    """Bounds of everything that the decoding step of a construction computes, for all sizes.

    ``sizes`` and ``leaks`` are polynomials in the scales and in the sizes less their least values, without negative
    coefficients.
    """

    blueprint: Blueprint
    sizes: tuple[Polynomial, ...]
    leaks: tuple[Polynomial, ...]

    def _at(self, polynomials: Sequence[Polynomial], n: int) -> int:
        domain = self.blueprint.domain
        sizes = dict.fromkeys(domain.minimum, n)
        values = {name: size - domain.minimum[name] for name, size in sizes.items()} | domain.scale_values(**sizes)
        return max((polynomial(**values) for polynomial in polynomials), default=0)

    def largest_integer(self, n: int) -> int:
        """No integer of the step of size n is larger, nor any sum of the magnitudes of the terms of a sum."""
        return self._at(self.sizes, n)

    def largest_leak(self, n: int) -> int:
        """Nor any leak larger than so many leaked weights."""
        return self._at(self.leaks, n)

    def fits(self, n: int, type_name: NumberType, attention: AttentionKind) -> bool:
        """Whether the step of size n gives the tokens of exact arithmetic in this type, by these bounds."""
        if self.largest_integer(n) > LARGEST_INTEGER[type_name]:
            return False
        return attention == "argmax" or (self.largest_leak(n) << STAYS_BELOW[type_name] <= 1 << LEAKS[type_name])

    def largest_size(self, type_name: NumberType, attention: AttentionKind = "argmax") -> int | None:
        """The largest n for which it fits; None if it does not fit at the least size, 10^12 if it fits there too.

        The bounds grow with n, so halving an interval finds it.
        """
        low = self.blueprint.least
        if not self.fits(low, type_name, attention):
            return None
        high = low + 1
        while high < _FAR and self.fits(high, type_name, attention):
            low, high = high, 2 * high
        if high >= _FAR and self.fits(_FAR, type_name, attention):
            return _FAR
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(middle, type_name, attention) else (low, middle)
        return low


def averaging_heads(blueprint: Blueprint) -> frozenset[str]:
    """The heads that may pick several positions: what they write has ranges with denominators."""
    heads = [head for layer in blueprint.layers for head in getattr(layer, "heads", ())]
    return frozenset(head.name for head in heads if any(not blueprint.ranges[name].integer for name in head.value.rows))


def largest_size(
    construction: Construction, type_name: NumberType = "float64", attention: AttentionKind = "argmax"
) -> int | None:
    """The largest n up to which an exported model is guaranteed to write the tokens of exact arithmetic.

    ``None`` means for no n at all. It holds for prompts that the construction reads at size n, with at most as many
    tokens as its contracts allow, on hardware that rounds each operation to the type's own precision.

    >>> from constructions.theorems import construction
    >>> [largest_size(construction("transformer/associative-recall"), t) for t in ("float32", "float64", "int64")]
    [125, 92681, 1048573]
    """
    return step_bounds(construction).largest_size(type_name, attention_kind(attention, type_name))


def require_guarantee(construction: Construction, n: int, type_name: NumberType, attention: AttentionKind) -> None:
    """Raise ContractError if the export of this size is not guaranteed to write the right tokens."""
    bounds = step_bounds(construction)
    if bounds.fits(n, type_name, attention_kind(attention, type_name)):
        return
    largest = bounds.largest_size(type_name, attention)
    upto = "at no size" if largest is None else f"up to n = {largest:,}"
    raise ContractError(
        f"{construction.label} is guaranteed exact in {type_name} with attention by {attention} {upto}, not for n = "
        f"{n:,}: integers there may reach {bounds.largest_integer(n):,}, and {type_name} holds all up to "
        f"{LARGEST_INTEGER[type_name]:,}"
    )


def step_bounds(construction: Construction) -> StepBounds:
    """The bounds of a construction's decoding step; derived once."""
    return _Derivation(construction.blueprint).result


class _Derivation:
    """Follows the step of ``_step`` with bounds in the place of numbers."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.sizes: dict[Polynomial, None] = {}
        self.leaks: dict[Polynomial, None] = {}
        self.averaging = averaging_heads(blueprint)
        for name, lower in blueprint.domain.scales.items():
            if any(c < 0 for _, c in blueprint.domain.shifted(lower).terms):
                raise ContractError(
                    f"{blueprint.name}: the scale {name} is at least {lower}, which cannot be shown to grow with n; so "
                    "no largest n can be told up to which an export is exact"
                )

    # Polynomials that grow.

    def magnitude(self, *ends: Polynomial) -> Polynomial:
        """Above |p| for each p: in variables from 0, coefficient by coefficient, never negative."""
        largest: dict[tuple[tuple[str, int], ...], int] = {}
        for end in ends:
            for monomial, coefficient in self.growing(end).terms:
                largest[monomial] = max(largest.get(monomial, 0), abs(coefficient))
        return Polynomial.build(largest)

    def growing(self, polynomial: Polynomial) -> Polynomial:
        """In variables from 0, n - n0 in the place of n; scales stay, and grow with their lower bounds."""
        return self.blueprint.domain.shifted(polynomial)

    @cached_property
    def positions(self) -> Polynomial:
        return self.magnitude(self.blueprint.context + 1)

    @cached_property
    def number(self) -> Polynomial:
        return self.magnitude(*self.blueprint.numbers)

    # Steps.

    def touch(self, *bounds: Bound) -> None:
        for bound in bounds:
            self.sizes[bound.size] = None
            self.leaks[bound.leak] = None

    def linear(self, matrix: object, x: Sequence[Bound]) -> list[Bound]:
        """Of ``matrix @ x`` and every partial sum."""
        rows, entries = len(matrix.rows), matrix.entries  # type: ignore[attr-defined]
        return self.rows(rows, {place: self.magnitude(p) for place, p in entries.items()}, x)

    def rows(self, rows: int, entries: Mapping[tuple[int, int], Polynomial], x: Sequence[Bound]) -> list[Bound]:
        sums = [Bound(_ZERO)] * rows
        for (row, column), weight in entries.items():
            self.sizes[weight] = None
            sums[row] = sums[row].plus(Bound(weight * x[column].size, weight * x[column].leak))
        self.touch(*sums)
        return sums

    @cached_property
    def result(self) -> StepBounds:
        blueprint = self.blueprint
        ranges = [blueprint.ranges[name] for name in blueprint.coordinates]
        values = [self.magnitude(extent.low, extent.high) for extent in ranges]
        self._embedding()
        self.touch(*(Bound(value) for value in values))
        leaks = [_ZERO] * len(values)
        denominator = Bound(_ONE)
        for layer in blueprint.layers:
            x = [Bound(v * denominator.size, e) for v, e in zip(values, leaks, strict=True)]
            if hasattr(layer, "heads"):
                x, denominator = self._attention(layer, x)
            elif hasattr(layer, "gate"):
                x, denominator = self._gates(layer, x, denominator)
            else:
                x = self._recurrence(layer, x)
            leaks = [bound.leak for bound in x]
            self.touch(denominator, *(Bound(v * denominator.size) for v in values))
        self._logits([Bound(v * denominator.size, e) for v, e in zip(values, leaks, strict=True)])
        return StepBounds(blueprint, tuple(self.sizes), tuple(self.leaks))

    def _embedding(self) -> None:
        powers = [Bound(_ONE), Bound(self.number), Bound(self.number * self.number)]
        places = [Bound(self.positions), Bound(self.positions * self.positions)]
        embedding = self.blueprint.embedding
        tokens = self.linear(embedding["polynomial"], powers)
        there = self.linear(embedding["position"], places)
        self.touch(*powers, *places, *(a.plus(b) for a, b in zip(tokens, there, strict=True)))
        special = self.linear(embedding["special"], [Bound(_ONE)] * len(self.blueprint.specials))
        self.touch(*(a.plus(b) for a, b in zip(special, there, strict=True)))

    def _attention(self, layer: object, x: Sequence[Bound]) -> tuple[list[Bound], Bound]:
        """What each head adds, over the product of the counts of those that average."""
        total, denominator = list(x), Bound(_ONE)
        count = Bound(self.positions, self.positions)
        for head in layer.heads:  # type: ignore[attr-defined]
            query, key, value = (self.linear(getattr(head, part), x) for part in ("query", "key", "value"))
            products = [q.times(k) for q, k in zip(query, key, strict=True)]
            score = reduce(Bound.plus, products, Bound(self.positions * abs(head.slope) + 1))
            averages = head.name in self.averaging
            several = self.positions if averages else _ONE
            read = [Bound(v.size * several, v.leak * several + self.positions * (v.size + v.leak)) for v in value]
            update = self.linear(head.output, read)
            self.touch(score, count, *products, *read)
            if averages:
                total = [a.times(count).plus(b.times(denominator)) for a, b in zip(total, update, strict=True)]
                denominator = denominator.times(count)
            else:
                total = [a.plus(b.times(denominator)) for a, b in zip(total, update, strict=True)]
            self.touch(denominator, *total)
        return total, denominator

    def _gates(self, layer: object, x: Sequence[Bound], denominator: Bound) -> tuple[list[Bound], Bound]:
        gate, value = (self.linear(getattr(layer, part), x) for part in ("gate", "value"))
        units = [g.times(v) for g, v in zip(gate, value, strict=True)]
        update = self.linear(layer.output, units)  # type: ignore[attr-defined]
        total = [a.times(denominator).plus(b) for a, b in zip(x, update, strict=True)]
        self.touch(*units, *total)
        return total, denominator.times(denominator)

    def _recurrence(self, layer: object, x: Sequence[Bound]) -> list[Bound]:
        held = [Bound(self.magnitude(r.low, r.high)) for r in layer.ranges.values()]  # type: ignore[attr-defined]
        inputs = self.linear(layer.input, x)  # type: ignore[attr-defined]
        before = self.linear(layer.transition, held)  # type: ignore[attr-defined]
        self.touch(*held, *(a.plus(b) for a, b in zip(inputs, before, strict=True)))
        shown = self.linear(layer.output, held)  # type: ignore[attr-defined]
        through = self.linear(layer.feedthrough, x)  # type: ignore[attr-defined]
        total = [a.plus(b).plus(c) for a, b, c in zip(x, shown, through, strict=True)]
        self.touch(*total)
        return total

    def _logits(self, x: Sequence[Bound]) -> None:
        unembedding = self.blueprint.unembedding
        self.linear(unembedding["special"], x)
        powers = (_ONE, self.number, self.number * self.number)
        entries: dict[tuple[int, int], Polynomial] = {}
        for (power, column), weight in unembedding["polynomial"].entries.items():
            entries[0, column] = entries.get((0, column), _ZERO) + self.magnitude(weight) * powers[power]
        self.rows(1, entries, x)
