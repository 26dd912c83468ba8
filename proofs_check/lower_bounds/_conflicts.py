"""Least numbers of states under *promise*: a clique from below, a colouring from above.

After a prefix the answers are a partial function: 0 where the query is undefined. Two prefixes conflict if
some query has different answers after both. Prefixes that share a state must not conflict, so the states
colour the conflict graph; and as partial functions that agree in pairs have a common extension (their
union is a function), each colour class can be served by one state, which answers by that union. Hence
the least number of states is exactly the chromatic number. A clique and a colouring of equal size prove it.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from constructions.errors import RetrievalGapError

Table = npt.NDArray[Any]


class Classes(NamedTuple):
    """Bounds of the chromatic number, with what proves them."""

    clique: list[int]
    """Row numbers of which each two conflict."""
    colours: npt.NDArray[np.int64]
    """Shape [rows], the class of each row."""
    merged: Table
    """Shape [classes, queries], the union of the rows of each class."""

    @property
    def lower(self) -> int:
        """A lower bound: no machine has fewer states."""
        return len(self.clique)

    @property
    def upper(self) -> int:
        """An upper bound: a machine with so many states exists."""
        return len(self.merged)


def least_classes(rows: Table) -> Classes:
    """Greedy bounds of the least number of classes; checked before they are returned.

    Rows with the most defined queries come first; among them the order is kept. Often both bounds are
    then equal: see docs/lower-bounds.md, where the upper bounds are extensions of partial functions.

    >>> least_classes(np.array([[1, 2], [1, 0], [0, 2], [2, 0]])).colours.tolist()
    [0, 0, 0, 1]
    """
    order = np.argsort(-(rows != 0).sum(axis=1), kind="stable")
    clique: list[int] = []
    free = np.ones(len(rows), dtype=np.bool_)
    for row in order:
        if free[row]:
            clique.append(int(row))
            free &= conflicts_with(rows, rows[row])
    merged = rows[clique].copy()
    colours = np.full(len(rows), -1, dtype=np.int64)
    colours[clique] = np.arange(len(clique))
    for row in order:
        if colours[row] < 0:
            fitting = np.flatnonzero(~conflicts_with(merged, rows[row]))
            if len(fitting) == 0:
                merged = np.concatenate([merged, np.zeros_like(rows[:1])])
                fitting = np.array([len(merged) - 1])
            colours[row] = fitting[0]
            merged[fitting[0]] = np.where(rows[row] != 0, rows[row], merged[fitting[0]])
    found = Classes(clique, colours, merged)
    check_classes(rows, found)
    return found


def conflicts_with(rows: Table, row: Table) -> npt.NDArray[np.bool_]:
    """For each of the rows, whether it and ``row`` answer some query differently."""
    found: npt.NDArray[np.bool_] = ((rows != row) & (rows != 0) & (row != 0)).any(axis=1)
    return found


def check_classes(rows: Table, found: Classes) -> None:
    """Derive both bounds again, from the rows alone.

    Raises:
        RetrievalGapError: if two rows of the clique agree, or a row does not fit its class.
    """
    for place, row in enumerate(found.clique):
        if not conflicts_with(rows[found.clique[place + 1 :]], rows[row]).all():
            raise RetrievalGapError(f"row {row} of the clique does not conflict with all others")
    served = found.merged[found.colours]
    wrong = np.flatnonzero(((served != rows) & (rows != 0)).any(axis=1))
    if len(wrong):
        raise RetrievalGapError(f"row {wrong[0]} is not answered rightly by the state of its class")
