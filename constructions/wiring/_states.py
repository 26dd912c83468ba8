"""States that move by a matrix which the input selects: s_t = A_t s_{t-1} + x_t, in any layer.

A_t is the identity plus, for each way of moving whose flag is 1, the difference of its matrix from the identity. So
tokens that none of the flags mean leave the state alone, and flags of tokens, of which one at most is 1, choose a
matrix. The flags may be features of the token, as in a linear RNN whose transition the token selects, or computed by
earlier layers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from numbers import Integral

from constructions.architectures import groups_of, largest_states, norm_of, possible
from constructions.wiring._board import Board
from constructions.wiring._contract import Contract, Inequality, at_most
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._refusal import refused, shown
from constructions.wiring._value import Coordinate, Operand, Range, Value, own, require_flag, require_integer

Square = tuple[tuple[int, ...], ...]

MOST_STATES = 4096
"""So many states are listed one by one, to see that there are no others; with more, norms have to do."""

_ZERO = Polynomial.constant(0)


@dataclass(frozen=True)
class StateUnit:
    """A gated unit of a state: ``flag * cells[selected]`` is added to the cells, times ``change``."""

    name: str
    flag: Value
    selected: int
    change: tuple[tuple[int, int], ...]


@dataclass(eq=False)
class StateGadget:
    """Cells of a recurrence, one after the other: what they read, and the units that move them."""

    name: str
    gadget: str
    reads: tuple[Value, ...]
    units: tuple[StateUnit, ...]
    contract: Contract
    outputs: list[Coordinate]

    @property
    def inputs(self) -> list[Value]:
        """Everything that must be there before the cells can be moved."""
        return [*self.reads, *(unit.flag for unit in self.units)]


def state(
    wiring: Board,
    name: str,
    init: Sequence[int],
    transition: Mapping[str | Value, Sequence[Sequence[int]]],
    reads: Sequence[Operand],
    labels: Sequence[str],
) -> StateGadget:
    """The cells ``labels`` that begin as ``init`` and move by the matrices of ``transition``."""
    by = f"{wiring.name}: state {name!r}"
    if not wiring.recurrent:
        raise refused(f"{by} needs a recurrence", "build a linear RNN or a hybrid, with recurrent=True")
    begin = _integers(by, init, "init=", None)
    if not begin:
        raise refused(f"{by} has no cells", "give init= at least one integer")
    keys = [wiring.is_token(key) if isinstance(key, str) else own(wiring.domain, key, by) for key in transition]
    matrices = [square(by, matrix, len(begin)) for matrix in transition.values()]
    for key in keys:
        require_flag(key, f"what selects a transition of {name!r}")
    if not isinstance(reads, list | tuple):
        raise refused(f"{by}: reads= was given {shown(reads)}", "give reads= a list with a value for each cell")
    owned = [own(wiring.domain, value, by) for value in reads]
    if len(owned) != len(begin):
        raise refused(f"{by} reads {len(owned)} values, but has {len(begin)} cells", "give reads= a value per cell")
    for value in owned:
        require_integer(value, f"state {name!r}")
    return _Maker(wiring, name, begin, keys, matrices, owned, labels).gadget()


def _integers(by: str, given: object, what: str, length: int | None) -> tuple[int, ...]:
    numbers = tuple(given) if isinstance(given, list | tuple) else None
    wrong = numbers is None or not all(isinstance(entry, Integral) for entry in numbers)
    if numbers is None or wrong or length not in (None, len(numbers)):
        expected = "integers" if length is None else f"{length} integers, one per cell"
        raise refused(f"{by}: {what} was given {shown(given)}, expected {expected}", "give a list, such as [1, 0]")
    return tuple(map(int, numbers))


def square(by: str, given: object, size: int, what: str = "transition=") -> Square:
    """A matrix with so many rows and columns of integers; ``by`` and ``what`` say who was given it, and as what."""
    rows = tuple(given) if isinstance(given, list | tuple) else ()
    if len(rows) != size:
        raise refused(
            f"{by}: a matrix of {what} is {shown(given)}, expected {size} rows, one per cell",
            "give a list of rows, such as [[0, 1], [1, 0]]",
        )
    return tuple(_integers(by, row, f"a row of {what}", size) for row in rows)


class _Maker:
    """One state, while its bounds are found."""

    def __init__(
        self,
        wiring: Board,
        name: str,
        begin: tuple[int, ...],
        keys: Sequence[Value],
        matrices: Sequence[Square],
        reads: Sequence[Value],
        labels: Sequence[str],
    ) -> None:
        self.wiring, self.name, self.begin, self.keys, self.matrices = wiring, name, begin, keys, matrices
        self.reads, self.labels, self.cells = reads, labels, range(len(begin))
        self.identity = {(i, i): 1 for i in self.cells}
        self.deltas = [
            {(i, j): m[i][j] - int(i == j) for i in self.cells for j in self.cells if m[i][j] != int(i == j)}
            for m in matrices
        ]

    def gadget(self) -> StateGadget:
        """The cells with their ranges, and the contract that says why."""
        first = self._first()
        ranges, needs, why = self._listed(first) or self._bounded(first)
        one = self.wiring.start
        reads = tuple(value + one * at for value, at in zip(self.reads, first, strict=True))
        cells = []
        for label, extent, at, value in zip(self.labels, ranges, first, self.reads, strict=True):
            cells.append(Coordinate(label, extent, None if value.start is None else value.start + at))
        largest = [self.wiring.domain.maximum(extent.high, -extent.low) for extent in ranges]
        magnitude = sum((value.magnitude for value in reads), sum(largest, _ZERO))
        for delta in self.deltas:
            magnitude = sum((abs(weight) * largest[j] for (_, j), weight in delta.items()), magnitude)
        text = f"the state moves by the matrix of the token, or of what was computed; {why}"
        contract = Contract(self.name, "state", needs, text, None, self.wiring.domain.upper(magnitude))
        return StateGadget(self.name, "state", reads, tuple(self._units()), contract, cells)

    def _units(self) -> Iterator[StateUnit]:
        """A unit for each key and each cell that its matrix moves elsewhere."""
        for place, (key, delta) in enumerate(zip(self.keys, self.deltas, strict=True), 1):
            for j in sorted({j for _, j in delta}):
                change = tuple((i, weight) for (i, column), weight in delta.items() if column == j)
                yield StateUnit(f"{self.name}.{place}.{self.labels[j]}", key, j, change)

    def _first(self) -> list[int]:
        """What the first token makes of ``init``, without what it reads."""
        moved = dict(self.identity)
        for key, delta in zip(self.keys, self.deltas, strict=True):
            gate = None if key.start is None else key.start.as_constant
            if gate is None:
                raise refused(
                    f"{self.wiring.name}: state {self.name!r} is moved by {key.label}, whose value at the first token "
                    "is not known, so neither is the state there",
                    "take w.both(flag, ~w.start), which is 0 there",
                )
            for at, weight in delta.items():
                moved[at] = moved.get(at, 0) + gate * weight
        return [sum(moved.get((i, j), 0) * self.begin[j] for j in self.cells) for i in self.cells]

    def _classes(self, values: Sequence[Value]) -> list[tuple[int, ...]] | None:
        """The values together for each kind of token, if they are features that are the same for all numbers."""
        features, found = self.wiring.features, dict[tuple[int, ...], None]()
        for token in (*self.wiring.specials, None):
            row = []
            for value in values:
                total = value.constant
                for coordinate, weight in value.terms.items():
                    feature = features.get(coordinate)
                    if feature is None or any(feature.position) or any(feature.number[1:]):
                        return None
                    here = feature.number[0] if token is None else dict(feature.specials).get(token, _ZERO)
                    total = total + weight * here
                if total.as_constant is None:
                    return None
                row.append(total.as_constant)
            found[tuple(row)] = None
        return list(found)

    def _listed(self, first: Sequence[int]) -> tuple[list[Range], tuple[Inequality, ...], str] | None:
        """Ranges from all states that any tokens can reach, if what moves them are features and they are few."""
        kinds = self._classes([*self.keys, *self.reads])
        if kinds is None:
            return None
        moves = []
        for kind in kinds:
            gates, added = kind[: len(self.keys)], kind[len(self.keys) :]
            found = possible(self.identity, self.deltas, [gates], (), len(self.cells)) or []
            rows = [[(j, int(weight)) for j, weight in enumerate(row) if weight] for row in found[0]]
            moves.append(list(zip(rows, added, strict=True)))
        starts = self._classes([self.wiring.start, *self.reads]) or []
        new = {tuple(a + b for a, b in zip(first, row[1:], strict=True)) for row in starts if row[0]}
        reached = set(new)
        while new and len(reached) <= MOST_STATES:
            new = {
                tuple(sum(weight * before[j] for j, weight in row) + added for row, added in move)
                for before, move in product(new, moves)
            } - reached
            reached |= new
        if new:
            return None
        ends = [(min(s[i] for s in reached), max(s[i] for s in reached)) for i in self.cells]
        ranges = [Range(Polynomial.constant(low), Polynomial.constant(high)) for low, high in ends]
        needs = [
            at_most(end, other, f"{label} begins in its range")
            for label, (low, high), at in zip(self.labels, ends, first, strict=True)
            for end, other in ((low, at), (at, high))
        ]
        return ranges, tuple(needs), f"whatever the tokens, it is one of {len(reached)} states"

    def _bounded(self, first: Sequence[int]) -> tuple[list[Range], tuple[Inequality, ...], str]:
        """Ranges from norms, for any number of positions."""
        domain = self.wiring.domain
        known = [key for key in range(len(self.keys)) if self._classes([self.keys[key]]) is not None]
        free = [key for key in range(len(self.keys)) if key not in known]
        order = [self.deltas[key] for key in (*known, *free)]
        kinds = self._classes([self.keys[key] for key in known]) or []
        moves = possible(self.identity, order, kinds, [1] * len(free), len(self.cells))
        if moves is None:
            raise refused(
                f"{self.wiring.name}: state {self.name!r} has too many flags that are computed to look at each of "
                "their combinations",
                "use flags of tokens, or states of their own for what moves apart",
            )
        added = [domain.maximum(value.range.high, -value.range.low) for value in self.reads]
        begin = [Polynomial.constant(abs(at)) for at in first]
        held = largest_states(moves, added, begin, self.wiring.context + 1)
        most = [[max(abs(int(m[i][j])) for m in moves) for j in self.cells] for i in self.cells]
        needs = []
        for group in groups_of(most):
            cells = ", ".join(self.labels[i] for i in group)
            norm = norm_of(moves, group)
            if len(group) > 1 or most[group[0]][group[0]]:
                if norm > 1:
                    raise refused(
                        f"{self.wiring.name}: state {self.name!r} may grow exponentially: of some transition between "
                        f"the cells {cells}, magnitudes in a row and in a column add up to {norm} or more",
                        "use matrices whose rows, or whose columns, have magnitudes that add up to at most 1 (a "
                        "permutation, a sign, a reset), or let cells that grow read others without a circle",
                    )
                needs.append(at_most(int(norm), 1, f"magnitudes in rows or columns of {cells} add up"))
        negative = any(at < 0 for at in first) or any(
            m[i][j] < 0 for m in moves for i in self.cells for j in self.cells
        )
        low = not negative and all(domain.proves(value.range.low) for value in self.reads)
        ranges = [Range(_ZERO if low else -size, size) for size in held]
        return ranges, tuple(needs), "it grows by no more than what is read"
