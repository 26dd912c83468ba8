"""The lower halves of theorems as claims: how many states any machine needs.

Those of 4.6 and 4.7 are listed here; a neighbour's file lists its own, see :class:`StateCount`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from constructions.tasks import Task
from constructions.theorems import Claim, StateCount, theorem
from proofs_check.certificates import canonical_text
from proofs_check.evidence import INCOMPLETE, REFUTED, VERIFIED, ClaimResult, Evidence, machine_checked_theorems
from proofs_check.kernel import check
from proofs_check.lower_bounds._counts import Count, closed_form, count
from proofs_check.lower_bounds._fooling_sets import fooling_certificate
from proofs_check.lower_bounds._machines import check_machine, least_machine
from proofs_check.lower_bounds._own_rows import count_rows
from proofs_check.lower_bounds._scope import Scope, scope_of

if TYPE_CHECKING:
    from proofs_check.lower_bounds._growth import Growth

ANY_MACHINE = "any machine that reads the prefix once, with any chain of thought"
"""What the claims are about; it stands where other claims name their construction."""

UNSEEN = ", and does not see the position"
"""What is assumed of machines for IsTree, whose prefixes have different lengths: there the position tells something."""


_WITH_LETTERS = ("de-bruijn", "key-value", "words")
"""Families of prefixes whose numbers of states are printed with the number of letters, too."""


class _Bound(NamedTuple):
    """A claim: what it says, the scopes at which it is checked, the growth of its formula, the argument.

    ``theorems`` are those of Coq that say it for all n, or a part of it if the number is not exact.
    """

    name: str
    statement: str
    scopes: tuple[Scope, ...]
    growths: tuple[str, ...]
    argument: str
    theorems: tuple[str, ...] = ()


def _retrieval() -> Iterator[_Bound]:
    yield _Bound(
        "index, total and promise",
        "Index over 2 letters needs 2^n states: n bits",
        tuple(scope_of("index", n, 2) for n in range(1, 11)),
        ("index, k fixed",),
        "two words differ at some place, and a query asks for it",
        ("LowerIndex.index_states", "LowerIndex.index_fails"),
    )
    yield _Bound(
        "counting, total and promise",
        "Counting over n letters needs C(2n - 1, n) states: about 2n bits",
        tuple(scope_of("counting", n) for n in range(1, 7)),
        ("counting, k = n",),
        "two words with other counts of some letter differ on a threshold between them",
        ("LowerCounting.counting_own_states", "LowerCounting.counting_fails"),
    )
    yield _Bound(
        "associative recall, total",
        "Associative recall on n different tokens needs n! states: about n log2 n bits",
        tuple(scope_of("associative-recall", n) for n in range(2, 7)),
        ("associative recall, k = n, total",),
        "the answers tell which token follows which, hence the whole word",
        ("LowerRecall.recall_states", "LowerRecall.recall_fails"),
    )
    yield _Bound(
        "associative recall, promise",
        "Associative recall on n different tokens, where no undefined query occurs, needs (n - 1)! states",
        tuple(scope_of("associative-recall", n, None, "promise") for n in range(2, 7)),
        ("associative recall, k = n, promise",),
        "of the words that begin with 1, two differ first after a token that both have",
        ("Exact.recall_promise_states", "LowerRecall.recall_promise_fails"),
    )
    for convention, formula, growth in (
        ("total", "the sum over j >= 1 of C(K, j) k^j", "key-value, n >= K, k fixed, total"),
        ("promise", "k^K", "key-value, n >= K, k fixed, promise"),
    ):
        yield _Bound(
            f"key-value pairs, {convention}",
            f"Recall of the latest value of K keys, n >= K pairs, k values, {convention}, needs {formula} states",
            tuple(scope_of("associative-recall", keys, 2, convention, keys=keys) for keys in (1, 2, 3)),
            (growth,),
            "different values of a key are told apart by asking for it",
        )
    for convention, constants in (("total", "7, 41"), ("promise", "3, 17")):
        yield _Bound(
            f"associative recall, any word over 2 and 3 letters, {convention}",
            "The linear bound is lost where the vocabulary is constant: over k = 2, 3 letters, any word, "
            f"{convention}, {constants} states are enough, and needed, for every n >= 2k - 1",
            tuple(
                scope_of("associative-recall", n, k, convention, family="words")
                for k, n in ((2, 3), (2, 4), (2, 6), (3, 5), (3, 6))
            ),
            (),
            "what follows the letters is one of finitely many functions on them, each of which occurs",
        )
    yield _Bound(
        "counting over 2 letters, total and promise",
        "Counting over 2 letters needs n + 1 states: about log2 n bits",
        tuple(scope_of("counting", n, 2) for n in range(1, 9)),
        ("counting, k = 2 fixed",),
        "the number of one letter is that of the other, too",
        ("LowerCounting.counting_states",),
    )
    for convention, formula, argument in (
        ("total", "(k!)^(k^(c-2))", "the answers tell which gram follows which, hence the whole word"),
        ("promise", "(k!)^(k^(c-2)) / k^(c-1)", "of the words that begin alike, two differ first after a common gram"),
    ):
        sizes = ((2, 1), (2, 2), (2, 3), (3, 1), (3, 2))
        yield _Bound(
            f"c-gram, {convention}",
            f"c-gram retrieval on linear de Bruijn words over k letters, n = k^(c-1) + c - 2, {convention}, needs "
            f"{formula} states: about n log2(n) / (c - 1) bits as k grows",
            tuple(scope_of("c-gram", k**m + m - 1, k, convention, c=m + 1, family="de-bruijn") for k, m in sizes),
            tuple(f"c-gram, linear de Bruijn words, c = {c}, k growing, {convention}" for c in (2, 3, 4, 5)),
            argument,
        )


def _graphs() -> Iterator[_Bound]:
    yield _Bound(
        "istree, total",
        "IsTree, where a repeated edge means NO, needs Bell(n) + 1 states: about n log2 n bits",
        tuple(scope_of("istree", n) for n in range(2, 7)),
        ("istree, a repeated edge means NO",),
        "forests with other components are told apart by a star through the components of one of them",
        ("ExactIsTree.istree_states", "LowerIsTree.istree_fails"),
    )
    yield _Bound(
        "istree, total, repeated edges ignored",
        "IsTree, where repeated edges are ignored, needs a state for each forest, and one more from n = 3",
        tuple(scope_of("istree", n, repeats="ignored") for n in range(2, 6)),
        ("istree, repeated edges ignored",),
        "a tree through one forest without an edge of the other closes a cycle there",
    )
    yield _Bound(
        "istree, promise",
        "IsTree on simple graphs without isolated nodes needs at least a state for each partition of n - 1 nodes "
        "without singletons",
        tuple(scope_of("istree", n, None, "promise") for n in range(4, 9)),
        ("istree, promise (at least)",),
        "stars through the last node tell the components of the others apart",
        ("PromiseIsTree.istree_promise_states", "PromiseIsTree.istree_promise_fails"),
    )


_BOUNDS: dict[str, Callable[[], Iterator[_Bound]]] = {"4.6": _retrieval, "4.7": _graphs}


def lower_half(number: str) -> tuple[ClaimResult, ...]:
    """The claims about lower bounds of a theorem, evaluated; none for theorems that have no lower half.

    >>> [result.verdict for result in lower_half("4.7")]
    ['VERIFIED', 'VERIFIED', 'VERIFIED']
    """
    return (*map(_evaluated, _BOUNDS.get(number, tuple)()), *map(_counted, theorem(number).lower))


def _counted(count: StateCount) -> ClaimResult:
    """A number that a neighbour's file states: all rows are listed, and the kernel is asked where it knows the task."""
    claim = _claim(count.name, count.statement)
    claim = claim if count.of is None else replace(claim, construction=count.of)
    kept: dict[str, Any] | None = None
    for n in count.sizes:
        expected, task = count.states(n), count.task
        found = count_rows(task, n, count.alphabet) if isinstance(task, Task) else Count(task(n), count.exact, "")
        if found.states != expected or (count.exact and not found.exact):
            words = f"{'' if found.exact else 'at least '}{found.states} states are found, the formula says {expected}"
            return ClaimResult(claim, None, REFUTED, (), reason=f"{count.name}, n = {n}: {words}")
        if isinstance(task, Task) and task.certified is not None:
            verdict, reason, kept = _at(scope_of(task.name, n, count.alphabet))
            if verdict != VERIFIED:
                return ClaimResult(claim, None, verdict, (), reason=reason)
    numbers = [(n, count.states(n)) for n in count.sizes]
    how = count.how if kept is None else "fooling sets verified by the kernel"
    enough = "; a machine that keeps the row needs no more" if count.exact and isinstance(count.task, Task) else ""
    words = f"{how}: {', '.join(f'{states:,} (n = {n})' for n, states in numbers)}{enough}"
    argument = Evidence("argued", f"for all n, in docs/neighbours.md: {count.argument}")
    evidence = (Evidence("exhaustive", words, curve=tuple(numbers)), argument)
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


def _evaluated(bound: _Bound) -> ClaimResult:
    claim = _claim(bound.name, bound.statement, UNSEEN if bound.scopes[0].task == "istree" else "")
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


def _at(scope: Scope) -> tuple[str, str | None, dict[str, Any] | None]:
    """The verdict at one size: the kernel verifies a fooling set of that size, and no more is needed."""
    expected = closed_form(scope)
    if expected is None:
        return INCOMPLETE, f"{scope}: no formula", None
    if scope.repeats == "ignored":  # a reading that certificates do not have
        found = count(scope)
        if found.lower != expected.states or found.upper != expected.states:
            return REFUTED, f"{scope}: {found.lower} states are found, the formula says {expected.states}", None
        return VERIFIED, None, None
    certificate = fooling_certificate(scope)
    verdict = check(canonical_text(certificate).encode())
    if verdict.word != VERIFIED:
        word = REFUTED if verdict.word == "REJECTED" else INCOMPLETE
        return word, f"{scope}: the kernel says {verdict.line}", None
    if certificate["states"] != expected.states:
        return (
            REFUTED,
            f"{scope}: {certificate['states']} states are certified, the formula says {expected.states}",
            None,
        )
    if expected.exact:
        attained = count(scope).upper if scope.task == "istree" else check_machine(scope, least_machine(scope))
        if attained != expected.states:
            return REFUTED, f"{scope}: {attained} states are enough, the formula says {expected.states}", None
    return VERIFIED, None, certificate


def _evidence(bound: _Bound) -> Iterator[Evidence]:
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
    if exact and bound.scopes[0].task == "istree":
        yield Evidence("exhaustive", "so many are enough at these n, by partition refinement over all sets of edges")
    elif exact:
        yield Evidence("exhaustive", "machines with exactly so many states are right on all prefixes and queries")
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


def _growths(bound: _Bound) -> "list[Growth]":
    from proofs_check.lower_bounds._growth import growths  # with sympy, which takes a while to load

    found = {growth.what: growth for growth in growths()}
    return [found[what] for what in bound.growths]
