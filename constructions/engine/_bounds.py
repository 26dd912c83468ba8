"""Bounds of everything that a compiled loop computes, so that nothing can overflow while it runs.

Weights and contexts are known, ranges are not: a bound starts from the tokens and goes through the layers as an
integer (:class:`constructions.architectures.Domain`). All must stay below 2**62.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from constructions.architectures import (
    Attention,
    Bound,
    Domain,
    Gated,
    Head,
    Layer,
    Model,
    Recurrence,
    Selective,
    Unembedding,
    Weighted,
    largest_states,
    moves_of,
)
from constructions.engine._head_plans import HeadPlan
from constructions.engine._opcodes import EQUAL_KEYS, MATCH, POSITION
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary

LIMIT = 2**62

WATCHED = 2**24
"""So large may a state get while a loop runs that looks at it."""


GATED_ALONE = "a recurrence moves its state through gated units of its own, as in LSTM and GRU"
"""Why the engine leaves such a model to the plain evaluator."""


class NotTabular(Exception):  # noqa: N818  (a reason, not an error)
    """Why a model cannot run in integers of 64 bits at this length."""


def checked(bound: int) -> int:
    """The bound, if it is one that compiled loops may reach."""
    if bound >= LIMIT:
        raise NotTabular(f"a number may take {bound.bit_length()} bits")
    return bound


def cleared(matrix: Matrix, over: Sequence[int]) -> tuple[list[list[tuple[int, int]]], int]:
    """The rows of a matrix as weights of numerators over these denominators, and the denominator of the products."""
    common = math.lcm(*(over[column] for row in matrix.sparse_rows for column, _ in row))
    rows = [[(column, weight * (common // over[column])) for column, weight in row] for row in matrix.sparse_rows]
    return rows, common * matrix.denominator


class Integers(Domain):
    """Numerators over denominators that are fixed beforehand, one for each coordinate, whatever the tokens are.

    A head that may pick several positions divides by their number. With ``fractions`` what it reads gets the least
    common multiple of 1 .. positions as a factor, and the division comes out even; else the loop looks at each.
    ``over`` are the denominators of the coordinates before each layer and after the last, ``factors`` those of the
    heads (0: divisions are looked at). ``watched`` are the layers whose states no bound from the weights holds:
    the loop looks whether they stay up to ``WATCHED``. It is None for a loop that does not look.
    """

    def __init__(self, positions: int, *, fractions: bool) -> None:
        super().__init__(positions)
        self.fractions = fractions
        self.model: Model
        self.watched: set[int] | None = set()
        self.over, self.factors = list[list[int]](), list[int]()

    def run(self, model: Model, x: Sequence[Bound]) -> None:
        """Raise NotTabular unless all that follows on an embedding with these bounds stays below 2**62."""
        self.model = model
        self.note(x)
        self.over.append([bound.over for bound in x])
        self._logits(model.unembedding, model.vocabulary, self.through(model.layers, x))

    def note(self, bounds: Iterable[Bound], *, row: bool = False) -> None:
        """Refuse what is too large."""
        for bound in bounds:
            checked(bound.size)

    def rows(self, matrix: Matrix, x: Sequence[Bound]) -> tuple[list[Weighted], int]:
        """All rows over one denominator."""
        rows, over = cleared(matrix, [bound.over for bound in x])
        return [[(column, abs(weight)) for column, weight in row] for row in rows], over

    def update(self, matrix: Matrix, x: Sequence[Bound]) -> list[Bound]:
        """Each row over the denominators of what it reads, so that no coordinate gets one that it does not need."""
        made = []
        for row in matrix.sparse_rows:
            common = math.lcm(*(x[column].over for column, _ in row))
            weights = [(column, abs(weight) * (common // x[column].over)) for column, weight in row]
            made.append(self.product(weights, x, common * matrix.denominator if row else 1))
        return made

    def read(self, head: Head, x: Sequence[Bound], value: Sequence[Bound]) -> list[Bound]:
        """The mean of some values, whose sum comes before; brought to a denominator that every count divides."""
        queries, over_query = cleared(head.query, [bound.over for bound in x])
        over_key = cleared(head.key, [bound.over for bound in x])[1]
        # Scores without the slope are multiples of the divisor that all query weights share. If the slope's part is
        # smaller than that, no two positions have the same score.
        unit = math.gcd(*(weight for row in queries for _, weight in row)) or 1
        reach = checked(abs(head.slope) * over_query * over_key * self.positions)
        alone = 0 < reach < unit
        factor = 1 if alone else math.lcm(*range(1, self.positions + 1)) if self.fractions else 0
        self.factors.append(checked(factor))
        self.note(Bound(bound.size * self.positions) for bound in value)
        read = [Bound(v.size * max(factor, 1), 0, v.over * max(factor, 1)) for v in value]
        self.note(read)
        return read

    def state(self, layer: Recurrence, inputs: Sequence[Bound], gates: Sequence[Bound]) -> list[Bound]:
        """Bounds of the cells after all positions, and of what moves them."""
        if isinstance(layer, Gated):
            raise NotTabular(GATED_ALONE)
        moves = [layer.transition]
        if isinstance(layer, Selective):
            moves += [layer.selected, layer.change]
            if any(gate.over != 1 for gate in gates) or len({bound.over for bound in inputs}) > 1:
                raise NotTabular("a transition is selected by a fraction, or moves cells of different denominators")
        if any(matrix.denominator != 1 for matrix in moves):
            raise NotTabular("the transition of a recurrence has fractions")
        sizes = [bound.size for bound in inputs]
        transition = [[(cell, abs(weight)) for cell, weight in row] for row in layer.transition.sparse_rows]
        if isinstance(layer, Selective):
            sizes = self._selected(layer, transition, sizes, [gate.size for gate in gates])
        else:
            sizes = iterated(transition, sizes, self.positions, LIMIT)
        held = [Bound(size, 0, bound.over) for size, bound in zip(sizes, inputs, strict=True)]
        self.note(held)
        if isinstance(layer, Selective):  # what comes before the sum, which is the state after
            units = [gate.times(read) for gate, read in zip(gates, self.linear(layer.selected, held), strict=True)]
            moved = zip(self.linear(layer.transition, held), self.linear(layer.change, units), inputs, strict=True)
            self.note(units)
            self.note(a.plus(b).plus(c) for a, b, c in moved)
        return held

    def _selected(
        self, layer: Selective, transition: Sequence[Weighted], inputs: Sequence[int], gates: Sequence[int]
    ) -> list[int]:
        """The bounds of cells whose transition is selected: by norms where they do, else by magnitudes."""
        place = next(number for number, other in enumerate(self.model.layers) if other is layer)
        moves = moves_of(self.model, place, gates)
        if moves is not None:
            most = [[max(abs(m[i][j]) for m in moves) for j in range(len(inputs))] for i in range(len(inputs))]
            found = largest_states(moves, inputs, [0] * len(inputs), self.positions)
            if None not in found:
                return [min(LIMIT, size) for size in found]
            transition = [list(enumerate(row)) for row in most]
        else:
            rows = [dict(row) for row in transition]
            for cell, row in enumerate(layer.change.sparse_rows):
                for unit, weight in row:
                    for other, factor in layer.selected.sparse_rows[unit]:
                        rows[cell][other] = rows[cell].get(other, 0) + abs(weight * factor) * gates[unit]
            transition = [list(row.items()) for row in rows]
        sizes = iterated(transition, inputs, self.positions, LIMIT)
        if self.watched is not None and max(sizes, default=0) >= WATCHED:
            self.watched.add(place)
            return [min(WATCHED, size) for size in sizes]
        return sizes

    def commit(self, layer: Layer, x: Sequence[Bound], updates: Sequence[Sequence[Bound]]) -> list[Bound]:
        """Each coordinate over the least denominator that does for all that is added to it."""
        common = [math.lcm(*(part.over for part in parts)) for parts in zip(x, *updates, strict=True)]

        def brought(bounds: Sequence[Bound]) -> list[Bound]:
            return [Bound(b.size * (over // b.over), 0, over) for b, over in zip(bounds, common, strict=True)]

        self.over.append(common)
        return super().commit(layer, brought(x), [brought(update) for update in updates])

    def _logits(self, unembedding: Unembedding, vocabulary: Vocabulary, x: Sequence[Bound]) -> None:
        """All over one denominator; those of numbers term by term."""
        parts = [self.linear(matrix, x) for matrix in (unembedding.polynomial, unembedding.special)]
        common = math.lcm(*(bound.over for part in parts for bound in part))
        sizes = [checked(bound.size * (common // bound.over)) for part in parts for bound in part]
        reach = max(abs(vocabulary.low), abs(vocabulary.high))
        checked(sizes[0] + sizes[1] * reach + sizes[2] * reach * reach)


class OfPlans(Integers):
    """Integers alone, as a loop computes them that finds what heads pick by their plans; see ``_key_store``."""

    def __init__(self, positions: int, plans: Sequence[HeadPlan]) -> None:
        super().__init__(positions, fractions=False)
        self.watched = None
        self._plans: Iterator[HeadPlan] = iter(plans)

    def score(self, head: Head, query: Sequence[Bound], key: Sequence[Bound]) -> Bound:
        """Squares are formed of keys and of queries over 2 c in match rows alone; who forms them watches them too."""
        plan = next(self._plans)
        if plan.kind in (EQUAL_KEYS, POSITION):
            matched = [f for f, role in enumerate(plan.roles) if role == MATCH]
            checked(4 * sum(key[f].size ** 2 for f in matched))
            checked(4 * sum((query[f].size // (2 * plan.constant) + 1) ** 2 for f in matched))
        return super().score(head, query, key)


def check_bounds(model: Model, plans: Sequence[HeadPlan], positions: int) -> None:
    """Raise NotTabular unless a loop that follows these plans stays below 2**62 up to so many positions.

    The model's weights are integers. Queries are computed without the factor that all their weights share.
    """
    vocabulary, embedding, units = model.vocabulary, model.embedding, iter(plans)
    reach = max(abs(vocabulary.low), abs(vocabulary.high))

    def divided(layer: Any) -> Any:
        if not isinstance(layer, Attention):
            return layer
        heads = [replace(head, query=Matrix(head.query.numerators // next(units).unit)) for head in layer.heads]
        return Attention(tuple(heads))

    def most(matrix: Matrix, *powers: int) -> list[int]:
        return [sum(abs(weight) * powers[power] for power, weight in row) for row in matrix.sparse_rows]

    special = [max((abs(weight) for _, weight in row), default=0) for row in embedding.special.sparse_rows]
    number = most(embedding.polynomial, 1, reach, reach * reach)
    place = most(embedding.position, positions, positions * positions)
    x = [Bound(max(pair) + added) for *pair, added in zip(special, number, place, strict=True)]
    OfPlans(positions, plans).run(replace(model, layers=tuple(map(divided, model.layers))), x)


def iterated(transition: Sequence[Weighted], inputs: Sequence[int], steps: int, limit: int) -> list[int]:
    """Bounds of s after so many steps of s = transition s + inputs from s = 0, each cut off at ``limit``.

    By squaring the matrix of a step, to which a cell that is always 1 adds the inputs.

    >>> iterated([[(0, 2)], [(0, 1), (1, 1)]], [1, 0], 4, 100)
    [15, 11]
    """

    def times(left: list[dict[int, int]], right: list[dict[int, int]]) -> list[dict[int, int]]:
        made: list[dict[int, int]] = [{} for _ in left]
        for row, total in zip(left, made, strict=True):
            for middle, weight in row.items():
                for column, other in right[middle].items():
                    total[column] = min(limit, total.get(column, 0) + weight * other)
        return made

    one = len(inputs)
    step = [{**dict(row), one: size} for row, size in zip(transition, inputs, strict=True)] + [{one: 1}]
    power = [{cell: 1} for cell in range(one + 1)]
    while steps:
        power = times(power, step) if steps % 2 else power
        step, steps = times(step, step), steps // 2
    return [row.get(one, 0) for row in power[:one]]
