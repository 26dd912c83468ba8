"""Models as plain data: nothing but named coordinates and exact matrices.

A model is an embedding, a sequence of layers on a residual stream, and an unembedding. The residual
stream at a position is a vector x of named coordinates. There are five kinds of layer:

* :class:`Attention`: each head adds ``output @ (average of value @ x_j over the positions j it picks)``,
  where it picks by the score ``(query @ x_i) . (key @ x_j) + slope * j`` among j <= i.
* :class:`FeedForward`: adds ``output @ (max(gate @ x, 0) * (value @ x))`` (ReGLU).
* :class:`Recurrence`: a linear RNN, ``s_t = transition @ s_{t-1} + input @ x_t`` with ``s_{-1} = 0``;
  adds ``output @ s_t + feedthrough @ x_t``.
* :class:`Selective`: a recurrence whose transition depends on x_t, as in Mamba, gated linear attention or DeltaNet:
  gated units between x_t and the state add ``change @ (max(selector @ x_t, 0) * (selected @ s_{t-1}))`` to s_t.
* :class:`Gated`: a recurrence whose state moves through gated units of its own, as in LSTM, GRU and other RNNs.

No layer has a bias vector; a coordinate that is 1 at every position serves for it. Which families
of the theory a model belongs to is read off its layers (:func:`family`).

The embedding of a token with number k is a fixed polynomial (1, k, k^2) of k, a special token has a
row of its own, and the position i enters as (i, i^2): these coefficients do not depend on the size
of the vocabulary or of the context. The unembedding is of the same form.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions._lazy import Shown
from constructions.architectures._search import Search, Searcher
from constructions.errors import ModelError
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary


def _expect(matrix: Matrix, shape: tuple[int, int], what: str) -> None:
    if matrix.shape != shape:
        raise ModelError(f"{what} has shape {matrix.shape}; expected {shape} from the names that label it")


@dataclass(frozen=True)
class Head(Shown):
    """One attention head. ``features`` name the rows of query and key, ``reads`` those of value.

    ``slope`` is an ALiBi slope: it adds slope * j to the score of the key at position j.
    """

    name: str
    features: tuple[str, ...]
    query: Matrix
    key: Matrix
    reads: tuple[str, ...]
    value: Matrix
    output: Matrix
    slope: int = 0

    def check(self, width: int) -> None:
        """Raise ModelError unless the matrices fit a residual stream of ``width`` coordinates."""
        for name in ("query", "key"):
            _expect(getattr(self, name), (len(self.features), width), f"{name} of head {self.name!r}")
        _expect(self.value, (len(self.reads), width), f"value of head {self.name!r}")
        _expect(self.output, (width, len(self.reads)), f"output of head {self.name!r}")


@dataclass(frozen=True)
class Attention(Shown):
    """Causal attention heads side by side; all read the same residual stream."""

    heads: tuple[Head, ...]

    def check(self, width: int) -> None:
        """Raise ModelError unless every head fits, and no two have one name."""
        for head in self.heads:
            head.check(width)
        names = [head.name for head in self.heads]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ModelError(
                f"two heads of one layer are named {twice!r}; observers and certificates tell them by name"
            )


@dataclass(frozen=True)
class FeedForward(Shown):
    """Gated units (ReGLU), named."""

    units: tuple[str, ...]
    gate: Matrix
    value: Matrix
    output: Matrix

    def check(self, width: int) -> None:
        """Raise ModelError unless the matrices fit."""
        _expect(self.gate, (len(self.units), width), "gate of a feed-forward layer")
        _expect(self.value, (len(self.units), width), "value of a feed-forward layer")
        _expect(self.output, (width, len(self.units)), "output of a feed-forward layer")


@dataclass(frozen=True)
class Recurrence(Shown):
    """A linear recurrence over time with named state coordinates (A, B, C, D of a state space)."""

    state: tuple[str, ...]
    transition: Matrix
    input: Matrix
    output: Matrix
    feedthrough: Matrix

    def check(self, width: int) -> None:
        """Raise ModelError unless the matrices fit."""
        states = len(self.state)
        _expect(self.transition, (states, states), "transition of a recurrence")
        _expect(self.input, (states, width), "input of a recurrence")
        _expect(self.output, (width, states), "output of a recurrence")
        _expect(self.feedthrough, (width, width), "feedthrough of a recurrence")


@dataclass(frozen=True)
class Selective(Recurrence):
    """A recurrence whose transition the input selects; linear in the state.

    Where only the unit of one token is open, say, the state moves by ``transition + change[:, u] selected[u, :]``. So
    the three matrices are a sparse tensor of third order, (cell before, selector, cell after), unit by unit.
    """

    units: tuple[str, ...]
    selector: Matrix
    selected: Matrix
    change: Matrix

    def check(self, width: int) -> None:
        """Raise ModelError unless the matrices fit."""
        super().check(width)
        states, units = len(self.state), len(self.units)
        _expect(self.selector, (units, width), "selector of a recurrence")
        _expect(self.selected, (units, states), "what is selected in a recurrence")
        _expect(self.change, (states, units), "change of a recurrence")


@dataclass(frozen=True)
class Gated(Recurrence):
    """A recurrence that is not linear in its state: LSTM, GRU, or another RNN of gated units.

    An inner vector ``z = transition @ s_{t-1} + input @ x_t`` is changed by the units one after the other: each adds
    ``adds[:, u] max(opens[u, :] z, 0) (carries[u, :] z)`` to z, which the next ones read. Then s_t is ``kept @ z``.
    """

    inner: tuple[str, ...]
    units: tuple[str, ...]
    opens: Matrix
    carries: Matrix
    adds: Matrix
    kept: Matrix

    def check(self, width: int) -> None:
        """Raise ModelError unless the matrices fit."""
        for name, shape in gated_shapes(len(self.state), len(self.inner), len(self.units), width).items():
            _expect(getattr(self, name), shape, f"{name} of a gated recurrence")

    @cached_property
    def stages(self) -> tuple[tuple[Matrix, Matrix, Matrix], ...]:
        """What opens, carries and adds, of units that follow each other and read nothing that one of them writes."""
        read = [{c for m in (self.opens, self.carries) for c, _ in m.sparse_rows[u]} for u in range(len(self.units))]
        written: list[set[int]] = [set() for _ in self.units]
        for row, unit, _ in self.adds.entries():
            written[unit].add(row)
        starts, seen = [0] if self.units else [], set[int]()
        for unit in range(len(self.units)):
            if read[unit] & seen:
                starts.append(unit)
                seen = set()
            seen |= written[unit]

        def part(matrix: Matrix, first: int, end: int, axis: int) -> Matrix:
            kept = np.take(matrix.numerators, range(first, end), axis)
            return Matrix(np.ascontiguousarray(kept), matrix.denominator)

        return tuple(
            (part(self.opens, *ends, 0), part(self.carries, *ends, 0), part(self.adds, *ends, 1))
            for ends in pairwise([*starts, len(self.units)])
        )


def gated_shapes(states: int, inner: int, units: int, width: int) -> dict[str, tuple[int, int]]:
    """The shapes of the matrices of a :class:`Gated` layer with so many ``states``, ``inner`` numbers and ``units``.

    ``width`` is that of the residual stream.
    """
    return {
        "transition": (inner, states),
        "input": (inner, width),
        "output": (width, states),
        "feedthrough": (width, width),
        "opens": (units, inner),
        "carries": (units, inner),
        "adds": (inner, units),
        "kept": (states, inner),
    }


Layer = Attention | FeedForward | Recurrence


@dataclass(frozen=True)
class Embedding:
    """Maps tokens and positions to vectors.

    ``polynomial`` (width x 3) has columns for 1, k, k^2 of a number token k; ``special`` has a column
    per special token; ``position`` (width x 2) has columns for i and i^2 of the position i, which
    counts from 0.
    """

    polynomial: Matrix
    special: Matrix
    position: Matrix

    def check(self, width: int, specials: int) -> None:
        """Raise ModelError unless the matrices fit."""
        _expect(self.polynomial, (width, 3), "polynomial of the embedding")
        _expect(self.special, (width, specials), "special rows of the embedding")
        _expect(self.position, (width, 2), "position of the embedding")


@dataclass(frozen=True)
class Unembedding:
    """Maps vectors to logits: for number k the polynomial rows (1, k, k^2), for a special token its row."""

    polynomial: Matrix
    special: Matrix

    def check(self, width: int, specials: int) -> None:
        """Raise ModelError unless the matrices fit."""
        _expect(self.polynomial, (3, width), "polynomial of the unembedding")
        _expect(self.special, (specials, width), "special rows of the unembedding")


@dataclass(frozen=True)
class Assumed:
    """Rows over the coordinates that are assumed to be never negative: in words, and on which line of whose code."""

    statement: str
    line: str
    rows: Matrix


@dataclass(frozen=True)
class Model(Shown):
    """A model and its rules of decoding.

    ``answers`` lists the tokens that end the decoding; None means that the first token written outside
    of a search is the answer (no chain of thought). Ties between logits go to the token with the lowest
    id. ``search`` is given if what the model writes may contain searches. ``context``, if given, is the last
    position (they count from 0) for which the weights are made: decoding ends there without an answer. ``assumptions``
    are checked at every position of runs in exact arithmetic.
    """

    name: str
    vocabulary: Vocabulary
    coordinates: tuple[str, ...]
    embedding: Embedding
    layers: tuple[Layer, ...]
    unembedding: Unembedding
    answers: tuple[str, ...] | None = None
    search: Search | None = None
    context: int | None = field(default=None, compare=False)
    assumptions: tuple[Assumed, ...] = ()

    def __post_init__(self) -> None:
        width, specials = len(self.coordinates), len(self.vocabulary.specials)
        if len(set(self.coordinates)) != width:
            raise ModelError(f"coordinates of {self.name} repeat: {self.coordinates}")
        self.embedding.check(width, specials)
        self.unembedding.check(width, specials)
        for layer in self.layers:
            layer.check(width)
        for assumed in self.assumptions:
            _expect(assumed.rows, (assumed.rows.shape[0], width), f"what is assumed on {assumed.line}")
        for answer in self.answers or ():
            self.vocabulary.id_of(answer)
        if self.search is not None:
            self.search.check(self.vocabulary)

    def __repr__(self) -> str:
        kinds = f"{len(self.heads)} heads, {len(self.layers)} layers, {len(self.coordinates)} coordinates"
        return f"<Model {self.name}: {kinds}, {len(self.vocabulary)} tokens>"

    def head(self, name: str) -> Head:
        """The head of this name.

        Raises:
            ModelError: if there is none; the message lists those that there are.
        """
        found = next((head for head in self.heads if head.name == name), None)
        if found is None:
            known = ", ".join(head.name for head in self.heads) or "none"
            raise ModelError(f"{self.name} has no head {name!r}; there are {known}")
        return found

    @cached_property
    def token_table(self) -> Matrix:
        """The embedding of every token, a row each, from the polynomial and the special rows."""
        return _stacked(self.embedding.special, _powers(self.vocabulary), self.embedding.polynomial)

    @cached_property
    def unembedding_table(self) -> Matrix:
        """The unembedding of every token, a row each."""
        special, polynomial = self.unembedding.special, self.unembedding.polynomial
        return _stacked(_transposed(special), _powers(self.vocabulary), _transposed(polynomial))

    @cached_property
    def answer_ids(self) -> frozenset[int] | None:
        """The ids of the answers, None where there is no list of them."""
        return None if self.answers is None else frozenset(self.vocabulary.encode(self.answers))

    @cached_property
    def searcher(self) -> Searcher | None:
        """What runs the searches that the model writes."""
        return None if self.search is None else Searcher(self.search, self.vocabulary)

    @property
    def heads(self) -> tuple[Head, ...]:
        """All heads, in the order of the layers."""
        return tuple(h for layer in self.layers if isinstance(layer, Attention) for h in layer.heads)


def _transposed(matrix: Matrix) -> Matrix:
    return Matrix(np.ascontiguousarray(matrix.numerators.T), matrix.denominator)


def _powers(vocabulary: Vocabulary) -> NDArray[Any]:
    """Columns 1, k, k^2 of the numbers of the vocabulary, int64 where k^2 fits, else Python integers."""
    low, high = vocabulary.low, max(vocabulary.high, vocabulary.low - 1)
    dtype = np.int64 if max(abs(low), abs(high)) < 2**31 else object
    numbers = np.array(range(low, high + 1), dtype=dtype)
    return np.stack([numbers**0, numbers, numbers * numbers], axis=-1)


def _stacked(special: Matrix, powers: NDArray[Any], polynomial: Matrix) -> Matrix:
    """Rows of the special tokens above those of the numbers; matrices come as width x columns."""
    denominator = math.lcm(special.denominator, polynomial.denominator)
    factors = (denominator // special.denominator, denominator // polynomial.denominator)
    largest_power = max(1, abs(int(powers.max(initial=0))), abs(int(powers.min(initial=0))))
    bound = max(special.largest * factors[0], 3 * polynomial.largest * factors[1] * largest_power, *factors)
    dtype = np.int64 if bound < 2**63 else object
    top = special.numerators.T.astype(dtype) * factors[0]
    rows = powers.astype(dtype) @ (polynomial.numerators.T.astype(dtype) * factors[1])
    return Matrix(np.concatenate([top, rows], axis=0), denominator)


def family(model: Model) -> str:
    """Which architecture the layers form.

    ``"transformer"``: attention and feed-forward layers only. ``"linear RNN"``: recurrences, at least one, and
    feed-forward layers; ``"gated RNN"``: the same where one is gated, as in LSTM and GRU. ``"hybrid"``: recurrences
    and exactly one attention layer. They read no positions. ``"retrieval"``: an RNN that searches (in-context RAG).

    Raises:
        ModelError: if the layers form none of these.
    """
    kinds = [type(layer) for layer in model.layers]
    attentions = kinds.count(Attention)
    if not any(issubclass(kind, Recurrence) for kind in kinds):
        return "transformer"
    if model.embedding.position.largest:
        raise ModelError(f"{model.name}: a recurrent model reads no positions, but its embedding adds them")
    if attentions > 1:
        raise ModelError(f"{model.name}: a hybrid has exactly one attention layer, this model has {attentions}")
    if model.search is not None:
        return "retrieval" if not attentions else "hybrid"
    if attentions:
        return "hybrid"
    return "gated RNN" if Gated in kinds else "linear RNN"


_KINDS: dict[type[Layer], str] = {
    Attention: "attention",
    FeedForward: "feed-forward",
    Recurrence: "recurrence",
    Selective: "selective recurrence",
    Gated: "gated recurrence",
}


def names_of(layers: Sequence[Layer]) -> tuple[str, ...]:
    """A readable name per layer, such as ``attention 1`` and ``feed-forward 1``."""
    counts: dict[str, int] = {}
    names = []
    for layer in layers:
        kind = _KINDS[type(layer)]
        counts[kind] = counts.get(kind, 0) + 1
        names.append(f"{kind} {counts[kind]}")
    return tuple(names)


def outputs_of(layer: Layer) -> list[Matrix]:
    """The matrices of a layer that write to the residual stream, each of shape (coordinates, what it reads)."""
    if isinstance(layer, Attention):
        return [head.output for head in layer.heads]
    return [layer.output, layer.feedthrough] if isinstance(layer, Recurrence) else [layer.output]
