"""The layers of a model, and how each computes what it adds to the residual stream; see :mod:`_model`.

Numbers are integers, and fractions where an average made some; nothing is rounded.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from operator import add

from ._reading import Fields, Number, integer, items, rational
from ._verdict import Incomplete, Malformed, shown

MOST_BITS = 1_000
"""Numbers in a run may not grow beyond so many bits."""

MOST_DIGITS_OF_A_WEIGHT = 40

MOST_LAYERS = 100
"""Layers in a model, and heads in a layer."""

Vector = list[Number]
Stream = tuple[Number, ...]
"""A vector that is final, so that what was computed from it can be looked up."""


class Matrix:
    """The rows and the columns that are not zero, each as pairs (column or row, value)."""

    def __init__(self, of: Fields, key: str, rows: int, columns: int) -> None:
        where = of.place(key)
        fields = Fields(of[key], where, ("entries", "shape"))
        if fields["shape"] != [rows, columns] or any(isinstance(side, bool) for side in [*fields["shape"]]):
            raise Malformed(f"{where}.shape is {shown(fields['shape'])}, expected {[rows, columns]}")
        self.height = rows
        self.rows: dict[int, list[tuple[int, Number]]] = {}
        self.columns: dict[int, list[tuple[int, Number]]] = {}
        last = (-1, -1)
        for place, entry in enumerate(fields.items("entries")):
            here = f"{where}.entries[{place}]"
            parts = items(entry, here, 3)
            if len(parts) != 3:
                raise Malformed(f"{here} is {shown(entry)}, expected [row, column, value]")
            spot = integer(parts[0], here, 0, rows - 1), integer(parts[1], here, 0, columns - 1)
            number = rational(parts[2], here, MOST_DIGITS_OF_A_WEIGHT)
            if spot <= last or not number:
                raise Malformed(f"{here}: entries are nonzero, in order of row and column, each place once")
            last = spot
            self.rows.setdefault(spot[0], []).append((spot[1], number))
            self.columns.setdefault(spot[1], []).append((spot[0], number))

    def times(self, x: Sequence[Number], onto: Vector | None = None) -> Vector:
        """The product with a vector, added in place to another if one is given; zeros of x cost nothing."""
        result: Vector = [0] * self.height if onto is None else onto
        for column, entries in self.columns.items():
            if number := x[column]:
                for row, weight in entries:
                    result[row] += weight * number
        return result


class Attention:
    """Heads side by side, with the keys and values of every position seen so far."""

    def __init__(self, value: object, where: str, width: int, room: int) -> None:
        heads = Fields(value, where, ("heads", "type")).items("heads", MOST_LAYERS)
        self.heads = [Head(head, f"{where}.heads[{place}]", width) for place, head in enumerate(heads)]
        if len({head.name for head in self.heads}) < len(self.heads):
            raise Malformed(f"{where}.heads: two heads have one name")
        entry = 2 * (1 + width + sum(head.key.height + head.value.height for head in self.heads))
        self._parts, self._joined = lru_cache(room // entry)(self._times), lru_cache(room // entry)(self._with)

    def _times(self, x: Stream) -> list[tuple[Vector, Stream, Vector]]:
        """Key, value and query of each head; the slope as a number of the query."""
        return [(head.key.times(x), (*head.value.times(x),), [*head.query.times(x), head.slope]) for head in self.heads]

    def _with(self, x: Stream, *reads: Stream) -> Stream:
        """The stream after the layer, from the one before and what the heads read."""
        total = list(x)
        for head, read in zip(self.heads, reads, strict=True):
            head.output.times(read, total)
        return settled(total)

    def keep(self, x: Stream) -> list[Vector]:
        """Add the next position to what is read; its queries."""
        parts = self._parts(x)
        for head, (key, value, _) in zip(self.heads, parts, strict=True):
            for column, number in zip(head.keys, (*key, len(head.values)), strict=True):
                column.append(number)
            head.values.append(value)
        return [query for _, _, query in parts]

    def update(self, x: Stream) -> Stream:
        """The stream after the layer, at the next position."""
        return self._joined(x, *[head.read(query) for head, query in zip(self.heads, self.keep(x), strict=True)])

    def rewind(self, length: int) -> None:
        """Forget all positions but the first ``length``."""
        for head in self.heads:
            del head.values[length:]
            for column in head.keys:
                del column[length:]


class Head:
    """One head, with the values of every position seen so far, and its keys: a list for each feature, one of places."""

    def __init__(self, value: object, where: str, width: int) -> None:
        fields = Fields(value, where, ("features", "key", "name", "output", "query", "reads", "slope", "value"))
        self.name = fields.text("name")
        features, reads = len(fields.texts("features")), len(fields.texts("reads"))
        self.slope = integer(fields["slope"], fields.place("slope"), -(10**9), 10**9)
        self.query, self.key = Matrix(fields, "query", features, width), Matrix(fields, "key", features, width)
        self.value, self.output = Matrix(fields, "value", reads, width), Matrix(fields, "output", width, reads)
        self.keys: list[Vector] = [[] for _ in range(features + 1)]
        self.values: list[Stream] = []

    def read(self, query: Vector) -> Stream:
        """What the head reads with a query at the last position."""
        scores: Vector = [0] * len(self.values)
        for column, number in zip(self.keys, query, strict=True):
            if number:
                scores = [*map(add, scores, [number * key for key in column])]
        best = max(scores)
        if scores.count(best) == 1:
            return self.values[scores.index(best)]
        picked = [value for score, value in zip(scores, self.values, strict=True) if score == best]
        return settled([Fraction(sum(column)) / len(picked) for column in zip(*picked, strict=True)])


class FeedForward:
    """Gated units; nothing to remember."""

    def __init__(self, value: object, where: str, width: int, room: int) -> None:
        fields = Fields(value, where, ("gate", "output", "type", "units", "value"))
        units = len(fields.texts("units"))
        self.gate = Matrix(fields, "gate", units, width)
        self.value, self.output = Matrix(fields, "value", units, width), Matrix(fields, "output", width, units)
        self.update = lru_cache(room // (1 + 2 * width))(self._update)

    def _update(self, x: Stream) -> Stream:
        """The stream after the layer."""
        gates, values = self.gate.times(x), self.value.times(x)
        return settled(self.output.times([g * v if g > 0 else 0 for g, v in zip(gates, values, strict=True)], [*x]))

    def keep(self, x: Stream) -> None:
        """Nothing is kept."""

    def rewind(self, length: int) -> None:
        """Nothing is kept."""


_RECURRENCE = ("feedthrough", "input", "output", "state", "transition", "type")


class Recurrence:
    """A linear recurrence, with the state after every position seen so far."""

    names: tuple[str, ...] = _RECURRENCE

    def __init__(self, value: object, where: str, width: int, room: int) -> None:
        fields = Fields(value, where, self.names)
        states = len(fields.texts("state"))
        self.transition = Matrix(fields, "transition", states, states)
        self.input, self.output = Matrix(fields, "input", states, width), Matrix(fields, "output", width, states)
        self.feedthrough = Matrix(fields, "feedthrough", width, width)
        self.states: list[Stream] = []

    def after(self, states: Sequence[Stream], x: Stream) -> Stream:
        """The state after the next position, from those before."""
        return settled(self.input.times(x, self.moved(states[-1], x) if states else None))

    def moved(self, state: Stream, x: Stream) -> Vector:
        """What the transition makes of the state before."""
        return self.transition.times(state)

    def keep(self, x: Stream) -> None:
        """Add the state at the next position."""
        self.states.append(self.after(self.states, x))

    def update(self, x: Stream) -> Stream:
        """The stream after the layer, at the next position."""
        self.keep(x)
        return self.shown(self.states[-1], x)

    def shown(self, state: Stream, x: Stream) -> Stream:
        """The stream after the layer, with this state."""
        return settled(self.feedthrough.times(x, self.output.times(state, [*x])))

    def rewind(self, length: int) -> None:
        """Forget all positions but the first ``length``."""
        del self.states[length:]


class Selective(Recurrence):
    """A recurrence with gated units, which the input opens and through which the state moves."""

    names = (*_RECURRENCE, "change", "selected", "selector", "units")

    def __init__(self, value: object, where: str, width: int, room: int) -> None:
        super().__init__(value, where, width, room)
        fields = Fields(value, where, self.names)
        states, units = len(fields.texts("state")), len(fields.texts("units"))
        self.selector = Matrix(fields, "selector", units, width)
        self.selected, self.change = Matrix(fields, "selected", units, states), Matrix(fields, "change", states, units)

    def moved(self, state: Stream, x: Stream) -> Vector:
        """The transition, and what the open units add."""
        gates, values = self.selector.times(x), self.selected.times(state)
        units = [g * v if g > 0 else 0 for g, v in zip(gates, values, strict=True)]
        return self.change.times(units, self.transition.times(state))


class Gated(Recurrence):
    """A recurrence whose state moves through gated units, one after the other, over an inner vector."""

    names = (*_RECURRENCE, "adds", "carries", "inner", "kept", "opens", "units")

    def __init__(self, value: object, where: str, width: int, room: int) -> None:
        fields = Fields(value, where, self.names)
        states, inner = len(fields.texts("state")), len(fields.texts("inner"))
        units = len(fields.texts("units"))
        self.transition, self.kept = Matrix(fields, "transition", inner, states), Matrix(fields, "kept", states, inner)
        self.input, self.output = Matrix(fields, "input", inner, width), Matrix(fields, "output", width, states)
        self.feedthrough, self.adds = Matrix(fields, "feedthrough", width, width), Matrix(fields, "adds", inner, units)
        self.opens, self.carries = Matrix(fields, "opens", units, inner), Matrix(fields, "carries", units, inner)
        parts = self.opens.rows, self.carries.rows, self.adds.columns
        self.units = [tuple(part.get(unit, ()) for part in parts) for unit in range(units)]
        self.states: list[Stream] = []

    def after(self, states: Sequence[Stream], x: Stream) -> Stream:
        """The state after the next position, by the inner vector that each unit adds to."""
        inner = self.input.times(x, self.transition.times(states[-1]) if states else None)
        for opens, carries, added in self.units:
            gate = sum([weight * inner[place] for place, weight in opens])
            if gate > 0:
                unit = gate * sum([weight * inner[place] for place, weight in carries])
                for target, weight in added:  # a few squares in a row would be beyond any memory
                    inner[target] = settled([inner[target] + weight * unit])[0]
        return settled(self.kept.times(inner))


LAYERS: dict[str, type[Attention] | type[FeedForward] | type[Recurrence]] = {
    "attention": Attention,
    "feed-forward": FeedForward,
    "recurrence": Recurrence,
    "selective recurrence": Selective,
    "gated recurrence": Gated,
}
Layer = Attention | FeedForward | Recurrence


def plain(number: Number) -> Number:
    """A fraction with denominator 1 as an integer, which is faster to go on with."""
    return number if isinstance(number, int) or number.denominator > 1 else number.numerator


def settled(x: Sequence[Number]) -> Stream:
    """Numbers in their plain form; huge ones are refused, so that no run takes forever."""
    try:
        size = max(map(int.bit_length, x), default=0)  # type: ignore[arg-type]  # a fraction is an error
    except TypeError:
        size = max([n.numerator.bit_length() + n.denominator.bit_length() - isinstance(n, int) for n in x])
        x = [*map(plain, x)]
    if size > MOST_BITS:
        raise Incomplete(f"an activation of the model has more than {MOST_BITS:,} bits")
    return tuple(x)
