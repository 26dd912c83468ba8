"""Models: read from a certificate, and run by the plainest means there are.

The residual stream at a position is a list x of numbers, one per coordinate: integers, and fractions
where an average made some. x starts as embedding of the token plus embedding of the position (from 0),
and each layer adds something to it:

* attention: for each head, output times the average of (value x_j) over the positions j <= i at which
  the score (query x_i) . (key x_j) + slope * j is largest; ties are exact;
* feed-forward: output times (max(gate x, 0) * (value x)), unit by unit;
* recurrence: output times s_i plus feedthrough times x, where s_i = transition s_{i-1} + input x_i and
  there is nothing before the first position.

The embedding of a number token k is polynomial times (1, k, k^2), that of a special token its own
column; the position i adds position times (i, i^2). Logits are of the same form. The token with the
largest logit is written, the lowest id among equals: special tokens come first, then the numbers.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ._reading import Fields, Number, integer, items, rational
from ._verdict import Incomplete, Malformed, shown

MOST_BITS = 100_000
"""Numbers in a run may not grow beyond so many bits."""

MOST_LAYERS = 100
"""Layers in a model, and heads in a layer."""

Row = tuple[tuple[int, Number], ...]
Vector = list[Number]


class Matrix:
    """Rows of (column, value) pairs; zero elsewhere."""

    def __init__(self, value: object, where: str, rows: int, columns: int) -> None:
        fields = Fields(value, where, ("entries", "shape"))
        if fields["shape"] != [rows, columns] or any(isinstance(side, bool) for side in [*fields["shape"]]):
            raise Malformed(f"{where}.shape is {shown(fields['shape'])}, expected {[rows, columns]}")
        filled: dict[int, list[tuple[int, Number]]] = {}
        last = (-1, -1)
        for place, entry in enumerate(fields.items("entries")):
            here = f"{where}.entries[{place}]"
            parts = items(entry, here, 3)
            if len(parts) != 3:
                raise Malformed(f"{here} is {shown(entry)}, expected [row, column, value]")
            spot = integer(parts[0], here, 0, rows - 1), integer(parts[1], here, 0, columns - 1)
            number = rational(parts[2], here)
            if spot <= last or not number:
                raise Malformed(f"{here}: entries are nonzero, in order of row and column, each place once")
            last = spot
            filled.setdefault(spot[0], []).append((spot[1], number))
        self.rows: tuple[Row, ...] = tuple(tuple(filled.get(row, ())) for row in range(rows))

    def times(self, x: Sequence[Number]) -> Vector:
        """The product with a vector."""
        return [sum([weight * x[column] for column, weight in row]) for row in self.rows]


class Attention:
    """Heads side by side, with the keys and values of every position seen so far."""

    def __init__(self, value: object, where: str, width: int) -> None:
        heads = Fields(value, where, ("heads", "type")).items("heads", MOST_LAYERS)
        self.heads = [_Head(head, f"{where}.heads[{place}]", width) for place, head in enumerate(heads)]

    def update(self, x: Vector) -> Vector:
        """What the layer adds at the next position."""
        total = [head.read(x) for head in self.heads]
        return [sum(column) for column in zip(*total, strict=True)] if total else [0] * len(x)

    def rewind(self, length: int) -> None:
        """Forget all positions but the first ``length``."""
        for head in self.heads:
            del head.keys[length:], head.values[length:]


class _Head:
    def __init__(self, value: object, where: str, width: int) -> None:
        names = ("features", "key", "name", "output", "query", "reads", "slope", "value")
        fields = Fields(value, where, names)
        fields.text("name")
        features, reads = len(fields.texts("features")), len(fields.texts("reads"))
        self.slope = integer(fields["slope"], fields.place("slope"), -(10**9), 10**9)
        self.query = Matrix(fields["query"], fields.place("query"), features, width)
        self.key = Matrix(fields["key"], fields.place("key"), features, width)
        self.value = Matrix(fields["value"], fields.place("value"), reads, width)
        self.output = Matrix(fields["output"], fields.place("output"), width, reads)
        self.keys: list[Vector] = []
        self.values: list[Vector] = []

    def read(self, x: Vector) -> Vector:
        self.keys.append(self.key.times(x))
        self.values.append(self.value.times(x))
        query = [(feature, number) for feature, number in enumerate(self.query.times(x)) if number]
        scores = [
            sum([number * key[feature] for feature, number in query], self.slope * place)
            for place, key in enumerate(self.keys)
        ]
        best = max(scores)
        picked = [value for score, value in zip(scores, self.values, strict=True) if score == best]
        if len(picked) == 1:
            return self.output.times(picked[0])
        return self.output.times([_plain(Fraction(sum(column)) / len(picked)) for column in zip(*picked, strict=True)])


class FeedForward:
    """Gated units; nothing to remember."""

    def __init__(self, value: object, where: str, width: int) -> None:
        fields = Fields(value, where, ("gate", "output", "type", "units", "value"))
        units = len(fields.texts("units"))
        self.gate = Matrix(fields["gate"], fields.place("gate"), units, width)
        self.value = Matrix(fields["value"], fields.place("value"), units, width)
        self.output = Matrix(fields["output"], fields.place("output"), width, units)

    def update(self, x: Vector) -> Vector:
        """What the layer adds."""
        gates, values = self.gate.times(x), self.value.times(x)
        return self.output.times([g * v if g > 0 else 0 for g, v in zip(gates, values, strict=True)])

    def rewind(self, length: int) -> None:
        """Nothing is kept."""


class Recurrence:
    """A linear recurrence, with the state after every position seen so far."""

    def __init__(self, value: object, where: str, width: int) -> None:
        fields = Fields(value, where, ("feedthrough", "input", "output", "state", "transition", "type"))
        states = len(fields.texts("state"))
        self.transition = Matrix(fields["transition"], fields.place("transition"), states, states)
        self.input = Matrix(fields["input"], fields.place("input"), states, width)
        self.output = Matrix(fields["output"], fields.place("output"), width, states)
        self.feedthrough = Matrix(fields["feedthrough"], fields.place("feedthrough"), width, width)
        self.states: list[Vector] = []

    def update(self, x: Vector) -> Vector:
        """What the layer adds at the next position."""
        state = self.input.times(x)
        if self.states:
            state = _settled(_sum(self.transition.times(self.states[-1]), state))
        self.states.append(state)
        return _sum(self.output.times(state), self.feedthrough.times(x))

    def rewind(self, length: int) -> None:
        """Forget all positions but the first ``length``."""
        del self.states[length:]


LAYERS: dict[str, type[Attention] | type[FeedForward] | type[Recurrence]] = {
    "attention": Attention,
    "feed-forward": FeedForward,
    "recurrence": Recurrence,
}
Layer = Attention | FeedForward | Recurrence


class Model:
    """A model from a certificate, which remembers the tokens that it has read."""

    def __init__(self, value: object, where: str) -> None:
        names = ("answers", "architecture", "coordinates", "embedding", "layers", "name", "search")
        fields = Fields(value, where, (*names, "unembedding", "vocabulary"))
        if fields["search"] is not None:
            raise Malformed(f"{where}.search: a model that searches is not supported by this version of the kernel")
        vocabulary = Fields(fields["vocabulary"], fields.place("vocabulary"), ("high", "low", "specials"))
        self.specials = vocabulary.texts("specials")
        self.low, self.high = vocabulary.integer("low", -(10**6), 10**6), vocabulary.integer("high", -(10**6), 10**6)
        if any(_is_number(special) or any(map(str.isspace, special)) for special in self.specials):
            raise Malformed(f"{where}.vocabulary.specials: a special token is no number and has no space")
        self._ids = {special: row for row, special in enumerate(self.specials)}
        self.name = fields.text("name")
        width, specials = len(fields.texts("coordinates")), len(self.specials)
        table = Fields(fields["embedding"], fields.place("embedding"), ("polynomial", "position", "special"))
        self.polynomial = Matrix(table["polynomial"], table.place("polynomial"), width, 3)
        self.special = Matrix(table["special"], table.place("special"), width, specials)
        self.position = Matrix(table["position"], table.place("position"), width, 2)
        table = Fields(fields["unembedding"], fields.place("unembedding"), ("polynomial", "special"))
        self.polynomial_logits = Matrix(table["polynomial"], table.place("polynomial"), 3, width)
        self.special_logits = Matrix(table["special"], table.place("special"), specials, width)
        self.answers = None if fields["answers"] is None else fields.texts("answers")
        for answer in self.answers or ():
            if self.id_of(answer) is None:
                raise Malformed(f"{where}.answers: {shown(answer)} is not in the vocabulary")
        self.layers: list[Layer] = []
        kinds: list[str] = []
        for place, layer in enumerate(fields.items("layers", MOST_LAYERS)):
            here = f"{fields.place('layers')}[{place}]"
            kind = layer.get("type") if isinstance(layer, dict) else None
            if not isinstance(kind, str) or kind not in LAYERS:
                raise Malformed(f"{here} is {shown(layer)}, expected an object of type {', '.join(LAYERS)}")
            kinds.append(kind)
            self.layers.append(LAYERS[kind](layer, here, width))
        self.architecture = fields.word("architecture", ("transformer", "linear RNN", "hybrid", "other"))
        if self.architecture != _architecture(kinds, any(self.position.rows)):
            raise Malformed(f"{where}.architecture is {self.architecture!r}, which is not what its layers form")
        self._read: list[int] = []
        self._streams: list[Vector] = []

    def id_of(self, token: str) -> int | None:
        """The id of a token, None if it is not in the vocabulary."""
        if token in self._ids:
            return self._ids[token]
        inside = _is_number(token) and self.low <= int(token) <= self.high
        return len(self.specials) + int(token) - self.low if inside else None

    def token_of(self, identifier: int) -> str:
        """The token with an id."""
        count = len(self.specials)
        return self.specials[identifier] if identifier < count else str(identifier - count + self.low)

    def transcript(self, prompt: Iterable[str], most: int) -> list[str]:
        """What the model writes after the prompt, up to its answer, at most ``most`` tokens.

        Raises:
            LookupError: if the prompt has a token that is not in the vocabulary.
        """
        ids = []
        for token in prompt:
            identifier = self.id_of(token)
            if identifier is None:
                raise LookupError(token)
            ids.append(identifier)
        self._rewind_to(ids)
        for identifier in ids[len(self._read) :]:
            self._step(identifier)
        written: list[str] = []
        while len(written) < most:
            best = self._next()
            written.append(self.token_of(best))
            if self.answers is None or written[-1] in self.answers:
                break
            self._step(best)
        return written

    def _rewind_to(self, ids: list[int]) -> None:
        """Keep the longest common beginning of what was read and what is to be read."""
        length = 0
        for old, new in zip(self._read, ids, strict=False):
            if old != new:
                break
            length += 1
        del self._read[length:], self._streams[length:]
        for layer in self.layers:
            layer.rewind(length)

    def _step(self, identifier: int) -> None:
        place, specials = len(self._read), len(self.specials)
        if identifier < specials:
            x = [sum(w for column, w in row if column == identifier) for row in self.special.rows]
        else:
            number = identifier - specials + self.low
            x = self.polynomial.times((1, number, number * number))
        x = _sum(x, self.position.times((place, place * place)))
        for layer in self.layers:
            x = _settled(_sum(x, layer.update(x)))
        self._read.append(identifier)
        self._streams.append(x)

    def _next(self) -> int:
        """The id with the largest logit at the last position."""
        if not self._streams:
            raise Malformed("the model is asked to write before it has read a token")
        x = self._streams[-1]
        constant, linear, square = self.polynomial_logits.times(x)
        logits = self.special_logits.times(x)
        logits += [constant + number * (linear + number * square) for number in range(self.low, self.high + 1)]
        if not logits:
            raise Malformed("the vocabulary is empty")
        return logits.index(max(logits))


def _sum(x: Sequence[Number], y: Sequence[Number]) -> Vector:
    return [a + b for a, b in zip(x, y, strict=True)]


def _plain(number: Number) -> Number:
    """A fraction with denominator 1 as an integer, which is faster to go on with."""
    return number if isinstance(number, int) or number.denominator > 1 else number.numerator


def _settled(x: Vector) -> Vector:
    """The same numbers in their plain form; refused if one is huge, so that no run takes forever."""
    for place, number in enumerate(x):
        if isinstance(number, Fraction):
            x[place] = _plain(number)
            size = number.numerator.bit_length() + number.denominator.bit_length()
        else:
            size = number.bit_length()
        if size > MOST_BITS:
            raise Incomplete(f"an activation of the model has more than {MOST_BITS:,} bits")
    return x


def _is_number(token: str) -> bool:
    digits = token.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= 18
    return plain and (digits[0] != "0" or token == "0")


def _architecture(kinds: list[str], reads_positions: bool) -> str:
    """transformer: no recurrence. linear RNN: one recurrence, first, no attention, no positions.

    hybrid: the same with one attention layer. other: anything else.
    """
    if "recurrence" not in kinds:
        return "transformer"
    if reads_positions or kinds[0] != "recurrence" or kinds.count("recurrence") > 1:
        return "other"
    return {0: "linear RNN", 1: "hybrid"}.get(kinds.count("attention"), "other")
