"""Positions counted from the middle: the same function, with smaller numbers in the heads that look positions up.

A head that looks up position p scores G (2 p a k - w k^2) with k = a i, say, over the positions i. With i = i' + c the
largest square is (L/2)^2 instead of L^2 when c is the middle of a context of L tokens. Two changes of a model do
that, and neither changes what it writes:

* **Another basis.** The coordinates i and i^2 become i' = i - c and (i - c)^2. Whatever reads them reads i' + c and
  (i - c)^2 + 2 c i' + c^2 instead, where 1 is the coordinate that is 1 everywhere.
* **Other keys.** In such a head, with rows f (key a i) and g (query G, key -w i^2), the keys become a i' and -w i'^2,
  and the query of row f gets smaller by d = 2 G w c / a. For a query q in row f

      old - new = q a (i' + c) - G w (i' + c)^2  -  ((q - d) a i' - G w i'^2)
                = q a c - G w c^2 + (d a - 2 G w c) i'  =  q a c - G w c^2,

  which is the same for all keys, so that the same positions have the largest score.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from constructions.architectures._model import (
    Attention,
    Embedding,
    FeedForward,
    Head,
    Layer,
    Model,
    Selective,
    Unembedding,
    outputs_of,
)
from constructions.errors import ModelError
from constructions.numerics import Matrix

Change = Callable[[Matrix], Matrix]


def centred(model: Model, centre: int) -> Model:
    """The model with positions counted from ``centre``: it writes the same, and its streams differ in i and i^2 alone.

    Raises:
        ModelError: if no coordinates are 1, i and i^2 everywhere, untouched by the layers; then no head looks positions
            up by them.

    Examples:
        >>> from constructions.theorems import construction
        >>> from constructions.engine import decode
        >>> model = construction("transformer/index").at(6)
        >>> moved = centred(model, 3)
        >>> decode(moved, "<s> 3 1 4 1 5 2 ? 5".split()).answer
        '5'
    """
    one, place, square = (_coordinate(model, what) for what in ("1", "i", "i^2"))

    def change(matrix: Matrix) -> Matrix:
        entries = {(row, column): weight for row, column, weight in matrix.entries()}
        found = dict(entries)
        for (row, column), weight in entries.items():
            if column == place:
                _add(found, row, one, centre * weight)
            elif column == square:
                _add(found, row, one, centre**2 * weight)
                _add(found, row, place, 2 * centre * weight)
        return Matrix.from_entries(matrix.shape, {key: weight for key, weight in found.items() if weight})

    layers = tuple(_layer(layer, change, (one, place, square), centre) for layer in model.layers)
    unembedding = Unembedding(change(model.unembedding.polynomial), change(model.unembedding.special))
    embedding = _embedding(model.embedding, place, square, centre)
    return replace(model, embedding=embedding, layers=layers, unembedding=unembedding)


def _add(entries: dict[tuple[int, int], Fraction], row: int, column: int, weight: Fraction) -> None:
    entries[row, column] = entries.get((row, column), Fraction(0)) + weight


def _coordinate(model: Model, what: str) -> int:
    """The first coordinate that is 1, i or i^2 at every position, to which no layer adds."""
    constant, moves = {"1": (1, [0, 0]), "i": (0, [1, 0]), "i^2": (0, [0, 1])}[what]
    written = {row for layer in model.layers for matrix in outputs_of(layer) for row, _, _ in matrix.entries()}
    embedding = model.embedding
    for row in range(len(model.coordinates)):
        number = [embedding.polynomial[row, power] for power in range(3)]
        special = {embedding.special[row, token] for token in range(embedding.special.shape[1])}
        own = [embedding.position[row, power] for power in range(2)]
        if number == [constant, 0, 0] and special <= {constant} and own == moves and row not in written:
            return row
    raise ModelError(f"{model.name} has no coordinate that is {what} at every position i, so nothing can be centred")


def _embedding(embedding: Embedding, place: int, square: int, centre: int) -> Embedding:
    """The rows of i and i^2 become i - c and (i - c)^2."""

    def with_constants(matrix: Matrix, columns: range) -> Matrix:
        entries = {(row, column): weight for row, column, weight in matrix.entries()}
        for column in columns:
            entries |= {(place, column): Fraction(-centre), (square, column): Fraction(centre**2)}
        return Matrix.from_entries(matrix.shape, {key: weight for key, weight in entries.items() if weight})

    polynomial = with_constants(embedding.polynomial, range(1))
    special = with_constants(embedding.special, range(embedding.special.shape[1]))
    position = embedding.position.replaced(square, 0, -2 * centre)
    return replace(embedding, polynomial=polynomial, special=special, position=position)


def _layer(layer: Layer, change: Change, names: tuple[int, int, int], centre: int) -> Layer:
    if isinstance(layer, Attention):
        return Attention(tuple(_head(head, change, names, centre) for head in layer.heads))
    if isinstance(layer, FeedForward):
        return replace(layer, gate=change(layer.gate), value=change(layer.value))
    moved = replace(layer, input=change(layer.input), feedthrough=change(layer.feedthrough))
    return replace(moved, selector=change(moved.selector)) if isinstance(moved, Selective) else moved


def _head(head: Head, change: Change, names: tuple[int, int, int], centre: int) -> Head:
    one, place, square = names
    moved = replace(head, query=change(head.query), key=change(head.key), value=change(head.value))
    found = _looks_up(head, names)
    if found is None:
        return moved
    f, g = found
    a, minus_w, constant = head.key[f, place], head.key[g, square], head.query[g, one]
    entries = {(row, column): weight for row, column, weight in moved.key.entries() if row not in found}
    key = Matrix.from_entries(head.key.shape, {**entries, (f, place): a, (g, square): minus_w})
    less = 2 * constant * -minus_w * centre / a
    return replace(moved, key=key, query=moved.query.replaced(f, one, moved.query[f, one] - less))


def _looks_up(head: Head, names: tuple[int, int, int]) -> tuple[int, int] | None:
    """The rows f and g of a head that looks positions up: keys a i and -w i^2, and a constant query for the latter."""
    one, place, square = names
    keys, queries = (_rows(matrix) for matrix in (head.key, head.query))
    f = [number for number, row in enumerate(keys) if set(row) == {place}]
    g = [
        number
        for number, row in enumerate(keys)
        if set(row) == {square} and row[square] < 0 and set(queries[number]) == {one}
    ]
    return (f[0], g[0]) if len(f) == 1 and len(g) == 1 else None


def _rows(matrix: Matrix) -> list[dict[int, Fraction]]:
    rows: list[dict[int, Fraction]] = [{} for _ in range(matrix.shape[0])]
    for row, column, weight in matrix.entries():
        rows[row][column] = weight
    return rows
