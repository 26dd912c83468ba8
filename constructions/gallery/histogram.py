"""Histogram: how often does the asked number occur?

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021: a head averages over all places of the number, and the
first token's share 1 / (c + 1) of that is made the integer c.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "histogram", None, lambda word, q: word.count(q), query=1, statement="How often does the asked number occur?"
)


def build() -> Construction:
    """The query itself is not counted."""
    w = Wiring("transformer/histogram", specials=task.tokens, numbers=(0, n + 2), context=n + 2)
    asked = w.offset("previous", 1)[w.is_token("?")]
    w.write(w.average("same", [(w.token, w.token)], excluding=asked).count())
    return Construction(w.name, task, w.finish(), "One head averages, one makes the share of the first token a count.")
