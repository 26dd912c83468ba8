"""The drawing board: name coordinates, place heads and gates, say what is written."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from constructions.architectures import Search
from constructions.errors import ContractError
from constructions.wiring import _gates, _heads
from constructions.wiring._assumed import Assuming, Assumption
from constructions.wiring._blueprint import Blueprint
from constructions.wiring._board import Feature
from constructions.wiring._decision import Choice, Output, check_output, output_contract, sign_contract, squared
from constructions.wiring._derived import Derived
from constructions.wiring._layout import lay_out
from constructions.wiring._memory import Memory
from constructions.wiring._nearest import NearestHeads
from constructions.wiring._operands import ends, flags, least_size, pairs, tokens
from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._ranking import Ranked
from constructions.wiring._record import Record, recording
from constructions.wiring._recurrent import Recurrent
from constructions.wiring._refusal import refused, users_line
from constructions.wiring._sentences import Spoken
from constructions.wiring._states import StateGadget
from constructions.wiring._value import FLAG, Coordinate, Operand, Range, Value, own

RECENCY, LOGIT = "S", "M"
"""The two scales: S above every position, M above every squared number that is written."""

_ZERO = Polynomial.constant(0)
_G = TypeVar("_G", bound=_heads.HeadGadget | _gates.GateGadget | StateGadget)


@recording(
    *("__init__", "token", "is_number", "code", "position", "is_token", "listed", "add_gadget"),
    *("at", "offset", "latest", "average", "equal", "at_least", "both", "cases", "product", "clamp"),
    *("beyond", "square", "write", "write_choice", "write_sign"),
)
class Wiring(Recurrent, Spoken, NearestHeads, Derived, Assuming, Ranked):
    """A construction in the making, for all sizes n at once.

    Args:
        name: of the construction, such as ``transformer/index``.
        specials: the special tokens; the first of them is always the first token of a prompt.
        numbers: the least and the largest number token, polynomials in n.
        context: the largest position that can occur (positions count from 0), a polynomial in n or an integer.
        least: the least size n for which the construction is claimed.
        others: further sizes and their least values, for constructions with more than one.
        answers: the tokens that end the decoding; None if the first token written does.
        recurrent: whether there are linear recurrences; then the position is what the first of them counts.
        search: what the model may search for; see :class:`constructions.architectures.Search`.
    """

    def __init__(  # noqa: PLR0913  (what a construction is made for, each word on its own)
        self,
        name: str,
        *,
        specials: Sequence[str],
        numbers: tuple[Polynomial | int, Polynomial | int],
        context: Polynomial | int,
        least: int = 1,
        others: Mapping[str, int] | None = None,
        answers: Sequence[str] | None = None,
        recurrent: bool = False,
        search: Search | None = None,
    ) -> None:
        self.name, self.record = name, Record()
        self.specials = tokens(name, "specials", specials)
        self.numbers = ends(f"{name}: numbers=", numbers)
        self.context = Polynomial.of(context, f"{name}: context=")
        self.answers = None if answers is None else tokens(name, "answers", answers)
        sizes = {size: least_size(name, size, given) for size, given in {"n": least, **(others or {})}.items()}
        if not Domain(sizes, {}).proves(self.context):
            raise refused(
                f"{name}: the largest position {self.context} cannot be proved to be at least 0 for all n >= {least}",
                "raise context= or least=",
            )
        largest = Domain(sizes, {}).maximum(self.numbers[1], -self.numbers[0])
        self._scales = {RECENCY: self.context + 1, LOGIT: largest * largest + 1}
        self.domain = Domain(sizes, self._scales)
        self.recency_scale, self.logit_scale = Polynomial.variable(RECENCY), Polynomial.variable(LOGIT)
        self.recurrent, self.search, self.memory = recurrent, search, Memory(self)
        self.assumed: list[str] = []
        self.assumptions: list[Assumption] = []
        self.rules: tuple[tuple[str, str, str], ...] = ()
        self.features: dict[Coordinate, Feature] = {}
        self._by_feature: dict[Feature, Coordinate] = {}
        self._gadgets: list[_heads.HeadGadget | _gates.GateGadget | StateGadget] = []
        self.lines: dict[str, str] = {}
        self._squares: dict[tuple[object, ...], Value] = {}
        self._square_of_coordinate: dict[Coordinate, Coordinate] = {}
        self._outputs: list[Output] = []
        self._sign: Value | None = None

    # Values that the embedding offers.

    def value_of(self, coordinate: Coordinate) -> Value:
        """A coordinate as a value."""
        return Value(self.domain, {coordinate: Polynomial.constant(1)}, _ZERO)

    def constant(self, value: Polynomial | int) -> Value:
        """A number that does not depend on the position."""
        return self._own(value, "constant")

    def _own(self, given: Operand, by: str) -> Value:
        return own(self.domain, given, f"{self.name}: {by}")

    @property
    def zero(self) -> Value:
        """0 everywhere."""
        return self.constant(0)

    @property
    def one(self) -> Value:
        """1 everywhere."""
        return self.constant(1)

    def _feature(self, name: str, feature: Feature, extent: Range, start: Polynomial | int) -> Value:
        if feature not in self._by_feature:
            coordinate = Coordinate(name, extent, Polynomial.of(start), self._square_of(name, feature, extent))
            self._by_feature[feature] = coordinate
            self.features[coordinate] = feature
        return self.value_of(self._by_feature[feature])

    def _square_of(self, name: str, feature: Feature, extent: Range) -> Callable[[], Value] | None:
        """The token's number and the position have squares in the embedding."""
        squares = {
            Feature(number=(0, 1, 0)): Feature(number=(0, 0, 1)),
            Feature(position=(1, 0)): Feature(position=(0, 1)),
        }
        if feature not in squares:
            return None
        bound = self.domain.maximum(extent.high, -extent.low)
        return lambda: self._feature(f"{name}^2", squares[feature], Range(_ZERO, bound * bound), 0)

    @property
    def token(self) -> Value:
        """The number of the token at this position; 0 for a special token."""
        return self._feature("token", Feature(number=(0, 1, 0)), self._number_range, 0)

    @functools.cached_property
    def _number_range(self) -> Range:
        low, high = self.numbers
        return Range(self.domain.minimum_of(low, _ZERO), self.domain.maximum(high, _ZERO))

    @property
    def is_number(self) -> Value:
        """1 if the token is a number."""
        return self._feature("is number", Feature(number=(1, 0, 0)), FLAG, 0)

    def is_token(self, *specials: str) -> Value:
        """1 if the token is one of these special tokens."""
        for special in specials:
            self._require_special(special)
        start = int(self.specials[0] in specials)
        name = "is " + " or ".join(specials)
        one = Polynomial.constant(1)
        return self._feature(name, Feature(specials=frozenset((special, one) for special in specials)), FLAG, start)

    def _require_special(self, special: str) -> None:
        if special not in self.specials:
            raise refused(
                f"{self.name}: {special!r} is not a special token; declared are {' '.join(self.specials)}",
                "declare it (specials=)",
            )

    @functools.cached_property
    def code(self) -> Value:
        """One integer for every token: a number is itself, special tokens are below the least number (and 0)."""
        least, high = self.least_number, self._number_range.high
        values = frozenset((special, self.code_of(special)) for special in self.specials)
        extent = Range(least - len(self.specials), high)
        return self._feature("code", Feature((0, 1, 0), specials=values), extent, self.code_of(self.specials[0]))

    @property
    def least_number(self) -> Polynomial:
        """The code from which on a code is that of a number; 0, which stands for nothing, is one of these."""
        return self._number_range.low

    def code_of(self, special: str) -> Polynomial:
        """The code of a special token."""
        return self.least_number - 1 - self.specials.index(special)

    def listed(self, name: str, values: Mapping[str, int]) -> Value:
        """A fixed integer for each of these special tokens, 0 for all others and for numbers."""
        for special in values:
            self._require_special(special)
        numbers = {special: Polynomial.of(value, f"{self.name}: {name!r}") for special, value in values.items()}
        kept = frozenset((special, value) for special, value in numbers.items() if value)
        extent = Range(*(Polynomial.constant(end(0, 0, *values.values())) for end in (min, max)))
        return self._feature(name, Feature(specials=kept), extent, values.get(self.specials[0], 0))

    @property
    def start(self) -> Value:
        """1 at the first position, where the first of the special tokens stands."""
        return self.is_token(self.specials[0])

    @property
    def position(self) -> Value:
        """The position, counted from 0."""
        if self.recurrent:
            return (self.memory.tokens_read() - 1).named("position")
        return self._feature("position", Feature(position=(1, 0)), Range(_ZERO, self.context), 0)

    # Heads.

    def add_gadget(self, gadget: "_heads.HeadGadget | _gates.GateGadget") -> None:
        """Add a gadget of one's own, made elsewhere: that it does what its contract guarantees is assumed."""
        self._keep(gadget)
        self.assumed.append(gadget.name)

    def _keep(self, gadget: _G) -> _G:
        """Keep a gadget of this package; its contract is proved now, so that the error points at its line."""
        gadget.contract.prove(self.domain, self.name)
        if any(other.name == gadget.name for other in self._gadgets):
            raise refused(
                f"{self.name}: two gadgets are called {gadget.name!r}, the first on {self.lines[gadget.name]}",
                "keep the first and use it twice, or give one another name",
            )
        for value in gadget.inputs:
            self._own(value, f"{gadget.gadget} {gadget.name!r}")
        self._gadgets.append(gadget)
        self.lines[gadget.name] = users_line()
        return gadget

    def at(self, name: str, position: Operand) -> _heads.HeadGadget:
        """A head that reads at a given position; see :func:`_heads.at_position`."""
        return self._keep(_heads.at_position(self, name, self._own(position, f"head {name!r}")))

    def offset(self, name: str, back: int) -> _heads.HeadGadget:
        """A head that reads ``back`` positions before (at the first position if there is none)."""
        return self.at(name, self.position - back)

    def latest(
        self,
        name: str,
        where: Sequence[tuple[Operand, Operand]],
        *,
        excluding: Operand | None = None,
        default: bool = False,
    ) -> _heads.HeadGadget:
        """A head that reads at the latest position where every (key, query) pair is equal.

        Where none is, it picks the default, or without one the latest with the least sum of squared differences and
        of what is excluded.

        Args:
            name: of the head.
            where: pairs (key, query); the key is evaluated at the position looked at, the query here.
            excluding: an integer, never negative; only positions where it is 0 can match.
            default: fall back on the first token, and offer ``hit``, if nothing matches.
        """
        return self._keep(
            _heads.latest(
                self,
                name,
                pairs(self.domain, where, f"{self.name}: head {name!r}"),
                self._optional(excluding, name),
                default,
            )
        )

    def average(
        self, name: str, where: Sequence[tuple[Operand, Operand]], *, excluding: Operand | None = None
    ) -> _heads.HeadGadget:
        """A head that averages over all matches of the pairs ``where`` and the first token; see :func:`_heads.average`.

        Positions at which the flag ``excluding`` is 1 do not match.
        """
        return self._keep(
            _heads.average(
                self, name, pairs(self.domain, where, f"{self.name}: head {name!r}"), self._optional(excluding, name)
            )
        )

    def _optional(self, given: Operand | None, by: str) -> Value | None:
        return None if given is None else self._own(given, repr(by))

    # Gates.

    def equal(self, u: Operand, v: Operand = 0, name: str | None = None) -> Value:
        """1 if u = v, else 0 (integers)."""
        return _gates.equal(self, self._own(u, "equal"), self._own(v, "equal"), name)

    def at_least(self, u: Operand, v: Operand, name: str | None = None) -> Value:
        """1 if u >= v, else 0 (integers)."""
        return _gates.at_least(self, self._own(u, "at_least"), self._own(v, "at_least"), name)

    def both(self, *conditions: Operand, name: str | None = None) -> Value:
        """1 if all conditions, flags, are 1, else 0."""
        return _gates.both(self, flags(self.domain, conditions, f"{self.name}: both"), name)

    def cases(self, *alternatives: tuple[Operand, Operand], otherwise: Operand | None = None, name: str) -> Value:
        """The value of the first of the ``alternatives`` (flag, value) whose flag is 1, else ``otherwise``, or 0."""
        by = f"{self.name}: cases {name!r}"
        owned = pairs(self.domain, alternatives, by, "pairs (flag, value)")
        return _gates.cases(self, owned, self._optional(otherwise, name), name)

    def product(self, factor: Operand, value: Operand, name: str | None = None) -> Value:
        """factor * value, for a factor that is never negative."""
        return _gates.product(self, self._own(factor, "product"), self._own(value, "product"), name)

    def clamp(self, value: Operand, low: Polynomial | int, high: Polynomial | int, name: str) -> Value:
        """The integer nearest to ``value`` that lies in ``low .. high``."""
        by = f"{self.name}: clamp {name!r}"
        return _gates.clamp(self, own(self.domain, value, by), *ends(by, (low, high)), name=name)

    def beyond(self, value: Operand, low: Polynomial | int, high: Polynomial | int, name: str) -> Value:
        """1 if ``value``, an integer of ``low - 1 .. high + 1``, lies outside of ``low .. high``, else 0."""
        by = f"{self.name}: beyond {name!r}"
        return _gates.beyond(self, own(self.domain, value, by), *ends(by, (low, high)), name=name)

    def square(self, value: Operand) -> Value:
        """The square of an integer value, carried along where that is possible.

        A flag is its own square; token and position have squares in the embedding; a head that picks one position
        reads the square beside the value. Only else gated units are used.
        """
        value = self._own(value, "square")
        constant = value.constant.as_constant if not value.terms else None
        if constant is not None:
            return self.constant(constant * constant)
        if value.is_flag:
            return value
        if len(value.terms) == 1 and not value.constant and value.only is None:
            ((coordinate, factor),) = value.terms.items()
            if coordinate.square is not None:  # (c x)^2 = c^2 x^2
                return self.square(self.value_of(coordinate)) * (factor * factor)
        shifted = (value - value.constant).only
        if value.constant and shifted is not None and shifted.square is not None:  # (x + c)^2 = x^2 + 2 c x + c^2
            linear = self.value_of(shifted)
            return self.square(linear) + linear * (2 * value.constant) + value.constant * value.constant
        identity = (value.constant, *sorted((c.name, str(k)) for c, k in value.terms.items()))
        if identity not in self._squares:
            carried = None if shifted is None else shifted.square
            square = self._squares[identity] = carried() if carried else _gates.square(self, value)
            if shifted is not None and not value.constant and square.only is not None:
                self._square_of_coordinate[shifted] = square.only
        return self._squares[identity]

    def squares(self) -> list[tuple[Coordinate, Coordinate]]:
        """Coordinates that have their square beside them, each with its square."""
        return list(self._square_of_coordinate.items())

    # What is written.

    def write(self, what: str | Operand, when: Operand | Sequence[Operand] = ()) -> None:
        """Write a special token, or the number that a value holds.

        Alternatives are tried in the order of the calls, and the first of which every flag ``when`` is 1
        is written; the last one has no condition. At most one alternative is a number (see ``cases``).
        """
        self._add_output(what if isinstance(what, str) else self._own(what, "write"), when)

    def write_choice(
        self, places: Mapping[str, tuple[int, ...]], values: Sequence[Operand], when: Operand | Sequence[Operand] = ()
    ) -> None:
        """Write the special token whose place is nearest to the values; see :meth:`write` for ``when``.

        Each token of ``places`` has one, as many integers as there are values. No gates are needed: the logit of a
        token at place c is ``2 c.v - |c|^2 = |v|^2 - |v - c|^2``.
        """
        choice = Choice(dict(places), tuple(self._own(value, "write_choice") for value in values))
        self._add_output(choice, when)
        # The scale is a symbol; what it must exceed is known when everything that is written is.
        self._scales[LOGIT] = self._scales[LOGIT] + squared(choice.values)

    def _add_output(self, what: str | Value | Choice, when: Operand | Sequence[Operand]) -> None:
        if self._sign is not None:
            raise self._not_alone()
        output = Output(what, flags(self.domain, when, f"{self.name}: when="))
        check_output(self, self._outputs, output)
        self._outputs.append(output)

    def _not_alone(self) -> ContractError:
        problem = f"{self.name}: write_sign decides alone; no alternatives can stand beside the sign"
        return refused(problem, "write alternatives with w.write only, such as w.write(w.at_least(value, 1))")

    def write_sign(self, value: Operand) -> None:
        """Write the number 1 if the value is positive, and 0 if it is negative or zero.

        The logit of k is value * k - 3 k (k - 1): 0 at k = 0 and the value itself at k = 1. For other
        k it is at most max(0, value) - 1 as long as the value is at most 2 (at k >= 2 it is at most
        2 k - 3 k (k - 1) <= -2). Number tokens must not be negative.
        """
        if self._outputs:
            raise self._not_alone()
        self._sign = self._own(value, "write_sign")

    def finish(self) -> Blueprint:
        """Lay the gadgets out in layers and write the matrices.

        Raises:
            ContractError: if a contract cannot be proved for all sizes.
        """
        outputs = tuple(self._outputs)  # none beside a sign
        contract = output_contract(self, outputs) if self._sign is None else sign_contract(self, self._sign)
        contract.prove(self.domain, self.name)
        blueprint = lay_out(self, self._gadgets, outputs, self._sign, contract)
        ranking = self.proved_ranking(self._gadgets, outputs)
        return blueprint if ranking is None else replace(blueprint, ranking=ranking)
