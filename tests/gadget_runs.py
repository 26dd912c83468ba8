"""What a gadget computes, at every position of every short sequence of tokens, against a line of Python."""

import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from constructions.architectures import Evaluator
from constructions.numerics import Exact
from constructions.wiring import Polynomial, Value, Wiring, n

SPECIALS = ("<s>", "?", "x")
LENGTH = 4
"""Tokens after ``<s>``."""

Tokens = tuple[str, ...]
Definition = Callable[[Tokens, int], int | Fraction | None]


def wiring(low: Polynomial | int = 0, **options: object) -> Wiring:
    arguments: dict[str, object] = {"specials": SPECIALS, "numbers": (low, n), "context": n + LENGTH, **options}
    return Wiring("mine", **arguments)  # type: ignore[arg-type]


def number(tokens: Tokens, place: int) -> int:
    """The number of the token there; 0 for a special token and before the beginning."""
    token = tokens[max(place, 0)]
    return 0 if token in SPECIALS else int(token)


def inputs(low: int, size: int, length: int = LENGTH) -> list[Tokens]:
    tokens = [*SPECIALS[1:], *map(str, range(low, size + 1))]
    return [("<s>", *rest) for rest in itertools.product(tokens, repeat=length)]


def evaluated(w: Wiring, value: Value, size: int, sequences: Sequence[Tokens]) -> list[list[int | Fraction]]:
    """What a value is at each position of each sequence, read off the residual stream of the finished model."""
    blueprint = w.finish()
    model = blueprint.at(size)
    ids = np.array([model.vocabulary.encode(tokens) for tokens in sequences])
    x, _ = Evaluator(model, Exact()).run(ids)
    scales = {"n": size, **blueprint.domain.scale_values(n=size)}
    total = np.full(ids.shape, value.constant(**scales), dtype=object) * 1
    below = np.ones(ids.shape, dtype=object) if x.denominators is None else x.denominators.astype(np.int64)
    total = total * below
    for coordinate, coefficient in value.terms.items():
        column = x.numerators[..., blueprint.coordinates.index(coordinate.name)].astype(np.int64).astype(object)
        total = total + column * coefficient(**scales)
    rows = zip(total.tolist(), below.tolist(), strict=True)
    return [[a if b == 1 else Fraction(a, b) for a, b in zip(*row, strict=True)] for row in rows]


def differences(w: Wiring, value: Value, definition: Definition, sizes: Sequence[int] = (1, 2)) -> list[str]:
    """Where the value is not what the definition says; None in a definition stands for "anything".

    At the first position it must also be what the wiring believes to know of it there.
    """
    w.write("?")
    found = []
    for size in sizes:
        sequences = inputs(w.numbers[0](n=size), size)
        known = None if value.start is None else value.start(n=size)
        for tokens, row in zip(sequences, evaluated(w, value, size, sequences), strict=True):
            if known is not None and row[0] != known:
                found.append(f"n = {size}, {' '.join(tokens)}: {row[0]} at the start, not {known}")
            for place, seen in enumerate(row):
                wanted = definition(tokens, place)
                if wanted is not None and seen != wanted:
                    found.append(f"n = {size}, {' '.join(tokens)}, position {place}: {seen}, not {wanted}")
    return found


def is_number(tokens: Tokens, place: int) -> int:
    return int(tokens[place] not in SPECIALS)
