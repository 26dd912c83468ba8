"""Certificates of numbers of states: prefixes of which no two can share one, as the count says; exact counts."""

from typing import Any

from constructions.errors import InputError, ResourceError
from proofs_check.certificates import Question, fooling_set, state_count
from proofs_check.kernel._families import prefixes as family_prefixes
from proofs_check.kernel._fooling import check_size
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._verdict import Incomplete
from proofs_check.lower_bounds._counts import closed_form, count
from proofs_check.lower_bounds._prefixes import prefix_count
from proofs_check.lower_bounds._scope import Scope

_LONGEST, _MOST_LETTERS = 1_000, 100_000
"""The kernel's limits of n and of the alphabet."""


def question_of(scope: Scope) -> Question:
    """The question of a certificate; pairs of key and value count as two letters."""
    return Question(scope.task, *scope.sizes, scope.convention, scope.c)


def fooling_certificate(scope: Scope) -> dict[str, Any]:
    """A certificate that the kernel verifies: no machine has fewer states than the count of this scope.

    Where the count is a lower bound only, so is the certificate's number.

    Raises:
        InputError: if repeated edges are ignored, a reading that certificates do not have.
        ResourceError: if there are more prefixes than the kernel checks, or than can be enumerated.

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> fooling_certificate(scope_of("associative-recall", 4, 4, "promise"))["states"]
    6
    """
    if scope.repeats == "ignored":
        raise InputError(f"{scope}: under total, certificates read a repeated edge as NO; there is no other reading")
    question, expected = question_of(scope), closed_form(scope)
    if expected is not None:
        _check_size(scope, question, expected.states)
    described = scope.described()
    if described is not None:
        kernel_question = KernelQuestion(question.task, question.n, question.alphabet, question.c or 2)
        try:
            states, _ = family_prefixes(kernel_question, described, scope.convention)
        except Incomplete as error:
            raise ResourceError(f"{scope}: {error}") from error
        return fooling_set(question, described, states)
    prefixes = list(scope.fooling())
    _check_size(scope, question, len(prefixes))
    return fooling_set(question, prefixes, len(prefixes))


def count_certificate(scope: Scope) -> dict[str, Any]:
    """A certificate that the kernel verifies: so many states are needed after all prefixes, and no more.

    Raises:
        InputError: if the kernel cannot list these prefixes, or some query is undefined after one.
        ResourceError: if there are more prefixes than the kernel checks.

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> count_certificate(scope_of("counting", 3))["states"], count_certificate(scope_of("bounded-dyck", 2))["states"]
    (10, 6)
    """
    family = scope.everything()
    if family is None:
        raise InputError(
            f"{scope}: exact counts are certified for all words, or all orders of n of n letters, if "
            "every query is legal after each"
        )
    question = question_of(scope)
    _check_size(scope, question, prefix_count(scope))
    known = closed_form(scope)
    return state_count(question, family, prefix_count(scope), count(scope).lower if known is None else known.states)


def _check_size(scope: Scope, question: Question, states: int) -> None:
    plain = KernelQuestion(question.task, question.n, question.alphabet, question.c or 2)
    if question.n > _LONGEST or question.alphabet > _MOST_LETTERS:
        raise ResourceError(f"{scope}: certificates have n up to {_LONGEST:,} and up to {_MOST_LETTERS:,} letters")
    try:
        check_size(plain, scope.convention, states)
    except Incomplete as error:
        raise ResourceError(f"{scope}: {error}") from error
