"""Copy: the word once more, token by token.

Jelassi et al., "Repeat after me: transformers are better than state space models at copying", 2024.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask("copying", None, lambda word: (*word, "."), "<s> {word} #", statement="Write the word once more.")


def build() -> Construction:
    """What is written next stands as far behind the first token as the current one behind the mark, and one more."""
    w = Wiring("transformer/copying", specials=(*task.tokens, "."), numbers=(0, n), context=2 * n + 2, answers=(".",))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    place = w.clamp(w.position - mark[w.position] + 1, 0, w.context, "place")
    there = w.at("there", place)
    left = 2 * mark[w.position] - 1 - w.position
    w.ranking(left)
    w.write(".", when=w.at_least(0, left))
    w.write(there[w.token])
    return Construction(w.name, task, w.finish(), "A head finds the mark, one the letter to copy.", longest=n + 1)
