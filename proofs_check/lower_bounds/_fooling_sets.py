"""Fooling sets for the kernel: prefixes of which no two can share a state, as many as the count says."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions.errors import InputError, ResourceError
from proofs_check.certificates import Question, fooling_set
from proofs_check.kernel._families import prefixes as family_prefixes
from proofs_check.kernel._fooling import check_size
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._verdict import Incomplete
from proofs_check.lower_bounds._conflicts import least_classes
from proofs_check.lower_bounds._counts import closed_form
from proofs_check.lower_bounds._prefixes import de_bruijn_words, prefix_batches
from proofs_check.lower_bounds._rows import answer_rows
from proofs_check.lower_bounds._scope import Scope

Word = tuple[int, ...]

_LONGEST, _MOST_LETTERS = 1_000, 100_000
"""The kernel's limits of n and of the alphabet."""


def question_of(scope: Scope) -> Question:
    """The question of a certificate; pairs of key and value count as two letters."""
    if scope.family == "key-value":
        return Question(scope.task, 2 * scope.n, scope.alphabet + (scope.keys or 0), scope.convention)
    return Question(scope.task, scope.n, scope.alphabet, scope.convention, scope.c)


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
    described = _described(scope)
    if described is not None:
        kernel_question = KernelQuestion(question.task, question.n, question.alphabet, question.c or 2)
        try:
            states, _ = family_prefixes(kernel_question, described, scope.convention)
        except Incomplete as error:
            raise ResourceError(f"{scope}: {error}") from error
        return fooling_set(question, described, states)
    prefixes = list(_listed(scope))
    _check_size(scope, question, len(prefixes))
    return fooling_set(question, prefixes, len(prefixes))


def _check_size(scope: Scope, question: Question, states: int) -> None:
    plain = KernelQuestion(question.task, question.n, question.alphabet, question.c or 2)
    if question.n > _LONGEST or question.alphabet > _MOST_LETTERS:
        raise ResourceError(f"{scope}: certificates have n up to {_LONGEST:,} and up to {_MOST_LETTERS:,} letters")
    try:
        check_size(plain, scope.convention, states)
    except Incomplete as error:
        raise ResourceError(f"{scope}: {error}") from error


def _described(scope: Scope) -> str | None:
    """The family that the kernel lists itself, if one fits."""
    n, k = scope.n, scope.alphabet
    if scope.task == "index":
        return "words"
    if scope.task == "counting":
        return "multisets"
    if scope.task == "istree":
        return "partitions" if scope.convention == "total" or n >= 4 else None
    if scope.family == "distinct" and k == n > scope.query_length:
        if scope.convention == "total":
            return "permutations"
        return "rotations" if scope.query_length == 1 else None
    return None


def _listed(scope: Scope) -> Iterator[Word]:
    n, k, m = scope.n, scope.alphabet, scope.query_length
    if scope.task == "istree":  # two or three nodes, under promise
        return iter([(1, 2)] if n == 2 else [(1, 2), (1, 2, 1, 3)])
    if scope.family == "distinct":
        if n <= m:
            return iter([tuple(range(1, n + 1))])
        every: Iterator[Word] = itertools.permutations(range(1, k + 1), n)
        # Two words that begin alike differ first after a query that both have.
        begin = tuple(range(1, m + 1))
        return every if scope.convention == "total" else (word for word in every if word[:m] == begin)
    if scope.family == "de-bruijn":
        every = de_bruijn_words(k, m)
        return every if scope.convention == "total" else itertools.takewhile(lambda word: set(word[:m]) == {1}, every)
    if scope.family == "key-value":
        return _assignments(scope)
    return _by_rows(scope)


def _assignments(scope: Scope) -> Iterator[Word]:
    """One word for each assignment of values to keys that occurs; under promise to the first keys."""
    keys, values = range(1, (scope.keys or 0) + 1), range((scope.keys or 0) + 1, (scope.keys or 0) + scope.alphabet + 1)
    most = min(scope.n, len(keys))
    for size in [most] if scope.convention == "promise" else range(1, most + 1):
        for chosen in [keys[:size]] if scope.convention == "promise" else itertools.combinations(keys, size):
            for assigned in itertools.product(values, repeat=size):
                pairs = list(zip(chosen, assigned, strict=True))
                yield tuple(letter for pair in [pairs[0]] * (scope.n - size) + pairs for letter in pair)


def _by_rows(scope: Scope) -> Iterator[Word]:
    """All words: the first with each row; under promise those of a clique."""
    first: dict[bytes, Word] = {}
    for batch in prefix_batches(scope):
        rows = answer_rows(scope, batch)
        for word, row in zip(batch.tolist(), rows, strict=True):
            first.setdefault(row.tobytes(), tuple(word))
    words = [first[row] for row in sorted(first)]  # the order in which brute force takes the rows
    if scope.convention == "promise":
        clique = least_classes(answer_rows(scope, np.array(words))).clique
        words = [words[place] for place in sorted(clique)]
    return iter(words)
