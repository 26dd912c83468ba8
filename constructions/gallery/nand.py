"""Circuits of NAND gates by chain of thought, one token a gate.

The value of a circuit is complete for P (Ladner, 1975); Li et al., "Chain of thought empowers transformers to solve
inherently serial problems", 2024. Every two numbers a b are a gate; node 1 is true, node k + 1 the k-th gate.
"""

from itertools import pairwise
from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[int, ...]) -> tuple[str, ...]:
    """What is the value of each gate?"""
    values = [True]
    for a, b in list(pairwise(word))[::2]:
        values.append(not (values[a - 1] and values[b - 1]))
    return (*("T" if value else "F" for value in values[1:]), "yes" if values[-1] else "no")


def sample(rng: Any, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A gate reads any nodes before it."""
    return tuple(int(rng.integers(1, place // 2 + 2)) for place in range(max(2, size - size % 2))), ()


def legal(word: tuple[int, ...]) -> bool:
    """Gates read what comes before them."""
    return len(word) % 2 == 0 and all(node <= place // 2 + 1 for place, node in enumerate(word))


task = FunctionTask("nand", None, reference, "<s> {word} #", legal=legal, sample=sample)


def build() -> Construction:
    """The k-th gate's value is written k positions behind the mark, which stands for node 1."""
    specials = (*task.tokens, "T", "F", "yes", "no")
    w = Wiring("transformer/nand", specials=specials, numbers=(0, n), context=2 * n + 2, answers=("yes", "no"), least=2)
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)[w.position]
    value, inputs = w.is_token("#", "T"), []
    for side, name in enumerate(("left", "right"), 1):
        there = w.at(f"{name} number", w.clamp(2 * (w.position - mark) + side, 0, w.context, f"{name} place"))
        node = w.at(f"{name} node", w.clamp(mark + there[w.token] - 1, 0, w.context, f"{name} node place"))
        inputs.append(node[value])
        ended = there[w.is_token("#")] if side == 1 else ended
    w.write("yes", when=[ended, w.is_token("T")])
    w.write("no", when=ended)
    w.write("F", when=inputs)
    w.write("T")
    return Construction(w.name, task, w.finish(), "Heads find the mark, a gate's two numbers, and the two values.", longest=n)
