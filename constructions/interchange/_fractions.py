"""Which coordinates hold fractions, layer by layer, and from where on integers are enough again.

A head that averages writes fractions, and so do units that read them. The step keeps all numbers of a position over one
denominator. Positions have different ones, so what is read at other positions must be integers, which are found by
dividing: a denominator divides what is no fraction. Where no fraction is read any more, everything is divided.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from constructions.architectures import Gated, Model
from constructions.errors import ModelError, unknown
from constructions.numerics import Matrix
from constructions.wiring import Blueprint, SymbolicGated


@dataclass(frozen=True)
class Flow:
    """The heads that average, and for each layer whether all numbers are made integers before it."""

    averaging: frozenset[str]
    settles: tuple[bool, ...]


def fractional_coordinates(blueprint: Blueprint) -> frozenset[str]:
    """The coordinates whose ranges do not say that they are integers: what heads average, and what follows from it."""
    return frozenset(name for name, extent in blueprint.ranges.items() if not extent.integer)


def fractions_through(whole: Model | Blueprint, fractions: Collection[str] | None) -> Flow:
    """Follow fractions through the layers.

    Args:
        whole: a model, or the blueprint of one for each size.
        fractions: names of the coordinates that may hold them, so a head that writes one may average; all coordinates
            unless given.

    Raises:
        InputError: if there is no coordinate of one of these names.
        ModelError: if a layer reads a fraction at other positions.
    """
    names, layers = whole.coordinates, list[Any](whole.layers)
    if any(isinstance(layer, Gated | SymbolicGated) for layer in layers):
        raise ModelError(
            f"{whole.name}: a recurrence moves its state through gated units of its own, as in LSTM and GRU, which the "
            "decoding step for other tools cannot (export npz or safetensors)"
        )
    wrong = sorted(set(fractions or ()) - set(names))
    if wrong:
        raise unknown("coordinate", wrong[0], names)
    possible = set(range(len(names))) if fractions is None else {names.index(name) for name in fractions}
    table: Any = whole.unembedding
    last = table.values() if isinstance(whole, Blueprint) else (table.polynomial, table.special)
    read_later = [set[int]().union(*map(_columns, last))]
    for layer in reversed(layers):
        read_later.append(read_later[-1].union(*map(_columns, _reading(layer))))
    held, over = set[int](), False
    averaging, settles = set[str](), list[bool]()
    for layer, needed in zip(layers, reversed(read_later), strict=False):
        settles.append(over and held.isdisjoint(needed))
        if settles[-1]:
            held, over = set(), False
        for what, matrix in _elsewhere(layer):
            for column in sorted(held & _columns(matrix)):
                raise ModelError(
                    f"{whole.name}: {what} reads {names[column]!r}, which may be a fraction, at other positions, and "
                    "fractions of several positions have no common denominator, which an exact step needs (name the "
                    "coordinates that hold fractions)"
                )
        written = set[int]()
        for head in getattr(layer, "heads", ()):
            here = {row for row, _ in _places(head.output)} & possible
            written |= here
            averaging |= {head.name} if here else set()
        if hasattr(layer, "gate"):
            units = {row for part in (layer.gate, layer.value) for row, column in _places(part) if column in held}
            written = {row for row, unit in _places(layer.output) if unit in units} & possible
        elif hasattr(layer, "feedthrough"):
            written = {row for row, column in _places(layer.feedthrough) if column in held} & possible
        over, held = over or bool(written), held | written
    return Flow(frozenset(averaging), tuple(settles))


def _reading(layer: Any) -> list[Any]:
    """The matrices that read the residual stream."""
    if hasattr(layer, "heads"):
        return [matrix for head in layer.heads for matrix in (head.query, head.key, head.value)]
    parts = ("gate", "value", "input", "feedthrough", "selector")
    return [getattr(layer, part) for part in parts if hasattr(layer, part)]


def _elsewhere(layer: Any) -> list[tuple[str, Any]]:
    """What later positions see, by its name."""
    heads = [(f"head {h.name!r}", m) for h in getattr(layer, "heads", ()) for m in (h.key, h.value)]
    return heads + [("a recurrence", getattr(layer, part)) for part in ("input", "selector") if hasattr(layer, part)]


def _places(matrix: Any) -> Iterable[tuple[int, int]]:
    if isinstance(matrix, Matrix):
        return [(row, column) for row, column, _ in matrix.entries()]
    return list(matrix.entries)


def _columns(matrix: Any) -> set[int]:
    return {column for _, column in _places(matrix)}
