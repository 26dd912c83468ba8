"""Constructions from named coordinates and gadgets, with contracts that are proved for all sizes."""

from constructions.wiring._attending import attending
from constructions.wiring._blueprint import (
    Blueprint,
    SymbolicAttention,
    SymbolicFeedForward,
    SymbolicGated,
    SymbolicHead,
    SymbolicLayer,
    SymbolicMatrix,
    SymbolicRecurrence,
    SymbolicSelective,
)
from constructions.wiring._bounds import Bounds, bounds, bounds_at, fixed_temperature
from constructions.wiring._contract import Contract, Inequality
from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._program import Program
from constructions.wiring._ranges import Ranges
from constructions.wiring._record import Call, replayed
from constructions.wiring._refusal import refused
from constructions.wiring._value import Range, Value
from constructions.wiring._wiring import Wiring

n = Polynomial.variable("n")
"""The size of a construction."""

__all__ = [
    "Blueprint",
    "Bounds",
    "Call",
    "Contract",
    "Domain",
    "Inequality",
    "Polynomial",
    "Program",
    "Range",
    "Ranges",
    "SymbolicAttention",
    "SymbolicFeedForward",
    "SymbolicGated",
    "SymbolicHead",
    "SymbolicLayer",
    "SymbolicMatrix",
    "SymbolicRecurrence",
    "SymbolicSelective",
    "Value",
    "Wiring",
    "attending",
    "bounds",
    "bounds_at",
    "fixed_temperature",
    "n",
    "refused",
    "replayed",
]
