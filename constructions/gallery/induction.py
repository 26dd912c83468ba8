"""Induction head: what followed the most recent earlier occurrence of the last token?

Olsson et al., "In-context learning and induction heads", 2022: a head that reads the previous token, and one that finds
the position whose previous token is the current one.
"""

from itertools import pairwise

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "induction",
    None,
    lambda word: dict(pairwise(word)).get(word[-1], "NONE"),
    statement="What followed the last number when it stood earlier?",
)


def build() -> Construction:
    """Position j is the record (token at j - 1) -> token at j, for every j up to the current one."""
    w = Wiring("transformer/induction", specials=(*task.tokens, "NONE"), numbers=(0, n), context=n)
    previous = w.offset("previous", 1)
    found = w.latest("found", [(previous[w.token], w.token)], default=True)
    w.write(found[w.token], when=found.hit)
    w.write("NONE")
    return Construction(w.name, task, w.finish(), "A head that reads the previous token, one that finds the current.")
