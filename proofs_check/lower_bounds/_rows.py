"""Answer rows: what each query is answered after each prefix, for many prefixes at once.

Answers are small integers: 0 for an undefined query, and from 1 on the answers of the task; for Counting 1 stands for
the token ``0`` and 2 for the token ``1``. So two prefixes differ under *total* exactly if their rows differ (different
rows are different Myhill-Nerode classes of the prefixes), and conflict under *promise* exactly if some query has
different answers from 1 on.

These tables are written apart from the tasks' references and tested against them.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from constructions.errors import ResourceError
from proofs_check.lower_bounds._prefixes import distinct_rows, number, prefix_batches, prefix_count
from proofs_check.lower_bounds._scope import Rows, Scope

if TYPE_CHECKING:
    from proofs_check.lower_bounds._tasks._sequences import Sequences

MOST_ENTRIES = 2_000_000_000
"""Rows with more answers in all than this are not compared."""


def narrow(scope: Scope) -> npt.DTypeLike:
    """The least unsigned type that holds every answer's code."""
    return np.min_scalar_type(max(scope.alphabet + (scope.keys or 0), 2))


def distinct_row_set(scope: "Sequences") -> set[bytes]:
    """All rows that occur, each as its bytes, by running through all prefixes.

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
        found |= distinct_rows(scope.answer_rows(batch))
    return found


def row_matrix(scope: "Sequences", found: set[bytes]) -> Rows:
    """Rows given as bytes, sorted, as a matrix again."""
    return np.frombuffer(b"".join(sorted(found)), dtype=narrow(scope)).reshape(len(found), len(scope.queries()))
