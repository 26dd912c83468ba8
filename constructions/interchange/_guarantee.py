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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from constructions.architectures import Bound
from constructions.errors import ContractError
from constructions.interchange._fractions import fractional_coordinates, fractions_through
from constructions.interchange._types import LARGEST_INTEGER, AttentionKind, NumberType, attention_kind
from constructions.theorems import Construction
from constructions.wiring import (
    Blueprint,
    Polynomial,
    Ranges,
    SymbolicAttention,
    SymbolicFeedForward,
    SymbolicHead,
    SymbolicLayer,
    SymbolicMatrix,
)

INVERSE_TEMPERATURE = 1024
"""Of the softmax. A power of two, so that multiplying by it is exact."""

LEAKS = {"float32": 126, "float64": 1000}
"""exp(-1024) is returned as at most 2 to the minus this."""

STAYS_BELOW = {"float32": 40, "float64": 70}
"""What leaks must stay below 2 to the minus this; 1024 times as much is still below half a last place of 1."""

_FAR = 10**12
"""No larger size is looked for."""


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
        """A bound of every integer in the step of size n, and of the magnitudes of the terms of every sum, added up."""
        return self._at(self.sizes, n)

    def largest_leak(self, n: int) -> int:
        """A bound of every leak in the step of size n, in leaked weights."""
        return self._at(self.leaks, n)

    def fits(self, n: int, type_name: NumberType, attention: AttentionKind) -> bool:
        """Whether the step of size n gives the tokens of exact arithmetic, by these bounds.

        ``type_name`` and ``attention`` say how it computes; see :func:`largest_size`.
        """
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


def largest_size(
    construction: Construction, type_name: NumberType = "float64", attention: AttentionKind = "argmax"
) -> int | None:
    """The largest n up to which an exported model is guaranteed to write the tokens of exact arithmetic.

    ``type_name`` is the type of its numbers, ``attention`` is ``argmax`` or ``softmax``. ``None`` means for no n at
    all. It holds for prompts that the construction reads at size n, with at most as many
    tokens as its contracts allow, on hardware that rounds each operation to the type's own precision.

    >>> from constructions.theorems import construction
    >>> [largest_size(construction("transformer/associative-recall"), t) for t in ("float32", "float64", "int64")]
    [125, 92681, 1048573]
    """
    return step_bounds(construction).largest_size(type_name, attention_kind(attention, type_name))


def require_guarantee(construction: Construction, n: int, type_name: NumberType, attention: AttentionKind) -> None:
    """Raise ContractError if the export of a ``construction`` at n is not guaranteed to write the right tokens.

    ``type_name`` and ``attention`` say how it computes; see :func:`largest_size`.
    """
    bounds = step_bounds(construction)
    if bounds.fits(n, type_name, attention_kind(attention, type_name)):
        return
    largest = bounds.largest_size(type_name, attention)
    upto = "at no size" if largest is None else f"up to n = {largest:,}"
    raise ContractError(
        f"{construction.label} is guaranteed exact in {type_name} with attention by {attention} {upto}, not for n = "
        f"{n:,}: integers there may reach {bounds.largest_integer(n):,}, and {type_name} holds all up to "
        f"{LARGEST_INTEGER[type_name]:,}; export a smaller n, or a type of numbers that holds more, or npz"
    )


def step_bounds(construction: Construction) -> StepBounds:
    """The bounds of a construction's decoding step; derived once."""
    growing = _Growing(construction.blueprint)
    growing.interpret()
    return StepBounds(construction.blueprint, tuple(growing.sizes), tuple(growing.leaks))


class _Growing(Ranges):
    """Follows the step of ``_step`` with bounds of integers over one denominator, and of what leaks."""

    def __init__(self, blueprint: Blueprint) -> None:
        for name, lower in blueprint.domain.scales.items():
            if any(c < 0 for _, c in blueprint.domain.shifted(lower).terms):
                raise ContractError(
                    f"{blueprint.name}: the scale {name} is at least {lower}, which cannot be shown to grow with n; so "
                    "no largest n can be told up to which an export is exact; let context or numbers grow with n"
                )
        super().__init__(blueprint, blueprint.context + 1)
        self.sizes, self.leaks = dict[Polynomial, None](), dict[Polynomial, None]()
        self.flow = fractions_through(blueprint, fractional_coordinates(blueprint))
        self.one = self.denominator = Bound(self.powers[0], self.zero)
        self.note(self.held(self.powers))

    def magnitude(self, *polynomials: Polynomial) -> Polynomial:
        """A bound in variables from 0, with n0 + n for n; the largest coefficients, none of them negative.

        Scales stay, and grow with their lower bounds.
        """
        largest: dict[tuple[tuple[str, int], ...], int] = {}
        for polynomial in polynomials:
            for monomial, coefficient in self.blueprint.domain.shifted(polynomial).terms:
                largest[monomial] = max(largest.get(monomial, 0), abs(coefficient))
        return Polynomial.build(largest)

    def note(self, bounds: Iterable[Bound], *, row: bool = False) -> None:
        """Everything counts."""
        for bound in bounds:
            self.sizes[bound.size] = self.leaks[bound.error] = None

    def divided(self, sizes: Sequence[Polynomial], x: Sequence[Bound]) -> list[Bound]:
        """Integers of such sizes, from their numerators; what the denominator is off by changes the whole number."""
        over = self.denominator.error
        return [Bound(size, bound.error + size * over) for size, bound in zip(sizes, x, strict=True)]

    def elsewhere(self, matrix: SymbolicMatrix, x: Sequence[Bound]) -> list[Bound]:
        """Without the denominator."""
        numerators = super().elsewhere(matrix, x)
        if self.denominator == self.one:
            return numerators
        rows, _ = self.rows(matrix, x)
        return self.divided([self.product(row, self.held(self.known)).size for row in rows], numerators)

    def score(self, head: SymbolicHead, query: Sequence[Bound], key: Sequence[Bound]) -> Bound:
        """Over the denominator, which multiplies the recency too."""
        recency = Bound(abs(head.slope) * self.positions, self.zero)
        return super().score(replace(head, slope=0), query, key).plus(recency.times(self.denominator))

    def through(self, layers: Iterable[Any], x: Sequence[Bound]) -> list[Bound]:
        """Divides where no fraction is read any more."""
        for layer, settles in zip(layers, self.flow.settles, strict=True):
            if settles:
                x, self.denominator = self.divided(self.known, x), self.one
            x = super().through([layer], x)
        return list(x)

    def read(self, head: SymbolicHead, x: Sequence[Bound], value: Sequence[Bound]) -> list[Bound]:
        """One of the values, or the sum of several; off by what leaks from each position."""
        several = self.positions if head.name in self.flow.averaging else self.powers[0]
        read = [Bound(v.size * several, v.error * several + self.positions * (v.size + v.error)) for v in value]
        self.note(read)
        return read

    def commit(self, layer: SymbolicLayer, x: Sequence[Bound], updates: Sequence[Sequence[Bound]]) -> list[Bound]:
        """What heads add, over the product of the counts of those that average; units square the denominator."""
        if isinstance(layer, SymbolicAttention):
            count = Bound(self.positions, self.positions)
            for head, update in zip(layer.heads, updates, strict=True):
                added = [bound.times(self.denominator) for bound in update]
                if head.name in self.flow.averaging:
                    x = [bound.times(count) for bound in x]
                    self.denominator = self.denominator.times(count)
                x = [a.plus(b) for a, b in zip(x, added, strict=True)]
            updates = []
            self.note([count])
        elif isinstance(layer, SymbolicFeedForward):
            x = [bound.times(self.denominator) for bound in x]
            self.denominator = self.denominator.times(self.denominator)
        elif self.denominator != self.one:
            updates = [[bound.times(self.denominator) for bound in updates[0]], updates[1]]
        total = super().commit(layer, x, updates)
        after = [Bound(a.size * self.denominator.size, a.error) for a in total]
        self.note([self.denominator, *after])
        return after

    def logits(self, x: Sequence[Bound]) -> None:
        """Notes the logits, by a table with a row per token."""
        unembedding = self.blueprint.unembedding
        self.linear(unembedding["special"], x)
        row: dict[int, Polynomial] = {}
        for (power, column), weight in unembedding["polynomial"].entries.items():
            row[column] = row.get(column, self.zero) + self.magnitude(weight) * self.powers[power]
        self.note([*self.held(list(row.values())), self.product(list(row.items()), x)])
