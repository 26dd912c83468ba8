"""Copying by look-up: what followed the last c tokens the first time?

Jelassi, Brandfonbrener, Kakade and Malach, "Repeat after me: transformers are better than state space models at
copying", 2024 (arXiv 2402.01032), restated: two layers of attention copy a word in which no gram of c tokens repeats,
and a machine with S states that reads the word once is wrong on a fraction of at least 1 - S / D^L of the words of
length L over D letters. The sketch of the Transformer is theirs, heads of fixed distance and one that looks for a gram;
what stands before the first letter, how a copy begins and how it ends is ours.
"""

import functools
import itertools
from collections.abc import Sequence
from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems._statements import (
    Construction,
    LogBound,
    StateCount,
    Theorem,
    Variants,
    claims_about,
)
from constructions.theorems._theorem_4_6 import say_of_offsets
from constructions.wiring import Value, Wiring, n

SIZES = (1, 2, 3)
"""The values of c with which the theorem is verified."""


def grams(word: Sequence[Any], c: int) -> list[tuple[Any, ...]]:
    """What stands before each letter and behind the last: c letters, None before the first.

    >>> grams("ab", 2)
    [(None, None), (None, 'a'), ('a', 'b')]
    """
    padded = (None,) * c + tuple(word)
    return [padded[place : place + c] for place in range(len(word) + 1)]


def is_copied(word: Sequence[Any], c: int) -> bool:
    """Whether no gram of c letters repeats, so that each tells what comes next."""
    found = grams(word, c)
    return len(set(found)) == len(found)


def _sample(c: int, rng: Any, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A random word over few letters or many, cut before the first gram that repeats."""
    length, letters = int(rng.integers(1, size + 1)), max(2, int(rng.integers(1, size + 1)))
    word, seen = list[int](), {(None,) * c}
    for letter in rng.integers(1, min(letters, size) + 1, length).tolist():
        after = grams([*word, letter], c)[-1]
        if after in seen:
            break
        word.append(letter)
        seen.add(after)
    return tuple(word or [1]), ()


def copying_task(c: int) -> FunctionTask:
    """Write the word once more; asked of words in which no gram of c letters repeats."""
    return FunctionTask(
        "copying",
        None,
        lambda word: (*word, "."),
        "<s> {word} #",
        legal=lambda word: is_copied(word, c),
        sample=functools.partial(_sample, c),
        statement="What is the word once more?",
    )


@functools.cache
def copying(c: int = 3) -> Construction:
    """Two blocks of attention: c heads that look back, one that looks for what they see.

    Behind the mark a copy begins like the word: the mark stands for ``<s>``, and so does all that is as far back or
    further. Then position j holds the record (gram before j) -> token at j, and the gram that ends here asks for it.
    The mark itself is the record of what follows the whole word; when it is found, the copy is complete.
    """
    task = copying_task(c)
    w = Wiring("transformer/copying", specials=(*task.tokens, "."), numbers=(0, n), context=2 * n + 2, answers=(".",))
    back = {distance: w.offset(f"{distance} back", distance) for distance in range(1, c + 1)}
    token: dict[int, Value] = {0: w.token} | {distance: head[w.token] for distance, head in back.items()}
    mark: dict[int, Value] = {0: w.is_token("#")} | {d: head[w.is_token("#")] for d, head in back.items()}

    def gram(newest: int) -> list[Value]:
        """The numbers of c tokens, ``newest`` positions back first; 0 from the latest mark on."""
        found = [token[newest]]
        for distance in range(newest + 1, newest + c):
            ended = w.either(*(mark[nearer] for nearer in range(newest, distance)))
            found.append(w.cases((ended, 0), otherwise=token[distance], name=f"{distance} back, seen from {newest}"))
        return found

    found = w.latest("found", list(zip(gram(1), gram(0), strict=True)))
    w.write(".", when=found[w.is_token("#")])
    w.write(found[w.token])
    say_of_offsets(w, {f"{distance} back": distance for distance in back})
    w.say(
        "found",
        "Where did the last tokens stand before?",
        "Just before position {at}.",
        "Nowhere: no word is copied yet.",
    )
    return Construction(
        w.name,
        task,
        w.finish(),
        f"A head for each of the last {c} tokens, and one that finds where they stood in the word.",
        longest=n + 1,
        parameter=f"c = {c}",
    )


def most_copied(states: int, letters: int = 2, length: int = 2) -> int:
    """The most words that a machine copies which has so many states in all and does not see the position.

    All are tried. One moves by the letters that it reads, then writes the letter of its state and moves by that.

    >>> [most_copied(states, 2, 1) for states in (1, 2)]
    [1, 2]
    """
    words, best = list(itertools.product(range(letters), repeat=length)), 0
    for moves in itertools.product(itertools.product(range(states), repeat=letters), repeat=states):
        read = [[functools.reduce(lambda s, x: moves[s][x], word, start) for word in words] for start in range(states)]
        for says in itertools.product(range(letters), repeat=states):
            wrote = []
            for state in range(states):
                written = list[int]()
                here = state
                for _ in range(length):
                    written.append(says[here])
                    here = moves[here][says[here]]
                wrote.append(tuple(written))
            best = max(best, *(sum(wrote[s] == word for s, word in zip(ends, words, strict=True)) for ends in read))
    return best


TASKS = (copying_task(3),)
CONSTRUCTIONS = {"transformer/copying": copying}
VARIANTS: dict[str, Variants] = {"transformer/copying": tuple({"c": c} for c in SIZES)}

_PROVED = tuple(f"LowerNearby.copying_{what}" for what in ("states", "share", "share_attained", "fails"))

THEOREM = Theorem(
    number="copying",
    title="Copying a word",
    statement=(
        "A Transformer with two layers of attention copies every word in which no gram of c tokens repeats; a machine "
        "with S states that reads the word once copies at most S of the D^L words of length L over D letters."
    ),
    constructions=("transformer/copying",),
    claims=claims_about(
        "transformer/copying",
        tokens=n + 1,
        parameters=LogBound(2, 7),
        activations=LogBound(3, 9),
        transcript="the word and a full stop",
        kernel=False,
    ),
    not_checked=("by the kernel: the answers, for it has a reference of copying for numbers of states only",),
    lower=(
        StateCount(
            name="copying, 2 letters",
            statement="Copying all words of length n over 2 letters needs 2^n states: n bits",
            task=TASKS[0],
            sizes=tuple(range(1, 9)),
            states=lambda size: 2**size,
            argument="what is written follows from the state, so any two words need two states",
            alphabet=2,
            theorems=_PROVED,
        ),
        StateCount(
            name="copying, 3 letters",
            statement="Copying all words of length n over 3 letters needs 3^n states: n log2 3 bits",
            task=TASKS[0],
            sizes=tuple(range(1, 6)),
            states=lambda size: int(3**size),
            argument="the same",
            alphabet=3,
            theorems=_PROVED,
        ),
        StateCount(
            name="copying with too few states",
            statement=(
                "A machine with n states copies at most n of the 4 words of 2 letters over 2 letters, and some machine "
                "that many: it errs on a share of at least 1 - n / 4, and not of more"
            ),
            task=most_copied,
            sizes=(1, 2, 3),
            states=lambda states: states,
            argument="what is written follows from the state, so it is at most one word for each",
            of="any machine with so many states in all that does not see the position",
            how="the most words that one copies, of all machines",
        ),
    ),
)
