"""Words and permutations by their lexicographic rank, many at a time.

Ranks are Python integers without bound: the digits of the first rank are split off once, exactly, and
only the distance from it, which fits in memory and so in 64 bits, is handled by NumPy.
"""

import math

import numpy as np
import numpy.typing as npt

from constructions.errors import InputError, ResourceError

Rows = npt.NDArray[np.int64]

MAXIMAL_ENTRIES = 2**28
"""The most entries that one call may return: 2 GiB of 64-bit integers."""


def words(n: int, alphabet: int, start: int = 0, stop: int | None = None) -> Rows:
    """Words of length ``n`` over 1 .. alphabet with ranks ``start .. stop - 1``, one a row.

    The word of rank r holds the n digits of r in base ``alphabet``, most significant first, plus 1.

    Raises:
        InputError: if n or alphabet is below 1, or the ranks are not within 0 .. alphabet**n.
        ResourceError: if the result would have more than ``MAXIMAL_ENTRIES`` entries.

    >>> words(3, 2, 3, 6).tolist()
    [[1, 2, 2], [2, 1, 1], [2, 1, 2]]
    """
    require_positive("n", n)
    require_positive("alphabet", alphabet)
    return _mixed_radix([alphabet] * n, start, stop) + 1


def permutations(n: int, start: int = 0, stop: int | None = None) -> Rows:
    """Permutations of 1 .. n with lexicographic ranks ``start .. stop - 1``, one a row; there are n!.

    Raises:
        InputError: if n is below 1, or the ranks are not within 0 .. n!.
        ResourceError: if the result would have more than ``MAXIMAL_ENTRIES`` entries.

    >>> permutations(3, 2, 5).tolist()
    [[2, 1, 3], [2, 3, 1], [3, 1, 2]]
    """
    require_positive("n", n)
    # Digit i (radix n - i) says how many of the letters not yet used are smaller than letter i. From
    # right to left: letters behind that are not smaller than the inserted one move up by one.
    rows = _mixed_radix(list(range(n, 0, -1)), start, stop)
    for column in range(n - 2, -1, -1):
        behind = rows[:, column + 1 :]
        behind += behind >= rows[:, column : column + 1]
    return rows + 1


def require_positive(name: str, value: int) -> None:
    """Refuse a size below 1."""
    if value < 1:
        raise InputError(f"{name} = {value}: expected an integer of at least 1")


def _mixed_radix(radices: list[int], start: int, stop: int | None) -> Rows:
    """The digits of start .. stop - 1, most significant first; digit i runs over 0 .. radices[i] - 1."""
    total = math.prod(radices)
    last = total if stop is None else stop
    if not 0 <= start <= last <= total:
        raise InputError(f"ranks {start} .. {last} (excluded) are not within 0 .. {total}, the number of rows")
    count = last - start
    if count * len(radices) > MAXIMAL_ENTRIES:
        raise ResourceError(
            f"{count} rows of length {len(radices)} exceed {MAXIMAL_ENTRIES} entries; ask for fewer ranks at a time"
        )
    rows = np.empty((count, len(radices)), dtype=np.int64)
    carry = np.arange(count, dtype=np.int64)
    for column in range(len(radices) - 1, -1, -1):
        start, digit = divmod(start, radices[column])
        carry, rows[:, column] = np.divmod(carry + digit, radices[column])
    return rows
