"""Reverse: the word from its end to its beginning, token by token.

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021 (RASP).
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask("reversal", None, lambda word: (*word[::-1], "."), "<s> {word} #", statement="Write it backwards.")


def build() -> Construction:
    """What is written next stands as far before the mark as the current token behind it, and one more."""
    w = Wiring("transformer/reversal", specials=(*task.tokens, "."), numbers=(0, n), context=2 * n + 2, answers=(".",))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    place = w.clamp(2 * mark[w.position] - w.position - 1, 0, w.context, "place")
    there = w.at("there", place)
    w.write(".", when=there[w.start])
    w.write(there[w.token])
    return Construction(w.name, task, w.finish(), "A head finds the mark, one the mirrored letter.", longest=n + 1)
