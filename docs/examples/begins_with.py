"""A construction to prove for all n: does the sequence begin with the query?

retrieval-gap run   --construction docs/examples/begins_with.py:begins_with "3 1 4 ? 3"
retrieval-gap prove --construction docs/examples/begins_with.py:begins_with
"""

from constructions.tasks import SEPARATOR, START, AssociativeRecall
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


class BeginsWith(AssociativeRecall):
    """1 if the first token of the sequence is the query, else 0."""

    name = "begins-with"
    statement = "Does the sequence begin with the query?"

    def answers(self, sequence, queries):
        return [str(int(sequence[0] == query)) for (query,) in queries]


def begins_with():
    w = Wiring("mine/begins with", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    first = w.at("first", 1)[w.token]
    w.write(w.equal(first, w.token, name="same"))
    return Construction(w.name, BeginsWith(), w.finish(), "A head looks at the first token, a gate compares it.")
