"""Shuffle-Dyck-2: are round brackets balanced among themselves, and square ones among themselves?

Bhattamishra, Ahuja and Goyal, "On the ability and limitations of transformers to recognize formal languages", 2020.
"""

from itertools import accumulate

from constructions.gallery._samples import brackets
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

KINDS = (("(", ")"), ("[", "]"))


def reference(word: tuple[str, ...]) -> str:
    """Are round brackets balanced among themselves, and square ones?"""
    depths = [list(accumulate((x == opens) - (x == closes) for x in word)) for opens, closes in KINDS]
    return "yes" if all(min(depth) >= 0 == depth[-1] for depth in depths) else "no"


task = FunctionTask("shuffle-dyck-2", "( ) [ ]", reference, sample=brackets(KINDS, nested=False))


def build() -> Construction:
    """A recurrence counts; one head finds a place where something was closed that was not open."""
    specials = (*task.tokens, "yes", "no")
    w = Wiring("hybrid/shuffle-dyck-2", specials=specials, numbers=(0, 0), context=n, recurrent=True)
    depths = [w.count(w.is_token(opens)) - w.count(w.is_token(closes)) for opens, closes in KINDS]
    below = w.latest("below", [(w.either(*(w.at_least(-1, depth) for depth in depths)), 1)], default=True)
    w.write("yes", when=[~below.hit, *(w.equal(depth) for depth in depths)])
    w.write("no")
    return Construction(w.name, task, w.finish(), "Four counters, and one head that finds a negative depth.")
