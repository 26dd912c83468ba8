"""Number systems, and matrices whose entries are exact."""

import importlib
from typing import TYPE_CHECKING, Any

from constructions.numerics._arithmetic import Arithmetic, Segment
from constructions.numerics._exact import Exact
from constructions.numerics._formats import BFLOAT16, FLOAT16, FLOAT32, FORMATS, FloatFormat
from constructions.numerics._matrix import Matrix
from constructions.numerics._rationals import Rationals, rung

if TYPE_CHECKING:
    from constructions.numerics._ball import Ball
    from constructions.numerics._fixed import Fixed
    from constructions.numerics._float import Float

__all__ = [
    "BFLOAT16",
    "FLOAT16",
    "FLOAT32",
    "FORMATS",
    "Arithmetic",
    "Ball",
    "Exact",
    "Fixed",
    "Float",
    "FloatFormat",
    "Matrix",
    "Rationals",
    "Segment",
    "rung",
]

_LOADED_WHEN_ASKED_FOR = {"Ball": "_ball", "Fixed": "_fixed", "Float": "_float"}


def __getattr__(name: str) -> Any:
    """Number systems that need numba or python-flint, which take a while to load."""
    if name not in _LOADED_WHEN_ASKED_FOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LOADED_WHEN_ASKED_FOR[name]}"), name)
