"""Covering codes by local search: machines for Index that leave few letters wrong on average."""

import numpy as np

from constructions.errors import InputError, ResourceError
from proofs_check.lower_bounds._prefixes import Letters
from proofs_check.lower_bounds._randomised import NearestCodeword

MOST_WORDS = 2_048
"""The search compares every word with every other one; more words than this are refused."""


def found_machine(n: int, k: int, states: int, *, seed: int = 0, rounds: int = 3) -> NearestCodeword:
    """A machine for Index with so many states and a small error, by local search.

    Starting from random words, one of them after the other is replaced by the word with which the error is least,
    until no replacement helps; the best of ``rounds`` starts is kept. That its error is near the bound of
    :func:`least_error` is nothing that the search promises: ``error_of`` says what it is.

    Raises:
        InputError: unless 1 <= states <= k^n.
        ResourceError: if there are more than ``MOST_WORDS`` words.

    >>> from proofs_check.lower_bounds import error_of, least_error
    >>> error_of(found_machine(3, 2, 2), 3, 2) == least_error(3, 2, 2)
    True
    """
    if k**n > MOST_WORDS:
        raise ResourceError(f"n = {n}, alphabet = {k}: {k**n:,} words; the search takes at most {MOST_WORDS:,}")
    if not 1 <= states <= k**n:
        raise InputError(f"states = {states}: expected from 1 to {k**n}, the number of words")
    words = np.stack(np.unravel_index(np.arange(k**n), (k,) * n), axis=1)
    apart = (words[:, None] != words).sum(axis=2)  # of each two words, at how many places they differ
    rng = np.random.default_rng([n, k, states, seed])
    best = min((_improved(apart, rng.permutation(k**n)[:states]) for _ in range(rounds)), key=lambda found: found[0])
    return NearestCodeword(n, k, [tuple(word) for word in (words[best[1]] + 1).tolist()])


def _improved(apart: Letters, chosen: Letters) -> tuple[int, Letters]:
    """The sum of the distances to the nearest chosen word, and the words that were chosen in the end."""
    chosen = chosen.copy()
    total = int(apart[chosen].min(axis=0).sum())
    unchanged = 0
    while unchanged < len(chosen):
        for place in range(len(chosen)):
            others = np.delete(chosen, place)
            nearest = apart[others].min(axis=0) if len(others) else np.full(len(apart), apart.shape[0])
            totals = np.minimum(nearest, apart).sum(axis=1)
            word = int(totals.argmin())
            if totals[word] < total:
                total, chosen[place], unchanged = int(totals[word]), word, 0
            else:
                unchanged += 1
            if unchanged >= len(chosen):
                break
    return total, chosen
