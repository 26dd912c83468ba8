"""Bounds of all numbers that a model computes in a context of so many tokens, from its weights alone.

Sums are bounded by sums of magnitudes: |M x| <= |M| b if |x| <= b, coordinate by coordinate, whatever the tokens
are. An average is no larger than what it averages.
"""

from collections.abc import Sequence

from constructions.architectures import Attention, FeedForward, Head, Model, Recurrence
from constructions.errors import InputError
from constructions.numerics import Matrix

_MOST_BITS = 100_000


def bounds(model: Model, context: int) -> list[tuple[str, int]]:
    """For the embedding, each layer and the unembedding: no number that is computed there is larger in magnitude.

    In an attention layer these are queries, keys, values, scores with their recency, for heads without
    recency the sums of values over all positions, and the residual stream afterwards; in a feed-forward layer
    gates, values, their products and the stream; in a recurrence the states and the stream; at the end the logits.

    >>> from constructions.theorems import construction
    >>> bounds(construction("transformer/index").at(4), 7)[:2]
    [('embedding', 36), ('layer 0', 84)]

    Raises:
        InputError: if a weight is a fraction, or the bounds have more than 100,000 bits.
    """
    if any(matrix.denominator != 1 for matrix in matrices_of(model)):
        raise InputError("a weight of the model is a fraction; numbers are bounded for integer weights")
    embedding, (low, high) = model.embedding, (model.vocabulary.low, model.vocabulary.high)
    reach, last = max(abs(low), abs(high)) if high >= low else 0, context - 1
    powers = (1, reach, reach * reach) if high >= low else (0, 0, 0)
    numbers, places = _times(embedding.polynomial, powers), _times(embedding.position, (last, last * last))
    specials = [max((abs(int(v)) for v in row), default=0) for row in embedding.special.numerators]
    x = [max(n, s) + p for n, s, p in zip(numbers, specials, places, strict=True)]
    found = [("embedding", max(x, default=0))]
    for place, layer in enumerate(model.layers):
        if isinstance(layer, Attention):
            largest, added = 0, [0] * len(x)
            for head in layer.heads:
                own, gives = _head(head, x, context)
                largest, added = max(largest, own), _sum(added, gives)
        elif isinstance(layer, FeedForward):
            gates, values = _times(layer.gate, x), _times(layer.value, x)
            units = [g * v for g, v in zip(gates, values, strict=True)]
            largest, added = max([*gates, *values, *units], default=0), _times(layer.output, units)
        else:
            states = _states(layer, x, context)
            largest = max(states, default=0)
            added = _sum(_times(layer.output, states), _times(layer.feedthrough, x))
        x = _sum(x, added)
        found.append((f"layer {place}", max([largest, *x])))
        if found[-1][1].bit_length() > _MOST_BITS:
            raise InputError(f"the numbers of layer {place} may have more than {_MOST_BITS:,} bits")
    logits = _times(model.unembedding.special, x)
    number = sum(a * b for a, b in zip(_times(model.unembedding.polynomial, x), powers, strict=True))
    return [*found, ("unembedding", max([*logits, number]))]


def matrices_of(model: Model) -> list[Matrix]:
    """All matrices of a model."""
    parts = [model.embedding, model.unembedding, *model.layers, *model.heads]
    return [value for part in parts for value in vars(part).values() if isinstance(value, Matrix)]


def _head(head: Head, x: Sequence[int], context: int) -> tuple[int, list[int]]:
    query, key, value = (_times(matrix, x) for matrix in (head.query, head.key, head.value))
    score = sum(q * k for q, k in zip(query, key, strict=True)) + abs(head.slope) * (context - 1)
    sums = [v * (context if head.slope == 0 else 1) for v in value]
    return max([*query, *key, *sums, score]), _times(head.output, value)


def _states(layer: Recurrence, x: Sequence[int], context: int) -> list[int]:
    """The sum of |A|^t |B| b over 0 <= t < context, by doubling."""
    size = len(layer.state)
    once = _times(layer.input, x)
    step = [[abs(int(v)) for v in row] for row in layer.transition.numerators]
    power = [[int(i == j) for j in range(size)] for i in range(size)]  # |A|^count
    total = [0] * size
    for bit in bin(context)[2:]:
        total = _sum(total, [sum(a * b for a, b in zip(row, total, strict=True)) for row in power])
        power = _product(power, power)
        if bit == "1":
            total = _sum(once, [sum(a * b for a, b in zip(row, total, strict=True)) for row in step])
            power = _product(power, step)
        if max((v.bit_length() for row in power for v in row), default=0) > _MOST_BITS:
            raise InputError(f"the state may have more than {_MOST_BITS:,} bits")
    return total


def _product(a: Sequence[Sequence[int]], b: Sequence[Sequence[int]]) -> list[list[int]]:
    columns = list(zip(*b, strict=True))
    return [[sum(u * v for u, v in zip(row, column, strict=True)) for column in columns] for row in a]


def _times(matrix: Matrix, x: Sequence[int]) -> list[int]:
    return [sum(abs(weight) * x[column] for column, weight in row) for row in matrix.sparse_rows]


def _sum(x: Sequence[int], y: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(x, y, strict=True)]
