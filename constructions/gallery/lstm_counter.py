"""a^n b^n by an LSTM with hard gates: as many a as b, and no a behind a b. One cell counts, two remember.

Weiss, Goldberg and Yahav, "On the practical computational power of finite precision RNNs for language recognition",
2018: an LSTM counts, a GRU of finite precision cannot.
"""

from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[str, ...]) -> int:
    """Is the word a^k b^k for some k?"""
    return int(word == ("a",) * (len(word) // 2) + ("b",) * (len(word) // 2))


def sample(rng: Any, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Some a, some b, about as many, and now and then another letter; of random words hardly any is accepted."""
    half = int(rng.integers(0, max(1, size // 2)))
    word = ["a"] * half + ["b"] * max(1, half + int(rng.integers(-1, 2)))
    return tuple(["a", *word[1:]] if rng.random() < 0.2 else word)[:size], ()


task = FunctionTask("a-n-b-n", "a b", reference, sample=sample)


def build() -> Construction:
    """The gate of the third cell opens where an a is read and the second cell has seen a b."""
    w = Wiring("lstm/a-n-b-n", specials=task.tokens, numbers=(0, 1), context=n, recurrent=True)
    a, b = w.is_token("a"), w.is_token("b")
    read = {"i": [[0, 0, 0], [0, 0, 0], [0, 1, 0]]}
    depth, _, broken = w.lstm([a - b, 1, 1], i=[1, b, a - 1], hidden=read)
    w.write_sign(w.both(w.equal(depth), w.equal(broken)))
    return Construction(w.name, task, w.finish(), "One cell counts, one remembers a b, one an a behind it.")
