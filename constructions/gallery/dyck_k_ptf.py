"""Dyck-k at every place, without a chain of thought: is the word balanced (T), a beginning of one (P), or neither (F)?

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021 (dyck-2-ptf), for brackets of three kinds.
"""

from constructions.gallery._samples import brackets
from constructions.gallery.dyck_k import CLOSING, KINDS, OPENING
from constructions.rasp import Program
from constructions.tasks import FunctionTask
from constructions.theorems import Construction


def reference(word: tuple[str, ...]) -> str:
    """Is the word balanced (T), a beginning of a balanced one (P), or neither (F)?"""
    stack = list[str]()
    for letter in word:
        if letter in OPENING:
            stack.append(letter)
        elif not stack or stack.pop() + letter not in KINDS:
            return "F"
    return "P" if stack else "T"


task = FunctionTask("dyck-k-ptf", [*"".join(KINDS)], reference, sample=brackets(KINDS, nested=True))


def build() -> Construction:
    """A bracket closes the latest that opened to the depth before it; a place is wrong if that is of another kind."""
    p = Program(task, words="TPF", numbers=(0, 0))
    w, opens, closes = p.wiring, p.letter(*OPENING), p.letter(*CLOSING)
    depth = p.total(p.select_all(), opens - closes)
    opened, closed = (
        w.listed(name, {x: i for i, x in enumerate(of, 1)}) for name, of in (("o", OPENING), ("c", CLOSING))
    )
    opener = p.aggregate(p.select(depth, depth + closes) & p.select(opens, w.one), opened)
    wrong = w.both(closes, ~w.equal(opener, closed), name="wrong")
    w.write("F", when=w.latest("failed", [(wrong, 1)], default=True).hit)
    w.write("T", when=w.equal(depth))
    w.write("P")
    return Construction(w.name, task, w.finish(), "Heads count the depth and find the bracket that is closed.")
