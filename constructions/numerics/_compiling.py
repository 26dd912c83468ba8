"""How inner loops are compiled by numba, and the types of their arrays."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function compiled when it is first called; kept on disk, in the user's cache if need be."""
    return cast(Function, numba.njit(cache=True, error_model="numpy")(function))
