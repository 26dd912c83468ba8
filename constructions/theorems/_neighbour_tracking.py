"""State tracking: the word problems of S5 and A5 by chain of thought, and what a fixed linear recurrence cannot do.

Merrill, Petty and Sabharwal, "The illusion of state in state-space models", 2024 (arXiv 2404.08819), restated: linear
recurrences whose transitions do not depend on the input cannot express the word problem of S5, unless TC0 is NC1. What
is here is ours: a Transformer that writes the product after each letter, and an exact bound for parity, with no
hypothesis.
"""

import itertools
from collections.abc import Iterator, Mapping

from constructions.tasks import FunctionTask
from constructions.theorems._automaton import automaton, automaton_task
from constructions.theorems._statements import Claim, Construction, LogBound, StateCount, Theorem, claims_about
from constructions.wiring import n

Permutation = tuple[int, ...]

GENERATORS: dict[str, dict[str, Permutation]] = {
    "s5": {"t": (1, 0, 2, 3, 4), "c": (1, 2, 3, 4, 0)},
    "a5": {"r": (1, 2, 0, 3, 4), "c": (1, 2, 3, 4, 0)},
}
"""A transposition, or a cycle of three, and the cycle of five."""


def products(generators: Mapping[str, Permutation]) -> dict[tuple[str, str], str]:
    """The automaton of a group: its states are the products of generators, p02341 sends 0 to 0, 1 to 2, ...

    >>> len(products(GENERATORS["s5"])), len(products(GENERATORS["a5"]))
    (240, 120)
    """
    reached: list[Permutation] = [tuple(range(5))]
    table: dict[tuple[str, str], str] = {}
    for product in reached:  # it grows meanwhile
        for letter, move in generators.items():
            after = tuple(product[image] for image in move)
            if after not in reached:
                reached.append(after)
            table[_name(product), letter] = _name(after)
    return table


def _name(permutation: Permutation) -> str:
    return "p" + "".join(map(str, permutation))


IDENTITY = "p01234"

TASKS: tuple[FunctionTask, ...] = tuple(
    automaton_task(name, products(generators), IDENTITY, {IDENTITY}) for name, generators in GENERATORS.items()
)


def s5() -> Construction:
    """A head finds the mark, one the next letter; a gate for each entry of the table gives the next state.

    The states are all 120 permutations of five things.
    """
    return automaton("s5", products(GENERATORS["s5"]), IDENTITY, {IDENTITY}, TASKS[0])


def a5() -> Construction:
    """A head finds the mark, one the next letter; a gate for each entry of the table gives the next state.

    The states are the 60 even permutations, the smallest group that is not solvable.
    """
    return automaton("a5", products(GENERATORS["a5"]), IDENTITY, {IDENTITY}, TASKS[1])


def recurrences() -> Iterator[tuple[tuple[int, int, int, int], tuple[int, int], tuple[int, int]]]:
    """All of two coordinates whose matrix and inputs consist of -1, 0 and 1: the matrix, what a and what b adds."""
    small = (-1, 0, 1)
    pairs = list(itertools.product(small, repeat=2))
    for a, b, c, d in itertools.product(small, repeat=4):
        for first, second in itertools.product(pairs, repeat=2):
            yield (a, b, c, d), (first[0], first[1]), (second[0], second[1])


def least_for_parity(length: int) -> int:
    """The fewest states after words of a length among those recurrences whose state then tells the parity of b's."""
    least = (1 << length) + 1
    for (a, b, c, d), *added in recurrences():
        reached = {((0, 0), 0)}
        for _ in range(length):
            reached = {
                ((a * x + b * y + u, c * x + d * y + v), parity ^ bit)
                for (x, y), parity in reached
                for bit, (u, v) in enumerate(added)
            }
        states = {state for state, _ in reached}
        if len(states) == len(reached):  # no state with both parities
            least = min(least, len(states))
    return least


def _claims(name: str, constant: int) -> tuple[Claim, ...]:
    return claims_about(
        name,
        tokens=n + 1,
        parameters=LogBound(1, constant),
        activations=LogBound(2, constant + 1),
        transcript="the products after each letter, and whether the last is the identity",
        kernel=False,
    )


CONSTRUCTIONS = {"transformer/s5": s5, "transformer/a5": a5}

THEOREM = Theorem(
    number="tracking",
    title="State tracking: S5, A5, parity",
    statement=(
        "A Transformer solves the word problems of S5 and A5 with a token of chain of thought for each letter. A "
        "linear recurrence over the rationals whose transition does not depend on the input, and whose state tells the "
        "parity of a word, has n + 1 states or more after words of length n, where an automaton has two."
    ),
    constructions=tuple(CONSTRUCTIONS),
    claims=(*_claims("transformer/s5", 33), *_claims("transformer/a5", 29)),
    not_checked=(
        "by the kernel, which has no reference for groups",
        "here, S5 and A5 by a recurrence whose transition depends on the input: gallery/linear-s5, gallery/linear-a5",
        "that fixed linear recurrences cannot express S5, which holds unless TC0 is NC1",
    ),
    lower=(
        StateCount(
            name="parity by fixed linear recurrences",
            statement=(
                "A linear recurrence with one transition for all letters, whose state after a word of n letters tells "
                "the parity of their number of b, has at least n + 1 states then; a counter has no more"
            ),
            task=least_for_parity,
            sizes=(1, 2, 3, 4, 5),
            states=lambda size: size + 1,
            argument="each letter must move the state, and the subsets of n numbers other than 0 have n + 1 sums",
            of="any linear recurrence over the rationals with one transition for all letters",
            how="the fewest among all recurrences of two coordinates with entries from -1 to 1 that tell the parity",
        ),
    ),
)
