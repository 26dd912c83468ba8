"""Tasks that tell Transformers and RNNs apart: equality, disjointness, nearest neighbour, index; and bounded Dyck.

Bhattamishra, Hahn, Blunsom and Kanade, "Separations in the representational capabilities of Transformers and recurrent
architectures", 2024 (arXiv 2406.09347), restated: small Transformers solve the first four, and RNNs need a state of
linear size for each; a constant RNN recognises a Dyck language of bounded depth. There vectors that are nearly
orthogonal stand for positions; here, and that is ours, integers do. The numbers of states are exact, and ours.
"""

import functools
import itertools
from collections.abc import Callable
from typing import Any

from constructions.tasks import FunctionTask, Index, NearestNeighbour, Word
from constructions.theorems._statements import Construction, LogBound, StateCount, Theorem, claims_about
from constructions.theorems._theorem_4_6 import THEOREM as RETRIEVAL
from constructions.theorems._theorem_4_6 import say_of_offsets
from constructions.wiring import Value, Wiring, n


class TwoWords(FunctionTask):
    """A question about two words of equal length over a and b, with a mark between them.

    Args:
        name: of the task.
        reference: from two letters of the same place to whether they let the answer be yes.
        statement: the question.
    """

    def __init__(self, name: str, reference: Callable[[str, str], bool], statement: str) -> None:
        def answer(word: tuple[str, ...]) -> str:
            half = len(word) // 2
            return "yes" if all(map(reference, word[:half], word[half + 1 :])) else "no"

        super().__init__(name, "a b #", answer, legal=_is_two_words, sample=self._two_words, statement=statement)

    def _two_words(self, rng: Any, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A word, and one for which the answer is yes; in every second one place then fails, if one can."""
        first = [str(letter) for letter in rng.choice(["a", "b"], (size - 1) // 2)]
        says = {(x, y): self.answer(self.parse(f"{x} # {y}")) for x, y in itertools.product("ab", repeat=2)}
        second = [str(rng.choice([y for y in "ab" if says[x, y] == "yes"])) for x in first]
        failing = [(place, y) for place, x in enumerate(first) for y in "ab" if says[x, y] == "no"]
        if failing and rng.random() < 0.5:
            place, letter = failing[int(rng.integers(len(failing)))]
            second[place] = letter
        return (*first, "#", *second), ()

    def of_numbers(self, sequence: tuple[int, ...], query: tuple[int, ...]) -> Word:
        """The mark, letter 3, between the two."""
        return super().of_numbers((*sequence, 3), query)


def _is_two_words(word: tuple[str, ...]) -> bool:
    return len(word) % 2 == 1 and word.count("#") == 1 and word[len(word) // 2] == "#"


EQUALITY = TwoWords("equality", lambda x, y: x == y, "Are two words the same?")
DISJOINTNESS = TwoWords("disjointness", lambda x, y: (x, y) != ("b", "b"), "Is there no place where both words have b?")


def _two_words(task: TwoWords, fails: Callable[[Wiring, Value, Value], Value], what: str) -> Construction:
    """Behind the mark every letter is compared with that at its place; one head finds a place that fails."""
    w = Wiring(f"transformer/{task.name}", specials=(*task.tokens, "yes", "no"), numbers=(0, 0), context=n)
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    there = w.at("same place", w.position - mark[w.position])
    fault = w.both(mark.hit, ~w.is_token("#"), fails(w, w.is_token("b"), there[w.is_token("b")]), name="fails")
    odd = w.latest("a place that fails", [(fault, 1)], default=True)
    w.write("yes", when=~odd.hit)
    w.write("no")
    w.say("mark", "Where does the second word begin?", "Behind position {at}.", "I read the first word.")
    return Construction(w.name, task, w.finish(), f"Heads find the mark, the letter at the same place, and {what}.")


@functools.cache
def equality() -> Construction:
    """The letters at a place differ."""
    return _two_words(EQUALITY, lambda w, here, there: ~w.equal(here, there), "a difference")


@functools.cache
def disjointness() -> Construction:
    """Both letters at a place are b."""
    return _two_words(DISJOINTNESS, lambda w, here, there: w.both(here, there), "a b in both words")


@functools.cache
def nearest_neighbour() -> Construction:
    """Two heads look back by 1 and 2, one finds the label whose two numbers are nearest.

    The score of a head that looks for keys k equal to q is S (|q|^2 - |k - q|^2 - e) + j with S above all positions j:
    see :func:`constructions.wiring._heads.latest`. So it picks the key nearest to q whether one is equal or not, and
    the last of several. What is excluded has e = 2 n^2, more than any distance in the grid.
    """
    task = NearestNeighbour()
    w = Wiring("transformer/nearest-neighbour", specials=("<s>", "a", "b", "?"), numbers=(0, n), context=3 * n + 3)
    back = {distance: w.offset(f"{distance} back", distance) for distance in (1, 2)}
    x, y = back[2][w.token], back[1][w.token]
    others = (1 - w.is_token("a", "b")) * (2 * n**2)
    found = w.latest("nearest", [(x, back[1][w.token]), (y, w.token)], excluding=others)
    w.write("a", when=found[w.is_token("a")])
    w.write("b")
    say_of_offsets(w, {f"{distance} back": distance for distance in back})
    w.say("nearest", "Which point is nearest to this one?", "That of position {at}.", "That of position {at}.")
    return Construction(w.name, task, w.finish(), "Heads read the two coordinates, and one finds the nearest point.")


KINDS, DEPTH = ("()", "[]"), 2


def bounded_dyck(word: tuple[str, ...]) -> str:
    """Are the brackets balanced, and nowhere more than two deep?"""
    stack = list[str]()
    for letter in word:
        if letter in "([":
            stack.append(letter)
        elif not stack or stack.pop() + letter not in KINDS:
            return "no"
        if len(stack) > DEPTH:
            return "no"
    return "no" if stack else "yes"


def dyck_states(length: int) -> int:
    """What can be open after so many brackets, two kinds at each depth of the same parity; and failure."""
    return sum(1 << depth for depth in range(length % 2, min(DEPTH, length) + 1, 2)) + 1


def _brackets(rng: Any, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Balanced brackets that keep the bound, in every second word with one drawn anew, or one more where one fits."""
    word, still = list[str](), list[str]()
    while len(word) + len(still) < max(size - 1, 1):
        if still and (len(still) == DEPTH or rng.random() < 0.5):
            word.append(still.pop())
        else:
            kind = KINDS[int(rng.integers(len(KINDS)))]
            word.append(kind[0])
            still.append(kind[1])
    word += still[::-1]
    if rng.random() < 0.5:
        place = int(rng.integers(len(word)))
        word[place : place + (len(word) >= size)] = [str(rng.choice(["(", ")", "[", "]"]))]
    return tuple(word[:size]), ()


DYCK = FunctionTask("bounded-dyck", "( ) [ ]", bounded_dyck, sample=_brackets)


@functools.cache
def bounded_dyck_rnn() -> Construction:
    """An automaton whose states are what is open, and failure: a cell for each, and a 0/1 matrix for each bracket."""
    stacks = ["", *"([", *(one + other for one in "([" for other in "(["), "failed"]

    def after(stack: str, letter: str) -> str:
        if letter in "([":
            return stack + letter if stack + letter in stacks else "failed"
        return stack[:-1] if stack[-1:] + letter in KINDS else "failed"

    w = Wiring("rnn/bounded-dyck", specials=(*DYCK.tokens, "yes", "no"), numbers=(0, 0), context=n, recurrent=True)
    matrices = {letter: [[int(after(stack, letter) == to) for stack in stacks] for to in stacks] for letter in "()[]"}
    cells = w.state([int(not stack) for stack in stacks], matrices, name="open")
    w.write("yes", when=w.equal(cells[0], 1))
    w.write("no")
    return Construction(w.name, DYCK, w.finish(), "The cell of what is open is 1; a matrix for each bracket moves it.")


TASKS = (EQUALITY, DISJOINTNESS, NearestNeighbour(), DYCK)
CONSTRUCTIONS = {
    "transformer/equality": equality,
    "transformer/disjointness": disjointness,
    "transformer/nearest-neighbour": nearest_neighbour,
    "rnn/bounded-dyck": bounded_dyck_rnn,
}


def _without_thought(name: str, parameters: LogBound, activations: LogBound) -> tuple[Any, ...]:
    one = n**0
    return claims_about(name, tokens=one, parameters=parameters, activations=activations, kernel=False)


THEOREM = Theorem(
    number="separate",
    title="Equality, disjointness, nearest neighbour, index, bounded Dyck",
    statement=(
        "Transformers of constant size answer equality and disjointness of two words, nearest neighbour and Index with "
        "no chain of thought; an RNN needs n bits of state for each. A linear RNN with 8 bits of state recognises "
        "brackets of two kinds that are at most two deep."
    ),
    constructions=(*CONSTRUCTIONS, "transformer/index"),
    claims=(
        *_without_thought("transformer/equality", LogBound(1, 6), LogBound(2, 7)),
        *_without_thought("transformer/disjointness", LogBound(1, 6), LogBound(2, 7)),
        *_without_thought("transformer/nearest-neighbour", LogBound(2, 7), LogBound(3, 9)),
        *claims_about(
            "rnn/bounded-dyck",
            tokens=n**0,
            parameters=LogBound(0, 4),
            activations=LogBound(0, 9),
            state=LogBound(0, 8),
            kernel=False,
        ),
        *(claim for claim in RETRIEVAL.claims if claim.construction == "transformer/index"),
    ),
    not_checked=(
        "by the kernel: the answers, but those of Index; it has references of the others for numbers of states only",
        "that one layer of attention needs linear size for equality, disjointness and bounded Dyck",
    ),
    lower=(
        StateCount(
            name="equality",
            statement="Equality of two words over 2 letters needs 2^n states after the first: n bits",
            task=EQUALITY,
            sizes=tuple(range(1, 8)),
            states=lambda size: 2**size,
            argument="of all second words only the first word itself gets a yes",
            theorems=("LowerNearby.equality_states", "LowerNearby.equality_fails"),
        ),
        StateCount(
            name="disjointness",
            statement="Disjointness of two words over 2 letters needs 2^n states after the first: n bits",
            task=DISJOINTNESS,
            sizes=tuple(range(1, 8)),
            states=lambda size: 2**size,
            argument="the second word with a single b asks for one letter of the first",
            theorems=("LowerNearby.disjointness_states", "LowerNearby.disjointness_fails"),
        ),
        StateCount(
            name="nearest neighbour",
            statement="Nearest neighbour of n points in a row with 2 labels needs 2^n states: n bits",
            task=NearestNeighbour(),
            sizes=tuple(range(1, 9)),
            states=lambda size: 2**size,
            argument="a point is its own nearest, so each label can be asked for",
            theorems=("LowerNearby.nearest_in_row_states", "LowerNearby.nearest_fails"),
        ),
        StateCount(
            name="index",
            statement="Index over 2 letters needs 2^n states: n bits",
            task=Index(),
            sizes=tuple(range(1, 9)),
            states=lambda size: 2**size,
            argument="two words differ at some place, and a query asks for it",
            alphabet=2,
            theorems=("LowerIndex.index_states", "LowerIndex.index_fails"),
        ),
        StateCount(
            name="bounded Dyck",
            statement=(
                "Brackets of 2 kinds, at most 2 deep, need 6 states after an even number from 2 on, 3 after an odd one"
            ),
            task=DYCK,
            sizes=tuple(range(1, 5)),
            states=dyck_states,
            argument="what is open decides, and the brackets that close it tell it from everything else",
        ),
    ),
)
