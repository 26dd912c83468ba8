"""The lower halves of theorems as claims: how many states any machine needs.

Those of 4.6 and 4.7 are listed here; a neighbour's file lists its own, see :class:`StateCount`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructions.theorems import Claim, StateCount, theorem
from proofs_check.certificates import canonical_text
from proofs_check.evidence import INCOMPLETE, REFUTED, VERIFIED, ClaimResult, Evidence, machine_checked_theorems
from proofs_check.kernel import check
from proofs_check.lower_bounds import _theorem_4_6, _theorem_4_7
from proofs_check.lower_bounds._bound import Bound
from proofs_check.lower_bounds._counts import Count, closed_form, count
from proofs_check.lower_bounds._fooling_sets import count_certificate, fooling_certificate
from proofs_check.lower_bounds._own_rows import count_rows
from proofs_check.lower_bounds._scope import KINDS, Scope, scope_of

if TYPE_CHECKING:
    from proofs_check.lower_bounds._growth import Growth

ANY_MACHINE = "any machine that reads the prefix once, with any chain of thought"
"""What the claims are about; it stands where other claims name their construction."""

_BY_KERNEL = {
    "fooling-set": "fooling sets verified by the kernel",
    "state-count": "counted by the kernel, all prefixes and queries",
}

_WITH_LETTERS = ("de-bruijn", "key-value", "words")
"""Families of prefixes whose numbers of states are printed with the number of letters, too."""


LOWER_HALVES: dict[str, Callable[[], Iterator[Bound]]] = {"4.6": _theorem_4_6.bounds, "4.7": _theorem_4_7.bounds}
"""What the theorems that have a lower half claim there."""


def lower_half(number: str) -> tuple[ClaimResult, ...]:
    """The claims about lower bounds of a theorem, evaluated; none for theorems that have no lower half.

    >>> [result.verdict for result in lower_half("4.7")]
    ['VERIFIED', 'VERIFIED', 'VERIFIED']
    """
    return (*map(_evaluated, LOWER_HALVES.get(number, tuple)()), *map(_counted, theorem(number).lower))


def _counted(count: StateCount) -> ClaimResult:
    """A number that a neighbour's file states: the kernel is asked where it knows the task, else rows are listed."""
    claim = _claim(count.name, count.statement)
    claim = claim if count.of is None else replace(claim, construction=count.of)
    kept: dict[str, Any] | None = None
    for n in count.sizes:
        expected, asked = count.states(n), count.task
        if not callable(asked) and asked.name in KINDS:
            verdict, reason, kept = _at(scope_of(asked.name, n, count.alphabet), expected)
            if verdict != VERIFIED:
                return ClaimResult(claim, None, verdict, (), reason=reason)
            continue
        found = Count(asked(n), count.exact, "") if callable(asked) else count_rows(asked, n, count.alphabet)
        if found.states != expected or (count.exact and not found.exact):
            words = f"{'' if found.exact else 'at least '}{found.states} states are found, the formula says {expected}"
            return ClaimResult(claim, None, REFUTED, (), reason=f"{count.name}, n = {n}: {words}")
    numbers = [(n, count.states(n)) for n in count.sizes]
    how = count.how if kept is None else _BY_KERNEL[kept["kind"]]
    enough = "; a machine that keeps the row needs no more" if count.exact and not callable(count.task) else ""
    words = f"{how}: {', '.join(f'{states:,} (n = {n})' for n, states in numbers)}{enough}"
    argument = Evidence("argued", f"for all n, in docs/neighbours.md: {count.argument}")
    for_all = machine_checked_theorems(count.theorems) or (argument,)
    evidence = (Evidence("exhaustive", words, curve=tuple(numbers)), *for_all)
    return ClaimResult(claim, None, VERIFIED, evidence, certificate=kept)


def _claim(name: str, statement: str, unseen: str = "") -> Claim:
    return Claim(
        name=f"any machine: states, {name}",
        statement=statement,
        construction=ANY_MACHINE + unseen,
        quantity="states",
        bound=None,
        scope="all n by a theorem or an argument, as listed; the numbers at the sizes that were checked",
    )


def _evaluated(bound: Bound) -> ClaimResult:
    claim = _claim(bound.name, bound.statement, bound.scopes[0].unseen)
    kept: dict[str, Any] | None = None
    for scope in bound.scopes:
        verdict, reason, certificate = _at(scope)
        if verdict != VERIFIED:
            return ClaimResult(claim, None, verdict, (), reason=reason)
        kept = certificate
    for growth in _growths(bound):
        if set(growth.evidence()) != {1}:
            return ClaimResult(claim, None, REFUTED, (), reason=f"the formula does not grow like {growth}")
    return ClaimResult(claim, None, VERIFIED, tuple(_evidence(bound)), certificate=kept)


def _at(scope: Scope, stated: int | None = None) -> tuple[str, str | None, dict[str, Any] | None]:
    """The verdict at one size: the kernel verifies a fooling set of that size, or the count, and no more is needed.

    ``stated`` is the number of states that is claimed, if not that of the closed form.
    """
    expected = closed_form(scope)
    if expected is None:
        return INCOMPLETE, f"{scope}: no formula", None
    if scope.repeats == "ignored":  # a reading that certificates do not have
        found = count(scope)
        if found.lower != expected.states or found.upper != expected.states:
            return REFUTED, f"{scope}: {found.lower} states are found, the formula says {expected.states}", None
        return VERIFIED, None, None
    certificate = count_certificate(scope) if scope.listed_exactly else fooling_certificate(scope)
    verdict = check(canonical_text(certificate).encode())
    if verdict.word != VERIFIED:
        word = REFUTED if verdict.word == "REJECTED" else INCOMPLETE
        return word, f"{scope}: the kernel says {verdict.line}", None
    for number in (expected.states, expected.states if stated is None else stated):
        if certificate["states"] != number:
            words = f"{scope}: {certificate['states']} states are certified, the formula says {number}"
            return REFUTED, words, None
    if expected.exact:
        attained = scope.attained()
        if attained != expected.states:
            return REFUTED, f"{scope}: {attained} states are enough, the formula says {expected.states}", None
    return VERIFIED, None, certificate


def _evidence(bound: Bound) -> Iterator[Evidence]:
    numbers = [(scope, closed_form(scope)) for scope in bound.scopes]
    states = ", ".join(
        f"{known.states:,} (n = {scope.n}{f', k = {scope.alphabet}' if scope.family in _WITH_LETTERS else ''})"
        for scope, known in numbers
        if known is not None
    )
    curve = tuple((scope.n, known.states) for scope, known in numbers if known is not None)
    certified = bound.scopes[0].repeats != "ignored"
    how = "fooling sets verified by the kernel, every pair separated" if certified else "classes of all sets of edges"
    yield Evidence("exhaustive", f"{how}: {states}", curve=curve)
    exact = all(known is not None and known.exact for _, known in numbers)
    if exact:
        yield Evidence("exhaustive", bound.scopes[0].how_attained)
    by_coq = machine_checked_theorems(bound.theorems)
    yield from by_coq
    if not (exact and by_coq):
        yield Evidence("argued", f"for all n, in docs/lower-bounds.md: {bound.argument}")
    if not bound.growths:
        return
    for growth in _growths(bound):
        where = f"for {growth.what.split(', ')[-3]}, " if len(bound.growths) > 1 else ""
        yield Evidence(
            "proved" if growth.squeezed is None else "argued",
            f"{where}the number of bits, log2 of the number of states, grows like {growth}: "
            + (f"{growth.squeezed}; " if growth.squeezed else "")
            + f"by sympy {growth.limit}",
        )


def _growths(bound: Bound) -> "list[Growth]":
    from proofs_check.lower_bounds._growth import growths  # with sympy, which takes a while to load

    found = {growth.what: growth for growth in growths()}
    return [found[what] for what in bound.growths]
