"""How many tokens are written, for all n: by a value that each written token lowers, until an answer must come.

Say r = a m + b - k i at position i, with integers a and k >= 1, where m is the position of the latest token of some
kinds, and no token of these kinds is ever written. While tokens are written m stays what it is, so each of them lowers
r by k. If an answer is written wherever r <= 0, and only answers are tried before it, then at most 1 + max(0, r0)
tokens are written, r0 being r at the last position i0 of the prompt. Since 0 <= m <= i0 < P for prompts of P tokens,
r0 <= b + max(0, a - k) (P - 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from constructions.errors import ContractError
from constructions.wiring._board import Board
from constructions.wiring._decision import Output
from constructions.wiring._gates import GateGadget
from constructions.wiring._heads import HeadGadget
from constructions.wiring._network import Drawn
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused
from constructions.wiring._states import StateGadget
from constructions.wiring._value import Coordinate, Operand, Value, own

Gadget = HeadGadget | GateGadget | StateGadget

_DEFAULT = "match-latest with default"


@dataclass(frozen=True)
class Ranking:
    """What is proved of r = a m + b - k i; ``words`` name r, the tokens that m is about, and the answer."""

    words: str
    slope: int
    constant: Polynomial

    def most_written(self, prompt: Polynomial) -> tuple[Polynomial, ...]:
        """Bounds of which the largest is the most tokens that are written after a prompt of so many tokens."""
        reached = self.constant + max(0, self.slope) * (prompt - 1) + 1
        return Polynomial.constant(1), reached


@recording("ranking")
class Ranked:
    """What a wiring offers to prove how many tokens are written."""

    ranked: Value | None = None

    def ranking(self, value: Operand) -> None:
        """An integer that each written token lowers; where it is 0 or less an answer is written.

        It has the form a * mark[w.position] + b - k * w.position, where the head ``mark`` finds the latest of some
        special tokens that are never written; see :mod:`._ranking` for what follows. ``finish`` refuses what is not so.
        """
        self.ranked = own(self.domain, value, "ranking")  # type: ignore[attr-defined]

    def proved_ranking(self, gadgets: Sequence[Gadget], outputs: Sequence[Output]) -> Ranking | None:
        """What follows from the value, if there is one."""
        return None if self.ranked is None else _ranking_of(self, self.ranked, gadgets, outputs)  # type: ignore[arg-type]


def _ranking_of(wiring: Drawn, value: Value, gadgets: Sequence[Gadget], outputs: Sequence[Output]) -> Ranking:
    """What follows from this value.

    Raises:
        ContractError: if it has another form, or no answer is written where it is 0 or less.
    """
    if wiring.search is not None or wiring.recurrent:
        raise _no_ranking(wiring, value, "only models without searches and recurrences are known to this proof")
    terms = dict(value.terms)
    (position,) = wiring.position.terms
    fall = terms.pop(position, Polynomial.constant(0)).as_constant
    if fall is None or fall >= 0:
        raise _no_ranking(wiring, value, "no written token lowers it: it has no -k w.position with an integer k >= 1")
    if len(terms) > 1:
        raise _no_ranking(wiring, value, "it has more than one coordinate beside the position")
    written = {token for output in outputs for token in _tokens(output)}
    factor, kinds = 0, ""
    for coordinate, coefficient in terms.items():
        found = coefficient.as_constant
        if found is None:
            raise _no_ranking(wiring, value, f"the coefficient {coefficient} of {coordinate.name} is no integer")
        specials = _looked_for(wiring, coordinate, position, gadgets)
        if specials is None:
            raise _no_ranking(wiring, value, f"{coordinate.name} is not the position of the latest of some tokens")
        if specials & written:
            raise _no_ranking(
                wiring, value, f"{min(specials & written)} is written, too, which moves {coordinate.name}"
            )
        factor, kinds = found, f"; no {' or '.join(sorted(specials))} is written"
    for output in outputs:
        if not isinstance(output.what, str) or output.what not in (wiring.answers or ()):
            break
        if _holds_below(output, value, gadgets):
            words = f"each token lowers {value.label} by {-fall}, and at 0 the answer {output.what} is written{kinds}"
            return Ranking(words, factor + fall, value.constant)
    raise _no_ranking(
        wiring,
        value,
        "no answer, among those that are tried before all else, has the one condition that it is 0 or less",
    )


def _holds_below(output: Output, value: Value, gadgets: Sequence[Gadget]) -> bool:
    """Whether the alternative has no condition but that the value is at most 0."""
    if len(output.when) != 1:
        return not output.when
    flag = output.when[0].only
    gate = next((g for g in gadgets if isinstance(g, GateGadget) and flag in g.outputs), None)
    if gate is None or gate.gadget != "threshold":
        return False
    (difference,) = gate.arguments
    return isinstance(difference, Value) and not (difference + value).terms and not (difference + value).constant


def _looked_for(
    wiring: Board, coordinate: Coordinate, position: Coordinate, gadgets: Sequence[Gadget]
) -> frozenset[str] | None:
    """The special tokens whose latest position this coordinate is; None if it is something else."""
    head = next((g for g in gadgets if isinstance(g, HeadGadget) and coordinate in g.reads), None)
    if head is None or head.gadget != _DEFAULT or head.reads[coordinate].only is not position:
        return None
    where, penalty, _ = head.arguments
    if not isinstance(where, tuple) or len(where) != 1 or not isinstance(penalty, Value):
        return None
    key, query = where[0]
    feature = wiring.features.get(key.only) if key.only is not None else None
    if feature is None or query.terms or query.constant.as_constant != 1 or penalty.terms or penalty.constant:
        return None
    if any(feature.number) or any(feature.position) or any(p.as_constant != 1 for _, p in feature.specials):
        return None
    return frozenset(special for special, _ in feature.specials)


def _tokens(output: Output) -> tuple[str, ...]:
    what = output.what
    return (what,) if isinstance(what, str) else () if isinstance(what, Value) else tuple(what.places)


def _no_ranking(wiring: Board, value: Value, why: str) -> ContractError:
    return refused(
        f"{wiring.name}: {value.label} proves no number of tokens: {why}",
        "give a * mark[w.position] + b - k * w.position, and write an answer first, when=w.at_least(0, that value)",
    )
