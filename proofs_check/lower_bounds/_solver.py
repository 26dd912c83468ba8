"""The least number of states under *promise* by a SAT solver, where clique and colouring differ.

Needs python-sat (the extra ``proof``). A machine with S states gives each prefix one of the states, and each
state one answer to each query; it is right if the state of every prefix answers its legal queries. The
formula says just that, so a solution is a machine, and is checked as one; that there is none is the
solver's word, unless a clique says so too.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from constructions.errors import InputError
from proofs_check.lower_bounds._conflicts import Classes, check_classes, conflicts_with, least_classes
from proofs_check.lower_bounds._counts import table_of
from proofs_check.lower_bounds._scope import Scope

Table = npt.NDArray[Any]


def machine_with(rows: Table, states: int) -> Classes | None:
    """A machine with so many states that answers all rows (0: undefined), or None if there is none.

    Raises:
        InputError: if python-sat is not installed.
    """
    try:
        from pysat.solvers import Cadical153
    except ImportError as error:
        raise InputError("python-sat is not installed; it comes with the extra 'proof' of this project") from error
    clique = least_classes(rows).clique
    if len(clique) > states:
        return None
    with Cadical153() as solver:
        for clause in _clauses(rows, states, clique):
            solver.add_clause(clause)
        if not solver.solve():
            return None
        true = {literal for literal in solver.get_model() if literal > 0}
    colours = np.array([next(s for s in range(states) if row * states + s + 1 in true) for row in range(len(rows))])
    merged = np.zeros((states, rows.shape[1]), dtype=rows.dtype)
    for row, colour in zip(rows, colours, strict=True):
        merged[colour] = np.maximum(merged[colour], row)
    found = Classes(clique, colours, merged)
    check_classes(rows, found)
    return found


def _clauses(rows: Table, states: int, clique: list[int]) -> list[list[int]]:
    """Variable row * states + s + 1: the prefixes with this row lead to state s."""
    clauses = [[row * states + s + 1 for s in range(states)] for row in range(len(rows))]
    # The members of a clique are in different states; which ones, is a matter of names.
    clauses += [[row * states + s + 1] for s, row in enumerate(clique)]
    for row in range(len(rows)):
        for other in np.flatnonzero(conflicts_with(rows[:row], rows[row])).tolist():
            clauses += [[-(row * states + s + 1), -(other * states + s + 1)] for s in range(states)]
    return clauses


def least_by_solver(scope: Scope) -> int:
    """The exact least number of states under *promise*, by asking for ever fewer.

    Raises:
        InputError: if python-sat is not installed, or the convention is *total*, which needs no solver.
        ResourceError: if there are too many prefixes.
    """
    if scope.convention == "total":
        raise InputError(f"{scope}: under total the number is that of different rows; no solver is needed")
    rows = table_of(scope)
    states = least_classes(rows).upper
    while states > 1 and machine_with(rows, states - 1) is not None:
        states -= 1
    return states
