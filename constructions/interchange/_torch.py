"""A model as a ``torch.nn.Module``; torch is imported when the builder is called, not before.

The module computes the decoding step of ``_step`` with torch's operations. Its weights are parameters where the
type is one of floats, so that they can be trained or probed, and buffers in int64; their names are those of the
matrices, with ``_`` for a dot.
"""

from collections.abc import Collection
from typing import Any

import numpy as np

from constructions.architectures import Model
from constructions.interchange._require import require
from constructions.interchange._step import Plan, Step, planned
from constructions.interchange._types import AttentionKind, NumberType


def torch_module(
    model: Model,
    type_name: NumberType = "float64",
    attention: AttentionKind = "argmax",
    fractions: Collection[str] | None = None,
) -> Any:
    """A ``torch.nn.Module`` with the weights of a model.

    Called with token ids (batch, length) it gives the logits (batch, length, tokens) at every position; where heads
    average, they may be over a positive denominator of their own. ``module.step(tokens, first, past)`` reads some
    tokens more and gives logits after the last (batch, tokens) and the caches, a dictionary; ``module.empty(batch)``
    are the caches before the first token.

    Args:
        model: any model whose entries the type holds exactly.
        type_name: of all numbers but tokens.
        attention: by arg max, or by softmax at inverse temperature 1024, which needs a type of floats.
        fractions: the coordinates that may hold fractions, see ``fractional_coordinates``; all unless given.

    Raises:
        InputError: if torch is missing, or the type does not hold an entry exactly.
        ModelError: if a layer reads a fraction at other positions.
    """
    torch = require("torch")
    plan = planned(model, type_name, attention, fractions)

    class ExactModel(torch.nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        """The decoding step of one model."""

        def __init__(self) -> None:
            super().__init__()
            self.coordinates = model.coordinates
            self.vocabulary = model.vocabulary
            for name, array in plan.weights.items():
                tensor = torch.from_numpy(np.array(array, dtype=plan.dtype.newbyteorder("=")))
                if type_name == "int64":
                    self.register_buffer(name.replace(".", "_"), tensor)
                else:
                    self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor))

        def empty(self, batch: int) -> dict[str, Any]:
            """The caches before the first token."""
            kind = getattr(torch, type_name)
            shapes = {s.name: (batch, 0, s.size) if s.grows else (batch, s.size) for s in plan.slots}
            return {name: torch.zeros(shape, dtype=kind, device=self._device()) for name, shape in shapes.items()}

        def _device(self) -> Any:
            return getattr(self, "embedding_table").device  # noqa: B009  (its type is not known here)

        def _run(self, tokens: Any, first: int, past: dict[str, Any] | None) -> tuple[Any, Step[Any]]:
            step = Step(plan, _Operations(torch, self, plan))
            place = torch.tensor(first, device=tokens.device) if plan.reads_positions else None
            return step.run(tokens, place, self.empty(tokens.shape[0]) if past is None else past), step

        def forward(self, tokens: Any) -> Any:
            """Logits (batch, length, tokens)."""
            x, step = self._run(tokens, 0, None)
            return step.logits(x)

        def step(self, tokens: Any, first: int = 0, past: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
            """Logits after the last token, and the caches."""
            x, step = self._run(tokens, first, past)
            return step.logits(x[:, -1]), step.present

    return ExactModel()


class _Operations:
    """The operations of a step on tensors."""

    def __init__(self, torch: Any, module: Any, plan: Plan) -> None:
        self._torch, self._module, self._plan = torch, module, plan
        self._type = getattr(torch, plan.type_name)

    def weight(self, name: str) -> Any:
        return getattr(self._module, name.replace(".", "_"))

    def constant(self, value: int) -> Any:
        return value

    def rows(self, table: Any, ids: Any) -> Any:
        return table[ids]

    def column(self, matrix: Any, number: int) -> Any:
        return matrix[:, number]

    def places(self, tokens: Any, first: Any) -> Any:
        return (self._torch.arange(tokens.shape[1], device=tokens.device) + first).to(self._type).unsqueeze(-1)

    def numbered(self, keys: Any) -> Any:
        return self._torch.arange(keys.shape[1], device=keys.device).to(self._type)

    def causal(self, scores: Any, tokens: Any, keys: Any) -> Any:
        there = self._torch.arange(keys.shape[1], device=keys.device)
        own = there[keys.shape[1] - tokens.shape[1] :].unsqueeze(-1)
        lowest = -(2**63) if self._plan.type_name == "int64" else float("-inf")
        return scores.masked_fill(there > own, lowest)

    def linear(self, x: Any, matrix: Any) -> Any:
        return x @ matrix.T

    def matmul(self, a: Any, b: Any) -> Any:
        return a @ b

    def add(self, a: Any, b: Any) -> Any:
        return a + b

    def multiply(self, a: Any, b: Any) -> Any:
        return a * b

    def quotient(self, a: Any, b: Any) -> Any:
        return self._torch.div(a, b, rounding_mode=None if self._type.is_floating_point else "trunc")

    def relu(self, a: Any) -> Any:
        return a.clamp(min=0)

    def transposed(self, keys: Any) -> Any:
        return keys.transpose(-1, -2)

    def hits(self, scores: Any) -> Any:
        return (scores == scores.amax(dim=-1, keepdim=True)).to(self._type)

    def softmax(self, scores: Any) -> Any:
        return self._torch.softmax(scores, dim=-1)

    def exponentials(self, scores: Any) -> Any:
        return (scores - scores.amax(dim=-1, keepdim=True)).exp()

    def total(self, a: Any) -> Any:
        return a.sum(dim=-1, keepdim=True)

    def joined(self, past: Any, new: Any) -> Any:
        return self._torch.cat([past, new], dim=1)

    def scan(self, transition: Any, inputs: Any, state: Any) -> Any:
        states = []
        for position in range(inputs.shape[1]):
            state = state @ transition.T + inputs[:, position]
            states.append(state)
        return self._torch.stack(states, dim=1)

    def scan_selected(self, transition: Any, inputs: Any, state: Any, gates: Any, selected: Any, change: Any) -> Any:
        states = []
        for position in range(inputs.shape[1]):
            moved = (gates[:, position] * (state @ selected.T)) @ change.T
            state = state @ transition.T + moved + inputs[:, position]
            states.append(state)
        return self._torch.stack(states, dim=1)

    def last(self, x: Any) -> Any:
        return x[:, -1]
