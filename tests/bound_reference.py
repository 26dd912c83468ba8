"""Bounds of a construction at one size, derived once more: dense, in integers, layer by layer, without a domain.

What is computed is stated in docs/precision.md (``step=False``) and in ``constructions.interchange._guarantee``
(``step=True``: numerators over a common denominator, several positions read at once, leaks per position).
"""

from typing import Any

import numpy as np

from constructions.architectures import Attention, FeedForward
from constructions.interchange import averaging_heads
from constructions.numerics import Matrix
from constructions.wiring import Blueprint, Range, SymbolicRecurrence

Vector = Any
"""An array of Python integers."""


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
    several = averaging_heads(blueprint) if step else averages
    e, over, over_e = 0 * known, 1, 0
    for layer, symbolic in zip(model.layers, blueprint.layers, strict=True):
        x = known * over
        if isinstance(layer, Attention):
            added, counts, counts_e = (x, e), 1, 0
            for head in layer.heads:
                (q, dq), (k, dk), (v, dv) = (linear(m, x, e) for m in (head.query, head.key, head.value))
                score, off = product(q, k, dq, dk)
                note([sum(score) + abs(head.slope) * places], [sum(off)])
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
            over, over_e = product(over, counts, over_e, counts_e)
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
            note(linear(layer.input, x, e)[0] + linear(layer.transition, held, 0 * held)[0])
            shown, fed = linear(layer.output, held, 0 * held), linear(layer.feedthrough, x, e)
            added = x + shown[0] + fed[0], e + shown[1] + fed[1]
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
