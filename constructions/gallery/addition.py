"""Addition by chain of thought, the last digit first.

Lee et al., "Teaching arithmetic to small transformers", 2023: reversed sums can be written digit by digit.
"""

from typing import Any

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[str, ...]) -> tuple[str, ...]:
    """What is the sum of two numbers of equal length, the last digit first?"""
    half = len(word) // 2
    total = sum(int("".join(("0", *digits))) for digits in (word[:half], word[half + 1 :]))
    return (*reversed(f"{total:0{half + 1}}"), ".")


def sample(rng: Any, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two numbers of equal length; long runs of carries are likely."""
    half = (size - 1) // 2
    digits = [str(digit) for digit in rng.choice([0, 9, 9, int(rng.integers(10))], 2 * half)]
    return (*digits[:half], "+", *digits[half:]), ()


task = FunctionTask(
    "addition",
    "0 1 2 3 4 5 6 7 8 9 +",
    reference,
    "<s> {word} =",
    legal=lambda word: word.count("+") == 1 and word.index("+") * 2 + 1 == len(word),
    sample=sample,
)


def build() -> Construction:
    """There was a carry exactly if the digit just written is less than the sum of the two digits that it is from."""
    w = Wiring("transformer/addition", specials=(*task.tokens, "."), numbers=(0, 9), context=2 * n + 4, answers=(".",))
    plus = w.latest("plus", [(w.is_token("+"), 1)], default=True)[w.position]
    places = [
        w.clamp(k * plus - 1 - w.position, 0, w.context, f"{name} place") for k, name in ((3, "upper"), (4, "lower"))
    ]
    upper, lower = (w.at(f"{name} digit", place) for name, place in zip(("upper", "lower"), places, strict=True))
    digits, before = upper[w.token] + lower[w.token], w.offset("before", 1)
    total = digits + w.both(~w.is_token("="), w.at_least(before[digits], w.token + 1), name="carry")
    w.write(".", when=w.equal(w.position, 3 * plus))
    w.write(w.clamp(total - 10 * w.at_least(total, 10), 0, 9, "digit"))
    return Construction(
        w.name, task, w.finish(), "Heads find two digits and the two before, for the carry.", longest=n + 1
    )
