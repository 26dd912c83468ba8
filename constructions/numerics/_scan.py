"""A linear recurrence over many positions: s_t = A s_{t-1} + x_t, or with a transition A_t that the input selects."""

from typing import Generic, NamedTuple, TypeVar

from constructions.numerics._arithmetic import Arithmetic
from constructions.numerics._matrix import Matrix

Array = TypeVar("Array")


class Selection(NamedTuple, Generic[Array]):
    """Gated units of a recurrence, which add ``change @ (max(gates_t, 0) * (selected @ s_{t-1}))`` to s_t.

    ``gates`` has shape (..., length, units).
    """

    gates: Array
    selected: Matrix
    change: Matrix


def scan_in_order(
    arithmetic: Arithmetic[Array],
    transition: Matrix,
    inputs: Array,
    length: int,
    state: Array | None,
    selection: Selection[Array] | None = None,
) -> Array:
    """One position after the other, as the definition says; A s first, then the units, then x_t.

    Args:
        arithmetic: the number system; where it rounds, this order is part of the definition.
        transition: A.
        inputs: the x_t, of shape (..., length, features).
        length: how many positions there are, at least 1.
        state: s before the first position, of shape (..., 1, features); None means 0.
        selection: what the input selects of the state, if anything.
    """
    states: list[Array] = []
    for t in range(length):
        here = arithmetic.take(inputs, t, t + 1)
        if state is not None:
            moved = arithmetic.linear(transition, state)
            if selection is not None:
                gate = arithmetic.take(selection.gates, t, t + 1)
                units = arithmetic.gated(gate, arithmetic.linear(selection.selected, state))
                moved = arithmetic.add(moved, arithmetic.linear(selection.change, units))
            here = arithmetic.held(arithmetic.add(moved, here))
        states.append(here)
        state = here
    return arithmetic.concatenate(states)


def scan_by_doubling(
    arithmetic: Arithmetic[Array], transition: Matrix, inputs: Array, length: int, state: Array | None
) -> Array:
    """All s_t in about log2(length) passes over all positions (the scan of Hillis and Steele); needs exact sums.

    With y_t = x_t at first, a pass with d = 1, 2, 4, .. replaces y_t by y_t + A^d y_{t-d}. After it y_t is
    the sum of A^k x_{t-k} over k < 2 d, so in the end it is s_t. It is over early when A^d = 0, as for a
    window of d tokens.
    """
    if state is not None:
        first = arithmetic.add(arithmetic.linear(transition, state), arithmetic.take(inputs, 0, 1))
        inputs = first if length == 1 else arithmetic.concatenate([first, arithmetic.take(inputs, 1, length)])
    distance, power = 1, transition
    while distance < length and power.largest:
        earlier = arithmetic.linear(power, arithmetic.take(inputs, 0, length - distance))
        later = arithmetic.settle(arithmetic.add(arithmetic.take(inputs, distance, length), earlier))
        inputs = arithmetic.concatenate([arithmetic.take(inputs, 0, distance), later])
        distance, power = 2 * distance, power.squared
    return arithmetic.settle(inputs)
