"""The output of a construction: alternatives, among which the logits alone decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from constructions.wiring._board import Board
from constructions.wiring._contract import Contract, Inequality, at_most
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._refusal import refused, users_line
from constructions.wiring._value import Value, require_flag, require_integer

_ZERO = Polynomial.constant(0)


@dataclass(frozen=True, eq=False)
class Choice:
    """The special token whose place, a tuple of integers, is nearest to the values."""

    places: Mapping[str, tuple[int, ...]]
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Output:
    """An alternative of what is written, the flags that must all be 1 for it, and the line that asked for it."""

    what: str | Value | Choice
    when: tuple[Value, ...]
    line: str = field(default_factory=users_line)

    @property
    def label(self) -> str:
        """How messages call it."""
        if isinstance(self.what, Choice):
            return "one of " + ", ".join(self.what.places)
        return "a number" if isinstance(self.what, Value) else self.what

    def clashes(self, other: "Output") -> bool:
        """Whether both would use the same rows of the unembedding."""
        if isinstance(self.what, Value) or isinstance(other.what, Value):
            return isinstance(self.what, Value) and isinstance(other.what, Value)
        return bool(_tokens(self.what) & _tokens(other.what))


def _tokens(what: str | Choice) -> set[str]:
    return {what} if isinstance(what, str) else set(what.places)


def check_output(wiring: Board, before: Sequence[Output], output: Output) -> None:
    """Raise ContractError unless this alternative can follow those before."""
    name, what = wiring.name, output.what
    if before and not before[-1].when:
        raise refused(
            f"{name}: {output.label} can never be written: nothing can follow the alternative without a condition",
            f"give the one before, {before[-1].label}, a condition (when=), or write it last",
        )
    if isinstance(what, Value):
        require_integer(what, f"{name}: a number that is written")
    else:
        unknown = [token for token in sorted(_tokens(what)) if token not in wiring.specials]
        if unknown:
            declared = " ".join(wiring.specials)
            raise refused(
                f"{name}: {unknown[0]!r} is not a special token; declared are {declared}",
                "declare it (specials=), or for a number write a value, such as w.constant(3)",
            )
    if isinstance(what, Choice):
        _check_choice(name, what)
    if any(output.clashes(other) for other in before):
        raise refused(
            f"{name}: two alternatives write {output.label}",
            "join them, by w.either() for the flags and w.cases() for the numbers",
        )
    for flag in output.when:
        require_flag(flag, f"{name}: the condition of what is written")


def _check_choice(name: str, choice: Choice) -> None:
    for value in choice.values:
        require_integer(value, f"{name}: a value that chooses a token")
    if not choice.places or any(len(place) != len(choice.values) for place in choice.places.values()):
        raise refused(
            f"{name}: a choice needs, for each of its tokens, a place with {len(choice.values)} integers",
            "give as many integers for each token as there are values",
        )
    if len(set(choice.places.values())) < len(choice.places):
        raise refused(f"{name}: two tokens of a choice have the same place", "give them different places")


def squared(values: Sequence[Value]) -> Polynomial:
    """A bound of the sum of squares."""
    return sum((value.magnitude * value.magnitude for value in values), _ZERO)


def output_contract(wiring: Board, outputs: Sequence[Output]) -> Contract:
    """Alternative i of r, with k flags, has the logit W_i (sum of the flags - (k - 1)), W_i = (r - i + 1) M.

    That is W_i if it applies, and at most 0 if it does not. The tokens of a number alternative get
    2 y k - k^2 = y^2 - (y - k)^2 more, which is at most y^2 < M, and at k = y at least 0. The tokens of a
    choice get the same, summed over their coordinates. So the first alternative that applies has at least
    W_i, later ones at most W_i - M + y^2 < W_i, earlier ones, which do not apply, at most y^2 < M <= W_i; and
    y leads the other numbers, the place named by the values the other places, by at least 1. If a number is
    the only alternative there is no M, and special tokens get -1.
    """
    if not outputs or outputs[-1].when:
        raise refused(
            f"{wiring.name}: the last alternative that is written must have no condition",
            "end with w.write(token) without when=, for the inputs on which no condition holds",
        )
    needs: list[Inequality] = []
    bound = _ZERO
    for output in outputs:
        if isinstance(output.what, Value):
            more, size = _number_needs(wiring, output.what, output.line, several=len(outputs) > 1)
        elif isinstance(output.what, Choice):
            more, size = _choice_needs(wiring, output.what)
        else:
            continue
        needs += more
        bound = bound + size
    if len(outputs) > 1 or not isinstance(outputs[0].what, Value):
        most = max(1, *(len(output.when) for output in outputs))
        bound = bound + wiring.domain.upper(wiring.logit_scale) * (len(outputs) * most)
    return Contract(
        "unembedding",
        "decision",
        tuple(needs),
        "the largest logit is that of the first alternative that applies",
        Polynomial.constant(1),
        bound,
    )


def _number_needs(wiring: Board, value: Value, line: str, *, several: bool) -> tuple[list[Inequality], Polynomial]:
    low, high = wiring.numbers
    remedy = f"move it into the vocabulary with w.clamp, or widen numbers= (it is written on {line})"
    needs = [
        at_most(low, value.range.low, f"{value.label} is in the vocabulary", remedy),
        at_most(value.range.high, high, f"{value.label} is in the vocabulary", remedy),
    ]
    if several:
        needs.append(at_most(squared([value]) + 1, wiring.logit_scale, "the logit scale exceeds squared numbers"))
    largest = wiring.domain.maximum(high, -low)
    return needs, 2 * value.magnitude * largest + largest * largest


def _choice_needs(wiring: Board, choice: Choice) -> tuple[list[Inequality], Polynomial]:
    needs = [at_most(squared(choice.values) + 1, wiring.logit_scale, "the logit scale exceeds squared places")]
    bound = _ZERO
    for place, value in enumerate(choice.values):
        largest = max(abs(places[place]) for places in choice.places.values())
        bound = bound + 2 * value.magnitude * largest + largest * largest
    return needs, bound


def sign_contract(wiring: Board, value: Value) -> Contract:
    """The contract of a model that writes 1 if a value is positive and else 0."""
    high = value.range.high
    largest = wiring.numbers[1]
    digits = "declare numbers from 0 to at least 1, such as numbers=(0, n)"
    return Contract(
        "unembedding",
        "sign",
        (
            at_most(high, Polynomial.constant(2), f"{value.label} stays at most 2", "move it below 3 with w.clamp"),
            at_most(_ZERO, wiring.numbers[0], "no number token is negative", digits),
            at_most(wiring.numbers[0], _ZERO, "0 is a number token", digits),
            at_most(Polynomial.constant(1), largest, "1 is a number token", digits),
        ),
        f"the largest logit is that of 1 if {value.label} > 0, else that of 0",
        None,
        (value.magnitude * largest + 3 * largest * largest + 3 * largest) * value.range.denominator,
    )
