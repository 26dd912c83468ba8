"""What a construction assumes: of two flags or two integers, and of gadgets of its author's own.

An assumption is that some values are never negative. It is checked at every position of every exact run, and the error
names the line that made it; claims list it as *assumed*. What the contracts prove then holds of the inputs on which
the assumptions hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from constructions.wiring import _gates, _heads
from constructions.wiring._board import Board
from constructions.wiring._operands import ends, flags, pairs
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused, users_line
from constructions.wiring._value import FLAG, Operand, Range, Value, own, require_integer


@dataclass(frozen=True)
class Assumption:
    """That these values are never negative: in words, and the line of the user's code that says so."""

    statement: str
    line: str
    values: tuple[Value, ...]


@recording("assume_exclusive", "assume_at_most", "gadget", "scored")
class Assuming:
    """What a wiring offers to assume, and to build of one's own."""

    def assume_exclusive(self: Board, *conditions: Operand, name: str) -> Value:
        """The sum of flags of which at most one is 1 at any position: a flag, too.

        That it is so is assumed, and checked at every position that is read.
        """
        owned = flags(self.domain, conditions, f"{self.name}: {name!r}")
        for flag in owned:
            if not flag.is_flag:
                raise refused(
                    f"{self.name}: {name!r} assumes something of flags, but {flag.label} has range {flag.range}",
                    f"compare it, such as w.equal({flag.label}, 1)",
                )
        total = sum(owned, self.zero)
        words = f"at most one of {', '.join(flag.label for flag in owned)} is 1"
        _assume(self, words, [1 - total])
        return _as_assumed(self, name, total, FLAG, words)

    def assume_at_most(self: Board, u: Operand, v: Operand, *, name: str) -> Value:
        """The integer u, of which it is assumed that it is at most v: its range ends where that of v does.

        That it is so is checked at every position that is read.
        """
        by = f"{self.name}: {name!r}"
        small, large = (own(self.domain, x, by) for x in (u, v))
        for value in (small, large):
            require_integer(value, by)
        high = large.range.high if self.domain.proves(small.range.high - large.range.high) else small.range.high
        words = f"{small.label} is at most {large.label}"
        _assume(self, words, [large - small])
        return _as_assumed(self, name, small, Range(small.range.low, self.domain.maximum(high, small.range.low)), words)

    def gadget(
        self: Board,
        name: str,
        units: Sequence[tuple[Operand, Operand]],
        extent: tuple[Polynomial | int, Polynomial | int],
        *,
        needs: Sequence[tuple[Operand, Operand]] = (),
        guarantees: str,
    ) -> Value:
        """Gated units of one's own, an integer: the sum of max(gate, 0) * value over pairs (gate, value).

        Args:
            name: of the gadget.
            units: pairs of integers.
            extent: the least and the largest integer that it can be. Where that does not follow from the ranges
                of the units, it is assumed, and checked at every position that is read.
            needs: pairs of integers, the first of which must be at most the second; proved from their ranges.
            guarantees: what the gadget computes, in words; listed as *assumed*.

        Raises:
            ContractError: if a need cannot be proved for all n.
        """
        by = f"{self.name}: gadget {name!r}"
        owned = pairs(self.domain, units, by, "pairs (gate, value)")
        wanted = pairs(self.domain, needs, by, "pairs (small, large)")
        for value in (value for pair in owned for value in pair):
            require_integer(value, by)
        low, high = ends(by, extent)
        least, most = _reach(self, owned)
        found = _gates.own_units(
            self,
            name,
            owned,
            Range(low, high),
            guarantees,
            [(u.range.high, v.range.low, f"{u.label} is at most {v.label}") for u, v in wanted],
        )
        if not (self.domain.proves(least - low) and self.domain.proves(high - most)):
            _assume(self, f"{name} lies in {low} .. {high}", [found - low, high - found])
        self.assumed.append(name)
        return found

    def scored(
        self: Board, name: str, score: Sequence[tuple[Operand, Operand]], *, guarantees: str
    ) -> _heads.HeadGadget:
        """A head with a score of one's own: it picks the latest position with the largest sum of query * key.

        Args:
            name: of the head.
            score: pairs (key, query) of integers. Sums of integers that differ do so by 1 at least, and the latest
                of equal ones wins by 1 at least, so the gap is proved.
            guarantees: which position that is, in words; listed as *assumed*.
        """
        owned = pairs(self.domain, score, f"{self.name}: head {name!r}")
        gadget = _heads.largest_score(self, name, owned, guarantees)
        self.assumed.append(name)
        kept: _heads.HeadGadget = self._keep(gadget)
        return kept


def _reach(wiring: Board, units: Sequence[tuple[Value, Value]]) -> tuple[Polynomial, Polynomial]:
    """The range that follows for a sum of gated units from those of gates and values."""
    zero = Polynomial.constant(0)
    low = high = zero
    for gate, value in units:
        opened = wiring.domain.maximum(gate.range.high, zero)
        low = low + wiring.domain.minimum_of(zero, opened * value.range.low)
        high = high + wiring.domain.maximum(zero, opened * value.range.high)
    return low, high


def _assume(wiring: Board, statement: str, values: Sequence[Value]) -> None:
    wiring.assumptions.append(Assumption(statement, users_line(), tuple(values)))


def _as_assumed(wiring: Board, name: str, value: Value, extent: Range, words: str) -> Value:
    """The value as a coordinate with the range that is assumed."""
    start = value.start
    found = _gates.own_units(wiring, name, [(wiring.one, value)], extent, f"{value.label}, where {words}", [])
    (coordinate,) = found.terms
    coordinate.start = start
    return found
