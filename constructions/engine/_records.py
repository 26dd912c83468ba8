"""What the loops know of a head, as named tuples that numba takes: its plan, its records, the best of them so far."""

from typing import NamedTuple

from constructions.numerics._jit_cache import Ints


class Plan(NamedTuple):
    """How a head finds what it picks, see :mod:`._head_plans`, and how many features and reads it has.

    ``along`` and ``up`` are the features by which a hull is kept; ``along`` is -1 where none serves.
    """

    kind: int
    slope: int
    unit: int
    c: int
    along: int
    up: int
    roles: Ints
    features: int
    reads: int


class Records(NamedTuple):
    """The records of a head, the first ``size`` of those that there is room for.

    ``irregular[0]`` counts the entries that follow it, records that are not of the lattice form; ``hull[0]`` counts the
    records that the hull in ``order`` covers, and ``hull[1 + i]`` those of its level i.
    """

    table: Ints
    keys: Ints
    values: Ints
    irregular: Ints
    order: Ints
    hull: Ints


class Best(NamedTuple):
    """The largest score so far, the recency of the records that have it, and how many positions these stand for."""

    score: int
    recency: int
    number: int
