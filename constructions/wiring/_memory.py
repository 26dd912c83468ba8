"""The memory of a linear RNN: windows over the last tokens, and counters, as one linear recurrence.

The state follows s_t = A s_{t-1} + B x_t with fixed A and B, and x_t depends on the token at t alone. So
a cell can hold what stood d positions back (a shift register), or how often something was read
(a running sum), and nothing that depends on the context in another way: what is to be counted needs a
token of its own.
"""

from dataclasses import dataclass, field

from constructions.wiring._board import Board
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused, shown
from constructions.wiring._value import Coordinate, Range, Value

_ZERO = Polynomial.constant(0)


@dataclass(eq=False)
class Cell:
    """One coordinate of the state: ``s_t = sum of before * s_{t-1} + reads(x_t)``.

    ``coordinate`` is where the state appears in the residual stream; a cell that only feeds others is not
    ``written`` there.
    """

    coordinate: Coordinate
    reads: Value
    before: "dict[Cell, int]" = field(default_factory=dict)
    written: bool = False


@recording("back", "count", "tokens_read", "derived")
class Memory:
    """The cells that a construction has asked for so far."""

    def __init__(self, wiring: Board) -> None:
        self._wiring, self.record = wiring, wiring.record
        self.cells: list[Cell] = []
        self._known: dict[tuple[object, ...], Cell] = {}
        self._chains: dict[tuple[object, ...], list[Cell]] = {}
        self._derived: dict[str, Value] = {}

    @property
    def coordinates(self) -> list[Coordinate]:
        """The coordinates that the recurrence writes into the residual stream."""
        return [cell.coordinate for cell in self.cells if cell.written]

    def is_token(self, distance: int, special: str | None) -> Value:
        """1 if that special token (None: some number) stands ``distance`` positions back.

        Before the first token the window holds zeros, which are taken for the number 0.
        """
        wiring = self._wiring
        if distance == 0:
            return wiring.is_number if special is None else wiring.is_token(special)
        name = f"is {special or 'number'} {distance} back"  # "2 back.is x" is the cell that holds the flag itself
        if name not in self._derived:
            code = self.back(distance, wiring.code)
            if special is None:
                return self.derived(name, wiring.at_least(code, wiring.constant(wiring.least_number), name))
            return self.derived(name, wiring.equal(code, wiring.constant(wiring.code_of(special)), name))
        return self._derived[name]

    def derived(self, name: str, value: Value) -> Value:
        """What was computed from the window is kept under this name, and not computed again."""
        self._derived[name] = value
        return value

    def number(self, distance: int, plus: int = 0) -> Value:
        """The number ``distance`` positions back plus a constant, moved into the vocabulary.

        For a special token it is the least number; before the first token stands 0.
        """
        wiring = self._wiring
        name = f"{distance} back.number" + (f" {'+' if plus > 0 else '-'} {abs(plus)}" if plus else "")
        if name not in self._derived:
            low, high = wiring.numbers
            return self.derived(name, wiring.clamp(self.back(distance, wiring.code) + plus, low, high, name))
        return self._derived[name]

    def back(self, distance: int, value: Value) -> Value:
        """``value`` as it stood ``distance`` positions back, 0 where nothing was read yet."""
        self._require_recurrence(f"{value.label} {distance} positions back")
        given: object = distance
        if not isinstance(given, int) or given < 0:
            raise refused(
                f"{self._wiring.name}: {value.label} {shown(given)} positions back lies in the future, or nowhere",
                "give a distance of 0, 1, 2, ..",
            )
        if distance == 0:
            return value
        return self._shown(self._held(distance, value))

    def _held(self, distance: int, value: Value) -> Cell:
        """The cell that holds ``value`` as it stood so far back, at the end of a chain of such cells."""
        identity = (value.constant, *sorted((c.name, str(k)) for c, k in value.terms.items()))
        chain = self._chains.setdefault(identity, [])
        if not chain:
            self._require_features(f"now.{value.label}", value)
            low, high = value.range.low, value.range.high
            domain = self._wiring.domain
            extent = Range(domain.minimum_of(low, _ZERO), domain.maximum(high, _ZERO))
            chain.append(Cell(Coordinate(f"now.{value.label}", extent, value.start), value))
            self.cells.append(chain[0])
        extent, label, zero = chain[0].coordinate.range, value.label, self._wiring.zero
        for back in range(len(chain), distance + 1):
            chain.append(Cell(Coordinate(f"{back} back.{label}", extent, _ZERO), zero, {chain[-1]: 1}))
            self.cells.append(chain[-1])
        return chain[distance]

    def count(self, value: Value) -> Value:
        """The sum of a non-negative feature over all positions so far, this one included."""
        self._require_recurrence(f"the count of {value.label}")
        domain, extent = self._wiring.domain, value.range
        if not domain.proves(extent.low):
            raise refused(
                f"{self._wiring.name}: a counter counts what is never negative, but {value.label} has range {extent}",
                "count a flag, such as w.is_token(..), or what exceeds the least number",
            )
        bound = extent.high * (self._wiring.context + 1)
        cell = self._cell(f"#{value.label}", ("count",), value, Range(_ZERO, bound), value.start)
        cell.before = {cell: 1}
        return self._shown(cell)

    def tokens_read(self) -> Value:
        """How many tokens were read, this one included; its square is carried: (t + 1)^2 = t^2 + 2 t + 1."""
        wiring, one = self._wiring, Polynomial.constant(1)
        bound = wiring.context + 1
        number = self._cell("#tokens", ("tokens", 1), wiring.one, Range(one, bound), one)
        number.before = {number: 1}

        def square() -> Value:
            cell = self._cell("#tokens^2", ("tokens", 2), wiring.one, Range(one, bound * bound), one)
            cell.before = {cell: 1, number: 2}
            return self._shown(cell)

        number.coordinate.square = square
        return self._shown(number)

    def _cell(self, name: str, kind: tuple[object, ...], value: Value, extent: Range, start: Polynomial | None) -> Cell:
        self._require_features(name, value)
        identity = (*kind, value.constant, *sorted((c.name, str(k)) for c, k in value.terms.items()))
        if identity not in self._known:
            self._known[identity] = Cell(Coordinate(name, extent, start), value)
            self.cells.append(self._known[identity])
        return self._known[identity]

    def _require_features(self, name: str, value: Value) -> None:
        other = next((c.name for c in value.terms if c not in self._wiring.features), None)
        if other is not None:
            raise refused(
                f"{self._wiring.name}: {name!r} cannot be remembered: the recurrence is the first layer and reads the "
                f"embedding alone, but {other} is computed later",
                "remember the features that it is computed from, and compute it again from those",
            )

    def _require_recurrence(self, what: str) -> None:
        if not self._wiring.recurrent:
            raise refused(
                f"{self._wiring.name}: {what} needs a recurrence",
                "look back with a head (w.offset), as a Transformer does, or build a linear RNN with recurrent=True",
            )

    def _shown(self, cell: Cell) -> Value:
        cell.written = True
        return self._wiring.value_of(cell.coordinate)
