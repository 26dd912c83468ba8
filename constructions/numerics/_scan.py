"""A linear recurrence over many positions: s_t = A s_{t-1} + x_t."""

from typing import TypeVar

from constructions.numerics._arithmetic import Arithmetic
from constructions.numerics._matrix import Matrix

Array = TypeVar("Array")


def scan_in_order(
    arithmetic: Arithmetic[Array], transition: Matrix, inputs: Array, length: int, state: Array | None
) -> Array:
    """One position after the other, as the definition says.

    Args:
        arithmetic: the number system; where it rounds, this order is part of the definition.
        transition: A.
        inputs: the x_t, of shape (..., length, features).
        length: how many positions there are, at least 1.
        state: s before the first position, of shape (..., 1, features); None means 0.
    """
    states: list[Array] = []
    for t in range(length):
        here = arithmetic.take(inputs, t, t + 1)
        if state is not None:
            here = arithmetic.settle(arithmetic.add(arithmetic.linear(transition, state), here))
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
