"""Dyck-1 by stacked recurrences: are the brackets balanced? A counter, and whether it ever was negative.

Depths are counted as in Bhattamishra, Ahuja and Goyal, "On the ability and limitations of transformers to recognize
formal languages", 2020; the latch above has a transition that depends on what the layers below computed.
"""

from itertools import accumulate

from constructions.gallery._samples import brackets
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[str, ...]) -> int:
    """Are the brackets balanced?"""
    depths = list(accumulate(1 if letter == "(" else -1 for letter in word))
    return int(min(depths) >= 0 == depths[-1])


task = FunctionTask("dyck-1-at-once", "( )", reference, sample=brackets(["()"], nested=True))


def build() -> Construction:
    """A closing bracket too many multiplies the latch by 0, and it stays so."""
    w = Wiring("rnn/dyck-1", specials=task.tokens, numbers=(0, 1), context=n, recurrent=True)
    depth = w.state(0, reads=w.is_token("(") - w.is_token(")"), name="depth")
    latch = w.state(1, {w.at_least(-1, depth, "below"): 0}, name="never below")
    w.write_sign(w.both(latch, w.equal(depth)))
    return Construction(w.name, task, w.finish(), "One recurrence counts, a second one remembers a negative count.")
