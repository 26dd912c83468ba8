"""Bounds of a blueprint from its contracts, at one size or for all: a domain of abstract interpretation.

The ranges of coordinates and cells are known, so no bound is carried from layer to layer; only errors are.
"""

from abc import abstractmethod
from collections.abc import Sequence

from constructions.architectures import Bound, Domain, Size, Weighted
from constructions.wiring._blueprint import (
    Blueprint,
    SymbolicGated,
    SymbolicLayer,
    SymbolicMatrix,
    SymbolicRecurrence,
    SymbolicSelective,
)
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._value import Range


class Ranges(Domain):
    """What the contracts say of a blueprint; ``powers`` bound 1, k and k^2 of the number k of a token."""

    def __init__(self, blueprint: Blueprint, positions: Polynomial) -> None:
        self.blueprint = blueprint
        self.zero = self.magnitude(Polynomial.constant(0))
        super().__init__(self.magnitude(positions))
        one, number = self.magnitude(Polynomial.constant(1)), self.magnitude(*blueprint.numbers)
        self.powers = (one, number, number * number)
        self.known = [self._range(blueprint.ranges[name]) for name in blueprint.coordinates]

    @abstractmethod
    def magnitude(self, *polynomials: Polynomial) -> Size:
        """A bound of the magnitude of each of them."""

    def _range(self, extent: Range) -> Size:
        return self.magnitude(extent.low, extent.high)

    def held(self, sizes: Sequence[Size]) -> list[Bound]:
        """Bounds of exact numbers."""
        return [Bound(size, self.zero) for size in sizes]

    def rows(self, matrix: SymbolicMatrix, x: Sequence[Bound]) -> tuple[list[Weighted], int]:
        """The entries, which are noted as well."""
        found = [list[tuple[int, Size]]() for _ in matrix.rows]
        for (row, column), polynomial in matrix.entries.items():
            found[row].append((column, self.magnitude(polynomial)))
        self.note(self.held([weight for row in found for _, weight in row]), row=True)
        return list(found), 1

    def interpret(self) -> None:
        """Note everything that is computed, from the embedding to the logits."""
        embedding = self.blueprint.embedding
        places = self.held([self.positions, self.positions * self.positions])
        place = self.linear(embedding["position"], places)
        self.note(places if embedding["position"].entries else (), row=True)
        ones = [self.powers[0]] * len(self.blueprint.specials)
        for part, powers in (("polynomial", self.powers), ("special", ones)):
            token = self.linear(embedding[part], self.held(powers))
            self.note([a.plus(b) for a, b in zip(token, place, strict=True)], row=True)
        x = self.held(self.known)
        self.note(x)
        self.logits(self.through(self.blueprint.layers, x))

    def state(self, layer: SymbolicRecurrence, inputs: Sequence[Bound], gates: Sequence[Bound] = ()) -> list[Bound]:
        """What the ranges of the cells allow."""
        cells = self.held([self._range(extent) for extent in layer.ranges.values()])
        fed = [a.plus(b) for a, b in zip(inputs, self.linear(layer.transition, cells), strict=True)]
        if isinstance(layer, SymbolicSelective):
            units = [g.times(s) for g, s in zip(gates, self.linear(layer.selected, cells), strict=True)]
            self.note(units, row=True)
            fed = [a.plus(b) for a, b in zip(fed, self.linear(layer.change, units), strict=True)]
        self.note([*cells, *fed], row=True)
        if isinstance(layer, SymbolicGated):
            inner = self.held([self._range(layer.inner[name]) for name in layer.transition.rows])
            opens, carries = self.linear(layer.opens, inner), self.linear(layer.carries, inner)
            units = [g.times(v) for g, v in zip(opens, carries, strict=True)]
            added = [a.plus(b) for a, b in zip(inner, self.linear(layer.adds, units), strict=True)]
            self.note([*inner, *units, *added, *self.linear(layer.kept, inner)], row=True)
        return cells

    def commit(self, layer: SymbolicLayer, x: Sequence[Bound], updates: Sequence[Sequence[Bound]]) -> list[Bound]:
        """Ranges bound what comes out; what has been off by so much stays so."""
        total = super().commit(layer, x, updates)
        return [Bound(size, bound.error) for size, bound in zip(self.known, total, strict=True)]

    def logits(self, x: Sequence[Bound]) -> None:
        """The logits of numbers are polynomials in them, those of special tokens have a row each."""
        rows, special = (self.linear(self.blueprint.unembedding[part], x) for part in ("polynomial", "special"))
        size = sum((power * row.size for power, row in zip(self.powers, rows, strict=True)), self.zero)
        error = sum((power * row.error for power, row in zip(self.powers, rows, strict=True)), self.zero)
        self.note([Bound(size, error), *special])
