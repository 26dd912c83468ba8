"""The operations of a decoding step on arrays of Python integers, which know no limit, and what they saw.

``largest`` is the largest magnitude of any integer, and of any sum of the *magnitudes* of the terms of a sum: in
whatever order a sum is formed, no partial sum is larger.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from constructions.architectures import Model
from constructions.errors import ModelError
from constructions.interchange._step import Plan, Step, planned
from tests.random_models import SMALL, models

Array = Any


class IntegerOperations:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.largest = 0

    def _saw(self, a: Array) -> Array:
        self.largest = max(self.largest, *(abs(value) for value in a.ravel().tolist()), 0)
        return a

    def weight(self, name: str) -> Array:
        return self._saw(self._plan.weights[name].astype(object))

    def constant(self, value: int) -> Array:
        return np.array(value, dtype=object)

    def rows(self, table: Array, ids: Array) -> Array:
        return table[ids]

    def column(self, matrix: Array, number: int) -> Array:
        return matrix[:, number]

    def places(self, tokens: Array, first: Array) -> Array:
        return self._saw(np.array(range(int(first), int(first) + tokens.shape[1]), dtype=object)[:, None])

    def numbered(self, keys: Array) -> Array:
        return self._saw(np.array(range(keys.shape[1]), dtype=object))

    def causal(self, scores: Array, tokens: Array, keys: Array) -> Array:
        there = np.arange(keys.shape[1])
        own = there[keys.shape[1] - tokens.shape[1] :, None]
        hidden = np.array(-(10**1000), dtype=object)
        return np.where(there > own, hidden, scores)

    def linear(self, x: Array, matrix: Array) -> Array:
        self._saw(abs(x) @ abs(matrix).T)
        return x @ matrix.T

    def matmul(self, a: Array, b: Array) -> Array:
        self._saw(abs(a) @ abs(b))
        return a @ b

    def add(self, a: Array, b: Array) -> Array:
        self._saw(abs(a) + abs(b))
        return a + b

    def multiply(self, a: Array, b: Array) -> Array:
        return self._saw(a * b)

    def quotient(self, a: Array, b: Array) -> Array:
        """Where a whole position is divided, coordinates that are fractions are not read again: 0 is there."""
        found, rest = a // b, a % b
        unread = self._plan.fractions
        if a.shape[-1] == len(self._plan.model.coordinates) and rest.any():
            names = np.array(self._plan.model.coordinates)
            fractional = np.isin(names, list(names if unread is None else unread))
            rest, found = rest * ~fractional, found * ~fractional
        assert not rest.any(), "a denominator does not divide what should be an integer"
        return self._saw(found)

    def relu(self, a: Array) -> Array:
        return np.maximum(a, 0)

    def transposed(self, keys: Array) -> Array:
        return np.swapaxes(keys, -1, -2)

    def hits(self, scores: Array) -> Array:
        hit = scores == scores.max(axis=-1, keepdims=True)
        return np.array(np.asarray(hit, dtype=np.int64), dtype=object)

    def softmax(self, scores: Array) -> Array:
        raise NotImplementedError

    exponentials = softmax

    def total(self, a: Array) -> Array:
        return self._saw(a.sum(axis=-1, keepdims=True))

    def joined(self, past: Array, new: Array) -> Array:
        return np.concatenate([past, new], axis=1)

    def scan(self, transition: Array, inputs: Array, state: Array) -> Array:
        states = []
        for position in range(inputs.shape[1]):
            self._saw(abs(state) @ abs(transition).T + abs(inputs[:, position]))
            state = state @ transition.T + inputs[:, position]
            states.append(state)
        return np.stack(states, axis=1)

    def scan_selected(
        self, transition: Array, inputs: Array, state: Array, gates: Array, selected: Array, change: Array
    ) -> Array:
        states = []
        for position in range(inputs.shape[1]):
            read = self._saw(abs(gates[:, position]) * (abs(state) @ abs(selected).T))
            self._saw(abs(state) @ abs(transition).T + read @ abs(change).T + abs(inputs[:, position]))
            units = gates[:, position] * (state @ selected.T)
            state = state @ transition.T + units @ change.T + inputs[:, position]
            states.append(state)
        return np.stack(states, axis=1)

    def last(self, x: Array) -> Array:
        return x[:, -1]


def empty(plan: Plan, batch: int) -> dict[str, Array]:
    shapes = {s.name: (batch, 0, s.size) if s.grows else (batch, s.size) for s in plan.slots}
    return {name: np.zeros(shape, dtype=object) for name, shape in shapes.items()}


def run(
    plan: Plan, ids: Array, first: int = 0, past: Mapping[str, Array] | None = None
) -> tuple[Array, Array, dict[str, Array], int]:
    """Logits (batch, length, tokens), the next tokens at every position, caches, and the largest integer seen."""
    operations = IntegerOperations(plan)
    step = Step(plan, operations)
    place = np.array(first) if plan.reads_positions else None
    x = step.run(ids, place, empty(plan, len(ids)) if past is None else past)
    logits = step.logits(x)
    return logits, np.argmax(logits, axis=-1), step.present, operations.largest


def averages_last(model: Model) -> bool:
    """Whether the step of a model has common denominators where every coordinate may hold a fraction."""
    try:
        planned(model, "int64", "argmax")
    except ModelError:
        return False
    return True


SMALL_MODELS = models(SMALL).filter(averages_last)
