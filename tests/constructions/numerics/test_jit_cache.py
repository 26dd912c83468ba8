"""Views of arrays in compiled code."""

import sys

import numpy as np

from constructions.numerics._jit_cache import Ints, compiled, uncounted


@compiled
def _rows_doubled(array: Ints) -> int:
    view = uncounted(array)
    total = 0
    for row in range(len(view)):
        own = view[row]
        own[0] *= 2
        total += own[:1].sum() + len(view[row:])
    return total


def test_uncounted_arrays_are_the_same_memory_and_the_caller_keeps_it() -> None:
    array = np.arange(12, dtype=np.int64).reshape(4, 3)
    held = sys.getrefcount(array)
    assert _rows_doubled(array) == 2 * (0 + 3 + 6 + 9) + 4 + 3 + 2 + 1
    assert array[:, 0].tolist() == [0, 6, 12, 18]
    assert array[:, 1:].tolist() == [[1, 2], [4, 5], [7, 8], [10, 11]]
    assert sys.getrefcount(array) == held
