"""Dyck-1 by chain of thought: are the brackets balanced? The depth is written after each.

Yao et al., "Self-attention networks can process bounded hierarchical languages", 2021; here the depth is not bounded.
"""

from itertools import accumulate

from constructions.gallery._samples import brackets
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[str, ...]) -> tuple[int | str, ...]:
    """How deep is each place, and are the brackets balanced?"""
    depths = list(accumulate(1 if letter == "(" else -1 for letter in word))
    return (*depths[: depths.index(-1)], "no") if -1 in depths else (*depths, "no" if depths[-1] else "yes")


task = FunctionTask("dyck-1", "( )", reference, "<s> {word} #", sample=brackets(["()"], nested=True))


def build() -> Construction:
    """The last token is the depth; the mark has the number 0."""
    specials, context = (*task.tokens, "yes", "no"), 2 * n + 2
    w = Wiring("transformer/dyck-1", specials=specials, numbers=(0, n), context=context, answers=("yes", "no"))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    there = w.at("bracket", w.clamp(w.position - mark[w.position] + 1, 0, context, "place"))
    ended, closes, ground = there[w.is_token("#")], there[w.is_token(")")], w.equal(w.token)
    w.write("yes", when=[ended, ground])
    w.write("no", when=w.either(ended, w.both(closes, ground)))
    w.write(w.clamp(w.token + 1 - 2 * closes, 0, n, "depth"))
    return Construction(w.name, task, w.finish(), "Heads find the next bracket; depths are added.", longest=n + 1)
