"""The least p with which Float(p) writes the tokens of exact arithmetic, as far as it was tested.

That Float(p) passes is not known to be monotone in p. So "the least p" means: p and every tested larger one pass,
and p - 1 fails on an input that is named. Which were tested is part of the result. From the p on that suffices by
the contracts (:mod:`constructions.wiring._bounds`) nothing needs a test; up to n = 100 that p is tested all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from constructions.architectures import Model, centred
from constructions.errors import InputError, ModelError
from constructions.numerics import Float
from constructions.theorems import Construction
from constructions.wiring import bounds_at
from proofs_check.precision._families import inputs
from proofs_check.precision._teacher_forcing import affordable, first_wrong, groups_of, rows_of

MOST_BITS = 53

_EVERY_P = 100  # sizes up to which every p is tested
_ABOVE = 3  # how many larger p are tested beyond the least, for larger sizes
_NEAR = 4  # how many p below what suffices are tested one by one, for larger sizes


@dataclass(frozen=True)
class LeastBits:
    """The least number of bits that was found at size n, and what it rests on.

    ``bits`` is the least p, None if even 53 bits fail; ``breaking_input`` an input on which p - 1 fails (None if
    p is 2, the least there is); ``tested`` the p that were tested, in order; ``inputs`` how many inputs each of
    those that passed was tested on, ``longest`` the most tokens of one, read and written, and ``exhaustive``
    whether these are all inputs of size n; ``sufficient`` a p from which on the tokens are proved to be right, None
    where the argument does not apply.
    """

    n: int
    bits: int | None
    breaking_input: str | None
    tested: tuple[int, ...]
    inputs: int
    longest: int
    exhaustive: bool
    sufficient: int | None


def least_bits(
    construction: Construction, n: int, *, softmax: bool = False, from_middle: bool = False, seed: int = 0
) -> LeastBits:
    """The least p at size n; see :class:`LeastBits`.

    Args:
        construction: any; what it must write is its own reference.
        n: the size of the model.
        softmax: at the inverse temperature b(n, p) that the construction states, instead of hard attention.
        from_middle: count positions from the middle of the context (:func:`constructions.architectures.centred`); what
            suffices is proved for positions counted from 0, so nothing is then said about it.
        seed: of the inputs that are drawn.

    Raises:
        InputError: if softmax is asked for and no b(n, p) is known; if the construction is wrong at any p; or if
            positions cannot be counted from the middle.
    """
    model, here = construction.at(n), bounds_at(construction.blueprint, n)
    if from_middle:
        model, here = _from_middle(model), None
    exhaustive, instances = inputs(construction, n, seed)
    groups = affordable(groups_of(construction, rows_of(construction, model, n, instances), not softmax), not softmax)
    if softmax and here is None:
        raise InputError(f"{construction.name}: no inverse temperature b(n, p) is known, so softmax has none to use")
    broken: dict[int, Any] = {}

    def passes(p: int) -> bool:
        if p not in broken:
            b = here.temperature(p) if softmax and here is not None else None
            broken[p] = first_wrong(model, groups, Float(p, b))
            if broken[p] is not None:  # look there first from now on
                groups.sort(key=lambda group: all(row.instance is not broken[p] for row in group.rows))
        return broken[p] is None

    sufficient = None if here is None else here.sufficient
    top = MOST_BITS if sufficient is None else min(MOST_BITS, sufficient)
    # Close to what suffices is where the least p is as a rule, and then every p from it on is tested or proved. Where
    # it is farther off, at larger sizes, some in between are left out; which p were tested is part of the result.
    if n <= _EVERY_P:
        bits = _descend(passes, top)
    else:
        bits = _near(passes, top) if top == sufficient and not softmax else _bisect(passes, top)
    breaking = broken.get(top if bits is None else bits - 1)
    if bits is None and top == sufficient:
        raise InputError(
            f"{construction.name} is wrong at n = {n} on input {construction.task.text(breaking)!r} although {top} "
            "bits suffice by its contracts; it would be wrong in exact arithmetic"
        )
    return LeastBits(
        n,
        bits,
        None if breaking is None else construction.task.text(breaking),
        tuple(sorted(broken)),
        sum(len(group.rows) for group in groups),
        max(len(row.ids) for group in groups for row in group.rows),
        exhaustive and len(instances) == sum(len(group.rows) for group in groups),
        sufficient,
    )


def _from_middle(model: Model) -> Model:
    if model.context is None:
        raise InputError(f"{model.name} says nothing about the longest context, so there is no middle to count from")
    try:
        return centred(model, model.context // 2)
    except ModelError as error:
        raise InputError(str(error)) from error


def _descend(passes: Callable[[int], bool], top: int) -> int | None:
    """The least p such that all from p to ``top`` pass."""
    p = top
    while p >= 2 and passes(p):
        p -= 1
    return None if p == top else p + 1


def _near(passes: Callable[[int], bool], top: int) -> int:
    """The least p below ``top``, which suffices: those next to it one by one, what is farther by halving."""
    for p in range(top - 1, max(1, top - 1 - _NEAR), -1):
        if not passes(p):
            return p + 1
    return _bisect(passes, max(2, top - _NEAR)) or top


def _bisect(passes: Callable[[int], bool], top: int) -> int | None:
    """A p that passes while p - 1 fails; some larger ones are tested as well and must pass."""
    if not passes(top):
        return None
    low, high = 1, top  # what is not there, one bit, does not pass
    while True:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if passes(middle) else (middle, high)
        worse = [p for p in range(high + 1, min(high + _ABOVE, top) + 1) if not passes(p)]
        if not worse:
            return high
        low, high = max(worse), top
