"""Models: read from a certificate, and run by the plainest means there are.

The residual stream at a position is a list x of numbers, one per coordinate: integers, and fractions
where an average made some. x starts as embedding of the token plus embedding of the position (from 0),
and each layer adds something to it:

* attention: for each head, output times the average of (value x_j) over the positions j <= i at which
  the score (query x_i) . (key x_j) + slope * j is largest; ties are exact;
* feed-forward: output times (max(gate x, 0) * (value x)), unit by unit;
* recurrence: output times s_i plus feedthrough times x, where s_i = transition s_{i-1} + input x_i and
  there is nothing before the first position;
* selective recurrence: the same, and change times (max(selector x_i, 0) * (selected s_{i-1})) is added to s_i;
* gated recurrence: s_i = kept z, where z = transition s_{i-1} + input x_i at first, and each unit u in turn adds
  (column u of adds) times max(opens_u z, 0) times carries_u z to z.

The embedding of a number token k is polynomial times (1, k, k^2), that of a special token its own
column; the position i adds position times (i, i^2). Logits are of the same form. The token with the
largest logit is written, the lowest id among equals: special tokens come first, then the numbers.
A model may write searches, see :mod:`_search`; what they yield is appended and read like what it writes.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from ._layers import LAYERS, MOST_LAYERS, Attention, FeedForward, Head, Layer, Matrix, Stream, Vector
from ._reading import Fields
from ._verdict import Malformed, counted, shown

if TYPE_CHECKING:
    from ._search import Search

MOST_REMEMBERED = 1_000_000
"""Numbers, about, in the tables of streams that a model computed before, and in those of what it computed from them."""

ARCHITECTURES = ("transformer", "linear RNN", "gated RNN", "retrieval", "hybrid", "other")


class Model:
    """A model from a certificate, which remembers the tokens that it has read."""

    def __init__(self, value: object, where: str) -> None:
        names = ("answers", "architecture", "coordinates", "embedding", "layers", "name", "search")
        fields = Fields(value, where, (*names, "unembedding", "vocabulary"))
        vocabulary = Fields(fields["vocabulary"], fields.place("vocabulary"), ("high", "low", "specials"))
        self.specials = vocabulary.texts("specials")
        self.low, self.high = vocabulary.integer("low", -(10**6), 10**6), vocabulary.integer("high", -(10**6), 10**6)
        if any(_is_number(special) or any(map(str.isspace, special)) for special in self.specials):
            raise Malformed(f"{where}.vocabulary.specials: a special token is no number and has no space")
        self.id_of = lru_cache(10_000)(self._id_of)
        self._ids = {special: row for row, special in enumerate(self.specials)}
        self.name = fields.text("name")
        self.width, specials = len(fields.texts("coordinates")), len(self.specials)
        if not self.width:
            raise Malformed(f"{where} has no coordinates")
        width = self.width
        table = Fields(fields["embedding"], fields.place("embedding"), ("polynomial", "position", "special"))
        self.polynomial, self.position = Matrix(table, "polynomial", width, 3), Matrix(table, "position", width, 2)
        self.special = Matrix(table, "special", width, specials)
        table = Fields(fields["unembedding"], fields.place("unembedding"), ("polynomial", "special"))
        self.polynomial_logits = Matrix(table, "polynomial", 3, width)
        self.special_logits = Matrix(table, "special", specials, width)
        self.search: Search | None = None
        if fields["search"] is not None:
            from . import _search  # here, so that nobody reads it for a model that does not search

            self.search = _search.Search(fields["search"], fields.place("search"), self.specials, self._number)
        try:
            self._ends = None if fields["answers"] is None else [self.id_of(token) for token in fields.texts("answers")]
        except LookupError as error:
            raise Malformed(f"{where}.answers: {shown(str(error))} is not in the vocabulary") from None
        self.layers: list[Layer] = []
        kinds: list[str] = []
        listed = fields.items("layers", MOST_LAYERS)
        room = MOST_REMEMBERED // (2 + len(listed))
        for place, layer in enumerate(listed):
            here = f"{fields.place('layers')}[{place}]"
            kind = layer.get("type") if isinstance(layer, dict) else None
            if not isinstance(kind, str) or kind not in LAYERS:
                raise Malformed(f"{here} is {shown(layer)}, expected an object of type {', '.join(LAYERS)}")
            kinds.append(kind)
            self.layers.append(LAYERS[kind](layer, here, width, room))
        self.since = 2 if "gated recurrence" in kinds else 1  # the first version that has all of these layers
        self.architecture = fields.word("architecture", ARCHITECTURES)
        if self.architecture != _architecture(kinds, bool(self.position.rows), self.search is not None):
            raise Malformed(f"{where}.architecture is {self.architecture!r}, which is not what its layers form")
        parts = [self, *self.layers, *self.heads]
        self._matrices = [matrix for part in parts for matrix in vars(part).values() if isinstance(matrix, Matrix)]
        # Integers, and fractions in lowest terms, are written in one way, so equal models have equal digests.
        text = json.dumps(fields.values, sort_keys=True, separators=(",", ":"))
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self._read: list[int] = []
        deepest = max([p for p, layer in enumerate(self.layers) if not isinstance(layer, FeedForward)], default=0)
        self._before, self._deepest = self.layers[:deepest], self.layers[deepest:]
        self.embedded = lru_cache(room // (1 + width))(self._embedded)

    @property
    def heads(self) -> list[Head]:
        """All heads, layer by layer."""
        return [head for layer in self.layers if isinstance(layer, Attention) for head in layer.heads]

    def described(self) -> str:
        """How large the model is, and the SHA-256 of what the file says about it, written canonically."""
        kind = "linear RNN" if self.architecture == "retrieval" else self.architecture
        entries = sum(len(row) for matrix in self._matrices for row in matrix.rows.values())
        kind += " that searches" if self.search is not None else ""
        return (
            f"the {kind} with {counted(self.width, 'coordinate')}, "
            f"{counted(len(self.layers), 'layer')}, {counted(len(self.heads), 'head')}, "
            f"{counted(entries, 'nonzero parameter')} and SHA-256 {self.digest}"
        )

    def steps(self, prompt: int, written: int) -> int:
        """How many numbers are looked at, at most, to write so many tokens after a prompt of so many."""
        tokens, vocabulary = prompt + written, max(0, self.high - self.low + 1)
        once = 1 + sum(matrix.height + sum(len(row) for row in matrix.rows.values()) for matrix in self._matrices)
        pairs = sum(1 + head.key.height + head.value.height for head in self.heads)
        return tokens * (once + len(self.specials)) + tokens * tokens * pairs + written * vocabulary

    def _id_of(self, token: str) -> int:
        """The id of a token; a LookupError if it is not in the vocabulary."""
        if token in self._ids:
            return self._ids[token]
        if _is_number(token) and self.low <= int(token) <= self.high:
            return len(self.specials) + int(token) - self.low
        raise LookupError(token)

    def token_of(self, identifier: int) -> str:
        """The token with an id."""
        return self.specials[identifier] if identifier < len(self.specials) else str(self._number(identifier))

    def _number(self, identifier: int) -> int:
        return identifier - len(self.specials) + self.low

    def transcript(self, prompt: Iterable[str], most: int) -> tuple[list[str], bool]:
        """What is written after the prompt, at most ``most`` tokens, and whether it ends with an answer.

        The answer is the first of the tokens that are listed as answers, or, if none are listed, the first
        token, that the model writes outside of a search. What searches yield is part of what is written.

        Raises:
            LookupError: if the prompt has a token that is not in the vocabulary.
        """
        if self.search is not None:
            self.search.begin()
        following = self._unread([self.id_of(token) for token in prompt])
        written: list[int] = []
        inside = ended = False
        while len(written) < most and not ended:
            best = self._next(following)
            following = [best]
            if self.search is not None and best == self.search.closing:
                following += self.search.answer(self._read)
                inside = False
            else:
                inside = inside or (self.search is not None and best == self.search.opening)
                ended = not inside and (self._ends is None or best in self._ends)
            written += following
        return [self.token_of(identifier) for identifier in written[:most]], ended

    def _unread(self, ids: list[int]) -> list[int]:
        """Keep the longest common beginning of what was read and what is to be read, but for its last token."""
        length = 0
        for old, new in zip(self._read, ids[:-1], strict=False):
            if old != new:
                break
            length += 1
        del self._read[length:]
        for layer in self.layers:
            layer.rewind(length)
        return ids[length:]

    def _embedded(self, identifier: int, place: int) -> Stream:
        """The vector of a token at a position."""
        x = self.special.times([int(row == identifier) for row in range(len(self.specials))])
        if identifier >= len(self.specials):
            number = self._number(identifier)
            x = self.polynomial.times((1, number, number * number))
        return tuple(self.position.times((place, place * place), x))

    def logits(self, x: Stream) -> Vector:
        """One logit per token, in the order of the ids."""
        constant, linear, square = self.polynomial_logits.times(x)
        numbers = range(self.low, self.high + 1)
        return self.special_logits.times(x) + [constant + k * (linear + k * square) for k in numbers]

    def _next(self, ids: list[int]) -> int:
        """Read these tokens; the id with the largest logit after the last."""
        for left, identifier in enumerate(ids, 1 - len(ids)):
            x = self.embedded(identifier, len(self._read))
            self._read.append(identifier)
            for layer in self._before:
                x = layer.update(x)
            for layer in self._deepest[:1] if left else ():
                layer.keep(x)
        for layer in self._deepest:
            x = layer.update(x)
        logits = self.logits(x)
        return logits.index(max(logits))


def _is_number(token: str) -> bool:
    digits = token.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= 18
    return plain and (digits[0] != "0" or token == "0")


def _architecture(kinds: list[str], reads_positions: bool, searches: bool) -> str:
    """transformer: no recurrence. linear RNN: recurrences and gated layers, no attention, no positions.

    gated RNN: where one is gated. retrieval: the same with searches. hybrid: the same with one attention layer.
    other: anything else.
    """
    if not any(kind.endswith("recurrence") for kind in kinds):
        return "transformer"
    if reads_positions:
        return "other"
    alone = "gated RNN" if "gated recurrence" in kinds else "linear RNN"
    return {0: "retrieval" if searches else alone, 1: "hybrid"}.get(kinds.count("attention"), "other")
