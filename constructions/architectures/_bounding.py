"""Abstract interpretation of a model: bounds go through its layers in the place of numbers.

A sum of products is at most the sum of the products of the magnitudes, whatever the order of the sum. What follows
from that is written here once, for models and for whatever has layers of the same form, such as blueprints. A
:class:`Domain` says the rest: what kind of number a magnitude is (an integer, or a polynomial for all sizes at once),
what a head may read and what a recurrence may hold, and what is done with each bound that is found.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

Size = Any
"""A magnitude: an integer, or a polynomial without negative coefficients; both add and multiply."""

Weighted = Sequence[tuple[int, Size]]
"""A row of a matrix: columns, and magnitudes of the entries."""


class Bound(NamedTuple):
    """Bounds of a number: its numerator's magnitude, its error (in a unit of the domain), and its denominator."""

    size: Size
    error: Size = 0
    over: int = 1

    def plus(self, other: "Bound") -> "Bound":
        """The bound of a sum over one denominator."""
        return Bound(self.size + other.size, self.error + other.error, self.over)

    def times(self, other: "Bound") -> "Bound":
        """The bound of a product: (a + e)(b + f) - a b is at most a f + b e + e where f is at most 1."""
        error = self.size * other.error + other.size * self.error + self.error
        return Bound(self.size * other.size, error, self.over * other.over)


class Domain(ABC):
    """What magnitudes are and what is known of them; ``positions`` bounds the number of positions.

    ``zero`` is the magnitude of an empty sum.
    """

    zero: Size = 0

    def __init__(self, positions: Size) -> None:
        self.positions = positions

    @abstractmethod
    def note(self, bounds: Iterable[Bound], *, row: bool = False) -> None:
        """Called with bounds of all numbers that are computed; ``row`` says that they are matrix times vector."""

    @abstractmethod
    def rows(self, matrix: Any, x: Sequence[Bound]) -> tuple[list[Weighted], int]:
        """The rows of a matrix as weights of the numerators in ``x``, and the denominator of the products."""

    @abstractmethod
    def read(self, head: Any, x: Sequence[Bound], value: Sequence[Bound]) -> list[Bound]:
        """What a ``head`` reads from ``x`` where the values of single positions have the bounds ``value``."""

    @abstractmethod
    def state(self, layer: Any, inputs: Sequence[Bound], gates: Sequence[Bound]) -> list[Bound]:
        """What the cells of a recurrence, ``layer``, hold at any position, if each position adds at most ``inputs``.

        ``gates`` bound those of the units where the input selects the transition.
        """

    def product(self, row: Weighted, x: Sequence[Bound], over: int = 1) -> Bound:
        """The bound of a row times the vector ``x``, whose denominators together with the row's are ``over``."""
        size = sum((weight * x[column].size for column, weight in row), self.zero)
        return Bound(size, sum((weight * x[column].error for column, weight in row), self.zero), over)

    def linear(self, matrix: Any, x: Sequence[Bound]) -> list[Bound]:
        """The bounds of a matrix times a vector."""
        rows, over = self.rows(matrix, x)
        products = [self.product(row, x, over) for row in rows]
        self.note(products, row=True)
        return products

    def elsewhere(self, matrix: Any, x: Sequence[Bound]) -> list[Bound]:
        """The bounds of a matrix times a vector that is seen at other positions."""
        return self.linear(matrix, x)

    def update(self, matrix: Any, x: Sequence[Bound]) -> list[Bound]:
        """The bounds of what a layer adds to the residual stream."""
        return self.linear(matrix, x)

    def score(self, head: Any, query: Sequence[Bound], key: Sequence[Bound]) -> Bound:
        """The bound of the score that a ``head`` gives any key, where ``query`` and ``key`` bound the features."""
        products = [q.times(k) for q, k in zip(query, key, strict=True)]
        over = products[0].over if products else 1
        total = Bound(abs(head.slope) * over * self.positions + self.zero, self.zero, over)
        for product in products:
            total = total.plus(product)
        return total

    def head(self, head: Any, x: Sequence[Bound]) -> list[Bound]:
        """The bounds of what a head adds."""
        query, key, value = self.linear(head.query, x), self.elsewhere(head.key, x), self.elsewhere(head.value, x)
        self.note([self.score(head, query, key)])
        return self.update(head.output, self.read(head, x, value))

    def gated(self, layer: Any, x: Sequence[Bound]) -> list[Bound]:
        """The bounds of what gated units add."""
        gate, value = self.linear(layer.gate, x), self.linear(layer.value, x)
        units = [g.times(v) for g, v in zip(gate, value, strict=True)]
        self.note(units)
        return self.update(layer.output, units)

    def commit(self, layer: Any, x: Sequence[Bound], updates: Sequence[Sequence[Bound]]) -> list[Bound]:
        """The residual stream after a layer: what was there, ``x``, and the ``updates``, all that the layer adds."""
        total = list(x)
        for update in updates:
            total = [a.plus(b) for a, b in zip(total, update, strict=True)]
        self.note(total)
        return total

    def through(self, layers: Iterable[Any], x: Sequence[Bound]) -> list[Bound]:
        """The residual stream after these layers."""
        for layer in layers:
            if hasattr(layer, "heads"):
                updates = [self.head(head, x) for head in layer.heads]
            elif hasattr(layer, "gate"):
                updates = [self.gated(layer, x)]
            else:
                gates = self.elsewhere(layer.selector, x) if hasattr(layer, "selector") else []
                state = self.state(layer, self.elsewhere(layer.input, x), gates)
                updates = [self.update(layer.output, state), self.update(layer.feedthrough, x)]
            x = self.commit(layer, x, updates)
        return list(x)
