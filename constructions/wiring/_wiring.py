"""The drawing board: name coordinates, place heads and gates, say what is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from constructions.errors import ContractError
from constructions.wiring import _gates, _heads
from constructions.wiring._blueprint import Blueprint, Output
from constructions.wiring._contract import Contract, at_most
from constructions.wiring._layout import lay_out
from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._value import FLAG, Coordinate, Range, Value, require_flag, require_integer

RECENCY, LOGIT = "S", "M"
"""The two scales: S above every position, M above every squared number that is written."""

_ZERO = Polynomial.constant(0)


@dataclass(frozen=True)
class Feature:
    """What an embedding coordinate is: a polynomial of the token's number, of the position, or a flag."""

    number: tuple[int, int, int] = (0, 0, 0)
    position: tuple[int, int] = (0, 0)
    specials: frozenset[str] = frozenset()


class Wiring:
    """A construction in the making, for all sizes n at once.

    Args:
        name: of the construction, such as ``transformer/index``.
        specials: the special tokens; the first of them is always the first token of a prompt.
        numbers: the least and the largest number token, polynomials in n.
        context: the largest position that can occur (positions count from 0), a polynomial in n.
        least: the least size n for which the construction is claimed.
        answers: the tokens that end the decoding; None if the first token written does.
    """

    def __init__(
        self,
        name: str,
        *,
        specials: Sequence[str],
        numbers: tuple[Polynomial | int, Polynomial | int],
        context: Polynomial,
        least: int = 1,
        answers: Sequence[str] | None = None,
    ) -> None:
        self.name = name
        self.specials = tuple(specials)
        self.numbers = (Polynomial.of(numbers[0]), Polynomial.of(numbers[1]))
        self.context = context
        self.answers = None if answers is None else tuple(answers)
        largest = Domain({"n": least}, {}).maximum(self.numbers[1], -self.numbers[0])
        self.domain = Domain({"n": least}, {RECENCY: context + 1, LOGIT: largest * largest + 1})
        self.recency_scale, self.logit_scale = Polynomial.variable(RECENCY), Polynomial.variable(LOGIT)
        self.features: dict[Coordinate, Feature] = {}
        self._by_feature: dict[Feature, Coordinate] = {}
        self._gadgets: list[_heads.HeadGadget | _gates.GateGadget] = []
        self._squares: dict[tuple[object, ...], Value] = {}
        self._outputs: list[Output] = []
        self._sign: Value | None = None

    # Values that the embedding offers.

    def value_of(self, coordinate: Coordinate) -> Value:
        """A coordinate as a value."""
        return Value(self.domain, {coordinate: Polynomial.constant(1)}, _ZERO)

    def constant(self, value: Polynomial | int) -> Value:
        """The same number at every position."""
        return Value(self.domain, {}, Polynomial.of(value))

    @property
    def zero(self) -> Value:
        """0 everywhere."""
        return self.constant(0)

    @property
    def one(self) -> Value:
        """1 everywhere."""
        return self.constant(1)

    def _feature(self, name: str, feature: Feature, extent: Range, start: int) -> Value:
        if feature not in self._by_feature:
            coordinate = Coordinate(name, extent, Polynomial.constant(start), feature)
            self._by_feature[feature] = coordinate
            self.features[coordinate] = feature
        return self.value_of(self._by_feature[feature])

    @property
    def token(self) -> Value:
        """The number of the token at this position; 0 for a special token."""
        return self._feature("token", Feature(number=(0, 1, 0)), self._number_range(), 0)

    def _number_range(self) -> Range:
        low, high = self.numbers
        return Range(self.domain.minimum_of(low, _ZERO), self.domain.maximum(high, _ZERO))

    @property
    def is_number(self) -> Value:
        """1 if the token is a number."""
        return self._feature("is number", Feature(number=(1, 0, 0)), FLAG, 0)

    def is_token(self, *specials: str) -> Value:
        """1 if the token is one of these special tokens."""
        unknown = [special for special in specials if special not in self.specials]
        if unknown:
            raise ContractError(
                f"{self.name}: {unknown[0]!r} is not a special token; declared are {' '.join(self.specials)}"
            )
        start = int(self.specials[0] in specials)
        name = "is " + " or ".join(specials)
        return self._feature(name, Feature(specials=frozenset(specials)), FLAG, start)

    @property
    def start(self) -> Value:
        """1 at the first position, where the first of the special tokens stands."""
        return self.is_token(self.specials[0])

    @property
    def position(self) -> Value:
        """The position, counted from 0."""
        return self._feature("position", Feature(position=(1, 0)), Range(_ZERO, self.context), 0)

    # Heads.

    def add_gadget(self, gadget: "_heads.HeadGadget | _gates.GateGadget") -> None:
        """Keep a gadget; its contract is proved now, so that the error points at its line."""
        gadget.contract.prove(self.domain, self.name)
        if any(other.name == gadget.name for other in self._gadgets):
            raise ContractError(f"{self.name}: two gadgets are called {gadget.name!r}; names must differ")
        self._gadgets.append(gadget)

    def _head(self, head: _heads.HeadGadget) -> _heads.HeadGadget:
        self.add_gadget(head)
        return head

    def at(self, name: str, position: Value) -> _heads.HeadGadget:
        """A head that reads at a given position; see :func:`_heads.at_position`."""
        return self._head(_heads.at_position(self, name, position))

    def offset(self, name: str, back: int) -> _heads.HeadGadget:
        """A head that reads ``back`` positions before (at the first position if there is none)."""
        return self.at(name, self.position - back)

    def latest(
        self,
        name: str,
        where: Sequence[tuple[Value, Value]],
        *,
        excluding: Value | None = None,
        default: bool = False,
    ) -> _heads.HeadGadget:
        """A head that reads at the latest position where every (key, query) pair is equal.

        Args:
            name: of the head.
            where: pairs (key, query); the key is evaluated at the position looked at, the query here.
            excluding: an integer, never negative; only positions where it is 0 can match.
            default: fall back on the first token, and offer ``hit``, if nothing matches. Without it
                a miss picks some position.
        """
        return self._head(_heads.latest(self, name, where, excluding, default))

    def average(
        self, name: str, where: Sequence[tuple[Value, Value]], *, excluding: Value | None = None
    ) -> _heads.HeadGadget:
        """A head that averages over all matches and the first token; see :func:`_heads.average`."""
        return self._head(_heads.average(self, name, where, excluding))

    # Gates.

    def equal(self, u: Value, v: Value | int = 0, name: str | None = None) -> Value:
        """1 if u = v, else 0 (integers)."""
        return _gates.equal(self, u, v, name)

    def at_least(self, u: Value, v: Value | int, name: str | None = None) -> Value:
        """1 if u >= v, else 0 (integers)."""
        return _gates.at_least(self, u, v, name)

    def both(self, *flags: Value, name: str | None = None) -> Value:
        """1 if all flags are 1, else 0."""
        return _gates.both(self, flags, name)

    def either(self, *flags: Value, name: str | None = None) -> Value:
        """1 if some flag is 1, else 0."""
        label = name or "(" + " or ".join(flag.label for flag in flags) + ")"
        return (~_gates.both(self, [~flag for flag in flags], f"not {label}")).named(label)

    def select(self, flag: Value, value: Value, name: str | None = None) -> Value:
        """``value`` if the flag is 1, else 0."""
        return _gates.select(self, flag, value, name)

    def product(self, factor: Value, value: Value, name: str | None = None) -> Value:
        """factor * value, for a factor that is never negative."""
        return _gates.product(self, factor, value, name)

    def square(self, value: Value) -> Value:
        """The square of an integer value, carried along where that is possible.

        A flag is its own square; the token's number and the position have squares in the embedding; a
        head that picks one position reads the square beside the value. Only else gated units are used.
        """
        constant = value.constant.as_constant if not value.terms else None
        if constant is not None:
            return self.constant(constant * constant)
        if value.is_flag:
            return value
        identity = (value.constant, *sorted((c.name, str(k)) for c, k in value.terms.items()))
        if identity not in self._squares:
            self._squares[identity] = self._carried_square(value) or _gates.square(self, value)
        return self._squares[identity]

    def _carried_square(self, value: Value) -> Value | None:
        coordinate = value.only
        if coordinate is None:
            return None
        if isinstance(coordinate.made_by, _heads.HeadGadget) and coordinate.made_by.exact_pick:
            return coordinate.made_by.squared(coordinate)
        feature = coordinate.made_by
        bound = value.magnitude
        extent = Range(_ZERO, bound * bound)
        if isinstance(feature, Feature) and feature.number == (0, 1, 0):
            return self._feature(f"{coordinate.name}^2", Feature(number=(0, 0, 1)), extent, 0)
        if isinstance(feature, Feature) and feature.position == (1, 0):
            return self._feature(f"{coordinate.name}^2", Feature(position=(0, 1)), extent, 0)
        return None

    # What is written.

    def write(self, what: str | Value, when: Value | None = None) -> None:
        """Write a special token, or the number that a value holds.

        Alternatives are tried in the order of the calls, and the first whose flag ``when`` is 1 is
        written; the last one has no condition.
        """
        if self._outputs and self._outputs[-1].when is None:
            raise ContractError(f"{self.name}: nothing can follow the alternative without a condition")
        if isinstance(what, Value):
            require_integer(what, f"{self.name}: a number that is written")
        elif what not in self.specials:
            raise ContractError(f"{self.name}: {what!r} is not a special token; declared are {self.specials}")
        if when is not None:
            require_flag(when, f"{self.name}: the condition of what is written")
        self._outputs.append(Output(what, when))

    def write_sign(self, value: Value) -> None:
        """Write the number 1 if the value is positive, and 0 if it is negative or zero.

        The logit of k is value * k - 3 k (k - 1): 0 at k = 0 and the value itself at k = 1. For other
        k it is at most max(0, value) - 1 as long as the value is at most 2 (at k >= 2 it is at most
        2 k - 3 k (k - 1) <= -2). Number tokens must not be negative.
        """
        self._sign = value

    def finish(self) -> Blueprint:
        """Lay the gadgets out in layers and write the matrices.

        Raises:
            ContractError: if a contract cannot be proved for all sizes.
        """
        if self._sign is not None:
            contract = self._sign_contract(self._sign)
            outputs: tuple[Output, ...] = ()
        else:
            outputs = self._exclusive_outputs()
            contract = self._output_contract(outputs)
        contract.prove(self.domain, self.name)
        return lay_out(self, self._gadgets, outputs, self._sign, contract)

    def _exclusive_outputs(self) -> tuple[Output, ...]:
        """The alternatives with flags of which exactly one is 1, and at most one number."""
        if not self._outputs or self._outputs[-1].when is not None:
            raise ContractError(f"{self.name}: the last alternative that is written must have no condition")
        conditions = [output.when for output in self._outputs if output.when is not None]
        if len(conditions) < len(self._outputs) - 1:
            raise ContractError(f"{self.name}: only the last alternative may have no condition")
        if len(conditions) <= 1:
            flags = [*conditions, 1 - sum(conditions, self.zero)]
        else:
            flags = [
                _gates.difference(self, flag, sum(conditions[:k], self.zero), f"alternative {k + 1}")
                for k, flag in enumerate([*conditions, self.one])
            ]
        outputs = [Output(o.what, f) for o, f in zip(self._outputs, flags, strict=True)]
        numbers = [o for o in outputs if isinstance(o.what, Value)]
        if len(numbers) > 1:
            parts = [
                _gates.select(self, o.when, o.what, f"number {k}")
                for k, o in enumerate(numbers, 1)
                if isinstance(o.what, Value) and o.when is not None
            ]
            chosen = sum(parts, self.zero)
            flag = sum((o.when for o in numbers if o.when is not None), self.zero)
            outputs = [o for o in outputs if not isinstance(o.what, Value)] + [Output(chosen, flag)]
        return tuple(outputs)

    def _output_contract(self, outputs: Sequence[Output]) -> Contract:
        """Logits: M for the flagged alternative, and 2 y k - k^2 = y^2 - (y - k)^2 more for a number k.

        If a number is the only alternative there is no M, and special tokens get -1, which is below y^2.

        So the written number y leads the other numbers by at least 1 and the special tokens, which
        get 0, by M. A special token that is written leads with M the numbers, which get at most y^2.
        """
        needs = []
        bound = Polynomial.constant(0)
        for output in outputs:
            if isinstance(output.what, Value):
                extent = output.what.range
                needs += [
                    at_most(self.numbers[0], extent.low, f"{output.what.label} is in the vocabulary"),
                    at_most(extent.high, self.numbers[1], f"{output.what.label} is in the vocabulary"),
                ]
                square = output.what.magnitude * output.what.magnitude
                if len(outputs) > 1:
                    needs.append(at_most(square + 1, self.logit_scale, "the logit scale exceeds squared numbers"))
                largest = self.domain.maximum(self.numbers[1], -self.numbers[0])
                bound = 2 * output.what.magnitude * largest + largest * largest
        magnitude = bound if len(outputs) == 1 else self.domain.upper(self.logit_scale) + bound
        return Contract(
            "unembedding",
            "decision",
            tuple(needs),
            "the largest logit is that of the alternative whose flag is 1",
            Polynomial.constant(1),
            magnitude,
        )

    def _sign_contract(self, value: Value) -> Contract:
        high = value.range.high
        largest = self.numbers[1]
        return Contract(
            "unembedding",
            "sign",
            (
                at_most(high, Polynomial.constant(2), f"{value.label} stays at most 2"),
                at_most(_ZERO, self.numbers[0], "no number token is negative"),
                at_most(self.numbers[0], _ZERO, "0 is a number token"),
                at_most(Polynomial.constant(1), largest, "1 is a number token"),
            ),
            f"the largest logit is that of 1 if {value.label} > 0, else that of 0",
            None,
            (value.magnitude * largest + 3 * largest * largest + 3 * largest) * value.range.denominator,
        )
