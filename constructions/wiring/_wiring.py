"""The drawing board: name coordinates, place heads and gates, say what is written."""

from collections.abc import Callable, Sequence
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
            coordinate = Coordinate(name, extent, Polynomial.constant(start), self._square_of(name, feature, extent))
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

    def cases(self, *alternatives: tuple[Value, Value], otherwise: Value | None = None, name: str) -> Value:
        """The value of the first pair (flag, value) whose flag is 1, else ``otherwise`` (0 if not given)."""
        return _gates.cases(self, alternatives, otherwise, name)

    def select(self, flag: Value, value: Value, name: str | None = None) -> Value:
        """``value`` if the flag is 1, else 0."""
        return _gates.cases(self, [(flag, value)], None, name or f"({value.label} if {flag.label})")

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
            coordinate = value.only
            carried = None if coordinate is None else coordinate.square
            self._squares[identity] = carried() if carried else _gates.square(self, value)
        return self._squares[identity]

    # What is written.

    def write(self, what: str | Value, when: Value | Sequence[Value] = ()) -> None:
        """Write a special token, or the number that a value holds.

        Alternatives are tried in the order of the calls, and the first of which every flag ``when`` is 1
        is written; the last one has no condition. At most one alternative is a number (see ``cases``).
        """
        flags = (when,) if isinstance(when, Value) else tuple(when)
        if self._outputs and not self._outputs[-1].when:
            raise ContractError(f"{self.name}: nothing can follow the alternative without a condition")
        if isinstance(what, Value):
            require_integer(what, f"{self.name}: a number that is written")
        elif what not in self.specials:
            raise ContractError(f"{self.name}: {what!r} is not a special token; declared are {' '.join(self.specials)}")
        if any(
            isinstance(what, Value) == isinstance(o.what, Value) and (isinstance(what, Value) or what == o.what)
            for o in self._outputs
        ):
            raise ContractError(
                f"{self.name}: two alternatives write {'a number' if isinstance(what, Value) else what}; join them, "
                "by either() for the flags and cases() for the numbers"
            )
        for flag in flags:
            require_flag(flag, f"{self.name}: the condition of what is written")
        self._outputs.append(Output(what, flags))

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
            outputs = tuple(self._outputs)
            contract = self._output_contract()
        contract.prove(self.domain, self.name)
        return lay_out(self, self._gadgets, outputs, self._sign, contract)

    def _output_contract(self) -> Contract:
        """Alternative i of r, with k flags, has the logit W_i (sum of the flags - (k - 1)), W_i = (r - i + 1) M.

        That is W_i if it applies, and at most 0 if it does not. The tokens of a number alternative get
        2 y k - k^2 = y^2 - (y - k)^2 more, which is at most y^2 < M, and at k = y at least 0. So the
        first alternative that applies has at least W_i, later ones at most W_i - M + y^2 < W_i, earlier
        ones, which do not apply, at most y^2 < M <= W_i; and y leads the other numbers by at least 1. If a
        number is the only alternative there is no M, and special tokens get -1.
        """
        outputs = self._outputs
        if not outputs or outputs[-1].when:
            raise ContractError(f"{self.name}: the last alternative that is written must have no condition")
        needs, bound = [], _ZERO
        for output in outputs:
            if isinstance(output.what, Value):
                extent, label = output.what.range, output.what.label
                square = output.what.magnitude * output.what.magnitude
                needs += [
                    at_most(self.numbers[0], extent.low, f"{label} is in the vocabulary"),
                    at_most(extent.high, self.numbers[1], f"{label} is in the vocabulary"),
                ]
                if len(outputs) > 1:
                    needs.append(at_most(square + 1, self.logit_scale, "the logit scale exceeds squared numbers"))
                largest = self.domain.maximum(self.numbers[1], -self.numbers[0])
                bound = 2 * output.what.magnitude * largest + largest * largest
        if len(outputs) > 1:
            most = max(1, *(len(output.when) for output in outputs))
            bound = bound + self.domain.upper(self.logit_scale) * (len(outputs) * most)
        return Contract(
            "unembedding",
            "decision",
            tuple(needs),
            "the largest logit is that of the first alternative that applies",
            Polynomial.constant(1),
            bound,
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
