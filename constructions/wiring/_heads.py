"""Gadgets that become attention heads, each with the argument why it picks what it says.

All are exact for arg max attention, and each states the gap between what it picks and the rest.
Throughout, i is the querying position, j the key's, both counted from 0, and T is the largest
position of the context.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from constructions.wiring import _gates
from constructions.wiring._board import Board
from constructions.wiring._contract import Contract, at_most
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._record import Record, recording
from constructions.wiring._refusal import refused
from constructions.wiring._value import Coordinate, Operand, Range, Value, own, require_integer

_ONE = Polynomial.constant(1)


@dataclass(frozen=True)
class Feature:
    """A named row of the query and key matrices: the score gains query times key."""

    name: str
    query: Value
    key: Value


@recording("read", "hit", "count", "total")
@dataclass(eq=False)
class HeadGadget:
    """A head under construction; ``head[value]`` is ``value`` as it stands at the position picked.

    ``arguments`` are what the gadget was made of: what is compared, what is excluded, the flag of the first position.
    ``everything`` tells an average over all positions; ``excluded`` the flag of what is picked only if all have it.
    """

    wiring: Board
    name: str
    gadget: str
    features: tuple[Feature, ...]
    slope: int
    contract: Contract
    arguments: tuple[object, ...]
    exact_pick: bool = True
    reads: dict[Coordinate, Value] = field(default_factory=dict)
    has_default: bool = False
    everything: bool = False
    excluded: Value | None = None
    _known: dict[tuple[object, ...], Coordinate] = field(default_factory=dict, repr=False)
    _counter: "HeadGadget | None" = field(default=None, repr=False)

    @property
    def record(self) -> Record:
        """The record of the wiring."""
        return self.wiring.record

    @property
    def inputs(self) -> list[Value]:
        """Everything that must be there before the head can work."""
        scored = [value for feature in self.features for value in (feature.query, feature.key)]
        return scored + list(self.reads.values())

    @property
    def outputs(self) -> list[Coordinate]:
        """The coordinates that it writes."""
        return list(self.reads)

    def __getitem__(self, value: Operand) -> Value:
        return self.read(value)

    def read(self, value: Operand, name: str | None = None) -> Value:
        """``value`` at the position picked (its average, for a head that averages)."""
        value = own(self.wiring.domain, value, f"head {self.name!r}")
        identity = (value.constant, *sorted(((c.name, str(k)) for c, k in value.terms.items())))
        if identity not in self._known:
            extent = value.range
            if not self.exact_pick:
                # Fractions of several positions have no common denominator that their range tells.
                require_integer(value, f"what {self.name!r} averages")
                extent = Range(extent.low, extent.high, self.wiring.context + 1)
            coordinate = Coordinate(f"{self.name}.{name or value.label}", extent, value.start)
            if self.exact_pick:  # one position is picked, so the square of what is read is read beside it
                coordinate.square = lambda: self.read(self.wiring.square(value), f"{name or value.label}^2")
            self.reads[coordinate] = value
            self._known[identity] = coordinate
        return self.wiring.value_of(self._known[identity])

    @property
    def hit(self) -> Value:
        """1 if a record matched, 0 if the default, or one that is excluded, was picked."""
        if self.excluded is not None:
            return (1 - self.read(self.excluded)).named(f"{self.name}.hit")
        if not self.has_default:
            raise refused(
                f"head {self.name!r} has no default record, so it cannot tell a hit from a miss",
                "build it with default=True",
            )
        return (1 - self.read(self.wiring.start)).named(f"{self.name}.hit")

    def count(self) -> Value:
        """How many positions after the first match, an integer; of a head that averages.

        The flag of the first token averages to f = 1 / (c + 1), and a second head makes c of it, see :func:`counted`.
        """
        if self.exact_pick:
            raise refused(
                f"head {self.name!r} picks one position, so there is nothing to count",
                "count what w.average(..) matches",
            )
        if self.everything:
            return self.wiring.position
        if self._counter is None:
            self._counter = self.wiring._keep(counted(self.wiring, self.name, self.read(self.wiring.start)))
        found: Value = self._counter.read(self.wiring.position, "value")
        return found

    def total(self, value: Operand, name: str | None = None) -> Value:
        """The sum of an integer over all positions after the first that match, an integer.

        The mean m over c matches and the first token, whose value is v, gives (c + 1) m - v.
        """
        given = own(self.wiring.domain, value, f"head {self.name!r}")
        number = self.count()
        if given.start is None:
            raise refused(
                f"head {self.name!r}: the total of {given.label} leaves the first token out, where it is not known",
                "add up a feature of the token, such as w.is_token(..), or what a head reads of one",
            )
        return _gates.total(
            self.wiring, number + 1, self.read(given), given, name or f"{self.name}.total {given.label}"
        )


def _magnitude(wiring: Board, features: Sequence[Feature], slope: int) -> Polynomial:
    upper = wiring.domain.upper
    products = [upper(f.query.magnitude) * upper(f.key.magnitude) for f in features]
    return sum(products, abs(slope) * wiring.context)


def at_position(wiring: Board, name: str, position: Value) -> HeadGadget:
    """The record at a position that the query names.

    Score 2 p j - j^2 = p^2 - (p - j)^2 for the wanted position p: the key nearest to p wins. If p is
    a position of the context up to i, it has distance 0 and every other at least 1, so the gap is 1.
    Below 0 the first position is picked.
    """
    require_integer(position, f"position look-up {name!r}")
    features = (
        Feature("position", 2 * position, wiring.position),
        Feature("norm", wiring.one, -wiring.square(wiring.position)),
    )
    contract = Contract(
        name,
        "position look-up",
        (
            at_most(
                position.range.high,
                wiring.context,
                f"the position {position.label} lies in the context",
                "look back from w.position, clamp the position with w.clamp, or raise context=",
            ),
        ),
        f"picks position {position.label}, or the nearest that there is yet: position 0 for what is negative",
        _ONE,
        _magnitude(wiring, features, 0),
    )
    return HeadGadget(wiring, name, "position look-up", features, 0, contract, (wiring.position, position))


def latest(
    wiring: Board,
    name: str,
    where: Sequence[tuple[Value, Value]],
    excluding: Value | None,
    default: bool,
) -> HeadGadget:
    """The latest position whose keys equal the queries, in any number of integer coordinates.

    Let d = |q - k|^2 + e, where e >= 0 is what is excluded: an integer, 0 exactly at a match. With
    the recency scale S > T the score is

        S (2 q.k - |k|^2 - e) + j = S |q|^2 - S d + j.

    A smaller d wins by at least S - T >= 1 whatever the positions are, and at equal d the later
    position wins by at least 1. With a default record at the first position, whose keys are 0, the
    key part is doubled,

        2 S |q|^2 - 2 S d + j        against        S (2 |q|^2 - 1)    for the default:

    a match (d = 0) wins against it by at least S, and it wins against a miss (d >= 1) by S - T >= 1.
    """
    scale, factor = wiring.recency_scale, 2 if default else 1
    features, norm = [], wiring.zero
    for key, query in where:
        require_integer(key, f"match {name!r}")
        require_integer(query, f"match {name!r}")
        features.append(Feature(f"{key.label} = {query.label}", query * (2 * factor) * scale, key))
        norm = norm + wiring.square(key)
    penalty = _penalty(wiring, name, excluding, default)
    norm = norm + penalty
    features.append(Feature("norm", wiring.one * factor * scale, -norm))
    needs = [at_most(wiring.context + 1, scale, "the recency term stays below the scale")]
    if default:
        _check_default(wiring, name, [key for key, _ in where])
        square = sum((wiring.square(query) for _, query in where), wiring.zero)
        features.append(Feature("default", (square * 2 - 1) * scale, wiring.start))
    contract = Contract(
        name,
        "match-latest with default" if default else "match-latest",
        tuple(needs),
        "picks the latest record"
        + (" with " if where else "")
        + " and ".join(f"{key.label} = {query.label}" for key, query in where)
        + (", the first token if there is none" if default else ", the latest of the nearest if there is none"),
        _ONE,
        _magnitude(wiring, features, 1),
    )
    arguments = (tuple(where), penalty, *([wiring.start] if default else []))
    return HeadGadget(wiring, name, contract.gadget, tuple(features), 1, contract, arguments, has_default=default)


def largest_score(wiring: Board, name: str, score: Sequence[tuple[Value, Value]], guarantees: str) -> HeadGadget:
    """The latest position with the largest sum of products of integers, keys times queries.

    With the recency scale S > T the score is S times the sum, plus j: a larger sum wins by at least S - T >= 1, and
    of equal sums the later position by at least 1.
    """
    scale, features = wiring.recency_scale, []
    for key, query in score:
        require_integer(key, f"score {name!r}")
        require_integer(query, f"score {name!r}")
        features.append(Feature(f"{key.label} * {query.label}", query * scale, key))
    contract = Contract(
        name,
        "own score",
        (at_most(wiring.context + 1, scale, "the recency term stays below the scale"),),
        guarantees,
        _ONE,
        _magnitude(wiring, features, 1),
    )
    return HeadGadget(wiring, name, contract.gadget, tuple(features), 1, contract, (tuple(score),))


def average(wiring: Board, name: str, where: Sequence[tuple[Value, Value]], excluding: Value | None) -> HeadGadget:
    """The average over all matching positions and the first one, the sink.

    The score is 2 q.k - |k|^2 - e = |q|^2 - d as above, and exactly |q|^2 at the sink,
    whose keys are 0 and which gains |q|^2. All matches tie with the sink; a miss is lower by at least
    1. With c matches, the flag of the first token averages to 1 / (c + 1).
    """
    penalty = _penalty(wiring, name, excluding, True)
    features, norm = [], penalty
    for key, query in where:
        require_integer(key, f"average {name!r}")
        require_integer(query, f"average {name!r}")
        features.append(Feature(f"{key.label} = {query.label}", query * 2, key))
        norm = norm + wiring.square(key)
    _check_default(wiring, name, [key for key, _ in where])
    features.append(Feature("norm", wiring.one, -norm))
    square = sum((wiring.square(query) for _, query in where), wiring.zero)
    features.append(Feature("sink", square, wiring.start))
    contract = Contract(
        name,
        "average over matches and a sink",
        (),
        "averages over the first token and all records with "
        + " and ".join(f"{key.label} = {query.label}" for key, query in where)
        if where
        else "averages over all tokens so far",
        _ONE,
        _magnitude(wiring, features, 0),
    )
    arguments = (tuple(where), penalty, wiring.start)
    gadget = HeadGadget(wiring, name, contract.gadget, tuple(features), 0, contract, arguments, exact_pick=False)
    gadget.everything = not where and excluding is None
    return gadget


def counted(wiring: Board, name: str, share: Value) -> HeadGadget:
    """The position c, where f = 1 / (c + 1) is what the flag of the first token averages to over c matches and itself.

    With k = j + 1 for position j the score is, in units of T + 1 and but for f - 2, which all keys share,

        2 k - f k^2 = 1 / f - f (k - 1 / f)^2 = (c + 1) - (j - c)^2 / (c + 1).

    All matches lie behind the first position and up to i, so c <= i: position c is there, and any other is lower by
    at least (T + 1) / (c + 1) >= 1.
    """
    scale, position = wiring.context + 1, wiring.position
    norm = wiring.square(position) + 2 * position
    features = (Feature("count", wiring.one * 2 * scale, position), Feature("norm", -share * scale, norm))
    contract = Contract(
        f"{name}.count",
        "count",
        (),
        f"picks the position whose number is how many records {name} averages, the first token not among them",
        _ONE,
        _magnitude(wiring, features, 0) * share.range.denominator,
    )
    return HeadGadget(wiring, f"{name}.count", "count", features, 0, contract, (share,))


def _penalty(wiring: Board, name: str, excluding: Value | None, spare_start: bool) -> Value:
    """What is added to the distance d: ``excluding``, but 0 at the first position if that is a default."""
    if excluding is None:
        return wiring.zero
    require_integer(excluding, f"what {name!r} excludes")
    if not wiring.domain.proves(excluding.range.low):
        raise refused(
            f"{wiring.name}: what head {name!r} excludes must never be negative, but {excluding.label} has range "
            f"{excluding.range}",
            f"exclude a flag, such as w.at_least({excluding.label}, 1), or a square",
        )
    if not spare_start:
        return excluding
    start = excluding.start
    if start is None:
        raise refused(
            f"{wiring.name}: what head {name!r} excludes is not known at the first token: {excluding.label}",
            "exclude a feature of the token, such as w.is_token(..), or build it without default=True",
        )
    return excluding - wiring.start * start


def _check_default(wiring: Board, name: str, keys: Sequence[Value]) -> None:
    for key in keys:
        if key.start is None or key.start.as_constant != 0:
            raise refused(
                f"{wiring.name}: head {name!r} uses the first token as its default record, so every key must be 0 "
                f"there; {key.label} is {'not known' if key.start is None else key.start}",
                "subtract that number from key and query, or take a key that is 0 there, such as w.is_number",
            )
