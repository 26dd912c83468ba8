"""A finished construction: one set of symbolic matrices for all sizes n, with its contracts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral

from constructions._lazy import Shown
from constructions.architectures import (
    Assumed,
    Attention,
    Embedding,
    FeedForward,
    Gated,
    Head,
    Layer,
    Model,
    Recurrence,
    Search,
    Selective,
    Unembedding,
)
from constructions.errors import InputError, in_words
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary
from constructions.wiring._contract import Contract
from constructions.wiring._network import Network
from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._ranking import Ranking
from constructions.wiring._record import Call
from constructions.wiring._refusal import refused, shown
from constructions.wiring._value import Range

MOST_BITS = 60
"""A size has at most so many bits, so that ids of tokens fit into 64."""

_KEPT, _SMALL = 8, 1024
"""So many models of a construction are kept, of so many tokens at most: their tables are small."""


@dataclass(frozen=True)
class SymbolicMatrix:
    """Named rows and columns, and the nonzero entries as polynomials in n and the scales."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    entries: Mapping[tuple[int, int], Polynomial]

    def at(self, values: Mapping[str, int]) -> Matrix:
        """The matrix for given values of n and of the scales."""
        numbers = {place: polynomial(**values) for place, polynomial in self.entries.items()}
        return Matrix.from_entries((len(self.rows), len(self.columns)), numbers)


@dataclass(frozen=True)
class SymbolicHead:
    """An attention head for all sizes."""

    name: str
    query: SymbolicMatrix
    key: SymbolicMatrix
    value: SymbolicMatrix
    output: SymbolicMatrix
    slope: int


@dataclass(frozen=True)
class SymbolicAttention:
    """Heads side by side."""

    heads: tuple[SymbolicHead, ...]

    @property
    def matrices(self) -> list[tuple[str, SymbolicMatrix]]:
        """Every matrix with a name."""
        return [
            (f"{head.name}.{part}", getattr(head, part))
            for head in self.heads
            for part in ("query", "key", "value", "output")
        ]


@dataclass(frozen=True)
class SymbolicFeedForward:
    """Gated units for all sizes."""

    gate: SymbolicMatrix
    value: SymbolicMatrix
    output: SymbolicMatrix

    @property
    def matrices(self) -> list[tuple[str, SymbolicMatrix]]:
        """Every matrix with a name."""
        return [("gate", self.gate), ("value", self.value), ("output", self.output)]


@dataclass(frozen=True)
class SymbolicRecurrence:
    """A linear recurrence for all sizes; ``ranges`` are those of the state's coordinates."""

    transition: SymbolicMatrix
    input: SymbolicMatrix
    output: SymbolicMatrix
    feedthrough: SymbolicMatrix
    ranges: Mapping[str, Range]

    @property
    def matrices(self) -> list[tuple[str, SymbolicMatrix]]:
        """Every matrix with a name."""
        return [(part, getattr(self, part)) for part in ("transition", "input", "output", "feedthrough")]


@dataclass(frozen=True)
class SymbolicSelective(SymbolicRecurrence):
    """A recurrence whose transition the input selects, for all sizes."""

    selector: SymbolicMatrix
    selected: SymbolicMatrix
    change: SymbolicMatrix

    @property
    def matrices(self) -> list[tuple[str, SymbolicMatrix]]:
        """Every matrix with a name."""
        return super().matrices + [(part, getattr(self, part)) for part in ("selector", "selected", "change")]


@dataclass(frozen=True)
class SymbolicGated(SymbolicRecurrence):
    """A recurrence whose state moves through gated units, for all sizes; ``inner`` are the ranges of what they see."""

    opens: SymbolicMatrix
    carries: SymbolicMatrix
    adds: SymbolicMatrix
    kept: SymbolicMatrix
    inner: Mapping[str, Range]

    @property
    def matrices(self) -> list[tuple[str, SymbolicMatrix]]:
        """Every matrix with a name."""
        return super().matrices + [(part, getattr(self, part)) for part in ("opens", "carries", "adds", "kept")]


SymbolicLayer = SymbolicAttention | SymbolicFeedForward | SymbolicRecurrence


@dataclass(frozen=True)
class SymbolicAssumption:
    """Rows over the coordinates that are assumed to be never negative; in words, and on which line of whose code."""

    statement: str
    line: str = field(compare=False)
    rows: SymbolicMatrix


@dataclass(frozen=True)
class Blueprint(Shown):
    """A construction for all n: ``blueprint.at(n)`` is the model of size n.

    The matrices have the same shapes and the same nonzero places for every n, by the form in which
    they are kept; only the values of the entries, polynomials in n and two scales, change. ``table`` holds
    the rules of a chain of thought (context, condition, what is written) that was wired from rules. ``assumed``
    names the gadgets that came from elsewhere: that they do what their contracts guarantee is their author's word, as
    are the ``assumptions``, which exact runs check. ``ranking`` bounds the number of tokens that are written.
    ``network`` holds the gadgets that the matrices were made of, None where nobody says. ``sentences`` says in the
    author's words what each head asks and why each token is written; see :mod:`._sentences`. ``calls`` are those that
    made the construction; see :func:`._record.replayed`.
    """

    name: str
    domain: Domain
    specials: tuple[str, ...]
    numbers: tuple[Polynomial, Polynomial]
    context: Polynomial
    coordinates: tuple[str, ...]
    ranges: Mapping[str, Range]
    embedding: Mapping[str, SymbolicMatrix]
    layers: tuple[SymbolicLayer, ...]
    unembedding: Mapping[str, SymbolicMatrix]
    contracts: tuple[Contract, ...]
    answers: tuple[str, ...] | None
    search: Search | None = None
    table: tuple[tuple[str, str, str], ...] = ()
    assumed: tuple[str, ...] = ()
    assumptions: tuple[SymbolicAssumption, ...] = ()
    ranking: Ranking | None = None
    network: Network | None = field(default=None, repr=False, compare=False)
    sentences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calls: tuple[Call, ...] = field(default=(), repr=False, compare=False)

    @property
    def least(self) -> int:
        """The least size for which the contracts are proved."""
        return self.domain.minimum["n"]

    def at(self, n: int, **others: int) -> Model:
        """The model of size n; further sizes that a construction has are n as well, unless given.

        Raises:
            ContractError: if a size is unknown, or below the least for which the contracts are proved.
            InputError: if a size has more than ``MOST_BITS`` bits.
        """
        sizes = {name: others.get(name, n) for name in self.domain.minimum} | {"n": n}
        unknown = [name for name in others if name not in self.domain.minimum or name == "n"]
        if unknown:
            known = ", ".join(self.domain.minimum)
            raise refused(f"{self.name} has no size {unknown[0]!r}", f"give a size that it has: {known}")
        for name, least in self.domain.minimum.items():
            given: object = sizes[name]
            if not isinstance(given, int | Integral) or given < least:
                raise refused(
                    f"{self.name} is proved for {name} >= {least}, not for {name} = {shown(given)}",
                    f"give an integer from {least} on",
                )
            sizes[name] = int(given)  # NumPy's integers would overflow
            if sizes[name].bit_length() > MOST_BITS:
                raise InputError(
                    f"{self.name}: {name} is {in_words(sizes[name])}; expected less than 2^{MOST_BITS}, so that the "
                    "numbers of tokens fit into 64 bits"
                )
        key = tuple(sizes.values())
        if key not in self._made:
            model = self._model(sizes)
            if len(model.vocabulary) > _SMALL:
                return model
            if len(self._made) == _KEPT:
                self._made.clear()
            self._made[key] = model
        return self._made[key]

    @cached_property
    def _made(self) -> dict[tuple[int, ...], Model]:
        """Small models by their sizes; what the engines derive from one serves as long as it is kept."""
        return {}

    def _model(self, sizes: Mapping[str, int]) -> Model:
        values = {**sizes, **self.domain.scale_values(**sizes)}
        layers = tuple(_layer_at(layer, values) for layer in self.layers)
        return Model(
            name=self.name,
            vocabulary=Vocabulary(self.specials, self.numbers[0](**sizes), self.numbers[1](**sizes)),
            coordinates=self.coordinates,
            embedding=Embedding(**{part: matrix.at(values) for part, matrix in self.embedding.items()}),
            layers=layers,
            unembedding=Unembedding(**{part: matrix.at(values) for part, matrix in self.unembedding.items()}),
            answers=self.answers,
            search=self.search,
            context=self.context(**sizes),
            assumptions=tuple(Assumed(a.statement, a.line, a.rows.at(values)) for a in self.assumptions),
        )

    @property
    def state(self) -> Mapping[str, Range]:
        """The coordinates of the recurrent state with their ranges; empty for a Transformer."""
        held = (layer.ranges for layer in self.layers if isinstance(layer, SymbolicRecurrence))
        return {name: extent for ranges in held for name, extent in ranges.items()}

    @property
    def matrices(self) -> list[tuple[str, SymbolicMatrix]]:
        """Every matrix with a name that says where it stands."""
        named = [(f"embedding.{part}", matrix) for part, matrix in self.embedding.items()]
        for index, layer in enumerate(self.layers):
            named += [(f"layer {index}.{part}", matrix) for part, matrix in layer.matrices]
        return named + [(f"unembedding.{part}", matrix) for part, matrix in self.unembedding.items()]

    @cached_property
    def parameters(self) -> int:
        """The number of nonzero entries of all matrices, the same for every n."""
        return sum(len(matrix.entries) for _, matrix in self.matrices)

    @cached_property
    def largest_parameter(self) -> Polynomial:
        """A bound, without scales, of the magnitude of every entry."""
        different = dict.fromkeys(p for _, matrix in self.matrices for p in matrix.entries.values())
        return self._bound([sign * p for p in map(self.domain.upper, different) for sign in (1, -1)])

    @cached_property
    def largest_activation(self) -> Polynomial:
        """A bound of every number that occurs: coordinates (of fractions, numerator and denominator),
        scores, products, logits.
        """
        extents = [
            p
            for r in (*self.ranges.values(), *self.state.values())
            for p in (r.high * r.denominator, -r.low * r.denominator, r.denominator)
        ]
        return self._bound(extents + [contract.magnitude for contract in self.contracts])

    def _bound(self, polynomials: Sequence[Polynomial]) -> Polynomial:
        return self.domain.maximum(*dict.fromkeys(polynomials))


def _layer_at(layer: SymbolicLayer, values: Mapping[str, int]) -> Layer:
    if isinstance(layer, SymbolicRecurrence):
        parts = {part: matrix.at(values) for part, matrix in layer.matrices}
        if isinstance(layer, SymbolicSelective):
            return Selective(layer.transition.rows, units=layer.selector.rows, **parts)
        if isinstance(layer, SymbolicGated):
            return Gated(tuple(layer.ranges), inner=layer.transition.rows, units=layer.opens.rows, **parts)
        return Recurrence(layer.transition.rows, **parts)
    if isinstance(layer, SymbolicFeedForward):
        return FeedForward(layer.gate.rows, layer.gate.at(values), layer.value.at(values), layer.output.at(values))
    return Attention(
        tuple(
            Head(
                name=head.name,
                features=head.query.rows,
                query=head.query.at(values),
                key=head.key.at(values),
                reads=head.value.rows,
                value=head.value.at(values),
                output=head.output.at(values),
                slope=head.slope,
            )
            for head in layer.heads
        )
    )
