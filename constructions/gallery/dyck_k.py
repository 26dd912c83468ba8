"""Dyck-k by chain of thought: are brackets of k kinds balanced and nested? The depth is written after each.

Chomsky and Schützenberger, "The algebraic theory of context-free languages", 1963: each context-free language comes
from one of these. What a bracket closes is the latest that opened to the present depth.
"""

from constructions.gallery._samples import brackets
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

KINDS = ("()", "[]", "<>")
OPENING, CLOSING = ("".join(side) for side in zip(*KINDS, strict=True))


def reference(word: tuple[str, ...]) -> tuple[int | str, ...]:
    """How deep is each place, up to a bracket that closes nothing of its kind; and are all closed?"""
    written, stack = list[int | str](), list[str]()
    for letter in word:
        if letter in OPENING:
            stack.append(letter)
        elif not stack or stack.pop() + letter not in KINDS:
            return (*written, "no")
        written.append(len(stack))
    return (*written, "no" if stack else "yes")


task = FunctionTask("dyck-k", [*"".join(KINDS)], reference, "<s> {word} #", sample=brackets(KINDS, nested=True))


def build() -> Construction:
    """The last token is the depth; the mark has the number 0."""
    specials, context = (*task.tokens, "yes", "no"), 2 * n + 2
    w = Wiring("transformer/dyck-k", specials=specials, numbers=(0, n), context=context, answers=("yes", "no"))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    behind = w.position - mark[w.position]
    opened, closed = (
        w.listed(name, {x: i for i, x in enumerate(of, 1)}) for name, of in (("opened", OPENING), ("closed", CLOSING))
    )
    last = w.at("last bracket", behind)[opened]
    there = w.at("bracket", w.clamp(behind + 1, 0, context, "place"))
    record = w.both(w.is_number, w.at_least(last, 1), name="opened just now")
    opener = w.latest("opener", [(record, 1), (w.token, w.token)], default=True)
    closes, ended = w.at_least(there[closed], 1), there[w.is_token("#")]
    w.write("yes", when=[ended, w.equal(w.token)])
    w.write("no", when=w.either(ended, w.both(closes, ~w.equal(there[closed], opener[last]))))
    w.write(w.clamp(w.token + 1 - 2 * closes, 0, n, "depth"))
    summary = "Heads find the next bracket, and the latest that opened to the present depth."
    return Construction(w.name, task, w.finish(), summary, longest=n + 1)
