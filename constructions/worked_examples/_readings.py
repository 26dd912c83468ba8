"""What a number system holds at a position, as exact fractions: numbers of floating and of fixed point are rational."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.errors import InputError, PrecisionError
from constructions.numerics import Arithmetic, Exact, Fixed, Float, Rationals, Segment

Row = tuple[Fraction, ...]


def require_readable(arithmetic: Arithmetic[Any]) -> None:
    """Raise InputError unless this is exact, floating or fixed point, with hard attention."""
    if isinstance(arithmetic, Exact):
        return
    if not isinstance(arithmetic, Float | Fixed) or arithmetic.inverse_temperature is not None:
        raise InputError(
            f"{arithmetic.name}: runs are explained in exact arithmetic, or in floating or fixed point with hard "
            "attention"
        )


def row_of(arithmetic: Arithmetic[Any], x: Any, place: int) -> Row:
    """The values at one position of an array (positions, features).

    Raises:
        PrecisionError: if one of them is not finite.
    """
    if isinstance(x, Rationals):
        below = 1 if x.denominators is None else int(x.denominators[place])
        values = x.numerators[place].tolist()
        different = {value: Fraction(int(value), below) for value in set(values)}  # most are 0
        return tuple([different[value] for value in values])
    return _fractions(arithmetic, x[place])


def scores_of(
    arithmetic: Arithmetic[Any], query: Any, segments: Sequence[Segment[Any]], slope: int, place: int
) -> Row | tuple[int, ...]:
    """The scores of the positions up to ``place``, where the query stands, as they compare.

    In exact arithmetic they are those of the weights times a positive number, else those that are compared.
    """
    own = arithmetic.take(query, place, place + 1)
    if isinstance(arithmetic, Exact):
        parts, _ = arithmetic.scores(own, segments, slope, place)
        return tuple(map(int, np.concatenate(parts, axis=-1)[0][: place + 1].tolist()))
    if not isinstance(arithmetic, Float | Fixed):
        raise TypeError(arithmetic.name)  # which require_readable refuses
    scores, _ = arithmetic.scores(own, segments, slope, place)
    return _fractions(arithmetic, scores[0, 0, : place + 1])


def _fractions(arithmetic: Arithmetic[Any], row: Any) -> Row:
    if isinstance(arithmetic, Fixed):
        return tuple(arithmetic.values(row[None])[0])
    if not np.isfinite(row).all():
        raise PrecisionError(f"{arithmetic.name}: a number is infinite; only runs with finite numbers are explained")
    return tuple(Fraction(float(value)) for value in row)
