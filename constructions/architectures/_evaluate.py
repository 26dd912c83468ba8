"""How a model runs: layer by layer, in any number system, batched, with a cache of what came before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from constructions.architectures._model import Attention, FeedForward, Gated, Head, Model, Recurrence, Selective
from constructions.errors import AssumptionError, ModelError
from constructions.numerics import Arithmetic, Rationals, Segment, Selection, rung

Array = TypeVar("Array")

Observer = Callable[[str, str, object], None]
"""Called with a layer's name, a quantity's name, and the array in the number system's own type."""


@dataclass
class Cache(Generic[Array]):
    """What later positions need of the positions seen so far: a KV cache, and the states of recurrences.

    ``heads`` maps (layer, head) to the segments of keys and values, ``states`` a layer to the state of
    its recurrence; ``length`` is the number of positions seen.
    """

    length: int = 0
    heads: dict[tuple[int, int], tuple[Segment[Array], ...]] = field(default_factory=dict)
    states: dict[int, Array] = field(default_factory=dict)

    def rows(self, arithmetic: Arithmetic[Array], index: NDArray[np.int64]) -> "Cache[Array]":
        """The past of some entries of the batch, by their places on the first axis."""
        heads = {
            place: tuple(
                Segment(arithmetic.rows(s.key, index), arithmetic.rows(s.value, index), s.first, s.length, s.joinable)
                for s in segments
            )
            for place, segments in self.heads.items()
        }
        return Cache(self.length, heads, {k: arithmetic.rows(state, index) for k, state in self.states.items()})

    def shared(self, arithmetic: Arithmetic[Array]) -> "Cache[Array]":
        """One past for many continuations, whose ids have shape (..., continuations, positions)."""
        share = arithmetic.shared
        heads = {
            place: tuple(Segment(share(s.key), share(s.value), s.first, s.length, False) for s in segments)
            for place, segments in self.heads.items()
        }
        return Cache(self.length, heads, {layer: share(state) for layer, state in self.states.items()})


class Evaluator(Generic[Array]):
    """A model in a number system; :func:`constructions.decode` is the way in that most people want.

    Arrays have shape (..., positions, coordinates); leading axes are a batch.
    """

    def __init__(self, model: Model, arithmetic: Arithmetic[Array]) -> None:
        self.model = model
        self.arithmetic = arithmetic
        table = model.token_table
        self._token_bounds = _column_magnitudes(table.numerators)
        self._positions: tuple[int, tuple[int, ...], NDArray[Any]] = 0, (), np.zeros((2, 0))

    def embed(self, ids: NDArray[np.int64], first: int) -> Array:
        """Vectors (..., positions, coordinates) of token ids (..., positions), the first at ``first``."""
        embedding, table = self.model.embedding, self.model.token_table
        tokens = self.arithmetic.lift(table.numerators[ids], table.denominator, self._token_bounds)
        if not embedding.position.largest:
            return tokens
        bounds, weights = self._up_to(1 << int(first + ids.shape[-1]).bit_length())
        places = np.arange(first, first + ids.shape[-1], dtype=weights.dtype)
        rows = np.stack([places, places * places], axis=-1).dot(weights)
        spread = np.broadcast_to(rows, (*ids.shape, rows.shape[-1]))
        return self.arithmetic.add(tokens, self.arithmetic.lift(spread, embedding.position.denominator, bounds))

    def _up_to(self, ceiling: int) -> tuple[tuple[int, ...], NDArray[Any]]:
        """Bounds of what positions below this power of two add, and the weights, as int64 where nothing overflows.

        By the next power of two, bounds change rarely while a context grows; those of the last are kept.
        """
        if ceiling != self._positions[0]:
            weights = self.model.embedding.position.numerators.astype(object)
            bounds = tuple(int(abs(row).dot((ceiling, ceiling * ceiling))) for row in weights)
            fits = rung(max(*bounds, ceiling * ceiling)) != np.dtype(object)
            self._positions = ceiling, bounds, weights.T.astype(np.int64 if fits else object)
        return self._positions[1:]

    def run(
        self,
        ids: NDArray[np.int64],
        cache: Cache[Array] | None = None,
        *,
        last: int | None = None,
        observe: Observer | None = None,
    ) -> tuple[Array, Cache[Array]]:
        """The residual stream after the last layer, and the cache extended by these positions.

        Args:
            ids: token ids of shape (..., positions); they continue what ``cache`` has seen.
            cache: of an earlier call; leading axes must broadcast against those of ``ids``.
            last: compute the final layers only for this many of the last positions, where no later
                layer needs the others.
            observe: sees intermediate arrays.

        Raises:
            AssumptionError: if something that the model assumes does not hold, in exact arithmetic.
        """
        if self.model.assumptions and last is not None:  # which are about all positions
            x, after = self.run(ids, cache, observe=observe)
            return self.arithmetic.take(x, ids.shape[-1] - last, ids.shape[-1]), after
        arithmetic, cache = self.arithmetic, cache or Cache()
        grown: Cache[Array] = Cache(cache.length + ids.shape[-1])
        x = self.embed(ids, cache.length)
        first = cache.length
        final_mixer = max((i for i, y in enumerate(self.model.layers) if not isinstance(y, FeedForward)), default=-1)
        if observe:
            observe("embedding", "residual", x)
        for index, layer in enumerate(self.model.layers):
            skip = ids.shape[-1] - last if index == final_mixer and last is not None else 0
            if isinstance(layer, Attention):
                update = self._attend(layer, index, x, cache, grown, first, skip, observe)
            elif isinstance(layer, FeedForward):
                gate, value = arithmetic.linear(layer.gate, x), arithmetic.linear(layer.value, x)
                units = arithmetic.gated(gate, value)
                if observe:
                    for name, array in (("gate", gate), ("value", value), ("units", units)):
                        observe(f"layer {index}", name, array)
                update = arithmetic.linear(layer.output, units)
            else:
                update = self._recur(layer, index, x, cache, grown, (skip, ids.shape[-1]), observe)
            if skip:
                x, first = arithmetic.take(x, skip, ids.shape[-1]), first + skip
            if update is not None:
                x = arithmetic.settle(arithmetic.add(x, update))
            if observe:
                observe(f"layer {index}", "residual", x)
        self._check_assumptions(x, ids, cache.length)
        return x, grown

    def _check_assumptions(self, x: Array, ids: NDArray[np.int64], first: int) -> None:
        for assumed in self.model.assumptions:
            found = self.arithmetic.linear(assumed.rows, x)
            if not isinstance(found, Rationals):  # rounded numbers show nothing of what is assumed
                return
            wrong = np.argwhere((found.numerators < 0).any(axis=-1))
            if len(wrong):
                *row, place = wrong[0].tolist()
                words = " ".join(self.model.vocabulary.decode(ids[tuple(row)][: place + 1][-12:].tolist()))
                raise AssumptionError(
                    f"{self.model.name}: {assumed.statement}, which is assumed on {assumed.line}, does not hold at "
                    f"position {first + place}, behind `{words}`; compute it so that it holds, such as by w.cases or "
                    "w.clamp, or leave such inputs out (legal=)"
                )

    def logits(self, x: Array) -> Array:
        """One logit per token of the vocabulary: (..., coordinates) -> (..., tokens)."""
        return self.arithmetic.linear(self.model.unembedding_table, x)

    def next_tokens(self, x: Array) -> NDArray[np.int64]:
        """Ids of the tokens with the largest logit."""
        return self.arithmetic.largest(self.model.unembedding_table, x)

    def _attend(
        self,
        layer: Attention,
        index: int,
        x: Array,
        cache: Cache[Array],
        grown: Cache[Array],
        first: int,
        skip: int,
        observe: Observer | None,
    ) -> Array | None:
        total: Array | None = None
        length = grown.length - first
        asking = self.arithmetic.take(x, skip, length) if skip else x
        for number, head in enumerate(layer.heads):
            segments = self._segments(head, x, cache.heads.get((index, number), ()), first, length)
            grown.heads[index, number] = segments
            query = self.arithmetic.settle(self.arithmetic.linear(head.query, asking))
            read = self.arithmetic.attend(query, segments, head.slope, first + skip)
            if observe:
                observe(f"layer {index}", f"{head.name}.query", query)
                observe(f"layer {index}", f"{head.name}.segments", segments)
                observe(f"layer {index}", f"{head.name}.read", read)
            update = self.arithmetic.linear(head.output, read)
            total = update if total is None else self.arithmetic.add(total, update)
        return total

    def _segments(
        self, head: Head, x: Array, before: tuple[Segment[Array], ...], first: int, length: int
    ) -> tuple[Segment[Array], ...]:
        arithmetic = self.arithmetic
        # A fraction beside what is read here would stay in the denominator of the position.
        key, value = (arithmetic.settle(arithmetic.linear(matrix, x)) for matrix in (head.key, head.value))
        new = Segment(key, value, first, length)
        if not before or not before[-1].joinable:
            return (*before, new)
        old = before[-1]
        joined = Segment(
            arithmetic.concatenate([old.key, key]),
            arithmetic.concatenate([old.value, value]),
            old.first,
            old.length + length,
        )
        return (*before[:-1], joined)

    def _recur(
        self,
        layer: Recurrence,
        index: int,
        x: Array,
        cache: Cache[Array],
        grown: Cache[Array],
        kept: tuple[int, int],
        observe: Observer | None,
    ) -> Array:
        """What the recurrence adds at these positions, ``kept`` from the first of them to the number of all."""
        arithmetic, length = self.arithmetic, kept[1]
        inputs = arithmetic.linear(layer.input, x)
        if not length:
            raise ModelError("a recurrence needs at least one token")
        state = cache.states.get(index)
        if isinstance(layer, Gated):
            held = self._move(layer, index, inputs, length, state, observe)
        else:
            selection = None
            if isinstance(layer, Selective):
                selection = Selection(arithmetic.linear(layer.selector, x), layer.selected, layer.change)
            held = arithmetic.scan(layer.transition, inputs, length, state, selection)
        grown.states[index] = arithmetic.take(held, length - 1, length)
        if observe:
            observe(f"layer {index}", "state", held)
        if kept[0]:
            held, x = arithmetic.take(held, *kept), arithmetic.take(x, *kept)
        return arithmetic.add(arithmetic.linear(layer.output, held), arithmetic.linear(layer.feedthrough, x))

    def _move(
        self, layer: Gated, index: int, inputs: Array, length: int, state: Array | None, observe: Observer | None
    ) -> Array:
        """The states of a gated recurrence, one position after the other."""
        arithmetic, states = self.arithmetic, list[Array]()
        for t in range(length):
            inner = arithmetic.take(inputs, t, t + 1)
            if state is not None:
                inner = arithmetic.add(arithmetic.linear(layer.transition, state), inner)
            for opens, carries, adds in layer.stages:
                units = arithmetic.gated(arithmetic.linear(opens, inner), arithmetic.linear(carries, inner))
                inner = arithmetic.held(arithmetic.add(inner, arithmetic.linear(adds, units)))
                if observe:
                    observe(f"layer {index}", "inner", inner)
            state = arithmetic.held(arithmetic.linear(layer.kept, inner))
            states.append(state)
        return arithmetic.concatenate(states)


def _column_magnitudes(table: NDArray[Any]) -> tuple[int, ...]:
    if not table.shape[0]:
        return (0,) * int(table.shape[1])
    highs: Sequence[int] = table.max(axis=0).tolist()
    lows: Sequence[int] = table.min(axis=0).tolist()
    return tuple(max(int(high), -int(low)) for high, low in zip(highs, lows, strict=True))
