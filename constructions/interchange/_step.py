"""One decoding step, written once; ONNX and PyTorch each supply the operations.

The step reads ``length`` new tokens after those that the caches hold, and gives the logits after the last of them.
Rational numbers are kept as integers over one positive denominator per position, so that no operation divides: the
arithmetic stays exact in any type of numbers that is wide enough (see ``_guarantee``). A denominator appears where a
head may pick several positions and averages; other heads pick one. Logits are given over the same denominator, which
does not change their order.

Arrays: tokens (batch, length); vectors (batch, length, coordinates); keys and values of a head (batch, all
positions, features); the state of a recurrence (batch, cells).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, FeedForward, Head, Model, Recurrence, Selective
from constructions.errors import InputError, ModelError
from constructions.interchange._guarantee import INVERSE_TEMPERATURE
from constructions.interchange._safetensors import in_type
from constructions.interchange._tables import checked_tables, matrices_of
from constructions.interchange._types import AttentionKind, NumberType, attention_kind, number_type

A = TypeVar("A")


class Operations(Protocol[A]):
    """What a decoding step is made of. Axes are counted from the end where none is named."""

    def weight(self, name: str) -> A:
        """A matrix of the model, rows and columns as in the model."""

    def constant(self, value: int) -> A:
        """A number."""

    def rows(self, table: A, ids: A) -> A:
        """The rows of a table with these numbers."""

    def column(self, matrix: A, number: int) -> A:
        """One column of a matrix, as a vector."""

    def places(self, tokens: A, first: A) -> A:
        """The positions of the tokens as a column (length, 1)."""

    def numbered(self, keys: A) -> A:
        """The numbers 0, 1, .. of all positions (positions,)."""

    def causal(self, scores: A, tokens: A, keys: A) -> A:
        """Scores (batch, length, positions), with those of later positions below all others."""

    def linear(self, x: A, matrix: A) -> A:
        """``matrix @ x`` for the vector x at each position."""

    def matmul(self, a: A, b: A) -> A:
        """A product of matrices over the last two axes."""

    def add(self, a: A, b: A) -> A:
        """A sum."""

    def multiply(self, a: A, b: A) -> A:
        """A product, entry by entry."""

    def relu(self, a: A) -> A:
        """max(a, 0)."""

    def transposed(self, keys: A) -> A:
        """The last two axes exchanged."""

    def hits(self, scores: A) -> A:
        """1 where a score is the largest of its row, else 0."""

    def softmax(self, scores: A) -> A:
        """Softmax of each row."""

    def exponentials(self, scores: A) -> A:
        """exp(score - largest of the row): softmax without its division."""

    def total(self, a: A) -> A:
        """The sum of each row, which becomes an axis of length 1."""

    def joined(self, past: A, new: A) -> A:
        """One after the other along the positions."""

    def scan(self, transition: A, inputs: A, state: A) -> A:
        """The states s_t = transition @ s_{t-1} + inputs_t for all positions."""

    def scan_selected(self, transition: A, inputs: A, state: A, gates: A, selected: A, change: A) -> A:
        """The states of ``scan`` if change @ (gates_t * (selected @ s_{t-1})) is added to each s_t."""

    def last(self, x: A) -> A:
        """The last position alone, without its axis."""


class Slot(NamedTuple):
    """Something that is carried from step to step: its name, and its count of numbers, for each position or in all."""

    name: str
    size: int
    grows: bool


@dataclass(frozen=True)
class Plan:
    """A model, and how its step is computed.

    ``averaging`` names the heads that may pick several positions. ``weights`` are all matrices in the type.
    """

    model: Model
    type_name: NumberType
    attention: AttentionKind
    averaging: frozenset[str]
    weights: Mapping[str, NDArray[Any]]

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's type of all numbers but tokens."""
        return number_type(self.type_name)

    @property
    def reads_positions(self) -> bool:
        """Whether the step needs to be told the position of its first token."""
        return bool(self.model.embedding.position.largest)

    @property
    def slots(self) -> list[Slot]:
        """Caches, in the order of the layers."""
        found = []
        for index, layer in enumerate(self.model.layers):
            if isinstance(layer, Recurrence):
                if layer.state:
                    found.append(Slot(f"state.{index}", len(layer.state), False))
                continue
            for number, head in enumerate(_heads(layer)):
                if head.reads:
                    found.append(Slot(f"{index}.{number}.keys", max(1, len(head.features)), True))
                    found.append(Slot(f"{index}.{number}.values", len(head.reads), True))
        return found


def _heads(layer: object) -> tuple[Head, ...]:
    return layer.heads if isinstance(layer, Attention) else ()


def planned(
    model: Model, type_name: NumberType, attention: AttentionKind, averaging: Collection[str] | None = None
) -> Plan:
    """Check that the step of a model can be computed so.

    Args:
        model: any model.
        type_name: of all numbers.
        attention: by arg max or softmax.
        averaging: the heads that may pick several positions; every head unless given.

    Raises:
        InputError: if the type cannot hold an entry exactly.
        ModelError: if a layer that looks at other positions comes after a head that averages.
    """
    kind = attention_kind(attention, type_name)
    names = {head.name for head in model.heads} if averaging is None else set(averaging)
    fractional = ""
    for layer in model.layers:
        if fractional and not isinstance(layer, FeedForward):
            raise ModelError(
                f"{model.name}: head {fractional!r} may average, and a later layer looks at other positions; their "
                "fractions have no common denominator, which an exact step needs (name the heads that average)"
            )
        fractional = next((head.name for head in _heads(layer) if head.name in names and head.reads), fractional)
    weights = {}
    tables = checked_tables(model)
    for name, matrix in {**matrices_of(model), **tables}.items():
        if name.partition(".")[0] in ("embedding", "unembedding") and name not in (*tables, "embedding.position"):
            continue
        weights[name], exact = in_type(name, matrix, type_name)
        if not exact:
            raise InputError(f"{name} holds numbers that {type_name} cannot hold exactly")
    for index, layer in enumerate(model.layers):  # products over no features are 0, by a feature that is 0
        for number, head in enumerate(_heads(layer)):
            if not head.features:
                for part in ("query", "key"):
                    zero = np.zeros((1, len(model.coordinates)), dtype=number_type(type_name))
                    weights[f"layers.{index}.heads.{number}.{part}"] = zero
    return Plan(model, type_name, kind, frozenset(names), weights)


class Step(Generic[A]):
    """The step of a plan over some operations."""

    def __init__(self, plan: Plan, operations: Operations[A]) -> None:
        self._plan, self._ops = plan, operations
        self.present: dict[str, A] = {}
        """The caches after the step, by the names of the slots."""

    def run(self, tokens: A, first: A | None, past: Mapping[str, A]) -> A:
        """Numerators of the residual stream after the last layer; the caches are in ``present``."""
        ops, model = self._ops, self._plan.model
        x = ops.rows(ops.weight("embedding.table"), tokens)
        if first is not None:
            places, position = ops.places(tokens, first), ops.weight("embedding.position")
            for number, power in enumerate((places, ops.multiply(places, places))):
                x = ops.add(x, ops.multiply(power, ops.column(position, number)))
        denominator: A | None = None
        for index, layer in enumerate(model.layers):
            if isinstance(layer, Attention):
                x, denominator = self._attend(layer, index, x, tokens, past)
            elif isinstance(layer, FeedForward):
                x, denominator = self._gate(layer, index, x, denominator)
            else:
                x = self._recur(layer, index, x, past)
        return x

    def logits(self, x: A) -> A:
        """Numerators of the logits."""
        return self._ops.linear(x, self._ops.weight("unembedding.table"))

    def _attend(self, layer: Attention, index: int, x: A, tokens: A, past: Mapping[str, A]) -> tuple[A, A | None]:
        """What the heads add to integers x, over the product of the counts of those that average."""
        ops, total, denominator = self._ops, x, None
        for number, head in enumerate(layer.heads):
            if not head.reads:
                continue
            where = f"layers.{index}.heads.{number}"
            query, key, value = (ops.linear(x, ops.weight(f"{where}.{part}")) for part in ("query", "key", "value"))
            keys = ops.joined(past[f"{index}.{number}.keys"], key)
            values = ops.joined(past[f"{index}.{number}.values"], value)
            self.present |= {f"{index}.{number}.keys": keys, f"{index}.{number}.values": values}
            scores = ops.matmul(query, ops.transposed(keys))
            if head.slope:
                scores = ops.add(scores, ops.multiply(ops.numbered(keys), ops.constant(head.slope)))
            weights = self._weights(ops.causal(scores, tokens, keys), head.name in self._plan.averaging)
            update = ops.linear(ops.matmul(weights, values), ops.weight(f"{where}.output"))
            if denominator is not None:
                update = ops.multiply(update, denominator)
            if head.name in self._plan.averaging:
                count = ops.total(weights)
                total = ops.multiply(total, count)
                denominator = count if denominator is None else ops.multiply(denominator, count)
            total = ops.add(total, update)
        return total, denominator

    def _weights(self, scores: A, averages: bool) -> A:
        """The weight of each position; of a head that averages, times the number of those that it picks."""
        ops = self._ops
        if self._plan.attention == "argmax":
            return ops.hits(scores)
        sharp = ops.multiply(scores, ops.constant(INVERSE_TEMPERATURE))
        return ops.exponentials(sharp) if averages else ops.softmax(sharp)

    def _gate(self, layer: FeedForward, index: int, x: A, denominator: A | None) -> tuple[A, A | None]:
        if not layer.units:
            return x, denominator
        ops, where = self._ops, f"layers.{index}"
        gate, value = ops.linear(x, ops.weight(f"{where}.gate")), ops.linear(x, ops.weight(f"{where}.value"))
        update = ops.linear(ops.multiply(ops.relu(gate), value), ops.weight(f"{where}.output"))
        if denominator is None:
            return ops.add(x, update), None
        return ops.add(ops.multiply(x, denominator), update), ops.multiply(denominator, denominator)

    def _recur(self, layer: Recurrence, index: int, x: A, past: Mapping[str, A]) -> A:
        ops, where = self._ops, f"layers.{index}"
        total = x
        if layer.state:
            inputs = ops.linear(x, ops.weight(f"{where}.input"))
            parts = ops.weight(f"{where}.transition"), inputs, past[f"state.{index}"]
            if isinstance(layer, Selective) and layer.units:
                gates = ops.relu(ops.linear(x, ops.weight(f"{where}.selector")))
                read = [ops.weight(f"{where}.{part}") for part in ("selected", "change")]
                states = ops.scan_selected(*parts, gates, *read)
            else:
                states = ops.scan(*parts)
            self.present[f"state.{index}"] = ops.last(states)
            total = ops.add(total, ops.linear(states, ops.weight(f"{where}.output")))
        if layer.feedthrough.largest:
            total = ops.add(total, ops.linear(x, ops.weight(f"{where}.feedthrough")))
        return total
