"""MQAR: multi-query associative recall, three queries answered one after the other.

Arora et al., "Zoology: measuring and improving recall in efficient language models", 2023. Every two neighbours of the
word are a pair of key and value, the latest counts.
"""

from itertools import pairwise

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Polynomial, Wiring, n

Q = 3

task = FunctionTask(
    "mqar",
    None,
    lambda word, *asked: (*(dict(pairwise(word)).get(q, "NONE") for q in asked), "."),
    query=Q,
    statement="What followed each of the three asked numbers, most recently?",
)


def build() -> Construction:
    """The j-th answer is written Q - 1 positions behind the j-th query; what follows the mark is no record."""
    w = Wiring(
        "transformer/mqar", specials=(*task.tokens, "NONE", "."), numbers=(0, n), context=n + 2 * Q + 2, answers=(".",)
    )
    previous, asked, mark = w.offset("previous", 1), w.offset("asked", Q - 1), w.offset("mark", 2 * Q)
    asking = w.latest("question mark", [(w.is_token("?"), 1)], default=True)
    found = w.latest("found", [(previous[w.token], asked[w.token])], excluding=asking.hit, default=True)
    w.write(".", when=mark[w.is_token("?")])
    w.write("NONE", when=~found.hit)
    w.write(found[w.token])
    summary = "One head finds the asked number among the previous ones; the query is read at a fixed distance."
    return Construction(w.name, task, w.finish(), summary, longest=Polynomial.constant(Q + 1))
