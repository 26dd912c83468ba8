"""Long transcripts decided again: heads by comparing with every key of the history, searches by reading all of it.

The streams of all positions of a run of 10^6 tokens cannot come from plain attention, which would compare 10^12 pairs
for each head. They are read off the fast engine's own memory while it reads the transcript once more, and believed in
this much:

* what a position computes by itself (embedding, recurrence, gated units) is computed again at *all* positions, the
  layers up to the first attention by the plain evaluator;
* the token that the engine writes is compared with the transcript at *all* positions after the prompt;
* at a place that is decided again, every head compares its query with all keys up to the place, in exact integers;
  what it reads must be what the engine read. The positions that it picked are decided again as well, layer by layer,
  so that all numbers that lead to the token are, down to the embedding.

A read at any other position is not decided again; only that later layers use it.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, FeedForward, Head, Model
from constructions.engine._fast import FastRun
from constructions.engine._opcodes import ANSWERED, GOING_ON, RUNNING
from constructions.engine._runtime import Runtime
from constructions.engine._stream_loop import advance
from constructions.numerics import Exact, Matrix, Rationals

Ids = NDArray[np.int64]
Ints = NDArray[np.int64]

_CHUNK = 20_000
_LIMIT = 2**62


class DifferenceError(AssertionError):
    """What was decided again came out differently."""


class Replay:
    """A transcript with the residual stream of every position, as the fast engine computes it.

    Args:
        model: without searches; its fast run must know no fractions.
        ids: prompt and all that was written.
        prompt: how many of them are the prompt.

    Raises:
        DifferenceError: if the engine writes another token anywhere, or what a position computes by itself differs.
    """

    def __init__(self, model: Model, ids: Ids, prompt: int) -> None:
        self.model, self.ids = model, ids
        self.x, writes = streams(model, ids)
        wrong = np.flatnonzero(writes[prompt - 1 : -1] != ids[prompt:])
        if wrong.size:
            raise DifferenceError(f"read again, the engine writes another token at position {prompt + wrong[0]:,}")
        self.written_by = _writers(model)
        self._keys: dict[tuple[int, int], Ints] = {}
        self._most: dict[tuple[int, int], Ints] = {}
        self._done: set[tuple[int, int]] = set()
        self.decisions = 0
        """How many times a head compared its query with all keys."""
        table = model.unembedding_table
        assert table.denominator == 1
        self._weights = table.numerators.astype(np.int64)
        self._weights_most = np.abs(self._weights).max(axis=0)
        self.check_positions()

    def before(self, layer: int, places: slice | Ints) -> Ints:
        """The streams that a layer reads: what this and later layers write is still 0."""
        return np.asarray(self.x[places] * (self.written_by < layer))

    def added(self, layer: int, places: slice | Ints) -> Ints:
        """What the layer added."""
        return np.asarray(self.x[places] * (self.written_by == layer))

    def check_positions(self) -> None:
        """Compute again, at all positions, everything that is no attention."""
        attention = [i for i, layer in enumerate(self.model.layers) if isinstance(layer, Attention)]
        first = attention[0] if attention else len(self.model.layers)
        m = self.model
        begins = Model(
            m.name, m.vocabulary, m.coordinates, m.embedding, m.layers[:first], m.unembedding, m.answers
        )  # fmt: skip
        evaluator, cache = Evaluator(begins, Exact()), Cache[Rationals]()
        for start in range(0, len(self.ids), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            stream, cache = evaluator.run(self.ids[chunk], cache)
            assert stream.denominators is None
            _same(stream.numerators.astype(np.int64), self.before(first, chunk), start, "before the first attention")
            for place, layer in enumerate(m.layers[first:], first):
                if isinstance(layer, FeedForward):
                    x = self.before(place, chunk)
                    units = np.maximum(_linear(layer.gate, x), 0), _linear(layer.value, x)
                    assert float(np.abs(units[0]).max()) * float(np.abs(units[1]).max()) < _LIMIT
                    again = _linear(layer.output, units[0] * units[1])
                    _same(again, self.added(place, chunk), start, f"layer {place}")
                else:
                    assert isinstance(layer, Attention), "a recurrence after attention is not decided again here"

    def decide(self, place: int) -> int:
        """Decide all heads again on which the token after ``place`` depends; the token that is written there.

        Raises:
            DifferenceError: if some head reads something else than in the engine's run.
        """
        needed = {place}
        for number in range(len(self.model.layers) - 1, -1, -1):
            layer = self.model.layers[number]
            if isinstance(layer, Attention):
                for position in sorted(needed):
                    needed |= self._attention(number, layer, position)
        return self._next(self.x[place])

    def _next(self, x: Ints) -> int:
        """The token with the largest logit, all of them compared."""
        bound = sum(int(most) * abs(int(value)) for most, value in zip(self._weights_most, x, strict=True))
        if bound < _LIMIT:
            return int(np.argmax(self._weights @ x))
        return int(np.argmax(self._weights.astype(object) @ x.astype(object)))

    def _attention(self, number: int, layer: Attention, position: int) -> set[int]:
        """Compare with all keys; which positions are picked."""
        if (number, position) in self._done:
            return set()  # with all that it depends on
        self._done.add((number, position))
        x, change, picked = self.before(number, np.array([position]))[0], 0, set[int]()
        for place, head in enumerate(layer.heads):
            chosen = self._picked(number, place, head, x, position)
            total = _linear(head.value, self.before(number, chosen)).sum(axis=0)
            if (total % len(chosen)).any():
                raise DifferenceError(f"{head.name} at position {position:,} reads a fraction")
            change = change + _linear_rows(head.output, total // len(chosen))
            picked |= set(chosen.tolist())
        _same(np.asarray(change)[None], self.added(number, np.array([position])), position, f"layer {number}")
        return picked

    def _picked(self, number: int, place: int, head: Head, x: Ints, position: int) -> Ints:
        """All positions with the largest score, by comparing with every one."""
        self.decisions += 1
        keys = self._keys_of(number, place, head)
        exact = [sum(weight * int(x[column]) for column, weight in row) for row in head.query.sparse_rows]
        unit = math.gcd(*exact) or 1
        query = np.array([q // unit for q in exact], dtype=np.int64)
        # The score is unit * product + slope * j. Neither a bound on keys nor on the slope is taken from the plan.
        assert sum(abs(int(q)) * int(most) for q, most in zip(query, self._most[number, place], strict=True)) < _LIMIT
        assert head.query.denominator == 1
        assert max(unit, abs(head.slope) * (position + 1)) < _LIMIT
        latest, count = _arg_max(keys, query, unit, head.slope, position)
        if count == 1:
            return np.array([latest])
        return _all_of(keys, query, unit, head.slope, position, latest, count)

    def _keys_of(self, number: int, place: int, head: Head) -> Ints:
        """Keys of all positions, a row for each feature."""
        if (number, place) not in self._keys:
            found = np.empty((len(head.features), len(self.ids)), dtype=np.int64)
            for start in range(0, len(self.ids), _CHUNK):
                chunk = slice(start, start + _CHUNK)
                found[:, chunk] = _linear(head.key, self.before(number, chunk)).T
            self._keys[number, place] = found
            self._most[number, place] = np.abs(found).max(axis=1, initial=0)
        return self._keys[number, place]


def every(replay: Replay, prompt: int, step: int) -> int:
    """Decide every ``step``-th place again, in prompt and transcript; how many tokens were compared.

    Raises:
        DifferenceError: at the first difference.
    """
    compared = 0
    for place in range(prompt - 1, len(replay.ids) - 1, step):
        if replay.decide(place) != replay.ids[place + 1]:
            raise DifferenceError(f"plain attention writes another token at position {place + 1:,}")
        compared += 1
    for place in range(0, prompt - 1, step):
        replay.decide(place)
    return compared


def every_with_searches(model: Model, ids: Ids, prompt: int, step: int, searches: int) -> tuple[int, int]:
    """For a recurrent model that searches: decide every ``step``-th token again, and about so many searches.

    A token of the model comes from the plain evaluator, which reads the whole transcript (for a recurrence in linear
    time). What follows a closing token comes from the expression, run over all that stands before it. Captures must
    be one token, as those of the constructions are.

    Returns:
        how many tokens of the model and how many searches were compared.

    Raises:
        DifferenceError: at the first difference.
    """
    searcher = model.searcher
    assert searcher is not None
    closings = np.flatnonzero(ids[:-1] == searcher.closing)
    places = np.arange(prompt - 1, len(ids) - 1, step)
    own = places[ids[places] != searcher.closing]
    asked = np.union1d(closings[:: max(1, len(closings) // searches)], places[ids[places] == searcher.closing])
    _tokens_again(model, ids, own)
    context = ids.tolist()
    for place in asked.tolist():
        if searcher.answer(context[: place + 1]).ids != context[place + 1 : place + 2]:
            raise DifferenceError(f"the search that ends at position {place:,} finds something else")
    return len(own), len(asked)


def _tokens_again(model: Model, ids: Ids, places: Ints) -> None:
    evaluator, cache = Evaluator(model, Exact()), Cache[Rationals]()
    for start in range(0, len(ids) - 1, _CHUNK):
        stop = min(start + _CHUNK, len(ids) - 1)
        x, cache = evaluator.run(ids[start:stop], cache)
        here = places[(places >= start) & (places < stop)]
        if here.size:
            wrong = here[evaluator.next_tokens(x)[here - start] != ids[here + 1]]
            if wrong.size:
                raise DifferenceError(f"the plain evaluator writes another token at position {wrong[0] + 1:,}")


def streams(model: Model, ids: Ids) -> tuple[Ints, Ids]:
    """What the fast engine holds after every token: streams of shape (positions, coordinates), and what it writes."""
    run = FastRun(model, ids[:1].tolist(), 2**34, Runtime(model, ids[:1].tolist()))
    room = 1 << len(ids).bit_length()
    run._allocate(np.array([2 if plan.kind == RUNNING else room for plan in run.program.plans], dtype=np.int64))
    network, memory = run.parts()
    x, writes = np.empty((len(ids), run.program.width), dtype=np.int64), np.empty(len(ids), dtype=np.int64)
    # Compiling takes seconds, so short transcripts are read by the same function in Python.
    status = int((_record if len(ids) > 50_000 else _record.py_func)(network, memory, ids, x, writes))
    if status not in (GOING_ON, ANSWERED) or run._under[2]:
        raise ValueError(f"the fast engine does not come to the end, status {status}")
    return x, writes


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _record(network, memory, ids, x, writes):  # type: ignore[no-untyped-def]
    for place in range(len(ids)):
        status, _, _ = advance(network, ids[place : place + 1], writes[place : place + 1], place, memory)
        if status not in (GOING_ON, ANSWERED):
            return status
        x[place] = memory.scratch[0, : x.shape[1]]
    return GOING_ON


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _arg_max(keys, query, unit, slope, position):  # type: ignore[no-untyped-def]
    """The latest position with the largest score, and how many have it.

    Scores unit * a + slope * j may take more than 64 bits. With slope * j = unit * carry + rest, 0 <= rest < unit, they
    are unit * (a + carry) + rest, and compare like the pairs (a + carry, rest): so numbers with a carry always do.
    """
    best, best_rest, latest, count = 0, 0, -1, 0
    for j in range(position + 1):
        a = 0
        for f in range(len(query)):
            a += query[f] * keys[f, j]
        rest = slope * j
        if rest < 0 or rest >= unit:
            carry = rest // unit
            a, rest = a + carry, rest - unit * carry
        if latest < 0 or a > best or (a == best and rest > best_rest):
            best, best_rest, latest, count = a, rest, j, 1
        elif a == best and rest == best_rest:
            latest, count = j, count + 1
    return latest, count


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _all_of(keys, query, unit, slope, position, latest, count):  # type: ignore[no-untyped-def]
    """All positions whose score is that of ``latest``."""
    found, size, wanted, reach = np.empty(count, np.int64), 0, 0, slope * latest
    for f in range(len(query)):
        wanted += query[f] * keys[f, latest]
    for j in range(position + 1):
        a = 0
        for f in range(len(query)):
            a += query[f] * keys[f, j]
        away = reach - slope * j
        if away % unit == 0 and a - wanted == away // unit:
            found[size] = j
            size += 1
    return found[:size]


def _writers(model: Model) -> Ints:
    """The layer that writes each coordinate, -1 for the embedding and for what is always 0; each is written once."""
    embedded = (model.token_table.numerators != 0).any(axis=0)
    embedded |= (model.embedding.position.numerators != 0).any(axis=1)
    found = np.where(embedded, -1, -2)
    for number, layer in enumerate(model.layers):
        if isinstance(layer, Attention):
            outputs = [head.output for head in layer.heads]
        elif isinstance(layer, FeedForward):
            outputs = [layer.output]
        else:
            outputs = [layer.output, layer.feedthrough]
        rows = np.any([(matrix.numerators != 0).any(axis=1) for matrix in outputs], axis=0)
        assert (found[rows] == -2).all(), "a coordinate is written twice: its streams cannot be told apart"
        found[rows] = number
    return found


def _linear(matrix: Matrix, x: Ints) -> Ints:
    """x (..., columns) times the transpose of an integer matrix, by its nonzero entries, with sizes checked."""
    assert matrix.denominator == 1
    found = np.zeros((*x.shape[:-1], matrix.shape[0]), dtype=np.int64)
    most = np.abs(x).reshape(-1, x.shape[-1]).max(axis=0, initial=0).tolist()
    for row, entries in enumerate(matrix.sparse_rows):
        assert sum(abs(weight) * most[column] for column, weight in entries) < _LIMIT
        for column, weight in entries:
            found[..., row] += weight * x[..., column]
    return found


def _linear_rows(matrix: Matrix, x: Ints) -> Ints:
    """One vector times the transpose of an integer matrix, with sizes checked."""
    return _linear(matrix, x[None])[0]


def _same(again: Ints, was: Ints, start: int, where: str) -> None:
    wrong = np.flatnonzero((again != was).any(axis=1))
    if wrong.size:
        raise DifferenceError(f"{where}, position {start + wrong[0]:,}: decided again, something else comes out")
