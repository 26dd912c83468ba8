"""Circuits of NAND gates by chain of thought, one token a gate.

The value of a circuit is complete for P (Ladner, 1975); Li et al., "Chain of thought empowers transformers to solve
inherently serial problems", 2024. Every two numbers are a gate that reads these nodes, and the last number is the node
that is asked for; node 1 is true, node k + 1 the k-th gate.
"""

from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[int, ...]) -> tuple[str, ...]:
    """What is the value of each gate, and is the node that is asked for true?"""
    values = [True]
    for a, b in zip(word[:-1:2], word[1::2], strict=True):
        values.append(not (values[a - 1] and values[b - 1]))
    return (*("T" if value else "F" for value in values[1:]), "yes" if values[word[-1] - 1] else "no")


def sample(rng: Any, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Gates that read any nodes before them."""
    return tuple(int(rng.integers(1, place // 2 + 2)) for place in range(size - 1 + size % 2)), ()


def legal(word: tuple[int, ...]) -> bool:
    """A gate reads what comes before it."""
    return len(word) % 2 == 1 and all(node <= place // 2 + 1 for place, node in enumerate(word))


task = FunctionTask("nand", None, reference, "<s> {word} #", legal=legal, sample=sample)


def build() -> Construction:
    """The k-th gate's value is written k positions behind the mark, which stands for node 1."""
    specials = (*task.tokens, "T", "F", "yes", "no")
    w = Wiring("transformer/nand", specials=specials, numbers=(0, n), context=2 * n + 2, answers=("yes", "no"))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)[w.position]
    numbers, values = [], []
    for side, name in enumerate(("left", "right"), 1):
        place = w.clamp(2 * (w.position - mark) + side, 0, w.context, f"{name} place")
        numbers.append(w.at(f"{name} number", place))
        node = w.clamp(mark + numbers[-1][w.token] - 1, 0, w.context, f"{name} node")
        values.append(w.at(f"{name} value", node)[w.is_token("#", "T")])
    ended = numbers[1][w.is_token("#")]
    w.write("yes", when=[ended, values[0]])
    w.write("no", when=ended)
    w.write("F", when=values)
    w.write("T")
    return Construction(
        w.name, task, w.finish(), "Heads find the mark, a gate's two numbers, and the two values.", longest=n
    )
