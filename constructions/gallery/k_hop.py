"""k-hop: the induction head applied k times, k = 4.

Sanford, Hsu and Telgarsky, "Transformers, parallel computation, and logarithmic depth", 2024: depth log k suffices,
since two hops from where two hops lead are four.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

DOUBLINGS = 2


def reference(word: tuple[int, ...]) -> int | str:
    """Where does each hop lead: the latest place up to here whose previous number is the one here."""
    here: int | None = len(word) - 1
    for _ in range(2**DOUBLINGS):
        here = next((j for j in range(here, 0, -1) if word[j - 1] == word[here]), None) if here is not None else None
    return "NONE" if here is None else word[here]


task = FunctionTask("4-hop", None, reference)


def build() -> Construction:
    """A hop that finds nothing leads to the first token, whose hops lead to itself."""
    w = Wiring("transformer/4-hop", specials=(*task.tokens, "NONE"), numbers=(0, n), context=n)
    previous = w.offset("previous", 1)
    place = w.latest("one hop", [(previous[w.token], w.token)], default=True)[w.position]
    for doubling in range(1, DOUBLINGS + 1):
        place = w.at(f"{2**doubling} hops", place)[place]
    there = w.at("there", place)
    w.write("NONE", when=there[w.start])
    w.write(there[w.token])
    return Construction(w.name, task, w.finish(), "One induction head; each further head doubles the hops.")
