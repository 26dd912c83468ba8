"""The figure of theorems 4.6 and 4.7: bits of state that any recurrent network needs, and that ours take."""

from constructions.theorems import THEOREMS, construction
from proofs_check.evidence import Gap, possible_states
from proofs_check.lower_bounds._claims import LOWER_HALVES
from proofs_check.lower_bounds._counts import closed_form, count
from proofs_check.lower_bounds._scope import CONVENTIONS, Scope, scope_of

SIZES = tuple(2**power for power in range(2, 11))

_COUNTED = 4
"""Up to this n brute force takes milliseconds."""

_FAMILIES = ("retrieval", "hybrid")


def gaps(number: str, sizes: tuple[int, ...] = SIZES) -> tuple[Gap, ...]:
    """For each task of a theorem the bits of state on one axis of n; none for theorems without a lower half.

    With n letters, or n nodes; c = 3. What any machine needs is ceil(log2) of the closed form, or, where that is a
    lower bound alone and n is small, of what brute force finds; what ours take is
    ceil(log2) of the number of states that the ranges of the recurrent state allow, which are proved when a
    construction is built.

    >>> (gap,) = gaps("4.7", (64, 1024))
    >>> gap.without["total"], gap.with_search["hybrid/istree"]
    ((217, 6586), (71, 114))
    """
    if number not in LOWER_HALVES:
        return ()
    return tuple(_gap(name.rpartition("/")[2], sizes) for name in THEOREMS[number].constructions)


def _gap(task: str, sizes: tuple[int, ...]) -> Gap:
    without: dict[str, tuple[int, ...]] = {}
    exact: dict[str, tuple[bool, ...]] = {}
    for convention in CONVENTIONS:
        needed = [_needed(scope_of(task, n, None, convention)) for n in sizes]
        without[convention] = tuple(bits for bits, _ in needed)
        exact[convention] = tuple(enough for _, enough in needed)
    with_search = {}
    for family in _FAMILIES:
        states = possible_states(construction(f"{family}/{task}"))
        with_search[f"{family}/{task}"] = tuple((int(states(n=n)) - 1).bit_length() for n in sizes)
    return Gap(task, sizes, without, exact, with_search)


def _needed(scope: Scope) -> tuple[int, bool]:
    """Bits that any machine needs, and whether some machine has no more."""
    known = closed_form(scope)
    if known is None:
        raise ValueError(f"{scope}: no formula")
    if known.exact or scope.n > _COUNTED:
        return known.bits, known.exact
    found = count(scope)
    lower, upper = ((states - 1).bit_length() for states in (max(known.states, found.lower), found.upper))
    return lower, lower == upper
