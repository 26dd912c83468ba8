"""Number systems, and matrices whose entries are exact."""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from constructions.numerics._arithmetic import Arithmetic, Segment
from constructions.numerics._exact import Exact
from constructions.numerics._formats import BFLOAT16, FLOAT16, FLOAT32, FORMATS, FloatFormat
from constructions.numerics._matrix import Matrix
from constructions.numerics._rationals import Rationals, rung
from constructions.numerics._scan import Selection

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
    "Selection",
    "rung",
]

# Number systems that need numba or python-flint, which take a while to load.
__getattr__ = names_from(__name__, {"_ball": ["Ball"], "_fixed": ["Fixed"], "_float": ["Float"]})
