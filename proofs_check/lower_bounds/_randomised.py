"""Machines that may err, for Index: how many states an error of e needs, in exact rationals.

The error is the average over uniformly drawn words and places. A machine that draws random bits is a
mixture of machines that do not, and some of these is at least as good (Yao); so what follows holds with
random bits too, even shared ones, and with any chain of thought. After the prefix a machine in state s
answers the n places by a word v(s), so on the word w it errs at d(w, v(s)) places (Hamming distance).
"""

import itertools
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from constructions.errors import InputError
from constructions.tasks import Index
from proofs_check.lower_bounds._machines import Machine, State
from proofs_check.lower_bounds._scope import Word, scope_of
from proofs_check.lower_bounds._tasks._index import Words


def least_error(n: int, k: int, states: int) -> Fraction:
    """A lower bound, by ball filling, of the error of every machine with so many states.

    Each state has C(n, r) (k - 1)^r words at distance r from its answers. So at most ``states`` times as
    many words err at r places, and the sum of errors is least if these places are filled from r = 0 on.

    >>> least_error(7, 2, 16), least_error(7, 2, 128)
    (Fraction(1, 8), Fraction(0, 1))
    """
    _require(n, k)
    if states < 1:
        raise InputError(f"states = {states}: expected at least 1")
    left, errors = k**n, 0
    for radius in range(n + 1):
        here = min(left, states * math.comb(n, radius) * (k - 1) ** radius)
        errors, left = errors + radius * here, left - here
    return Fraction(errors, n * k**n)


def least_states_by_balls(n: int, k: int, error: Fraction) -> int:
    """The least number of states for which ball filling allows this error.

    >>> least_states_by_balls(7, 2, Fraction(1, 8)), least_states_by_balls(7, 2, Fraction(0))
    (16, 128)
    """
    _require_error(error)
    low, high = 1, k**n
    while low < high:  # the least error falls as states are added
        middle = (low + high) // 2
        low, high = (low, middle) if least_error(n, k, middle) <= error else (middle + 1, high)
    return low


def least_states_by_fano(n: int, k: int, error: Fraction) -> int:
    """The least number of states that Fano's inequality allows.

    log2 S >= n (log2 k - H2(e) - e log2(k - 1)) for e = p / q up to 1 - 1 / k. As 2^(-q H2(p / q)) is
    (p / q)^p ((q - p) / q)^(q - p), this says S^q >= A / B with the integers

        A = (k^q p^p (q - p)^(q - p))^n,    B = (q^q (k - 1)^p)^n.

    >>> least_states_by_fano(7, 2, Fraction(1, 8))
    10
    """
    _require(n, k)
    _require_error(error)
    p, q = error.numerator, error.denominator
    if k * error >= k - 1:  # guessing does as well
        return 1
    above = (k**q * p**p * (q - p) ** (q - p)) ** n
    below = (q**q * (k - 1) ** p) ** n
    low, high = 1, k**n
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if middle**q * below >= above else (middle + 1, high)
    return low


UNLIKELY = 10**12
"""One chance in so many counts as a refutation by draws."""


def unlikely(drawn: int, wrong: int, error: Fraction) -> bool:
    """Whether so many wrong answers have a chance below 1 / ``UNLIKELY`` if each is wrong with at most this chance.

    By Chernoff's bound: for a = wrong / drawn above e, the chance of so many or more is at most
    (e / a)^wrong ((1 - e) / (1 - a))^(drawn - wrong); an inequality between integers decides.

    >>> unlikely(1024, 300, Fraction(1, 8)), unlikely(1024, 128, Fraction(1, 8)), unlikely(16, 1, Fraction(0))
    (True, False, True)
    """
    p, q = error.numerator, error.denominator
    right = drawn - wrong
    if wrong * q <= p * drawn:
        return False
    chance = (p * drawn) ** wrong * ((q - p) * drawn) ** right
    return bool(chance * UNLIKELY < (q * wrong) ** wrong * (q * right) ** right)


class NearestCodeword(Words):
    """Keeps, of the word that it read, the nearest word of a code; as many states as the code has words."""

    def __init__(self, n: int, k: int, code: Iterable[Word]) -> None:
        super().__init__(scope_of(Index.name, n, k))
        self.code = sorted(code)

    def read(self, summary: Any, letter: int) -> State:
        """The word so far; with its last letter, the nearest word of the code."""
        word = (*summary, letter)
        if len(word) < self.scope.n:
            return word
        return min(self.code, key=lambda other: (distance(word, other), other))


def distance(one: Word, other: Word) -> int:
    """At how many places two words differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def linear_code(check: Iterable[tuple[int, ...]], k: int) -> list[Word]:
    """The words that a parity check over the integers modulo k sends to 0; the letters 1 .. k stand for 0 .. k - 1."""
    rows = [tuple(row) for row in check]
    return [
        tuple(letter + 1 for letter in word)
        for word in itertools.product(range(k), repeat=len(rows[0]))
        if all(sum(a * b for a, b in zip(row, word, strict=True)) % k == 0 for row in rows)
    ]


HAMMING = linear_code(((1, 0, 1, 0, 1, 0, 1), (0, 1, 1, 0, 0, 1, 1), (0, 0, 0, 1, 1, 1, 1)), 2)
"""The Hamming [7, 4] code: column i of its parity check is i in binary. Its 16 balls of radius 1 are all words."""


def error_of(machine: Machine, n: int, k: int) -> Fraction:
    """The error of a machine for Index, by running it on all words and places.

    >>> error_of(NearestCodeword(7, 2, HAMMING), 7, 2)
    Fraction(1, 8)
    """
    _require(n, k)
    wrong = 0
    for word in itertools.product(range(1, k + 1), repeat=n):
        state = machine.initial()
        for token in (*map(str, word), "?"):
            state = machine.step(state, token)
        wrong += sum(machine.output(machine.step(state, str(i))) != str(word[i - 1]) for i in range(1, n + 1))
    return Fraction(wrong, n * k**n)


def _require(n: int, k: int) -> None:
    if n < 1 or k < 1:
        raise InputError(f"n = {n}, alphabet = {k}: expected integers of at least 1")


def _require_error(error: Fraction) -> None:
    if not 0 <= error <= 1:
        raise InputError(f"error = {error}: expected a fraction from 0 to 1, such as 1/8")
