"""Reachability where one arrow leaves each node, by chain of thought: does the path from 1 come to the last node?

Complete for logarithmic space (Cook and McKenzie, "Problems complete for deterministic logarithmic space", 1987). The
i-th number is where the arrow of node i leads.
"""

from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[int, ...]) -> tuple[int | str, ...]:
    """Which nodes does the path from 1 visit, up to the last node or for as many steps as there are nodes?"""
    path = [1]
    while path[-1] != len(word) and len(path) <= len(word):
        path.append(word[path[-1] - 1])
    return (*path, "yes" if path[-1] == len(word) else "no")


def sample(rng: Any, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Arrows that lead one node further, but few."""
    return tuple(
        int(rng.integers(1, size + 1)) if rng.random() < 1 / size else min(i, size) for i in range(2, size + 2)
    ), ()


task = FunctionTask(
    "reachability", None, reference, "<s> {word} #", legal=lambda word: max(word) <= len(word), sample=sample
)


def build() -> Construction:
    """The current token is a node, and its number is the position where its arrow stands."""
    specials, context = (*task.tokens, "yes", "no"), 2 * n + 3
    w = Wiring("transformer/reachability", specials=specials, numbers=(0, n), context=context, answers=("yes", "no"))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)[w.position]
    arrow = w.at("arrow", w.token)
    w.write("yes", when=w.equal(w.token, mark - 1))
    w.write("no", when=w.equal(w.position, 2 * mark))
    w.write(w.cases((w.is_token("#"), 1), otherwise=arrow[w.token], name="next node"))
    return Construction(w.name, task, w.finish(), "One head follows the arrow of the current node.", longest=n + 2)
