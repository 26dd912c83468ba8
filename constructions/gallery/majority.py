"""Majority: does the word hold more b than a?

Pérez, Barceló and Marinkovic, "Attention is Turing-complete", 2021: one head that averages over all positions.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask("majority", "a b", lambda word: word.count("b") > word.count("a"), statement="Is b more often?")


def build() -> Construction:
    """The average of +1 for b and -1 for a is positive exactly if b is more often."""
    w = Wiring("transformer/majority", specials=task.tokens, numbers=(0, 1), context=n)
    everything = w.average("everything", [])
    w.write_sign(everything[w.is_token("b") - w.is_token("a")])
    return Construction(w.name, task, w.finish(), "One head averages over everything; the sign is the answer.")
