"""A second evaluator, in rational numbers of GMP and plain loops, that follows the definitions and nothing else."""

import functools
from collections.abc import Sequence

from gmpy2 import mpq

from constructions.architectures import Attention, FeedForward, Gated, Model, Recurrence, Selective
from constructions.numerics import Matrix

Vector = list[mpq]


@functools.lru_cache(maxsize=256)
def entries(matrix: Matrix) -> list[tuple[int, int, mpq]]:
    """Those that are not 0; matrices do not change."""
    return [(row, column, mpq(weight)) for row, column, weight in matrix.entries()]


@functools.lru_cache(maxsize=256)
def rows(matrix: Matrix) -> list[Vector]:
    """All entries."""
    return [[mpq(weight) for weight in row] for row in matrix]


def times(matrix: Matrix, x: Sequence[mpq]) -> Vector:
    """matrix @ x."""
    result = [mpq(0)] * matrix.shape[0]
    for row, column, weight in entries(matrix):
        result[row] += weight * x[column]
    return result


def embedded(model: Model, ids: Sequence[int]) -> list[Vector]:
    """The residual stream before the first layer."""
    embedding, specials = model.embedding, len(model.vocabulary.specials)
    stream = []
    for i, token in enumerate(ids):
        if token < specials:
            x = times(embedding.special, [mpq(int(j == token)) for j in range(specials)])
        else:
            k = token - specials + model.vocabulary.low
            x = times(embedding.polynomial, [mpq(1), mpq(k), mpq(k * k)])
        places = times(embedding.position, [mpq(i), mpq(i * i)])
        stream.append([a + b for a, b in zip(x, places, strict=True)])
    return stream


def attended(layer: Attention, stream: Sequence[Vector]) -> list[Vector]:
    """What the heads of a layer add."""
    added = [[mpq(0)] * len(x) for x in stream]
    for head in layer.heads:
        keys, values = [times(head.key, x) for x in stream], [times(head.value, x) for x in stream]
        for i, x in enumerate(stream):
            query = times(head.query, x)
            scores = [
                sum((q * k for q, k in zip(query, keys[j], strict=True)), mpq(head.slope * j)) for j in range(i + 1)
            ]
            picked = [j for j, score in enumerate(scores) if score == max(scores)]
            mean = [sum((values[j][r] for j in picked), mpq(0)) / len(picked) for r in range(len(head.reads))]
            added[i] = [a + b for a, b in zip(added[i], times(head.output, mean), strict=True)]
    return added


def gated(layer: FeedForward, stream: Sequence[Vector]) -> list[Vector]:
    """What a feed-forward layer adds."""
    added = []
    for x in stream:
        gates, values = times(layer.gate, x), times(layer.value, x)
        added.append(times(layer.output, [max(g, mpq(0)) * v for g, v in zip(gates, values, strict=True)]))
    return added


def recurred(layer: Recurrence, stream: Sequence[Vector], seen: list[Vector] | None = None) -> list[Vector]:
    """What a recurrence adds; ``seen`` gets its states, and the inner vectors of one of gated units."""
    seen = [] if seen is None else seen
    state, added = [mpq(0)] * len(layer.state), []
    for x in stream:
        pairs = zip(times(layer.transition, state), times(layer.input, x), strict=True)
        moved = [a + b for a, b in pairs]
        if isinstance(layer, Gated):
            for unit in range(len(layer.units)):
                opens, carries = (times(matrix, moved)[unit] for matrix in (layer.opens, layer.carries))
                for place, row in enumerate(rows(layer.adds)):
                    moved[place] += row[unit] * max(opens, mpq(0)) * carries
                seen.append(list(moved))
            moved = times(layer.kept, moved)
        if isinstance(layer, Selective):  # by the whole matrix, which the units are not
            opened = [max(gate, mpq(0)) for gate in times(layer.selector, x)]
            for i, row in enumerate(rows(layer.change)):
                for unit, gate in enumerate(opened):
                    for weight, before in zip(rows(layer.selected)[unit], state, strict=True):
                        moved[i] += row[unit] * gate * weight * before
        state = moved
        seen.append(state)
        pairs = zip(times(layer.output, state), times(layer.feedthrough, x), strict=True)
        added.append([a + b for a, b in pairs])
    return added


def residual(model: Model, ids: Sequence[int], seen: list[Vector] | None = None) -> list[Vector]:
    """The residual stream after the last layer, at every position; ``seen`` gets all that lead to it."""
    stream = embedded(model, ids)
    for layer in model.layers:
        if isinstance(layer, Attention):
            added = attended(layer, stream)
        elif isinstance(layer, FeedForward):
            added = gated(layer, stream)
        else:
            added = recurred(layer, stream, seen)
        stream = [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(stream, added, strict=True)]
        if seen is not None:
            seen += stream
    return stream


def next_token(model: Model, x: Sequence[mpq]) -> int:
    """The id of the first largest logit."""
    numbers = range(model.vocabulary.low, model.vocabulary.high + 1)
    c0, c1, c2 = times(model.unembedding.polynomial, x)
    logits = times(model.unembedding.special, x) + [c0 + c1 * k + c2 * k * k for k in numbers]
    return logits.index(max(logits))


def decoded(model: Model, prompt: Sequence[int], limit: int) -> list[int]:
    """The ids that the model writes."""
    ids, written = list(prompt), list[int]()
    answers = None if model.answers is None else model.vocabulary.encode(model.answers)
    while len(written) < limit:
        written.append(next_token(model, residual(model, ids)[-1]))
        ids.append(written[-1])
        if answers is None or written[-1] in answers:
            break
    return written
