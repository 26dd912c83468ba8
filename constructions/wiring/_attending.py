"""A recurrence as attention: the same construction with heads in the place of what its state holds.

A wiring with a recurrence keeps a window of tokens and counters. A Transformer has every token before it: what stood
``d`` positions back is read by a head of fixed distance, and a sum over all positions so far is their number times
their average, which one head takes. So the record of such a wiring is played again on one without a recurrence, with
another memory; gates, heads and what is written stay as they are.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from constructions.wiring._board import Feature
from constructions.wiring._heads import HeadGadget
from constructions.wiring._memory import Memory
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._record import Call, recording, replayed
from constructions.wiring._value import Range, Value
from constructions.wiring._wiring import Wiring

_ZERO = Polynomial.constant(0)


def attending(calls: Sequence[Call], name: str) -> Wiring:
    """The wiring of a Transformer that computes what these calls made a recurrent model compute.

    One head for each distance at which the window is read, and one for all counters together. It writes the same
    tokens: at every position each value of the window and each counter is the same number.

    Args:
        calls: the record of a construction with a recurrence, such as ``blueprint.calls``.
        name: of the new construction.

    Raises:
        ContractError: if a range does not fit any more, such as a product of counters.
    """
    made = calls[0]
    instead = replace(made, operands=(name,), options={**made.options, "recurrent": False})
    wiring: Wiring = replayed(calls, made, instead, _Attending)
    return wiring


@recording("position")
class _Attending(Wiring):
    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.memory = _LookUps(self)

    @property
    def position(self) -> Value:
        """That of the embedding, under a name that gadgets of recurrent models do not have."""
        return self._feature("own position", Feature(position=(1, 0)), Range(_ZERO, self.context), 0)


@recording("back", "count", "tokens_read")
class _LookUps(Memory):
    """What a recurrence would hold, looked up where it stands."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring)
        self._attending = wiring
        self._at: dict[int, HeadGadget] = {}
        self._found: dict[tuple[object, ...], Value] = {}
        self._everything: HeadGadget | None = None

    def back(self, distance: int, value: Value) -> Value:
        """``value`` as it stood ``distance`` positions back: a head, which sees the first token where there is nothing.

        There the value is 0 in a window. So if it is another number at the first token, a gate takes it away.
        """
        if distance == 0:
            return value
        wiring, name = self._attending, f"{distance} back.{value.label}"
        if distance not in self._at:
            self._at[distance] = wiring.offset(f"{distance} back", distance)
        if value.start is not None and value.start == _ZERO:
            return self._at[distance][value]
        identity = (distance, value.constant, *sorted((c.name, str(k)) for c, k in value.terms.items()))
        if identity not in self._found:
            there = self._known_flag(distance)
            read = self._at[distance].read(value, f"{value.label} or that of the first token")
            self._found[identity] = wiring.select(there, read, name)
        return self._found[identity]

    def _known_flag(self, distance: int) -> Value:
        """1 if there is a position so far back."""
        if (distance,) not in self._found:
            flag = self._attending.at_least(self._attending.position, distance, f"{distance} tokens stand before")
            self._found[distance,] = flag
        return self._found[distance,]

    def count(self, value: Value) -> Value:
        """The sum over all positions so far: their average, times how many there are."""
        wiring = self._attending
        identity = ("count", value.constant, *sorted((c.name, str(k)) for c, k in value.terms.items()))
        if identity not in self._found:
            if self._everything is None:
                self._everything = wiring.average("all so far", [])
            after_first = self._everything.total(value, f"#{value.label}")
            self._found[identity] = after_first + value.start if value.start else after_first
        return self._found[identity]

    def tokens_read(self) -> Value:
        """One more than the position."""
        return self._attending.position + 1
