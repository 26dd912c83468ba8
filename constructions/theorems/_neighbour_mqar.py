"""Several look-ups by one attention layer on a linear RNN: MQAR and selective copying.

Arora et al., "Zoology: measuring and improving recall in efficient language models", 2023 (arXiv 2312.04927), restated:
models that are recurrences or convolutions need a state that grows with the number of pairs to answer several queries
about them (MQAR), and a hybrid with attention does not. Selective copying, the letters of a word without the noise
between them, is a task of Gu and Dao, "Mamba", 2023. The constructions and the number of states are ours.
"""

import functools
from itertools import pairwise
from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems._statements import Construction, LogBound, StateCount, Theorem, claims_about
from constructions.wiring import Polynomial, Wiring, n

QUERIES, DATA = 3, 4
"""How many queries are answered, and how many letters are copied."""

_NOISE, _LETTERS = "-", ("a", "b", "c", "d")


MQAR = FunctionTask(
    "mqar",
    None,
    lambda word, *asked: (*(dict(pairwise(word)).get(q, "NONE") for q in asked), "."),
    query=QUERIES,
    statement="What followed each of the three asked numbers, most recently?",
)


def _among_noise(rng: Any, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Four letters anywhere, noise elsewhere."""
    word = [_NOISE] * max(size, DATA)
    for place in rng.choice(len(word), DATA, replace=False):
        word[int(place)] = str(rng.choice(_LETTERS))
    return tuple(word), ()


def _is_among_noise(word: tuple[str, ...]) -> bool:
    return len(word) - word.count(_NOISE) == DATA


COPYING = FunctionTask(
    "selective-copying",
    (*_LETTERS, _NOISE),
    lambda word: (*(letter for letter in word if letter != _NOISE), "."),
    "<s> {word} #",
    legal=_is_among_noise,
    sample=_among_noise,
    statement="What are the four letters among the noise?",
)
COPYING.least = DATA


@functools.cache
def mqar() -> Construction:
    """The j-th answer is written Q - 1 positions behind the j-th query; a counter tells what follows the mark."""
    w = Wiring(
        "hybrid/mqar",
        specials=(*MQAR.tokens, "NONE", "."),
        numbers=(0, n),
        context=n + 2 * QUERIES + 2,
        answers=(".",),
        recurrent=True,
    )
    behind = w.at_least(w.count(w.is_token("?")), 1, "the mark was read")
    previous, asked = w.back(1, w.token), w.back(QUERIES - 1, w.token)
    found = w.latest("found", [(previous, asked)], excluding=behind, default=True)
    w.write(".", when=w.back(2 * QUERIES, w.is_token("?")))
    w.write("NONE", when=~found.hit)
    w.write(found[w.token])
    w.say("found", "Who came right after the number that is asked for, most recently?", "{there} did.", "Nobody did.")
    summary = "The state holds the last tokens and whether the mark was read; one head finds the asked number."
    return Construction(w.name, MQAR, w.finish(), summary, longest=Polynomial.constant(QUERIES + 1))


@functools.cache
def selective_copying() -> Construction:
    """The k-th letter is the one up to which k letters were read; with c read in all, the next is number c - 3."""
    w = Wiring(
        "hybrid/selective-copying",
        specials=(*COPYING.tokens, "."),
        numbers=(0, 0),
        context=n + DATA + 2,
        least=DATA,
        answers=(".",),
        recurrent=True,
    )
    is_letter = w.is_token(*_LETTERS)
    read = w.count(is_letter)
    found = w.latest("next letter", [(read, read - (DATA - 1))], excluding=~is_letter)
    w.write(".", when=w.at_least(read, 2 * DATA, "all are copied"))
    for letter in _LETTERS[:-1]:
        w.write(letter, when=found[w.is_token(letter)])
    w.write(_LETTERS[-1])
    w.say("next letter", "Which letter comes next?", "{there}.", "{there}.")
    summary = "The state counts letters; one head finds the letter with the next number."
    return Construction(w.name, COPYING, w.finish(), summary, longest=Polynomial.constant(DATA + 1))


TASKS = (MQAR, COPYING)
CONSTRUCTIONS = {"hybrid/mqar": mqar, "hybrid/selective-copying": selective_copying}

THEOREM = Theorem(
    number="mqar",
    title="MQAR and selective copying by hybrids",
    statement=(
        "A constant-size linear RNN with one attention layer and O(log n) bits of state answers three queries of "
        "associative recall one after the other, and copies four letters from among noise; any RNN needs n bits of "
        "state to answer queries about n keys with two values."
    ),
    constructions=tuple(CONSTRUCTIONS),
    claims=(
        *claims_about(
            "hybrid/mqar",
            tokens=Polynomial.constant(QUERIES + 1),
            parameters=LogBound(2, 9),
            activations=LogBound(3, 10),
            state=LogBound(4, 14),
            transcript="the three answers and a full stop",
            kernel=False,
        ),
        *claims_about(
            "hybrid/selective-copying",
            tokens=Polynomial.constant(DATA + 1),
            parameters=LogBound(1, 8),
            activations=LogBound(3, 9),
            state=LogBound(1, 2),
            transcript="the four letters and a full stop",
            kernel=False,
        ),
    ),
    not_checked=(
        "by the kernel: the answers, for it has a reference of MQAR for numbers of states only",
        "a lower half for selective copying: for four letters a constant number of states is enough",
    ),
    lower=(
        StateCount(
            name="MQAR, n keys with two values",
            statement="MQAR about n keys, each with one of two values, needs 2^n states: n bits",
            task=MQAR,
            sizes=tuple(range(1, 8)),
            states=lambda size: 1 << size,
            argument="two assignments differ at some key, and a query asks for it",
            theorems=("LowerNearby.mqar_states", "LowerNearby.mqar_fails"),
        ),
    ),
)
