"""Number systems, and matrices whose entries are exact."""

from constructions.numerics._arithmetic import Arithmetic, Segment
from constructions.numerics._exact import Exact, Rationals, rung
from constructions.numerics._matrix import Matrix

__all__ = ["Arithmetic", "Exact", "Matrix", "Rationals", "Segment", "rung"]
