"""Palindromes by chain of thought: is the word the same from its end?

Hahn, "Theoretical limitations of self-attention", 2020, has them among the languages that attention must look at
everywhere. A token is written for each letter that is compared with its mirror image.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[str, ...]) -> tuple[str, ...]:
    """For each letter in turn: is it its mirror image?"""
    wrong = next((i for i, letter in enumerate(word) if letter != word[-1 - i]), None)
    return ("same",) * (len(word) if wrong is None else wrong) + ("yes" if wrong is None else "no",)


task = FunctionTask("palindrome", "a b", reference, "<s> {word} #")


def build() -> Construction:
    """The two heads go through the word from its two ends, a letter for each token written."""
    specials, context = (*task.tokens, "same", "yes", "no"), 2 * n + 2
    w = Wiring("transformer/palindrome", specials=specials, numbers=(0, 0), context=context, answers=("yes", "no"))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)[w.position]
    left = w.at("left", w.clamp(w.position - mark + 1, 0, context, "left place"))
    right = w.at("right", w.clamp(2 * mark - w.position - 1, 0, context, "right place"))
    w.write("yes", when=left[w.is_token("#")])
    w.write("no", when=~w.equal(left[w.code], right[w.code]))
    w.write("same")
    return Construction(w.name, task, w.finish(), "Two heads read a letter and its mirror image.", longest=n + 1)
