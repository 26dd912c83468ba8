"""How large numbers get and how far errors spread, from contracts: the bits that suffice, and b(n, p).

One pass over the layers, with magnitudes instead of values: a sum of products is at most the sum of the products of
magnitudes. The pass is run with integers (for one size) or with polynomials in n (for all sizes at once); the
argument is the same, and it is written once.

*Sufficient bits.* Where every number, partial sums included, is an integer of magnitude at most 2^p, floating point
with p bits rounds nothing, whatever the order of the sums. A division occurs only where a head averages over ties.
Let c + 1 be the number of ties, at most D. The average of a flag that is 1 once is 1 / (c + 1), rounded once; a gated
unit multiplies it by an integer, rounded once more: relative error at most 2 u + u^2 <= 2.5 u with u = 2^-p. What
decides is the sign of v = K - x, where x is that product and K an integer: v is a multiple of 1 / (c + 1) that is not
0, so |v| >= 1 / D. The computed sign is right if 2.5 u |x| < |v|; since |x| <= K + |v|, it is if
2.5 u (K + |v|) < |v|, and that holds for every |v| >= 1 / D if 2.5 u (K D + 1) < 1: if 2^p >= 3 (K D + 1).

*Inverse temperature.* At a finite b a softmax takes the share ``leak`` of its weight away from what hard attention
picks. Errors are bounded in units of the largest leak of any head: reading adds 2 V for values up to V, linear maps
add up, and a product of g + dg and v + dv is off by at most |g| dv + (|v| + 1) dg if dv <= 1. ``spread`` bounds the
errors of all coordinates, scores and logits in these units. Now let 2^-q bound e^-b, that is b >= q ln 2, and let
``share`` e^-b bound the leak:

* position look-up: a key at distance d of the wanted one is d^2 lower, so the leak is at most
  2 (e^-b + e^-4b + ...) <= 4 e^-b;
* match-latest: all scores are different integers (modulo the scale S they are the positions), so the leak is at most
  e^-b + e^-2b + ... = 1 / (e^b - 1) <= 2 e^-b; the same with a default record;
* average: at most T keys, each lower by at least 1: T e^-b;

and twice as much, since errors of at most ``leak * spread`` in scores shrink gaps: 2 b leak spread <= ln 2 makes that
a factor of at most 2. With q = p + 3 + log2(share * spread) errors are at most 2^-(p + 3) everywhere. See
docs/precision.md for what follows in each number system.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from constructions.wiring._blueprint import (
    Blueprint,
    SymbolicAttention,
    SymbolicFeedForward,
    SymbolicMatrix,
    SymbolicRecurrence,
)
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._value import Range

LN2 = Fraction(6932, 10000)
"""A little more than ln 2 = 0.69314718..."""

AVERAGE = "average over matches and a sink"

Size = Any
"""A magnitude: an integer at one size, a polynomial for all sizes; both add and multiply."""


@dataclass(frozen=True)
class Bounds:
    """Of one construction, as polynomials in n and as numbers at a size.

    ``largest`` bounds every integer that occurs, partial sums included; ``decision`` is 3 (K D + 1) where fractions
    decide, else None; ``share`` e^-b bounds the leak of any head; ``spread`` bounds errors in units of that leak.
    """

    largest: Polynomial
    decision: Polynomial | None
    share: Polynomial
    spread: Polynomial

    def formula(self) -> str:
        """The number of bits that suffice, in words that hold for every size."""
        return f"2^p >= {self.largest}" + ("" if self.decision is None else f" and 2^p >= {self.decision}")

    def sufficient(self, n: int) -> int:
        """A number of bits, at least 2, that suffices at size n by the polynomials."""
        return _bits(self.largest(n=n), None if self.decision is None else self.decision(n=n))

    def temperature_formula(self) -> str:
        """b(n, p) in closed form."""
        return f"ln 2 * (p + 3 + log2(({self.share}) ({self.spread})))"

    def temperature(self, n: int, p: int) -> Fraction:
        """b(n, p): an inverse temperature at which errors stay below 2^-(p + 3) at size n.

        The logarithm is rounded up, ln 2 too. Where b is so large beside 2^p that gaps would shrink by more than
        assumed, p is taken larger, which only makes b larger.
        """
        return _temperature(self.share(n=n) * self.spread(n=n), p)


def fixed_temperature(fraction_bits: int) -> Fraction:
    """b at which fixed point gives, value by value, what hard attention gives, in every head whose gap is 1.

    (f + 2) ln 2, rounded up: e^-b is less than a quarter of the unit 2^-f, so all weights but those of the picked
    keys round to 0.

    >>> float(fixed_temperature(8))
    6.932
    """
    return LN2 * (fraction_bits + 2)


def bounds(blueprint: Blueprint) -> Bounds | None:
    """For all sizes; None where the argument of this module does not apply (fractions that it does not know)."""
    found = _pass(blueprint, _Symbolic(blueprint))
    return None if found is None else Bounds(*found)


@dataclass(frozen=True)
class At:
    """The same at one size, tighter, because the scales are known: see :class:`Bounds`."""

    largest: int
    decision: int | None
    share: int
    spread: int

    @property
    def sufficient(self) -> int:
        """A number of bits, at least 2, that suffices."""
        return _bits(self.largest, self.decision)

    def temperature(self, p: int) -> Fraction:
        """b(n, p) at this size."""
        return _temperature(self.share * self.spread, p)


def bounds_at(blueprint: Blueprint, n: int) -> At | None:
    """At size n; None where the argument of this module does not apply.

    >>> from constructions.theorems import construction
    >>> here = bounds_at(construction("transformer/index").blueprint, 64)
    >>> here.sufficient, float(here.temperature(24))
    (14, 30.5008)
    """
    found = _pass(blueprint, _AtSize(blueprint, n))
    return None if found is None else At(*found)


def _bits(largest: int, decision: int | None) -> int:
    """The least p with 2^p at least both."""
    return max(2, *((value - 1).bit_length() for value in (largest, decision or 1)))


def _temperature(amplified: int, p: int) -> Fraction:
    q = p + 3 + (amplified - 1).bit_length()
    while q > 1 << (p + 1):
        p += 1
        q += 1
    return LN2 * q


class _Sizes(Protocol):
    """Magnitudes of one kind."""

    zero: Size

    def of(self, polynomial: Polynomial) -> Size:
        """The magnitude of a polynomial."""

    def most(self, numbers: Sequence[Size]) -> Size:
        """A bound of all."""


class _Symbolic:
    """Magnitudes as polynomials in n."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._domain, self._known = blueprint.domain, dict[Polynomial, Polynomial]()
        self.zero = Polynomial.constant(0)

    def of(self, polynomial: Polynomial) -> Polynomial:
        """A bound of the magnitude, in which no coefficient is negative."""
        if polynomial not in self._known:
            # Coefficient by coefficient in variables that start at 0, so nothing is lost by shifting.
            shifted = self._domain.shifted(self._domain.upper(polynomial))
            size = Polynomial(tuple((m, abs(c)) for m, c in shifted.terms))
            for name, least in self._domain.minimum.items():
                size = size.substitute(name, Polynomial.variable(name) - least)
            for name in self._domain.minimum:
                size = size.substitute(name, Polynomial.variable("n"))
            self._known[polynomial] = size
        return self._known[polynomial]

    def most(self, numbers: Sequence[Polynomial]) -> Polynomial:
        """A bound of all of them."""
        return self._domain.maximum(*dict.fromkeys(numbers))


class _AtSize:
    """Magnitudes as integers."""

    def __init__(self, blueprint: Blueprint, n: int) -> None:
        sizes = dict.fromkeys(blueprint.domain.minimum, n)
        self._values = {**sizes, **blueprint.domain.scale_values(**sizes)}
        self.zero = 0

    def of(self, polynomial: Polynomial) -> int:
        """The magnitude."""
        return abs(int(polynomial(**self._values)))

    def most(self, numbers: Sequence[int]) -> int:
        """The largest."""
        return max(numbers)


class _UnknownError(Exception):
    """The argument does not apply to this blueprint."""


def _pass(blueprint: Blueprint, sizes: _Sizes) -> tuple[Size, Size, Size, Size] | None:
    try:
        return _Pass(blueprint, sizes).run()
    except _UnknownError:
        return None


class _Pass:
    """One pass over the layers; ``x`` are magnitudes and ``off`` errors of the coordinates, by their places."""

    def __init__(self, blueprint: Blueprint, sizes: _Sizes) -> None:
        self.blueprint, self.sizes = blueprint, sizes
        self.x = [self._magnitude(blueprint.ranges[name]) for name in blueprint.coordinates]
        self.fractions = {i for i, name in enumerate(blueprint.coordinates) if not blueprint.ranges[name].integer}
        self.off: list[Size] = [sizes.zero for _ in self.x]
        self.context = sizes.of(blueprint.context)
        self.seen: list[Size] = [*self.x, self.context * self.context]
        self.spread: list[Size] = [sizes.of(Polynomial.constant(1))]
        self.averages = {contract.name for contract in blueprint.contracts if contract.gadget == AVERAGE}
        self.averaged: set[int] = set()

    def _magnitude(self, extent: Range) -> Size:
        return self.sizes.most([self.sizes.of(extent.low), self.sizes.of(extent.high)])

    def run(self) -> tuple[Size, Size, Size, Size]:
        """Largest integer, what fractions need, share, spread."""
        blueprint, sizes = self.blueprint, self.sizes
        largest_number = sizes.most([sizes.of(end) for end in blueprint.numbers])
        powers = (sizes.of(Polynomial.constant(1)), largest_number, largest_number * largest_number)
        for name, matrix in blueprint.embedding.items():
            ones = [powers[0]] * len(blueprint.specials)
            self.through(matrix, {"polynomial": powers, "special": ones}.get(name, (self.context, self.seen[-1])))
        for layer in blueprint.layers:
            if isinstance(layer, SymbolicAttention):
                self.attention(layer)
            elif isinstance(layer, SymbolicFeedForward):
                self.feed_forward(layer)
            else:
                self.recurrence(layer)
            self.spread.extend(self.off)
        decision = self.unembedding(powers)
        constant = 8 if not self.averages else 2 * (self.context + 4)
        return sizes.most(self.seen), decision, sizes.of(Polynomial.constant(1)) * constant, sizes.most(self.spread)

    def through(self, matrix: SymbolicMatrix, inputs: Sequence[Size], *, seen: bool = True) -> list[Size]:
        """Bounds of ``matrix @ inputs``; where integers are meant, they and the entries are noted as seen."""
        sums: list[Size] = [self.sizes.zero for _ in matrix.rows]
        for (row, column), polynomial in matrix.entries.items():
            entry = self.sizes.of(polynomial)
            sums[row] = sums[row] + entry * inputs[column]
            if seen:
                self.seen.append(entry)
        if seen:
            self.seen.extend(sums)
        return sums

    def reads_fraction(self, matrix: SymbolicMatrix) -> set[int]:
        """The rows that read a coordinate that may be a fraction."""
        return {row for row, column in matrix.entries if column in self.fractions}

    def attention(self, layer: SymbolicAttention) -> None:
        """All heads read the same residual stream; the updates are added up."""
        before, errors = list(self.x), list(self.off)
        for head in layer.heads:
            if any(map(self.reads_fraction, (head.query, head.key, head.value))):
                raise _UnknownError
            query, key = self.through(head.query, before), self.through(head.key, before)
            slope = abs(head.slope) * self.context
            self.seen.append(sum((q * k for q, k in zip(query, key, strict=True)), slope))
            query_off, key_off = (self.through(m, errors, seen=False) for m in (head.query, head.key))
            pairs = zip(query, key, query_off, key_off, strict=True)
            self.spread.append(sum((q * dk + (k + 1) * dq for q, k, dq, dk in pairs), self.sizes.zero))
            value = self.through(head.value, before)
            wrong = self.through(head.value, errors, seen=False)
            off = self.through(head.output, [2 * v + dv for v, dv in zip(value, wrong, strict=True)], seen=False)
            if head.name in self.averages:
                self.averaged |= {row for row, _ in head.output.entries}
                self.seen.append(self.context + 1)
            self.add(self.through(head.output, value), off)

    def add(self, update: Sequence[Size], off: Sequence[Size]) -> None:
        """Into the residual stream. Ranges bound what comes out; partial sums on the way are noted."""
        self.seen.extend(a + b for a, b in zip(self.x, update, strict=True))
        self.off = [a + b for a, b in zip(self.off, off, strict=True)]

    def feed_forward(self, layer: SymbolicFeedForward) -> None:
        """Gates must be integers; a value may be a fraction if its unit alone writes a coordinate."""
        if self.reads_fraction(layer.gate):
            raise _UnknownError
        for unit in self.reads_fraction(layer.value):
            read = [c for row, c in layer.value.entries if row == unit]
            targets = {row for row, column in layer.output.entries if column == unit}
            writers = {column for row, column in layer.output.entries if row in targets}
            ones = all(layer.output.entries[row, unit].as_constant in (1, -1) for row in targets)
            alone = len(read) == 1 and layer.value.entries[unit, read[0]].as_constant in (1, -1)
            if not (alone and ones and read[0] in self.averaged and writers == {unit}):
                raise _UnknownError
        gate, value = self.through(layer.gate, self.x), self.through(layer.value, self.x)
        gate_off, value_off = (self.through(m, self.off, seen=False) for m in (layer.gate, layer.value))
        units = [g * v for g, v in zip(gate, value, strict=True)]
        self.seen.extend(units)
        parts = zip(gate, value, gate_off, value_off, strict=True)
        units_off = [g * dv + (v + 1) * dg for g, v, dg, dv in parts]
        self.spread.extend(units_off)
        self.add(self.through(layer.output, units), self.through(layer.output, units_off, seen=False))

    def recurrence(self, layer: SymbolicRecurrence) -> None:
        """It comes first, so it reads no errors; the ranges of the state hold for partial sums of its own."""
        if any(self.off) or self.fractions & {column for _, column in layer.input.entries}:
            raise _UnknownError
        state = [self._magnitude(layer.ranges[name]) for name in layer.transition.rows]
        fed = zip(self.through(layer.transition, state), self.through(layer.input, self.x), strict=True)
        self.seen.extend([*state, *(a + b for a, b in fed)])
        shown = zip(self.through(layer.output, state), self.through(layer.feedthrough, self.x), strict=True)
        self.add([a + b for a, b in shown], [self.sizes.zero for _ in self.x])

    def unembedding(self, powers: Sequence[Size]) -> Size | None:
        """Logits and their errors; 3 (K D + 1) where a fraction decides."""
        parts = self.blueprint.unembedding
        polynomial, special = parts["polynomial"], parts["special"]
        for numbers, errors in ((self.x, False), (self.off, True)):
            rows = self.through(polynomial, numbers, seen=not errors)
            logits = [sum((p * row for p, row in zip(powers, rows, strict=True)), self.sizes.zero)]
            logits += self.through(special, numbers, seen=not errors)
            (self.spread if errors else self.seen).extend(logits)
        read = {(row, column) for row, column in polynomial.entries if column in self.fractions}
        if self.reads_fraction(special) or len(read) > 1 or (self.fractions and not read):
            raise _UnknownError
        if not read:
            return None
        ((row, column),) = read
        if row != 1 or polynomial.entries[row, column].as_constant not in (1, -1):
            raise _UnknownError
        one = self.blueprint.coordinates.index("one")
        # The logit of 1 is v = (row of k) + (row of k^2): what it adds to the fraction is the constant K.
        constant = polynomial.entries.get((1, one), Polynomial.constant(0)) + polynomial.entries.get(
            (2, one), Polynomial.constant(0)
        )
        denominators = self.context + 1
        return 3 * (self.sizes.of(constant) * denominators + 1)
