"""How large numbers get and how far errors spread, from contracts: the bits that suffice, and b(n, p).

One pass over the layers, with magnitudes instead of values (:mod:`constructions.wiring._ranges`). It is run with
integers (for one size) or with polynomials in n (for all sizes at once); the argument is the same.

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

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from constructions.architectures import Bound, Size
from constructions.wiring._blueprint import (
    Blueprint,
    SymbolicFeedForward,
    SymbolicHead,
    SymbolicMatrix,
    SymbolicRecurrence,
)
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._ranges import Ranges

LN2 = Fraction(6932, 10000)
"""A little more than ln 2 = 0.69314718..."""

AVERAGE = "average over matches and a sink"


@dataclass(frozen=True)
class Bounds:
    """The bounds of one construction, as polynomials in n and as numbers at a size.

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
    """The b at which a fixed-point softmax gives, value by value, what hard attention gives, if gaps are 1.

    (f + 2) ln 2, rounded up: e^-b is less than a quarter of the unit 2^-f, so all weights but those of the picked
    keys round to 0.

    >>> float(fixed_temperature(8))
    6.932
    """
    return LN2 * (fraction_bits + 2)


def bounds(blueprint: Blueprint) -> Bounds | None:
    """The bounds for all sizes; None where this module's argument does not apply (fractions that it does not know)."""
    found = _Symbolic(blueprint).run()
    return None if found is None else Bounds(*found)


@dataclass(frozen=True)
class At:
    """The bounds of :class:`Bounds` at one size: tighter, because the scales are known numbers there."""

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
    """The bounds at size n; None where the argument of this module does not apply.

    >>> from constructions.theorems import construction
    >>> here = bounds_at(construction("transformer/index").blueprint, 64)
    >>> here.sufficient, float(here.temperature(24))
    (14, 30.5008)
    """
    found = _AtSize(blueprint, n).run()
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


class _UnknownError(Exception):
    """The argument does not apply to this blueprint."""


class _Errors(Ranges):
    """Magnitudes, and errors in units of the largest leak of any head."""

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__(blueprint, blueprint.context)
        self.fractions = {i for i, name in enumerate(blueprint.coordinates) if not blueprint.ranges[name].integer}
        self.seen: list[Size] = []
        self.spread: list[Size] = [self.powers[0]]
        self.averages = {contract.name for contract in blueprint.contracts if contract.gadget == AVERAGE}
        self.averaged: set[int] = set()

    @abstractmethod
    def most(self, sizes: Sequence[Size]) -> Size:
        """A bound of all."""

    def run(self) -> tuple[Size, Size, Size, Size] | None:
        """Largest integer, what fractions need, share, spread; None where the argument does not apply."""
        try:
            self.interpret()
            decision = self._decision()
        except _UnknownError:
            return None
        share = self.powers[0] * (8 if not self.averages else 2 * (self.positions + 4))
        return self.most(self.seen), decision, share, self.most(self.spread)

    def note(self, bounds: Iterable[Bound], *, row: bool = False) -> None:
        """Sizes of all; errors of scores, units, coordinates and logits, which those of rows go into."""
        bounds = list(bounds)
        self.seen.extend(bound.size for bound in bounds)
        if not row:
            self.spread.extend(bound.error for bound in bounds)

    def reads_fraction(self, matrix: SymbolicMatrix) -> set[int]:
        """The rows that read a coordinate that may be a fraction."""
        return {row for row, column in matrix.entries if column in self.fractions}

    def read(self, head: SymbolicHead, x: Sequence[Bound], value: Sequence[Bound]) -> list[Bound]:
        """One of the values, or their average; off by what leaks to others, which differ from it by 2 V at most."""
        if any(map(self.reads_fraction, (head.query, head.key, head.value))):
            raise _UnknownError
        if head.name in self.averages:
            self.averaged |= {row for row, _ in head.output.entries}
            self.seen.append(self.positions + 1)
        return [Bound(v.size, 2 * v.size + v.error) for v in value]

    def gated(self, layer: SymbolicFeedForward, x: Sequence[Bound]) -> list[Bound]:
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
        return super().gated(layer, x)

    def state(self, layer: SymbolicRecurrence, inputs: Sequence[Bound], gates: Sequence[Bound] = ()) -> list[Bound]:
        """It must read no errors, which it would add up; the ranges of the state hold for partial sums of its own."""
        if any(bound.error for bound in (*inputs, *gates)) or self.reads_fraction(layer.input):
            raise _UnknownError
        return super().state(layer, inputs, gates)

    def _decision(self) -> Size | None:
        """3 (K D + 1) where a fraction decides."""
        polynomial, special = (self.blueprint.unembedding[part] for part in ("polynomial", "special"))
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
        constants = (polynomial.entries.get((power, one), Polynomial.constant(0)) for power in (1, 2))
        return 3 * (self.magnitude(sum(constants, Polynomial.constant(0))) * (self.positions + 1) + 1)


class _Symbolic(_Errors):
    """Magnitudes as polynomials in n."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._known = dict[Polynomial, Polynomial]()
        super().__init__(blueprint)

    def magnitude(self, *polynomials: Polynomial) -> Polynomial:
        """A bound of the magnitudes, in which no coefficient is negative."""
        return self.most([self._of(polynomial) for polynomial in polynomials])

    def _of(self, polynomial: Polynomial) -> Polynomial:
        if polynomial not in self._known:
            domain = self.blueprint.domain
            # Coefficient by coefficient in variables that start at 0, so nothing is lost by shifting.
            shifted = domain.shifted(domain.upper(polynomial))
            size = Polynomial(tuple((m, abs(c)) for m, c in shifted.terms))
            for name, least in domain.minimum.items():
                size = size.substitute(name, Polynomial.variable(name) - least)
            for name in domain.minimum:
                size = size.substitute(name, Polynomial.variable("n"))
            self._known[polynomial] = size
        return self._known[polynomial]

    def most(self, sizes: Sequence[Polynomial]) -> Polynomial:
        """A bound of all of them."""
        return self.blueprint.domain.maximum(*dict.fromkeys(sizes))


class _AtSize(_Errors):
    """Magnitudes as integers."""

    def __init__(self, blueprint: Blueprint, n: int) -> None:
        sizes = dict.fromkeys(blueprint.domain.minimum, n)
        self._values = {**sizes, **blueprint.domain.scale_values(**sizes)}
        super().__init__(blueprint)

    def magnitude(self, *polynomials: Polynomial) -> int:
        """The largest magnitude."""
        return max(abs(int(polynomial(**self._values))) for polynomial in polynomials)

    def most(self, sizes: Sequence[int]) -> int:
        """The largest."""
        return max(sizes)
