"""Gadgets that become gated units: each unit computes max(gate, 0) * value."""

from collections.abc import Sequence
from dataclasses import dataclass

from constructions.wiring._board import Board
from constructions.wiring._contract import Contract, at_most
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._refusal import refused
from constructions.wiring._value import FLAG, Coordinate, Range, Value, require_flag, require_integer


@dataclass(frozen=True)
class Unit:
    """A gated unit, and by what factor its product is added to the gadget's coordinate."""

    name: str
    gate: Value
    value: Value
    factor: int


@dataclass(eq=False)
class GateGadget:
    """Gated units that together write one coordinate.

    ``arguments`` are what the gadget was made of, which its units alone do not tell.
    """

    name: str
    gadget: str
    units: tuple[Unit, ...]
    contract: Contract
    outputs: list[Coordinate]
    arguments: tuple[object, ...]

    @property
    def inputs(self) -> list[Value]:
        """Everything that must be there before the units can work."""
        return [value for unit in self.units for value in (unit.gate, unit.value)]


def _gate(
    wiring: Board,
    coordinate: Coordinate,
    gadget: str,
    arguments: tuple[object, ...],
    units: Sequence[tuple[Value, Value, int]],
    guarantees: str,
    needs: Sequence[tuple[Polynomial, Polynomial, str]] = (),
) -> Value:
    domain, name = wiring.domain, coordinate.name
    made = tuple(Unit(f"{name}.{k}", gate, value, factor) for k, (gate, value, factor) in enumerate(units, 1))
    # A fraction's numerator is bounded by its magnitude times its denominator.
    products = [
        domain.upper(u.gate.magnitude * u.value.magnitude)
        * (u.gate.range.denominator * u.value.range.denominator * abs(u.factor))
        for u in made
    ]
    contract = Contract(
        name,
        gadget,
        tuple(at_most(small, large, what) for small, large, what in needs),
        guarantees,
        None,
        sum(products, Polynomial.constant(0)),
    )
    wiring._keep(GateGadget(name, gadget, made, contract, [coordinate], arguments))
    return wiring.value_of(coordinate)


def _constant(value: Polynomial | None) -> int | None:
    return None if value is None else value.as_constant


def _start_of(known: int | None) -> Polynomial | None:
    return None if known is None else Polynomial.constant(known)


def equal(wiring: Board, u: Value, v: Value, name: str | None = None) -> Value:
    """1 if u = v, else 0, for integers: with d = u - v it is max(d+1, 0) - 2 max(d, 0) + max(d-1, 0).

    At d = 0 that is 1; for d >= 1 it is (d+1) - 2d + (d-1) = 0; for d <= -1 every term is 0.
    """
    difference = u - v
    require_integer(difference, "equal")
    name = name or f"[{u.label} = {v.label}]"
    start = _constant(difference.start)
    one = wiring.one
    return _gate(
        wiring,
        Coordinate(name, FLAG, _start_of(None if start is None else int(start == 0))),
        "equality",
        (difference,),
        [(difference + 1, one, 1), (difference, one, -2), (difference - 1, one, 1)],
        f"1 exactly if {difference.label} = 0",
    )


def at_least(wiring: Board, u: Value, v: Value, name: str | None = None) -> Value:
    """1 if u >= v, else 0, for integers: with d = u - v it is max(d+1, 0) - max(d, 0)."""
    difference = u - v
    require_integer(difference, "at least")
    name = name or f"[{u.label} >= {v.label}]"
    start = _constant(difference.start)
    return _gate(
        wiring,
        Coordinate(name, FLAG, _start_of(None if start is None else int(start >= 0))),
        "threshold",
        (difference,),
        [(difference + 1, wiring.one, 1), (difference, wiring.one, -1)],
        f"1 exactly if {difference.label} >= 0",
    )


def both(wiring: Board, flags: Sequence[Value], name: str | None = None) -> Value:
    """1 if all flags are 1: max(sum - (k - 1), 0) for k flags, since the sum is an integer up to k."""
    if not flags:
        raise refused("w.both and w.either combine flags, but were given none", "give at least one flag")
    for flag in flags:
        require_flag(flag, "and")
    name = name or "(" + " and ".join(flag.label for flag in flags) + ")"
    total = sum(flags, wiring.zero) - (len(flags) - 1)
    start = _constant(total.start)
    return _gate(
        wiring,
        Coordinate(name, FLAG, _start_of(None if start is None else max(start, 0))),
        "and",
        (tuple(flags),),
        [(total, wiring.one, 1)],
        f"1 exactly if all of {', '.join(flag.label for flag in flags)} are 1",
    )


def product(wiring: Board, factor: Value, value: Value, name: str | None = None) -> Value:
    """factor * value for a factor that is never negative: one gated unit."""
    domain, extent = wiring.domain, value.range
    low, high = factor.range.low, factor.range.high
    zero = Polynomial.constant(0)
    start = factor.start * value.start if factor.start is not None and value.start is not None else None
    return _gate(
        wiring,
        Coordinate(
            name or f"{factor.label} * {value.label}",
            Range(
                domain.minimum_of(high * extent.low, zero),
                domain.maximum(high * extent.high, zero),
                factor.range.denominator * extent.denominator,
            ),
            start,
        ),
        "product",
        (factor, value),
        [(factor, value, 1)],
        f"the product of {factor.label} and {value.label}",
        [(zero, low, f"the factor {factor.label} is never negative")],
    )


def total(wiring: Board, number: Value, mean: Value, value: Value, name: str) -> Value:
    """The sum of c values whose mean with a first one is known: (c + 1) mean - first, an integer.

    ``number`` is c + 1, which lies between 1 and T + 1; ``value`` is what the mean is of.
    """
    domain, zero, extent = wiring.domain, Polynomial.constant(0), value.range
    units = [(number, mean, 1)]
    if value.start:
        units.append((wiring.one, wiring.constant(value.start), -1))
    low, high = (end * wiring.context for end in (extent.low, extent.high))
    return _gate(
        wiring,
        Coordinate(name, Range(domain.minimum_of(low, zero), domain.maximum(high, zero)), zero),
        "total",
        (number, mean),
        units,
        f"the sum of {value.label} over the records that are averaged, the first token not among them",
        [(zero, number.range.low, f"the number {number.label} is never negative")],
    )


def clamp(wiring: Board, value: Value, low: Polynomial, high: Polynomial, name: str) -> Value:
    """The value moved into low .. high: low + max(v - low, 0) - max(v - high, 0), the last only where needed."""
    require_integer(value, "clamp")
    domain = wiring.domain
    units = [(value - low, wiring.one, 1)]
    if low:
        units.append((wiring.one, wiring.constant(low), 1))
    bounded_above = not domain.proves(high - value.range.high)
    if bounded_above:
        units.append((value - high, wiring.one, -1))
    known = value.start
    start = None
    if known is not None:
        start = low if domain.proves(low - known) else known if domain.proves(high - known) else None
    return _gate(
        wiring,
        Coordinate(name, Range(low, domain.maximum(high, low)), start),
        "clamp",
        (value, wiring.constant(low), wiring.constant(high) if bounded_above else None),
        units,
        f"{value.label}, moved into {low} .. {high}",
        [(low, high, f"{name} has a value to take")],
    )


def beyond(wiring: Board, value: Value, low: Polynomial, high: Polynomial, name: str) -> Value:
    """1 outside of low .. high: max(v - high, 0) + max(low - v, 0), for v in low - 1 .. high + 1."""
    require_integer(value, "beyond")
    return _gate(
        wiring,
        Coordinate(name, FLAG, None),
        "out of range",
        (value, wiring.constant(low), wiring.constant(high)),
        [(value - high, wiring.one, 1), (low - value, wiring.one, 1)],
        f"1 exactly if {value.label} is outside of {low} .. {high}",
        [
            (low, high, f"{name} has a range"),
            (low - 1, value.range.low, f"{value.label} is at most 1 below"),
            (value.range.high, high + 1, f"{value.label} is at most 1 above"),
        ],
    )


def square(wiring: Board, value: Value) -> Value:
    """The square of an integer: max(v, 0) v + max(-v, 0) (-v)."""
    require_integer(value, "square")
    bound = wiring.domain.maximum(value.range.high, -value.range.low)
    start = None if value.start is None else value.start * value.start
    return _gate(
        wiring,
        Coordinate(f"({value.label})^2", Range(Polynomial.constant(0), bound * bound), start),
        "square",
        (value,),
        [(value, value, 1), (-value, -value, 1)],
        f"the square of {value.label}",
    )


def cases(wiring: Board, alternatives: Sequence[tuple[Value, Value]], otherwise: Value | None, name: str) -> Value:
    """The value of the first alternative whose flag is 1; ``otherwise``, or 0, if no flag is.

    Unit k has the gate f_k minus the sum of the earlier flags: 1 if f_k is the first flag that is 1,
    else at most 0. The last gate is 1 minus the sum of all. So at most one unit is open.
    """
    units, before = [], wiring.zero
    if alternatives and otherwise is not None and not otherwise.terms and not otherwise.constant:
        otherwise = None  # a unit that would add 0
    for flag, value in alternatives:
        require_flag(flag, f"case of {name!r}")
        units.append((flag - before, value, 1))
        before = before + flag
    if otherwise is not None:
        units.append((1 - before, otherwise, 1))
    domain, zero = wiring.domain, Polynomial.constant(0)
    extents = [value.range for _, value, _ in units]
    whole = Range(
        domain.minimum_of(*(e.low for e in extents), *([zero] if otherwise is None else [])),
        domain.maximum(*(e.high for e in extents), *([zero] if otherwise is None else [])),
        domain.maximum(*(e.denominator for e in extents)),
    )

    def squared() -> Value:
        squares = [(flag, wiring.square(value)) for flag, value in alternatives]
        return cases(wiring, squares, None if otherwise is None else wiring.square(otherwise), f"{name}^2")

    words = ", else ".join(f"{value.label} if {flag.label}" for flag, value in alternatives)
    return _gate(
        wiring,
        Coordinate(name, whole, _start_of_cases(units), squared if whole.integer else None),
        "cases",
        (tuple(alternatives), wiring.zero if otherwise is None else otherwise),
        units,
        f"{words}, else {0 if otherwise is None else otherwise.label}",
    )


def own_units(
    wiring: Board,
    name: str,
    units: Sequence[tuple[Value, Value]],
    extent: Range,
    guarantees: str,
    needs: Sequence[tuple[Polynomial, Polynomial, str]],
) -> Value:
    """A sum of gated units whose range is somebody else's word."""
    needs = [*needs, (extent.low, extent.high, f"{name} has a value to take")]
    weighed = [(gate, value, 1) for gate, value in units]
    return _gate(wiring, Coordinate(name, extent, None), "own units", (tuple(units),), weighed, guarantees, needs)


def one_of(wiring: Board, alternatives: Sequence[tuple[Value, Value]], name: str) -> Value:
    """The value whose gate is 1, or 0; every gate is an integer up to 1, and at most one is positive.

    That at most one is positive is for the caller to show: no contract says it.
    """
    domain, zero = wiring.domain, Polynomial.constant(0)
    extents = [value.range for _, value in alternatives]
    for gate, value in alternatives:
        require_integer(gate, f"a gate of {name!r}")
        require_integer(value, f"an alternative of {name!r}")
    return _gate(
        wiring,
        Coordinate(
            name,
            Range(
                domain.minimum_of(zero, *(extent.low for extent in extents)),
                domain.maximum(zero, *(extent.high for extent in extents)),
            ),
            None,
        ),
        "one of several",
        (tuple(alternatives),),
        [(gate, value, 1) for gate, value in alternatives],
        "the value of the one rule that fires, 0 if none does",
        [(gate.range.high, Polynomial.constant(1), f"the gate {gate.label} is at most 1") for gate, _ in alternatives],
    )


def _start_of_cases(units: Sequence[tuple[Value, Value, int]]) -> Polynomial | None:
    for gate, value, _ in units:
        opened = _constant(gate.start)
        if opened is None:
            return None
        if opened > 0:
            return value.start
    return Polynomial.constant(0)
