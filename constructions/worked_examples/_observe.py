"""Records what the evaluator computes, for the positions that are to be explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.architectures import (
    Attention,
    Evaluator,
    FeedForward,
    Head,
    Layer,
    Model,
    names_of,
    outputs_of,
)
from constructions.engine._head_plans import HeadPlan
from constructions.engine._opcodes import EQUAL_KEYS, MATCH, NORM, POSITION, RUNNING
from constructions.errors import ModelError
from constructions.numerics import Arithmetic, Exact, Matrix, Segment
from constructions.worked_examples._data import Amount, Block, HeadView, Pick, UnitView
from constructions.worked_examples._readings import row_of, scores_of

EXACT = Exact()
"""The number system that is meant unless another one is given."""


@dataclass(frozen=True)
class _Keys:
    """The keys of one head and where they stand."""

    arithmetic: Arithmetic[Any]
    segments: tuple[Segment[Any], ...]

    def at(self, position: int) -> tuple[Fraction, ...]:
        """The key at a position."""
        for segment in self.segments:
            if segment.first <= position < segment.first + segment.length:
                return row_of(self.arithmetic, segment.key, position - segment.first)
        raise IndexError(position)


class Watch:
    """Runs a model over a whole transcript and keeps what happened, layer by layer.

    Args:
        model: any model.
        ids: the transcript, what was written included.
        plans: how the fast engine reads the heads, empty if it does not run this model.
        arithmetic: the number system; what a head looked for, and whether it found it, is said of the weights without
            rounding on the same transcript.
    """

    def __init__(
        self,
        model: Model,
        ids: Sequence[int],
        plans: Sequence[HeadPlan],
        arithmetic: Arithmetic[Any] = EXACT,
    ) -> None:
        self._model, self._arithmetic = model, arithmetic
        self._meant = self if isinstance(arithmetic, Exact) else Watch(model, ids, plans)
        self._seen: dict[tuple[str, str], object] = {}
        places = [
            (index, number)
            for index, layer in enumerate(model.layers)
            if isinstance(layer, Attention)
            for number in range(len(layer.heads))
        ]
        self._plans = dict(zip(places, plans, strict=False))  # there are none if the model cannot be compiled
        _require_names(model)
        self._positional = _positional(model)
        self._targets = [_targets(layer) for layer in model.layers]
        self._adds = [_columns(layer.output) if isinstance(layer, FeedForward) else [] for layer in model.layers]
        evaluator = Evaluator[Any](model, arithmetic)
        self._stream, _ = evaluator.run(np.array(ids, dtype=np.int64), observe=self._see)
        self._logits = evaluator.logits(self._stream)

    def _see(self, layer: str, quantity: str, seen: object) -> None:
        self._seen[layer, quantity] = seen

    def _row(self, layer: int, quantity: str, position: int) -> tuple[Fraction, ...]:
        return row_of(self._arithmetic, self._seen[f"layer {layer}", quantity], position)

    def _keys(self, layer: int, head: Head) -> _Keys:
        segments = self._seen[f"layer {layer}", f"{head.name}.segments"]
        assert isinstance(segments, tuple)  # noqa: S101  (so the evaluator hands them out)
        return _Keys(self._arithmetic, segments)

    def logits(self, position: int) -> tuple[Fraction, ...]:
        """One logit per token of the vocabulary."""
        return row_of(self._arithmetic, self._logits, position)

    def held(self, position: int) -> dict[str, Fraction]:
        """The residual stream after the last layer, by coordinate."""
        return dict(zip(self._model.coordinates, row_of(self._arithmetic, self._stream, position), strict=True))

    def blocks(self, position: int) -> tuple[Block, ...]:
        """What every layer did at a position."""
        return tuple(self._block(index, name, position) for index, name in enumerate(names_of(self._model.layers)))

    def _block(self, index: int, name: str, position: int) -> Block:
        layer = self._model.layers[index]
        after = self._row(index, "residual", position)
        if isinstance(layer, Attention):
            heads = tuple(self._head(index, number, head, position) for number, head in enumerate(layer.heads))
            return Block(name, "attention", heads, (), (), self._written(index, after))
        if isinstance(layer, FeedForward):
            units = self._units(index, layer, position)
            return Block(name, "feed-forward", (), units, (), self._written(index, after))
        held = self._row(index, "state", position)
        state = tuple(map(Amount, layer.state, held))
        return Block(name, "recurrence", (), (), state, self._written(index, after))

    def _written(self, index: int, after: Sequence[Fraction]) -> tuple[Amount, ...]:
        """The coordinates that a layer writes to, in their order."""
        return tuple(Amount(self._model.coordinates[place], after[place]) for place in self._targets[index])

    def _units(self, index: int, layer: FeedForward, position: int) -> tuple[UnitView, ...]:
        rows = (self._row(index, quantity, position) for quantity in ("gate", "value", "units"))
        views = []
        for unit, (gate, value, product) in enumerate(zip(*rows, strict=True)):
            if gate.numerator > 0:  # which is quicker
                wrote = tuple(
                    Amount(self._model.coordinates[target], weight * product)
                    for target, weight in self._adds[index][unit]
                )
                views.append(UnitView(layer.units[unit], gate, value, wrote))
        return tuple(views)

    def _head(self, index: int, number: int, head: Head, position: int) -> HeadView:
        keys, query = self._keys(index, head), self._row(index, f"{head.name}.query", position)
        queries = self._seen[f"layer {index}", f"{head.name}.query"]
        scores = scores_of(self._arithmetic, queries, keys.segments, head.slope, position)
        best = max(scores)
        below = max((score for score in scores if score < best), default=None)
        second = None if below is None else max(j for j, score in enumerate(scores) if score == below)

        def score_of(j: int) -> Fraction:
            if not isinstance(self._arithmetic, Exact):
                return Fraction(scores[j])
            return sum((q * k for q, k in zip(query, keys.at(j), strict=True)), Fraction(head.slope * j))

        meant = self._meant._row(index, f"{head.name}.query", position)
        offered = self._meant._keys(index, head)
        form = _Form.of(self._plans.get((index, number)), head, meant)
        picked = [j for j, score in enumerate(scores) if score == best]
        return HeadView(
            head.name,
            () if form is None else form.wanted,
            tuple(map(Amount, head.features, query)),
            score_of(picked[0]),
            tuple(Pick(j, None if form is None else form.matched(offered.at(j))) for j in picked),
            second,
            None if second is None else score_of(second),
            tuple(map(Amount, head.reads, self._row(index, f"{head.name}.read", position))),
            self._looks_back(head),
        )

    def _looks_back(self, head: Head) -> bool:
        """Whether query and key know nothing but where they stand."""
        columns = {column for part in (head.query, head.key) for row in part.sparse_rows for column, _ in row}
        return columns <= self._positional


@dataclass(frozen=True)
class _Form:
    """What key would match a query exactly, for heads whose score is c (2 q.k + m) - (what only defaults gain).

    c is the query's constant row, ``norm``, and m the key there; a record that matches has k = q in the
    ``rows`` of the match, m = -|q|^2, and 0 in all others; see :mod:`constructions.engine._program`.
    """

    norm: int
    rows: tuple[int, ...]
    wanted: tuple[Amount, ...]

    @classmethod
    def of(cls, plan: HeadPlan | None, head: Head, query: Sequence[Fraction]) -> "_Form | None":
        """The form of a query, None if the head has none."""
        if plan is not None and plan.kind in (EQUAL_KEYS, POSITION):
            norm = plan.roles.index(NORM)
            rows = tuple(f for f, role in enumerate(plan.roles) if role == MATCH)
        elif plan is not None and plan.kind == RUNNING and "norm" in head.features:
            # No row of the query varies, so that the weights do not tell which is the norm; its name does.
            norm = head.features.index("norm")
            rows = tuple(f for f in range(len(query)) if f != norm and query[norm] and not query[f] % (2 * query[norm]))
        else:
            return None
        if query[norm] <= 0:
            return None
        return cls(norm, rows, tuple(Amount(head.features[f], query[f] / (2 * query[norm])) for f in rows))

    def matched(self, key: Sequence[Fraction]) -> bool:
        """Whether this key is what the query looks for."""
        square = sum((amount.value**2 for amount in self.wanted), Fraction(0))
        equal = all(key[f] == amount.value for f, amount in zip(self.rows, self.wanted, strict=True))
        others = [value for f, value in enumerate(key) if f not in (*self.rows, self.norm)]
        return equal and key[self.norm] == -square and not any(others)


def _positional(model: Model) -> frozenset[int]:
    """The coordinates that depend on the position alone: no token changes them, and no layer writes to them."""
    number, special = model.embedding.polynomial, model.embedding.special
    same = set()
    for place in range(len(model.coordinates)):
        steady = not number[place, 1] and not number[place, 2]
        if steady and {special[place, k] for k in range(special.shape[1])} <= {number[place, 0]}:
            same.add(place)
    return frozenset(same - {place for layer in model.layers for place in _targets(layer)})


def _require_names(model: Model) -> None:
    """The evaluator tells heads apart by name."""
    for layer in model.layers:
        names = [head.name for head in layer.heads] if isinstance(layer, Attention) else []
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ModelError(
                f"{model.name}: two heads of a layer are called {repeated!r}; a run is explained where names differ"
            )


def _targets(layer: Layer) -> list[int]:
    """The coordinates that a layer writes to."""
    return sorted({place for output in outputs_of(layer) for place, row in enumerate(output.sparse_rows) if row})


def _columns(matrix: Matrix) -> list[list[tuple[int, Fraction]]]:
    """The nonzero entries of each column, as (row, value)."""
    listed: list[list[tuple[int, Fraction]]] = [[] for _ in range(matrix.shape[1])]
    for row, column, value in matrix.entries():
        listed[column].append((row, value))
    return listed
