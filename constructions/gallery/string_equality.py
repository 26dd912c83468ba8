"""String equality, w#w: is what follows the mark the same as what stands before it?

Two copies of a word need memory of its whole length from any machine that reads once; Weiss, Goldberg and Yahav,
"Thinking like transformers", 2021, compare by a head for positions.
"""

from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def sample(rng: Any, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A word twice, one letter of the second drawn anew; every other time that changes nothing."""
    word = [str(letter) for letter in rng.choice(["a", "b"], max(1, (size - 1) // 2))]
    other = list(word)
    other[int(rng.integers(len(other)))] = str(rng.choice(["a", "b"]))
    return ((*word, "#", *other) if size > 2 else ("#",)), ()


task = FunctionTask(
    "string-equality",
    "a b #",
    lambda word: "yes" if word[: word.index("#")] == word[word.index("#") + 1 :] else "no",
    legal=lambda word: word.count("#") == 1,
    sample=sample,
    statement="Is the word behind the mark the one before it?",
)


def build() -> Construction:
    """Behind the mark every letter is compared with that at its place; one head finds a letter that differs."""
    w = Wiring("transformer/string-equality", specials=(*task.tokens, "yes", "no"), numbers=(0, 0), context=n)
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    there = w.at("same place", w.position - mark[w.position])
    differs = w.both(mark.hit, ~w.is_token("#"), ~w.equal(w.code, there[w.code]), name="differs")
    odd = w.latest("a letter that differs", [(differs, 1)], default=True)
    w.write("yes", when=[~odd.hit, w.equal(w.position, 2 * mark[w.position] - 1)])
    w.write("no")
    return Construction(w.name, task, w.finish(), "Heads find the mark, the letter to compare, and a difference.")
