"""Flip-flop by a GRU with hard gates: which bit was written last, among symbols to be ignored?

Liu, Ash, Goel, Krishnamurthy and Zhang, "Exposing attention glitches with flip-flop language modeling", 2023: recurrent
networks learn to hold a bit, Transformers let go of it now and then.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "flip-flop",
    "0 1 .",
    lambda word: next((letter for letter in reversed(word) if letter != "."), 0),
    statement="Which bit was written last?",
)


def build() -> Construction:
    """The cell keeps its bit wherever a full stop is read."""
    w = Wiring("gru/flip-flop", specials=task.tokens, numbers=(0, 1), context=n, recurrent=True)
    (bit,) = w.gru([w.token], z=[~w.is_number])
    w.write(bit)
    return Construction(w.name, task, w.finish(), "One cell holds the bit.")
