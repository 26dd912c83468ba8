"""Answer rows: what each query is answered after each prefix, for many prefixes at once.

Answers are small integers: 0 for an undefined query, and from 1 on the answers of the task; for Counting 1 stands for
the token ``0`` and 2 for the token ``1``. So two prefixes differ under *total* exactly if their rows differ (different
rows are different Myhill-Nerode classes of the prefixes), and conflict under *promise* exactly if some query has
different answers from 1 on.

These tables are written apart from the tasks' references and tested against them.
"""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from constructions.errors import ResourceError
from constructions.tasks import NONE
from proofs_check.lower_bounds._prefixes import Letters, distinct_rows, number, prefix_batches, prefix_count
from proofs_check.lower_bounds._scope import Scope

Rows = npt.NDArray[Any]
"""Unsigned integers, shape [prefixes, queries]."""

MOST_ENTRIES = 2_000_000_000
"""Rows with more answers in all than this are not compared."""


def queries_of(scope: Scope) -> list[tuple[int, ...]]:
    """The queries, in the order of the columns of :func:`answer_rows`; not for istree."""
    n, letters = scope.n, range(1, scope.alphabet + 1)
    if scope.task == "index":
        return [(position,) for position in range(1, n + 1)]
    if scope.task == "counting":
        return list(itertools.product(letters, range(n + 1)))
    if scope.family == "key-value":
        return [(key,) for key in range(1, (scope.keys or 0) + 1)]
    return list(itertools.product(letters, repeat=scope.query_length))


def token_of(scope: Scope, code: int) -> str:
    """The answer that an entry of a row stands for; not for istree."""
    if scope.task == "counting":
        return str(code - 1)
    return NONE if code == 0 else str(code)


def answer_rows(scope: Scope, prefixes: Letters) -> Rows:
    """The answers after each of the prefixes, shape [B, Q].

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> answer_rows(scope_of("associative-recall", 3, 3, family="words"), np.array([[1, 3, 1]])).tolist()
    [[3, 0, 1]]
    """
    largest = max(scope.alphabet + (scope.keys or 0), 2)
    dtype = np.min_scalar_type(largest)
    if scope.task == "index":
        return prefixes.astype(dtype)
    if scope.task == "counting":
        return _counting_rows(scope, prefixes).astype(dtype)
    return _follower_rows(scope, prefixes, dtype)


def _counting_rows(scope: Scope, prefixes: Letters) -> Rows:
    n, k = scope.n, scope.alphabet
    counts = np.zeros((len(prefixes), k), dtype=np.int64)
    everyone = np.arange(len(prefixes))
    for column in prefixes.T:
        counts[everyone, column - 1] += 1
    exceeds = counts[:, :, None] > np.arange(n + 1)
    return exceeds.reshape(len(prefixes), k * (n + 1)) + 1


def _follower_rows(scope: Scope, prefixes: Letters, dtype: npt.DTypeLike) -> Rows:
    # The rank of the query that ends at each place, in base k; later occurrences overwrite earlier ones.
    m = scope.query_length
    base = scope.alphabet + (scope.keys or 0)
    columns = scope.keys if scope.keys is not None else base**m
    rows = np.zeros((len(prefixes), base**m), dtype=dtype)
    everyone = np.arange(len(prefixes))
    rank = np.zeros(len(prefixes), dtype=np.int64)
    modulus = base**m
    for place, column in enumerate(prefixes.T):
        if place >= m:
            rows[everyone, rank] = column
        rank = (rank * base + column - 1) % modulus
    return rows[:, :columns]


def distinct_row_set(scope: Scope) -> set[bytes]:
    """All rows that occur, each as its bytes, by running through all prefixes; not for istree.

    Raises:
        ResourceError: if there are too many prefixes.
    """
    columns = (scope.alphabet + (scope.keys or 0)) ** scope.query_length
    if prefix_count(scope) * columns > MOST_ENTRIES:
        raise ResourceError(
            f"{scope}: {number(prefix_count(scope))} prefixes with {columns:,} queries are more than the "
            f"{MOST_ENTRIES:,} answers that are compared"
        )
    found: set[bytes] = set()
    for batch in prefix_batches(scope):
        found |= distinct_rows(answer_rows(scope, batch))
    return found


def row_matrix(scope: Scope, found: set[bytes]) -> Rows:
    """Rows given as bytes, sorted, as a matrix again."""
    dtype = np.min_scalar_type(max(scope.alphabet + (scope.keys or 0), 2))
    width = len(queries_of(scope))
    return np.frombuffer(b"".join(sorted(found)), dtype=dtype).reshape(len(found), width)
