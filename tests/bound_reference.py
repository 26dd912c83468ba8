"""Bounds of a construction at one size, derived once more: dense, in integers, layer by layer, without a domain.

What is computed is stated in docs/precision.md (``step=False``) and in ``constructions.interchange._guarantee``
(``step=True``: numerators over a common denominator, several positions read at once, leaks per position).
"""

from typing import Any

import numpy as np

from constructions.architectures import Attention, FeedForward, Model
from constructions.interchange import fractional_coordinates
from constructions.numerics import Matrix
from constructions.wiring import Blueprint, Range, SymbolicRecurrence

Vector = Any
"""An array of Python integers."""


def read_from(model: Model, place: int) -> Any:
    """Which coordinates the layers from this place on read, or the logits."""
    matrices = [model.unembedding.polynomial, model.unembedding.special]
    for layer in model.layers[place:]:
        if isinstance(layer, Attention):
            matrices += [matrix for head in layer.heads for matrix in (head.query, head.key, head.value)]
        elif isinstance(layer, FeedForward):
            matrices += [layer.gate, layer.value]
        else:
            matrices += [layer.input, layer.feedthrough]
    return np.any([(matrix.numerators != 0).any(axis=0) for matrix in matrices], axis=0)


def reference(blueprint: Blueprint, n: int, *, step: bool) -> tuple[set[int], set[int]]:
    """Bounds of all integers, of sums of magnitudes too, and of all errors in units of one leak; 0 is among them."""
    model, domain = blueprint.at(n), blueprint.domain
    sizes = dict.fromkeys(domain.minimum, n)
    values = {**sizes, **domain.scale_values(**sizes)}
    seen, errors = [0], [0] if step else [0, 1]

    def magnitude(extent: Range) -> int:
        return max(abs(extent.low(**values)), abs(extent.high(**values)))

    def linear(matrix: Matrix, x: Vector, e: Vector) -> tuple[Vector, Vector]:
        weights = abs(matrix.numerators.astype(object))
        note(weights.ravel())
        note(weights @ x, weights @ e if step else ())
        return weights @ x, weights @ e

    def note(numbers: Any, off: Any = ()) -> None:
        seen.extend(numbers)
        errors.extend(off)

    def product(a: Vector, b: Vector, da: Vector, db: Vector) -> tuple[Vector, Vector]:
        return a * b, a * db + (b + 1) * da

    def integers(*numbers: int) -> Vector:
        return np.array(numbers, dtype=object)

    places = blueprint.context(**sizes) + step
    token = max(abs(end(**sizes)) for end in blueprint.numbers)
    powers = integers(1, token, token**2)
    known = integers(*(magnitude(blueprint.ranges[name]) for name in blueprint.coordinates))
    position, _ = linear(model.embedding.position, integers(places, places**2), integers(0, 0))
    specials = integers(*[1] * len(model.vocabulary.specials))
    for matrix, x in ((model.embedding.polynomial, powers), (model.embedding.special, specials)):
        note(linear(matrix, x, 0 * x)[0] + position)
    note(known)
    note([places, places**2] if position.any() else [])
    note(powers if step else [])
    averages = {c.name for c in blueprint.contracts if c.gadget == "average over matches and a sink"}
    several = averages
    if step:  # a head that averages writes nothing else
        several = {head.name for head in model.heads if set(head.reads) & fractional_coordinates(blueprint)}
    e, over, over_e, divisible = 0 * known, 1, 0, False
    fractional = np.array([not blueprint.ranges[name].integer for name in blueprint.coordinates])
    there = fractional & False

    def elsewhere(matrix: Matrix, x: Vector, e: Vector) -> tuple[Vector, Vector]:
        found, off = linear(matrix, x, e)
        if not divisible:
            return found, off
        whole = abs(matrix.numerators.astype(object)) @ known
        return whole, off + whole * over_e

    for place, (layer, symbolic) in enumerate(zip(model.layers, blueprint.layers, strict=True)):
        if divisible and not (read_from(model, place) & there).any():
            e, over, over_e, divisible = e + known * over_e, 1, 0, False
        x = known * over
        if isinstance(layer, Attention):
            added, counts, counts_e = (x, e), over, over_e
            for head in layer.heads:
                q, dq = linear(head.query, x, e)
                (k, dk), (v, dv) = (elsewhere(m, x, e) for m in (head.key, head.value))
                score, off = product(q, k, dq, dk)
                recency, recency_e = product(abs(head.slope) * places, over, 0, over_e)
                note([sum(score) + recency], [sum(off) + recency_e])
                picked = places if head.name in several else 1
                if not step:
                    note([places + 1] if picked > 1 else [])
                    update = linear(head.output, v, 2 * v + dv)
                else:
                    v, dv = v * picked, dv * picked + places * (v + dv)
                    note(v, dv)
                    update_size, update_error = linear(head.output, v, dv)
                    update = product(update_size, counts, update_error, counts_e)
                    if picked > 1:
                        added = product(added[0], places, added[1], places)
                        counts, counts_e = product(counts, places, counts_e, places)
                        note([places], [places])
                added = added[0] + update[0], added[1] + update[1]
            over, over_e = counts, counts_e
            divisible = divisible or (step and not several.isdisjoint(head.name for head in layer.heads))
        elif isinstance(layer, FeedForward):
            (g, dg), (v, dv) = linear(layer.gate, x, e), linear(layer.value, x, e)
            u, du = product(g, v, dg, dv)
            note(u, du)
            update = linear(layer.output, u, du)
            before = product(x, over, e, over_e) if step else (x, e)
            added = before[0] + update[0], before[1] + update[1]
            over, over_e = product(over, over, over_e, over_e) if step else (1, 0)
        else:
            assert isinstance(symbolic, SymbolicRecurrence)
            held = integers(*(magnitude(symbolic.ranges[cell]) for cell in layer.state))
            note(held)
            note(elsewhere(layer.input, x, e)[0] + linear(layer.transition, held, 0 * held)[0])
            shown, fed = linear(layer.output, held, 0 * held), linear(layer.feedthrough, x, e)
            shown = product(shown[0], over, shown[1], over_e) if divisible else shown
            added = x + shown[0] + fed[0], e + shown[1] + fed[1]
        for output in [head.output for head in layer.heads] if isinstance(layer, Attention) else [layer.output]:
            there = there | fractional & (output.numerators != 0).any(axis=1)
        note(*added)
        e = added[1]
        note([over, *known * over], [over_e])
    x = known * over
    polynomial, special = model.unembedding.polynomial, model.unembedding.special
    (special_size, special_error) = linear(special, x, e)
    note(special_size, special_error)
    table = powers @ abs(polynomial.numerators.astype(object))
    note([table @ x], [table @ e])
    note(table if step else linear(polynomial, x, e)[0])
    return set(seen), set(errors)
