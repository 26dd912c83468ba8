"""How large the state of a recurrence can get whose transition is one of several matrices.

s_t = M_t s_{t-1} + x_t, where M_t is any of some matrices, is bounded for every number of positions as follows. Cells
that read each other in a circle form a group; groups are taken in the order in which they read each other. If all
matrices, cut down to a group, have sums of magnitudes of at most 1 along their rows, then the largest magnitude in the
group grows by no more than what is added from outside; if they have such sums along their columns, the sum of the
magnitudes does. So after T positions no cell of the group exceeds what it began with plus T times all that is added
to the group at once. Permutations, signs, resets, automata and counters are of that kind. A group that is not may
grow exponentially, and has no bound here.

The matrices are I + g_1 D_1 + .. + g_k D_k, say, with a gate g for each way of moving. What a norm is at most for gates
within a box it is in one of the box's corners, since norms are convex.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from constructions.architectures._bounding import Size
from constructions.architectures._model import Model, Selective, outputs_of

Square = tuple[tuple[int, ...], ...]
"""A square matrix, row by row."""

Delta = Mapping[tuple[int, int], int]
"""What a gate of 1 adds to a matrix, by row and column."""

MOST_MATRICES = 4096
"""So many different transitions are looked at one by one."""


def possible(
    base: Delta, deltas: Sequence[Delta], known: Iterable[Sequence[int]], free: Sequence[int], cells: int
) -> list[Square] | None:
    """All matrices ``base`` + sum of gate * delta; None if there are too many.

    Args:
        base: the matrix where every gate is 0.
        deltas: one for each gate: those of ``known`` come first, then those of ``free``.
        known: the vectors of gates that occur together.
        free: for each further gate the most that it can be; only 0 and that are looked at, since norms are convex.
        cells: the number of rows.
    """
    if len(free) > MOST_MATRICES.bit_length():
        return None
    found: dict[Square, None] = {}
    for gates in {tuple(vector): None for vector in known}:
        for more in product(*((0, top) if top else (0,) for top in free)):
            entries = dict(base)
            for gate, delta in zip((*gates, *more), deltas, strict=True):
                for place, weight in delta.items() if gate else ():
                    entries[place] = entries.get(place, 0) + gate * weight
            found[tuple(tuple(entries.get((i, j), 0) for j in range(cells)) for i in range(cells))] = None
            if len(found) > MOST_MATRICES:
                return None
    return list(found)


def moves_of(model: Model, number: int, tops: Sequence[int]) -> list[Square] | None:
    """The transitions that a selective layer of integers can have, for any tokens; None if there are too many.

    Gates that read the embedding alone, and no position, are known for each token. For others ``tops`` bound the gate
    of each unit.
    """
    layer, table = model.layers[number], model.token_table
    assert isinstance(layer, Selective)  # noqa: S101  (of others the transition is given)
    parts = (layer.transition, layer.selector, layer.selected, layer.change, table)
    if any(matrix.denominator != 1 for matrix in parts):
        return None
    touched = {row for row, _, _ in model.embedding.position.entries()}
    touched |= {row for before in model.layers[:number] for m in outputs_of(before) for row, _, _ in m.entries()}
    rows = layer.selector.sparse_rows
    first = {row: unit for unit, row in reversed(list(enumerate(rows)))}  # units of one selector move together
    known = [row for row in first if not any(column in touched for column, _ in row)]
    free = [row for row in first if row not in known]
    columns = {column: table.numerators[:, column].tolist() for row in known for column, _ in row}
    gates = [[max(0, sum(columns[c][t] * w for c, w in row)) for t in range(table.shape[0])] for row in known]
    deltas = [_delta(layer, [unit for unit, other in enumerate(rows) if other == row]) for row in (*known, *free)]
    vectors = zip(*gates, strict=True) if gates else [()]
    base = {(i, j): weight for i, row in enumerate(layer.transition.sparse_rows) for j, weight in row}
    return possible(base, deltas, vectors, [tops[first[row]] for row in free], len(layer.state))


def _delta(layer: Selective, units: Sequence[int]) -> Delta:
    delta: dict[tuple[int, int], int] = {}
    for cell, row in enumerate(layer.change.sparse_rows):
        for unit, weight in row:
            for other, factor in layer.selected.sparse_rows[unit] if unit in units else ():
                delta[cell, other] = delta.get((cell, other), 0) + weight * factor
    return delta


def largest_states(
    moves: Sequence[Square], inputs: Sequence[Size], begin: Sequence[Size], positions: Size
) -> list[Any]:
    """A bound of each cell at any position, None for cells that may grow exponentially.

    Args:
        moves: the matrices by which the state may move.
        inputs: what a position adds at most to each cell.
        begin: what each cell holds at most before the first position.
        positions: how many there are at most.
    """
    cells = range(len(inputs))
    most = [[max((abs(m[i][j]) for m in moves), default=0) for j in cells] for i in cells]
    held: dict[int, Any] = {}
    for group in groups_of(most):
        others = [(i, j) for i in group for j in cells if j not in group and most[i][j]]
        circular = len(group) > 1 or bool(most[group[0]][group[0]])
        if any(held[j] is None for _, j in others) or (circular and norm_of(moves, group) > 1):
            held.update(dict.fromkeys(group))
            continue
        added = [sum((most[i][j] * held[j] for k, j in others if k == i), inputs[i]) for i in group]
        total = sum(added[1:], added[0]) * (positions if circular else 1)
        held.update(dict.fromkeys(group, sum((begin[i] for i in group), total)))
    return [held[cell] for cell in cells]


def groups_of(most: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The cells that read each other in circles, together; each group after all that it reads."""
    cells = range(len(most))
    reach = [sum(1 << j for j in cells if j == i or row[j]) for i, row in enumerate(most)]
    for middle in cells:
        for i in cells:
            if reach[i] >> middle & 1:
                reach[i] |= reach[middle]
    for cell in sorted(cells, key=lambda i: reach[i].bit_count()):
        group = [i for i in cells if reach[i] == reach[cell]]
        if group[0] == cell:
            yield group


def norm_of(moves: Sequence[Square], group: Sequence[int]) -> int:
    """The smaller of the largest sums of magnitudes along rows, and along columns, of the matrices within a group."""
    rows = max((sum(abs(m[i][j]) for j in group) for m in moves for i in group), default=0)
    columns = max((sum(abs(m[i][j]) for i in group) for m in moves for j in group), default=0)
    return min(rows, columns)
