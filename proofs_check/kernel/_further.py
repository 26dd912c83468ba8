"""The tasks that certificates know since version 2: each by its definition, and all answers after one sequence.

What is asked after a sequence is a *query*, and no query is undefined. In equality and disjointness it is a second
sequence: is it the same; is there no place at which both have the letter 2? In copying nothing is asked, and the answer
is all that must be written: the sequence and a full stop. In mqar three letters are asked for: what followed the latest
occurrence of each, NONE if nothing did. In bounded-dyck the letters 1 .. 4 are the brackets ( ) [ ], and the query is
how they go on, with up to n more: are all of them balanced, and never more than two open? In nearest-neighbour the
sequence holds n points of a grid, two coordinates 1 .. n and a label each, and the query is a point: which label has
the nearest one, the last of several?

``answer`` works from the definition. ``row`` makes one number of the answers to all queries, which is equal for two
sequences exactly if all answers are, by other means.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ._reference import Question, Word


class Further(NamedTuple):
    """A task: how large the numbers of a unit of its sequences are, its queries, its answers."""

    letters: int | None
    """The alphabet, where there is only one."""
    unit: "Callable[[Question], Word]"
    """The largest number at each place of a unit, of which a sequence has n."""
    count: "Callable[[Question], int]"
    queries: "Callable[[Question], list[Word]]"
    """All of them, in canonical order; ``count`` of them."""
    longest: "Callable[[Question], int]"
    """The most numbers of a query."""
    answer: "Callable[[Word, Word], str]"
    row: "Callable[[Question, Word, list[Word]], int]"


def _digits(numbers: Iterable[int]) -> int:
    """One number of equally many small ones, each below 2^24."""
    return int.from_bytes(b"".join(number.to_bytes(3, "big") for number in numbers), "big")


def _letter(question: "Question") -> "Word":
    return (question.alphabet,)


def _words(question: "Question") -> "list[Word]":
    return list(itertools.product(range(1, question.alphabet + 1), repeat=question.n))


def _equal_row(question: "Question", sequence: "Word", asked: "list[Word]") -> int:
    """Of all words the one whose number, in digits from 0, is that of the sequence."""
    rank = 0
    for letter in sequence:
        rank = rank * question.alphabet + letter - 1
    return 1 << rank


def _disjoint_row(question: "Question", sequence: "Word", asked: "list[Word]") -> int:
    """From the last place on: before a 1 either letter may stand, beside a 2 only the 1, which comes first."""
    row = 1
    for place, letter in enumerate(reversed(sequence)):
        row |= row << (1 << place) if letter == 1 else 0
    return row


def _copy_row(question: "Question", sequence: "Word", asked: "list[Word]") -> int:
    """The sequence as digits."""
    return _digits(sequence)


def _followers(sequence: "Word", query: "Word") -> str:
    """Backwards from the last place that has a successor: the first match is the latest occurrence."""
    answers = []
    for letter in query:
        places = (place for place in range(len(sequence) - 2, -1, -1) if sequence[place] == letter)
        place = next(places, None)
        answers.append("NONE" if place is None else str(sequence[place + 1]))
    return " ".join([*answers, "."])


def _followers_row(question: "Question", sequence: "Word", asked: "list[Word]") -> int:
    """Forwards, so that later occurrences overwrite earlier ones; 0 for NONE."""
    after = dict(itertools.pairwise(sequence))
    return _digits(after.get(letter, 0) for query in asked for letter in query)


def _balanced(sequence: "Word", query: "Word") -> str:
    """With a stack."""
    still = list[int]()
    for letter in sequence + query:
        if letter in (1, 3):
            still.append(letter)
        elif not still or still.pop() + 1 != letter:
            return "no"
        if len(still) > 2:
            return "no"
    return "no" if still else "yes"


def _balanced_row(question: "Question", sequence: "Word", asked: "list[Word]") -> int:
    """By crossing out: once the pairs with nothing between them, then those that had only such pairs between them."""
    texts = ("".join("()[]"[letter - 1] for letter in sequence + query) for query in asked)
    return _digits(not _crossed_out(_crossed_out(text)) for text in texts)


def _crossed_out(text: str) -> str:
    return text.replace("()", ".").replace("[]", ".").replace(".", "")


def _nearest(sequence: "Word", query: "Word") -> str:
    """Point by point; one as near as the nearest so far takes its place."""
    least, found = -1, 0
    for x, y, label in zip(sequence[::3], sequence[1::3], sequence[2::3], strict=True):
        distance = (x - query[0]) ** 2 + (y - query[1]) ** 2
        if least < 0 or distance <= least:
            least, found = distance, label
    return str(found)


def _nearest_row(question: "Question", sequence: "Word", asked: "list[Word]") -> int:
    """Every point paints the whole grid in its label, the farthest places first, so that the nearest is on top."""
    points = list(zip(sequence[::3], sequence[1::3], sequence[2::3], strict=True))
    strokes = [
        ((x - query[0]) ** 2 + (y - query[1]) ** 2, -place, bit, label)
        for place, (x, y, label) in enumerate(points)
        for bit, query in enumerate(asked)
    ]
    grid = [0] * len(asked)
    for _, _, bit, label in sorted(strokes, reverse=True):
        grid[bit] = label
    return _digits(grid)


def _continued(question: "Question") -> "list[Word]":
    lengths = range(question.n + 1)
    return [word for length in lengths for word in itertools.product(range(1, 5), repeat=length)]


def _grid(question: "Question") -> "list[Word]":
    return list(itertools.product(range(1, question.n + 1), repeat=2))


def _yes(is_so: "Callable[[Word, Word], bool]") -> "Callable[[Word, Word], str]":
    return lambda sequence, query: "yes" if is_so(sequence, query) else "no"


_SAME = _yes(lambda sequence, query: sequence == query)
_APART = _yes(lambda sequence, query: not any(a == b == 2 for a, b in zip(sequence, query, strict=True)))

TASKS: dict[str, Further] = {
    "bounded-dyck": Further(
        4, _letter, lambda q: (4 ** (q.n + 1) - 1) // 3, _continued, lambda q: q.n, _balanced, _balanced_row
    ),
    "copying": Further(
        None, _letter, lambda q: 1, lambda q: [()], lambda q: 0, lambda s, _: " ".join([*map(str, s), "."]), _copy_row
    ),
    "disjointness": Further(2, _letter, lambda q: 2**q.n, _words, lambda q: q.n, _APART, _disjoint_row),
    "equality": Further(2, _letter, lambda q: 2**q.n, _words, lambda q: q.n, _SAME, _equal_row),
    "mqar": Further(
        None,
        _letter,
        lambda q: q.alphabet**3,
        lambda q: list(itertools.product(range(1, q.alphabet + 1), repeat=3)),
        lambda q: 3,
        _followers,
        _followers_row,
    ),
    "nearest-neighbour": Further(
        2, lambda q: (q.n, q.n, q.alphabet), lambda q: q.n**2, _grid, lambda q: 2, _nearest, _nearest_row
    ),
}
